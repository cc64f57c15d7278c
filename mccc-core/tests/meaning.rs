//! An embedding model may say how near a question is to the entries of a business. Whatever it does, callers get an answer,
//! and where it is of no use they get the one that they would get without it.
#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod host;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use host::{Host, World, call, caller, open_for_business, ours};
use mccc_core::business::{FaqEntry, Owner};
use mccc_core::center::{Limits, Ports, TextAnswer};
use mccc_core::compliance::number::Policy;
use mccc_core::conversation::Direction;
use mccc_core::conversation::understanding::{Asked, Channel, Context, Intent, Understanding, understand};
use mccc_core::port::{
    Clock as _, Embedder, InboundText, LineLookup, PortError, Providers, SmsGateway, Telephony, Verified,
};
use mccc_core::testkit::build;
use mccc_core::testkit::contract::embedder::EmbedderFault;
use mccc_core::testkit::fake::{FakeEmbedder, FakeGateway};
use mccc_core::{CallerId, CommandCenter, Timestamp};
use proptest::prelude::*;

/// A gateway in memory, and perhaps an embedding model.
#[derive(Debug)]
struct Both(Arc<FakeGateway>, Option<Arc<FakeEmbedder>>);

#[async_trait]
impl Providers for Both {
    async fn sms(&self, _owner: &Owner) -> Result<Arc<dyn SmsGateway>, PortError> {
        Ok(Arc::clone(&self.0) as _)
    }

    async fn telephony(&self, owner: &Owner) -> Result<Arc<dyn Telephony>, PortError> {
        Host.telephony(owner).await
    }

    async fn line_lookup(&self, _owner: &Owner) -> Option<Arc<dyn LineLookup>> {
        None
    }

    fn policy(&self, owner: &Owner) -> Policy {
        Host.policy(owner)
    }

    fn free_of_charge(&self, _owner: &Owner) -> bool {
        true
    }

    fn public_base_url(&self) -> String {
        String::new()
    }

    fn platform_account(&self) -> String {
        "AC1".to_owned()
    }

    fn embedder(&self, _owner: &Owner) -> Option<Arc<dyn Embedder>> {
        self.1.clone().map(|embedder| embedder as _)
    }
}

const KEYS: &str = "What happens to our spare key?";
const KEYS_ANSWER: &str = "We keep it in a safe and never label it.";
const PETS: &str = "Are your supplies safe around pets?";
const PETS_ANSWER: &str = "Yes, all of them are.";
/// Meant are the keys, in words that the rules do not know.
const MISSED: &str = "what happens with the door opener I gave you?";
const UNSURE: &str = "get back to you on that personally";

/// Directions: of the keys, of the pets, of everything else.
const TO_KEYS: [f32; 4] = [1.0, 0.1, 0.0, 0.0];
const TO_PETS: [f32; 4] = [0.0, 1.0, 0.1, 0.0];

fn entry(topic: &str, question: &str, answer: &str) -> FaqEntry {
    FaqEntry {
        topic: topic.to_owned(),
        question: question.to_owned(),
        answer: answer.to_owned(),
        alternatives: Vec::new(),
    }
}

struct Scene {
    world: World,
    gateway: Arc<FakeGateway>,
    model: Arc<FakeEmbedder>,
    owner: Arc<Owner>,
    node: Arc<CommandCenter>,
    callers: AtomicU32,
}

fn process(world: &World, gateway: &Arc<FakeGateway>, model: Option<&Arc<FakeEmbedder>>) -> CommandCenter {
    let ports = Ports {
        store: Arc::clone(&world.store),
        providers: Arc::new(Both(Arc::clone(gateway), model.cloned())),
        spool: Arc::new(Host),
        last_known: Arc::new(Host),
        clock: Arc::clone(&world.clock) as _,
        timer: Arc::clone(&world.clock) as _,
        entropy: Arc::new(Host),
    };
    CommandCenter::new(ports, Limits::default())
}

/// A model that knows what is meant.
fn knowing() -> Arc<FakeEmbedder> {
    let model = Arc::<FakeEmbedder>::default();
    model.gives(KEYS, &TO_KEYS);
    model.gives(MISSED, &TO_KEYS);
    model.gives(PETS, &TO_PETS);
    model
}

