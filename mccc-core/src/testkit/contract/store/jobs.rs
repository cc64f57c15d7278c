//! Work that waits: queued once, handed out when it is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, LEASE, found};
use crate::jobs::{Job, JobKind};
use crate::notify::{About, ChannelKind};
use crate::port::store::{Change, ClaimRequest, JobResult, JobState, NewJob};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{AppointmentId, CallId, JobId, TaskId, TestCallId};

const SECOND: Duration = Duration::from_secs(1);

/// A payload of every kind.
fn payloads(bench: &Bench<'_>, business: crate::BusinessId) -> Vec<Job> {
    let now = bench.now();
    let (call, message) = (CallId::derive(now, "CA1"), build::message_id("m"));
    let test = TestCallId::derive(now, "test");
    vec![
        Job::AutoText { call },
        Job::FollowUp {
            call,
            conversation: build::thread(business, build::phone(9), now).id,
        },
        Job::SendMessage { message },
        Job::ReconcileMessage { message, looked: 3 },
        Job::ProvisionNumber {
            area_code: Some("512".to_owned()),
            chosen: Some(build::phone(5)),
        },
        Job::ProvisionNumber {
            area_code: None,
            chosen: None,
        },
        Job::TestCall { test },
        Job::TestTimeout { test },
        Job::ImportMissed {},
        Job::ExportLedger {},
        Job::DeleteOld {},
        Job::Tell {
            about: About::Moved {
                appointment: AppointmentId::derive(build::START, "visit"),
                at: build::START,
            },
        },
        Job::Notify {
            about: About::Away { after: 7, until: 9 },
            channel: ChannelKind::Slack,
        },
        Job::AwaySummary { after: 7 },
        Job::WatchPromise {
            task: TaskId::derive(build::START, "promise"),
        },
    ]
}

pub(super) async fn due_work_comes_oldest_first_and_nothing_early(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let at = |micros| start.plus(Duration::from_micros(micros));
    let jobs = [
        ("c", 3),
        ("a", 1),
        ("late", 5_000_001),
        ("b", 2),
        ("past", 0),
        ("on time", 5_000_000),
    ];
    let changes = jobs.map(|(name, micros)| Change::Enqueue(build::job(name, at(micros))));
    bench.apply(ace, changes.to_vec()).await?;
    let names = |claimed: Vec<crate::port::store::ClaimedJob>| {
        let known = |id: JobId| {
            jobs.iter()
                .find(|(name, _)| build::job(name, start).id == id)
                .map(|(name, _)| *name)
        };
        claimed.into_iter().filter_map(|job| known(job.id)).collect::<Vec<_>>()
    };
    ensure_eq!(
        names(bench.claim("w", 10).await?),
        vec!["past"],
        "work that is due at once"
    );
    h.advance(Duration::from_micros(5_000_000));
    ensure_eq!(names(bench.claim("w", 2).await?), vec!["a", "b"], "the two oldest");
    ensure_eq!(
        names(bench.claim("w", 10).await?),
        vec!["c", "on time"],
        "the rest of what is due"
    );
    ensure!(
        bench.claim("w", 10).await?.is_empty(),
        "work was handed out before its time"
    );
    h.advance(Duration::from_micros(1));
    ensure_eq!(names(bench.claim("w", 10).await?), vec!["late"], "what has become due");
    Ok(Done::Passed)
}

pub(super) async fn work_of_one_instant_comes_in_the_order_of_its_identifiers(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let mut jobs: Vec<_> = (0..6).map(|number| build::job(&format!("job {number}"), now)).collect();
    jobs.sort_unstable_by_key(|job| job.id);
    let ordered: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    // Queued the other way round, so that the order of arrival is not the one that is wanted.
    for job in jobs.into_iter().rev() {
        bench.apply(ace, vec![Change::Enqueue(job)]).await?;
    }
    let mut claimed = Vec::new();
    for worker in ["one", "two", "three"] {
        claimed.extend(bench.claim(worker, 2).await?.into_iter().map(|job| job.id));
        h.advance(SECOND);
    }
    ensure_eq!(claimed, ordered, "work that is due at one instant");
    // The workers die. The leases expire one after the other, and the oldest work still comes first.
    h.advance(LEASE);
    let mut again: Vec<JobId> = bench.claim("one", 3).await?.into_iter().map(|job| job.id).collect();
    again.extend(bench.claim("two", 10).await?.into_iter().map(|job| job.id));
    ensure_eq!(again, ordered, "work whose lease has expired");
    Ok(Done::Passed)
}

