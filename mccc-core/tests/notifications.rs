//! The contractor hears of what happens: once, through every channel, not at night, and in time to keep a promise.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod host;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use host::{Host, World, caller, open_for_business, ours};
use mccc_core::business::{AnswerMode, Owner, Settings};
use mccc_core::center::{Limits, PersonReply, TextAnswer};
use mccc_core::compliance::number::Policy;
use mccc_core::notify::{ChannelKind, NoticeKind, QuietTime};
use mccc_core::port::store::{FeedKind, TaskFilter};
use mccc_core::port::{
    Clock, InboundText, LineLookup, Notifier, PortError, Providers, SmsGateway, Telephony, Verified,
};
use mccc_core::routing::{Method, Schedule};
use mccc_core::tasks::{Promise, Task};
use mccc_core::testkit::build;
use mccc_core::testkit::contract::gateway::SendFault;
use mccc_core::testkit::contract::notifier::NotifierFault;
use mccc_core::testkit::fake::{FakeGateway, FakeNotifier};
use mccc_core::zone::Weekday;
use mccc_core::{BusinessId, CallerId, CommandCenter, PhoneNumber, Timestamp};

/// Every channel, in memory.
#[derive(Debug)]
struct Channels {
    gateway: Arc<FakeGateway>,
    slack: Arc<FakeNotifier>,
    email: Arc<FakeNotifier>,
}

#[async_trait]
impl Providers for Channels {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.gateway) as _)
    }

    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Host.telephony(owner).await
    }

    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }

    async fn notifier(&self, _owner: &Owner, channel: ChannelKind) -> Result<Option<Arc<dyn Notifier>>, PortError> {
        Ok(match channel {
            ChannelKind::Text => None,
            ChannelKind::Slack => Some(Arc::clone(&self.slack) as _),
            ChannelKind::Email => Some(Arc::clone(&self.email) as _),
        })
    }

    fn policy(&self, owner: &Owner) -> Policy {
        Host.policy(owner)
    }

    fn free_of_charge(&self, _owner: &Owner) -> bool {
        false
    }

    fn public_base_url(&self) -> String {
        "https://mccc.example".to_owned()
    }

    fn platform_account(&self) -> String {
        "AC1".to_owned()
    }
}

/// The contractor's own phone.
fn phone() -> PhoneNumber {
    build::phone(7_000_001)
}

struct Desk {
    world: World,
    node: CommandCenter,
    channels: Arc<Channels>,
    business: BusinessId,
}

impl Desk {
    /// A business with every channel on, changed by `change`.
    async fn open(change: impl FnOnce(&mut Settings)) -> Self {
        let world = World::new();
        let channels = Arc::new(Channels {
            gateway: Arc::new(FakeGateway::new(Arc::clone(&world.clock) as _)),
            slack: Arc::new(FakeNotifier::new(false)),
            email: Arc::new(FakeNotifier::new(true)),
        });
        let mut ports = world.node().ports().clone();
        ports.providers = Arc::clone(&channels) as _;
        let node = CommandCenter::new(ports, Limits::default());
        let owner = open_for_business(&node).await;
        let mut settings = (*owner.settings).clone();
        settings.notifications.text.on = true;
        settings.notifications.text.phone = Some(phone());
        settings.notifications.slack.on = true;
        settings.notifications.email.on = true;
        // What a text calls for is told where people answer it.
        settings.conversation.answers = AnswerMode::Off;
        change(&mut settings);
        node.save_settings(owner.business, settings, owner.version)
            .await
            .unwrap();
        Self {
            world,
            node,
            channels,
            business: owner.business,
        }
    }

    async fn writes(&self, from: PhoneNumber, name: &str, body: &str) {
        let text = InboundText {
            provider_message: name.to_owned(),
            account: "AC1".to_owned(),
            from: CallerId::Present(from),
            to: ours(),
            body: body.to_owned(),
            media_count: 0,
            gateway_consent: None,
        };
        let answer = self.node.inbound_text(Verified::by(&Host, text)).await;
        assert_eq!(answer, TextAnswer::Taken);
    }

    /// Does what is due now, until nothing is.
    async fn work(&self) {
        while self.node.work("w", 20).await.unwrap().claimed > 0 {}
    }

