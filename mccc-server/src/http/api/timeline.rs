//! The story of a call, one line an event.

use mccc_core::calls::{DashboardOutcome, Outcome};
use mccc_core::conversation::{Author, Direction, Message, MessageStatus};
use mccc_core::notify::ChannelKind;
use mccc_core::port::store::{CallDetail, FeedEntry, FeedKind};
use mccc_core::tasks::TaskKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One thing that happened.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct TimelineEntry {
    /// When.
    #[schema(format = DateTime)]
    pub(crate) at: String,
    /// The feed's name of the kind of event.
    pub(crate) kind: &'static str,
    /// What happened.
    pub(crate) title: String,
    /// More about it.
    pub(crate) detail: Option<String>,
    /// `good`, `attention`, `problem`, or null where nothing can go wrong.
    pub(crate) outcome: Option<&'static str>,
}

const GOOD: Option<&str> = Some("good");
const ATTENTION: Option<&str> = Some("attention");
const PROBLEM: Option<&str> = Some("problem");

/// The story of a call, oldest first.
#[must_use]
pub(super) fn of(detail: &CallDetail) -> Vec<TimelineEntry> {
    let mut told: Vec<TimelineEntry> = Vec::new();
    for entry in &detail.events {
        let Some(line) = line(detail, entry) else { continue };
        // News that repeats what was just told is no news.
        if told
            .last()
            .is_none_or(|last| (last.kind, &last.title, &last.detail) != (line.kind, &line.title, &line.detail))
        {
            told.push(line);
        }
    }
    told
}

fn line(detail: &CallDetail, entry: &FeedEntry) -> Option<TimelineEntry> {
    let event = &entry.event;
    let message = event
        .message
        .and_then(|id| detail.messages.iter().find(|message| message.id == id));
    let (title, more, outcome) = match event.kind {
        FeedKind::CallReceived => {
            let method = detail.call.method.label();
            (format!("Missed call received, answered with {method}"), None, None)
        }
        FeedKind::CallUpdated => return None,
        FeedKind::CallEnded => ended(detail, &event.data),
        FeedKind::VoicemailReceived => {
            let seconds = event.data.get("recording_duration").and_then(Value::as_u64);
            (
                "The caller left a message".to_owned(),
                seconds.map(|seconds| format!("{seconds} seconds")),
                GOOD,
            )
        }
        FeedKind::AutoTextSent => ("Text sent to the caller".to_owned(), body_of(message), GOOD),
        FeedKind::TextDenied => (
            "No text was sent".to_owned(),
            first_failed(&event.data).or_else(|| text(&event.data, "sentence")),
            ATTENTION,
        ),
        FeedKind::TextDeferred => ("The text waits".to_owned(), first_failed(&event.data), None),
        FeedKind::TextUpdated => return updated(entry, message),
        FeedKind::TextFailed => {
            let again = event.data.get("will_retry").and_then(Value::as_bool) == Some(true);
            let title = if again {
                "The text did not get through; it is tried again"
            } else {
                "The text did not get through"
            };
            (
                title.to_owned(),
                text(&event.data, "failure_reason"),
                if again { ATTENTION } else { PROBLEM },
            )
        }
        FeedKind::TextUnknown => (
            "Whether the text went out is not known".to_owned(),
            Some("It is looked up at the provider and never sent a second time.".to_owned()),
            ATTENTION,
        ),
        FeedKind::TextReceived => ("The caller wrote".to_owned(), body_of(message), GOOD),
        FeedKind::OptedOut => ("The caller opted out of texts".to_owned(), None, ATTENTION),
        FeedKind::OptedIn => ("The caller wants texts again".to_owned(), None, GOOD),
        FeedKind::ConversationUpdated => match text(&event.data, "state").as_deref() {
            Some("human") => ("A person took the conversation over".to_owned(), None, None),
            _ => return None,
        },
        FeedKind::TaskRaised => ("A person is needed".to_owned(), Some(task(&event.data)), ATTENTION),
        FeedKind::TaskDone => (
            "A person has taken care of it".to_owned(),
            Some(task(&event.data)),
            GOOD,
        ),
        FeedKind::AppointmentBooked => ("An appointment was booked".to_owned(), None, GOOD),
        FeedKind::AppointmentUpdated => ("The appointment was changed".to_owned(), None, None),
        FeedKind::AppointmentCancelled => (
            "The appointment was called off".to_owned(),
            text(&event.data, "reason"),
            ATTENTION,
        ),
        FeedKind::AvailabilityChecked => {
            let count = |name: &str| event.data.get(name).and_then(Value::as_u64).unwrap_or(0);
            let found = format!("{} times found in the next {} days", count("found"), count("days"));
            ("Availability checked".to_owned(), Some(found), None)
        }
        FeedKind::BookingFailed => (
            "A booking came to nothing".to_owned(),
            text(&event.data, "reason"),
            ATTENTION,
        ),
        FeedKind::ForwardingTestSucceeded => ("Forwarding test succeeded".to_owned(), None, GOOD),
        FeedKind::CallerFlagged => match event.data.get("spam").and_then(Value::as_bool) {
            Some(true) => (
                "The caller is held to be spam".to_owned(),
                Some(
                    "Later calls are rejected and nothing is sent. Mark the caller as no spam to take it back."
                        .to_owned(),
                ),
                ATTENTION,
            ),
            Some(false) | None if event.data.get("emergency_until").is_some_and(Value::is_string) => (
                "The caller wrote of an emergency".to_owned(),
                Some("For the next hour their calls go to the voice agent, unless the schedule's emergency switch is off.".to_owned()),
                ATTENTION,
            ),
            Some(false) | None => return None,
        },
        FeedKind::NotificationSent => ("You were told".to_owned(), channel(&event.data), GOOD),
        FeedKind::NotificationHeld => (
            "You are told when your quiet time ends".to_owned(),
            None,
            None,
        ),
        FeedKind::NotificationFailed => ("A notice to you did not get through".to_owned(), channel(&event.data), ATTENTION),
        FeedKind::PromiseAtRisk => ("A promise to the caller is about to break".to_owned(), None, ATTENTION),
        FeedKind::PromiseBroken => ("A promise to the caller was not kept in time".to_owned(), None, PROBLEM),
        FeedKind::SettingsSaved
        | FeedKind::CalendarConnected
        | FeedKind::CalendarDisconnected
        | FeedKind::CalendarRefused
        | FeedKind::ForwardingNumberGenerated
        | FeedKind::ForwardingTestStarted
        | FeedKind::ForwardingTestFailed
        | FeedKind::LedgerHead => return None,
    };
    Some(TimelineEntry {
        at: event.at.to_string(),
        kind: event.kind.name(),
        title,
        detail: more,
        outcome,
    })
}

