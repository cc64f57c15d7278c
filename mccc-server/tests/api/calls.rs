//! Calls and threads, from the missed call to the answer of a person.

use axum::http::StatusCode;
use mccc_core::compliance::ledger::Head;
use mccc_server::commands::ledger;
use serde_json::{Value, json};

use crate::world::{CALLER, World};

async fn first_call(world: &World, key: &str) -> Value {
    let page = world.with_key(key, "GET", &world.path("/calls"), None).await.ok();
    page["items"][0].clone()
}

#[tokio::test]
async fn the_list_is_a_table_for_spreadsheets_too() {
    let world = World::new("api-export").await;
    let key = world.key("owner").await;
    // More than a page of them.
    for n in 0..205 {
        world.call(Some(&format!("+1512556{n:04}"))).await;
    }
    world.call(Some(CALLER)).await;
    let table = world.with_key(&key, "GET", &world.path("/calls/export"), None).await;
    assert_eq!(table.status, StatusCode::OK, "{}", table.text);
    assert!(table.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(
        table.headers["content-disposition"],
        "attachment; filename=\"calls.csv\""
    );
    let lines: Vec<&str> = table.text.split("\r\n").collect();
    assert_eq!((lines.len(), lines[207]), (1 + 206 + 1, ""));
    let columns: Vec<&str> = lines[0].split(',').collect();
    let row = first_call(&world, &key).await;
    let newest: Vec<&str> = lines[1].split(',').collect();
    assert_eq!(newest.len(), columns.len(), "{}", lines[1]);
    let value = |name: &str| newest[columns.iter().position(|column| *column == name).unwrap()];
    assert_eq!(value("id"), row["id"].as_str().unwrap());
    assert_eq!((value("caller_number"), value("method")), (CALLER, "auto_text_only"));
    assert_eq!((value("is_test"), value("unread")), ("false", "true"));
    // Every column of the list is one of the table.
    for name in row.as_object().unwrap().keys().filter(|name| *name != "caller") {
        assert!(columns.contains(&name.as_str()), "{name}");
    }

    let lines = async |query: &str| {
        let path = world.path(&format!("/calls/export?{query}"));
        world.with_key(&key, "GET", &path, None).await.text.lines().count() - 1
    };
    assert_eq!(lines("q=555-0123").await, 1);
    assert_eq!(lines("method=voicemail").await, 0);
    assert_eq!(lines("method=auto_text_only&to=9999-12-31").await, 206);
    let path = world.path("/calls/export?method=telepathy");
    let wrong = world.with_key(&key, "GET", &path, None).await;
    assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "invalid"));
}

