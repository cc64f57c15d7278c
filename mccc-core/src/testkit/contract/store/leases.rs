//! Leases: who may say what became of a job.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, LEASE, note, refused};
use crate::BusinessId;
use crate::port::store::{Change, ClaimedJob, Conflict, Fence, JobResult};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

fn again(bench: &Bench<'_>) -> JobResult {
    JobResult::Again {
        at: bench.now(),
        job: None,
        fresh: false,
    }
}

/// Every way to settle a job.
fn results(bench: &Bench<'_>) -> [JobResult; 4] {
    [
        JobResult::Done,
        again(bench),
        JobResult::Dead {
            reason: "given up".to_owned(),
        },
        JobResult::StillRunning,
    ]
}

/// Offers every result under a lease that does not hold.
async fn none_holds(bench: &Bench<'_>, business: BusinessId, fence: Fence, whose: &str) -> Result<(), Failure> {
    let before = bench.feed_len(business).await?;
    for result in results(bench) {
        let refused = refused(bench.settle(business, fence, result.clone()).await)?;
        ensure_eq!(refused, Conflict::LeaseLost, "{result:?} of {whose}");
    }
    ensure_eq!(
        bench.feed_len(business).await?,
        before,
        "the feed after results of {whose}"
    );
    Ok(())
}

async fn one_job(bench: &Bench<'_>) -> Result<(BusinessId, ClaimedJob), Failure> {
    let ace = bench.business("ace", 1).await?;
    bench
        .apply(ace, vec![Change::Enqueue(build::job("job", bench.now()))])
        .await?;
    Ok((ace, bench.claim_one("first").await?))
}

pub(super) async fn an_expired_lease_is_taken_over(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (_, first) = one_job(&bench).await?;
    h.advance(LEASE - Duration::from_micros(1));
    ensure!(
        bench.claim("second", 10).await?.is_empty(),
        "a lease was taken over before it had expired"
    );
    h.advance(Duration::from_micros(1));
    let second = bench.claim_one("second").await?;
    ensure_eq!(second.id, first.id, "the job that was taken over");
    ensure_eq!(
        (second.attempt, second.fence.number),
        (2, first.fence.number + 1),
        "attempt and fence of the second"
    );
    ensure_eq!(
        (second.job, second.due_at),
        (first.job, first.due_at),
        "the work that was taken over"
    );
    ensure_eq!(second.lease_until, bench.now().plus(LEASE), "the second lease");
    ensure!(
        bench.claim("third", 10).await?.is_empty(),
        "a lease was handed out twice"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_worker_that_lost_its_lease_is_refused(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, first) = one_job(&bench).await?;
    let best = bench.business("best", 2).await?;
    h.advance(LEASE);
    let second = bench.claim_one("second").await?;
    none_holds(&bench, ace, first.fence, "a worker whose lease was taken over").await?;
    let wrong = Fence {
        number: second.fence.number + 1,
        ..second.fence
    };
    none_holds(&bench, ace, wrong, "a fence that was never given").await?;
    let unknown = Fence {
        job: build::job("never", bench.now()).id,
        number: 1,
    };
    none_holds(&bench, ace, unknown, "a job that was never queued").await?;
    none_holds(&bench, best, second.fence, "a job of another business").await?;
    bench.settle(ace, second.fence, JobResult::Done).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_lease_that_nobody_took_over_holds(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, first) = one_job(&bench).await?;
    h.advance(LEASE * 3);
    bench.settle(ace, first.fence, JobResult::StillRunning).await?;
    bench.settle(ace, first.fence, JobResult::Done).await?;
    ensure!(
        bench.claim("second", 10).await?.is_empty(),
        "work that was done late was handed out again"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_finished_job_is_settled_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    for (number, result) in [JobResult::Done, again(&bench), results(&bench)[2].clone()]
        .into_iter()
        .enumerate()
    {
        bench
            .apply(
                ace,
                vec![Change::Enqueue(build::job(&format!("job {number}"), bench.now()))],
            )
            .await?;
        let job = bench.claim_one("w").await?;
        bench.settle(ace, job.fence, result.clone()).await?;
        none_holds(&bench, ace, job.fence, &format!("a job that ended with {result:?}")).await?;
        if matches!(result, JobResult::Again { .. }) {
            let job = bench.claim_one("w").await?;
            bench.settle(ace, job.fence, JobResult::Done).await?;
        }
        h.advance(LEASE * 2);
        ensure!(
            bench.claim("w", 10).await?.is_empty(),
            "a finished job was handed out again"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn released_jobs_are_free_at_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let jobs = ["a", "b", "c", "d"].map(|name| Change::Enqueue(build::job(name, start)));
    bench.apply(ace, jobs.to_vec()).await?;
    let mine = bench.claim("leaving", 2).await?;
    let theirs = bench.claim("staying", 1).await?;
    ensure_eq!((mine.len(), theirs.len()), (2, 1), "claimed jobs");
    h.advance(Duration::from_secs(1));
    ensure_eq!(
        bench.store.release_jobs("leaving").await?,
        2,
        "jobs that were handed back"
    );
    ensure_eq!(
        bench.store.release_jobs("leaving").await?,
        0,
        "jobs that were handed back twice"
    );
    ensure_eq!(
        bench.store.release_jobs("nobody").await?,
        0,
        "jobs of a worker that has none"
    );
    for job in &mine {
        none_holds(&bench, ace, job.fence, "a worker that handed its job back").await?;
    }
    let next = bench.claim("next", 10).await?;
    ensure_eq!(next.len(), 3, "jobs that are free again, and the one that waited");
    for job in next {
        ensure_eq!(
            (job.attempt, job.due_at),
            (1, start),
            "an attempt that was handed back does not count"
        );
        let before = mine.iter().find(|before| before.id == job.id);
        ensure!(
            before.is_none_or(|before| job.fence.number > before.fence.number),
            "the fence of a job that was handed back did not rise"
        );
    }
    for job in theirs {
        bench.settle(ace, job.fence, JobResult::Done).await?;
    }
    Ok(Done::Passed)
}

pub(super) async fn an_intermediate_commit_keeps_the_lease(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, job) = one_job(&bench).await?;
    for step in ["attempt", "sent"] {
        bench.settle(ace, job.fence, JobResult::StillRunning).await?;
        let mut commit = bench.commit(ace, vec![note(bench.now(), step)]);
        commit.job = Some((job.fence, JobResult::StillRunning));
        commit.event = Some(build::event_key(step, None));
        bench.store.commit(commit).await?;
        ensure!(
            bench.claim("other", 10).await?.is_empty(),
            "an intermediate commit gave the job away"
        );
    }
    ensure_eq!(bench.feed_len(ace).await?, 4, "what the intermediate commits wrote");
    bench.settle(ace, job.fence, JobResult::Done).await?;
    Ok(Done::Passed)
}
