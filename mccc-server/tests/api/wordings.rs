//! What the editors of questions and texts ask: what would be answered, what a text looks like, what is refused.

use axum::http::StatusCode;
use mccc_core::zone::LocalDay;
use serde_json::{Value, json};

use crate::world::World;

async fn post(world: &World, key: &str, path: &str, body: Value) -> Value {
    world.with_key(key, "POST", &world.path(path), Some(body)).await.ok()
}

fn permits() -> Value {
    json!({
        "topic": "Permits",
        "question": "Do you pull permits?",
        "answer": "Yes, we take care of the permit.",
        "alternatives": ["who gets the permit from the city?"],
    })
}

#[tokio::test]
async fn a_question_is_tried_before_it_is_saved_and_answered_the_same_after() {
    let world = World::new("api-faq").await;
    let key = world.key("owner").await;
    let ask = "do you guys pull the permits?";

    let none = post(&world, &key, "/faq/try", json!({ "text": ask })).await;
    assert!(none["sends"].is_null() && none["matched"].is_null(), "{none}");
    let draft = post(&world, &key, "/faq/try", json!({ "text": ask, "faq": [permits()] })).await;
    assert_eq!(draft["sends"], "Yes, we take care of the permit.", "{draft}");
    assert_eq!(draft["matched"]["topic"], "Permits");
    assert_eq!(draft["matched"]["entry"], 0);
    assert!(draft["matched"]["score"].as_f64().unwrap() >= 0.75);
    assert!(!draft["matched"]["met_in"].as_array().unwrap().is_empty());
    let again = post(&world, &key, "/faq/try", json!({ "text": ask })).await;
    assert!(again["sends"].is_null(), "trying saves nothing: {again}");

    let mut document = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    document["settings"]["faq"] = json!([permits()]);
    let body = json!({ "version": document["version"], "settings": document["settings"] });
    world
        .with_key(&key, "PUT", &world.path("/settings"), Some(body))
        .await
        .ok();
    let saved = post(&world, &key, "/faq/try", json!({ "text": ask })).await;
    assert_eq!(saved, draft);
}

#[tokio::test]
async fn a_price_is_sent_only_where_the_business_wants_it() {
    let world = World::new("api-faq-price").await;
    let key = world.key("owner").await;
    let entry =
        json!({ "topic": "Service call", "question": "How much is a service call?", "answer": "A visit is $89." });
    let ask = json!({ "text": "how much is a service call?", "faq": [entry] });
    let held = post(&world, &key, "/faq/try", ask.clone()).await;
    assert_eq!(
        (held["intent"].as_str(), held["sends"].is_null()),
        (Some("pricing"), true),
        "{held}"
    );
    assert_eq!(held["matched"]["topic"], "Service call");
    let mut document = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    document["settings"]["conversation"]["quote_prices"] = json!(true);
    document["settings"]["conversation"]["faq_threshold"] = json!(1.0);
    let permit = json!({ "text": "will i get in trouble with the city", "faq": [permits()] });
    let sure = post(&world, &key, "/faq/try", permit.clone()).await;
    assert!(sure["matched"]["score"].as_f64().unwrap() < 1.0, "{sure}");
    let body = json!({ "version": document["version"], "settings": document["settings"] });
    world
        .with_key(&key, "PUT", &world.path("/settings"), Some(body))
        .await
        .ok();
    let given = post(&world, &key, "/faq/try", ask).await;
    assert_eq!(given["sends"], "A visit is $89.", "{given}");
    let unsure = post(&world, &key, "/faq/try", permit).await;
    assert!(
        unsure["matched"].is_null(),
        "not sure enough for this business: {unsure}"
    );
}

#[tokio::test]
async fn facts_answer_by_themselves_and_other_wishes_get_no_answer() {
    let world = World::new("api-faq-facts").await;
    let key = world.key("staff").await;
    let hours = post(&world, &key, "/faq/try", json!({ "text": "are you open on saturday?" })).await;
    assert_eq!(hours["matched"]["topic"], "hours", "{hours}");
    assert!(hours["matched"]["entry"].is_null());
    let saturdays = json!([{ "day": 6, "start": "09:00", "end": "12:00" }]);
    let text = json!({ "text": "are you open on saturday?", "business_hours": saturdays });
    let changed = post(&world, &key, "/faq/try", text).await;
    assert_ne!(
        changed["sends"], hours["sends"],
        "hours that are not saved are tried, too"
    );
    let area = json!({ "text": "do you come out to Buda?", "service_area": { "cities": ["Buda"] } });
    let area = post(&world, &key, "/faq/try", area).await;
    assert_eq!(area["matched"]["topic"], "area", "{area}");
    let stop = post(&world, &key, "/faq/try", json!({ "text": "stop texting me" })).await;
    assert_eq!(
        (stop["intent"].as_str(), stop["sends"].is_null()),
        (Some("opt_out"), true)
    );

    for body in [json!({ "text": " " }), json!({ "text": "x".repeat(1_601) })] {
        let refused = world.with_key(&key, "POST", &world.path("/faq/try"), Some(body)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["errors"][0]["field"], "/text");
    }
    let unfinished = json!({ "text": "hi", "faq": [{ "topic": "Permits", "question": "?", "answer": " " }] });
    let refused = world
        .with_key(&key, "POST", &world.path("/faq/try"), Some(unfinished))
        .await;
    assert_eq!(refused.code(), "invalid", "{}", refused.text);
    let theirs = format!("/api/v1/businesses/{}/faq/try", world.other);
    let refused = world
        .with_key(&key, "POST", &theirs, Some(json!({ "text": "hi" })))
        .await;
    assert!(!refused.status.is_success());
}

