//! The contract of every calendar: what is taken is told or the read fails, an appointment is one event however often it
//! is sent, and what may have happened is never called a failure.
//!
//! ```ignore
//! mccc_core::calendar_contract!(Fresh::start().await);
//! ```

mod booking;
mod creation;
mod desk;
mod failures;
mod moving;
mod news;
mod reading;
mod slots;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Case;
use crate::AppointmentId;
use crate::port::{CalendarProvider, TimeRange};
use crate::zone::LocalDay;

/// An adapter, and an account behind it that plays what it is told and remembers what really happened. The account has
/// nothing in its calendars at first.
///
/// Where the provider computes free times itself, every full hour of the weeks after it started can be booked for one
/// hour unless it is taken.
#[async_trait]
pub trait CalendarHarness: Send + Sync {
    /// The adapter.
    fn provider(&self) -> Arc<dyn CalendarProvider>;

    /// The calendar that is booked into.
    fn booked(&self) -> String;

    /// Another calendar, whose events are in the way. Needed where the adapter reads several.
    fn other(&self) -> Option<String> {
        None
    }

    /// Lets every request meet `fault` from now on; [`CalendarFault::None`] ends that. `false` when this provider has no
    /// such fault: the case is then skipped.
    async fn arrange(&self, fault: CalendarFault) -> bool;

    /// The contractor enters something by hand. The provider's identifier of it; nothing when there is no such entry
    /// here.
    async fn enter(&self, calendar: &str, entry: &Entry) -> Option<String>;

    /// The contractor moves an event by hand. `false` when they cannot.
    async fn drag(&self, provider_event: &str, to: TimeRange) -> bool;

    /// The contractor removes an event by hand. `false` when they cannot.
    async fn remove(&self, provider_event: &str) -> bool;

    /// Every event of ours that stands, as the provider itself sees it.
    async fn held(&self) -> Vec<Held>;

    /// Every calendar that we created, as the provider itself has it; nothing where none can be created.
    async fn created(&self) -> Option<Vec<Created>> {
        None
    }

    /// The contractor creates a calendar by hand. The provider's identifier of it; nothing when they cannot.
    async fn add_calendar(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// The identifiers of the open channels; nothing without channels.
    async fn channels(&self) -> Option<Vec<String>> {
        None
    }

    /// Credentials that the adapter signs in with: they may appear nowhere.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An event of ours at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The provider's identifier.
    pub provider_event: String,
    /// Which appointment it says it is.
    pub appointment: Option<AppointmentId>,
    /// When it takes place.
    pub range: TimeRange,
}

/// A calendar that we created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The provider's identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of its time zone.
    pub zone: Option<String>,
}

/// Something that a contractor enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event.
    Event(TimeRange),
    /// An event that was not agreed to yet.
    Tentative(TimeRange),
    /// An event that the contractor declined.
    Declined(TimeRange),
    /// An event that is marked as free.
    Free(TimeRange),
    /// An event that was called off.
    CalledOff(TimeRange),
    /// Whole days, from the first until just before the last.
    Days(LocalDay, LocalDay),
    /// Whole days that are marked as free.
    FreeDays(LocalDay, LocalDay),
}

/// What a request meets at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CalendarFault {
    /// Nothing in its way.
    None,
    /// The provider cannot be reached: nothing happened.
    Unreachable,
    /// Whatever is asked for happens, and the answer is lost.
    AnswersLost(Loss),
    /// Questions are answered; whatever changes something happens, and the answer is lost.
    ChangesLost(Loss),
    /// Too many requests; nothing happened.
    Limited {
        /// How long to wait, where the provider says so.
        wait: Option<Duration>,
    },
    /// The contractor withdrew the permission.
    Revoked,
    /// The other calendar cannot be read; everything else can.
    OtherUnreadable,
    /// The time was sold to somebody else before our booking arrived.
    TimeTaken,
    /// The contractor did not grant that calendars are created; everything else they did.
    CreationForbidden,
    /// Tokens of earlier looks at the changes are no longer known.
    TokensForgotten,
}

/// How an answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Nobody answers.
    NoAnswer,
    /// The connection is cut.
    ConnectionCut,
    /// The answer is a server error.
    ServerError,
    /// The answer cannot be read.
    Garbage,
    /// The answer is a success that says nothing, such as `{}`.
    Nothing,
    /// The answer is an empty list where there is never one.
    List,
    /// The answer is a success that holds an error.
    ErrorInside,
}

/// A case of the calendar suite.
pub type CalendarCase = Case<dyn CalendarHarness>;

/// Every case, for suites that run them otherwise than [`calendar_contract!`](crate::calendar_contract).
pub const CASES: &[CalendarCase] = crate::__calendar_cases!({ table });

/// Makes each case of the calendar contract a test of its own. The argument gives a fresh [`CalendarHarness`] each
/// time; it may await.
#[macro_export]
macro_rules! calendar_contract {
    ($harness:expr) => {
        $crate::__calendar_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __calendar_cases {
    ($what:tt) => {
        $crate::__contract_cases! { calendar, CalendarHarness, $what
            reading {
                the_booked_calendar_is_listed
                what_was_entered_is_taken
                an_entry_that_reaches_into_the_range_counts
                what_takes_no_time_is_left_out
                what_is_not_agreed_to_yet_blocks
                whole_days_are_told_as_days
                free_whole_days_are_told_apart
                our_appointments_are_marked_as_ours
                every_page_is_read
                nothing_taken_is_an_answer
                a_calendar_that_cannot_be_read_is_not_free
                one_unreadable_calendar_fails_the_read
            }
            slots {
                free_times_leave_out_what_is_taken
                an_appointment_is_not_in_its_own_way
                free_times_that_cannot_be_read_are_not_none
            }
            booking {
                a_created_event_is_there
                an_appointment_is_one_event
                bookings_at_once_make_one_event
                appointments_have_events_of_their_own
                a_create_in_doubt_is_found
                an_event_that_never_was_is_absent
                a_removed_event_is_not_made_again_by_itself
                a_time_that_was_sold_is_refused
                hard_text_is_taken
            }
            moving {
                a_moved_event_is_in_one_place
                moving_to_where_it_is_changes_nothing
                an_event_that_was_changed_is_not_moved
                a_move_in_doubt_is_found
                what_is_gone_is_not_moved
                a_move_by_hand_is_seen
                a_cancelled_event_is_gone
                cancelling_is_always_done
                a_cancellation_in_doubt_may_be_repeated
            }
            news {
                changes_since_a_look_are_told
                a_forgotten_token_starts_over
                changes_that_cannot_be_read_are_not_none
                a_watched_calendar_has_a_channel
            }
            creation {
                a_created_calendar_can_be_booked
                a_calendar_is_created_once
                a_creation_in_doubt_is_found
                a_creation_that_cannot_look_creates_nothing
                a_calendar_of_the_contractor_is_left_alone
                without_the_permission_everything_else_works
            }
            failures {
                a_provider_that_cannot_be_asked_is_no_absence
                an_unreachable_provider_changed_nothing
                limits_are_passed_on
                a_withdrawn_permission_asks_for_a_person
                the_name_of_the_calendar_is_fit_for_labels
                failures_name_the_calendar
                failures_of_the_calendar_give_nothing_away
                the_calendar_hides_its_credentials
            }
        }
    };
}