pub(super) async fn claimed_work_says_everything_a_worker_needs(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let mut queued = BTreeMap::new();
    for (number, job) in payloads(&bench, ace).into_iter().enumerate() {
        let new = NewJob {
            job,
            subject: (number % 2 == 0).then(|| build::phone(9)),
            ..build::job(&format!("job {number}"), start)
        };
        bench.apply(ace, vec![Change::Enqueue(new.clone())]).await?;
        queued.insert(new.id, new);
    }
    h.advance(SECOND);
    let claimed = bench.claim("w", 100).await?;
    ensure_eq!(claimed.len(), queued.len(), "jobs that were handed out");
    for job in claimed {
        let new = found("the queued job", queued.remove(&job.id))?;
        ensure_eq!(
            (job.job, job.subject, job.business),
            (new.job, new.subject, ace),
            "what to do"
        );
        ensure_eq!((job.attempt, job.due_at), (1, start), "the first attempt");
        ensure_eq!(job.fence.job, job.id, "the job that the lease proves");
        ensure_eq!(job.lease_until, bench.now().plus(LEASE), "the end of the lease");
    }
    Ok(Done::Passed)
}

pub(super) async fn live_work_is_queued_once(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let now = bench.now();
    let named = |name: &str| NewJob {
        dedupe: "the key".to_owned(),
        ..build::job(name, now)
    };
    let enqueue = |name: &str| vec![Change::Enqueue(named(name))];
    bench.apply(ace, enqueue("first")).await?;
    bench.apply(ace, enqueue("again while it is queued")).await?;
    let first = bench.claim_one("w").await?;
    ensure_eq!(first.id, named("first").id, "of two with one key the first stays");
    bench.apply(ace, enqueue("again while it runs")).await?;
    ensure!(
        bench.claim("w", 10).await?.is_empty(),
        "running work was queued a second time"
    );
    // Another kind and another business have keys of their own.
    let other_kind = NewJob {
        job: Job::ReconcileMessage {
            message: build::message_id("m"),
            looked: 0,
        },
        ..named("another kind")
    };
    bench.apply(ace, vec![Change::Enqueue(other_kind)]).await?;
    bench.apply(best, enqueue("another business")).await?;
    ensure_eq!(
        bench.claim("w", 10).await?.len(),
        2,
        "jobs of another kind or business with the same key"
    );
    // What is over does not stand in the way.
    bench.settle(ace, first.fence, JobResult::Done).await?;
    bench.apply(ace, enqueue("after it is done")).await?;
    let next = bench.claim_one("w").await?;
    ensure_eq!(next.id, named("after it is done").id, "a key whose work is done");
    let dead = JobResult::Dead {
        reason: "given up".to_owned(),
    };
    bench.settle(ace, next.fence, dead).await?;
    bench.apply(ace, enqueue("after it is dead")).await?;
    let last = bench.claim_one("w").await?;
    ensure_eq!(last.id, named("after it is dead").id, "a key whose work was given up");
    // Twice in one commit, and from many at the same moment.
    let twice = |name: &str| NewJob {
        dedupe: "twice".to_owned(),
        ..build::job(name, now)
    };
    bench
        .apply(ace, vec![Change::Enqueue(twice("one")), Change::Enqueue(twice("two"))])
        .await?;
    ensure_eq!(
        bench.claim_one("w").await?.id,
        twice("one").id,
        "two with one key in one commit"
    );
    let other = bench.other().await;
    let mut writers = JoinSet::new();
    for writer in 0..10 {
        let new = NewJob {
            dedupe: "raced".to_owned(),
            ..build::job(&format!("raced {writer}"), now)
        };
        let commit = bench.commit(ace, vec![Change::Enqueue(new)]);
        let store = Arc::clone(if writer % 2 == 0 { &bench.store } else { &other });
        writers.spawn(async move { store.commit(commit).await });
    }
    while let Some(written) = writers.join_next().await {
        written.map_err(|error| Failure::new(error.to_string()))??;
    }
    ensure_eq!(
        bench.claim("w", 100).await?.len(),
        1,
        "jobs with one key that were queued at the same moment"
    );
    Ok(Done::Passed)
}

