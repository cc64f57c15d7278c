//! Promises made to callers: until when, when to warn, and whether they were kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Task, TaskKind};
use crate::TaskId;
use crate::Timestamp;
use crate::business::Owner;
use crate::calls::{Call, named};
use crate::conversation::{Message, MessageKind};
use crate::messages::Variable;
use crate::routing::Compiled;

/// A promise is never called endangered later than this before it breaks.
const LATEST_WARNING: Duration = Duration::from_secs(5 * 60);
/// Stretches of business hours that are looked through: enough for a day's promise at a quarter of an hour a week.
const MOST_STRETCHES: usize = 128;

named! {
    /// Where a promise stands.
    Promise {
        /// There is still time.
        Pending = "pending",
        /// It was kept in time.
        Kept = "kept",
        /// The time is over.
        Broken = "broken",
    }
}

impl Task {
    /// Where the promise stands, if the task is one.
    #[must_use]
    pub fn promise(&self, now: Timestamp) -> Option<Promise> {
        let due = self.due_at?;
        Some(match self.done_at {
            Some(done) if done <= due => Promise::Kept,
            None if now < due => Promise::Pending,
            Some(_) | None => Promise::Broken,
        })
    }

    /// Whether the task says nothing but that a text of ours promised a call.
    #[must_use]
    pub fn only_promises(&self) -> bool {
        self.kind == TaskKind::Callback && self.due_at.is_some() && self.message.is_some()
    }
}

/// Until when a task of this kind has to be done because a caller was told so; nothing where nothing was promised. An
/// emergency does not wait for the business to open.
#[must_use]
pub fn due_at(owner: &Owner, kind: TaskKind, made_at: Timestamp) -> Option<Timestamp> {
    let within = within(owner);
    match kind {
        TaskKind::Emergency => Some(made_at.plus(within)),
        TaskKind::Callback | TaskKind::ReplyNeeded => Some(after_open_time(&owner.schedule, made_at, within)),
        TaskKind::TextFailed
        | TaskKind::TextUnknown
        | TaskKind::OptedOut
        | TaskKind::VerificationCode
        | TaskKind::CalendarReconnect
        | TaskKind::CalendarChanged => None,
    }
}

/// When the contractor is warned: after two thirds of the time, and at least five minutes before its end.
#[must_use]
pub fn warn_at(owner: &Owner, task: &Task) -> Option<Timestamp> {
    let due = task.due_at?;
    let most = within(owner) * 2 / 3;
    let spent = match task.kind {
        TaskKind::Emergency => task.raised_at.plus(most),
        TaskKind::Callback
        | TaskKind::ReplyNeeded
        | TaskKind::TextFailed
        | TaskKind::TextUnknown
        | TaskKind::OptedOut
        | TaskKind::VerificationCode
        | TaskKind::CalendarReconnect
        | TaskKind::CalendarChanged => after_open_time(&owner.schedule, task.raised_at, most),
    };
    // A promise of a few minutes is not endangered the moment it is made.
    let whole = due.since(task.raised_at);
    let latest = if whole * 2 > LATEST_WARNING * 3 {
        LATEST_WARNING
    } else {
        whole / 3
    };
    Some(spent.min(due.minus(latest)).max(task.raised_at))
}

/// The task that a text makes which promises a call within a time. Texts that name no time make none.
#[must_use]
pub fn text_promise(owner: &Owner, message: &Message, call: &Call, now: Timestamp) -> Option<Task> {
    let template = owner.settings.templates.auto_text(call.variant);
    let promises = message.kind == MessageKind::AutoText && template.uses(Variable::CallbackEta);
    promises.then(|| Task {
        id: TaskId::derive(call.received_at, &format!("promise/{}", call.id)),
        business: owner.business,
        kind: TaskKind::Callback,
        phone: Some(message.theirs),
        call: Some(call.id),
        conversation: Some(message.conversation),
        message: Some(message.id),
        sentence: format!("{} was promised a call back by text.", message.theirs.national()),
        raised_at: now,
        due_at: due_at(owner, TaskKind::Callback, now),
        done_at: None,
        done_by: None,
    })
}

fn within(owner: &Owner) -> Duration {
    Duration::from_secs(u64::from(owner.settings.profile.callback_minutes) * 60)
}

