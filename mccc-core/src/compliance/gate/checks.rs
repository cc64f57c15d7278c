//! The preconditions, one by one and in their order.

use serde::{Deserialize, Serialize};

use super::SendLimits;
use super::facts::Facts;
use super::reason::Reason;
use super::request::{Purpose, Request, answers_call, is_automated, is_unprompted};
use crate::Timestamp;
use crate::compliance::{number, quiet};
use crate::messages::Limits;

/// One precondition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// The caller has not opted out.
    NotOptedOut,
    /// The number is not suppressed for the installation.
    NotSuppressed,
    /// The caller's number is known.
    NumberPresent,
    /// It is not one of ours.
    NotOurNumber,
    /// It can be texted.
    NumberTextable,
    /// The line receives texts.
    LineTextable,
    /// The caller is not blocked.
    NotBlocked,
    /// The call is not spam.
    NotSpam,
    /// The contact may be auto-texted.
    AutoTextAllowed,
    /// The caller ID is not forged.
    CallerIdGenuine,
    /// It is not a test call.
    NotTest,
    /// Texting is on.
    TextingOn,
    /// The sender is registered.
    SenderRegistered,
    /// There is a number to send from.
    SenderPresent,
    /// The profile is complete.
    ProfileComplete,
    /// Texts of this kind are on.
    KindOn,
    /// The text can be sent as it is.
    BodyFits,
    /// It is not too late.
    InTime,
    /// No person has taken over.
    NotTakenOver,
    /// The reason for the text still holds.
    StillWanted,
    /// The other side is not a machine.
    NoLoop,
    /// No auto-text in this window.
    FirstInWindow,
    /// The caller answers at times.
    CallerAnswers,
    /// Within the hourly limit of new recipients.
    HourlyLimit,
    /// Within the daily limit.
    DailyLimit,
    /// Within the caller's daily limit.
    CallerDailyLimit,
    /// Within the conversation's limit.
    ConversationLimit,
    /// Not in quiet hours.
    OutsideQuietHours,
    /// Not right after another text.
    PauseKept,
}

impl CheckName {
    /// The precondition in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotOptedOut => "The caller has not opted out of your texts",
            Self::NotSuppressed => "The number is not on the suppression list",
            Self::NumberPresent => "The caller's number is known",
            Self::NotOurNumber => "The call is not from one of your own numbers",
            Self::NumberTextable => "The number can receive texts",
            Self::LineTextable => "The line is not known to be a landline",
            Self::NotBlocked => "The caller is not on your block list",
            Self::NotSpam => "The call is not spam",
            Self::AutoTextAllowed => "The contact may be auto-texted",
            Self::CallerIdGenuine => "The caller ID is not reported as forged",
            Self::NotTest => "It is not a test call",
            Self::TextingOn => "Texting is switched on",
            Self::SenderRegistered => "Your number is registered for texting",
            Self::SenderPresent => "There is a number to text from",
            Self::ProfileComplete => "Your business profile is complete",
            Self::KindOn => "Texts of this kind are switched on",
            Self::BodyFits => "The text fits into a message",
            Self::InTime => "The text is not late",
            Self::NotTakenOver => "Nobody has taken the conversation over",
            Self::StillWanted => "The caller still waits for an answer",
            Self::NoLoop => "The other side does not look like a machine",
            Self::FirstInWindow => "No other auto-text went to this caller today",
            Self::CallerAnswers => "The caller does not leave every text unanswered",
            Self::HourlyLimit => "The hourly limit of new numbers is not reached",
            Self::DailyLimit => "The daily limit of texts is not reached",
            Self::CallerDailyLimit => "The caller's daily limit is not reached",
            Self::ConversationLimit => "The conversation's limit is not reached",
            Self::OutsideQuietHours => "It is daytime where the caller is, or the caller is waiting",
            Self::PauseKept => "The previous text is not only seconds old",
        }
    }
}

/// What came of one precondition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// Whether it holds, or does not apply.
    pub passed: bool,
    /// A sentence: the precondition when it holds, what stands against it when it does not.
    pub detail: String,
    /// What stands against it.
    pub reason: Option<Reason>,
    /// When it will hold, if waiting is enough.
    pub until: Option<Timestamp>,
}

/// What stands against a text at one precondition.
enum Against {
    Nothing,
    Denied(Reason),
    Until(Timestamp, Reason),
}

fn unless(holds: bool, reason: Reason) -> Against {
    if holds {
        Against::Nothing
    } else {
        Against::Denied(reason)
    }
}