impl Scene {
    async fn open(meaning: bool, has_model: bool) -> Self {
        let world = World::new();
        let gateway = Arc::new(FakeGateway::new(Arc::clone(&world.clock) as _));
        let model = knowing();
        let node = Arc::new(process(&world, &gateway, has_model.then_some(&model)));
        let owner = open_for_business(&node).await;
        let mut settings = (*owner.settings).clone();
        settings.profile.owner_name = "Mike".to_owned();
        settings.faq = vec![entry("Keys", KEYS, KEYS_ANSWER), entry("Pets", PETS, PETS_ANSWER)];
        settings.conversation.meaning = meaning;
        let scene = Self {
            world,
            gateway,
            model,
            owner: Arc::clone(&owner),
            node,
            callers: AtomicU32::new(9),
        };
        let owner = scene
            .node
            .save_settings(owner.business, settings, owner.version)
            .await
            .unwrap();
        Self { owner, ..scene }
    }

    async fn save(&mut self, change: impl FnOnce(&mut Vec<FaqEntry>)) {
        let mut settings = (*self.owner.settings).clone();
        change(&mut settings.faq);
        let (business, version) = (self.owner.business, self.owner.version);
        self.owner = self.node.save_settings(business, settings, version).await.unwrap();
    }

    async fn writes(&self, body: &str) {
        let text = InboundText {
            provider_message: format!("SM-{}-{body}", self.world.clock.now().as_micros()),
            account: "AC1".to_owned(),
            // Nobody is answered twice with the same.
            from: CallerId::Present(build::phone(self.callers.fetch_add(1, Ordering::Relaxed))),
            to: ours(),
            body: body.to_owned(),
            media_count: 0,
            gateway_consent: None,
        };
        let answer = self.node.inbound_text(Verified::by(&Host, text)).await;
        assert_eq!(answer, TextAnswer::Taken);
    }

    async fn settle(&self) {
        for _ in 0..10 {
            self.world.clock.advance(Duration::from_secs(3));
            self.node.work("healthy", 50).await.unwrap();
        }
    }

    /// Writes, and what comes of it.
    async fn asks(&self, body: &str) -> String {
        let before = self.sent().len();
        self.writes(body).await;
        self.settle().await;
        self.sent().split_off(before).join("|")
    }

    fn sent(&self) -> Vec<String> {
        self.gateway.went_out().into_iter().map(|text| text.body).collect()
    }

    /// What came of asking, without how often.
    fn outcomes(&self) -> Vec<(&'static str, &'static str)> {
        let counts = self.node.meaning_counts();
        counts.into_iter().map(|one| (one.asked, one.outcome)).collect()
    }

    fn asked(&self) -> Vec<String> {
        self.model.seen().concat()
    }
}

#[tokio::test]
async fn a_question_in_other_words_is_answered_where_a_model_sees_what_is_meant() {
    let scene = Scene::open(true, true).await;
    let heard = scene.asks(MISSED).await;
    assert!(heard.contains(KEYS_ANSWER), "{heard}");
    let now = scene.world.clock.now();
    let thread = scene
        .world
        .store
        .thread(scene.owner.business, &caller(), now)
        .await
        .unwrap();
    let last = thread
        .messages
        .into_iter()
        .rfind(|one| one.direction == Direction::Outbound);
    assert_eq!(last.unwrap().note.as_deref(), Some("Answered from FAQ: Keys"));
    assert_eq!(scene.outcomes(), [("entries", "used"), ("text", "used")]);
    // Nobody lets it, or nobody has it: a person answers, and nothing leaves the machine.
    for (meaning, has_model) in [(false, true), (true, false)] {
        let scene = Scene::open(meaning, has_model).await;
        let heard = scene.asks(MISSED).await;
        assert!(heard.contains(UNSURE), "{heard}");
        assert_eq!(scene.asked(), [""; 0]);
        assert_eq!(scene.outcomes(), []);
    }
}

