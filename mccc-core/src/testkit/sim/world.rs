//! One run: a business, its callers, two or more nodes, and everything that can go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::executor::{Dice, Executor, LOOK_AGAIN, NodeClock, Time, VirtualTimer};
use super::gateway::{Book, SimGateway, SimProviders};
use super::invariants;
use super::model::SimModel;
use super::sabotage::Sabotage;
use super::store::{SimStore, Trouble, ended_job};
use super::stores::Stores;
use super::tally::{Happening, Tally};
use crate::business::{AnswerMode, NumberKind, OwnedLine, Owner, Settings};
use crate::center::{CallAnswer, CommandCenter, LastKnown, Limits, PersonReply, Ports, TextAnswer};
use crate::conversation::voice::ModelUse;
use crate::conversation::{CallerFlags, MessageKind, MessageStatus};
use crate::messages::FollowUpDelay;
use crate::port::store::{CallKey, Change, ClaimRequest, Commit};
use crate::port::{
    Attestation, CallProgress, CallStatus, Clock, DeliveryStatus, InboundCall, InboundSource, InboundText, RawWebhook,
    RecordingProgress, RecordingStatus, Spool, SpoolEntry, SpoolError, SpooledEvent, Store, TextProgress, Verified,
    WebhookRejection,
};
use crate::routing::{Method, Schedule};
use crate::zone::Zone;
use crate::{BusinessId, CallerId, PhoneNumber, Timestamp};

/// How a run is set up.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Decides everything.
    pub seed: u64,
    /// Nodes on the one store.
    pub nodes: usize,
    /// Things that happen from outside.
    pub events: u32,
    /// The bug to plant, if one.
    pub sabotage: Option<Sabotage>,
}

impl Options {
    /// A run as every gate makes it: two nodes, 220 events, no bug.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            nodes: 2,
            events: 220,
            sabotage: None,
        }
    }
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Hash over everything that went out and everything that was stored: equal for equal seeds.
    pub trace: String,
    /// Broken promises; empty when all held.
    pub violations: Vec<String>,
    /// Calls whose answer was given.
    pub calls: usize,
    /// Texts that went out.
    pub texts: usize,
    /// Things that happened from outside.
    pub events: u32,
    /// What went wrong or raced, and how often.
    pub happened: BTreeMap<Happening, u64>,
}

/// What the world outside knows.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// Calls whose answer was given, with it.
    pub(super) answered: BTreeMap<String, String>,
    /// Inbound texts that were acknowledged.
    pub(super) texts: BTreeSet<String>,
    /// Broken promises found on the way.
    pub(super) violations: Vec<String>,
    /// Callers who asked something and were acknowledged.
    pub(super) replies: BTreeSet<PhoneNumber>,
    /// Callers who were blocked, with when that was acknowledged.
    pub(super) blocked: BTreeMap<PhoneNumber, Timestamp>,
    /// Schedules that were saved: version, method, and when that was acknowledged.
    pub(super) saved: Vec<(u64, Method, Timestamp)>,
    /// Saves that were begun and never acknowledged, with when they began: they may have been made.
    pub(super) doubtful: Vec<(Timestamp, Method)>,
    /// STARTs that were sent and not acknowledged: they may count at any time.
    pub(super) open_starts: BTreeMap<PhoneNumber, u32>,
    /// STARTs that were ever sent.
    pub(super) starts: BTreeMap<PhoneNumber, u32>,
    /// STOPs that are under way.
    pub(super) open_stops: BTreeMap<PhoneNumber, u32>,
}

/// The network itself vouches for its events.
#[derive(Debug)]
struct Network;

impl InboundSource for Network {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn check(&self, _request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
        Err(WebhookRejection::Unsigned)
    }
}

/// A spool that survives its node, as a disk does.
#[derive(Debug, Default)]
struct SimSpool {
    entries: Mutex<BTreeMap<u64, SpoolEntry>>,
    places: AtomicU64,
    tally: Arc<Tally>,
}

impl SimSpool {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<u64, SpoolEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Spool for SimSpool {
    async fn append(&self, entry: &SpoolEntry) -> Result<(), SpoolError> {
        let mut entries = self.entries();
        // A place is never given twice, as a file's growing positions are not.
        let token = self.places.fetch_add(1, Ordering::Relaxed);
        entries.insert(token, entry.clone());
        self.tally.note(Happening::Spooled);
        Ok(())
    }

