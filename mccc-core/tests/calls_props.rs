//! Laws of a call's life: any order, repetition or lateness of the provider's events ends in the same call, and
//! nothing ever moves backwards.
#![expect(clippy::unwrap_used, reason = "a test's own values are known to be good")]

use mccc_core::calls::{Call, CallEvent, CallState, Outcome, Recording, Spoken, TextSummary, VoiceReply, step};
use mccc_core::conversation::MessageStatus;
use mccc_core::port::{CallStatus, RecordingStatus};
use mccc_core::routing::{CallSource, Method, RuleRef, Variant};
use mccc_core::zone::Zone;
use mccc_core::{BusinessId, CallId, CallerId, PhoneNumber, Timestamp};
use proptest::prelude::*;

fn call() -> Call {
    let at = Timestamp::from_seconds(1_780_000_000);
    Call {
        id: CallId::derive(at, "c"),
        business: BusinessId::derive(at, "b"),
        version: 1,
        provider_call: "CA1".into(),
        caller: CallerId::Present(PhoneNumber::parse("+15125550123").unwrap()),
        caller_name: None,
        dialled: PhoneNumber::parse("+15125550199").unwrap(),
        forwarded_from: None,
        scheduled_method: Method::Voicemail,
        method: Method::Voicemail,
        variant: Variant::BusinessHours,
        rule: RuleRef::AfterHoursDefault,
        settings_version: 1,
        trace: serde_json::from_value(trace_json()).unwrap(),
        reply: VoiceReply::Voicemail {
            greeting: Spoken::english("Hello"),
            max_seconds: 120,
            goodbye: Spoken::english("Bye"),
        },
        state: CallState::Ringing,
        outcome: Outcome::NoAction,
        recovered: false,
        is_test: false,
        tags: Vec::new(),
        received_at: at,
        local_day: Zone::parse("America/Chicago").unwrap().to_local(at).day,
        responded_at: None,
        ended_at: None,
        duration_seconds: None,
        recording: None,
        text: TextSummary::Waiting,
        conversation: None,
        needs_attention: false,
        read_at: None,
        callback_completed_at: None,
    }
}

