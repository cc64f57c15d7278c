//! What a notice is about, and the one place that finds out what a commit gives to tell.

use serde::{Deserialize, Serialize};

use crate::jobs::Job;
use crate::port::store::{Change, Commit, FeedEvent, FeedKind, NewJob};
use crate::tasks::Task;
use crate::{AppointmentId, CallId, JobId, TaskId, Timestamp};

/// What a notice is about, by name: what it says is read when it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum About {
    /// A person is needed.
    Task {
        /// The task.
        task: TaskId,
    },
    /// A promise to a caller is about to break.
    Promise {
        /// The task that fulfils it.
        task: TaskId,
    },
    /// A call was missed.
    Call {
        /// The call.
        call: CallId,
    },
    /// An appointment was booked.
    Booked {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// An appointment was moved.
    Moved {
        /// The appointment.
        appointment: AppointmentId,
        /// When it was moved.
        at: Timestamp,
    },
    /// An appointment was called off.
    Cancelled {
        /// The appointment.
        appointment: AppointmentId,
    },
    /// A booking came to nothing.
    NotBooked {
        /// The appointment it would have been.
        appointment: AppointmentId,
    },
    /// What was held back in quiet time.
    Away {
        /// The feed's position before the first of it.
        after: u64,
        /// The position of the last of it.
        until: u64,
    },
    /// A trial.
    Test {
        /// When it was asked for.
        at: Timestamp,
    },
}

impl About {
    /// The same for the same thing, and for no other.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Task { task } => format!("task/{task}"),
            Self::Promise { task } => format!("promise/{task}"),
            Self::Call { call } => format!("call/{call}"),
            Self::Booked { appointment } => format!("booked/{appointment}"),
            Self::Moved { appointment, at } => format!("moved/{appointment}/{}", at.as_micros()),
            Self::Cancelled { appointment } => format!("cancelled/{appointment}"),
            Self::NotBooked { appointment } => format!("not_booked/{appointment}"),
            Self::Away { after, until } => format!("away/{after}/{until}"),
            Self::Test { at } => format!("test/{}", at.as_micros()),
        }
    }

    /// The work of telling it, due at once. `since` is an instant that belongs to the thing itself, so that raising it
    /// twice is telling it once.
    #[must_use]
    pub fn tell(self, since: Timestamp, now: Timestamp) -> Change {
        let key = self.key();
        Change::Enqueue(NewJob {
            id: JobId::derive(since, &format!("tell/{key}")),
            job: Job::Tell { about: self },
            subject: None,
            run_at: now,
            dedupe: key,
        })
    }
}

/// What a commit gives to tell, as the jobs that belong into it. Whether anybody wants to know is asked when they run.
#[must_use]
pub fn tells(commit: &Commit) -> Vec<Change> {
    commit
        .changes
        .iter()
        .flat_map(|change| match change {
            Change::RaiseTask(task) => of_task(task, commit.at),
            Change::Feed(event) => of_event(event, commit.at).into_iter().collect(),
            Change::InsertCall(_)
            | Change::UpdateCall { .. }
            | Change::Enqueue(_)
            | Change::CancelJobs { .. }
            | Change::PutContact(_)
            | Change::PutCallerFlags { .. }
            | Change::PutConversation(_)
            | Change::PutMessage(_)
            | Change::ClaimSend { .. }
            | Change::SettleSend { .. }
            | Change::HoldTextGuard { .. }
            | Change::FreeTextGuard { .. }
            | Change::Consent(_)
            | Change::Ledger(_)
            | Change::FinishTask { .. }
            | Change::PutSettings { .. }
            | Change::PutLine(_)
            | Change::RemoveLine(_)
            | Change::PutTestCall(_)
            | Change::PutAppointment(_)
            | Change::SetBlocks { .. }
            | Change::PutBlockedTime(_)
            | Change::RemoveBlockedTime(_)
            | Change::PutCalendarSync(_)
            | Change::PutCalendarCopy(_)
            | Change::DropCalendarCopy { .. }
            | Change::PutSecret { .. }
            | Change::RememberResponse(_) => Vec::new(),
        })
        .collect()
}

fn of_task(task: &Task, now: Timestamp) -> Vec<Change> {
    // That a caller was promised something is no news by itself; that the promise is about to break is.
    let tell = (!task.only_promises()).then(|| About::Task { task: task.id }.tell(task.raised_at, now));
    let watch = task.due_at.map(|_| {
        Change::Enqueue(NewJob {
            id: JobId::derive(task.raised_at, &format!("watch/{}", task.id)),
            job: Job::WatchPromise { task: task.id },
            subject: None,
            run_at: now,
            dedupe: task.id.to_string(),
        })
    });
    tell.into_iter().chain(watch).collect()
}