/// The instant at which the business will have been open for `wanted` since `from`. A business without hours, or with
/// too few, is held to the clock.
fn after_open_time(schedule: &Compiled, from: Timestamp, wanted: Duration) -> Timestamp {
    let by_clock = from.plus(wanted);
    let mut left = wanted;
    let mut at = from;
    for _ in 0..MOST_STRETCHES {
        let Some((opens, closes)) = schedule.business_stretch(at) else {
            return by_clock;
        };
        let Some(closes) = closes else {
            return opens.plus(left);
        };
        let open = closes.since(opens);
        if left <= open {
            return opens.plus(left);
        }
        left = left.saturating_sub(open);
        at = closes;
    }
    by_clock
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::business::Settings;
    use crate::zone::Zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// Open from 8:00 to 17:00 on weekdays in Chicago, six hours behind.
    fn owner(minutes: u16) -> Owner {
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        settings.profile.callback_minutes = minutes;
        let now = at("2026-11-01T00:00:00Z");
        Owner::new(BusinessId::derive(now, "acme"), 1, settings, Vec::new(), now).unwrap()
    }

    fn task(owner: &Owner, kind: TaskKind, raised_at: Timestamp) -> Task {
        Task {
            id: TaskId::derive(raised_at, "task"),
            business: owner.business,
            kind,
            phone: None,
            call: None,
            conversation: None,
            message: None,
            sentence: String::new(),
            raised_at,
            due_at: due_at(owner, kind, raised_at),
            done_at: None,
            done_by: None,
        }
    }

    #[test]
    fn promised_time_runs_only_while_the_business_is_open() {
        let half_an_hour = owner(30);
        let due = |text| due_at(&half_an_hour, TaskKind::Callback, at(text)).unwrap();
        // Monday noon; ten to five; Friday night; a Saturday.
        assert_eq!(due("2026-11-23T18:00:00Z"), at("2026-11-23T18:30:00Z"));
        assert_eq!(due("2026-11-23T22:50:00Z"), at("2026-11-24T14:20:00Z"));
        assert_eq!(due("2026-11-28T03:00:00Z"), at("2026-11-30T14:30:00Z"));
        assert_eq!(due("2026-11-28T18:00:00Z"), at("2026-11-30T14:30:00Z"));
        // Two working days of nine hours, and six more.
        let a_day = owner(1_440);
        assert_eq!(
            due_at(&a_day, TaskKind::ReplyNeeded, at("2026-11-23T14:00:00Z")).unwrap(),
            at("2026-11-25T20:00:00Z")
        );
    }

    #[test]
    fn an_emergency_does_not_wait_for_the_morning_and_a_code_is_no_promise() {
        let owner = owner(30);
        let night = at("2026-11-28T03:00:00Z");
        assert_eq!(
            due_at(&owner, TaskKind::Emergency, night),
            Some(at("2026-11-28T03:30:00Z"))
        );
        assert_eq!(due_at(&owner, TaskKind::VerificationCode, night), None);
    }

    #[test]
    fn a_business_without_hours_is_held_to_the_clock() {
        let mut owner = owner(30);
        let mut settings = (*owner.settings).clone();
        settings.schedule.business_hours.clear();
        owner = Owner::new(owner.business, 1, settings, Vec::new(), owner.saved_at).unwrap();
        let night = at("2026-11-28T03:00:00Z");
        assert_eq!(
            due_at(&owner, TaskKind::Callback, night),
            Some(at("2026-11-28T03:30:00Z"))
        );
    }

    #[test]
    fn the_warning_comes_after_two_thirds_and_five_minutes_before_the_end_at_the_latest() {
        let warned = |minutes, kind, text| {
            let owner = owner(minutes);
            warn_at(&owner, &task(&owner, kind, at(text))).unwrap()
        };
        let callback = TaskKind::Callback;
        assert_eq!(warned(30, callback, "2026-11-23T18:00:00Z"), at("2026-11-23T18:20:00Z"));
        assert_eq!(warned(9, callback, "2026-11-23T18:00:00Z"), at("2026-11-23T18:04:00Z"));
        assert_eq!(warned(3, callback, "2026-11-23T18:00:00Z"), at("2026-11-23T18:02:00Z"));
        // At night nobody is waked for a promise of the morning.
        assert_eq!(warned(30, callback, "2026-11-28T03:00:00Z"), at("2026-11-30T14:20:00Z"));
        assert_eq!(
            warned(30, TaskKind::Emergency, "2026-11-28T03:00:00Z"),
            at("2026-11-28T03:20:00Z")
        );
    }

    #[test]
    fn a_promise_is_kept_until_the_very_instant_and_broken_after_it() {
        let owner = owner(30);
        let mut task = task(&owner, TaskKind::Callback, at("2026-11-23T18:00:00Z"));
        let due = task.due_at.unwrap();
        let before = due.minus(Duration::from_micros(1));
        assert_eq!(task.promise(before), Some(Promise::Pending));
        assert_eq!(task.promise(due), Some(Promise::Broken));
        task.done_at = Some(due);
        assert_eq!(task.promise(due.plus(Duration::from_secs(9))), Some(Promise::Kept));
        task.done_at = Some(due.plus(Duration::from_micros(1)));
        assert_eq!(task.promise(due.plus(Duration::from_secs(9))), Some(Promise::Broken));
        task.due_at = None;
        assert_eq!(task.promise(due), None);
    }
}
