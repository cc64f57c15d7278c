//! A row is written over the version that was read, and over no other.

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, note, refused};
use crate::BusinessId;
use crate::calls::Outcome;
use crate::conversation::{CallerFlags, MessageStatus};
use crate::port::store::{CallKey, Change, CommitError, Conflict, MessageKey, Stale, TestCallState};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure_eq};

/// Writes versions in and out of turn. `put` makes the change to a version; only 1, then 2, then 3 may apply.
async fn in_turn(
    bench: &Bench<'_>,
    business: BusinessId,
    stale: Stale,
    put: impl Fn(u32) -> Change + Send + Sync,
) -> Result<(), Failure> {
    let refused = async |version: u32, stored: u32| {
        let conflict = bench.refuse(business, vec![put(version)]).await?;
        ensure_eq!(conflict, Conflict::Stale(stale), "version {version} over {stored}");
        Ok(())
    };
    for version in [0, 2, 3] {
        refused(version, 0).await?;
    }
    bench.apply(business, vec![put(1)]).await?;
    for version in [0, 1, 3] {
        refused(version, 1).await?;
    }
    bench.apply(business, vec![put(2)]).await?;
    for version in [0, 1, 2, 4] {
        refused(version, 2).await?;
    }
    bench.apply(business, vec![put(3)]).await?;
    Ok(())
}

pub(super) async fn flags_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let phone = build::phone(9);
    let put = |version| Change::PutCallerFlags {
        phone,
        flags: CallerFlags {
            version,
            ..CallerFlags::NONE
        },
    };
    in_turn(&bench, ace, Stale::CallerFlags, put).await?;
    ensure_eq!(
        bench.store.caller_flags(ace, &phone).await?.version,
        3,
        "the version that stayed"
    );
    Ok(Done::Passed)
}

pub(super) async fn threads_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let thread = build::thread(ace, build::phone(9), bench.now());
    let put = |version| {
        Change::PutConversation(crate::conversation::Conversation {
            version,
            ..thread.clone()
        })
    };
    in_turn(&bench, ace, Stale::Conversation, put).await?;
    let stored = bench.store.thread(ace, &thread.phone, bench.now()).await?.conversation;
    ensure_eq!(stored.map(|thread| thread.version), Some(3), "the version that stayed");
    Ok(Done::Passed)
}

pub(super) async fn messages_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let thread = build::thread(ace, build::phone(9), bench.now());
    bench.apply(ace, vec![Change::PutConversation(thread.clone())]).await?;
    let message = build::message(&thread, "m", bench.now());
    let put = |version| {
        Change::PutMessage(Box::new(crate::conversation::Message {
            version,
            status: MessageStatus::Delivered,
            ..message.clone()
        }))
    };
    in_turn(&bench, ace, Stale::Message, put).await?;
    let stored = bench.store.message(ace, &MessageKey::Id(message.id)).await?;
    ensure_eq!(
        stored.map(|message| message.version),
        Some(3),
        "the version that stayed"
    );
    Ok(Done::Passed)
}

pub(super) async fn calls_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let first = bench.call(ace, "CA1", build::phone(9)).await?;
    let second = build::full_call(&first, &build::thread(ace, build::phone(9), bench.now()));
    let mut third = second.clone();
    third.version = 3;
    third.outcome = Outcome::AppointmentBooked;
    let stale = Conflict::Stale(Stale::Call);
    ensure_eq!(
        bench.refuse(ace, vec![build::update(&second, &third)]).await?,
        stale,
        "version 3 over 1"
    );
    bench.apply(ace, vec![build::update(&first, &second)]).await?;
    ensure_eq!(
        bench.refuse(ace, vec![build::update(&first, &second)]).await?,
        stale,
        "version 2 over 2"
    );
    bench.apply(ace, vec![build::update(&second, &third)]).await?;
    ensure_eq!(
        bench.refuse(ace, vec![build::update(&second, &third)]).await?,
        stale,
        "version 3 over 3"
    );
    ensure_eq!(
        bench.stored(&third).await?,
        Some(third.clone()),
        "the version that stayed"
    );
    let never = bench.intake(ace, "CA2", build::phone(9)).await?;
    let mut never = build::inserted(&never).cloned().unwrap_or(third);
    let before = never.clone();
    never.version = 2;
    ensure_eq!(
        bench.refuse(ace, vec![build::update(&before, &never)]).await?,
        stale,
        "a call that is not there"
    );
    let missing = bench.store.call(ace, &CallKey::Id(never.id)).await?;
    ensure_eq!(missing.map(|found| found.call.id), None, "a call that was only updated");
    Ok(Done::Passed)
}

