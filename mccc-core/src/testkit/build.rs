//! Rows to start from: complete, valid, and different where a mix-up would otherwise go unnoticed. Change what a test
//! is about and leave the rest.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::appointments::{
    Appointment, AppointmentSource, AppointmentStatus, CalendarEvent, CancelledBy, Customer, ReminderSent,
};
use crate::business::{NumberKind, OwnedLine, Owner, Provisioning, Settings, TelephonyMode};
use crate::calls::{Call, CallState, IntakeInput, Outcome, Recording, TextSummary, intake};
use crate::compliance::gate::{Facts, Purpose, Request, decide};
use crate::compliance::ledger::{ConsentKind, Entry};
use crate::compliance::number::{LineType, Policy};
use crate::compliance::{SendPermit, Verdict};
use crate::conversation::dialogue::Dialogue;
use crate::conversation::{
    Author, CallerFlags, Contact, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState,
};
use crate::jobs::Job;
use crate::port::store::{
    ApiKey, Change, Commit, EventKey, FeedEvent, FeedKind, NewJob, Role, Session, StoredResponse, TestCall,
    TestCallState, User,
};
use crate::port::{Attestation, InboundCall};
use crate::tasks::{Task, TaskKind};
use crate::zone::Zone;
use crate::{
    ApiKeyId, AppointmentId, BusinessId, CallId, CallerId, ConversationId, JobId, MessageId, PhoneNumber, SessionId,
    TaskId, TestCallId, Timestamp, UserId,
};

/// Where a [`ManualClock`](super::ManualClock) starts: Friday, 20 November 2026, 9:30 in Chicago, with microseconds that
/// would be missed.
pub const START: Timestamp = Timestamp::from_micros(1_795_188_600_123_457);

/// Text that a careless store would spoil: quotes, line ends, accents, right-to-left, signs outside the first plane.
pub const HARD_TEXT: &str = "O'Brien \"& Söhne\" 100% \\n\r\n\tдом مرحبا 日本 🔧👩🏽‍🔧 \u{202e}abc; --";

/// The business of that name; the same name gives the same identifier.
#[must_use]
pub fn business(name: &str) -> BusinessId {
    BusinessId::derive(START, name)
}

/// A number in Austin that could be a mobile phone; different for each `n` below eight million.
#[must_use]
#[expect(clippy::expect_used, reason = "+1512 and seven digits are a number")]
#[expect(clippy::missing_panics_doc, reason = "it cannot")]
pub fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1512{}", 2_000_000 + n % 8_000_000)).expect("eleven digits")
}

/// Settings with no field at its default that a store could forget unnoticed.
#[must_use]
pub fn settings(name: &str) -> Settings {
    let mut settings = Settings::new(name, zone("America/Chicago"));
    settings.profile.owner_name = HARD_TEXT.to_owned();
    "plumbing".clone_into(&mut settings.profile.trade);
    settings.profile.email = Some("jo@example.com".to_owned());
    settings.profile.business_phone = Some(phone(7_000_001));
    settings.profile.callback_minutes = 45;
    settings.texting.window_hours = Some(12);
    settings.texting.daily_limit = 77;
    settings.telephone.mode = TelephonyMode::Byo {
        account_sid: "AC1".to_owned(),
    };
    settings.telephone.forwarding_verified_at = Some(START);
    settings.telephone.provisioning = Some(Provisioning {
        since: START,
        failed: Some("none left".to_owned()),
        code: Some(21422),
    });
    settings
}

/// A time zone that exists.
#[must_use]
#[expect(clippy::expect_used, reason = "a test that names no zone should stop here")]
#[expect(clippy::missing_panics_doc, reason = "for tests")]
pub fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("a zone of the IANA database")
}

/// A number of ours.
#[must_use]
pub fn line(number: PhoneNumber) -> OwnedLine {
    OwnedLine {
        number,
        kind: NumberKind::Public,
        account: "AC1".to_owned(),
        provider_number: None,
    }
}

/// A business as decisions read it, without a store.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "settings that do not validate are the test's own mistake"
)]
#[expect(clippy::missing_panics_doc, reason = "for tests")]
pub fn owner(name: &str, number: PhoneNumber) -> Owner {
    Owner::new(business(name), 2, settings(name), vec![line(number)], START).expect("valid settings")
}