#[tokio::test]
async fn a_text_is_shown_as_a_caller_gets_it() {
    let world = World::new("api-wordings").await;
    let key = world.key("owner").await;
    let wordings = world.with_key(&key, "GET", &world.path("/wordings"), None).await.ok();
    let fields = wordings["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 11);
    for field in fields {
        let names = field["variables"].as_array().unwrap();
        assert!(names.contains(&json!("business_name")), "{field}");
        let dated = field["field"].as_str().unwrap().starts_with("appointment_");
        assert_eq!(names.contains(&json!("appointment_date")), dated, "{field}");
    }
    let variables = wordings["variables"].as_array().unwrap();
    let business = variables.iter().find(|one| one["name"] == "business_name").unwrap();
    assert_eq!(business["sample"], "Acme Plumbing");
    let day = variables
        .iter()
        .find(|one| one["name"] == "next_available_day")
        .unwrap();
    let open = world
        .with_key(&key, "GET", &world.path("/availability"), None)
        .await
        .ok();
    let next: LocalDay = open["slots"][0]["date"].as_str().unwrap().parse().unwrap();
    let sample = day["sample"].as_str().unwrap();
    assert!(
        ["today", "tomorrow", next.weekday().name_capitalised()].contains(&sample),
        "what is really filled in, not an example: {sample}"
    );
    for preset in wordings["presets"].as_array().unwrap() {
        for field in preset["fields"].as_array().unwrap() {
            let body = json!({ "field": field, "text": preset["text"] });
            let shown = post(&world, &key, "/wordings/preview", body).await;
            assert_eq!(shown["problems"], json!([]), "{} in {field}", preset["id"]);
        }
    }

    let body =
        json!({ "field": "auto_text_after_hours", "text": "Hi {{caller_name}}, it's {{business_name}} — closed" });
    let shown = post(&world, &key, "/wordings/preview", body).await;
    assert_eq!(
        shown["text"],
        "Hi Dana, it's Acme Plumbing - closed Reply STOP to opt out."
    );
    assert_eq!(
        (shown["segments"].as_u64(), shown["encoding"].as_str()),
        (Some(1), Some("GSM-7"))
    );
    let body = json!({ "field": "help", "text": "Call {{ownr}}" });
    let shown = post(&world, &key, "/wordings/preview", body).await;
    let problem = shown["problems"][0].as_str().unwrap();
    assert!(problem.contains("did you mean"), "{problem}");
    let refused = world
        .with_key(
            &key,
            "POST",
            &world.path("/wordings/preview"),
            Some(json!({ "field": "nothing", "text": "x" })),
        )
        .await;
    assert_eq!(refused.body["errors"][0]["field"], "/field");
}

#[tokio::test]
async fn every_text_that_cannot_be_saved_is_named() {
    let world = World::new("api-texts").await;
    let key = world.key("owner").await;
    let mut document = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    document["settings"]["templates"]["help"] = json!("Call us");
    document["settings"]["templates"]["followup"] = json!(format!("{{{{business_name}}}} {}", "long ".repeat(120)));
    let body = json!({ "version": document["version"], "settings": document["settings"] });
    let refused = world.with_key(&key, "PUT", &world.path("/settings"), Some(body)).await;
    assert_eq!(refused.code(), "invalid", "{}", refused.text);
    let fields: Vec<&str> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["/templates/followup", "/templates/followup", "/templates/help"]
    );
}

#[tokio::test]
async fn a_text_with_a_variable_that_is_never_known_is_not_saved() {
    let world = World::new("api-texts-known").await;
    let key = world.key("owner").await;
    let mut document = world.with_key(&key, "GET", &world.path("/settings"), None).await.ok();
    document["settings"]["templates"]["auto_text_after_hours"] =
        json!("{{business_name}}: see you on {{appointment_date}}");
    let body = json!({ "version": document["version"], "settings": document["settings"] });
    let refused = world.with_key(&key, "PUT", &world.path("/settings"), Some(body)).await;
    assert_eq!(refused.code(), "invalid", "{}", refused.text);
    let error = &refused.body["errors"][0];
    assert_eq!(error["field"], "/templates/auto_text_after_hours");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("is not known when this text is sent"), "{message}");
}
