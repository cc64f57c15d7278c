//! The loops of a process: jobs, the spool's replay, chores. Each ends when the process is told to stop.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::CommandCenter;
use mccc_core::port::Timer as _;
use mccc_core::port::store::Accounts;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::TokioTimer;
use crate::metrics;

/// Jobs claimed in one step of one worker.
const BATCH: u32 = 8;
/// Longest wait when nothing was due; work that this process queues ends it.
const IDLE: Duration = Duration::from_millis(200);
/// Wait after the database could not be asked.
const AWAY: Duration = Duration::from_secs(1);
/// Wait between looks at the spool.
const SPOOL: Duration = Duration::from_secs(1);
/// Wait between rounds of chores; each is queued once an hour or day whatever this is.
const CHORES: Duration = Duration::from_secs(300);

/// Starts the loops of a process.
pub fn start(
    center: &Arc<CommandCenter>,
    accounts: &Arc<dyn Accounts>,
    name: &str,
    workers: u16,
    tracker: &TaskTracker,
    stop: &CancellationToken,
) {
    for number in 0..workers {
        let (center, stop) = (Arc::clone(center), stop.clone());
        let worker = format!("{name}/{number}");
        tracker.spawn(async move { do_jobs(&center, &worker, &stop).await });
    }
    let (chores_center, accounts, chores_stop) = (Arc::clone(center), Arc::clone(accounts), stop.clone());
    tracker.spawn(async move { do_chores(&chores_center, &accounts, &chores_stop).await });
}

/// Starts the replay of the spool. Every process that answers webhooks has a spool of its own.
pub fn replay(center: &Arc<CommandCenter>, tracker: &TaskTracker, stop: &CancellationToken) {
    let (center, stop) = (Arc::clone(center), stop.clone());
    tracker.spawn(async move {
        while !stop.is_cancelled() {
            match center.replay_spool().await {
                Ok(0) => {}
                // What else is there need not wait.
                Ok(applied) => {
                    tracing::info!(applied, "what waited in the spool is in the database");
                    continue;
                }
                Err(error) => tracing::warn!(%error, "the spool cannot be read"),
            }
            wait(SPOOL, &stop).await;
        }
    });
}

async fn do_jobs(center: &CommandCenter, worker: &str, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match center.work(worker, BATCH).await {
            Ok(worked) if worked.claimed > 0 => metrics::jobs_done(worked.finished),
            Ok(_) => tokio::select! {
                () = wait(IDLE, stop) => {}
                () = center.work_queued() => {}
            },
            Err(error) => {
                tracing::warn!(worker, %error, "no jobs can be claimed");
                wait(AWAY, stop).await;
            }
        }
    }
    // What this worker still holds goes back at once instead of after the lease.
    if let Err(error) = center.ports().store.release_jobs(worker).await {
        tracing::warn!(worker, %error, "leases could not be handed back; they expire");
    }
}

async fn do_chores(center: &CommandCenter, accounts: &Arc<dyn Accounts>, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = center.schedule_chores().await {
            tracing::warn!(%error, "chores could not be queued");
        }
        if let Err(error) = accounts.prune(center.ports().clock.now()).await {
            tracing::warn!(%error, "expired sessions could not be deleted");
        }
        wait(CHORES, stop).await;
    }
}

async fn wait(duration: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = TokioTimer.sleep(duration) => {}
        () = stop.cancelled() => {}
    }
}
