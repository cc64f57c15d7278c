//! Calls that arrive at the same moment share a transaction, and nothing else.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, found, note, refused};
use crate::port::Store;
use crate::port::store::{Change, Commit, CommitError, Committed, Conflict, Guard, Stale, TotalsFilter};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::zone::LocalDay;
use crate::{BusinessId, CallerId};

type Answer = Result<Committed, CommitError>;

/// Offers all commits at the same moment, to two servers in turn where there can be two.
async fn together(bench: &Bench<'_>, commits: Vec<Commit>) -> Result<Vec<Answer>, Failure> {
    let other = bench.other().await;
    let mut offered = JoinSet::new();
    for (index, commit) in commits.into_iter().enumerate() {
        let store: Arc<dyn Store> = Arc::clone(if index % 2 == 0 { &bench.store } else { &other });
        offered.spawn(async move { (index, store.commit(commit).await) });
    }
    let mut answers = Vec::new();
    while let Some(answer) = offered.join_next().await {
        answers.push(answer.map_err(|error| Failure::new(error.to_string()))?);
    }
    answers.sort_by_key(|(index, _)| *index);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

async fn counted(bench: &Bench<'_>, business: BusinessId) -> Result<u64, Failure> {
    let days = TotalsFilter {
        from_day: LocalDay(0),
        to_day: LocalDay(100_000),
    };
    Ok(bench
        .store
        .totals(business, &days)
        .await?
        .iter()
        .map(|row| row.calls)
        .sum())
}

pub(super) async fn two_hundred_calls_at_once_are_each_judged_alone(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let flagged = build::phone(600);
    let flags = build::flags(1, bench.now());
    bench
        .apply(ace, vec![Change::PutCallerFlags { phone: flagged, flags }])
        .await?;
    let owners = [
        found("ace", bench.store.owner(ace).await?)?,
        found("best", bench.store.owner(best).await?)?,
    ];
    let mut commits = Vec::new();
    for number in 0..200_u32 {
        // Every twentieth is stale one way, every twentieth the other, every twentieth the copy of the one before.
        let kind = number % 20;
        let copied = if kind == 7 { number - 2 } else { number };
        let owner = owners.get(usize::from(copied % 2 == 1)).unwrap_or(&owners[0]);
        let caller = CallerId::Present(build::phone(copied));
        let mut commit = build::intake_commit(owner, &format!("CA{copied}"), caller, bench.now());
        match kind {
            3 => commit.guards = vec![Guard::Settings { version: 1 }],
            11 => commit.guards.push(Guard::CallerFlags {
                phone: flagged,
                version: 2,
            }),
            _ => {}
        }
        commits.push(commit);
    }
    let answers = together(&bench, commits).await?;
    let mut applied = [0_usize; 2];
    for (number, answer) in answers.iter().enumerate() {
        let place = format!("call {number}");
        let copied = |number: usize| matches!(answers.get(number), Some(Ok(_)));
        match (number % 20, answer) {
            (3, Err(CommitError::Conflict(conflict))) => {
                ensure_eq!(*conflict, Conflict::Stale(Stale::Settings), "{place}");
            }
            (11, Err(CommitError::Conflict(conflict))) => {
                // In the business whose flags were raised, and in the other that has no such row.
                ensure_eq!(*conflict, Conflict::Stale(Stale::CallerFlags), "{place}");
            }
            (5, _) | (7, _) => {
                let pair = if number % 20 == 5 { number } else { number - 2 };
                ensure!(
                    copied(pair) != copied(pair + 2),
                    "{place}: of two copies exactly one applies"
                );
                if let Err(CommitError::Conflict(conflict)) = answer {
                    let stored = matches!(conflict, Conflict::AlreadyProcessed { reply: Some(_) });
                    ensure!(stored, "{place}: a copy gave {conflict:?}");
                }
            }
            (3 | 11, _) => return Err(Failure::new(format!("{place} had to be stale"))),
            (_, Ok(_)) => {}
            (_, Err(error)) => return Err(Failure::new(format!("{place} was refused: {error:?}"))),
        }
        if answer.is_ok()
            && let Some(count) = applied.get_mut(number % 2)
        {
            *count += 1;
        }
    }
    for (business, count) in [ace, best].into_iter().zip(applied) {
        let listed = bench.store.calls(business, &Default::default(), None, 1_000).await?;
        ensure_eq!(listed.len(), count, "calls that are listed");
        ensure_eq!(
            usize::try_from(counted(&bench, business).await?).unwrap_or(0),
            count,
            "calls that are counted"
        );
        let feed = bench.store.feed(business, 0, 1_000).await?;
        ensure_eq!(feed.len(), count, "entries of the feed");
        let mut calls: Vec<_> = feed.iter().filter_map(|entry| entry.event.call).collect();
        calls.sort_unstable();
        calls.dedup();
        ensure_eq!(calls.len(), count, "different calls in the feed");
    }
    let positions: Vec<u64> = answers.iter().flatten().filter_map(|done| done.position).collect();
    ensure_eq!(
        positions.len(),
        applied.iter().sum::<usize>(),
        "intakes that know their position"
    );
    Ok(Done::Passed)
}

pub(super) async fn calls_wait_beside_other_commits_without_mixing(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let now = bench.now();
    let mut commits = Vec::new();
    for number in 0..60_u32 {
        let phone = build::phone(number);
        commits.push(match number % 4 {
            0 => bench.intake(ace, &format!("CA{number}"), phone).await?,
            1 => bench.commit(
                ace,
                vec![note(now, "good"), Change::PutContact(build::contact(ace, phone, now))],
            ),
            2 => {
                let mut bad = build::thread(ace, phone, now);
                bad.version = 2;
                bench.commit(
                    ace,
                    vec![
                        note(now, "bad"),
                        Change::PutContact(build::contact(ace, phone, now)),
                        Change::Enqueue(build::job(&format!("bad {number}"), now)),
                        Change::PutConversation(bad),
                    ],
                )
            }
            // A row of another business breaks its statement, not only its precondition.
            _ => bench.commit(
                ace,
                vec![
                    note(now, "foreign"),
                    Change::PutContact(build::contact(best, phone, now)),
                ],
            ),
        });
    }
    let answers = together(&bench, commits).await?;
    for (number, answer) in (0_u32..).zip(answers) {
        let phone = build::phone(number);
        let contact = bench.store.thread(ace, &phone, now).await?.contact;
        match number % 4 {
            0 => drop(answer?),
            1 => {
                answer?;
                ensure!(contact.is_some(), "a good commit beside bad ones left no contact");
            }
            2 => {
                ensure_eq!(refused(answer)?, Conflict::Stale(Stale::Conversation), "a bad commit");
                ensure_eq!(contact, None, "a bad commit beside good ones");
            }
            _ => {
                ensure!(answer.is_err(), "a row of another business was written");
                ensure_eq!(
                    bench.store.thread(best, &phone, now).await?.contact,
                    None,
                    "the other business"
                );
            }
        }
    }
    ensure_eq!(bench.feed_len(ace).await?, 30, "entries of what was applied");
    ensure_eq!(counted(&bench, ace).await?, 15, "calls that are counted");
    let bad = bench.claim("worker", 1_000).await?;
    let bad = bad
        .iter()
        .filter(|job| job.job.kind() == crate::jobs::JobKind::SendMessage)
        .count();
    ensure_eq!(bad, 0, "jobs of commits that were refused");
    Ok(Done::Passed)
}

pub(super) async fn a_saved_schedule_governs_every_later_intake(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let other = bench.other().await;
    for round in 0..12_u64 {
        let owner = found("the business", bench.store.owner(ace).await?)?;
        ensure_eq!(owner.version, 2 + round, "the version before save {round}");
        let intake = |name: &str| {
            build::intake_commit(
                &owner,
                &format!("{name}{round}"),
                CallerId::Present(build::phone(9)),
                bench.now(),
            )
        };
        let racing: Vec<Commit> = (0..6).map(|copy| intake(&format!("CA-{copy}-"))).collect();
        let save = bench.commit(
            ace,
            vec![Change::PutSettings {
                settings: Box::new(build::settings(&format!("save {round}"))),
                expected: owner.version,
            }],
        );
        let mut offered = vec![save];
        offered.extend(racing);
        let mut answers = together(&bench, offered).await?.into_iter();
        let saved = found("the answer to a save", answers.next())?;
        saved?;
        for answer in answers {
            if let Err(CommitError::Conflict(conflict)) = answer {
                ensure_eq!(
                    conflict,
                    Conflict::Stale(Stale::Settings),
                    "an intake that raced a save"
                );
            } else {
                answer?;
            }
        }
        // The save was acknowledged: nothing that was decided before it may apply, on whatever server.
        for (name, store) in [("CA-late-a", &bench.store), ("CA-late-b", &other)] {
            let late = refused(store.commit(intake(name)).await)?;
            ensure_eq!(
                late,
                Conflict::Stale(Stale::Settings),
                "an intake by the schedule of before the save"
            );
            let seen = found("the business", store.owner(ace).await?)?;
            ensure_eq!(
                seen.settings.profile.name,
                format!("save {round}"),
                "the settings a server sees after a save"
            );
            let dialled = found("the number's owner", store.owner_of(&build::phone(1)).await?)?;
            ensure_eq!(
                dialled.version,
                3 + round,
                "the version a dialled number has after a save"
            );
        }
    }
    Ok(Done::Passed)
}