    async fn later(&self, minutes: u64) {
        self.world.clock.advance(Duration::from_secs(minutes * 60));
        self.work().await;
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// What the contractor's phone was texted.
    fn texts(&self) -> Vec<String> {
        let out = self.channels.gateway.went_out();
        out.into_iter()
            .filter(|text| text.to == phone())
            .map(|text| text.body)
            .collect()
    }

    fn slack(&self) -> Vec<NoticeKind> {
        self.channels.slack.told().iter().map(|notice| notice.kind).collect()
    }

    fn emails(&self) -> Vec<NoticeKind> {
        self.channels.email.told().iter().map(|notice| notice.kind).collect()
    }

    async fn feed(&self, kind: FeedKind) -> usize {
        let feed = self.world.store.feed(self.business, 0, 1_000).await.unwrap();
        feed.iter().filter(|entry| entry.event.kind == kind).count()
    }

    async fn tasks(&self) -> Vec<Task> {
        let all = TaskFilter::default();
        self.world.store.tasks(self.business, &all, 100).await.unwrap()
    }
}

/// Nobody is disturbed from 21:00 to 7:00.
fn nights(settings: &mut Settings) {
    settings.notifications.do_not_disturb = vec![QuietTime {
        days: Weekday::ALL.to_vec(),
        from: "21:00".parse().unwrap(),
        until: "07:00".parse().unwrap(),
    }];
}

/// 11 PM in Chicago, on the day on which the clocks of tests begin.
fn night() -> Timestamp {
    Timestamp::parse("2026-11-21T05:00:00Z").unwrap()
}

#[tokio::test]
async fn an_emergency_reaches_every_channel_once_however_often_its_text_arrives() {
    let desk = Desk::open(|_| {}).await;
    for _ in 0..3 {
        desk.writes(caller(), "SM1", "the pipe burst and the basement is flooding")
            .await;
        desk.work().await;
    }
    assert_eq!(desk.slack(), [NoticeKind::Emergency]);
    assert_eq!(desk.emails(), [NoticeKind::Emergency]);
    let texts = desk.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].starts_with("EMERGENCY at "), "{texts:?}");
    assert!(texts[0].contains("the basement is flooding"), "{texts:?}");
    assert!(desk.channels.slack.told()[0].urgent);
    assert_eq!(desk.feed(FeedKind::NotificationSent).await, 3);
}

#[tokio::test]
async fn a_missed_call_is_told_while_the_caller_is_texted_and_a_channel_can_be_spared_it() {
    let desk = Desk::open(|settings| {
        settings.schedule = Schedule::always(Method::AutoTextOnly);
        settings.notifications.email.muted = vec![NoticeKind::MissedCall];
    })
    .await;
    let call = build::inbound_call("CA1", CallerId::Present(caller()), ours());
    desk.node.inbound_call(Verified::by(&Host, call)).await;
    desk.work().await;
    assert_eq!(desk.slack(), [NoticeKind::MissedCall]);
    assert!(desk.emails().is_empty());
    assert_eq!(desk.texts().len(), 1);
    assert_eq!(
        desk.channels.gateway.went_out().len(),
        2,
        "the caller's text and the contractor's"
    );
    let link = desk.channels.slack.told()[0].link.clone().unwrap();
    assert!(
        link.starts_with("https://mccc.example/b/biz_") && link.contains("/calls?call=call_"),
        "{link}"
    );
}

#[tokio::test]
async fn a_channel_that_fails_holds_up_no_other_and_is_tried_once_more_after_half_a_minute() {
    let desk = Desk::open(|_| {}).await;
    desk.channels.slack.arrange(NotifierFault::Unreachable);
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    assert_eq!((desk.emails().len(), desk.texts().len()), (1, 1));
    desk.channels.slack.arrange(NotifierFault::None);
    desk.world.clock.advance(Duration::from_secs(29));
    desk.work().await;
    assert!(desk.slack().is_empty());
    desk.world.clock.advance(Duration::from_secs(1));
    desk.work().await;
    assert_eq!(desk.slack(), [NoticeKind::ReplyNeeded]);

    desk.channels.slack.arrange(NotifierFault::Unreachable);
    desk.writes(build::phone(11), "SM2", "hello").await;
    desk.work().await;
    desk.later(1).await;
    desk.channels.slack.arrange(NotifierFault::None);
    desk.later(60).await;
    let of_it = desk
        .channels
        .slack
        .told()
        .iter()
        .filter(|notice| notice.text.contains("hello"))
        .count();
    assert_eq!(of_it, 0, "given up after the second attempt");
    assert_eq!(desk.feed(FeedKind::NotificationFailed).await, 1);
}