type Line = (String, Option<String>, Option<&'static str>);

fn ended(detail: &CallDetail, data: &Value) -> Line {
    let outcome = text(data, "outcome")
        .and_then(|name| Outcome::from_name(&name))
        .unwrap_or(detail.call.outcome);
    let seconds = detail.call.duration_seconds.map(|seconds| format!("{seconds} seconds"));
    let (title, tone) = ending(outcome.dashboard(), detail.call.recording.is_some());
    (title.to_owned(), seconds, tone)
}

/// How a call ended. It can end before what was recorded of it is there.
fn ending(outcome: DashboardOutcome, recorded: bool) -> (&'static str, Option<&'static str>) {
    match outcome {
        DashboardOutcome::AppointmentBooked => ("Call ended with an appointment", GOOD),
        DashboardOutcome::QuestionAnswered => ("Call ended with an answer", GOOD),
        DashboardOutcome::CallbackRequested => ("Call ended; the caller is owed a call", ATTENTION),
        DashboardOutcome::VoicemailLeft => ("Call ended with a message", GOOD),
        DashboardOutcome::HungUp if recorded => ("Call ended", None),
        DashboardOutcome::HungUp => ("The caller hung up without a message", None),
        DashboardOutcome::NoResponse | DashboardOutcome::Spam => ("Call ended", None),
    }
}

/// News about a text, where it says something that no other event says.
fn updated(entry: &FeedEntry, message: Option<&Message>) -> Option<TimelineEntry> {
    let status = MessageStatus::from_name(&text(&entry.event.data, "status")?)?;
    let by_person = message.is_some_and(|message| message.author == Author::Person);
    let (title, outcome) = match status {
        MessageStatus::Delivered => ("Text delivered", GOOD),
        MessageStatus::Waiting if by_person => ("A person wrote to the caller", None),
        MessageStatus::Canceled => ("A text was cancelled before it was sent", ATTENTION),
        MessageStatus::Waiting
        | MessageStatus::Claimed
        | MessageStatus::Unknown
        | MessageStatus::Queued
        | MessageStatus::Sent
        | MessageStatus::Undelivered
        | MessageStatus::Failed
        | MessageStatus::Received => return None,
    };
    let detail = if status == MessageStatus::Canceled {
        message.and_then(|message| message.reason.clone())
    } else if by_person {
        body_of(message)
    } else {
        None
    };
    Some(TimelineEntry {
        at: entry.event.at.to_string(),
        kind: entry.event.kind.name(),
        title: title.to_owned(),
        detail,
        outcome,
    })
}

fn body_of(message: Option<&Message>) -> Option<String> {
    let message = message?;
    if message.body.is_empty() && message.direction == Direction::Inbound {
        return Some(match message.media_count {
            1 => "A picture or file".to_owned(),
            count => format!("{count} pictures or files"),
        });
    }
    Some(message.body.clone())
}

/// What stood against a text, from its stored checks.
fn first_failed(data: &Value) -> Option<String> {
    let checks = data.get("checks")?.as_array()?;
    let failed = checks
        .iter()
        .find(|check| check.get("passed").and_then(Value::as_bool) == Some(false))?;
    text(failed, "detail")
}

fn task(data: &Value) -> String {
    let kind = text(data, "kind").and_then(|name| TaskKind::from_name(&name));
    match kind {
        Some(TaskKind::Callback) | None => "The caller is owed a call.",
        Some(TaskKind::ReplyNeeded) => "The caller wrote and waits for an answer.",
        Some(TaskKind::TextFailed) => "A text did not arrive.",
        Some(TaskKind::TextUnknown) => "Nobody knows whether a text went out.",
        Some(TaskKind::OptedOut) => "The caller opted out and may be waiting for a call.",
        Some(TaskKind::Emergency) => "The caller described an emergency.",
        Some(TaskKind::VerificationCode) => "Your phone company sent a verification code.",
        Some(TaskKind::CalendarReconnect) => "Your calendar has to be connected again.",
        Some(TaskKind::CalendarChanged) => "An appointment was changed by hand in your calendar.",
    }
    .to_owned()
}

/// Through which channel, in words.
fn channel(data: &Value) -> Option<String> {
    let words = match ChannelKind::from_name(&text(data, "channel")?)? {
        ChannelKind::Text => "By text",
        ChannelKind::Slack => "In Slack",
        ChannelKind::Email => "By e-mail",
    };
    Some(words.to_owned())
}

fn text(data: &Value, field: &str) -> Option<String> {
    data.get(field)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_left_a_message_did_not_hang_up_without_one() {
        assert_eq!(
            ending(DashboardOutcome::HungUp, false).0,
            "The caller hung up without a message"
        );
        assert_eq!(ending(DashboardOutcome::HungUp, true).0, "Call ended");
    }
}