#[tokio::test]
async fn an_entry_is_surer_where_it_is_meant_and_less_sure_where_another_is() {
    let scene = Scene::open(true, true).await;
    // One of these leaves room above and below.
    let texts = [
        "is your soap safe?",
        "do you know what to do about pets at home?",
        "what supplies do you bring along for the floors?",
        "are they safe if my grandmother touches them?",
        "what do you do around pets?",
    ];
    let unsure = texts.into_iter().find_map(|text| {
        let read = plainly(&scene.owner, text, None);
        let found = read
            .faq
            .clone()
            .filter(|found| found.topic == "Pets" && found.score < 0.99)?;
        Some((text, read, found))
    });
    let (text, read, before) = unsure.unwrap();
    scene.model.gives(text, &TO_PETS);
    let meant = scene
        .node
        .read_with_meaning(&scene.owner, text, None, read.clone(), &[])
        .await;
    let found = meant.faq.unwrap();
    assert!(found.topic == "Pets" && found.score >= before.score, "{found:?}");
    assert_eq!(found.evidence.last().map(String::as_str), Some("meaning, 1.00"));
    scene.model.gives(text, &TO_KEYS);
    let meant = scene.node.read_with_meaning(&scene.owner, text, None, read, &[]).await;
    let less_sure = meant
        .faq
        .as_ref()
        .is_none_or(|found| found.topic == "Keys" || found.score < before.score);
    assert!(less_sure, "{before:?} {:?}", meant.faq);
}

#[tokio::test]
async fn whatever_a_model_does_the_caller_is_answered_as_without_one() {
    let (wait, long) = (Duration::from_secs(90), vec![vec![1.0; 7]; 14]);
    let faults = [
        (EmbedderFault::Unreachable, "unavailable"),
        (EmbedderFault::Silent, "unavailable"),
        (EmbedderFault::Busy(wait), "rate_limited"),
        (EmbedderFault::KeyRefused, "not_admitted"),
        (EmbedderFault::NoSuchModel, "not_admitted"),
        (EmbedderFault::NotUnderstood, "declined"),
        (EmbedderFault::Garbage, "garbage"),
    ];
    for (fault, reason) in faults {
        let scene = Scene::open(true, true).await;
        scene.model.arrange(fault);
        let heard = scene.asks(MISSED).await;
        assert!(heard.contains(UNSURE), "{fault:?}: {heard}");
        assert_eq!(scene.outcomes(), [("entries", reason)], "{fault:?}");
        assert_eq!(scene.sent().len(), 1, "{fault:?}");
        // And so when it fails only at the text.
        let scene = Scene::open(true, true).await;
        scene.asks("so what about the pets thing?").await;
        scene.model.arrange(fault);
        let heard = scene.asks(MISSED).await;
        assert!(heard.contains(UNSURE), "{fault:?}: {heard}");
        assert!(scene.outcomes().contains(&("text", reason)), "{:?}", scene.outcomes());
    }
    // Adapters that break their contract.
    for (raw, reason) in [
        (Vec::new(), "count"),
        (vec![vec![1.0]; 13], "count"),
        (vec![Vec::new(); 14], "dimension"),
        (vec![vec![f32::NAN; 4]; 14], "not_a_number"),
        (vec![vec![0.0; 4]; 14], "not_a_number"),
    ] {
        let scene = Scene::open(true, true).await;
        scene.model.answers_with(Some(raw));
        let heard = scene.asks(MISSED).await;
        assert!(heard.contains(UNSURE), "{reason}: {heard}");
        assert_eq!(scene.outcomes(), [("entries", reason)]);
    }
    // One that says the same of everything says nothing.
    let scene = Scene::open(true, true).await;
    scene.model.answers_with(Some(long));
    let heard = scene.asks(MISSED).await;
    assert!(heard.contains(UNSURE), "{heard}");
}