/// The trace is opaque to the life of a call.
fn trace_json() -> serde_json::Value {
    let owner = mccc_core::business::Owner::new(
        BusinessId::derive(Timestamp::UNIX_EPOCH, "b"),
        1,
        mccc_core::business::Settings::new("Acme", Zone::parse("America/Chicago").unwrap()),
        Vec::new(),
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    let flags = mccc_core::conversation::CallerFlags::NONE;
    serde_json::to_value(mccc_core::calls::what_if(&owner, &flags, CallSource::UNKNOWN, false, Timestamp::UNIX_EPOCH).1)
        .unwrap()
}

fn events() -> impl Strategy<Value = CallEvent> {
    let status = prop::sample::select(vec![
        CallStatus::Queued,
        CallStatus::Ringing,
        CallStatus::InProgress,
        CallStatus::Completed,
        CallStatus::Busy,
        CallStatus::Failed,
        CallStatus::NoAnswer,
        CallStatus::Canceled,
        CallStatus::Other,
    ]);
    let recording = prop::sample::select(vec![
        RecordingStatus::InProgress,
        RecordingStatus::Completed,
        RecordingStatus::Absent,
        RecordingStatus::Failed,
        RecordingStatus::Other,
    ]);
    let text = prop::sample::select(vec![
        TextSummary::Waiting,
        TextSummary::Denied,
        TextSummary::Message(MessageStatus::Claimed),
        TextSummary::Message(MessageStatus::Unknown),
        TextSummary::Message(MessageStatus::Queued),
        TextSummary::Message(MessageStatus::Sent),
        TextSummary::Message(MessageStatus::Delivered),
        TextSummary::Message(MessageStatus::Undelivered),
    ]);
    prop_oneof![
        (status, prop::option::of(0_u32..200)).prop_map(|(status, duration_seconds)| CallEvent::Progress {
            status,
            duration_seconds
        }),
        (recording, prop::option::of(0_u32..200)).prop_map(|(status, duration_seconds)| CallEvent::Recording {
            provider_recording: "RE1".into(),
            status,
            duration_seconds,
        }),
        text.prop_map(CallEvent::Text),
        Just(CallEvent::CallerReplied),
        Just(CallEvent::Emergency),
    ]
}

fn rank(state: CallState) -> u8 {
    match state {
        CallState::Ringing => 0,
        CallState::InProgress => 1,
        CallState::Ended => 2,
    }
}

proptest! {
    #[test]
    fn nothing_moves_backwards_and_the_end_comes_once(events in prop::collection::vec(events(), 0..30)) {
        let mut row = call();
        let mut ends = 0;
        let mut voicemails = 0;
        for (index, event) in events.iter().enumerate() {
            let now = row.received_at.plus(std::time::Duration::from_secs(index as u64));
            let done = step(&row, event, now);
            prop_assert!(rank(done.call.state) >= rank(row.state));
            prop_assert!(done.call.outcome.rank() >= row.outcome.rank());
            prop_assert!(done.call.recovered || !row.recovered);
            prop_assert!(row.recording.is_none() || done.call.recording == row.recording);
            prop_assert!(row.ended_at.is_none() || done.call.ended_at == row.ended_at);
            prop_assert_eq!(done.call.version, row.version + u32::from(done.changed));
            ends += u32::from(done.ended);
            voicemails += u32::from(done.voicemail);
            row = done.call;
        }
        prop_assert!(ends <= 1);
        prop_assert!(voicemails <= 1);
        prop_assert_eq!(ends == 1, row.state == CallState::Ended);
    }

    #[test]
    fn an_event_delivered_twice_equals_once(events in prop::collection::vec(events(), 0..15)) {
        let now = Timestamp::from_seconds(1_780_000_500);
        let mut once = call();
        let mut twice = call();
        for event in &events {
            once = step(&once, event, now).call;
            twice = step(&twice, event, now).call;
            let again = step(&twice, event, now);
            prop_assert!(!again.changed, "{:?}", event);
            twice = again.call;
        }
        prop_assert_eq!(once, twice);
    }
}

#[test]
fn a_hang_up_within_three_seconds_is_a_poor_lead_until_a_message_arrives() {
    let now = Timestamp::from_seconds(1_780_000_009);
    let ended = CallEvent::Progress {
        status: CallStatus::Completed,
        duration_seconds: Some(3),
    };
    let row = step(&call(), &ended, now).call;
    assert_eq!(
        (row.outcome, row.tags.as_slice()),
        (Outcome::HungUp, &["low_quality_lead".to_owned()][..])
    );
    let left = CallEvent::Recording {
        provider_recording: "RE1".into(),
        status: RecordingStatus::Completed,
        duration_seconds: Some(8),
    };
    let done = step(&row, &left, now);
    assert!(done.voicemail && done.call.recovered && done.call.tags.is_empty());
    assert_eq!(done.call.outcome, Outcome::VoicemailLeft);
    assert_eq!(
        done.call.recording,
        Some(Recording {
            provider_recording: "RE1".into(),
            duration_seconds: 8
        })
    );
}

#[test]
fn a_message_shorter_than_three_seconds_is_no_message() {
    let left = CallEvent::Recording {
        provider_recording: "RE1".into(),
        status: RecordingStatus::Completed,
        duration_seconds: Some(2),
    };
    let done = step(&call(), &left, Timestamp::from_seconds(1));
    assert_eq!(
        (done.call.outcome, done.voicemail, done.call.recovered),
        (Outcome::VoicemailNoMessage, false, false)
    );
}

#[test]
fn a_test_call_never_counts_as_a_customer() {
    let mut row = call();
    row.is_test = true;
    let left = CallEvent::Recording {
        provider_recording: "RE1".into(),
        status: RecordingStatus::Completed,
        duration_seconds: Some(20),
    };
    let done = step(&row, &left, Timestamp::from_seconds(1));
    assert!(!done.voicemail && !done.call.recovered);
    assert_eq!(done.call.outcome, Outcome::NoAction);
}
