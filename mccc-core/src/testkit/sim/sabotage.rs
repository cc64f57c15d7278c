//! Bugs to plant, one at a time: each must be found.

use crate::conversation::{MessageKind, MessageStatus};
use crate::jobs::JobKind;
use crate::port::store::{Change, Commit, ConsentChange, Guard, JobResult};

/// One bug in what the center asks of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sabotage {
    /// A send is claimed without asking whether the recipient has opted out.
    NoOptOutGuard,
    /// The one-text guard ends as soon as it is taken.
    GuardEndsAtOnce,
    /// The one-text guard is never taken.
    NeverHoldsGuard,
    /// An opt-out does not cancel what is queued.
    NoCancel,
    /// An opt-out is not written down.
    ForgetsOptOut,
    /// An opt-out is not written into the ledger.
    ForgetsLedger,
    /// A job's end is not written down.
    ForgetsJobEnd,
    /// A send takes no claim that a STOP could wait for.
    NoClaimRow,
    /// Inbound texts are not keyed by their event.
    NoEventKey,
    /// A call is answered without being written down.
    LosesCall,
    /// A call's text is never queued.
    LosesTextJob,
    /// An attempt is not written down before it is made.
    NoAttemptRow,
    /// A lost answer is simply tried again.
    RetriesUnknown,
    /// A lost answer is marked as failed, and the guard freed.
    UnknownFreesGuard,
    /// The settings' version is not compared.
    NoSettingsGuard,
    /// The caller's flags are not compared.
    NoFlagsGuard,
    /// A saved schedule does not raise the version.
    SaveKeepsVersion,
    /// The thread's version is not compared, and an update is lost.
    DropsThreadUpdate,
    /// Nobody is told about an unknown text.
    NoTaskForUnknown,
    /// A reply raises no request for an answer.
    NoTaskForReply,
    /// A text is taken and its answer is never queued.
    NoAnswerJob,
    /// A call's change does not reach the totals.
    TotalsForgetUpdate,
    /// A feed event is dropped.
    DropsFeed,
    /// That a text was accepted is dropped, whether the gateway's answer or a look-up said so.
    DropsAccepted,
}