#[tokio::test]
async fn a_missed_call_is_listed_texted_and_explained() {
    let world = World::new("api-story").await;
    let key = world.key("owner").await;
    world.call(Some(CALLER)).await;
    world.work().await;

    let row = first_call(&world, &key).await;
    assert_eq!(row["caller"]["national"], "(512) 555-0123");
    assert_eq!(row["method"], "auto_text_only");
    assert!(
        ["queued", "sent", "delivered"].contains(&row["text_status"].as_str().unwrap()),
        "{row}"
    );
    assert_eq!(row["unread"], true);
    let id = row["id"].as_str().unwrap();

    let detail = world
        .with_key(&key, "GET", &world.path(&format!("/calls/{id}")), None)
        .await
        .ok();
    let titles: Vec<&str> = detail["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles[0], "Missed call received, answered with Auto-Text");
    assert!(titles.contains(&"Text sent to the caller"), "{titles:?}");
    let candidates = detail["why"]["routing"]["candidates"].as_array().unwrap();
    assert_eq!(candidates.iter().filter(|one| one["verdict"] == "won").count(), 1);
    assert_eq!(detail["why"]["routing"]["rule"], "after_hours_default");
    assert!(
        detail["why"]["text_verdict"]
            .as_str()
            .unwrap()
            .starts_with("The text passed every check")
    );
    let checks = detail["why"]["text"].as_array().unwrap();
    assert!(checks.len() > 20, "{checks:?}");
    assert!(checks.iter().all(|check| check["passed"] == true), "{checks:?}");
    assert_eq!(
        (&checks[0]["name"], &checks[0]["sentence"]),
        (
            &json!("not_opted_out"),
            &json!("The caller has not opted out of your texts")
        )
    );
    assert_eq!(detail["messages"][0]["kind"], "auto_text");
    assert_eq!(detail["conversation"]["id"], row["conversation_id"]);

    let read = world
        .with_key(&key, "POST", &world.path(&format!("/calls/{id}/read")), None)
        .await;
    assert_eq!(read.status, StatusCode::NO_CONTENT);
    assert_eq!(first_call(&world, &key).await["unread"], false);

    let totals = world
        .with_key(&key, "GET", &world.path("/calls/totals"), None)
        .await
        .ok();
    assert_eq!(
        (&totals["missed"], &totals["recovered"], &totals["recovery_rate"]),
        (&json!(1), &json!(0), &json!(0.0))
    );
    assert!(totals["avg_response_seconds"].as_f64().unwrap() < 30.0);
    world.text(CALLER, "Yes please, the sink leaks").await;
    let totals = world
        .with_key(&key, "GET", &world.path("/calls/totals"), None)
        .await
        .ok();
    assert_eq!(
        (&totals["recovered"], &totals["recovery_rate"]),
        (&json!(1), &json!(1.0))
    );
}

#[tokio::test]
async fn a_withheld_number_gets_no_text_and_says_why() {
    let world = World::new("api-withheld").await;
    let key = world.key("owner").await;
    world.call(None).await;
    world.work().await;
    let row = first_call(&world, &key).await;
    assert_eq!(
        (&row["caller"]["status"], &row["caller"]["number"]),
        (&json!("anonymous"), &Value::Null)
    );
    assert_eq!(row["text_status"], "denied");
    let path = world.path(&format!("/calls/{}", row["id"].as_str().unwrap()));
    let detail = world.with_key(&key, "GET", &path, None).await.ok();
    assert_eq!(
        detail["why"]["text_verdict"],
        "No text was sent. The caller's number is not known, so no text can be sent."
    );
    assert_eq!(detail["contact"], Value::Null);
}

#[tokio::test]
async fn pages_hold_every_call_once_in_order() {
    let world = World::new("api-pages").await;
    let key = world.key("owner").await;
    for n in 0..7 {
        world.call(Some(&format!("+1512555012{n}"))).await;
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = world
            .with_key(
                &key,
                "GET",
                &world.path(&format!("/calls?limit=3&cursor={cursor}")),
                None,
            )
            .await
            .ok();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|row| {
            (
                row["received_at"].as_str().unwrap().to_owned(),
                row["id"].as_str().unwrap().to_owned(),
            )
        }));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (7, 3));
    let mut sorted = seen.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(seen, sorted);

    let found = world
        .with_key(&key, "GET", &world.path("/calls?q=555-0124"), None)
        .await
        .ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["next_cursor"], Value::Null);
    let found = world
        .with_key(&key, "GET", &world.path("/calls?q=555&limit=4"), None)
        .await
        .ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 4);
    let rest = world.path(&format!(
        "/calls?q=555&limit=4&cursor={}",
        found["next_cursor"].as_str().unwrap()
    ));
    assert_eq!(
        world.with_key(&key, "GET", &rest, None).await.ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let none = world
        .with_key(&key, "GET", &world.path("/calls?caller=%2B15125550999"), None)
        .await
        .ok();
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn a_person_answers_takes_over_and_respects_a_stop() {
    let world = World::new("api-thread").await;
    let key = world.key("csr").await;
    world.call(Some(CALLER)).await;
    world.work().await;
    world.text(CALLER, "Do you fix water heaters?").await;
    let threads = world
        .with_key(&key, "GET", &world.path("/conversations"), None)
        .await
        .ok();
    let thread = &threads["items"][0];
    assert_eq!((&thread["unread"], &thread["messages"]), (&json!(1), &json!([])));
    let base = world.path(&format!("/conversations/{}", thread["id"].as_str().unwrap()));

    let read = world.with_key(&key, "POST", &format!("{base}/read"), None).await.ok();
    assert_eq!(read["unread"], 0);
    let bare = world
        .with_key(
            &key,
            "POST",
            &format!("{base}/messages"),
            Some(json!({ "body": "Yes" })),
        )
        .await;
    assert_eq!((bare.status.as_u16(), bare.code()), (422, "invalid"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k-1")];
    let sent = world
        .send(
            "POST",
            &format!("{base}/messages"),
            &headers,
            Some(json!({ "body": " Yes, we do. " })),
        )
        .await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert_eq!(sent.body["message"]["body"], "Yes, we do.");
    assert_eq!(sent.body["conversation"]["state"], "human");
    world.work().await;
    let full = world.with_key(&key, "GET", &base, None).await.ok();
    let ours: Vec<&Value> = full["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["author"] == "person")
        .collect();
    assert_eq!(ours.len(), 1);
    assert!(
        ["sent", "delivered", "queued"].contains(&ours[0]["status"].as_str().unwrap()),
        "{}",
        ours[0]
    );

    let back = world
        .with_key(&key, "POST", &format!("{base}/handback"), None)
        .await
        .ok();
    assert_eq!(back["state"], "ai_active");
    let led = world
        .with_key(&key, "POST", &format!("{base}/takeover"), None)
        .await
        .ok();
    assert_eq!(led["state"], "human");

    world.text(CALLER, "STOP").await;
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k-2")];
    let refused = world
        .send(
            "POST",
            &format!("{base}/messages"),
            &headers,
            Some(json!({ "body": "One more thing" })),
        )
        .await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "opted_out"));
    let refused = world.with_key(&key, "POST", &format!("{base}/takeover"), None).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "opted_out"));
    let owner = world.key("owner").await;
    let outs = world.with_key(&owner, "GET", &world.path("/opt-outs"), None).await.ok();
    assert_eq!(outs["items"][0]["phone"], CALLER);
    let listed = world
        .with_key(&owner, "GET", &world.path("/consent-ledger"), None)
        .await;
    assert!(!listed.text.contains("5550123"), "the ledger names nobody");
    let entries = listed.ok();
    let kinds: Vec<&str> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"opt_out"), "{kinds:?}");

    let (opened, business) = (&world.opened, world.business);
    let head = ledger::verify(opened, business, None).await.unwrap().unwrap();
    let written = ledger::write_head(&head);
    assert_eq!(ledger::parse_head(&written).unwrap(), head);
    assert!(ledger::verify(opened, business, Some(head)).await.is_ok());
    let longer = Head {
        len: head.len + 1,
        ..head
    };
    assert!(ledger::verify(opened, business, Some(longer)).await.is_err(), "cut");
    let other = Head { mac: [7; 32], ..head };
    assert!(
        ledger::verify(opened, business, Some(other)).await.is_err(),
        "another chain"
    );
    assert!(ledger::parse_head("12:abc").is_err());
}

