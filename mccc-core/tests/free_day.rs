//! A text says on which day an appointment is free, where that can be known.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use host::{Paid, World, call, open_for_texts};
use mccc_core::CommandCenter;
use mccc_core::appointments::{BlockedTime, Span};
use mccc_core::business::OtherCalendar;
use mccc_core::center::Limits;
use mccc_core::messages::Template;
use mccc_core::port::store::{Change, Commit};
use mccc_core::testkit::fake::FakeGateway;
use mccc_core::{BlockedTimeId, Timestamp};

/// What a caller is texted on a Tuesday at half past six in Chicago, when the next `closed` days are blocked; with a
/// calendar that was never read, where `unread`.
async fn told(closed: i32, unread: bool) -> String {
    let world = World::new();
    let evening = Timestamp::parse("2027-06-08T18:30:00-05:00").unwrap();
    world.clock.set_to(evening);
    let gateway = Arc::new(FakeGateway::new(Arc::clone(&world.clock) as _));
    let mut ports = world.node().ports().clone();
    ports.providers = Arc::new(Paid(Arc::clone(&gateway)));
    let node = CommandCenter::new(ports, Limits::default());
    let owner = open_for_texts(&node, |_| {}).await;
    let mut settings = (*owner.settings).clone();
    let words = Template::parse("{{business_name}}: we can come {{next_available_day}}.").unwrap();
    settings.templates.auto_text_business_hours = words.clone();
    settings.templates.auto_text_after_hours = words;
    if unread {
        settings.calendar.others = vec![OtherCalendar {
            id: "one".to_owned(),
            name: "Family".to_owned(),
            host: "calendar.example.com".to_owned(),
            connected_at: evening,
        }];
    }
    node.save_settings(owner.business, settings, owner.version)
        .await
        .unwrap();
    let today = owner.zone().to_local(evening).day;
    let mut commit = Commit::new(owner.business, evening);
    commit.changes.push(Change::PutBlockedTime(BlockedTime {
        id: BlockedTimeId::derive(evening, "off"),
        business: owner.business,
        span: Span::Days {
            from: today,
            until: today.plus_days(closed + 1),
        },
        title: "Away".to_owned(),
        created_at: evening,
    }));
    world.store.commit(commit).await.unwrap();
    node.inbound_call(call("CA1")).await;
    for _ in 0..3 {
        node.work("w", 50).await.unwrap();
        world.clock.advance(Duration::from_secs(1));
    }
    gateway
        .went_out()
        .first()
        .map(|text| text.body.clone())
        .unwrap_or_default()
}

#[tokio::test]
async fn the_day_is_that_of_the_next_free_time() {
    for (closed, day) in [
        (0, "tomorrow"),
        (1, "Thursday"),
        (2, "Friday"),
        (5, "Monday"),
        (6, "Tuesday, June 15"),
    ] {
        let text = told(closed, false).await;
        assert!(text.contains(&format!("we can come {day}.")), "{closed}: {text}");
    }
}

#[tokio::test]
async fn no_day_is_named_that_is_not_known() {
    // Everything within the window is blocked, and then a calendar that nobody could read.
    for (closed, unread) in [(60, false), (0, true)] {
        let text = told(closed, unread).await;
        assert!(text.contains("we can come our next open day."), "{text}");
    }
}