/// Evaluates every precondition, opt-outs first.
pub(super) fn all(request: &Request, facts: &Facts, now: Timestamp) -> Vec<Check> {
    use CheckName as N;
    [
        (N::NotOptedOut, opted_out(request, facts)),
        (N::NotSuppressed, suppressed(request, facts)),
        (
            N::NumberPresent,
            unless(request.to.number().is_some(), Reason::NoNumber),
        ),
        (N::NotOurNumber, ours(request, facts)),
        (N::NumberTextable, textable(request, facts)),
        (N::LineTextable, line(facts, now)),
        (N::NotBlocked, unless(!facts.caller.blocked, Reason::Blocked)),
        (N::NotSpam, automated(request, facts.caller.spam, Reason::Spam)),
        (N::AutoTextAllowed, auto_text_allowed(request, facts)),
        (N::CallerIdGenuine, genuine(request, facts)),
        (N::NotTest, automated(request, facts.caller.is_test, Reason::TestCall)),
        (N::TextingOn, unless(facts.business.texting_enabled, Reason::TextingOff)),
        (
            N::SenderRegistered,
            unless(facts.business.sender_registered, Reason::SenderNotRegistered),
        ),
        (
            N::SenderPresent,
            unless(facts.business.from.is_some(), Reason::NoSender),
        ),
        (N::ProfileComplete, profile(request, facts)),
        (N::KindOn, unless(facts.business.purpose_enabled, Reason::KindOff)),
        (N::BodyFits, body(request)),
        (N::InTime, in_time(request, facts, now)),
        (N::NotTakenOver, taken_over(request, facts)),
        (N::StillWanted, still_wanted(request, facts)),
        (N::NoLoop, no_loop(request, facts)),
        (N::FirstInWindow, first_in_window(request, facts, now)),
        (
            N::CallerAnswers,
            unless(
                !answers_call(request.purpose) || facts.sent.unanswered_30d < facts.caps.unanswered_30d,
                Reason::NeverAnswers,
            ),
        ),
        (N::HourlyLimit, hourly(request, facts)),
        (N::DailyLimit, daily(request, facts)),
        (
            N::CallerDailyLimit,
            counted(
                request,
                facts.sent.automated_today,
                facts.caps.automated_day,
                Reason::CallerDailyLimit,
            ),
        ),
        (
            N::ConversationLimit,
            counted(
                request,
                facts.sent.automated_in_conversation,
                facts.caps.automated_conversation,
                Reason::ConversationLimit,
            ),
        ),
        (N::OutsideQuietHours, quiet_hours(request, facts, now)),
        (N::PauseKept, pause(request, facts, now)),
    ]
    .into_iter()
    .map(|(name, against)| check(name, in_use(request, against)))
    .collect()
}

/// What would have to wait until it is of no use is refused at once, so that a person hears of it while they can call.
fn in_use(request: &Request, against: Against) -> Against {
    match (against, request.useless_from) {
        (Against::Until(until, _), Some(useless)) if until >= useless => Against::Denied(Reason::Useless),
        (against @ (Against::Nothing | Against::Denied(_) | Against::Until(..)), _) => against,
    }
}

fn check(name: CheckName, against: Against) -> Check {
    let (reason, until) = match against {
        Against::Nothing => (None, None),
        Against::Denied(reason) => (Some(reason), None),
        Against::Until(until, reason) => (Some(reason), Some(until)),
    };
    Check {
        name,
        passed: reason.is_none(),
        detail: reason.map_or_else(|| name.label(), Reason::explain).to_owned(),
        reason,
        until,
    }
}

/// Only an opt-out's own confirmation may pass, once.
fn opted_out(request: &Request, facts: &Facts) -> Against {
    let consent = &facts.consent;
    if request.purpose != Purpose::OptOutConfirmation {
        return unless(consent.opted_out_at.is_none(), Reason::OptedOut);
    }
    if consent.opted_out_at.is_none() {
        Against::Denied(Reason::NothingToConfirm)
    } else if !facts.business.confirms_opt_outs {
        Against::Denied(Reason::GatewayConfirms)
    } else {
        unless(!consent.confirmation_sent, Reason::AlreadyConfirmed)
    }
}

fn suppressed(request: &Request, facts: &Facts) -> Against {
    unless(
        !facts.consent.suppressed || request.purpose == Purpose::OptOutConfirmation,
        Reason::Suppressed,
    )
}

fn ours(request: &Request, facts: &Facts) -> Against {
    let to_itself = request.to.number().is_some() && request.to.number() == facts.business.from;
    unless(!facts.caller.is_ours && !to_itself, Reason::OurNumber)
}

fn textable(request: &Request, facts: &Facts) -> Against {
    match request.to.number().map(|to| number::textable(&to, &facts.policy)) {
        None | Some(Ok(())) => Against::Nothing,
        Some(Err(kind)) => Against::Denied(Reason::Untextable(kind)),
    }
}

fn line(facts: &Facts, now: Timestamp) -> Against {
    match facts.caller.line.map(|line| line.at(now)) {
        Some(kind) if !kind.textable() => Against::Denied(Reason::Line(kind)),
        Some(_) | None => Against::Nothing,
    }
}

/// Against an automated text when `bad`; the answer to an opt-out is owed to anybody who could opt out.
fn automated(request: &Request, bad: bool, reason: Reason) -> Against {
    let exempt = !is_automated(request.purpose) || request.purpose == Purpose::OptOutConfirmation;
    unless(!bad || exempt, reason)
}

