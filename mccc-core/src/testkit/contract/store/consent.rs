//! STOP, START, the right to send, and the one text of a window.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;

use super::StoreHarness;
use super::bench::{Bench, note, refused};
use crate::port::store::{Change, Commit, CommitError, Conflict, Consent, ConsentChange, Guard, OptOutRow, TextGuard};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{BusinessId, PhoneNumber};

const MICRO: Duration = Duration::from_micros(1);

fn out(phone: PhoneNumber, keyword: &str) -> Change {
    Change::Consent(ConsentChange::OptOut {
        phone,
        keyword: keyword.to_owned(),
    })
}

fn back_in(phone: PhoneNumber) -> Change {
    Change::Consent(ConsentChange::OptIn { phone })
}

/// Whether a commit that needs consent applies.
async fn allowed(bench: &Bench<'_>, business: BusinessId, phone: PhoneNumber) -> Result<bool, Failure> {
    let mut commit = bench.commit(business, vec![note(bench.now(), "send")]);
    commit.guards = vec![Guard::NotOptedOut { phone }];
    match bench.store.commit(commit).await {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict(Conflict::OptedOut)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn consent(bench: &Bench<'_>, business: BusinessId, phone: PhoneNumber) -> Result<Consent, Failure> {
    Ok(bench.store.thread(business, &phone, bench.now()).await?.consent)
}

pub(super) async fn an_opt_out_holds_everywhere_until_nobody_has_one(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let phone = build::phone(9);
    ensure_eq!(
        consent(&bench, ace, phone).await?,
        Consent::default(),
        "a caller who never said anything"
    );
    ensure!(
        allowed(&bench, ace, phone).await?,
        "a caller who never said anything may be texted"
    );
    let first = bench.now();
    bench.apply(ace, vec![out(phone, "stop")]).await?;
    ensure!(
        !allowed(&bench, ace, phone).await?,
        "the business that was told to stop went on"
    );
    ensure!(
        !allowed(&bench, best, phone).await?,
        "an opt-out at one business left others free to text"
    );
    ensure!(
        allowed(&bench, best, build::phone(8)).await?,
        "an opt-out stopped texts to somebody else"
    );
    let here = Consent {
        opted_out_at: Some(first),
        suppressed: true,
        opted_back_in: false,
    };
    ensure_eq!(
        consent(&bench, ace, phone).await?,
        here,
        "consent where the caller opted out"
    );
    let there = Consent {
        opted_out_at: None,
        ..here
    };
    ensure_eq!(
        consent(&bench, best, phone).await?,
        there,
        "consent at the other business"
    );
    h.advance(MICRO);
    let second = bench.now();
    bench.apply(best, vec![out(phone, "stop")]).await?;
    bench.apply(ace, vec![back_in(phone)]).await?;
    // The other business's opt-out still stands, so nobody may text.
    let lifted = Consent {
        opted_out_at: None,
        suppressed: true,
        opted_back_in: true,
    };
    ensure_eq!(
        consent(&bench, ace, phone).await?,
        lifted,
        "consent after START at one of two"
    );
    let stands = Consent {
        opted_out_at: Some(second),
        ..here
    };
    ensure_eq!(
        consent(&bench, best, phone).await?,
        stands,
        "consent where STOP still stands"
    );
    ensure!(
        !allowed(&bench, ace, phone).await?,
        "START at one business lifted the opt-out at another"
    );
    bench.apply(best, vec![back_in(phone)]).await?;
    for business in [ace, best] {
        let free = Consent {
            opted_out_at: None,
            suppressed: false,
            opted_back_in: true,
        };
        ensure_eq!(
            consent(&bench, business, phone).await?,
            free,
            "consent after START everywhere"
        );
        ensure!(
            allowed(&bench, business, phone).await?,
            "START everywhere did not lift the opt-out"
        );
    }
    bench.apply(best, vec![out(phone, "quit")]).await?;
    ensure!(!allowed(&bench, ace, phone).await?, "a second opt-out does not hold");
    ensure!(
        !consent(&bench, best, phone).await?.opted_back_in,
        "opted in and out at the same time"
    );
    Ok(Done::Passed)
}

pub(super) async fn opting_out_or_in_twice_changes_nothing(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let phone = build::phone(9);
    bench.apply(ace, vec![back_in(phone)]).await?;
    ensure_eq!(
        consent(&bench, ace, phone).await?,
        Consent::default(),
        "START of a caller who never said STOP"
    );
    ensure!(
        bench.store.opt_outs(ace, 10).await?.is_empty(),
        "an opt-in without an opt-out is listed"
    );
    let first = bench.now();
    bench.apply(ace, vec![out(phone, build::HARD_TEXT)]).await?;
    h.advance(MICRO);
    bench.apply(ace, vec![out(phone, "quit")]).await?;
    let mut row = OptOutRow {
        phone,
        opted_out_at: first,
        keyword: build::HARD_TEXT.to_owned(),
        opted_back_in_at: None,
    };
    ensure_eq!(
        bench.store.opt_outs(ace, 10).await?,
        vec![row.clone()],
        "STOP said twice"
    );
    h.advance(MICRO);
    row.opted_back_in_at = Some(bench.now());
    bench.apply(ace, vec![back_in(phone)]).await?;
    h.advance(MICRO);
    bench.apply(ace, vec![back_in(phone)]).await?;
    ensure_eq!(bench.store.opt_outs(ace, 10).await?, vec![row], "START said twice");
    ensure!(
        allowed(&bench, ace, phone).await?,
        "START said twice did not lift the opt-out"
    );
    h.advance(MICRO);
    let again = OptOutRow {
        phone,
        opted_out_at: bench.now(),
        keyword: "end".to_owned(),
        opted_back_in_at: None,
    };
    bench.apply(ace, vec![out(phone, "end")]).await?;
    ensure_eq!(bench.store.opt_outs(ace, 10).await?, vec![again], "STOP after START");
    Ok(Done::Passed)
}

fn claim(bench: &Bench<'_>, business: BusinessId, name: &str, phone: PhoneNumber) -> Commit {
    let mut commit = bench.commit(
        business,
        vec![Change::ClaimSend {
            message: build::message_id(name),
            phone,
            lasts: Duration::from_secs(5),
        }],
    );
    commit.guards = vec![Guard::NotOptedOut { phone }];
    commit
}

pub(super) async fn a_claim_and_an_opt_out_never_miss_each_other(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let other = bench.other().await;
    for round in 0..60 {
        let phone = build::phone(1_000 + round);
        let start = Arc::new(Barrier::new(2));
        let claiming = {
            // Half the rounds are told to lock the number by name, half have to do it by themselves.
            let mut commit = claim(&bench, ace, &format!("m{round}"), phone);
            commit.locks = if round % 2 == 0 { vec![phone] } else { Vec::new() };
            let (store, start) = (Arc::clone(&bench.store), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                store.commit(commit).await
            })
        };
        let stop = bench.commit(best, vec![out(phone, "stop")]);
        start.wait().await;
        other.commit(stop).await?;
        // The STOP is acknowledged: a claim is either visible now, or it is refused.
        let open = other.open_claims(&phone).await?;
        match claiming.await.map_err(|error| Failure::new(error.to_string()))? {
            Ok(_) => ensure_eq!(open, 1, "round {round}: open claims after a STOP that came second"),
            Err(CommitError::Conflict(Conflict::OptedOut)) => {
                ensure_eq!(open, 0, "round {round}: open claims after a STOP that came first");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Done::Passed)
}

pub(super) async fn claims_end_when_they_are_settled_or_expire(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let (phone, another) = (build::phone(9), build::phone(8));
    ensure_eq!(
        bench.store.open_claims(&phone).await?,
        0,
        "claims on a number nobody wrote to"
    );
    for (business, name, phone) in [(ace, "a", phone), (best, "b", phone), (ace, "c", another)] {
        bench.store.commit(claim(&bench, business, name, phone)).await?;
    }
    ensure_eq!(
        bench.store.open_claims(&phone).await?,
        2,
        "claims of the whole installation on one number"
    );
    let settle = |name: &str| {
        vec![Change::SettleSend {
            message: build::message_id(name),
        }]
    };
    bench.apply(ace, settle("a")).await?;
    bench.apply(ace, settle("a")).await?;
    bench.apply(ace, settle("never claimed")).await?;
    ensure_eq!(
        bench.store.open_claims(&phone).await?,
        1,
        "claims after one was settled"
    );
    h.advance(Duration::from_secs(5) - MICRO);
    ensure_eq!(
        bench.store.open_claims(&phone).await?,
        1,
        "claims a moment before the end"
    );
    // Claimed again, it lasts from now on.
    bench.store.commit(claim(&bench, ace, "c", another)).await?;
    h.advance(MICRO);
    ensure_eq!(bench.store.open_claims(&phone).await?, 0, "claims at their end");
    ensure_eq!(bench.store.open_claims(&another).await?, 1, "a claim that was renewed");
    h.advance(Duration::from_secs(5));
    ensure_eq!(
        bench.store.open_claims(&another).await?,
        0,
        "a renewed claim at its end"
    );
    bench.apply(best, settle("b")).await?;
    Ok(Done::Passed)
}

async fn guarded(bench: &Bench<'_>, business: BusinessId, phone: PhoneNumber) -> Result<Option<Conflict>, Failure> {
    let mut commit = bench.commit(business, vec![note(bench.now(), "text")]);
    commit.guards = vec![Guard::TextGuardFree { phone }];
    match bench.store.commit(commit).await {
        Ok(_) => Ok(None),
        refusal => refused(refusal).map(Some),
    }
}

pub(super) async fn one_text_holds_the_guard(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let phone = build::phone(9);
    let until = bench.now().plus(Duration::from_secs(3600));
    let (first, second) = (build::message_id("first"), build::message_id("second"));
    ensure_eq!(guarded(&bench, ace, phone).await?, None, "a guard nobody holds");
    bench
        .apply(
            ace,
            vec![Change::HoldTextGuard {
                phone,
                until,
                message: first,
            }],
        )
        .await?;
    let held = Some(Conflict::TextGuardHeld { until });
    ensure_eq!(guarded(&bench, ace, phone).await?, held, "a guard that is held");
    ensure_eq!(
        guarded(&bench, ace, build::phone(8)).await?,
        None,
        "another caller's guard"
    );
    ensure_eq!(guarded(&bench, best, phone).await?, None, "another business's guard");
    let read = bench.store.thread(ace, &phone, bench.now()).await?.guard;
    ensure_eq!(
        read,
        Some(TextGuard { until, message: first }),
        "the guard beside the thread"
    );
    bench
        .apply(ace, vec![Change::FreeTextGuard { phone, message: second }])
        .await?;
    ensure_eq!(
        guarded(&bench, ace, phone).await?,
        held,
        "a guard that somebody else wanted to free"
    );
    let later = until.plus(MICRO);
    bench
        .apply(
            ace,
            vec![Change::HoldTextGuard {
                phone,
                until: later,
                message: second,
            }],
        )
        .await?;
    bench
        .apply(ace, vec![Change::FreeTextGuard { phone, message: first }])
        .await?;
    let held = Some(Conflict::TextGuardHeld { until: later });
    ensure_eq!(
        guarded(&bench, ace, phone).await?,
        held,
        "a guard that passed to a second text"
    );
    bench
        .apply(ace, vec![Change::FreeTextGuard { phone, message: second }])
        .await?;
    ensure_eq!(guarded(&bench, ace, phone).await?, None, "a guard that was freed");
    Ok(Done::Passed)
}

pub(super) async fn a_guard_ends_at_its_instant(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let phone = build::phone(9);
    let until = bench.now().plus(Duration::from_secs(60));
    let guard = TextGuard {
        until,
        message: build::message_id("m"),
    };
    let hold = Change::HoldTextGuard {
        phone,
        until,
        message: guard.message,
    };
    bench.apply(ace, vec![hold]).await?;
    // The instant of the decision counts, not the store's clock.
    let at = |at| {
        let mut commit = build::commit(ace, at, Vec::new());
        commit.guards = vec![Guard::TextGuardFree { phone }];
        bench.store.commit(commit)
    };
    let held = Conflict::TextGuardHeld { until };
    ensure_eq!(
        refused(at(until.minus(MICRO)).await)?,
        held,
        "a guard a moment before its end"
    );
    at(until).await?;
    at(until.plus(MICRO)).await?;
    h.advance(Duration::from_secs(600));
    ensure_eq!(
        refused(at(until.minus(MICRO)).await)?,
        held,
        "a decision of before the end, applied late"
    );
    let read = bench.store.thread(ace, &phone, bench.now()).await?.guard;
    ensure_eq!(
        read,
        Some(guard),
        "a guard that has ended still says until when it held"
    );
    Ok(Done::Passed)
}
