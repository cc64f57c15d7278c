//! That nothing is booked twice and nothing is lost, on any store: the whole center with a calendar in memory that lies,
//! lags and dies.
//!
//! ```ignore
//! mccc_core::booking_contract!(Fresh::open().await); // the harness of the store's contract
//! ```

mod called_off;
mod cases;
mod following;
mod others;
mod requesting;
mod texting;
mod world;

use super::Case;
use super::store::StoreHarness;

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
        $crate::__contract_cases! { booking, StoreHarness, $what
            cases {
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
                a_confirmation_in_doubt_is_followed_up_though_it_was_called_off
                a_stop_silences_confirmation_and_reminders
            }
            called_off {
                whom_we_call_off_is_told_once
                who_need_not_hear_of_a_cancellation_does_not
                who_has_opted_out_is_not_told_but_called
                a_customer_of_a_business_without_a_number_is_called
                what_was_moved_by_hand_is_not_told_at_night
                a_text_of_a_cancellation_in_doubt_is_followed_up
                a_customer_in_quiet_hours_is_told_in_the_morning_or_called
                a_move_away_and_back_is_told_each_time
                the_next_time_is_found_with_a_yes
            }
            following {
                what_is_moved_by_hand_is_followed
                what_is_removed_by_hand_is_called_off_for_good
                a_removed_event_calls_off_and_only_a_person_makes_it_anew
                a_calendar_that_refuses_us_is_told_once_and_connected_again
                channels_are_renewed_and_looks_go_on
                a_calendar_with_rules_of_its_own_decides_what_is_free
            }
            others {
                what_other_calendars_hold_is_neither_offered_nor_booked
                other_calendars_count_beside_a_calendar_with_rules_of_its_own
                an_other_calendar_that_cannot_be_read_is_neither_free_nor_full
                our_own_appointments_in_another_calendar_do_not_count_twice
            }
            requesting {
                what_must_be_accepted_first_is_not_confirmed_before
                a_move_that_must_be_accepted_first_is_not_told_before
            }
            texting {
                a_booking_by_text_is_one_event_one_confirmation_and_two_reminders
                a_stop_ends_a_talk_and_its_reminders
                r_moves_and_cancel_my_appointment_cancels
                a_crash_after_any_step_of_an_answer_books_once
                two_callers_who_choose_one_time_at_once_get_one_each
                a_text_that_comes_twice_at_once_is_answered_once
                a_takeover_silences_at_once_and_a_hand_back_goes_on
                a_draft_goes_out_only_by_a_person
                an_unreadable_calendar_is_told_honestly_and_a_person_takes_over
                a_silent_talk_is_closed_and_a_late_choice_still_counts
                a_caller_is_told_that_a_request_is_no_booking
            }
        }
    };
}