/// The gate's permission to send `body` from `from` to `to` as the text that answers a call, given at `now`.
#[expect(clippy::panic, reason = "nothing stands against the text, so the gate allows it")]
#[expect(clippy::missing_panics_doc, reason = "it cannot, unless the number cannot be texted")]
pub fn permit(message: MessageId, from: PhoneNumber, to: PhoneNumber, body: &str, now: Timestamp) -> SendPermit {
    let request = Request {
        business: business("acme"),
        message,
        purpose: Purpose::AutoText,
        to: CallerId::Present(to),
        body: body.to_owned(),
        immediate: true,
        due_at: now,
        useless_from: None,
    };
    let facts = Facts::nothing_against(from, "America/Chicago", Policy::sandbox());
    match decide(&request, &facts, now) {
        Verdict::Allow(permit) => permit,
        refused @ (Verdict::Deny(_) | Verdict::Defer { .. }) => panic!("the gate refused: {refused:?}"),
    }
}

/// An empty commit with `changes`.
#[must_use]
pub fn commit(business: BusinessId, at: Timestamp, changes: Vec<Change>) -> Commit {
    Commit {
        changes,
        ..Commit::new(business, at)
    }
}

/// An appointment that starts at `at`, with every field.
#[must_use]
pub fn appointment(business: BusinessId, name: &str, at: Timestamp) -> Appointment {
    let later = |micros| at.plus(Duration::from_micros(micros));
    Appointment {
        id: AppointmentId::derive(START, &format!("{business}/{name}")),
        business,
        version: 1,
        call: Some(CallId::derive(START, "CA1")),
        conversation: Some(ConversationId::derive(START, "thread")),
        customer: Customer {
            name: HARD_TEXT.to_owned(),
            phone: Some(phone(77)),
            email: Some("customer@example.com".to_owned()),
        },
        service: Some("Drain cleaning".to_owned()),
        starts_at: at,
        duration_minutes: 45,
        status: AppointmentStatus::Scheduled,
        source: AppointmentSource::SmsReply,
        location: Some("12 Oak St".to_owned()),
        notes: Some(HARD_TEXT.to_owned()),
        held_until: None,
        moving_to: Some(later(1)),
        event: Some(CalendarEvent {
            provider: "google".to_owned(),
            calendar: "jo@example.com".to_owned(),
            event: format!("mccc{name}"),
            etag: Some("\"3470\"".to_owned()),
            link: Some("https://calendar.example.com/event".to_owned()),
        }),
        calendar_attempt: 3,
        reminders: vec![ReminderSent {
            minutes_before: 60,
            starts_at: at,
            message: MessageId::derive(START, "reminder"),
        }],
        confirmed_at: Some(later(2)),
        cancelled_at: Some(later(3)),
        cancelled_by: Some(CancelledBy::Customer),
        cancellation_reason: Some("moved house".to_owned()),
        created_at: later(4),
    }
}

/// An event key with a reply.
#[must_use]
pub fn event_key(key: &str, reply: Option<&str>) -> EventKey {
    EventKey {
        key: key.to_owned(),
        reply: reply.map(str::to_owned),
    }
}

/// A call as a provider's webhook tells it.
#[must_use]
pub fn inbound_call(provider_call: &str, caller: CallerId, dialled: PhoneNumber) -> InboundCall {
    InboundCall {
        provider_call: provider_call.to_owned(),
        account: "AC1".to_owned(),
        caller,
        dialled,
        forwarded_from: Some(phone(7_000_002)),
        caller_name: Some("JO DOE".to_owned()),
        attestation: Attestation::Passed,
    }
}

/// What the intake of a call decides to write, grouped as intakes are. The call reached the first number of `owner`.
#[must_use]
pub fn intake_commit(owner: &Owner, provider_call: &str, caller: CallerId, at: Timestamp) -> Commit {
    let dialled = owner.lines.first().map_or_else(|| phone(0), |line| line.number);
    intake(IntakeInput {
        owner,
        flags: &CallerFlags::NONE,
        test: None,
        voice_ready: false,
        event: &inbound_call(provider_call, caller, dialled),
        arrived_at: at,
        heard: None,
    })
    .commit
}

