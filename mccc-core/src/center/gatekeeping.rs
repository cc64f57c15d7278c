//! Puts what was loaded into the gate's terms and its verdict into the worker's.

use crate::CallerId;
use crate::Timestamp;
use crate::business::{OptOutReply, Owner, wording};
use crate::calls::{Call, FORGED_CALLER_TAG, Outcome};
use crate::compliance::consent;
use crate::compliance::gate::{
    self, BusinessFacts, CallerFacts, Caps, CheckName, ConsentFacts, Facts, Request, SendPermit, SentFacts,
    ThreadFacts, Verdict,
};
use crate::compliance::loop_guard::{self, Heard, LoopReason};
use crate::compliance::number::{KnownLine, Policy};
use crate::compliance::window::{GuardWindow, guard_until};
use crate::conversation::{Author, Direction, Message, MessageKind, MessageStatus, ThreadState};
use crate::messages::TemplateKind;
use crate::port::store::{Guard, Thread};

/// What is asked of the gate.
pub(super) struct Question<'a> {
    pub(super) owner: &'a Owner,
    pub(super) thread: &'a Thread,
    pub(super) message: &'a Message,
    pub(super) call: Option<&'a Call>,
    /// Which numbers may be texted through this business's gateway.
    pub(super) policy: &'a Policy,
    /// Whether texts cost nothing: the sandbox has no spending to cap.
    pub(super) free_of_charge: bool,
    /// Whether the gateway itself answers the bare words STOP, START and HELP.
    pub(super) gateway_confirms: bool,
    /// The recipient is a number of this installation.
    pub(super) is_ours: bool,
    /// When the job was due.
    pub(super) due_at: Timestamp,
    /// From when on the text is of no use, where nobody waits for it.
    pub(super) useless_from: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// The gate's verdict.
pub(super) enum Answer {
    Allow {
        permit: SendPermit,
        guard_until: Option<Timestamp>,
        /// The business's limits, to be counted again by the commit that claims the text.
        limits: Option<Guard>,
        /// Every precondition: all of them hold.
        passed: Vec<CheckName>,
    },
    Defer {
        until: Timestamp,
        checks: serde_json::Value,
    },
    Deny {
        sentence: String,
        tell_person: bool,
        checks: serde_json::Value,
    },
}

/// Asks the gate.
pub(super) fn ask(question: &Question<'_>) -> Answer {
    let request = request(question);
    let facts = facts(question);
    let now = question.now;
    match gate::decide(&request, &facts, now) {
        Verdict::Allow(permit) => {
            let settings = &question.owner.settings;
            let window = settings
                .texting
                .window_hours
                .map_or(GuardWindow::LocalDay, GuardWindow::Hours);
            let holds = matches!(
                question.message.kind,
                MessageKind::AutoText | MessageKind::HangUp | MessageKind::VoicemailAck
            );
            let guard_until = holds.then(|| guard_until(now, window, question.owner.zone().name()));
            let passed = gate::assess(&request, &facts, now).checks;
            Answer::Allow {
                permit,
                guard_until,
                limits: limits(&request, &facts),
                passed: passed.into_iter().map(|check| check.name).collect(),
            }
        }
        Verdict::Defer { until, .. } => Answer::Defer {
            until,
            checks: checks(&request, &facts, now),
        },
        Verdict::Deny(reason) => Answer::Deny {
            sentence: reason.explain().to_owned(),
            tell_person: reason.needs_person() || is_awaited(question.message, reason),
            checks: checks(&request, &facts, now),
        },
    }
}

/// Whether a text was to be tried again and is given up: nobody else has heard that the first did not arrive.
const fn is_awaited(message: &Message, reason: gate::Reason) -> bool {
    message.attempts > 0 && matches!(reason, gate::Reason::RecentlyTexted(_))
}

/// Other workers text for the same business at the same time: what the gate saw is counted again where nobody can come
/// between. A limit that cannot be reached is not asked about.
fn limits(request: &Request, facts: &Facts) -> Option<Guard> {
    let finite = |limit: &u32| *limit != u32::MAX;
    let limits = gate::limits(request, facts);
    let business_day = limits.business_day.filter(finite);
    let new_recipients_hour = limits.new_recipients_hour.filter(finite);
    (business_day.is_some() || new_recipients_hour.is_some()).then_some(Guard::SendsBelow {
        business_day,
        new_recipients_hour,
    })
}

fn checks(request: &Request, facts: &Facts, now: Timestamp) -> serde_json::Value {
    serde_json::to_value(gate::assess(request, facts, now)).unwrap_or(serde_json::Value::Null)
}