#[tokio::test]
async fn what_may_have_been_told_is_repeated_only_where_it_is_heard_once() {
    let desk = Desk::open(|_| {}).await;
    desk.channels.slack.arrange(NotifierFault::NoAnswer);
    desk.channels.email.arrange(NotifierFault::NoAnswer);
    desk.channels.gateway.arrange(phone(), SendFault::NoAnswer);
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    desk.channels.slack.arrange(NotifierFault::None);
    desk.channels.email.arrange(NotifierFault::None);
    desk.channels.gateway.arrange(phone(), SendFault::None);
    desk.later(20).await;
    assert_eq!(desk.slack().len(), 1);
    assert_eq!(desk.emails().len(), 1);
    assert_eq!(desk.texts().len(), 1, "a text is never sent twice");
    assert_eq!(desk.tasks().await.len(), 1, "nobody is asked to call the contractor");
}

#[tokio::test]
async fn the_night_is_summed_up_in_the_morning_and_what_was_done_meanwhile_is_left_out() {
    let desk = Desk::open(nights).await;
    desk.world.clock.set_to(night());
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.writes(build::phone(11), "SM2", "is anybody there").await;
    desk.writes(build::phone(12), "SM3", "what does a boiler cost").await;
    desk.work().await;
    assert!(desk.slack().is_empty() && desk.emails().is_empty() && desk.texts().is_empty());
    assert_eq!(desk.feed(FeedKind::NotificationHeld).await, 3);
    let done = desk.tasks().await[0].id;
    desk.node.finish_task(desk.business, done, None).await.unwrap();
    desk.later(7 * 60 + 59).await;
    assert!(desk.slack().is_empty());
    desk.later(1).await;
    assert_eq!(desk.slack(), [NoticeKind::Away]);
    assert_eq!(desk.emails(), [NoticeKind::Away]);
    let told = desk.channels.slack.told().remove(0);
    assert!(told.text.starts_with("While You Were Away at "), "{}", told.text);
    assert!(told.text.contains("2 × text waiting for an answer"), "{}", told.text);
    assert!(told.quote.unwrap().contains("is anybody there"));
    assert_eq!(desk.texts().len(), 1);
    desk.later(30).await;
    assert_eq!(desk.slack().iter().filter(|kind| **kind == NoticeKind::Away).count(), 1);
}

#[tokio::test]
async fn an_emergency_wakes_unless_the_contractor_wants_to_sleep() {
    let awake = Desk::open(nights).await;
    awake.world.clock.set_to(night());
    awake.writes(caller(), "SM1", "I smell gas in the kitchen").await;
    awake.work().await;
    assert_eq!(awake.slack(), [NoticeKind::Emergency]);
    let asleep = Desk::open(|settings| {
        nights(settings);
        settings.notifications.emergencies_always = false;
    })
    .await;
    asleep.world.clock.set_to(night());
    asleep.writes(caller(), "SM1", "I smell gas in the kitchen").await;
    asleep.work().await;
    assert!(asleep.slack().is_empty());
}

#[tokio::test]
async fn an_emergency_that_nobody_sees_to_wakes_once_more_before_its_promise_breaks() {
    let desk = Desk::open(nights).await;
    desk.world.clock.set_to(night());
    desk.writes(caller(), "SM1", "I smell gas in the kitchen").await;
    desk.work().await;
    desk.later(29).await;
    assert_eq!(desk.slack().len(), 1);
    desk.later(1).await;
    assert_eq!(desk.slack(), [NoticeKind::Emergency, NoticeKind::Emergency]);
    desk.later(60).await;
    assert_eq!(desk.slack().len(), 2);
}

#[tokio::test]
async fn a_channel_that_was_switched_off_is_told_nothing_more() {
    let desk = Desk::open(|_| {}).await;
    desk.channels.slack.arrange(NotifierFault::Unreachable);
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    desk.channels.slack.arrange(NotifierFault::None);
    let off = |settings: &mut Settings| settings.notifications.slack.on = false;
    desk.node.change_settings(desk.business, off).await.unwrap();
    desk.later(1).await;
    assert!(desk.slack().is_empty());
}

#[tokio::test]
async fn the_contractors_own_phone_is_not_told_of_itself() {
    let desk = Desk::open(|_| {}).await;
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    for n in 0..4 {
        desk.writes(phone(), &format!("SM1{n}"), "I am driving and will answer later")
            .await;
        desk.later(1).await;
    }
    assert_eq!(desk.texts().len(), 1, "two machines would go on for ever");
    assert_eq!(desk.slack().len(), 1);
}