#[tokio::test]
async fn the_forwarding_test_hears_the_forwarded_call() {
    let world = World::new("api-forwarding").await;
    let key = world.key("manager").await;
    let wrong = world
        .with_key(
            &key,
            "POST",
            &world.path("/forwarding/test"),
            Some(json!({ "mode": "you_call" })),
        )
        .await;
    assert_eq!(wrong.body["errors"][0]["field"], "/from");
    let body = json!({ "mode": "you_call", "from": "(512) 555-0142" });
    let begun = world
        .with_key(&key, "POST", &world.path("/forwarding/test"), Some(body.clone()))
        .await;
    assert_eq!(
        (begun.status, &begun.body["status"]),
        (StatusCode::ACCEPTED, &json!("checking"))
    );
    let again = world
        .with_key(&key, "POST", &world.path("/forwarding/test"), Some(body))
        .await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "refused"));
    world.call(Some("+15125550142")).await;
    let path = world.path(&format!("/forwarding/test/{}", begun.body["id"].as_str().unwrap()));
    let done = world.with_key(&key, "GET", &path, None).await.ok();
    assert_eq!(done["headline"], "✅ Forwarding detected! Your setup is complete.");
    let forwarding = world.with_key(&key, "GET", &world.path("/forwarding"), None).await.ok();
    assert_eq!(
        (&forwarding["verified"], &forwarding["last_test"]["status"]),
        (&json!(true), &json!("succeeded"))
    );
    // Another phone has to be tested anew.
    let phone = json!({ "phone": "512-555-0101" });
    let moved = world
        .with_key(&key, "PUT", &world.path("/forwarding/business-phone"), Some(phone))
        .await
        .ok();
    assert_eq!(
        (&moved["verified"], &moved["business_phone"]),
        (&json!(false), &json!("+15125550101"))
    );
    let health = world
        .with_key(&key, "GET", &world.path("/health-summary"), None)
        .await
        .ok();
    let keys: Vec<&str> = health["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["forwarding", "voice", "texts", "calendar", "store", "jobs"]);
}