    async fn pending(&self, limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError> {
        Ok(self
            .entries()
            .iter()
            .take(limit)
            .map(|(token, entry)| (*token, entry.clone()))
            .collect())
    }

    async fn remove(&self, token: u64) -> Result<(), SpoolError> {
        if self.entries().remove(&token).is_some() {
            self.tally.note(Happening::Replayed);
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Remembered(Mutex<BTreeMap<PhoneNumber, Arc<Owner>>>);

impl LastKnown for Remembered {
    fn get(&self, dialled: &PhoneNumber) -> Option<Arc<Owner>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(dialled)
            .cloned()
    }

    fn put(&self, owner: &Arc<Owner>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for line in &owner.lines {
            known.insert(line.number, Arc::clone(owner));
        }
    }
}

/// The parts of a run that every task shares.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) dice: Arc<Dice>,
    pub(super) time: Arc<Time>,
    pub(super) gateway: Arc<SimGateway>,
    pub(super) truth: Arc<dyn Store>,
    stores: Stores,
    pub(super) business: BusinessId,
    pub(super) ours: PhoneNumber,
    /// Another business that the same callers know: an opt-out there counts here.
    pub(super) other: BusinessId,
    others_number: PhoneNumber,
    pub(super) callers: Vec<PhoneNumber>,
    pub(super) outside: Mutex<Outside>,
    calm: Arc<AtomicBool>,
    pub(super) tally: Arc<Tally>,
    /// Commits that their node has given up on and that are still on their way.
    late: Arc<Mutex<Vec<Commit>>>,
    troubles: Vec<Arc<Trouble>>,
    spools: Vec<Arc<SimSpool>>,
    known: Vec<Arc<Remembered>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What a caller says who wants an appointment, in an order in which it can lead to one.
const TALK: &[&str] = &[
    "My kitchen sink is clogged, can someone come tomorrow?",
    "It can wait",
    "Ann Lee",
    "12 Oak Street",
    "1",
    "2",
    "R",
    "C",
    "yes",
    "please cancel my appointment",
];

/// The start of every run: a Wednesday noon in Chicago.
const START: Timestamp = Timestamp::from_seconds(1_782_925_200);
const CALLERS: u64 = 20;
/// How often waiting events are replayed at the end, each time as far as they can be applied.
const REPLAYS: usize = 10;
/// A node's clock is at most this far from the run's time, either way.
pub(super) const MAX_SKEW: Duration = Duration::from_secs(2);

/// Runs one seed against the stores that `make` builds over the run's clock. They must be empty. Blocks the thread, which
/// must not be one of a Tokio runtime.
///
/// # Errors
/// A sentence when the run could not even be set up.
pub fn run(options: Options, make: impl FnOnce(Arc<dyn Clock>) -> Stores) -> Result<Report, String> {
    let dice = Arc::new(Dice::new(options.seed));
    let time = Time::starting_at(START);
    let tally: Arc<Tally> = Arc::default();
    let stores = make(Arc::clone(&time) as Arc<dyn Clock>);
    let bridge = stores.bridge.clone();
    // An operation that is dropped halfway cleans up on its runtime.
    let _inside = bridge.as_ref().map(|bridge| bridge.runtime.enter());
    let number = |text: String| PhoneNumber::parse(&text).map_err(|error| error.to_string());
    let callers = (0..CALLERS)
        .map(|n| number(format!("+1512456{:04}", 2000 + n)))
        .collect::<Result<Vec<_>, _>>()?;
    let world = World {
        options,
        gateway: Arc::new(SimGateway {
            book: Mutex::new(Book::default()),
            dice: Arc::clone(&dice),
            clock: Arc::clone(&time) as Arc<dyn Clock>,
            tally: Arc::clone(&tally),
            faults: 6,
        }),
        truth: Arc::clone(&stores.truth),
        stores,
        business: BusinessId::derive(START, "sim"),
        ours: number("+15124569999".to_owned())?,
        other: BusinessId::derive(START, "other"),
        others_number: number("+15124568888".to_owned())?,
        callers,
        outside: Mutex::default(),
        calm: Arc::default(),
        late: Arc::default(),
        troubles: (0..options.nodes).map(|_| Arc::default()).collect(),
        spools: (0..options.nodes)
            .map(|_| {
                Arc::new(SimSpool {
                    entries: Mutex::default(),
                    places: AtomicU64::new(1),
                    tally: Arc::clone(&tally),
                })
            })
            .collect(),
        known: (0..options.nodes).map(|_| Arc::default()).collect(),
        dice,
        time,
        tally,
    };
    world.play()
}

impl World {
    pub(super) fn outside(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn violate(&self, what: impl Into<String>) {
        self.outside().violations.push(what.into());
    }

    /// A node: its own clock, its own memory, the shared store behind faults.
    fn node(&self, index: usize) -> Arc<CommandCenter> {
        let (Some(spool), Some(known), Some(trouble)) =
            (self.spools.get(index), self.known.get(index), self.troubles.get(index))
        else {
            unreachable_node();
        };
        let store = SimStore {
            inner: Arc::clone(self.stores.of_node(index)),
            dice: Arc::clone(&self.dice),
            time: Arc::clone(&self.time),
            trouble: Arc::clone(trouble),
            tally: Arc::clone(&self.tally),
            late: Arc::clone(&self.late),
            outages: 60,
            lost_answers: 25,
            calm: Arc::clone(&self.calm),
            sabotage: self.options.sabotage,
        };
        let clock = NodeClock {
            time: Arc::clone(&self.time),
            trouble: Arc::clone(trouble),
        };
        let limits = Limits {
            lease: Duration::from_secs(20),
            ..Limits::default()
        };
        Arc::new(CommandCenter::new(
            Ports {
                store: Arc::new(store),
                providers: Arc::new(SimProviders(Arc::clone(&self.gateway), Arc::new(self.model()))),
                spool: Arc::clone(spool) as Arc<dyn Spool>,
                last_known: Arc::clone(known) as Arc<dyn LastKnown>,
                clock: Arc::new(clock),
                timer: Arc::new(VirtualTimer(Arc::clone(&self.time))),
                entropy: Arc::clone(&self.dice) as Arc<dyn crate::port::Entropy>,
            },
            limits,
        ))
    }

    fn model(&self) -> SimModel {
        SimModel {
            dice: Arc::clone(&self.dice),
            timer: VirtualTimer(Arc::clone(&self.time)),
            tally: Arc::clone(&self.tally),
        }
    }

    fn settings(&self, method: Method) -> Result<Settings, String> {
        let zone = Zone::parse("America/Chicago").map_err(|error| error.to_string())?;
        let mut settings = Settings::new("Sim Plumbing", zone);
        settings.schedule = Schedule::always(method);
        settings.templates.followup_delay_minutes = FollowUpDelay::Minutes15;
        // One run in four has nobody but people to answer texts.
        if self.options.seed.is_multiple_of(4) {
            settings.conversation.answers = AnswerMode::Off;
        }
        // One in three has no language model; the others have one that lies.
        settings.conversation.model = match self.options.seed % 3 {
            0 => ModelUse::PhraseAndClassify,
            1 => ModelUse::Phrase,
            _ => ModelUse::Off,
        };
        Ok(settings)
    }

    fn play(self) -> Result<Report, String> {
        self.set_up()?;
        let mut executor = Executor::over(self.stores.bridge.as_deref());
        let mut nodes: Vec<Arc<CommandCenter>> = (0..self.options.nodes).map(|index| self.node(index)).collect();
        let mut serial: u64 = 0;
        for _ in 0..self.options.events {
            serial += 1;
            self.happen(&mut executor, &mut nodes, serial);
            let polls = self.dice.below(60);
            executor.turn(&self.dice, &self.tally, polls);
            self.land_one(&mut executor);
            executor.end_what_flies(&self.tally);
            let pause = Duration::from_millis(self.dice.below(4_000));
            self.time
                .advance(if self.dice.once_in(12) { pause * 60 } else { pause });
        }
        while self.land(&mut executor) {}
        self.settle(&mut executor, &nodes)?;
        drop(executor);
        invariants::check(&self)?;
        if let Some(difference) = self
            .stores
            .bridge
            .as_ref()
            .and_then(|bridge| bridge.difference().take())
        {
            self.violate(difference);
        }
        let outside = self.outside();
        let violations = outside.violations.clone();
        let calls = outside.answered.len();
        drop(outside);
        let texts = self.gateway.book().went_out.len();
        Ok(Report {
            trace: self.trace()?,
            violations,
            calls,
            texts,
            events: self.options.events,
            happened: self.tally.taken(),
        })
    }

    /// Sometimes a commit that its node has given up on reaches the database after all.
    fn land_one<'a>(&'a self, executor: &mut Executor<'a>) {
        if self.dice.once_in(2) {
            self.land(executor);
        }
    }

    fn land<'a>(&'a self, executor: &mut Executor<'a>) -> bool {
        let Some(commit) = self.late.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
            return false;
        };
        executor.spawn(None, async move {
            let ended = ended_job(&commit);
            if self.truth.commit(commit).await.is_ok() {
                self.tally.note(Happening::LandedLate);
                self.tally.applied(ended);
            }
        });
        true
    }

    fn set_up(&self) -> Result<(), String> {
        let center = self.node(0);
        self.calm.store(true, Ordering::Relaxed);
        let line = OwnedLine {
            number: self.ours,
            kind: NumberKind::Forwarding,
            account: "AC-sim".into(),
            provider_number: None,
        };
        let made = self.block_on(center.create_business(
            Some(self.business),
            self.settings(Method::AutoTextOnly)?,
            vec![line],
        ));
        let line = OwnedLine {
            number: self.others_number,
            kind: NumberKind::Forwarding,
            account: "AC-sim".into(),
            provider_number: None,
        };
        let also =
            self.block_on(center.create_business(Some(self.other), self.settings(Method::Voicemail)?, vec![line]));
        also.map_err(|error| error.to_string())?;
        self.calm.store(false, Ordering::Relaxed);
        let owner = made.map_err(|error| error.to_string())?;
        for known in &self.known {
            known.put(&owner);
        }
        let now = self.time.now();
        self.outside().saved.push((owner.version, Method::AutoTextOnly, now));
        Ok(())
    }

    /// Runs one future to its end with nothing else going on.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        // A task may look at the store while the others are held.
        let _let_go = self.stores.bridge.as_ref().map(|bridge| bridge.hold(false));
        loop {
            if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut context) {
                return done;
            }
            match &self.stores.bridge {
                Some(bridge) if bridge.is_flying() => bridge.wait(LOOK_AGAIN),
                Some(_) | None => self.time.advance(Duration::from_micros(50)),
            }
        }
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(from.len()).unwrap_or(0);
        from.get(usize::try_from(self.dice.below(count)).unwrap_or(0))
    }