impl Sabotage {
    /// Every bug.
    pub const ALL: &'static [Self] = &[
        Self::NoOptOutGuard,
        Self::GuardEndsAtOnce,
        Self::NeverHoldsGuard,
        Self::NoCancel,
        Self::ForgetsOptOut,
        Self::ForgetsLedger,
        Self::ForgetsJobEnd,
        Self::NoClaimRow,
        Self::NoEventKey,
        Self::LosesCall,
        Self::LosesTextJob,
        Self::NoAttemptRow,
        Self::RetriesUnknown,
        Self::UnknownFreesGuard,
        Self::NoSettingsGuard,
        Self::NoFlagsGuard,
        Self::SaveKeepsVersion,
        Self::DropsThreadUpdate,
        Self::NoTaskForUnknown,
        Self::NoTaskForReply,
        Self::NoAnswerJob,
        Self::TotalsForgetUpdate,
        Self::DropsFeed,
        Self::DropsAccepted,
    ];

    /// Whether the whole commit is swallowed: answered as applied, and not applied.
    pub(super) fn swallows(self, commit: &Commit) -> bool {
        let inserts = || {
            commit
                .changes
                .iter()
                .any(|change| matches!(change, Change::InsertCall(_)))
        };
        let accepts = || {
            commit
                .changes
                .iter()
                .any(|change| matches!(change, Change::PutMessage(message) if matches!(message.status, MessageStatus::Queued | MessageStatus::Sent)))
        };
        (self == Self::LosesCall && inserts())
            || (self == Self::NoAttemptRow && is_claim(commit))
            || (self == Self::DropsAccepted && accepts())
    }

    /// Plants the bug in a commit.
    pub(super) fn plant(self, commit: &mut Commit) {
        match self {
            Self::NoOptOutGuard => commit
                .guards
                .retain(|guard| !matches!(guard, Guard::NotOptedOut { .. })),
            Self::GuardEndsAtOnce => {
                for change in &mut commit.changes {
                    if let Change::HoldTextGuard { until, .. } = change {
                        *until = commit.at;
                    }
                }
            }
            Self::NoClaimRow => drop_changes(commit, |change| matches!(change, Change::ClaimSend { .. })),
            Self::NeverHoldsGuard => drop_changes(commit, |change| matches!(change, Change::HoldTextGuard { .. })),
            Self::NoCancel => {
                drop_changes(commit, |change| {
                    matches!(change, Change::CancelJobs { .. })
                        || matches!(change, Change::PutMessage(message) if message.status == MessageStatus::Canceled)
                });
            }
            Self::ForgetsOptOut => {
                drop_changes(commit, |change| {
                    matches!(change, Change::Consent(ConsentChange::OptOut { .. }))
                });
            }
            Self::ForgetsLedger => drop_changes(commit, |change| matches!(change, Change::Ledger(_))),
            Self::ForgetsJobEnd => {
                if commit
                    .job
                    .as_ref()
                    .is_some_and(|(_, result)| *result == JobResult::Done)
                {
                    commit.job = None;
                }
            }
            Self::NoEventKey => commit.event = None,
            Self::LosesTextJob => {
                drop_changes(
                    commit,
                    |change| matches!(change, Change::Enqueue(job) if job.job.kind() == JobKind::AutoText),
                );
            }
            Self::RetriesUnknown => retry_unknown(commit),
            Self::UnknownFreesGuard => free_unknown(commit),
            Self::NoSettingsGuard => commit.guards.retain(|guard| !matches!(guard, Guard::Settings { .. })),
            Self::NoFlagsGuard => commit
                .guards
                .retain(|guard| !matches!(guard, Guard::CallerFlags { .. })),
            Self::SaveKeepsVersion => {
                drop_changes(
                    commit,
                    |change| matches!(change, Change::PutSettings { expected, .. } if *expected > 0),
                );
            }
            Self::DropsThreadUpdate => {
                drop_changes(
                    commit,
                    |change| matches!(change, Change::PutConversation(thread) if thread.version > 1),
                );
            }
            Self::NoTaskForUnknown => raise_no(commit, crate::tasks::TaskKind::TextUnknown),
            Self::NoTaskForReply => raise_no(commit, crate::tasks::TaskKind::ReplyNeeded),
            Self::NoAnswerJob => drop_changes(
                commit,
                |change| matches!(change, Change::Enqueue(new) if new.job.kind() == JobKind::AnswerText),
            ),
            Self::TotalsForgetUpdate => {
                for change in &mut commit.changes {
                    if let Change::UpdateCall { before, after } = change {
                        before.outcome = after.outcome;
                    }
                }
            }
            Self::DropsFeed => drop_changes(commit, |change| matches!(change, Change::Feed(_))),
            Self::LosesCall | Self::NoAttemptRow | Self::DropsAccepted => {}
        }
    }
}

fn is_claim(commit: &Commit) -> bool {
    commit
        .changes
        .iter()
        .any(|change| matches!(change, Change::ClaimSend { .. }))
}

fn drop_changes(commit: &mut Commit, unwanted: impl Fn(&Change) -> bool) {
    commit.changes.retain(|change| !unwanted(change));
}

fn raise_no(commit: &mut Commit, kind: crate::tasks::TaskKind) {
    drop_changes(
        commit,
        |change| matches!(change, Change::RaiseTask(task) if task.kind == kind),
    );
}

/// Puts an unknown message back as waiting, with its job to be done again at once.
fn retry_unknown(commit: &mut Commit) {
    let mut planted = false;
    for change in &mut commit.changes {
        if let Change::PutMessage(message) = change
            && message.status == MessageStatus::Unknown
        {
            message.status = MessageStatus::Waiting;
            planted = true;
        }
    }
    if planted && let Some((_, result)) = &mut commit.job {
        *result = JobResult::Again {
            at: commit.at,
            job: None,
            fresh: true,
        };
    }
}

/// Treats an unknown result as a definite failure.
fn free_unknown(commit: &mut Commit) {
    let mut freed = Vec::new();
    for change in &mut commit.changes {
        if let Change::PutMessage(message) = change
            && message.status == MessageStatus::Unknown
            && message.kind == MessageKind::AutoText
        {
            freed.push(Change::FreeTextGuard {
                phone: message.theirs,
                message: message.id,
            });
        }
    }
    commit.changes.extend(freed);
}
