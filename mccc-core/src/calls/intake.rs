//! The first decision about a call: which way it is answered, what the caller hears, and what is written down before
//! the caller hears it.

use super::call::{Call, CallState, TextSummary};
use super::lifecycle::{EMERGENCY_TAG, FORGED_CALLER_TAG};
use super::outcome::Outcome;
use super::reply::{Spoken, VoiceReply};
use super::spam::{SpamEvidence, SpamJudgement};
use crate::business::Owner;
use crate::business::wording;
use crate::conversation::CallerFlags;
use crate::jobs::Job;
use crate::notify::{About, NoticeKind, Plan, plan};
use crate::port::store::{Change, Commit, FeedEvent, FeedKind, Grouping, Guard, NewJob, TestCall, TestCallState};
use crate::port::{Attestation, InboundCall};
use crate::routing::{CallSource, CallerFacts, Decision, Method, RuleRef, Trace, explain};
use crate::{CallId, JobId, Timestamp};

/// Seconds between the end of a test's announcement and the hang-up are the adapter's; this is what is said.
const TEST_WORDS: &str = "Forwarding is working. You're all set!";

/// What the decision reads.
#[derive(Debug, Clone, Copy)]
pub struct IntakeInput<'a> {
    /// The business that owns the dialled number.
    pub owner: &'a Owner,
    /// What overrides the schedule for the caller.
    pub flags: &'a CallerFlags,
    /// The forwarding test that is in progress, if one is.
    pub test: Option<&'a TestCall>,
    /// Whether a voice agent can take calls.
    pub voice_ready: bool,
    /// The call.
    pub event: &'a InboundCall,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// What the caller has heard already, when the call was answered without the database.
    pub heard: Option<&'a VoiceReply>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// What to write down, all or nothing, before answering.
    pub commit: Commit,
    /// What the caller hears.
    pub reply: VoiceReply,
    /// The decision.
    pub decision: Decision,
}

/// Decides about a call.
#[must_use]
pub fn intake(input: IntakeInput<'_>) -> Intake {
    let IntakeInput {
        owner,
        flags,
        test,
        voice_ready,
        event,
        arrived_at,
        heard,
    } = input;
    let id = CallId::derive(arrived_at, &format!("{}/{}", owner.business, event.provider_call));
    let arrived_test = test.filter(|test| belongs_to_test(test, event, arrived_at));
    let is_test = arrived_test.is_some();
    let judged = judge(owner, flags, event, is_test, arrived_at);
    let is_spam = flags.spam || judged.as_ref().is_some_and(|judged| judged.spam);
    let suspected = is_spam.then(|| owner.settings.spam.answer.method());
    let facts = CallerFacts {
        blocked: flags.blocked,
        spam: flags.spam,
        suspected,
        emergency_until: flags.emergency_until,
        voice_ready,
        source: CallSource {
            caller: Some(event.caller),
            called: Some(event.dialled),
            forwarded_from: event.forwarded_from,
            trade: Some(owner.trade_of(&event.dialled)),
        },
    };
    let (decision, mut trace) = explain(&owner.schedule, &facts, arrived_at);
    trace.spam = judged;
    let unwanted = flags.blocked || is_spam;
    let text_due = decision.text && !is_test && !unwanted;
    let textable = event.caller.number().is_some();
    let reply = heard
        .cloned()
        .unwrap_or_else(|| answer(owner, &decision, arrived_test.is_some(), textable));
    let text = match (text_due, textable) {
        (true, true) => TextSummary::Waiting,
        (true, false) => TextSummary::Denied,
        (false, _) => TextSummary::NotDue,
    };
    let call = Call {
        id,
        business: owner.business,
        version: 1,
        provider_call: event.provider_call.clone(),
        caller: event.caller,
        caller_name: event.caller_name.clone(),
        dialled: event.dialled,
        forwarded_from: event.forwarded_from,
        scheduled_method: decision.scheduled,
        method: decision.method,
        variant: decision.variant,
        rule: decision.rule,
        settings_version: owner.version,
        trace,
        reply: reply.clone(),
        state: CallState::Ringing,
        outcome: if unwanted { Outcome::Spam } else { Outcome::NoAction },
        recovered: false,
        is_test,
        tags: tags(event, decision.rule),
        received_at: arrived_at,
        local_day: owner.zone().to_local(arrived_at).day,
        responded_at: None,
        ended_at: None,
        duration_seconds: None,
        recording: None,
        text,
        conversation: None,
        needs_attention: false,
        read_at: None,
        callback_completed_at: None,
    };
    let commit = write_down(owner, flags, event, call, arrived_test);
    Intake {
        commit,
        reply,
        decision,
    }
}

fn tags(event: &InboundCall, rule: RuleRef) -> Vec<String> {
    let forged = (event.attestation == Attestation::Failed).then_some(FORGED_CALLER_TAG);
    let emergency = (rule == RuleRef::Emergency).then_some(EMERGENCY_TAG);
    forged.into_iter().chain(emergency).map(str::to_owned).collect()
}

/// Judges the call by what came with it. A test is none of the caller's, and somebody who wrote of an emergency within
/// the hour is a person.
fn judge(
    owner: &Owner,
    flags: &CallerFlags,
    event: &InboundCall,
    is_test: bool,
    at: Timestamp,
) -> Option<SpamJudgement> {
    let emergency = flags.emergency_until.is_some_and(|until| at < until);
    if is_test || emergency {
        return None;
    }
    owner.settings.spam.judge(&SpamEvidence {
        caller: event.caller,
        caller_name: event.caller_name.as_deref(),
        attestation: event.attestation,
        short_calls: 0,
    })
}