fn auto_text_allowed(request: &Request, facts: &Facts) -> Against {
    let on_our_own = answers_call(request.purpose) || request.purpose == Purpose::Followup;
    unless(!on_our_own || !facts.caller.do_not_auto_text, Reason::DoNotAutoText)
}

fn genuine(request: &Request, facts: &Facts) -> Against {
    let on_our_own = answers_call(request.purpose) || request.purpose == Purpose::Followup;
    unless(!on_our_own || !facts.caller.attestation_failed, Reason::ForgedCallerId)
}

fn profile(request: &Request, facts: &Facts) -> Against {
    let needs = answers_call(request.purpose) || is_unprompted(request.purpose);
    unless(!needs || facts.business.profile_complete, Reason::ProfileIncomplete)
}

fn body(request: &Request) -> Against {
    let limits = if is_automated(request.purpose) {
        Limits::TEMPLATE
    } else {
        Limits::MANUAL
    };
    unless(
        !request.body.trim().is_empty() && limits.admit(&request.body),
        Reason::BadBody,
    )
}

fn in_time(request: &Request, facts: &Facts, now: Timestamp) -> Against {
    // The contractor would rather know late than never.
    let late = now.since(request.due_at) > facts.caps.late() && request.purpose != Purpose::OwnerNotice;
    if request.useless_from.is_some_and(|useless| now >= useless) {
        return Against::Denied(Reason::Useless);
    }
    unless(!late, Reason::TooLate)
}

fn taken_over(request: &Request, facts: &Facts) -> Against {
    let yields = answers_call(request.purpose) || matches!(request.purpose, Purpose::Followup | Purpose::Reply);
    unless(!yields || !facts.thread.taken_over, Reason::TakenOver)
}

fn still_wanted(request: &Request, facts: &Facts) -> Against {
    let thread = &facts.thread;
    if request.purpose != Purpose::Followup {
        return Against::Nothing;
    }
    if thread.replied {
        Against::Denied(Reason::Answered)
    } else if thread.called_back {
        Against::Denied(Reason::CalledBack)
    } else {
        unless(!thread.booked, Reason::Booked)
    }
}

fn no_loop(request: &Request, facts: &Facts) -> Against {
    match facts.thread.looping {
        Some(reason)
            if matches!(
                request.purpose,
                Purpose::Reply | Purpose::Help | Purpose::Followup | Purpose::Emergency
            ) =>
        {
            Against::Denied(Reason::Looping(reason))
        }
        Some(_) | None => Against::Nothing,
    }
}

fn first_in_window(request: &Request, facts: &Facts, now: Timestamp) -> Against {
    match facts.sent.guard_until {
        Some(until) if answers_call(request.purpose) && now < until => Against::Denied(Reason::RecentlyTexted(until)),
        Some(_) | None => Against::Nothing,
    }
}

/// Which of the business's limits this text counts against.
pub(super) fn limits(request: &Request, facts: &Facts) -> SendLimits {
    let exempt = request.purpose == Purpose::OptOutConfirmation;
    let new = facts.sent.is_new_recipient && is_automated(request.purpose);
    SendLimits {
        business_day: (!exempt).then_some(facts.caps.business_day),
        new_recipients_hour: (new && !exempt).then_some(facts.caps.new_recipients_hour),
    }
}

fn hourly(request: &Request, facts: &Facts) -> Against {
    let limit = limits(request, facts).new_recipients_hour;
    unless(
        limit.is_none_or(|limit| facts.sent.new_recipients_hour < limit),
        Reason::HourlyLimit,
    )
}

fn daily(request: &Request, facts: &Facts) -> Against {
    let limit = limits(request, facts).business_day;
    unless(
        limit.is_none_or(|limit| facts.sent.business_today < limit),
        Reason::DailyLimit,
    )
}

fn counted(request: &Request, count: u32, cap: u32, reason: Reason) -> Against {
    automated(request, count >= cap, reason)
}

/// A person who writes chooses the moment; what we write on our own keeps to the caller's day.
fn quiet_hours(request: &Request, facts: &Facts, now: Timestamp) -> Against {
    let prompted = request.immediate && !is_unprompted(request.purpose);
    if prompted || !is_automated(request.purpose) || request.purpose == Purpose::OptOutConfirmation {
        return Against::Nothing;
    }
    let Some(to) = request.to.number() else {
        return Against::Nothing;
    };
    let opens = quiet::next_allowed(now, &to, &facts.business.zone, facts.window);
    if opens <= now {
        Against::Nothing
    } else {
        Against::Until(opens, Reason::QuietHours)
    }
}

fn pause(request: &Request, facts: &Facts, now: Timestamp) -> Against {
    if !is_automated(request.purpose) || request.purpose == Purpose::OptOutConfirmation {
        return Against::Nothing;
    }
    match facts.sent.last_automated_at.map(|last| last.plus(facts.caps.pause())) {
        Some(until) if now < until => Against::Until(until, Reason::TooSoon),
        Some(_) | None => Against::Nothing,
    }
}