fn request(question: &Question<'_>) -> Request {
    let message = question.message;
    Request {
        business: question.owner.business,
        message: message.id,
        purpose: purpose(message.kind),
        to: CallerId::Present(message.theirs),
        body: message.body.clone(),
        immediate: message.kind != MessageKind::FollowUp && question.useless_from.is_none(),
        due_at: match (message.kind, question.call) {
            // A missed call is answered from the moment it arrived, however often the attempt was put off.
            (MessageKind::AutoText, Some(call)) => call.received_at,
            _ => question.due_at,
        },
        useless_from: question.useless_from,
    }
}

fn purpose(kind: MessageKind) -> TemplateKind {
    // Confirming an opt-in answers the caller's own word, as HELP does.
    wording::template_kind(kind).unwrap_or(match kind {
        MessageKind::Manual => TemplateKind::Manual,
        MessageKind::OwnerNotice => TemplateKind::OwnerNotice,
        MessageKind::OptInConfirmation => TemplateKind::Help,
        MessageKind::Reply
        | MessageKind::AutoText
        | MessageKind::FollowUp
        | MessageKind::VoicemailAck
        | MessageKind::HangUp
        | MessageKind::Emergency
        | MessageKind::OptOutConfirmation
        | MessageKind::Help
        | MessageKind::AppointmentConfirmation
        | MessageKind::AppointmentReminder
        | MessageKind::AppointmentCancelled => TemplateKind::Reply,
    })
}

fn facts(question: &Question<'_>) -> Facts {
    let Question {
        owner, thread, call, ..
    } = question;
    let texting = &owner.settings.texting;
    let caps = if question.free_of_charge {
        Caps {
            new_recipients_hour: u32::MAX,
            business_day: u32::MAX,
            ..Caps::default()
        }
    } else {
        Caps {
            new_recipients_hour: texting.hourly_new_recipients,
            business_day: texting.daily_limit,
            ..Caps::default()
        }
    };
    Facts {
        business: business_facts(question),
        consent: consent_facts(question),
        caller: CallerFacts {
            blocked: thread.flags.blocked,
            spam: thread.flags.spam || call.is_some_and(|call| call.outcome == Outcome::Spam),
            do_not_auto_text: thread.flags.no_auto_text,
            is_ours: question.is_ours,
            attestation_failed: call.is_some_and(|call| call.tags.iter().any(|tag| tag == FORGED_CALLER_TAG)),
            line: thread
                .contact
                .as_ref()
                .and_then(|contact| contact.line)
                .map(|(line_type, checked_at)| KnownLine { line_type, checked_at }),
            is_test: call.is_some_and(|call| call.is_test),
        },
        thread: thread_facts(question),
        sent: sent_facts(question),
        policy: question.policy.clone(),
        window: texting.window(),
        caps,
    }
}

fn business_facts(question: &Question<'_>) -> BusinessFacts {
    let settings = &question.owner.settings;
    let templates = &settings.templates;
    let to_callers = settings.switches.customer_acknowledgements;
    let purpose_enabled = match question.message.kind {
        MessageKind::AutoText => to_callers && templates.auto_text_enabled,
        MessageKind::FollowUp => to_callers && templates.followup_enabled,
        MessageKind::HangUp => to_callers && templates.hangup_enabled,
        MessageKind::VoicemailAck => to_callers && templates.voicemail_ack_enabled,
        MessageKind::AppointmentConfirmation => templates.appointment_confirmation_enabled,
        MessageKind::AppointmentCancelled => templates.appointment_cancelled_enabled,
        MessageKind::AppointmentReminder
        | MessageKind::Emergency
        | MessageKind::Reply
        | MessageKind::Manual
        | MessageKind::OwnerNotice
        | MessageKind::Help
        | MessageKind::OptInConfirmation
        | MessageKind::OptOutConfirmation => true,
    };
    BusinessFacts {
        texting_enabled: settings.texting.enabled,
        sender_registered: settings.texting.registered,
        profile_complete: !settings.profile.name.trim().is_empty() && !settings.profile.trade.trim().is_empty(),
        purpose_enabled,
        from: question.owner.sender(),
        zone: question.owner.zone().name().to_owned(),
        confirms_opt_outs: confirms(question),
    }
}

/// Whether the confirmation of an opt-out is ours. Who wrote it down knew whether the gateway answers at all; where it does
/// and the caller wrote its own word, it has answered.
fn confirms(question: &Question<'_>) -> bool {
    let before = |message: &&Message| {
        message.direction == Direction::Inbound && message.created_at < question.message.created_at
    };
    let answered = question
        .thread
        .messages
        .iter()
        .rfind(before)
        .is_some_and(|message| consent::is_answered_by_gateways(&message.body));
    match question.owner.settings.texting.opt_out_reply {
        OptOutReply::App => true,
        OptOutReply::Gateway => !(question.gateway_confirms && answered),
    }
}

