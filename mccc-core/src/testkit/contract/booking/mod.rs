//! That nothing is booked twice and nothing is lost, on any store: the whole center with a calendar in memory that lies,
//! lags and dies.
//!
//! ```ignore
//! mccc_core::booking_contract!(Fresh::open().await); // the harness of the store's contract
//! ```

mod cases;
mod following;
mod world;

use cases::{
    a_calendar_that_cannot_be_read_books_nothing, a_crash_after_any_step_of_a_booking_loses_nothing,
    a_crash_after_any_step_of_a_cancellation_loses_nothing, a_crash_after_any_step_of_a_move_loses_nothing,
    a_customer_is_told_and_reminded_once, a_full_day_is_not_booked_further, a_lost_answer_books_once,
    a_stop_silences_confirmation_and_reminders, a_time_taken_in_the_calendar_is_given_back,
    a_wish_that_is_sent_again_books_once, of_a_thousand_bookers_one_gets_the_time,
};
use following::{
    a_calendar_that_refuses_us_is_told_once_and_connected_again, a_calendar_with_rules_of_its_own_decides_what_is_free,
    a_removed_event_calls_off_and_only_a_person_makes_it_anew, channels_are_renewed_and_looks_go_on,
    what_is_moved_by_hand_is_followed, what_is_removed_by_hand_is_called_off_for_good,
};

use super::store::StoreHarness;
use super::{Case, Checked, Failure};

/// A case of the suite.
pub type BookingCase = Case<dyn StoreHarness>;

/// Every case, for suites that run them otherwise than [`booking_contract!`](crate::booking_contract).
pub const CASES: &[BookingCase] = crate::__booking_cases!({ table });

/// Makes each case a test of its own. The argument gives a fresh, empty [`StoreHarness`] each time; it may await.
#[macro_export]
macro_rules! booking_contract {
    ($harness:expr) => {
        $crate::__booking_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __booking_cases {
    ($what:tt) => {
        $crate::__booking_emit! { $what
            of_a_thousand_bookers_one_gets_the_time
            a_wish_that_is_sent_again_books_once
            a_full_day_is_not_booked_further
            a_crash_after_any_step_of_a_booking_loses_nothing
            a_crash_after_any_step_of_a_move_loses_nothing
            a_crash_after_any_step_of_a_cancellation_loses_nothing
            a_lost_answer_books_once
            a_calendar_that_cannot_be_read_books_nothing
            a_time_taken_in_the_calendar_is_given_back
            a_customer_is_told_and_reminded_once
            a_stop_silences_confirmation_and_reminders
            what_is_moved_by_hand_is_followed
            what_is_removed_by_hand_is_called_off_for_good
            a_removed_event_calls_off_and_only_a_person_makes_it_anew
            a_calendar_that_refuses_us_is_told_once_and_connected_again
            channels_are_renewed_and_looks_go_on
            a_calendar_with_rules_of_its_own_decides_what_is_free
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __booking_emit {
    ({ tests $harness:expr } $($case:ident)*) => {
        $(
            #[test]
            fn $case() {
                $crate::testkit::contract::run(stringify!($case), async {
                    let harness = $harness;
                    $crate::testkit::contract::booking::case(stringify!($case), &harness).await
                });
            }
        )*
    };
    ({ table } $($case:ident)*) => {
        &[$({
            fn run(harness: &dyn StoreHarness) -> futures_util::future::BoxFuture<'_, Checked> {
                Box::pin($case(harness))
            }
            Case { name: stringify!($case), run }
        },)*]
    };
}

/// Runs the case of that name.
///
/// # Errors
/// What the case found, or that there is no such case.
#[doc(hidden)]
pub async fn case(name: &str, harness: &(dyn StoreHarness + 'static)) -> Checked {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => (case.run)(harness).await,
        None => Err(Failure::new(format!("there is no case {name}"))),
    }
}
