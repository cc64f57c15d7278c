//! A store in a folder of its own, with a clock that is moved by hand.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "shared by tests, each of which uses a part"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mccc_core::business::{NumberKind, OwnedLine, Settings};
use mccc_core::calls::{Call, IntakeInput, intake};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::conversation::CallerFlags;
use mccc_core::jobs::Job;
use mccc_core::port::store::{Change, Commit, FeedEvent, FeedKind, NewJob};
use mccc_core::port::{Attestation, Clock, InboundCall, Store};
use mccc_core::zone::Zone;
use mccc_core::{BusinessId, CallId, CallerId, JobId, MessageId, PhoneNumber, Timestamp};
use mccc_store_sqlite::{Options, SqliteStore};
use mccc_test::process::Folder;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0
            .fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct World {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) folder: Folder,
}

pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) fn clock() -> Arc<HandClock> {
    Arc::new(HandClock(AtomicI64::new(1_790_000_000_000_000)))
}

pub(crate) fn options(clock: &Arc<HandClock>) -> Options {
    Options::new(Arc::clone(clock) as Arc<dyn Clock>, LedgerKey::new(&KEY))
}

pub(crate) fn folder(purpose: &str) -> Folder {
    Folder::new(std::env::current_exe().unwrap(), purpose).unwrap()
}

pub(crate) fn phone(tail: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1512555{tail:04}")).unwrap()
}

pub(crate) fn business(name: &str) -> BusinessId {
    BusinessId::derive(Timestamp::from_seconds(1_700_000_000), name)
}

impl World {
    pub(crate) async fn new(purpose: &str) -> Self {
        Self::with(purpose, |options| options).await
    }

    pub(crate) async fn with(purpose: &str, change: impl FnOnce(Options) -> Options) -> Self {
        let (clock, folder) = (clock(), folder(purpose));
        let store = SqliteStore::open(folder.path().join("mccc.db"), change(options(&clock)))
            .await
            .unwrap();
        store.migrate().await.unwrap();
        Self {
            store: Arc::new(store),
            clock,
            folder,
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("mccc.db")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn commit(&self, business: BusinessId, changes: Vec<Change>) -> Commit {
        Commit {
            changes,
            ..Commit::new(business, self.now())
        }
    }

    /// A business with one number of ours.
    pub(crate) async fn open_business(&self, name: &str, number: u32) -> BusinessId {
        let id = business(name);
        open_business(&*self.store, id, phone(number), self.now()).await;
        id
    }

    /// What the intake of a call decides to write.
    pub(crate) async fn intake(&self, business: BusinessId, number: u64, caller: u32) -> Commit {
        intake_commit(
            &*self.store,
            business,
            &format!("CA{number:032x}"),
            phone(caller),
            self.now(),
        )
        .await
    }

    pub(crate) async fn insert_call(&self, business: BusinessId, number: u64, caller: u32) -> Call {
        let commit = self.intake(business, number, caller).await;
        let call = call_of(&commit);
        self.store.commit(commit).await.unwrap();
        call
    }
}

pub(crate) async fn open_business(store: &dyn Store, id: BusinessId, number: PhoneNumber, at: Timestamp) {
    let settings = Settings::new("Ace Plumbing", Zone::parse("America/Chicago").unwrap());
    let commit = Commit {
        changes: vec![
            Change::PutSettings {
                settings: Box::new(settings),
                expected: 0,
            },
            Change::PutLine(line(number)),
        ],
        ..Commit::new(id, at)
    };
    store.commit(commit).await.unwrap();
}

pub(crate) async fn intake_commit(
    store: &dyn Store,
    business: BusinessId,
    provider_call: &str,
    caller: PhoneNumber,
    at: Timestamp,
) -> Commit {
    let owner = store.owner(business).await.unwrap().unwrap();
    let event = InboundCall {
        provider_call: provider_call.to_owned(),
        account: "AC1".to_owned(),
        caller: CallerId::Present(caller),
        dialled: owner.lines.first().unwrap().number,
        forwarded_from: None,
        caller_name: Some("JO DOE".to_owned()),
        attestation: Attestation::Passed,
    };
    intake(IntakeInput {
        owner: &owner,
        flags: &CallerFlags::NONE,
        test: None,
        heard: None,
        voice_ready: false,
        event: &event,
        arrived_at: at,
    })
    .commit
}

pub(crate) fn call_of(commit: &Commit) -> Call {
    let mut calls = commit.changes.iter().filter_map(|change| {
        if let Change::InsertCall(call) = change {
            Some((**call).clone())
        } else {
            None
        }
    });
    calls.next().unwrap()
}

pub(crate) fn line(number: PhoneNumber) -> OwnedLine {
    OwnedLine {
        number,
        kind: NumberKind::Public,
        account: "AC1".to_owned(),
        provider_number: None,
    }
}

pub(crate) fn feed(at: Timestamp, note: &str) -> Change {
    Change::Feed(FeedEvent {
        kind: FeedKind::SettingsSaved,
        at,
        call: None,
        conversation: None,
        message: None,
        data: serde_json::json!({ "note": note }),
    })
}

pub(crate) fn job(name: &str, run_at: Timestamp, subject: Option<PhoneNumber>) -> NewJob {
    NewJob {
        id: JobId::derive(run_at, name),
        job: Job::SendMessage {
            message: message_id(name),
        },
        subject,
        run_at,
        dedupe: name.to_owned(),
    }
}

pub(crate) fn message_id(name: &str) -> MessageId {
    MessageId::derive(Timestamp::from_seconds(1_700_000_000), name)
}

/// The same intake for another call.
pub(crate) fn renamed(template: &Commit, provider_call: &str) -> Commit {
    let mut commit = template.clone();
    let id = CallId::derive(commit.at, provider_call);
    for change in &mut commit.changes {
        if let Change::InsertCall(call) = change {
            call.id = id;
            call.provider_call = provider_call.to_owned();
        } else if let Change::Feed(event) = change {
            event.call = Some(id);
        } else if let Change::Enqueue(job) = change {
            job.id = JobId::derive(commit.at, provider_call);
            job.dedupe = id.to_string();
        }
    }
    commit
}