/// The call that a commit inserts.
#[must_use]
pub fn inserted(commit: &Commit) -> Option<&Call> {
    commit.changes.iter().find_map(|change| {
        if let Change::InsertCall(call) = change {
            Some(&**call)
        } else {
            None
        }
    })
}

/// The next version of `call`, with every field filled that may be empty.
#[must_use]
pub fn full_call(call: &Call, thread: &Conversation) -> Call {
    let later = |seconds| call.received_at.plus(Duration::from_secs(seconds));
    Call {
        version: call.version + 1,
        state: CallState::Ended,
        outcome: Outcome::VoicemailLeft,
        recovered: true,
        tags: vec!["low_quality_lead".to_owned(), HARD_TEXT.to_owned()],
        responded_at: Some(later(9)),
        ended_at: Some(later(31)),
        duration_seconds: Some(31),
        recording: Some(Recording {
            provider_recording: "RE1".to_owned(),
            duration_seconds: 17,
        }),
        text: TextSummary::Message(MessageStatus::Delivered),
        conversation: Some(thread.id),
        needs_attention: true,
        read_at: Some(later(300)),
        callback_completed_at: Some(later(600)),
        ..call.clone()
    }
}

/// An update of a call.
#[must_use]
pub fn update(before: &Call, after: &Call) -> Change {
    Change::UpdateCall {
        before: Box::new(before.clone()),
        after: Box::new(after.clone()),
    }
}

/// A feed event that carries `note`.
#[must_use]
pub fn feed(at: Timestamp, note: &str) -> FeedEvent {
    FeedEvent {
        kind: FeedKind::ConversationUpdated,
        at,
        call: None,
        conversation: None,
        message: None,
        data: json!({ "note": note }),
    }
}

/// A contact.
#[must_use]
pub fn contact(business: BusinessId, phone: PhoneNumber, at: Timestamp) -> Contact {
    Contact {
        business,
        phone,
        name: Some(HARD_TEXT.to_owned()),
        line: Some((LineType::FixedVoip, at.plus(Duration::from_micros(1)))),
        created_at: at,
        last_seen_at: at.plus(Duration::from_micros(2)),
    }
}

/// Flags, all raised.
#[must_use]
pub fn flags(version: u32, at: Timestamp) -> CallerFlags {
    CallerFlags {
        version,
        blocked: true,
        spam: true,
        no_auto_text: true,
        emergency_until: Some(at.plus(Duration::from_secs(3600))),
        test_until: Some(at.plus(Duration::from_secs(45))),
    }
}

/// A thread at version 1. Its identifier derives from business and number.
#[must_use]
pub fn thread(business: BusinessId, phone: PhoneNumber, at: Timestamp) -> Conversation {
    Conversation {
        id: ConversationId::derive(START, &format!("{business}/{phone}")),
        business,
        phone,
        version: 1,
        state: ThreadState::AiActive,
        taken_by: None,
        last_call: None,
        unread: 2,
        preview: HARD_TEXT.to_owned(),
        last_message_at: at,
        last_inbound_at: Some(at),
        last_automated_at: None,
        automated_since_inbound: 1,
        outcome: Outcome::AutoTextSent,
        dialogue: Dialogue::default(),
        created_at: at,
    }
}

/// The identifier of the message of that name.
#[must_use]
pub fn message_id(name: &str) -> MessageId {
    MessageId::derive(START, name)
}

/// An auto-text in `thread`, at version 1, accepted by the gateway.
#[must_use]
pub fn message(thread: &Conversation, name: &str, at: Timestamp) -> Message {
    Message {
        id: message_id(name),
        business: thread.business,
        version: 1,
        conversation: thread.id,
        call: None,
        direction: Direction::Outbound,
        author: Author::Machine,
        user: None,
        kind: MessageKind::AutoText,
        ours: phone(1),
        theirs: thread.phone,
        body: format!("{name} {HARD_TEXT}"),
        media_count: 0,
        segments: 2,
        status: MessageStatus::Sent,
        provider_message: Some(format!("SM-{name}")),
        error_code: None,
        reason: None,
        attempts: 1,
        note: None,
        draft: false,
        created_at: at,
        sent_at: Some(at.plus(Duration::from_micros(3))),
        settled_at: None,
    }
}

