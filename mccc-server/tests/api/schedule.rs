//! The schedule and the settings over the API.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

fn painted(rules: &Value, method: &str) -> Vec<Value> {
    let cells = rules["cells"].as_array().unwrap().iter();
    cells
        .map(|cell| json!({ "day": cell["day"], "start_time": cell["start_time"], "routing_method": method }))
        .collect()
}

#[tokio::test]
async fn a_saved_week_is_read_back_and_governs_the_next_call() {
    let world = World::new("api-grid").await;
    let key = world.key("manager").await;
    let path = world.path("/routing-rules");
    let rules = world.with_key(&key, "GET", &path, None).await.ok();
    assert_eq!(rules["cells"].as_array().unwrap().len(), 336);
    assert_eq!(rules["sentences"], json!(["Always Auto-Text."]));
    let body = json!({
        "version": rules["version"], "cells": painted(&rules, "voicemail"),
        "overrides": [{ "date": "2090-12-25", "routing_method": "off", "label": " Christmas " }],
    });
    let saved = world.with_key(&key, "PUT", &path, Some(body)).await.ok();
    assert_eq!(saved["cells"][0]["routing_method"], "voicemail");
    assert_eq!(saved["schedule"]["overrides"][0]["label"], "Christmas");
    assert_eq!(world.with_key(&key, "GET", &path, None).await.ok(), saved);
    world.call(Some("+15125550123")).await;
    let calls = world.with_key(&key, "GET", &world.path("/calls"), None).await.ok();
    assert_eq!(calls["items"][0]["method"], "voicemail");

    // Sent back as it was read, an override stays what it is.
    let kept = json!({ "cells": painted(&saved, "voicemail"), "overrides": saved["schedule"]["overrides"] });
    let again = world.with_key(&key, "PUT", &path, Some(kept)).await.ok();
    assert_eq!(again["schedule"]["overrides"], saved["schedule"]["overrides"]);
}

#[tokio::test]
async fn the_bare_list_is_taken_at_the_short_address_too() {
    let world = World::new("api-alias").await;
    let key = world.key("manager").await;
    let rules = world.with_key(&key, "GET", "/api/routing-rules", None).await.ok();
    let body = Value::Array(painted(&rules, "both"));
    let saved = world.with_key(&key, "PUT", "/api/routing-rules", Some(body)).await.ok();
    assert_eq!(saved["sentences"], json!(["Monday to Sunday all day: Both."]));
    // Somebody of several businesses has to say which.
    world.person("two@example.com", world.business, "owner").await;
    world.person("two@example.com", world.other, "owner").await;
    let cookie = world.sign_in("two@example.com").await;
    let answer = world
        .send("GET", "/api/routing-rules", &[("cookie", &cookie)], None)
        .await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "bad_request"));
}

#[tokio::test]
async fn gaps_stale_versions_and_past_dates_are_refused_and_change_nothing() {
    let world = World::new("api-refused-grid").await;
    let key = world.key("manager").await;
    let path = world.path("/routing-rules");
    let rules = world.with_key(&key, "GET", &path, None).await.ok();

    let mut cells = painted(&rules, "off");
    cells[5]["routing_method"] = Value::Null;
    let gap = world
        .with_key(&key, "PUT", &path, Some(json!({ "cells": cells })))
        .await;
    assert_eq!((gap.status.as_u16(), gap.code()), (422, "invalid"));
    assert_eq!(
        gap.body["errors"],
        json!([{ "field": "/cells/5", "code": "unassigned", "message": "Sunday 02:30 has no routing method." }])
    );
    assert_eq!(
        gap.body["detail"],
        "Every time slot must have a routing method. We found 1 time slot with no routing assigned. It has been highlighted \
         below — click it to set a method, or use a preset to fill gaps."
    );

    let version = rules["version"].as_u64().unwrap();
    let stale = json!({ "version": version + 1, "cells": painted(&rules, "off") });
    let stale = world.with_key(&key, "PUT", &path, Some(stale)).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (409, "stale"));

    let past =
        json!({ "cells": painted(&rules, "off"), "overrides": [{ "date": "2020-01-01", "routing_method": "off" }] });
    let past = world.with_key(&key, "PUT", &path, Some(past)).await;
    assert_eq!(
        (past.status.as_u16(), &past.body["errors"][0]["field"]),
        (422, &json!("/overrides/0/date"))
    );
    assert_eq!(world.with_key(&key, "GET", &path, None).await.ok(), rules);
}

#[tokio::test]
async fn a_question_about_an_unsaved_week_changes_nothing() {
    let world = World::new("api-what-if").await;
    let key = world.key("staff").await;
    let path = world.path("/routing-rules");
    let rules = world.with_key(&key, "GET", &path, None).await.ok();
    // Noon in Chicago.
    let at = json!(["2026-11-23T18:00:00Z"]);
    let asked = world
        .with_key(&key, "POST", &format!("{path}/what-if"), Some(json!({ "at": at })))
        .await
        .ok();
    assert_eq!(asked["results"][0]["method"], "auto_text_only");
    assert_eq!(asked["results"][0]["local"], "2026-11-23T12:00:00-06:00");
    let draft = json!({ "at": at, "cells": painted(&rules, "ai_voice"), "caller": "(512) 555-0123" });
    let asked = world
        .with_key(&key, "POST", &format!("{path}/what-if"), Some(draft))
        .await
        .ok();
    let result = &asked["results"][0];
    // No voice agent is connected: voicemail stands in, and says so.
    assert_eq!(
        (&result["scheduled"], &result["method"]),
        (&json!("ai_voice"), &json!("voicemail"))
    );
    assert_eq!(
        result["sentence"],
        "Monday 12:00 PM: Weekly block (Monday all day), so the call gets AI Voice. No voice agent could take it, so Voicemail \
         stood in together with a text."
    );
    assert_eq!(world.with_key(&key, "GET", &path, None).await.ok(), rules);
}