#[tokio::test]
async fn a_stop_from_the_contractors_phone_ends_its_texts_and_no_other_channel() {
    let desk = Desk::open(|_| {}).await;
    desk.writes(phone(), "SM0", "STOP").await;
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    assert!(desk.texts().is_empty());
    assert_eq!(desk.slack(), [NoticeKind::ReplyNeeded]);
}

#[tokio::test]
async fn without_channels_nothing_is_told_and_nothing_is_kept_for_later() {
    let desk = Desk::open(|settings| {
        nights(settings);
        settings.notifications.text.on = false;
        settings.notifications.slack.on = false;
        settings.notifications.email.on = false;
    })
    .await;
    desk.world.clock.set_to(night());
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    assert_eq!(desk.feed(FeedKind::NotificationHeld).await, 0);
    desk.later(24 * 60).await;
    assert!(desk.slack().is_empty() && desk.texts().is_empty());
}

#[tokio::test]
async fn a_trial_goes_through_every_channel_also_at_night() {
    let desk = Desk::open(nights).await;
    desk.world.clock.set_to(night());
    let channels = desk.node.send_test_notice(desk.business).await.unwrap();
    assert_eq!(channels, ChannelKind::ALL);
    desk.work().await;
    assert_eq!((desk.slack().len(), desk.emails().len(), desk.texts().len()), (1, 1, 1));
}

/// The promise of these settings is 45 minutes: a warning after 30.
#[tokio::test]
async fn a_promise_is_warned_of_before_it_breaks_and_written_down_when_it_does() {
    let desk = Desk::open(|_| {}).await;
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.work().await;
    desk.later(29).await;
    assert_eq!(desk.slack(), [NoticeKind::ReplyNeeded]);
    desk.later(1).await;
    assert_eq!(desk.slack(), [NoticeKind::ReplyNeeded, NoticeKind::PromiseDue]);
    assert_eq!(desk.tasks().await[0].promise(desk.now()), Some(Promise::Pending));
    desk.later(14).await;
    assert_eq!(desk.feed(FeedKind::PromiseBroken).await, 0);
    desk.later(1).await;
    assert_eq!(desk.feed(FeedKind::PromiseBroken).await, 1);
    assert_eq!(desk.feed(FeedKind::PromiseAtRisk).await, 1);
    assert_eq!(desk.tasks().await[0].promise(desk.now()), Some(Promise::Broken));
    desk.later(600).await;
    assert_eq!(desk.slack().len(), 2, "nobody is told of it again");
}

#[tokio::test]
async fn a_promise_is_kept_by_whoever_answers_in_time() {
    let desk = Desk::open(|_| {}).await;
    desk.writes(caller(), "SM1", "can you call me").await;
    desk.later(10).await;
    let thread = desk.tasks().await[0].conversation.unwrap();
    let reply = PersonReply {
        conversation: thread,
        user: None,
        body: "On my way".to_owned(),
        key: "1".to_owned(),
    };
    desk.node.reply(desk.business, reply).await.unwrap();
    desk.work().await;
    desk.later(600).await;
    assert_eq!(desk.slack(), [NoticeKind::ReplyNeeded]);
    assert_eq!(desk.feed(FeedKind::PromiseBroken).await, 0);
    assert_eq!(desk.tasks().await[0].promise(desk.now()), Some(Promise::Kept));
}

#[tokio::test]
async fn a_text_that_names_a_time_makes_a_promise_and_one_that_names_none_makes_none() {
    for (template, promises) in [
        ("{{business_name}} will call you back within {{callback_eta}}.", true),
        ("{{business_name}} will call you back shortly.", false),
    ] {
        let desk = Desk::open(|settings| {
            settings.schedule = Schedule::always(Method::AutoTextOnly);
            settings.templates.auto_text_business_hours = serde_json::from_value(template.into()).unwrap();
            settings.templates.followup_enabled = false;
        })
        .await;
        let call = build::inbound_call("CA1", CallerId::Present(caller()), ours());
        desk.node.inbound_call(Verified::by(&Host, call)).await;
        desk.work().await;
        assert_eq!(desk.slack(), [NoticeKind::MissedCall], "the promise alone is no news");
        let tasks = desk.tasks().await;
        assert_eq!(tasks.len(), usize::from(promises));
        desk.later(30).await;
        assert_eq!(desk.slack().contains(&NoticeKind::PromiseDue), promises);
        let Some(task) = tasks.first() else { continue };
        desk.node.finish_task(desk.business, task.id, None).await.unwrap();
        desk.later(60).await;
        assert_eq!(desk.feed(FeedKind::PromiseBroken).await, 0);
    }
}
