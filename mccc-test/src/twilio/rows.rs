//! Addresses, and what is answered at each.

use serde_json::{Value, json};

use super::book::{Book, Number, PlacedCall, SentText};
use super::refusal;
use crate::scripted::{Reply, Request};

/// The fields of a form or a query.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Whether the field is absent or has this value.
    fn admits(&self, name: &str, value: &str) -> bool {
        self.get(name).is_none_or(|wanted| wanted == value)
    }
}

fn absent() -> Reply {
    refusal(404, 20_404, None)
}

fn created(row: &Value) -> Reply {
    Reply::json(201, &row.to_string())
}

fn found(row: Option<Value>) -> Reply {
    row.map_or_else(absent, |row| Reply::json(200, &row.to_string()))
}

/// One page of a list, with the address of the next.
fn page(request: &Request, query: &Fields, name: &str, rows: &[Value]) -> Reply {
    let size: usize = query.get("PageSize").and_then(|text| text.parse().ok()).unwrap_or(50);
    let number: usize = query.get("Page").and_then(|text| text.parse().ok()).unwrap_or(0);
    let shown: Vec<&Value> = rows.iter().skip(number * size).take(size).collect();
    let more = rows.len() > (number + 1) * size;
    let rest: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query.0.iter().filter(|(key, _)| key != "Page"))
        .append_pair("Page", &(number + 1).to_string())
        .finish();
    let next = more.then(|| format!("{}?{rest}", request.path()));
    Reply::json(200, &json!({ name: shown, "next_page_uri": next }).to_string())
}

fn text(text: &SentText) -> Value {
    json!({
        "sid": text.sid, "from": text.from, "to": text.to, "body": text.body, "status": text.status,
        "direction": if text.inbound { "inbound" } else { "outbound-api" }, "error_code": text.error_code,
        "date_created": text.created, "date_sent": Value::Null, "num_segments": "1", "price": Value::Null,
    })
}

fn call(call: &PlacedCall) -> Value {
    let over = call.status == "completed";
    json!({
        "sid": call.sid, "from": call.from, "to": call.to, "status": call.status,
        "direction": if call.inbound { "inbound" } else { "outbound-api" },
        "start_time": if over { Value::from(call.created.as_str()) } else { Value::Null },
        "date_created": call.created, "duration": if over { Value::from("7") } else { Value::Null },
    })
}

fn number(number: &Number) -> Value {
    let mut row = json!({
        "sid": number.sid, "phone_number": number.number, "capabilities": { "sms": true, "voice": true, "mms": true },
    });
    for (name, value) in &number.settings {
        if let Some(row) = row.as_object_mut() {
            row.insert(name.clone(), Value::from(value.as_str()));
        }
    }
    row
}

/// The settings of a number in a form, under the names of its row.
fn settings(form: &Fields) -> impl Iterator<Item = (String, String)> + '_ {
    [
        ("FriendlyName", "friendly_name"),
        ("VoiceUrl", "voice_url"),
        ("VoiceFallbackUrl", "voice_fallback_url"),
        ("StatusCallback", "status_callback"),
        ("SmsUrl", "sms_url"),
        ("SmsFallbackUrl", "sms_fallback_url"),
        ("VoiceApplicationSid", "voice_application_sid"),
        ("SmsApplicationSid", "sms_application_sid"),
        ("TrunkSid", "trunk_sid"),
    ]
    .into_iter()
    .filter_map(|(field, name)| Some((name.to_owned(), form.get(field)?.to_owned())))
}