pub(super) async fn forwarding_tests_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let test = build::test_call(ace, "test", bench.now());
    let put = |version| {
        Change::PutTestCall(Box::new(crate::port::store::TestCall {
            version,
            state: TestCallState::Listening,
            ..test.clone()
        }))
    };
    in_turn(&bench, ace, Stale::TestCall, put).await?;
    let stored = bench.store.test_call(ace, test.id).await?;
    ensure_eq!(stored.map(|test| test.version), Some(3), "the version that stayed");
    Ok(Done::Passed)
}

pub(super) async fn appointments_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let row = build::appointment(ace, "row", bench.now());
    let put = |version| Change::PutAppointment(Box::new(crate::appointments::Appointment { version, ..row.clone() }));
    in_turn(&bench, ace, Stale::Appointment, put).await?;
    let stored = bench.store.appointment(ace, row.id).await?;
    ensure_eq!(stored.map(|row| row.version), Some(3), "the version that stayed");
    Ok(Done::Passed)
}

pub(super) async fn settings_are_written_over_the_version_before_only(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = build::business("ace");
    let put = |expected, name: &str| Change::PutSettings {
        settings: Box::new(build::settings(name)),
        expected,
    };
    let stale = Conflict::Stale(Stale::Settings);
    ensure_eq!(
        bench.refuse(ace, vec![put(1, "early")]).await?,
        stale,
        "a save over nothing"
    );
    bench.apply(ace, vec![put(0, "first")]).await?;
    for expected in [0, 2] {
        let conflict = bench
            .refuse(ace, vec![put(expected, "wrong"), note(bench.now(), "wrong")])
            .await?;
        ensure_eq!(conflict, stale, "a save over {expected} at 1");
    }
    bench.apply(ace, vec![put(1, "second")]).await?;
    let owner = bench.store.owner(ace).await?;
    let stored = owner.map(|owner| (owner.version, owner.settings.profile.name.clone()));
    ensure_eq!(stored, Some((2, "second".to_owned())), "what was saved last");
    ensure_eq!(bench.feed_len(ace).await?, 0, "the feed after refused saves");
    Ok(Done::Passed)
}

pub(super) async fn of_writers_that_race_one_wins(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    let phone = build::phone(9);
    for version in 1..=5 {
        let mut writers = JoinSet::new();
        for writer in 0..12 {
            let store = if writer % 2 == 0 { &bench.store } else { &other };
            let store = std::sync::Arc::clone(store);
            let mut thread = build::thread(ace, phone, bench.now());
            thread.version = version;
            thread.preview = format!("writer {writer}");
            let commit = bench.commit(ace, vec![Change::PutConversation(thread), note(bench.now(), "won")]);
            writers.spawn(async move { store.commit(commit).await });
        }
        let mut won = 0;
        while let Some(result) = writers.join_next().await {
            match result.map_err(|error| Failure::new(error.to_string()))? {
                Ok(_) => won += 1,
                lost @ Err(CommitError::Conflict(_)) => {
                    ensure_eq!(
                        refused(lost)?,
                        Conflict::Stale(Stale::Conversation),
                        "a writer that lost"
                    );
                }
                Err(error) => return Err(error.into()),
            }
        }
        ensure_eq!(won, 1, "writers of version {version} that won");
    }
    ensure_eq!(bench.feed_len(ace).await?, 5, "the feed of the winners");
    Ok(Done::Passed)
}