#[tokio::test]
async fn the_simulated_phone_can_be_used_over_the_api() {
    let world = World::new("api-sandbox").await;
    let key = world.key("staff").await;
    let info = world.with_key(&key, "GET", "/api/v1/sandbox", None).await.ok();
    assert_eq!(
        info["lines"].as_array().unwrap().len(),
        1,
        "only one's own lines are offered"
    );
    let to = info["lines"][0]["phone"].clone();
    let from = info["callers"][0]["phone"].clone();
    let call = world
        .with_key(
            &key,
            "POST",
            "/api/v1/sandbox/calls",
            Some(json!({ "from": from, "to": to })),
        )
        .await;
    assert_eq!(
        (call.status, &call.body["heard"][0]["kind"]),
        (StatusCode::CREATED, &json!("say"))
    );
    world.work().await;
    let phone = world
        .with_key(
            &key,
            "GET",
            &format!("/api/v1/sandbox/phone/{}", from.as_str().unwrap().replace('+', "%2B")),
            None,
        )
        .await
        .ok();
    assert_eq!(
        (&phone["calls"][0]["to"], &phone["texts"][0]["direction"]),
        (&to, &json!("inbound"))
    );
    let text = json!({ "from": from, "to": to, "body": "Hello" });
    assert_eq!(
        world
            .with_key(&key, "POST", "/api/v1/sandbox/texts", Some(text))
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    let fault = json!({ "number": from, "fault": "phone_off" });
    assert_eq!(
        world
            .with_key(&key, "POST", "/api/v1/sandbox/faults", Some(fault))
            .await
            .status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_business_without_a_phone_gets_a_public_number() {
    let world = World::new("api-direct").await;
    let key = world.key("manager").await;
    let choose = async |provider: &str| {
        let body = Some(json!({ "provider": provider }));
        world
            .with_key(&key, "POST", &world.path("/forwarding/provider"), body)
            .await
    };
    let kind = async || {
        let business = world.with_key(&key, "GET", &world.path(""), None).await.ok();
        business["numbers"][0]["kind"].clone()
    };
    let chosen = choose("verizon").await.ok();
    assert_eq!(
        (
            &chosen["provider_name"],
            &chosen["instructions_version"],
            &chosen["direct"]
        ),
        (&json!("Verizon (mobile)"), &json!("1"), &json!(false))
    );
    assert_eq!(kind().await, "forwarding");
    let chosen = choose("none").await.ok();
    assert_eq!((&chosen["direct"], &chosen["verified"]), (&json!(true), &json!(false)));
    assert_eq!(kind().await, "public");
    world.call(Some(CALLER)).await;
    let health = world
        .with_key(&key, "GET", &world.path("/health-summary"), None)
        .await
        .ok();
    assert_eq!(health["checks"][0]["sentence"], "Calls reach your number.");
    choose("other").await.ok();
    assert_eq!(kind().await, "forwarding");
    assert_eq!(choose("carrier_pigeon").await.body["errors"][0]["field"], "/provider");
}

#[tokio::test]
async fn an_emergency_shows_on_the_caller_and_a_person_can_end_it() {
    let world = World::new("api-emergency").await;
    let key = world.key("owner").await;
    world.call(Some(CALLER)).await;
    world.text(CALLER, "The basement is flooding!").await;
    let caller = world.path(&format!("/callers/{}", CALLER.replace('+', "%2B")));
    let seen = world.with_key(&key, "GET", &caller, None).await.ok();
    assert!(seen["emergency_until"].is_string(), "{seen}");
    let tasks = world.with_key(&key, "GET", &world.path("/tasks"), None).await.ok();
    assert_eq!(tasks["items"][0]["kind"], "emergency", "{tasks}");
    let row = first_call(&world, &key).await;
    assert_eq!(row["priority"], "high", "{row}");
    let id = row["id"].as_str().unwrap();
    let detail = world
        .with_key(&key, "GET", &world.path(&format!("/calls/{id}")), None)
        .await
        .ok();
    assert!(
        detail["timeline"].to_string().contains("wrote of an emergency"),
        "{detail}"
    );

    let ended = world
        .with_key(&key, "PUT", &caller, Some(json!({ "emergency": false })))
        .await
        .ok();
    assert_eq!(ended["emergency_until"], Value::Null);
    let begun = world
        .with_key(&key, "PUT", &caller, Some(json!({ "emergency": true })))
        .await
        .ok();
    assert!(begun["emergency_until"].is_string(), "{begun}");
}
