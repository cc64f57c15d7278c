//! Addresses of calendars, and what is answered at each.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::book::{Book, Stored};
use crate::scripted::{Reply, Request};

/// Events of one page, whatever was asked for: a page may be short.
const PAGE: usize = 7;

/// An error of the calendars.
pub(super) fn refusal(status: u16, reason: &str, wait: Option<u64>) -> Reply {
    let body = json!({ "error": {
        "code": status, "message": "The request about mike@example.com and +15122000001 cannot be done.",
        "errors": [{ "domain": "global", "reason": reason, "message": "about Jo Doe" }],
    } });
    let reply = Reply::json(status, &body.to_string());
    match wait {
        Some(seconds) => reply.header("Retry-After", &seconds.to_string()),
        None => reply,
    }
}

fn found(row: &Value) -> Reply {
    Reply::json(200, &row.to_string())
}

fn absent() -> Reply {
    refusal(404, "notFound", None)
}

fn decoded(segment: &str) -> String {
    let plain = segment.replace('+', "%2B");
    form_urlencoded::parse(format!("x={plain}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn has(scopes: &[String], names: &[&str]) -> bool {
    scopes.iter().any(|scope| {
        let name = scope.rsplit('/').next().unwrap_or_default();
        names.contains(&name)
    })
}

fn no_scope() -> Reply {
    let body = json!({ "error": {
        "code": 403, "message": "Request had insufficient authentication scopes.", "status": "PERMISSION_DENIED",
        "errors": [{ "domain": "global", "reason": "insufficientPermissions" }],
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }],
    } });
    Reply::json(403, &body.to_string())
}

/// Does what is asked, and answers.
pub(super) fn route(book: &mut Book, request: &Request, rest: &str, scopes: &[String]) -> Reply {
    let query: HashMap<String, String> = request.query().into_iter().collect();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let read = has(scopes, &["calendar.readonly", "calendar"]);
    let write = has(scopes, &["calendar.events", "calendar"]);
    let parts: Vec<String> = rest.split('/').map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["users", "me", "calendarList"]) if read => {
            let more = json!({ "kind": "calendar#calendarList" });
            page(&query, &book.calendars(), 2, None, more)
        }
        ("POST", ["freeBusy"]) if read => free_busy(book, &body),
        ("GET", ["calendars", calendar, "events"]) if read || write => list(book, calendar, &query),
        ("POST", ["calendars", calendar, "events"]) if write => insert(book, calendar, body),
        ("POST", ["calendars", calendar, "events", "watch"]) if read || write => watch(book, calendar, &body),
        ("GET", ["calendars", calendar, "events", id]) if read || write => match stored(book, calendar, id) {
            Some(stored) => found(&stored.event),
            None => absent(),
        },
        ("PATCH", ["calendars", calendar, "events", id]) if write => patch(book, request, calendar, id, &body),
        ("DELETE", ["calendars", calendar, "events", id]) if write => match stored(book, calendar, id) {
            None => absent(),
            Some(stored) if stored.is_cancelled() => refusal(410, "deleted", None),
            Some(_) => {
                book.remove(id);
                Reply::status(204)
            }
        },
        ("POST", ["channels", "stop"]) => {
            let before = book.channels.len();
            let (id, resource) = (body["id"].as_str(), body["resourceId"].as_str());
            book.channels
                .retain(|open| (Some(open.0.as_str()), Some(open.1.as_str())) != (id, resource));
            if book.channels.len() == before {
                absent()
            } else {
                Reply::status(204)
            }
        }
        ("POST", ["calendars"]) if has(scopes, &["calendar.app.created", "calendar.calendars", "calendar"]) => {
            create(book, &body)
        }
        (_, ["users", "me", "calendarList"] | ["freeBusy"] | ["calendars", ..]) => no_scope(),
        _ => absent(),
    }
}