pub(super) async fn the_same_job_is_queued_once_for_ever(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let new = build::job("once", bench.now());
    let mut moved = NewJob {
        dedupe: "another key".to_owned(),
        run_at: bench.now().plus(SECOND),
        ..new.clone()
    };
    bench.apply(ace, vec![Change::Enqueue(new.clone())]).await?;
    bench.apply(ace, vec![Change::Enqueue(moved.clone())]).await?;
    let claimed = bench.claim_one("w").await?;
    ensure_eq!(
        claimed.due_at,
        new.run_at,
        "a job that was queued again is left as it is"
    );
    bench.settle(ace, claimed.fence, JobResult::Done).await?;
    moved.dedupe = "a third key".to_owned();
    bench
        .apply(ace, vec![Change::Enqueue(new), Change::Enqueue(moved)])
        .await?;
    h.advance(Duration::from_secs(60));
    ensure!(
        bench.claim("w", 10).await?.is_empty(),
        "a finished job was queued again under its identifier"
    );
    Ok(Done::Passed)
}

pub(super) async fn an_opt_out_cancels_what_is_queued(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let (phone, now) = (build::phone(9), bench.now());
    let about = |name: &str, job: &Job, subject, at| NewJob {
        job: job.clone(),
        subject,
        ..build::job(name, at)
    };
    let later = now.plus(SECOND);
    let mut kept = Vec::new();
    let mut canceled: BTreeMap<JobKind, u64> = BTreeMap::new();
    for (number, job) in payloads(&bench, ace).into_iter().enumerate() {
        let name = |what: &str| format!("{what} {number}");
        let subject = Some(phone);
        let mine = about(&name("mine"), &job, subject, later);
        let others = [
            (ace, about(&name("another caller"), &job, Some(build::phone(8)), later)),
            (ace, about(&name("nobody"), &job, None, later)),
            (best, about(&name("another business"), &job, subject, later)),
        ];
        for (business, other) in others {
            kept.push(other.id);
            bench.apply(business, vec![Change::Enqueue(other)]).await?;
        }
        if job.kind().canceled_by_opt_out() {
            *canceled.entry(job.kind()).or_default() += 1;
        } else {
            kept.push(mine.id);
        }
        // And one that runs already.
        let runs = about(&name("runs"), &job, subject, now);
        bench
            .apply(ace, vec![Change::Enqueue(mine), Change::Enqueue(runs)])
            .await?;
    }
    ensure!(!canceled.is_empty(), "no kind of work is cancelled by an opt-out");
    let running = bench.claim("w", 1_000).await?;
    ensure_eq!(
        running.len(),
        payloads(&bench, ace).len(),
        "jobs that run when the opt-out comes"
    );
    bench.apply(ace, vec![Change::CancelJobs { subject: phone }]).await?;
    for job in running {
        bench.settle(ace, job.fence, JobResult::Done).await?;
    }
    // Cancelled work is neither live nor dead, and its key is free.
    let depth = bench.store.queue_depth().await?;
    ensure!(
        depth.iter().all(|row| row.state == JobState::Queued),
        "cancelled work is still counted: {depth:?}"
    );
    h.advance(Duration::from_secs(2));
    let mut left: Vec<JobId> = bench.claim("w", 1_000).await?.into_iter().map(|job| job.id).collect();
    left.sort_unstable();
    kept.sort_unstable();
    ensure_eq!(left, kept, "work that an opt-out leaves alone");
    let again = NewJob {
        id: JobId::derive(now, "mine again"),
        ..about(
            "mine 2",
            &Job::SendMessage {
                message: build::message_id("m"),
            },
            Some(phone),
            now,
        )
    };
    bench.apply(ace, vec![Change::Enqueue(again.clone())]).await?;
    ensure_eq!(bench.claim_one("w").await?.id, again.id, "the key of cancelled work");
    Ok(Done::Passed)
}

pub(super) async fn workers_never_share_a_job(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let now = bench.now();
    let jobs = (0..120)
        .map(|number| Change::Enqueue(build::job(&format!("job {number}"), now)))
        .collect();
    bench.apply(ace, jobs).await?;
    let other = bench.other().await;
    let mut workers = JoinSet::new();
    for worker in 0..8 {
        let store = Arc::clone(if worker % 2 == 0 { &bench.store } else { &other });
        workers.spawn(async move {
            let request = ClaimRequest {
                worker: format!("worker {worker}"),
                limit: 5,
                lease: LEASE,
            };
            let mut mine = Vec::new();
            // A claim may come back short while others hold what it looked at; three empty ones in a row are the end.
            let mut empty = 0;
            while empty < 3 {
                let claimed = store.claim_jobs(&request).await?;
                empty = if claimed.is_empty() { empty + 1 } else { 0 };
                mine.extend(claimed.into_iter().map(|job| job.id));
                tokio::task::yield_now().await;
            }
            Ok::<_, crate::port::store::StoreError>(mine)
        });
    }
    let mut taken = Vec::new();
    while let Some(mine) = workers.join_next().await {
        taken.extend(mine.map_err(|error| Failure::new(error.to_string()))??);
    }
    taken.extend(bench.claim("last", 1_000).await?.into_iter().map(|job| job.id));
    ensure_eq!(taken.len(), 120, "jobs that were handed out");
    taken.sort_unstable();
    taken.dedup();
    ensure_eq!(taken.len(), 120, "different jobs that were handed out");
    Ok(Done::Passed)
}

