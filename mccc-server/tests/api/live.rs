//! The live stream: nothing is missed, nothing comes twice.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use crate::world::World;

struct Listening {
    stream: BodyDataStream,
    text: String,
}

impl Listening {
    async fn begin(world: &World, key: &str, last: Option<&str>) -> Self {
        let mut request = Request::builder()
            .uri(world.path("/events"))
            .header("authorization", format!("Bearer {key}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = world
            .api
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self {
            stream: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next event; nothing when the stream ended or stayed silent.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(event);
            }
            let wait = tokio::time::timeout(Duration::from_secs(3), self.stream.next());
            let bytes = wait.await.ok().flatten()?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn id_of(event: &str) -> u64 {
    event
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_stream_goes_on_where_the_last_one_ended() {
    let world = World::new("api-live").await;
    let key = world.key("staff").await;
    let mut first = Listening::begin(&world, &key, None).await;
    let begin = first.next().await.unwrap();
    assert!(!begin.contains("data:"), "nothing happened yet: {begin}");
    let start = id_of(&begin);
    world.call(Some("+15125550120")).await;
    let event = first.next().await.unwrap();
    assert!(
        event.contains("event: feed") && event.contains("\"kind\":\"call_received\""),
        "{event}"
    );
    let mut seen = vec![id_of(&event)];
    drop(first);

    // While nobody listens, more happens.
    world.call(Some("+15125550121")).await;
    world.work().await;
    let last = seen[0].to_string();
    let mut second = Listening::begin(&world, &key, Some(&last)).await;
    assert_eq!(id_of(&second.next().await.unwrap()), seen[0]);
    while let Some(event) = second.next().await {
        if event.starts_with(':') {
            break;
        }
        seen.push(id_of(&event));
        assert!(seen.len() < 100, "the stream repeats itself: {seen:?}");
    }
    let feed = world.opened.store.feed(world.business, start, 1_000).await.unwrap();
    let all: Vec<u64> = feed.iter().map(|entry| entry.seq).collect();
    assert!(all.len() > 4);
    assert_eq!(seen, all);
}

#[tokio::test]
async fn a_position_that_the_feed_has_not_reached_is_its_end() {
    let world = World::new("api-live-ahead").await;
    let key = world.key("staff").await;
    world.call(Some("+15125550120")).await;
    let heads = world.opened.store.feed_heads(&[world.business]).await.unwrap();
    let mut listening = Listening::begin(&world, &key, Some("18446744073709551615")).await;
    assert_eq!(id_of(&listening.next().await.unwrap()), heads[0].1);
    world.call(Some("+15125550121")).await;
    assert!(listening.next().await.unwrap().contains("call_received"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("last-event-id", "yesterday")];
    let refused = world.send("GET", &world.path("/events"), &headers, None).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (422, "invalid"));
}

#[tokio::test]
async fn a_stream_ends_when_the_process_is_told_to_stop() {
    let world = World::new("api-live-stop").await;
    let key = world.key("staff").await;
    let mut listening = Listening::begin(&world, &key, None).await;
    listening.next().await.unwrap();
    world.stop.cancel();
    let end = tokio::time::timeout(Duration::from_secs(2), listening.stream.next())
        .await
        .unwrap();
    assert!(end.is_none());
}