/// A calendar is created; what comes back is the calendar itself, without what belongs to somebody's list.
fn create(book: &mut Book, body: &Value) -> Reply {
    if body["summary"].as_str().is_none_or(str::is_empty) {
        return refusal(400, "required", None);
    }
    let row = book.create(body);
    found(&json!({
        "kind": "calendar#calendar", "id": row["id"], "summary": row["summary"], "description": row["description"],
        "timeZone": row["timeZone"],
    }))
}

fn stored<'a>(book: &'a Book, calendar: &str, id: &str) -> Option<&'a Stored> {
    let here = |stored: &&Stored| stored.calendar == calendar && stored.id() == id;
    book.events.iter().find(here).filter(|_| book.knows(calendar))
}

/// One page of a list. Between any two pages there is an empty one.
fn page(query: &HashMap<String, String>, rows: &[Value], size: usize, sync: Option<String>, more: Value) -> Reply {
    let token = query.get("pageToken").map(String::as_str).unwrap_or("0");
    let (number, empty) = match token.strip_suffix('e') {
        Some(number) => (number, true),
        None => (token, false),
    };
    let number: usize = number.parse().unwrap_or(0);
    let shown: Vec<&Value> = rows
        .iter()
        .skip(number * size)
        .take(if empty { 0 } else { size })
        .collect();
    let mut body = json!({ "items": shown, "accessRole": "owner" });
    let next = if empty {
        Some(number.to_string())
    } else if rows.len() > (number + 1) * size {
        Some(format!("{}e", number + 1))
    } else {
        None
    };
    match next {
        Some(next) => body["nextPageToken"] = json!(next),
        None => {
            if let Some(sync) = sync {
                body["nextSyncToken"] = json!(sync);
            }
        }
    }
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    found(&body)
}

fn bound(query: &HashMap<String, String>, name: &str) -> Option<Timestamp> {
    query.get(name).and_then(|text| text.parse().ok())
}

fn list(book: &Book, calendar: &str, query: &HashMap<String, String>) -> Reply {
    if !book.knows(calendar) {
        return absent();
    }
    if query.get("singleEvents").map(String::as_str) != Some("true") {
        return refusal(400, "badRequest", None);
    }
    let since = match query.get("syncToken") {
        None => None,
        // What a token already says cannot be said again.
        Some(_) if query.contains_key("timeMin") || query.contains_key("orderBy") => {
            return refusal(400, "badRequest", None);
        }
        Some(token) => match token.strip_prefix("sync-").and_then(|seen| seen.parse::<u64>().ok()) {
            Some(seen) if seen >= book.remembered_since => Some(seen),
            _ => return refusal(410, "fullSyncRequired", None),
        },
    };
    let (min, max) = (bound(query, "timeMin"), bound(query, "timeMax"));
    let wanted = |stored: &&Stored| {
        if stored.calendar != calendar {
            return false;
        }
        if let Some(seen) = since {
            return stored.version > seen;
        }
        let inside = stored
            .range()
            .is_some_and(|(start, end)| min.is_none_or(|min| end > min) && max.is_none_or(|max| start < max));
        !stored.is_cancelled() && inside
    };
    let rows: Vec<Value> = book.events.iter().filter(wanted).map(shown).collect();
    // A list with an upper bound cannot be followed.
    let sync = max.is_none().then(|| format!("sync-{}", book.version));
    let more = json!({ "kind": "calendar#events", "timeZone": "America/Chicago" });
    page(query, &rows, PAGE, sync, more)
}

/// Of what was removed, little is left in a list.
fn shown(stored: &Stored) -> Value {
    if stored.is_cancelled() {
        json!({ "id": stored.id(), "status": "cancelled", "etag": stored.event["etag"] })
    } else {
        stored.event.clone()
    }
}