pub(super) async fn the_depth_counts_what_is_live_or_dead(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let now = bench.now();
    let at = |seconds: u64| now.plus(SECOND * u32::try_from(seconds).unwrap_or(0));
    let mut look = build::job("look", at(9));
    look.job = Job::ReconcileMessage {
        message: build::message_id("m"),
        looked: 0,
    };
    let jobs = [
        (ace, build::job("done", at(0))),
        (ace, build::job("dead", at(1))),
        (best, build::job("runs", at(2))),
        (ace, build::job("waits longer", at(30))),
        (best, build::job("waits", at(20))),
        (ace, look),
    ];
    for (business, job) in jobs {
        bench.apply(business, vec![Change::Enqueue(job)]).await?;
    }
    h.advance(SECOND * 2);
    for job in bench.claim("w", 10).await? {
        if job.id == build::job("done", now).id {
            bench.settle(ace, job.fence, JobResult::Done).await?;
        } else if job.id == build::job("dead", now).id {
            let reason = build::HARD_TEXT.to_owned();
            bench.settle(ace, job.fence, JobResult::Dead { reason }).await?;
        }
    }
    let depth: Vec<_> = bench
        .store
        .queue_depth()
        .await?
        .into_iter()
        .map(|row| (row.kind, row.state, row.count, row.oldest_due))
        .collect();
    let expected = vec![
        (JobKind::SendMessage, JobState::Queued, 2, Some(at(20))),
        (JobKind::SendMessage, JobState::Running, 1, Some(at(2))),
        (JobKind::SendMessage, JobState::Dead, 1, Some(at(1))),
        (JobKind::ReconcileMessage, JobState::Queued, 1, Some(at(9))),
    ];
    ensure_eq!(depth, expected, "the depth of the queue");
    Ok(Done::Passed)
}

pub(super) async fn again_waits_and_keeps_or_forgets_its_attempts(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let mut look = build::job("look", start);
    let looked = |looked| Job::ReconcileMessage {
        message: build::message_id("m"),
        looked,
    };
    look.job = looked(0);
    bench.apply(ace, vec![Change::Enqueue(look)]).await?;
    let first = bench.claim_one("w").await?;
    let at = start.plus(SECOND);
    let again = |at, job, fresh| JobResult::Again { at, job, fresh };
    bench.settle(ace, first.fence, again(at, None, false)).await?;
    ensure!(
        bench.claim("w", 10).await?.is_empty(),
        "a job came again before its time"
    );
    h.advance(SECOND);
    let second = bench.claim_one("w").await?;
    ensure_eq!(
        (second.attempt, second.job.clone()),
        (2, looked(0)),
        "the second attempt"
    );
    ensure!(second.fence.number > first.fence.number, "every claim raises the fence");
    ensure_eq!(second.due_at, start, "when the work was first due, after a failure");
    bench
        .settle(ace, second.fence, again(bench.now(), Some(looked(1)), false))
        .await?;
    let third = bench.claim_one("w").await?;
    ensure_eq!(
        (third.attempt, third.job.clone()),
        (3, looked(1)),
        "the third attempt with its new payload"
    );
    let planned = bench.now().plus(SECOND);
    bench
        .settle(ace, third.fence, again(planned, Some(looked(2)), true))
        .await?;
    h.advance(SECOND);
    let fresh = bench.claim_one("w").await?;
    ensure_eq!(
        (fresh.attempt, fresh.job.clone()),
        (1, looked(2)),
        "the first attempt after a planned wait"
    );
    ensure_eq!(
        fresh.due_at,
        planned,
        "when the work was first due, after a planned wait"
    );
    ensure_eq!(
        bench.feed_len(ace).await?,
        3,
        "what was written down beside the results"
    );
    Ok(Done::Passed)
}