#[tokio::test]
async fn a_block_for_some_calls_only_answers_those_and_outlives_a_painted_week() {
    let world = World::new("api-special").await;
    let key = world.key("manager").await;
    let path = world.path("/routing-rules");
    let rules = world.with_key(&key, "GET", &path, None).await.ok();
    let special = json!([{
        "day": 1, "start_time": "08:00", "end_time": "18:00", "routing_method": "voicemail",
        "only": { "area_codes": [512] }
    }]);
    let body = json!({ "cells": painted(&rules, "auto_text_only"), "special_blocks": special });
    let saved = world.with_key(&key, "PUT", &path, Some(body)).await.ok();
    let sentences = saved["sentences"].as_array().unwrap();
    let said = "Monday 8:00 AM - 6:00 PM, calls from area code 512: Voicemail.";
    assert!(sentences.contains(&json!(said)), "{sentences:?}");

    // Noon in Chicago, on a Monday.
    let ask = |caller: &str| json!({ "at": ["2026-11-23T18:00:00Z"], "caller": caller });
    let what_if = format!("{path}/what-if");
    let theirs = world
        .with_key(&key, "POST", &what_if, Some(ask("(512) 555-0123")))
        .await
        .ok();
    let result = &theirs["results"][0];
    assert_eq!(
        (&result["method"], &result["rule"]),
        (&json!("voicemail"), &json!("weekly"))
    );
    let others = world
        .with_key(&key, "POST", &what_if, Some(ask("(312) 555-0123")))
        .await
        .ok();
    let result = &others["results"][0];
    assert_eq!(result["method"], "auto_text_only");
    let candidates = result["trace"]["candidates"].as_array().unwrap();
    assert!(
        candidates
            .iter()
            .any(|one| one["reason"] == "Is for other calls." && one["verdict"] == "lost"),
        "{candidates:?}"
    );

    // Painting the week leaves it alone; an empty list removes it.
    let body = json!({ "cells": painted(&rules, "off") });
    let painted_over = world.with_key(&key, "PUT", &path, Some(body)).await.ok();
    assert!(painted_over["sentences"].as_array().unwrap().contains(&json!(said)));
    let nobody = json!({ "cells": painted(&rules, "off"), "special_blocks": [{
        "day": 1, "start_time": "08:00", "end_time": "18:00", "routing_method": "voicemail", "only": {}
    }] });
    let refused = world.with_key(&key, "PUT", &path, Some(nobody)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["errors"][0]["field"]),
        (422, &json!("/special_blocks/0/only"))
    );
    let body = json!({ "cells": painted(&rules, "off"), "special_blocks": [] });
    let removed = world.with_key(&key, "PUT", &path, Some(body)).await.ok();
    assert!(!removed["sentences"].as_array().unwrap().contains(&json!(said)));
}

#[tokio::test]
async fn settings_are_one_document_with_a_version() {
    let world = World::new("api-settings").await;
    let key = world.key("manager").await;
    let path = world.path("/settings");
    let read = world.with_key(&key, "GET", &path, None).await.ok();
    let mut settings = read["settings"].clone();
    settings["profile"]["owner_name"] = json!("Mike");
    let save = async |version: u64, settings: &Value| {
        world
            .with_key(
                &key,
                "PUT",
                &path,
                Some(json!({ "version": version, "settings": settings })),
            )
            .await
    };
    let version = read["version"].as_u64().unwrap();
    let saved = save(version, &settings).await.ok();
    assert_eq!(saved["settings"]["profile"]["owner_name"], "Mike");
    assert_eq!(save(version, &settings).await.status, StatusCode::CONFLICT);
    let version = saved["version"].as_u64().unwrap();
    // The server's own knowledge, another business's number, values out of range, misspelt fields.
    let mut forged = settings.clone();
    forged["telephone"]["forwarding_verified_at"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(
        save(version, &forged).await.body["errors"][0]["field"],
        "/settings/telephone/forwarding_verified_at"
    );
    let mut foreign = settings.clone();
    foreign["texting"]["sender"] = json!("+13125550199");
    assert_eq!(
        save(version, &foreign).await.body["errors"][0]["field"],
        "/settings/texting/sender"
    );
    let mut wrong = settings.clone();
    wrong["voicemail"]["max_seconds"] = json!(1);
    assert_eq!(save(version, &wrong).await.code(), "invalid");
    let mut misspelt = settings.clone();
    misspelt["profil"] = json!({});
    assert_eq!(save(version, &misspelt).await.code(), "invalid");
    let business = world.with_key(&key, "GET", &world.path(""), None).await.ok();
    assert_eq!(
        (&business["owner_name"], business["settings_version"].as_u64()),
        (&json!("Mike"), Some(version))
    );
}