/// A text from the caller of `thread`, at version 1.
#[must_use]
pub fn inbound_message(thread: &Conversation, name: &str, at: Timestamp) -> Message {
    Message {
        direction: Direction::Inbound,
        author: Author::Caller,
        kind: MessageKind::Reply,
        status: MessageStatus::Received,
        attempts: 0,
        sent_at: None,
        ..message(thread, name, at)
    }
}

/// An open task.
#[must_use]
pub fn task(business: BusinessId, name: &str, at: Timestamp) -> Task {
    Task {
        id: TaskId::derive(START, name),
        business,
        kind: TaskKind::Callback,
        phone: None,
        call: None,
        conversation: None,
        message: None,
        sentence: HARD_TEXT.to_owned(),
        raised_at: at,
        due_at: None,
        done_at: None,
        done_by: None,
    }
}

/// A forwarding test at version 1 that lasts 45 seconds.
#[must_use]
pub fn test_call(business: BusinessId, name: &str, at: Timestamp) -> TestCall {
    TestCall {
        id: TestCallId::derive(START, name),
        business,
        version: 1,
        we_call: true,
        business_phone: phone(7_000_001),
        our_number: phone(1),
        expected_callers: vec![phone(7_000_001), phone(1)],
        provider_call: None,
        state: TestCallState::Pending,
        error_code: None,
        started_at: at,
        expires_at: at.plus(Duration::from_secs(45)),
        ended_at: None,
    }
}

/// Work of a kind that an opt-out cancels; its key is its name.
#[must_use]
pub fn job(name: &str, run_at: Timestamp) -> NewJob {
    NewJob {
        id: JobId::derive(START, name),
        job: Job::SendMessage {
            message: message_id(name),
        },
        subject: None,
        run_at,
        dedupe: name.to_owned(),
    }
}

/// A ledger entry.
#[must_use]
pub fn entry(phone: PhoneNumber, at: Timestamp) -> Entry {
    Entry {
        at,
        phone,
        kind: ConsentKind::OptOut,
        source: "sms".to_owned(),
        evidence: "STOP".to_owned(),
    }
}

/// The identifier of the person of that name.
#[must_use]
pub fn user_id(name: &str) -> UserId {
    UserId::derive(START, name)
}

/// A person without a password.
#[must_use]
pub fn user(name: &str, email: &str) -> User {
    User {
        id: user_id(name),
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash: None,
        created_at: START,
    }
}

/// A session that lasts an hour; `number` makes its token.
#[must_use]
pub fn session(number: u8, user: UserId, at: Timestamp) -> Session {
    Session {
        id: SessionId::derive(START, &number.to_string()),
        token_hash: [number; 32],
        user,
        one_time: false,
        created_at: at,
        expires_at: at.plus(Duration::from_secs(3600)),
    }
}

/// A key for the API; `number` makes its text.
#[must_use]
pub fn api_key(number: u8, business: BusinessId, at: Timestamp) -> ApiKey {
    ApiKey {
        id: ApiKeyId::derive(START, &number.to_string()),
        business,
        name: HARD_TEXT.to_owned(),
        key_hash: [number; 32],
        role: Role::Dispatcher,
        created_at: at,
        revoked_at: None,
    }
}

/// An answer to an API write.
#[must_use]
pub fn response(key: &str, status: u16, at: Timestamp) -> StoredResponse {
    StoredResponse {
        key: key.to_owned(),
        request_hash: "ab".repeat(32),
        status,
        body: json!({ "text": HARD_TEXT }).to_string(),
        at,
    }
}

/// A call that the intake of [`intake_commit`] wrote, without a store.
#[must_use]
#[expect(clippy::expect_used, reason = "an intake inserts its call")]
#[expect(clippy::missing_panics_doc, reason = "it cannot")]
pub fn call(owner: &Arc<Owner>, provider_call: &str, caller: PhoneNumber, at: Timestamp) -> Call {
    let commit = intake_commit(owner, provider_call, CallerId::Present(caller), at);
    inserted(&commit).expect("one call").clone()
}

/// The identifier that the intake of a call gives it.
#[must_use]
pub fn call_id(business: BusinessId, provider_call: &str, at: Timestamp) -> CallId {
    CallId::derive(at, &format!("{business}/{provider_call}"))
}
