//! The contract of [`Store`] and [`Accounts`].
//!
//! ```ignore
//! struct Fresh { … }                 // a database of its own
//! #[async_trait]
//! impl StoreHarness for Fresh { … }
//! mccc_core::store_contract!(Fresh::open().await);
//! ```

mod accounts;
mod bench;
mod bookings;
mod calls;
mod commits;
mod consent;
mod feed;
mod intake;
mod jobs;
mod leases;
mod ledger;
mod pages;
mod recounts;
mod retention;
mod rows;
mod settings;
mod tenancy;
mod threads;
mod totals;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Case;
use crate::Timestamp;
use crate::compliance::ledger::LedgerKey;
use crate::port::Store;
use crate::port::store::Accounts;

/// A fresh, empty store on a clock that is moved by hand.
#[async_trait]
pub trait StoreHarness: Send + Sync {
    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// Its people.
    fn accounts(&self) -> Arc<dyn Accounts>;

    /// The store's clock, by which leases and claims expire.
    fn now(&self) -> Timestamp;

    /// Moves the store's clock on.
    fn advance(&self, by: Duration);

    /// The key the store seals its ledger with.
    fn ledger_key(&self) -> LedgerKey;

    /// A second store on the same database, as another server would have it; nothing where there can be only one.
    async fn second(&self) -> Option<Arc<dyn Store>> {
        None
    }
}

/// A case of the store's suite.
pub type StoreCase = Case<dyn StoreHarness>;

/// Every case, for suites that run them otherwise than [`store_contract!`](crate::store_contract).
pub const CASES: &[StoreCase] = crate::__store_cases!({ table });

/// Makes each case of the store's contract a test of its own. The argument gives a fresh, empty
/// [`StoreHarness`] each time; it may await.
#[macro_export]
macro_rules! store_contract {
    ($harness:expr) => {
        $crate::__store_cases!({ tests $harness });
    };
}

/// The one list of cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_cases {
    ($what:tt) => {
        $crate::__contract_cases! { store, StoreHarness, $what
            calls {
                a_call_reads_back_with_every_field
                every_stored_name_of_a_call_reads_back
                a_call_counts_once
                calls_of_one_caller_share_a_thread
            }
            rows {
                contacts_and_flags_read_back_with_every_field
                threads_read_back_with_every_field
                messages_read_back_with_every_field
                tasks_read_back_and_are_raised_once
                a_task_is_finished_once
                forwarding_tests_read_back_and_run_one_at_a_time
                instants_keep_their_microseconds
            }
            bookings {
                appointments_read_back_with_every_field
                closed_time_belongs_to_one_appointment
                a_hold_that_ran_out_closes_nothing
                of_bookers_that_race_one_gets_the_time
                a_full_day_takes_no_more
                time_without_appointments_is_kept
                how_far_a_calendar_was_followed_is_kept
                what_was_read_of_calendars_is_kept
                appointments_are_listed_without_gaps_or_repetitions
                a_business_sees_and_closes_only_its_own_time
            }
            versions {
                appointments_are_written_over_the_version_before_only
                flags_are_written_over_the_version_before_only
                threads_are_written_over_the_version_before_only
                messages_are_written_over_the_version_before_only
                calls_are_written_over_the_version_before_only
                forwarding_tests_are_written_over_the_version_before_only
                settings_are_written_over_the_version_before_only
                of_writers_that_race_one_wins
            }
            commits {
                a_failing_last_change_leaves_nothing
                every_failing_guard_leaves_nothing
                an_event_counts_once_and_gets_its_reply_again
                an_unknown_business_is_stale
                rows_of_another_business_are_refused
                a_commit_may_only_guard
            }
            intake {
                two_hundred_calls_at_once_are_each_judged_alone
                calls_wait_beside_other_commits_without_mixing
                a_saved_schedule_governs_every_later_intake
            }
            settings {
                settings_and_lines_read_back
                a_number_has_one_owner
                every_change_of_settings_or_lines_raises_the_version
                businesses_are_listed_in_order
            }
            feed {
                positions_become_visible_in_order
                a_commit_learns_its_last_position
                the_feed_goes_on_where_a_reader_stopped
            }
            totals {
                totals_equal_a_recount_after_many_changes
                totals_equal_a_recount_after_concurrent_changes
                tests_are_left_out_of_totals
                totals_cover_exactly_the_days_asked_for
            }
            jobs {
                due_work_comes_oldest_first_and_nothing_early
                work_of_one_instant_comes_in_the_order_of_its_identifiers
                claimed_work_says_everything_a_worker_needs
                live_work_is_queued_once
                the_same_job_is_queued_once_for_ever
                an_opt_out_cancels_what_is_queued
                workers_never_share_a_job
                the_depth_counts_what_is_live_or_dead
                again_waits_and_keeps_or_forgets_its_attempts
            }
            leases {
                an_expired_lease_is_taken_over
                a_worker_that_lost_its_lease_is_refused
                a_lease_that_nobody_took_over_holds
                a_finished_job_is_settled_once
                released_jobs_are_free_at_once
                an_intermediate_commit_keeps_the_lease
            }
            consent {
                an_opt_out_holds_everywhere_until_nobody_has_one
                opting_out_or_in_twice_changes_nothing
                a_claim_and_an_opt_out_never_miss_each_other
                claims_end_when_they_are_settled_or_expire
                one_text_holds_the_guard
                a_guard_ends_at_its_instant
            }
            ledger {
                the_ledger_is_one_chain_that_verifies
                concurrent_entries_make_one_chain
                the_ledger_goes_on_where_a_reader_stopped
            }
            threads {
                a_thread_is_read_whole
                the_last_thirty_messages_are_read_oldest_first
                sends_are_counted
                a_limit_of_sends_refuses_what_would_go_beyond_it
                a_limit_of_sends_holds_among_writers_that_race
            }
            recounts {
                sends_equal_a_recount_whatever_becomes_of_them
            }
            pages {
                calls_are_listed_without_gaps_or_repetitions
                every_filter_of_calls_narrows
                threads_are_listed_without_gaps_or_repetitions
                a_call_is_shown_with_all_that_hangs_on_it
                a_list_names_a_call_as_the_contact_is_named_now
                a_thread_is_shown_with_its_last_messages
                tasks_are_listed_oldest_first
                opt_outs_are_listed_newest_first
            }
            tenancy {
                a_business_reads_only_its_own
                a_business_changes_only_its_own
                two_businesses_may_have_the_same_keys
            }
            retention {
                what_is_old_enough_is_deleted_in_small_steps
                work_that_is_not_over_is_never_deleted
                what_the_law_needs_is_never_deleted
            }
            accounts {
                an_address_belongs_to_one_person
                people_and_roles_read_back
                sessions_begin_and_end
                a_link_works_once
                keys_are_found_and_revoked
                the_first_answer_to_a_write_stays
                secrets_are_replaced
                what_has_expired_is_pruned
            }
        }
    };
}