/// A forwarded leg of a test shows the business phone or the number that placed the test call as its caller.
fn belongs_to_test(test: &TestCall, event: &InboundCall, at: Timestamp) -> bool {
    // "Answered" may be reported before the leg that answered arrives here; the arrival is the better proof.
    let open = !test.state.is_over() || test.state == TestCallState::Answered;
    open && at <= test.expires_at
        && event.dialled == test.our_number
        && event
            .caller
            .number()
            .is_some_and(|caller| test.expected_callers.contains(&caller))
}

fn answer(owner: &Owner, decision: &Decision, test: bool, textable: bool) -> VoiceReply {
    let words = |text: String| Spoken {
        voice: owner.settings.voicemail.voice.clone(),
        ..Spoken::english(text)
    };
    if test {
        return VoiceReply::TestArrived {
            words: words(TEST_WORDS.to_owned()),
        };
    }
    let voicemail = || VoiceReply::Voicemail {
        greeting: words(owner.voicemail_greeting(decision.variant).to_owned()),
        max_seconds: owner.settings.voicemail.max_seconds,
        goodbye: words(wording::GOODBYE.to_owned()),
    };
    match decision.method {
        Method::Off => VoiceReply::Reject { busy: false },
        // A voice agent is attached by its own room; without one the decision never names these methods.
        Method::AiVoice | Method::Both | Method::Voicemail => voicemail(),
        // Somebody who cannot be texted must not be promised a text: they may leave a message instead.
        Method::AutoTextOnly if !textable => voicemail(),
        Method::AutoTextOnly => VoiceReply::Say {
            words: words(owner.text_is_coming().to_owned()),
        },
    }
}

fn write_down(owner: &Owner, flags: &CallerFlags, event: &InboundCall, call: Call, test: Option<&TestCall>) -> Commit {
    let at = call.received_at;
    let mut commit = Commit::new(owner.business, at);
    commit.guards.push(Guard::Settings { version: owner.version });
    if let Some(phone) = event.caller.number() {
        commit.guards.push(Guard::CallerFlags {
            phone,
            version: flags.version,
        });
    }
    let feed = |kind, data| {
        Change::Feed(FeedEvent {
            kind,
            at,
            call: Some(call.id),
            conversation: None,
            message: None,
            data,
        })
    };
    let received = feed(
        FeedKind::CallReceived,
        serde_json::json!({
            "caller": event.caller, "method": call.method, "variant": call.variant, "is_test": call.is_test,
        }),
    );
    let denied = (call.text == TextSummary::Denied).then(|| {
        feed(
            FeedKind::TextDenied,
            serde_json::json!({ "reason": "caller_withheld", "sentence": "The caller's number is not known, so no text can be sent." }),
        )
    });
    let text_job = (call.text == TextSummary::Waiting).then(|| {
        Change::Enqueue(NewJob {
            id: JobId::derive(at, &format!("auto_text/{}", call.id)),
            job: Job::AutoText { call: call.id },
            subject: event.caller.number(),
            run_at: at,
            dedupe: call.id.to_string(),
        })
    });
    let unwanted = call.outcome == Outcome::Spam;
    let wanted = !call.is_test && !unwanted && plan(&owner.settings, NoticeKind::MissedCall, false, at) != Plan::Nobody;
    let tell = wanted.then(|| About::Call { call: call.id }.tell(at, at));
    // A call that never reports its end is looked up; most report and the look-up finds nothing to do.
    commit.changes.push(Change::InsertCall(Box::new(call.clone())));
    commit.changes.push(received);
    commit.changes.extend(denied);
    commit.changes.extend(text_job);
    commit.changes.extend(tell);
    match test {
        Some(test) => {
            commit.changes.push(Change::PutTestCall(Box::new(TestCall {
                version: test.version.saturating_add(1),
                state: TestCallState::Success,
                ended_at: Some(at),
                ..test.clone()
            })));
            commit.changes.push(feed(
                FeedKind::ForwardingTestSucceeded,
                serde_json::json!({ "test": test.id }),
            ));
            commit.changes.extend(verified_settings(owner, at));
        }
        None => commit.grouping = Grouping::Intake,
    }
    commit
}

/// The settings with forwarding marked as proved.
fn verified_settings(owner: &Owner, at: Timestamp) -> Option<Change> {
    let mut settings = (*owner.settings).clone();
    settings.telephone.forwarding_verified_at = Some(at);
    Some(Change::PutSettings {
        settings: Box::new(settings),
        expected: owner.version,
    })
}

/// The decision and its trace, without a call: what would be done at `at`. A trade that is not given is that of the
/// number that would be reached, else that of the business.
#[must_use]
pub fn what_if(
    owner: &Owner,
    flags: &CallerFlags,
    source: CallSource<'_>,
    voice_ready: bool,
    at: Timestamp,
) -> (Decision, Trace) {
    let trade = source
        .called
        .map_or(owner.settings.profile.trade.as_str(), |called| owner.trade_of(&called));
    let facts = CallerFacts {
        blocked: flags.blocked,
        spam: flags.spam,
        suspected: flags.spam.then(|| owner.settings.spam.answer.method()),
        emergency_until: flags.emergency_until,
        voice_ready,
        source: CallSource {
            trade: source.trade.or(Some(trade)),
            ..source
        },
    };
    explain(&owner.schedule, &facts, at)
}
