//! How the contractor is told, over HTTP: channels, a Slack channel by its address, a test, and promises.

use axum::http::StatusCode;
use mccc_core::notify::ChannelKind;
use mccc_core::port::Providers;
use mccc_test::scripted::{Reply, ScriptedServer};
use serde_json::{Value, json};

use crate::world::World;

/// Saves the settings of the business with one part changed.
async fn change(world: &World, key: &str, change: impl FnOnce(&mut Value)) {
    let read = world.with_key(key, "GET", &world.path("/settings"), None).await;
    let mut document = read.body["settings"].clone();
    change(&mut document);
    let body = json!({ "version": read.body["version"], "settings": document });
    let saved = world.with_key(key, "PUT", &world.path("/settings"), Some(body)).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
}

/// The feed's notices of a kind.
async fn feed(world: &World, kind: &str) -> Vec<Value> {
    let store = &world.opened.center.ports().store;
    let feed = store.feed(world.business, 0, 1_000).await.unwrap();
    let of_kind = feed.into_iter().filter(|entry| entry.event.kind.name() == kind);
    of_kind.map(|entry| entry.event.data).collect()
}

#[tokio::test]
async fn a_slack_channel_is_connected_tested_and_disconnected_and_its_address_is_never_shown() {
    let slack = ScriptedServer::start().unwrap();
    slack.always("POST", "/services/T0/B0/s3cret", Reply::text(200, "ok"));
    let world = World::changed("slack", |config| config.slack_hooks_url = Some(slack.base_url())).await;
    let key = world.key("owner").await;
    let path = world.path("/notifications");
    let before = world.with_key(&key, "GET", &path, None).await;
    assert!(
        before.body["warning"]
            .as_str()
            .unwrap()
            .contains("No notification channels")
    );
    assert_eq!(before.body["channels"][1]["channel"], "slack");
    assert_eq!(before.body["channels"][1]["connected"], false);

    let elsewhere = json!({ "url": "https://evil.example/services/T0/B0/s3cret" });
    let refused = world
        .with_key(&key, "PUT", &world.path("/notifications/slack"), Some(elsewhere))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let url = format!("{}/services/T0/B0/s3cret", slack.base_url());
    let given = json!({ "url": url });
    let connected = world
        .with_key(&key, "PUT", &world.path("/notifications/slack"), Some(given))
        .await;
    assert_eq!(connected.status, StatusCode::NO_CONTENT, "{}", connected.text);
    change(&world, &key, |settings| {
        settings["notifications"]["slack"]["on"] = json!(true)
    })
    .await;

    let after = world.with_key(&key, "GET", &path, None).await;
    assert_eq!(after.body["warning"], Value::Null);
    assert_eq!(after.body["channels"][1]["connected"], true);
    assert!(!after.text.contains("s3cret"), "{}", after.text);
    let test = world
        .with_key(&key, "POST", &world.path("/notifications/test"), None)
        .await;
    assert_eq!(test.body, json!({ "channels": ["slack"] }));
    world.work().await;
    let posted = slack.requests();
    assert_eq!(posted.len(), 1);
    assert!(posted[0].text().contains("Acme Plumbing"), "{}", posted[0].text());
    assert_eq!(feed(&world, "notification_sent").await[0]["channel"], "slack");

    let gone = world
        .with_key(&key, "DELETE", &world.path("/notifications/slack"), None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let owner = world.opened.center.business(world.business).await.unwrap();
    let way = world
        .opened
        .providers
        .notifier(&owner, ChannelKind::Slack)
        .await
        .unwrap();
    assert!(way.is_none());
}

#[tokio::test]
async fn only_those_who_may_configure_connect_and_test_and_nobody_at_another_business() {
    let world = World::new("notify-roles").await;
    let dispatcher = world.key("dispatcher").await;
    let url = json!({ "url": "https://hooks.slack.com/services/T0/B0/x" });
    for (method, path, body) in [
        ("PUT", "/notifications/slack", Some(url)),
        ("DELETE", "/notifications/slack", None),
        ("POST", "/notifications/test", None),
    ] {
        let refused = world.with_key(&dispatcher, method, &world.path(path), body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    let foreign = format!("/api/v1/businesses/{}/promises", world.other);
    let answer = world.with_key(&dispatcher, "GET", &foreign, None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_caller_who_waits_is_a_promise_and_an_answer_keeps_it() {
    let world = World::new("promises").await;
    let key = world.key("manager").await;
    change(&world, &key, |settings| {
        settings["conversation"]["answers"] = json!("off")
    })
    .await;
    world.text("+15125550142", "can you call me about my sink").await;
    let listed = world.with_key(&key, "GET", &world.path("/promises"), None).await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    assert_eq!((&listed.body["pending"], &listed.body["kept"]), (&json!(1), &json!(0)));
    let promise = &listed.body["items"][0];
    assert_eq!(promise["state"], "pending");
    assert!(promise["due_at"].as_str().unwrap() > promise["raised_at"].as_str().unwrap());
    let done = world.path(&format!("/tasks/{}/done", promise["id"].as_str().unwrap()));
    world.with_key(&key, "POST", &done, None).await;
    let kept = world
        .with_key(&key, "GET", &world.path("/promises?state=kept"), None)
        .await;
    assert_eq!(kept.body["items"][0]["state"], "kept");
    let pending = world
        .with_key(&key, "GET", &world.path("/promises?state=pending"), None)
        .await;
    assert_eq!(pending.body["items"], json!([]));
    assert_eq!(feed(&world, "task_done").await[0]["promise"], "kept");
    for odd in ["?state=lost", "?since=yesterday"] {
        let refused = world
            .with_key(&key, "GET", &world.path(&format!("/promises{odd}")), None)
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}");
    }
}

#[tokio::test]
async fn the_contractors_phone_is_texted_in_the_sandbox() {
    let world = World::new("notify-text").await;
    let key = world.key("owner").await;
    change(&world, &key, |settings| {
        settings["notifications"]["text"] = json!({ "on": true, "phone": "+15125550100" });
    })
    .await;
    world.text("+15125550142", "the basement is flooding").await;
    world.work().await;
    let sent = feed(&world, "notification_sent").await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    let handset = world.with_key(&key, "GET", &world.path("/notifications"), None).await;
    assert_eq!(handset.body["channels"][0]["connected"], true);
    assert_eq!(handset.body["channels"][0]["target"], "+15125550100");
}

#[tokio::test]
async fn our_own_number_is_refused_as_the_phone_that_is_told() {
    let world = World::new("own-number").await;
    let key = world.key("owner").await;
    let read = world.with_key(&key, "GET", &world.path("/settings"), None).await;
    let business = world.with_key(&key, "GET", &world.path(""), None).await.ok();
    let mut document = read.body["settings"].clone();
    document["notifications"]["text"] = json!({ "on": true, "phone": business["numbers"][0]["phone"] });
    let body = json!({ "version": read.body["version"], "settings": document });
    let refused = world.with_key(&key, "PUT", &world.path("/settings"), Some(body)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert_eq!(refused.body["errors"][0]["field"], "/notifications/text/phone");
}