fn insert(book: &mut Book, calendar: &str, mut event: Value) -> Reply {
    if !book.knows(calendar) {
        return absent();
    }
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    let alphabet = id.bytes().all(|byte| matches!(byte, b'a'..=b'v' | b'0'..=b'9'));
    if !alphabet || !(5..=1024).contains(&id.len()) {
        return refusal(400, "invalid", None);
    }
    if stored(book, calendar, &id).is_some() {
        return refusal(409, "duplicate", None);
    }
    let exact = |moment: &Value| {
        let text = moment["dateTime"].as_str().unwrap_or_default();
        text.parse::<Timestamp>().is_ok() && moment["timeZone"].is_string()
    };
    if !exact(&event["start"]) || !exact(&event["end"]) {
        return refusal(400, "required", None);
    }
    event["htmlLink"] = json!(format!("https://www.google.com/calendar/event?eid={id}"));
    event["iCalUID"] = json!(format!("{id}@google.com"));
    event["kind"] = json!("calendar#event");
    book.put(calendar, event);
    stored(book, calendar, &id).map_or_else(absent, |stored| found(&stored.event))
}

fn patch(book: &mut Book, request: &Request, calendar: &str, id: &str, body: &Value) -> Reply {
    let Some(known) = stored(book, calendar, id) else {
        return absent();
    };
    let etag = known.event["etag"].as_str();
    if request.header("if-match").is_some_and(|wanted| Some(wanted) != etag) {
        return refusal(412, "conditionNotMet", None);
    }
    book.revise(id, |event| merge(event, body));
    stored(book, calendar, id).map_or_else(absent, |stored| found(&stored.event))
}

/// What a patch does: objects are merged, `null` removes, everything else is replaced.
fn merge(into: &mut Value, from: &Value) {
    let (Value::Object(into), Value::Object(from)) = (&mut *into, from) else {
        from.clone_into(into);
        return;
    };
    for (name, value) in from {
        if value.is_null() {
            into.remove(name);
        } else {
            merge(into.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn free_busy(book: &Book, body: &Value) -> Reply {
    let at = |name: &str| body[name].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let (Some(min), Some(max)) = (at("timeMin"), at("timeMax")) else {
        return refusal(400, "required", None);
    };
    let mut calendars = Map::new();
    for item in body["items"].as_array().into_iter().flatten() {
        let Some(id) = item["id"].as_str() else { continue };
        let answer = if book.knows(id) {
            let blocks = |stored: &&Stored| {
                let declined = stored.event["attendees"].to_string().contains("declined");
                stored.calendar == id
                    && !stored.is_cancelled()
                    && stored.event["transparency"] != "transparent"
                    && !declined
                    && stored.range().is_some_and(|(start, end)| start < max && end > min)
            };
            let ranges = book.events.iter().filter(blocks).filter_map(Stored::range);
            let busy: Vec<Value> = ranges
                .map(|(start, end)| json!({ "start": start.to_string(), "end": end.to_string() }))
                .collect();
            json!({ "busy": busy })
        } else {
            json!({ "errors": [{ "domain": "global", "reason": "notFound" }], "busy": [] })
        };
        calendars.insert(id.to_owned(), answer);
    }
    found(&json!({ "kind": "calendar#freeBusy", "timeMin": body["timeMin"], "calendars": calendars }))
}

fn watch(book: &mut Book, calendar: &str, body: &Value) -> Reply {
    let (Some(id), Some("web_hook"), true) = (body["id"].as_str(), body["type"].as_str(), book.knows(calendar)) else {
        return refusal(400, "required", None);
    };
    if book.channels.iter().any(|(open, _)| open == id) {
        return refusal(400, "channelIdNotUnique", None);
    }
    let resource = format!("resource-of-{}", calendar.len());
    book.channels.push((id.to_owned(), resource.clone()));
    found(&json!({
        "kind": "api#channel", "id": id, "resourceId": resource, "resourceUri": "https://www.googleapis.com/x",
        "expiration": "4102444800000",
    }))
}