fn consent_facts(question: &Question<'_>) -> ConsentFacts {
    let consent = question.thread.consent;
    let confirmed = question.thread.messages.iter().any(|message| {
        message.kind == MessageKind::OptOutConfirmation
            && message.id != question.message.id
            && message.status != MessageStatus::Canceled
            && consent.opted_out_at.is_some_and(|at| message.created_at >= at)
    });
    ConsentFacts {
        opted_out_at: consent.opted_out_at,
        suppressed: consent.suppressed,
        confirmation_sent: confirmed,
    }
}

fn thread_facts(question: &Question<'_>) -> ThreadFacts {
    let Question {
        thread, call, message, ..
    } = question;
    let conversation = thread.conversation.as_ref();
    let since = call.map_or(message.created_at, |call| call.received_at);
    ThreadFacts {
        taken_over: conversation.is_some_and(|conversation| conversation.state == ThreadState::Human),
        replied: conversation
            .and_then(|conversation| conversation.last_inbound_at)
            .is_some_and(|at| at >= since),
        called_back: call.is_some_and(|call| call.callback_completed_at.is_some()),
        booked: call.is_some_and(|call| call.outcome == Outcome::AppointmentBooked),
        looping: match message.kind {
            // A call is news by itself; only texts that answer texts can go round in circles.
            MessageKind::Reply | MessageKind::FollowUp => looping(thread),
            MessageKind::AutoText
            | MessageKind::HangUp
            | MessageKind::VoicemailAck
            | MessageKind::Emergency
            | MessageKind::OptOutConfirmation
            | MessageKind::OptInConfirmation
            | MessageKind::Help
            | MessageKind::AppointmentConfirmation
            | MessageKind::AppointmentReminder
            | MessageKind::AppointmentCancelled
            | MessageKind::Manual
            | MessageKind::OwnerNotice => None,
        },
    }
}

/// Whether the newest text of the caller looks like a machine's.
fn looping(thread: &Thread) -> Option<LoopReason> {
    let inbound: Vec<&Message> = thread
        .messages
        .iter()
        .filter(|message| message.direction == Direction::Inbound)
        .collect();
    let (newest, earlier) = inbound.split_last()?;
    inspect(newest.created_at, &newest.body, earlier, thread)
}

/// Why a text that has just arrived looks like a machine's, if it does.
pub(crate) fn arrives_from_machine(at: Timestamp, body: &str, thread: &Thread) -> Option<LoopReason> {
    let earlier: Vec<&Message> = thread
        .messages
        .iter()
        .filter(|message| message.direction == Direction::Inbound)
        .collect();
    inspect(at, body, &earlier, thread)
}

fn inspect(at: Timestamp, body: &str, earlier: &[&Message], thread: &Thread) -> Option<LoopReason> {
    let earlier: Vec<Heard<'_>> = earlier
        .iter()
        .map(|message| Heard {
            at: message.created_at,
            body: &message.body,
        })
        .collect();
    let our_last = thread
        .messages
        .iter()
        .rev()
        .find(|message| message.author == Author::Machine)
        .map(|message| Heard {
            at: message.created_at,
            body: &message.body,
        });
    let turns = thread
        .conversation
        .as_ref()
        .map_or(0, |conversation| conversation.automated_since_inbound);
    loop_guard::inspect(Heard { at, body }, &earlier, our_last, turns)
}

fn sent_facts(question: &Question<'_>) -> SentFacts {
    let Question { thread, message, .. } = question;
    let automated = thread
        .messages
        .iter()
        .filter(|sent| {
            sent.author == Author::Machine && (sent.status.was_accepted() || sent.status == MessageStatus::Unknown)
        })
        .count();
    SentFacts {
        guard_until: thread
            .guard
            .filter(|guard| guard.message != message.id)
            .map(|guard| guard.until),
        unanswered_30d: thread.counts.auto_texts_unanswered_30_days,
        is_new_recipient: !thread
            .messages
            .iter()
            .any(|sent| sent.direction == Direction::Outbound && sent.status.was_accepted()),
        new_recipients_hour: thread.counts.new_recipients_last_hour,
        business_today: thread.counts.business_last_day,
        automated_today: thread.counts.automated_to_caller_last_day,
        automated_in_conversation: u32::try_from(automated).unwrap_or(u32::MAX),
        last_automated_at: thread
            .conversation
            .as_ref()
            .and_then(|conversation| conversation.last_automated_at),
    }
}
