//! Repeating a change is safe.

use axum::http::StatusCode;
use serde_json::json;

use crate::world::{CALLER, World};

#[tokio::test]
async fn the_same_request_with_the_same_key_is_answered_again_and_done_once() {
    let world = World::new("api-repeat").await;
    let key = world.key("owner").await;
    let bearer = format!("Bearer {key}");
    world.call(Some(CALLER)).await;
    world.work().await;
    let threads = world
        .with_key(&key, "GET", &world.path("/conversations"), None)
        .await
        .ok();
    let path = world.path(&format!(
        "/conversations/{}/messages",
        threads["items"][0]["id"].as_str().unwrap()
    ));
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let body = json!({ "body": "On our way" });

    let first = world.send("POST", &path, &headers, Some(body.clone())).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    world.work().await;
    let again = world.send("POST", &path, &headers, Some(body.clone())).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = world
        .send("POST", &path, &headers, Some(json!({ "body": "Not coming" })))
        .await;
    assert_eq!((other.status.as_u16(), other.code()), (422, "key_reused"));
    world.work().await;
    let detail = world
        .with_key(&key, "GET", path.trim_end_matches("/messages"), None)
        .await
        .ok();
    let sent = detail["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["author"] == "person")
        .count();
    assert_eq!(sent, 1);

    // Another sender's key is another key.
    let second = world.key("csr").await;
    let bearer = format!("Bearer {second}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let theirs = world
        .send("POST", &path, &headers, Some(json!({ "body": "Hello from me" })))
        .await;
    assert_eq!(theirs.status, StatusCode::ACCEPTED, "{}", theirs.text);
    assert_ne!(theirs.body["message"]["id"], first.body["message"]["id"]);
}

#[tokio::test]
async fn equal_requests_at_one_moment_are_done_once() {
    let world = World::new("api-at-once").await;
    let key = world.key("owner").await;
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "make")];
    let path = world.path("/keys");
    let made = (0..8).map(|_| world.send("POST", &path, &headers, Some(json!({ "name": "CRM" }))));
    let answers = futures_util::future::join_all(made).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    for refused in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
        match refused.code() {
            "key_in_use" => assert_eq!(refused.headers["retry-after"], "1"),
            code => assert_eq!(code, "secret_shown_once"),
        }
    }
    let keys = world.with_key(&key, "GET", &path, None).await.ok();
    let named = keys["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "CRM");
    assert_eq!(named.count(), 1);
}

#[tokio::test]
async fn signing_in_needs_no_key_and_minds_none() {
    let world = World::new("api-sign-in-key").await;
    let headers = [("idempotency-key", "k")];
    let body = json!({ "email": "nobody@example.com", "password": "wrong" });
    let answer = world.send("POST", "/api/v1/session", &headers, Some(body)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "wrong_credentials"));
}

#[tokio::test]
async fn a_refusal_is_not_remembered_and_a_secret_is_never_stored() {
    let world = World::new("api-unremembered").await;
    let key = world.key("owner").await;
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k")];
    let path = world.path("/forwarding/provider");
    let wrong = world
        .send("POST", &path, &headers, Some(json!({ "provider": "carrier pigeon" })))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    world
        .send("POST", &path, &headers, Some(json!({ "provider": "verizon" })))
        .await
        .ok();

    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "make")];
    let make = async || {
        world
            .send("POST", &world.path("/keys"), &headers, Some(json!({ "name": "CRM" })))
            .await
    };
    let (one, two) = (make().await, make().await);
    assert_eq!(one.status, StatusCode::CREATED, "{}", one.text);
    assert_eq!((two.status.as_u16(), two.code()), (409, "secret_shown_once"));
    assert_eq!(two.headers["content-type"], "application/problem+json");
    assert!(!two.text.contains(one.body["key"].as_str().unwrap()));
    let long = "k".repeat(129);
    for bad in ["", "two words", long.as_str()] {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", bad)];
        let answer = world
            .send("POST", &path, &headers, Some(json!({ "provider": "verizon" })))
            .await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid"), "{bad}");
    }
}
