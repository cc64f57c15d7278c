//! Single callers: blocked, marked as spam, freed again; by a person, or by how they call.

use std::sync::Arc;
use std::time::Duration;

use super::{CenterError, CommandCenter, TRIES};
use crate::business::Owner;
use crate::calls::{Call, CallState, FORGED_CALLER_TAG, Outcome, SpamEvidence, SpamJudgement};
use crate::conversation::{CallerFlags, EMERGENCY_WINDOW};
use crate::port::Attestation;
use crate::port::store::{
    CallFilter, CallKey, CallRow, Change, Commit, CommitError, Conflict, FeedEvent, FeedKind, Guard,
};
use crate::routing::Method;
use crate::{BusinessId, CallId, PhoneNumber, Timestamp};

/// Most calls of one caller that are looked at; more within the longest window are a series whatever they were.
const MOST_CALLS: u32 = 50;

/// What a person changes about a caller; what is left out stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerChange {
    /// Never answered, never texted.
    pub blocked: Option<bool>,
    /// Spam. Taking it back makes the caller a trusted one, who is not judged again.
    pub spam: Option<bool>,
    /// Not texted by the machine.
    pub no_auto_text: Option<bool>,
    /// Calls go to the voice agent for the next hour, whatever the schedule says; `false` ends that.
    pub emergency: Option<bool>,
}

impl CommandCenter {
    /// Changes what overrides the schedule for one caller. Governs the caller's very next call and text.
    ///
    /// # Errors
    /// When the business does not exist or the database cannot be asked.
    pub async fn change_caller(
        &self,
        business: BusinessId,
        phone: PhoneNumber,
        change: CallerChange,
    ) -> Result<CallerFlags, CenterError> {
        for _ in 0..TRIES {
            let flags = self.store().caller_flags(business, &phone).await?;
            let at = self.now();
            let after = CallerFlags {
                version: flags.version.saturating_add(1),
                blocked: change.blocked.unwrap_or(flags.blocked),
                spam: change.spam.unwrap_or(flags.spam),
                no_auto_text: change.no_auto_text.unwrap_or(flags.no_auto_text),
                emergency_until: match change.emergency {
                    Some(true) => flags.emergency_until.max(Some(at.plus(EMERGENCY_WINDOW))),
                    Some(false) => None,
                    None => flags.emergency_until,
                },
                ..flags.clone()
            };
            let same = CallerFlags {
                version: flags.version,
                ..after.clone()
            };
            if same == flags {
                return Ok(flags);
            }
            let freed = flags.spam && !after.spam;
            let mut commit = Commit::new(business, at);
            commit.changes = vec![
                Change::PutCallerFlags {
                    phone,
                    flags: after.clone(),
                },
                flagged(at, None, phone, &after, None),
            ];
            match self.commit(commit).await {
                Ok(_) => {
                    if freed {
                        self.trust(business, phone).await?;
                    }
                    return Ok(after);
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    async fn trust(&self, business: BusinessId, phone: PhoneNumber) -> Result<(), CenterError> {
        self.change_settings(business, |settings| {
            if !settings.spam.trusted.contains(&phone) {
                settings.spam.trusted.push(phone);
            }
        })
        .await
        .map(drop)
    }

    /// Judges a caller by how they hang up, after a call of theirs ended at once. Doing it again changes nothing.
    pub(super) async fn judge_hang_up(&self, owner: &Arc<Owner>, key: &CallKey) -> Result<(), CenterError> {
        for _ in 0..TRIES {
            let Some(snapshot) = self.store().call(owner.business, key).await? else {
                return Ok(());
            };
            let call = snapshot.call;
            let Some(phone) = call.caller.number().filter(|_| is_hang_up(owner, &call)) else {
                return Ok(());
            };
            let filter = CallFilter {
                caller: Some(phone),
                ..CallFilter::default()
            };
            let rows = self.store().calls(owner.business, &filter, None, MOST_CALLS).await?;
            let evidence = SpamEvidence {
                caller: call.caller,
                caller_name: call.caller_name.as_deref(),
                attestation: if call.tags.iter().any(|tag| tag == FORGED_CALLER_TAG) {
                    Attestation::Failed
                } else {
                    Attestation::None
                },
                short_calls: short_calls(owner, &rows, call.received_at),
            };
            let Some(judgement) = owner.settings.spam.judge(&evidence).filter(|judged| judged.spam) else {
                return Ok(());
            };
            let flags = self.store().caller_flags(owner.business, &phone).await?;
            if flags.spam {
                return Ok(());
            }
            match self
                .store()
                .commit(spam_commit(owner, call, phone, &flags, &judgement, self.now()))
                .await
            {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }
}

/// Whether a call was answered, ended at once and left nothing. A caller whom the schedule turned away did not hang up.
fn is_hang_up(owner: &Owner, call: &Call) -> bool {
    call.state == CallState::Ended
        && call.method != Method::Off
        && !call.is_test
        && !call.recovered
        && call.recording.is_none()
        && call.outcome != Outcome::Spam
        && is_short(owner, call.duration_seconds)
}

fn is_short(owner: &Owner, seconds: Option<u32>) -> bool {
    let longest = u32::from(owner.settings.spam.short_call_seconds);
    seconds.is_some_and(|seconds| seconds <= longest)
}

/// How many of the caller's calls within the window before `now` were very short and left nothing.
fn short_calls(owner: &Owner, rows: &[CallRow], now: Timestamp) -> u8 {
    let window = Duration::from_secs(u64::from(owner.settings.spam.window_minutes) * 60);
    let from = now.minus(window);
    let short = rows.iter().filter(|row| {
        row.received_at >= from
            && row.received_at <= now
            && row.method != Method::Off
            && !row.is_test
            && row.recording_seconds.is_none()
            && !row.recovered
            && is_short(owner, row.duration_seconds)
    });
    u8::try_from(short.count()).unwrap_or(u8::MAX)
}

fn spam_commit(
    owner: &Owner,
    call: Call,
    phone: PhoneNumber,
    flags: &CallerFlags,
    judgement: &SpamJudgement,
    at: Timestamp,
) -> Commit {
    let after = CallerFlags {
        version: flags.version.saturating_add(1),
        spam: true,
        ..flags.clone()
    };
    let mut spam = call.clone();
    spam.version = call.version.saturating_add(1);
    spam.outcome = Outcome::Spam;
    let mut commit = Commit::new(owner.business, at);
    // A person who just trusted the caller, or switched the filter off, is right.
    commit.guards.push(Guard::Settings { version: owner.version });
    let told = flagged(at, Some(call.id), phone, &after, Some(judgement));
    commit.changes = vec![
        Change::PutCallerFlags { phone, flags: after },
        Change::UpdateCall {
            before: Box::new(call),
            after: Box::new(spam),
        },
        told,
    ];
    commit
}

fn flagged(
    at: Timestamp,
    call: Option<CallId>,
    phone: PhoneNumber,
    flags: &CallerFlags,
    judgement: Option<&SpamJudgement>,
) -> Change {
    Change::Feed(FeedEvent {
        kind: FeedKind::CallerFlagged,
        at,
        call,
        conversation: None,
        message: None,
        data: told(&phone, flags, judgement),
    })
}

/// What the feed says about a caller's flags.
pub(crate) fn told(phone: &PhoneNumber, flags: &CallerFlags, judgement: Option<&SpamJudgement>) -> serde_json::Value {
    serde_json::json!({
        "phone": phone, "blocked": flags.blocked, "spam": flags.spam, "no_auto_text": flags.no_auto_text,
        "emergency_until": flags.emergency_until, "judgement": judgement,
    })
}