fn of_event(event: &FeedEvent, now: Timestamp) -> Option<Change> {
    let appointment = || event.data.get("appointment_id")?.as_str()?.parse().ok();
    let says = |field: &str, value: &str| event.data.get(field).and_then(serde_json::Value::as_str) == Some(value);
    let about = match event.kind {
        // What the contractor did is no news to the contractor.
        FeedKind::AppointmentBooked if says("booking_source", "manual") => return None,
        FeedKind::AppointmentBooked => About::Booked {
            appointment: appointment()?,
        },
        FeedKind::AppointmentUpdated if says("what", "moved") => About::Moved {
            appointment: appointment()?,
            at: event.at,
        },
        FeedKind::AppointmentCancelled if says("cancelled_by", "customer") => About::Cancelled {
            appointment: appointment()?,
        },
        FeedKind::BookingFailed => About::NotBooked {
            appointment: appointment()?,
        },
        FeedKind::AppointmentUpdated
        | FeedKind::AppointmentCancelled
        | FeedKind::CallReceived
        | FeedKind::CallUpdated
        | FeedKind::CallEnded
        | FeedKind::VoicemailReceived
        | FeedKind::AutoTextSent
        | FeedKind::TextDenied
        | FeedKind::TextDeferred
        | FeedKind::TextUpdated
        | FeedKind::TextFailed
        | FeedKind::TextUnknown
        | FeedKind::TextReceived
        | FeedKind::OptedOut
        | FeedKind::OptedIn
        | FeedKind::ConversationUpdated
        | FeedKind::TaskRaised
        | FeedKind::TaskDone
        | FeedKind::SettingsSaved
        | FeedKind::ForwardingNumberGenerated
        | FeedKind::ForwardingTestStarted
        | FeedKind::ForwardingTestSucceeded
        | FeedKind::ForwardingTestFailed
        | FeedKind::CallerFlagged
        | FeedKind::AvailabilityChecked
        | FeedKind::CalendarConnected
        | FeedKind::CalendarDisconnected
        | FeedKind::CalendarRefused
        | FeedKind::NotificationSent
        | FeedKind::NotificationHeld
        | FeedKind::NotificationFailed
        | FeedKind::PromiseAtRisk
        | FeedKind::PromiseBroken
        | FeedKind::LedgerHead => return None,
    };
    Some(about.tell(now, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::tasks::TaskKind;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn business() -> BusinessId {
        BusinessId::derive(at(0), "acme")
    }

    fn task(kind: TaskKind) -> Task {
        Task {
            id: TaskId::derive(at(0), kind.name()),
            business: business(),
            kind,
            phone: None,
            call: None,
            conversation: None,
            message: None,
            sentence: "Do something.".to_owned(),
            raised_at: at(0),
            due_at: None,
            done_at: None,
            done_by: None,
        }
    }

    fn jobs(commit: &Commit) -> Vec<Job> {
        tells(commit)
            .into_iter()
            .filter_map(|change| {
                if let Change::Enqueue(new) = change {
                    Some(new.job)
                } else {
                    None
                }
            })
            .collect()
    }

    #[test]
    fn every_task_that_is_raised_is_told_of_once_however_often_it_is_raised() {
        for kind in TaskKind::ALL {
            let task = task(*kind);
            let mut first = Commit::new(business(), at(0));
            first.changes.push(Change::RaiseTask(task.clone()));
            assert_eq!(
                jobs(&first),
                [Job::Tell {
                    about: About::Task { task: task.id }
                }]
            );
            let later = Commit {
                at: at(90),
                ..first.clone()
            };
            let id = |commit: &Commit| match tells(commit).first() {
                Some(Change::Enqueue(new)) => new.id,
                other => panic!("{other:?}"),
            };
            assert_eq!(id(&first), id(&later));
        }
    }

    #[test]
    fn a_task_with_a_time_is_watched() {
        let task = Task {
            due_at: Some(at(1800)),
            ..task(TaskKind::ReplyNeeded)
        };
        let mut commit = Commit::new(business(), at(0));
        commit.changes.push(Change::RaiseTask(task.clone()));
        assert_eq!(
            jobs(&commit),
            [
                Job::Tell {
                    about: About::Task { task: task.id }
                },
                Job::WatchPromise { task: task.id }
            ]
        );
    }

    #[test]
    fn what_a_customer_does_to_an_appointment_is_told_and_what_the_contractor_does_is_not() {
        let appointment = AppointmentId::derive(at(0), "visit");
        let told = |kind, data: serde_json::Value| {
            let mut commit = Commit::new(business(), at(0));
            let mut data = data;
            data["appointment_id"] = serde_json::json!(appointment);
            commit.changes.push(Change::Feed(FeedEvent {
                kind,
                at: at(0),
                call: None,
                conversation: None,
                message: None,
                data,
            }));
            !tells(&commit).is_empty()
        };
        use serde_json::json;
        assert!(told(FeedKind::AppointmentBooked, json!({ "booking_source": "text" })));
        assert!(!told(
            FeedKind::AppointmentBooked,
            json!({ "booking_source": "manual" })
        ));
        assert!(told(FeedKind::AppointmentUpdated, json!({ "what": "moved" })));
        assert!(!told(FeedKind::AppointmentUpdated, json!({ "what": "confirmed" })));
        assert!(told(
            FeedKind::AppointmentCancelled,
            json!({ "cancelled_by": "customer" })
        ));
        assert!(!told(
            FeedKind::AppointmentCancelled,
            json!({ "cancelled_by": "business" })
        ));
        assert!(told(FeedKind::BookingFailed, json!({})));
        assert!(!told(FeedKind::TextReceived, json!({})));
    }
}