#[tokio::test]
async fn a_model_that_never_answers_is_given_up_soon() {
    // At the entries, and at the text.
    for known in [false, true] {
        let scene = Scene::open(true, true).await;
        if known {
            scene.asks("so what about the pets thing?").await;
        }
        scene.model.thinks();
        scene.writes(MISSED).await;
        let asked = scene.model.seen().len();
        scene.world.clock.advance(Duration::from_secs(3));
        let began = scene.world.clock.now();
        let node = Arc::clone(&scene.node);
        let work = tokio::spawn(async move { node.work("waiting", 50).await.map(|_| ()) });
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert!(scene.model.seen().len() > asked, "it was not asked");
        assert!(scene.world.clock.advance_to_next_sleeper());
        work.await.unwrap().unwrap();
        let waited = scene.world.clock.now().since(began);
        let most = if known {
            Duration::from_millis(1_500)
        } else {
            Duration::from_secs(5)
        };
        assert_eq!(waited, most);
        scene.settle().await;
        let sent = scene.sent();
        assert!(sent.last().unwrap().contains(UNSURE), "{sent:?}");
        let what = if known { "text" } else { "entries" };
        assert!(scene.outcomes().contains(&(what, "late")), "{:?}", scene.outcomes());
    }
}

#[tokio::test]
async fn a_model_that_keeps_failing_is_left_alone_for_a_while() {
    let scene = Scene::open(true, true).await;
    scene.model.arrange(EmbedderFault::Broken);
    for _ in 0..6 {
        scene.asks(MISSED).await;
    }
    assert!(scene.model.seen().len() < 6, "{}", scene.model.seen().len());
    assert!(
        scene.outcomes().contains(&("entries", "resting")),
        "{:?}",
        scene.outcomes()
    );
    scene.model.arrange(EmbedderFault::None);
    scene.world.clock.advance(Duration::from_secs(60));
    let heard = scene.asks(MISSED).await;
    assert!(heard.contains(KEYS_ANSWER), "{heard}");
}

#[tokio::test]
async fn an_entry_is_asked_for_once_however_often_settings_are_saved() {
    let mut scene = Scene::open(true, true).await;
    scene.asks(MISSED).await;
    let count = |scene: &Scene, text: &str| scene.asked().iter().filter(|asked| *asked == text).count();
    scene.asks(MISSED).await;
    scene.save(|_| {}).await;
    scene.asks(MISSED).await;
    assert_eq!(
        (count(&scene, KEYS), count(&scene, PETS), count(&scene, MISSED)),
        (1, 1, 3)
    );
    // A new wording is asked for; the others are known.
    let gone = "Where do you leave the keys?";
    scene.save(|faq| faq[0].alternatives = vec![gone.to_owned()]).await;
    scene.asks(MISSED).await;
    assert_eq!((count(&scene, KEYS), count(&scene, gone)), (1, 1));
    assert_eq!(
        scene
            .model
            .seen()
            .iter()
            .filter(|batch| batch.contains(&gone.to_owned()))
            .count(),
        1
    );
}

#[tokio::test]
async fn another_model_under_the_same_name_is_noticed_and_learned_anew() {
    let scene = Scene::open(true, true).await;
    scene.asks("so what about the pets thing?").await;
    for (text, vector) in [(KEYS, TO_KEYS), (MISSED, TO_KEYS), (PETS, TO_PETS)] {
        let longer = [vector.as_slice(), &[0.0, 0.0]].concat();
        scene.model.gives(text, &longer);
    }
    let heard = scene.asks(MISSED).await;
    assert!(heard.contains(UNSURE), "{heard}");
    assert!(
        scene.outcomes().contains(&("text", "dimension")),
        "{:?}",
        scene.outcomes()
    );
    let heard = scene.asks(MISSED).await;
    assert!(heard.contains(KEYS_ANSWER), "{heard}");
}

#[tokio::test]
async fn a_question_is_taken_out_of_its_story_and_what_is_known_of_the_caller_is_hidden() {
    let scene = Scene::open(true, true).await;
    scene
        .model
        .gives("what happens with the door opener I gave you?", &TO_KEYS);
    let heard = scene
        .asks("Our gate code was 4711 and 5125550177 was my old number. what happens with the door opener I gave you?")
        .await;
    assert!(heard.contains(KEYS_ANSWER), "{heard}");
    let asked = scene.asked().join("|");
    assert!(!asked.contains("4711") && !asked.contains("0177"), "{asked}");
}

#[tokio::test]
async fn nothing_but_questions_leaves_the_machine_and_no_call_ever_waits() {
    let scene = Scene::open(true, true).await;
    scene.node.inbound_call(call("CA1")).await;
    for text in [
        "I need to book an appointment",
        "are you open on sunday?",
        "I smell gas in the kitchen",
        "how much is a new water heater?",
        "this is the second time your guy did not show up",
        "thanks!",
        "STOP",
    ] {
        scene.asks(text).await;
        assert_eq!(scene.asked(), [""; 0], "{text}");
    }
}

