//! Each case of the store's contract finds a bug: stores in memory with one planted fault each.
#![cfg(feature = "testkit")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a bug concerns only the places that it spoils"
)]

mod buggy_store;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use buggy_store::{Bug, Buggy};
use mccc_core::Timestamp;
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::memory::MemoryStore;
use mccc_core::port::store::Accounts;
use mccc_core::port::{Clock, Store};
use mccc_core::testkit::ManualClock;
use mccc_core::testkit::contract::store::{self, StoreHarness};
use mccc_core::testkit::contract::{self, Checked, Done};

const KEY: [u8; 32] = [7; 32];

struct Spoiled {
    clock: Arc<ManualClock>,
    store: Arc<Buggy>,
}

impl Spoiled {
    fn with(bug: Bug) -> Self {
        let clock = ManualClock::shared();
        let inner = MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>, LedgerKey::new(&KEY));
        let store = Arc::new(Buggy::new(inner, Arc::clone(&clock) as Arc<dyn Clock>, bug));
        Self { clock, store }
    }
}

#[async_trait]
impl StoreHarness for Spoiled {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    fn accounts(&self) -> Arc<dyn Accounts> {
        Arc::clone(&self.store) as Arc<dyn Accounts>
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn ledger_key(&self) -> LedgerKey {
        LedgerKey::new(&KEY)
    }
}

/// Each case with the bugs that it must find.
const CONTROLS: &[(&str, &[Bug])] = &[
    ("a_call_reads_back_with_every_field", &[Bug::ForgetsCallerNames]),
    ("every_stored_name_of_a_call_reads_back", &[Bug::EveryCallRings]),
    ("a_call_counts_once", &[Bug::TakesCallsTwice, Bug::ForgetsReplies]),
    ("calls_of_one_caller_share_a_thread", &[Bug::ForgetsLastCalls]),
    (
        "contacts_and_flags_read_back_with_every_field",
        &[Bug::ForgetsNames, Bug::ForgetsEmergencies],
    ),
    ("threads_read_back_with_every_field", &[Bug::ForgetsPreviews]),
    ("messages_read_back_with_every_field", &[Bug::ForgetsErrorCodes]),
    (
        "tasks_read_back_and_are_raised_once",
        &[Bug::RaisesTasksAgain, Bug::ForgetsSentences],
    ),
    ("a_task_is_finished_once", &[Bug::FinishesNothing]),
    (
        "forwarding_tests_read_back_and_run_one_at_a_time",
        &[Bug::RunsTestsTogether, Bug::ForgetsTestCodes],
    ),
    ("instants_keep_their_microseconds", &[Bug::RoundsInstants]),
    ("appointments_read_back_with_every_field", &[Bug::ForgetsServices]),
    ("closed_time_belongs_to_one_appointment", &[Bug::SharesTime]),
    (
        "a_hold_that_ran_out_closes_nothing",
        &[Bug::HoldsNeverEnd, Bug::SharesTime, Bug::IgnoresFullDays],
    ),
    ("of_bookers_that_race_one_gets_the_time", &[Bug::SharesTime]),
    ("a_full_day_takes_no_more", &[Bug::IgnoresFullDays]),
    ("time_without_appointments_is_kept", &[Bug::ForgetsBlockedTimes]),
    ("how_far_a_calendar_was_followed_is_kept", &[Bug::ForgetsChannels]),
    ("what_was_read_of_calendars_is_kept", &[Bug::ForgetsFreeDays]),
    (
        "appointments_are_listed_without_gaps_or_repetitions",
        &[Bug::PagesSkipARow, Bug::PagesRepeatARow, Bug::IgnoresFilters],
    ),
    ("a_business_sees_and_closes_only_its_own_time", &[Bug::TimeIsEverybodys]),
    (
        "appointments_are_written_over_the_version_before_only",
        &[Bug::OverwritesAppointments],
    ),
    (
        "flags_are_written_over_the_version_before_only",
        &[Bug::OverwritesFlags],
    ),
    (
        "threads_are_written_over_the_version_before_only",
        &[Bug::OverwritesThreads],
    ),
    (
        "messages_are_written_over_the_version_before_only",
        &[Bug::OverwritesMessages],
    ),
    (
        "calls_are_written_over_the_version_before_only",
        &[Bug::OverwritesCalls],
    ),
    (
        "forwarding_tests_are_written_over_the_version_before_only",
        &[Bug::OverwritesTests],
    ),
    (
        "settings_are_written_over_the_version_before_only",
        &[Bug::OverwritesSettings],
    ),
    ("of_writers_that_race_one_wins", &[Bug::OverwritesThreads]),
    ("a_failing_last_change_leaves_nothing", &[Bug::LeavesHalf]),
    (
        "every_failing_guard_leaves_nothing",
        &[
            Bug::LeavesHalf,
            Bug::IgnoresSettings,
            Bug::IgnoresFlags,
            Bug::IgnoresThreads,
            Bug::IgnoresOptOuts,
            Bug::IgnoresTextGuards,
            Bug::IgnoresSendLimits,
        ],
    ),
    (
        "an_event_counts_once_and_gets_its_reply_again",
        &[Bug::ForgetsEvents, Bug::ForgetsReplies],
    ),
    ("an_unknown_business_is_stale", &[Bug::TakesAnyBusiness]),
    ("rows_of_another_business_are_refused", &[Bug::TakesForeignRows]),
    ("a_commit_may_only_guard", &[Bug::SkipsEmptyCommits]),
    (
        "two_hundred_calls_at_once_are_each_judged_alone",
        &[Bug::IgnoresSettings, Bug::IgnoresFlags, Bug::TakesCallsTwice],
    ),
    ("calls_wait_beside_other_commits_without_mixing", &[Bug::DropsFeed]),
    ("a_saved_schedule_governs_every_later_intake", &[Bug::IgnoresSettings]),
    ("settings_and_lines_read_back", &[Bug::ForgetsLines]),
    ("a_number_has_one_owner", &[Bug::SharesNumbers]),
    (
        "every_change_of_settings_or_lines_raises_the_version",
        &[Bug::VersionsStandStill],
    ),
    ("businesses_are_listed_in_order", &[Bug::BusinessesBackwards]),
    ("positions_become_visible_in_order", &[Bug::FeedBackwards]),
    ("a_commit_learns_its_last_position", &[Bug::ForgetsPositions]),
    ("the_feed_goes_on_where_a_reader_stopped", &[Bug::FeedFromTheStart]),
    ("totals_equal_a_recount_after_many_changes", &[Bug::TotalsForgetUpdates]),
    (
        "totals_equal_a_recount_after_concurrent_changes",
        &[Bug::TotalsForgetUpdates],
    ),
    ("tests_are_left_out_of_totals", &[Bug::TotalsCountTests]),
    ("totals_cover_exactly_the_days_asked_for", &[Bug::TotalsIgnoreDays]),
    (
        "due_work_comes_oldest_first_and_nothing_early",
        &[Bug::ClaimsEarly, Bug::ClaimsNewestFirst],
    ),
    (
        "work_of_one_instant_comes_in_the_order_of_its_identifiers",
        &[Bug::ClaimsNewestFirst],
    ),
    ("claimed_work_says_everything_a_worker_needs", &[Bug::ForgetsSubjects]),
    ("live_work_is_queued_once", &[Bug::QueuesTwice]),
    ("the_same_job_is_queued_once_for_ever", &[Bug::QueuesTwice]),
    ("an_opt_out_cancels_what_is_queued", &[Bug::CancelsNothing]),
    ("workers_never_share_a_job", &[Bug::SharesJobs]),
    ("the_depth_counts_what_is_live_or_dead", &[Bug::ForgetsDepth]),
    (
        "again_waits_and_keeps_or_forgets_its_attempts",
        &[Bug::AgainAtOnce, Bug::ForgetsAttempts],
    ),
    ("an_expired_lease_is_taken_over", &[Bug::LeasesNeverExpire]),
    ("a_worker_that_lost_its_lease_is_refused", &[Bug::IgnoresFences]),
    ("a_lease_that_nobody_took_over_holds", &[Bug::ExpiredLeasesAreLost]),
    ("a_finished_job_is_settled_once", &[Bug::IgnoresFences]),
    ("released_jobs_are_free_at_once", &[Bug::ReleasesNothing]),
    ("an_intermediate_commit_keeps_the_lease", &[Bug::IntermediateEnds]),
    (
        "an_opt_out_holds_everywhere_until_nobody_has_one",
        &[
            Bug::SuppressesHereOnly,
            Bug::OptInsAreForgotten,
            Bug::OptOutsAreForgotten,
        ],
    ),
    ("opting_out_or_in_twice_changes_nothing", &[Bug::OptOutsMove]),
    ("a_claim_and_an_opt_out_never_miss_each_other", &[Bug::ForgetsClaims]),
    (
        "claims_end_when_they_are_settled_or_expire",
        &[Bug::ClaimsAreNeverSettled, Bug::ExpiredClaimsCount, Bug::ForgetsClaims],
    ),
    (
        "one_text_holds_the_guard",
        &[
            Bug::IgnoresTextGuards,
            Bug::GuardsAreNeverFreed,
            Bug::GuardsAreNeverHeld,
        ],
    ),
    ("a_guard_ends_at_its_instant", &[Bug::GuardsLastLonger]),
    (
        "the_ledger_is_one_chain_that_verifies",
        &[Bug::DropsLedger, Bug::LedgerBackwards],
    ),
    ("concurrent_entries_make_one_chain", &[Bug::DropsLedger]),
    ("the_ledger_goes_on_where_a_reader_stopped", &[Bug::LedgerFromTheStart]),
    (
        "a_thread_is_read_whole",
        &[Bug::ForgetsNames, Bug::ForgetsLastCalls, Bug::ForgetsEmergencies],
    ),
    (
        "the_last_thirty_messages_are_read_oldest_first",
        &[Bug::NewestMessagesFirst],
    ),
    ("sends_are_counted", &[Bug::CountsNothing]),
    (
        "a_limit_of_sends_refuses_what_would_go_beyond_it",
        &[Bug::IgnoresSendLimits],
    ),
    (
        "a_limit_of_sends_holds_among_writers_that_race",
        &[Bug::IgnoresSendLimits],
    ),
    (
        "sends_equal_a_recount_whatever_becomes_of_them",
        &[
            Bug::CountsWholeMinutes,
            Bug::FailedTextsStayCounted,
            Bug::IgnoresSendLimits,
        ],
    ),
    (
        "calls_are_listed_without_gaps_or_repetitions",
        &[Bug::PagesSkipARow, Bug::PagesRepeatARow],
    ),
    ("every_filter_of_calls_narrows", &[Bug::IgnoresFilters]),
    (
        "threads_are_listed_without_gaps_or_repetitions",
        &[Bug::PagesSkipARow, Bug::PagesRepeatARow],
    ),
    ("a_call_is_shown_with_all_that_hangs_on_it", &[Bug::HidesEvents]),
    ("a_list_names_a_call_as_the_contact_is_named_now", &[Bug::HidesNames]),
    ("a_thread_is_shown_with_its_last_messages", &[Bug::NewestMessagesFirst]),
    ("tasks_are_listed_oldest_first", &[Bug::TasksBackwards]),
    ("opt_outs_are_listed_newest_first", &[Bug::OptOutsBackwards]),
    ("a_business_reads_only_its_own", &[Bug::ReadsWhatIsOthers]),
    (
        "a_business_changes_only_its_own",
        &[Bug::IgnoresFences, Bug::TasksAreEverybodys],
    ),
    ("two_businesses_may_have_the_same_keys", &[Bug::EventsAreEverybodys]),
    (
        "what_is_old_enough_is_deleted_in_small_steps",
        &[Bug::DeletesNothing, Bug::DeletesAtOnce],
    ),
    ("work_that_is_not_over_is_never_deleted", &[Bug::DeletesWorkThatWaits]),
    ("what_the_law_needs_is_never_deleted", &[Bug::DeletesTheLedger]),
    ("an_address_belongs_to_one_person", &[Bug::AddressesAreShared]),
    ("people_and_roles_read_back", &[Bug::ForgetsRoles]),
    ("sessions_begin_and_end", &[Bug::SessionsNeverEnd]),
    ("a_link_works_once", &[Bug::LinksWorkAgain]),
    ("keys_are_found_and_revoked", &[Bug::RevokesNothing]),
    ("the_first_answer_to_a_write_stays", &[Bug::LastAnswersStay]),
    ("secrets_are_replaced", &[Bug::FirstSecretsStay]),
    ("what_has_expired_is_pruned", &[Bug::PrunesNothing]),
];

async fn judged(case: &str, bug: Bug) -> Checked {
    contract::case(store::CASES, case, &Spoiled::with(bug)).await
}

#[tokio::test]
async fn every_case_passes_without_a_bug() {
    for case in store::CASES {
        assert_eq!(judged(case.name, Bug::None).await, Ok(Done::Passed), "{}", case.name);
    }
}

#[tokio::test]
async fn every_case_finds_the_bugs_it_is_there_for() {
    let controlled: Vec<&str> = CONTROLS.iter().map(|(case, _)| *case).collect();
    let cases: Vec<&str> = store::CASES.iter().map(|case| case.name).collect();
    assert_eq!(controlled, cases, "a case without a bug to find may find none");
    let mut missed = Vec::new();
    for (case, bugs) in CONTROLS {
        for bug in *bugs {
            if judged(case, *bug).await.is_ok() {
                missed.push((case, bug));
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:#?}");
}