/// Does what is asked, and answers.
pub(super) fn route(book: &mut Book, root: &str, request: &Request, now: &str, forgetful: bool) -> Reply {
    let (form, query) = (Fields(request.form()), Fields(request.query()));
    if let Some(digits) = request.path().strip_prefix("/v2/PhoneNumbers/%2B") {
        return line(book, digits);
    }
    let Some(rest) = request.path().strip_prefix(root) else {
        return absent();
    };
    let rest = rest.strip_suffix(".json").unwrap_or(rest);
    let (kind, sid) = rest.split_once('/').unwrap_or((rest, ""));
    match (request.method.as_str(), kind, sid) {
        ("POST", "Messages", "") => {
            let (from, to, body) = (form.text("From"), form.text("To"), form.text("Body"));
            created(&text(&book.take_text(
                from,
                to,
                body,
                form.text("StatusCallback"),
                false,
                now,
            )))
        }
        ("GET", "Messages", "") => {
            let wanted = |t: &&SentText| query.admits("To", &t.to) && query.admits("From", &t.from);
            let rows: Vec<Value> = book.texts.iter().rev().filter(wanted).map(text).collect();
            page(request, &query, "messages", &rows)
        }
        ("GET", "Messages", sid) => found(book.texts.iter().find(|text| text.sid == sid).map(text)),
        ("POST", "Calls", "") => {
            let sid = book.take_call(form.text("From"), form.text("To"), false, now);
            book.calls
                .iter()
                .find(|call| call.sid == sid)
                .map_or_else(absent, |placed| created(&call(placed)))
        }
        ("GET", "Calls", "") => {
            let wanted = |call: &&PlacedCall| query.admits("To", &call.to);
            let rows: Vec<Value> = book.calls.iter().rev().filter(wanted).map(call).collect();
            page(request, &query, "calls", &rows)
        }
        ("GET", "Calls", sid) => found(book.calls.iter().find(|call| call.sid == sid).map(call)),
        ("POST", "Calls", sid) => match book.calls.iter_mut().find(|call| call.sid == sid) {
            None => absent(),
            Some(over) if over.status == "completed" => refusal(400, 21_220, None),
            Some(open) => {
                form.text("Status").clone_into(&mut open.status);
                found(Some(call(open)))
            }
        },
        ("GET", "AvailablePhoneNumbers", _) => offers(book, request, &query),
        ("POST", "IncomingPhoneNumbers", "") => buy(book, &form),
        ("GET", "IncomingPhoneNumbers", "") => {
            let wanted = |n: &&Number| n.number.contains(query.text("PhoneNumber"));
            let rows: Vec<Value> = book.numbers.iter().filter(wanted).map(number).collect();
            page(request, &query, "incoming_phone_numbers", &rows)
        }
        ("GET", "IncomingPhoneNumbers", sid) => found(book.numbers.iter().find(|n| n.sid == sid).map(number)),
        ("POST", "IncomingPhoneNumbers", sid) => {
            let owned = book.numbers.iter_mut().find(|n| n.sid == sid);
            found(owned.map(|owned| {
                if !forgetful {
                    owned.settings.extend(settings(&form));
                }
                number(owned)
            }))
        }
        ("DELETE", "IncomingPhoneNumbers", sid) => {
            let before = book.numbers.len();
            book.numbers.retain(|n| n.sid != sid);
            if book.numbers.len() == before {
                absent()
            } else {
                Reply::status(204)
            }
        }
        _ => absent(),
    }
}

fn line(book: &Book, digits: &str) -> Reply {
    let number = format!("+{digits}");
    match book.lines.get(&number) {
        Some(None) => absent(),
        known => {
            let word = known.cloned().flatten();
            found(Some(json!({
                "phone_number": number, "valid": true, "line_type_intelligence": { "type": word, "error_code": null },
            })))
        }
    }
}

fn offers(book: &Book, request: &Request, query: &Fields) -> Reply {
    let area = query.get("AreaCode").unwrap_or("512");
    let free = (0..100)
        .map(|line| format!("+1{area}3{line:06}"))
        .filter(|offer| !book.numbers.iter().any(|owned| owned.number == *offer));
    let rows: Vec<Value> = free
        .map(|offer| {
            json!({
                "phone_number": offer, "locality": "Austin", "region": "TX",
                "capabilities": { "SMS": true, "voice": true, "MMS": true },
            })
        })
        .collect();
    page(request, query, "available_phone_numbers", &rows)
}

fn buy(book: &mut Book, form: &Fields) -> Reply {
    let wanted = form.text("PhoneNumber");
    if book.numbers.iter().any(|owned| owned.number == wanted) {
        return refusal(400, 21_422, None);
    }
    let bought = Number {
        sid: book.name("PN"),
        number: wanted.to_owned(),
        settings: settings(form).collect(),
    };
    let row = number(&bought);
    book.numbers.push(bought);
    created(&row)
}