/// Everything but what meaning may change.
fn rest(read: &Understanding) -> Understanding {
    Understanding {
        intent: Intent::Other,
        confidence: 0.0,
        faq: None,
        ..read.clone()
    }
}

/// Words of which texts are made that touch every reading.
const WORDS: &[&str] = &[
    "what",
    "do",
    "you",
    "happens",
    "with",
    "the",
    "key",
    "spare",
    "pets",
    "safe",
    "supplies",
    "are",
    "stop",
    "texting",
    "me",
    "gas",
    "leak",
    "book",
    "appointment",
    "tuesday",
    "how",
    "much",
    "does",
    "it",
    "cost",
    "cancel",
    "yes",
    "2",
    "?",
    "!",
    "open",
    "sunday",
    "hours",
    "flooding",
    "call",
    "512-555-0123",
    "terrible",
    "service",
    "C",
    "R",
    "thanks",
    "🔥",
    "¿cuánto",
    "opener",
    "door",
    "I",
    "gave",
    ".",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(WORDS), 0..12).prop_map(|words| words.join(" ")),
        "\\PC{0,60}",
    ]
}

fn any_asked() -> impl Strategy<Value = Option<Asked>> {
    prop::option::of(prop::sample::select(Asked::ALL))
}

fn plainly(owner: &Owner, text: &str, asked: Option<Asked>) -> Understanding {
    let context = Context {
        asked,
        ..Context::default()
    };
    let now = Timestamp::from_seconds(1_796_223_600);
    understand(
        text,
        Channel::Sms,
        &context,
        &owner.settings.profile,
        owner.questions(),
        now,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Without a model, with one that nobody lets, and with one that fails in any way.
    #[test]
    fn a_text_is_understood_as_ever_where_no_model_is_of_use(
        text in any_text(),
        asked in any_asked(),
        fault in prop::sample::select(vec![
            EmbedderFault::Unreachable,
            EmbedderFault::Busy(Duration::from_secs(9)),
            EmbedderFault::KeyRefused,
            EmbedderFault::NotUnderstood,
            EmbedderFault::Garbage,
        ]),
        raw in prop::collection::vec(prop::collection::vec(prop_oneof![Just(f32::NAN), Just(f32::INFINITY)], 0..4), 0..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for (meaning, has_model, fails) in [(true, false, None), (false, true, None), (true, true, Some(true)), (true, true, Some(false))] {
                let scene = Scene::open(meaning, has_model).await;
                match fails {
                    Some(true) => scene.model.arrange(fault),
                    Some(false) => scene.model.answers_with(Some(raw.clone())),
                    None => {}
                }
                let read = plainly(&scene.owner, &text, asked);
                let meant = scene.node.read_with_meaning(&scene.owner, &text, asked, read.clone(), &[]).await;
                assert_eq!(meant, read);
            }
        });
    }

    /// Whatever a model says: only the entry that answers may be another, and only nothing may become a question.
    #[test]
    fn meaning_changes_nothing_but_which_entry_answers(
        text in any_text(),
        asked in any_asked(),
        vectors in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 4), 3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::open(true, true).await;
            for (of, vector) in [KEYS, PETS, text.trim()].into_iter().zip(&vectors) {
                scene.model.gives(of, vector);
            }
            let read = plainly(&scene.owner, &text, asked);
            let meant = scene.node.read_with_meaning(&scene.owner, &text, asked, read.clone(), &[]).await;
            assert_eq!(rest(&meant), rest(&read));
            let by_profile = read.faq.as_ref().is_some_and(|found| found.entry.is_none());
            match (read.intent, meant.intent) {
                (before, after) if before == after => {
                    assert!(before == Intent::Faq || meant.faq == read.faq);
                    assert!(!by_profile || meant.faq == read.faq);
                    assert_eq!(meant.confidence, read.confidence);
                }
                (Intent::Other, Intent::Faq) => assert!(meant.faq.is_some()),
                (before, after) => panic!("{before:?} became {after:?}"),
            }
        });
    }
}