    /// One thing happens.
    fn happen<'a>(&'a self, executor: &mut Executor<'a>, nodes: &mut [Arc<CommandCenter>], serial: u64) {
        let index = usize::try_from(self.dice.below(u64::try_from(nodes.len()).unwrap_or(1))).unwrap_or(0);
        let (Some(node), Some(caller)) = (nodes.get(index).cloned(), self.pick(&self.callers).copied()) else {
            return;
        };
        // One caller is in the thick of it, so that what concerns the same number meets.
        let caller = match self.callers.first() {
            Some(first) if self.dice.once_in(2) => *first,
            Some(_) | None => caller,
        };
        match self.dice.below(38) {
            0..=4 => {
                let call = if self.dice.once_in(5) {
                    self.tally.note(Happening::Repeated);
                    serial.saturating_sub(1)
                } else {
                    serial
                };
                executor.spawn(Some(index), self.calls(node, call));
            }
            5 => executor.spawn(Some(index), self.writes(node, caller, serial, "STOP")),
            6 => executor.spawn(Some(index), self.writes(node, caller, serial, "START")),
            7..=8 => executor.spawn(Some(index), self.writes(node, caller, serial, "Can you come tomorrow?")),
            18 => {
                // Whatever the machine has asked, something of this is an answer; some of them book.
                let words = self.pick(TALK).copied().unwrap_or("1");
                executor.spawn(Some(index), self.writes(node, caller, serial, words));
            }
            32 => {
                // Two texts of one caller on two nodes, both of which may choose.
                let also = self.pick(nodes).cloned().unwrap_or_else(|| Arc::clone(&node));
                executor.spawn(Some(index), self.writes(node, caller, serial, "1"));
                executor.spawn(Some(index), self.writes(also, caller, serial + 2_000_000, "2"));
                self.all_work(executor, nodes, serial);
            }
            9..=12 => executor.spawn(Some(index), self.works(node, index, serial)),
            13 => executor.spawn(Some(index), self.saves(node)),
            14..=15 => executor.spawn(Some(index), self.reports(node)),
            16 => {
                // The node dies and comes back with an empty memory; its disk is still there.
                if executor.is_busy(index) {
                    self.tally.note(Happening::Killed);
                }
                executor.kill(index);
                let fresh = self.node(index);
                executor.spawn(Some(index), replay(Arc::clone(&fresh)));
                if let Some(slot) = nodes.get_mut(index) {
                    *slot = fresh;
                }
            }
            17 => executor.spawn(Some(index), replay(node)),
            33 if self.dice.once_in(6) => executor.spawn(None, self.blocks(caller)),
            34..=36 => {
                // A talk goes on: one caller says one thing after the other, and the workers answer.
                for (which, words) in TALK.iter().enumerate().take(5) {
                    let serial = serial * 10 + u64::try_from(which).unwrap_or(0) + 3_000_000;
                    executor.spawn(Some(index), self.writes(Arc::clone(&node), caller, serial, words));
                    executor.turn(&self.dice, &self.tally, self.dice.below(60));
                    self.time.advance(Duration::from_secs(9));
                    self.all_work(executor, nodes, serial);
                    executor.turn(&self.dice, &self.tally, self.dice.below(120));
                }
            }
            19..=20 => self.all_work(executor, nodes, serial),
            21..=22 => {
                // The text of a call is about to go out while its caller says no, perhaps on another node.
                executor.spawn(Some(index), self.calls(Arc::clone(&node), serial));
                let caller = self.caller_of(serial);
                executor.spawn(Some(index), self.answers(Arc::clone(&node), caller, serial));
                executor.turn(&self.dice, &self.tally, 80);
                self.all_work(executor, nodes, serial);
                executor.turn(&self.dice, &self.tally, self.dice.below(60));
                executor.spawn(Some(index), self.writes(node, caller, serial, "STOP"));
                executor.turn(&self.dice, &self.tally, self.dice.below(40));
            }
            23 => {
                // A change of mind overtakes itself.
                let also = self.pick(nodes).cloned().unwrap_or_else(|| Arc::clone(&node));
                let words = if self.dice.once_in(2) {
                    ["STOP", "START"]
                } else {
                    ["START", "STOP"]
                };
                for (which, (at, word)) in [node, also].into_iter().zip(words).enumerate() {
                    let serial = serial * 10 + u64::try_from(which).unwrap_or(0) + 1_000_000;
                    executor.spawn(Some(index), self.writes(at, caller, serial, word));
                    executor.turn(&self.dice, &self.tally, self.dice.below(12));
                }
                self.all_work(executor, nodes, serial);
            }
            24 => {
                // The schedule is saved on one node while another answers calls.
                let also = self.pick(nodes).cloned().unwrap_or_else(|| Arc::clone(&node));
                executor.spawn(Some(index), self.saves(node));
                executor.spawn(Some(index), self.calls(also, serial));
            }
            25 => self.trouble(index, |trouble| &trouble.away_until),
            26 => self.trouble(index, |trouble| &trouble.slow_until),
            27 => self.set_clock(index),
            28..=31 => executor.spawn(Some(index), self.answers(node, caller, serial)),
            _ => {
                self.tally.note(Happening::StoodStill);
                self.time.advance(Duration::from_secs(25));
            }
        }
    }

    /// Every node asks for work at once.
    fn all_work<'a>(&'a self, executor: &mut Executor<'a>, nodes: &[Arc<CommandCenter>], serial: u64) {
        for (index, node) in nodes.iter().enumerate() {
            executor.spawn(Some(index), self.works(Arc::clone(node), index, serial));
        }
    }

    /// A node's database is in trouble for a while.
    fn trouble(&self, index: usize, what: impl Fn(&Trouble) -> &AtomicI64) {
        if let Some(trouble) = self.troubles.get(index) {
            let until = self.time.now().plus(Duration::from_millis(self.dice.below(20_000)));
            what(trouble).store(until.as_micros(), Ordering::Relaxed);
        }
    }

    /// A node's clock is set, forward or back.
    fn set_clock(&self, index: usize) {
        let Some(trouble) = self.troubles.get(index) else {
            return;
        };
        let span = 2 * MAX_SKEW.as_micros();
        let offset = i128::from(self.dice.below(u64::try_from(span).unwrap_or(u64::MAX)));
        let ahead = i64::try_from(offset - i128::try_from(MAX_SKEW.as_micros()).unwrap_or(0)).unwrap_or(0);
        let before = trouble.ahead.swap(ahead, Ordering::Relaxed);
        self.tally.note(if ahead > before {
            Happening::ClockForward
        } else {
            Happening::ClockBack
        });
    }

    /// The provider repeats a call only as it was: the caller belongs to the identifier.
    fn caller_of(&self, serial: u64) -> PhoneNumber {
        let index = if serial.is_multiple_of(2) { 0 } else { serial % CALLERS };
        let index = usize::try_from(index).unwrap_or(0);
        self.callers.get(index).copied().unwrap_or(self.ours)
    }

    async fn calls(&self, node: Arc<CommandCenter>, serial: u64) {
        let provider_call = format!("CA{serial:06}");
        let caller = self.caller_of(serial);
        let event = InboundCall {
            provider_call: provider_call.clone(),
            account: "AC-sim".into(),
            caller: CallerId::Present(caller),
            dialled: self.ours,
            forwarded_from: None,
            caller_name: None,
            attestation: Attestation::None,
        };
        // A call that waits on one node's disk is not yet known to another; once it is stored, its answer stands.
        let stored = self.stored_answer(&provider_call);
        let answer = node.inbound_call(Verified::by(&Network, event)).await;
        let CallAnswer::Reply(reply) = answer else { return };
        let text = serde_json::to_string(&reply).unwrap_or_default();
        if self.is_on_disk(&provider_call) {
            // Answered without the database, which may hold another answer: answering wins.
            self.outside().answered.entry(provider_call).or_insert(text);
        } else {
            self.note_answer(provider_call, text, stored);
        }
        let ended = CallProgress {
            provider_call: format!("CA{serial:06}"),
            our_number: self.ours,
            status: CallStatus::Completed,
            sequence: None,
            duration_seconds: Some(9),
            answered_by_machine: None,
        };
        let _lost_news_comes_again = node.call_progress(Verified::by(&Network, ended)).await;
        if self.dice.once_in(4) {
            let left = RecordingProgress {
                provider_call: format!("CA{serial:06}"),
                provider_recording: format!("RE{serial:06}"),
                status: RecordingStatus::Completed,
                duration_seconds: Some(12),
            };
            let _lost = node
                .recording_progress(self.business, Verified::by(&Network, left))
                .await;
        }
    }

    async fn writes(&self, node: Arc<CommandCenter>, caller: PhoneNumber, serial: u64, body: &str) {
        let provider_message = format!("SMIN{serial:06}");
        let event = InboundText {
            provider_message: provider_message.clone(),
            account: "AC-sim".into(),
            from: CallerId::Present(caller),
            to: if body == "STOP" && self.dice.once_in(2) {
                self.others_number
            } else {
                self.ours
            },
            body: body.to_owned(),
            media_count: 0,
            gateway_consent: None,
        };
        let count = |of: &mut BTreeMap<PhoneNumber, u32>| *of.entry(caller).or_insert(0) += 1;
        if body == "START" {
            // From the moment the caller says START, texts may begin again.
            self.gateway.book().stopped.insert(caller, false);
            count(&mut self.outside().open_starts);
            count(&mut self.outside().starts);
        }
        if body == "STOP" {
            count(&mut self.outside().open_stops);
        }
        if matches!(body, "STOP" | "START") && self.is_contested(&caller) {
            self.tally.note(Happening::StopMetStart);
        }
        let starts = self.starts_of(&caller);
        let alone = !self.is_arguing(&caller);
        let taken = self.delivers(&node, &event).await;
        if body == "STOP" {
            less(&mut self.outside().open_stops, caller);
        }
        if !taken {
            return;
        }
        if body == "START" {
            less(&mut self.outside().open_starts, caller);
        }
        if body == "STOP" && !self.is_arguing(&caller) {
            // Words that overlapped have no order to hold us to: then the store says which one was the last.
            let undisputed = alone && starts == self.starts_of(&caller);
            if undisputed || self.is_stopped(&caller) {
                self.gateway.book().stopped.insert(caller, true);
            }
            if undisputed && event.to == self.ours {
                self.nothing_is_queued(&caller);
            }
        }
        self.note_text(provider_message, body, caller);
        // The provider may deliver it once more.
        if self.dice.once_in(3) {
            self.tally.note(Happening::Repeated);
            let _again = node.inbound_text(Verified::by(&Network, event)).await;
        }
    }

    /// The provider tries three times.
    async fn delivers(&self, node: &CommandCenter, event: &InboundText) -> bool {
        for _ in 0..3 {
            match node.inbound_text(Verified::by(&Network, event.clone())).await {
                TextAnswer::Taken => return true,
                TextAnswer::UnknownNumber => {
                    self.violate("our own number was not known");
                    return false;
                }
                TextAnswer::TryAgain => {}
            }
        }
        false
    }

    /// Events that are still on some node's disk.
    pub(super) fn left_on_disk(&self) -> usize {
        self.spools.iter().map(|spool| spool.entries().len()).sum()
    }

    /// Whether some node's disk holds the call.
    fn is_on_disk(&self, provider_call: &str) -> bool {
        self.spools.iter().any(|spool| {
            spool.entries().values().any(|entry| match &entry.event {
                SpooledEvent::Call { call, .. } => call.provider_call == provider_call,
                SpooledEvent::Text { .. } | SpooledEvent::Progress { .. } | SpooledEvent::Recording { .. } => false,
            })
        })
    }

    fn note_answer(&self, provider_call: String, answer: String, stored: Option<String>) {
        let mut outside = self.outside();
        if stored.is_some_and(|stored| stored != answer) {
            outside
                .violations
                .push(format!("{provider_call} was stored with one answer and given another"));
        }
        outside.answered.entry(provider_call).or_insert(answer);
    }

    fn note_text(&self, provider_message: String, body: &str, caller: PhoneNumber) {
        let mut outside = self.outside();
        outside.texts.insert(provider_message);
        if body.ends_with('?') {
            outside.replies.insert(caller);
        }
    }

    /// Whether a START of the caller may still count.
    fn is_arguing(&self, caller: &PhoneNumber) -> bool {
        self.outside().open_starts.get(caller).is_some_and(|open| *open > 0)
    }

    /// How many STARTs the caller has ever sent.
    fn starts_of(&self, caller: &PhoneNumber) -> u32 {
        self.outside().starts.get(caller).copied().unwrap_or(0)
    }

    /// An acknowledged STOP has cancelled what was queued. A text whose first attempt was refused meanwhile may wait
    /// once more; the gate stops it then.
    fn nothing_is_queued(&self, caller: &PhoneNumber) {
        let Ok(thread) = self.block_on(self.truth.thread(self.business, caller, self.time.now())) else {
            return;
        };
        let queued = thread.messages.iter().any(|message| {
            message.status == MessageStatus::Waiting
                && message.attempts == 0
                && message.kind != MessageKind::OptOutConfirmation
        });
        if queued {
            self.violate("a text is still queued after an acknowledged STOP");
        }
    }

    /// Whether a STOP and a START of the caller are under way together.
    fn is_contested(&self, caller: &PhoneNumber) -> bool {
        self.is_arguing(caller) && self.outside().open_stops.get(caller).is_some_and(|open| *open > 0)
    }

    fn is_stopped(&self, caller: &PhoneNumber) -> bool {
        let thread = self.block_on(self.truth.thread(self.business, caller, self.time.now()));
        thread.is_ok_and(|thread| thread.consent.opted_out_at.is_some() || thread.consent.suppressed)
    }

    /// Somebody of the business writes to a caller, or gives the thread back.
    async fn answers(&self, node: Arc<CommandCenter>, caller: PhoneNumber, serial: u64) {
        let Ok(thread) = self.truth.thread(self.business, &caller, self.time.now()).await else {
            return;
        };
        let Some(conversation) = thread.conversation.map(|conversation| conversation.id) else {
            return;
        };
        if self.dice.once_in(4) {
            let _refused = node.hand_back(self.business, conversation).await;
            return;
        }
        let reply = PersonReply {
            conversation,
            user: None,
            body: format!("We can come at {serial}."),
            key: format!("reply/{serial}"),
        };
        // An answer that was lost is asked for once more, under the same key.
        for _ in 0..2 {
            match node.reply(self.business, reply.clone()).await {
                Ok(_) => return,
                Err(_) => self.tally.note(Happening::Repeated),
            }
        }
    }

    async fn works(&self, node: Arc<CommandCenter>, index: usize, serial: u64) {
        let _database_away = node.work(&format!("node{index}/{serial}"), 3).await;
    }

    async fn saves(&self, node: Arc<CommandCenter>) {
        let methods = [
            Method::AutoTextOnly,
            Method::Voicemail,
            Method::AutoTextOnly,
            Method::AutoTextOnly,
        ];
        let Some(method) = self.pick(&methods).copied() else {
            return;
        };
        let began = self.time.now();
        let before = node.business(self.business).await.map(|owner| owner.version);
        self.outside().doubtful.push((began, method));
        let saved = node
            .change_settings(self.business, |settings| settings.schedule = Schedule::always(method))
            .await;
        if let Ok(owner) = saved {
            let now = self.time.now();
            if before.is_ok_and(|before| owner.version <= before) {
                self.violate("a save did not raise the version");
            }
            let mut outside = self.outside();
            // The answer shows what is saved by then, which may be somebody else's later save.
            let shown = methods
                .into_iter()
                .find(|method| owner.settings.schedule == Schedule::always(*method));
            outside.saved.push((owner.version, shown.unwrap_or(method), now));
            // One only: another save may have begun in the same instant, and its answer may be lost.
            if let Some(mine) = outside.doubtful.iter().position(|one| *one == (began, method)) {
                outside.doubtful.swap_remove(mine);
            }
        }
    }

    /// Somebody puts a caller on the block list.
    async fn blocks(&self, caller: PhoneNumber) {
        let Ok(flags) = self.truth.caller_flags(self.business, &caller).await else {
            return;
        };
        let mut commit = Commit::new(self.business, self.time.now());
        commit.changes.push(Change::PutCallerFlags {
            phone: caller,
            flags: CallerFlags {
                version: flags.version + 1,
                blocked: true,
                ..flags
            },
        });
        if self.truth.commit(commit).await.is_ok() {
            let now = self.time.now();
            self.outside().blocked.entry(caller).or_insert(now);
        }
    }

    fn stored_answer(&self, provider_call: &str) -> Option<String> {
        let key = CallKey::Provider(provider_call.to_owned());
        let stored = self.block_on(self.truth.call(self.business, &key)).ok()??;
        serde_json::to_string(&stored.call.reply).ok()
    }

    /// The gateway reports what became of a text: late, twice, out of order, or not at all.
    async fn reports(&self, node: Arc<CommandCenter>) {
        let sent = {
            let book = self.gateway.book();
            self.pick(&book.went_out).cloned()
        };
        let Some(sent) = sent else { return };
        let statuses = [
            DeliveryStatus::Sent,
            DeliveryStatus::Delivered,
            DeliveryStatus::Queued,
            DeliveryStatus::Delivered,
        ];
        let Some(status) = self.pick(&statuses).copied() else {
            return;
        };
        let Ok(Some(owner)) = node.number_owner(&self.ours).await else {
            return;
        };
        let event = TextProgress {
            message: Some(sent.message),
            provider_message: sent.provider_message,
            from: Some(sent.from),
            status,
            error_code: None,
            failure: None,
            reason: None,
        };
        let _lost_news_comes_again = node.text_progress(&owner, Verified::by(&Network, event)).await;
    }

    /// No more faults: everything that was begun comes to its end, and every queue runs dry.
    fn settle(&self, executor: &mut Executor<'_>, nodes: &[Arc<CommandCenter>]) -> Result<(), String> {
        self.calm.store(true, Ordering::Relaxed);
        executor.settle(&self.dice, &self.tally, &self.time);
        debug_assert!(executor.len() == 0, "settled");
        let center = nodes.first().ok_or("no nodes")?;
        // A server replays again and again; what found the store busy once is not lost.
        for _ in 0..REPLAYS {
            for node in nodes {
                self.block_on(node.replay_spool()).map_err(|error| error.to_string())?;
            }
            if self.left_on_disk() == 0 {
                break;
            }
        }
        for round in 0..400 {
            let request = ClaimRequest {
                worker: "peek".into(),
                limit: 0,
                lease: Duration::from_secs(1),
            };
            let _nothing = self.block_on(self.truth.claim_jobs(&request));
            let worked = self
                .block_on(center.work(&format!("settle/{round}"), 10))
                .map_err(|error| error.to_string())?;
            if worked.claimed == 0 {
                let waiting = self
                    .block_on(self.truth.queue_depth())
                    .map_err(|error| error.to_string())?;
                if waiting
                    .iter()
                    .all(|depth| depth.state == crate::port::store::JobState::Dead || depth.count == 0)
                {
                    return Ok(());
                }
                // Work that was put off, to the next opening of the business for example, need not be waited for in steps.
                let next = waiting
                    .iter()
                    .filter(|depth| depth.state != crate::port::store::JobState::Dead)
                    .filter_map(|depth| depth.oldest_due)
                    .min();
                let wait = next.map_or(Duration::ZERO, |at| at.since(self.time.now()));
                self.time.advance(wait.max(Duration::from_secs(61)));
            }
        }
        let left = self
            .block_on(self.truth.queue_depth())
            .map_err(|error| error.to_string())?;
        let left: Vec<_> = left.iter().filter(|depth| depth.count > 0).collect();
        self.violate(format!("some work never came to an end: {left:?}"));
        Ok(())
    }

    /// A hash over what went out and what is stored.
    fn trace(&self) -> Result<String, String> {
        let mut hash = Sha256::new();
        for sent in &self.gateway.book().went_out {
            hash.update(format!("{}|{}|{}|{}\n", sent.message, sent.to, sent.at, sent.body));
        }
        let feed = self
            .block_on(self.truth.feed(self.business, 0, 1_000_000))
            .map_err(|error| error.to_string())?;
        for entry in feed {
            hash.update(serde_json::to_string(&entry).unwrap_or_default());
        }
        Ok(hex::encode(hash.finalize()))
    }
}

fn less(of: &mut BTreeMap<PhoneNumber, u32>, caller: PhoneNumber) {
    if let Some(count) = of.get_mut(&caller) {
        *count = count.saturating_sub(1);
    }
}

async fn replay(node: Arc<CommandCenter>) {
    let _disk_failed = node.replay_spool().await;
}

#[expect(clippy::panic, reason = "nodes are numbered by the run itself")]
fn unreachable_node() -> ! {
    panic!("a run has no such node")
}
