//! News about a call that is not in the database yet waits for it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod host;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use host::{Host, World, call, open_for_business, ours};
use mccc_core::business::Owner;
use mccc_core::calls::Outcome;
use mccc_core::center::{CallAnswer, SeenCall};
use mccc_core::port::store::CallKey;
use mccc_core::port::{
    CallProgress, CallStatus, RecordingProgress, RecordingStatus, Spool, SpoolEntry, SpoolError, Verified,
};
use mccc_core::testkit::build;
use mccc_core::{CommandCenter, PhoneNumber};

#[derive(Debug, Default)]
struct Disk(Mutex<(u64, BTreeMap<u64, SpoolEntry>)>);

impl Disk {
    fn left(&self) -> usize {
        self.0.lock().unwrap().1.len()
    }
}

#[async_trait]
impl Spool for Disk {
    async fn append(&self, entry: &SpoolEntry) -> Result<(), SpoolError> {
        let mut disk = self.0.lock().unwrap();
        disk.0 += 1;
        let token = disk.0;
        disk.1.insert(token, entry.clone());
        Ok(())
    }

    async fn pending(&self, limit: usize) -> Result<Vec<(u64, SpoolEntry)>, SpoolError> {
        let disk = self.0.lock().unwrap();
        Ok(disk
            .1
            .iter()
            .take(limit)
            .map(|(token, entry)| (*token, entry.clone()))
            .collect())
    }

    async fn remove(&self, token: u64) -> Result<(), SpoolError> {
        self.0.lock().unwrap().1.remove(&token);
        Ok(())
    }
}

fn progress(call: &str, ours: PhoneNumber, status: CallStatus) -> Verified<CallProgress> {
    let progress = CallProgress {
        provider_call: call.to_owned(),
        our_number: ours,
        status,
        sequence: None,
        duration_seconds: status.is_final().then_some(40),
        answered_by_machine: None,
    };
    Verified::by(&Host, progress)
}

fn recording(call: &str) -> Verified<RecordingProgress> {
    let recording = RecordingProgress {
        provider_call: call.to_owned(),
        provider_recording: "RE1".to_owned(),
        status: RecordingStatus::Completed,
        duration_seconds: Some(20),
    };
    Verified::by(&Host, recording)
}

async fn outcome(node: &CommandCenter, owner: &Owner, call: &str) -> Option<Outcome> {
    let key = CallKey::Provider(call.to_owned());
    let found = node.ports().store.call(owner.business, &key).await.unwrap();
    found.map(|snapshot| snapshot.call.outcome)
}

#[tokio::test]
async fn news_that_overtook_its_call_is_applied_after_it() {
    let world = World::new();
    let disk = Arc::new(Disk::default());
    let node = world.node_with(Arc::clone(&disk) as _);
    let owner = open_for_business(&node).await;
    let ended = progress("CA1", ours(), CallStatus::Completed);
    assert_eq!(node.call_progress(ended).await.unwrap(), SeenCall::Waits);
    assert_eq!(
        node.recording_progress(owner.business, recording("CA1")).await.unwrap(),
        SeenCall::Waits
    );
    assert_eq!(node.replay_spool().await.unwrap(), 0);
    assert_eq!(disk.left(), 2);
    assert!(matches!(node.inbound_call(call("CA1")).await, CallAnswer::Reply(_)));
    assert_eq!(node.replay_spool().await.unwrap(), 2);
    assert_eq!(disk.left(), 0);
    assert_eq!(outcome(&node, &owner, "CA1").await, Some(Outcome::VoicemailLeft));
    // Said again, it is known.
    let again = node.recording_progress(owner.business, recording("CA1")).await.unwrap();
    assert_eq!(again, SeenCall::Known);
    assert_eq!(disk.left(), 0);
}

#[tokio::test]
async fn much_news_about_calls_that_never_come_is_in_nobodys_way_and_given_up_after_a_day() {
    let world = World::new();
    let disk = Arc::new(Disk::default());
    let node = world.node_with(Arc::clone(&disk) as _);
    let owner = open_for_business(&node).await;
    for n in 0..200 {
        let seen = node
            .call_progress(progress(&format!("CX{n}"), ours(), CallStatus::Ringing))
            .await;
        assert_eq!(seen.unwrap(), SeenCall::Waits);
    }
    let seen = node.recording_progress(owner.business, recording("CA1")).await.unwrap();
    assert_eq!(seen, SeenCall::Waits);
    assert!(matches!(node.inbound_call(call("CA1")).await, CallAnswer::Reply(_)));
    assert_eq!(node.replay_spool().await.unwrap(), 1);
    assert_eq!(outcome(&node, &owner, "CA1").await, Some(Outcome::VoicemailLeft));
    world.clock.advance(Duration::from_secs(86_399));
    assert_eq!(node.replay_spool().await.unwrap(), 0);
    world.clock.advance(Duration::from_secs(1));
    while node.replay_spool().await.unwrap() > 0 {}
    assert_eq!(disk.left(), 0);
}

#[tokio::test]
async fn news_about_a_number_that_is_not_ours_is_not_kept() {
    let world = World::new();
    let disk = Arc::new(Disk::default());
    let node = world.node_with(Arc::clone(&disk) as _);
    open_for_business(&node).await;
    let seen = node
        .call_progress(progress("CA1", build::phone(99), CallStatus::Completed))
        .await;
    assert_eq!(seen.unwrap(), SeenCall::UnknownNumber);
    assert_eq!(disk.left(), 0);
}
