//! Following a calendar elsewhere: what the contractor did to our events there, and the channel over which the calendar
//! tells that something was done.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::booking::event_key;
use super::calendars::{poll_wait, usable};
use super::chores::moment_of;
use super::{CenterError, CommandCenter, TRIES};
use crate::appointments::{Appointment, AppointmentStatus, Seen, follow};
use crate::business::{CalendarSync, Owner};
use crate::port::store::{
    AppointmentCursor, AppointmentFilter, Change, ClaimedJob, Commit, CommitError, Conflict, JobResult, Stale,
};
use crate::port::{
    CalendarChanges, CalendarProvider, ChangePage, Channel, ChannelRequest, ErrorKind, EventChange, EventLookup,
    PortError, Retry, SyncToken, id_bytes,
};
use crate::{BusinessId, Timestamp};

/// A first look begins this long ago: what is over need not be followed.
const BACK: Duration = Duration::from_secs(24 * 3_600);
/// How long a channel is asked for. Google's own limit is a week.
const CHANNEL: Duration = Duration::from_secs(7 * 24 * 3_600);
/// A channel is replaced when it has no longer to live than this.
const RENEWED: Duration = Duration::from_secs(24 * 3_600);
/// After repeated failures the look comes again after this long: it never ends while there is a connection.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Appointments of one page.
const PAGE: u32 = 200;

impl CommandCenter {
    /// Follows the calendar from where the last look ended.
    pub(super) async fn sync_calendar(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        connection: &str,
        poll: bool,
    ) -> Result<(), CenterError> {
        if usable(owner).is_none_or(|one| one.id != connection) {
            return self.finish(job, JobResult::Done).await;
        }
        let provider = match self.ports.providers.calendar(owner).await {
            Ok(Some(provider)) => provider,
            Ok(None) => return self.finish(job, JobResult::Done).await,
            Err(error) => return self.sync_failed(owner, job, poll, &error).await,
        };
        let Some(changes) = provider.changes() else {
            return self.finish(job, JobResult::Done).await;
        };
        let before = self.store().calendar_sync(owner.business).await?;
        let known = before.as_ref().filter(|known| {
            (known.connection.as_str(), &known.calendar) == (connection, &owner.settings.calendar.booked)
        });
        let token = known.and_then(|known| known.token.as_ref());
        let token = match self.follow_changes(owner, &provider, changes, token).await {
            Ok(token) => token,
            Err(CenterError::Provider(error)) => return self.sync_failed(owner, job, poll, &error).await,
            Err(error) => return Err(error),
        };
        let open = known.and_then(|known| known.channel.clone());
        let channel = self.open_channel(owner, &provider, open.as_ref()).await;
        let now = self.now();
        let mut commit = Commit::new(owner.business, now);
        commit.changes.push(Change::PutCalendarSync(Box::new(CalendarSync {
            version: before.as_ref().map_or(0, |before| before.version).saturating_add(1),
            connection: connection.to_owned(),
            calendar: owner.settings.calendar.booked.clone(),
            token: Some(token),
            channel: channel.clone(),
            synced_at: Some(now),
        })));
        let result = if poll {
            again(owner, channel.is_some(), now)
        } else {
            JobResult::Done
        };
        commit.job = Some((job.fence, result.clone()));
        match self.commit(commit).await {
            Ok(_) => {
                let old = before.and_then(|before| before.channel);
                self.end_channel(&provider, old.filter(|old| channel.as_ref() != Some(old)))
                    .await;
                Ok(())
            }
            // Another look was faster and knows as much.
            Err(CommitError::Conflict(Conflict::Stale(Stale::CalendarSync))) => {
                self.end_channel(&provider, channel.filter(|new| open.as_ref() != Some(new)))
                    .await;
                self.finish(job, result).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What changed since the token, or everything; returns where the look ended.
    async fn follow_changes(
        &self,
        owner: &Arc<Owner>,
        provider: &Arc<dyn CalendarProvider>,
        changes: &dyn CalendarChanges,
        token: Option<&SyncToken>,
    ) -> Result<SyncToken, CenterError> {
        let (calendar, from) = (&owner.settings.calendar.booked, self.now().minus(BACK));
        let mut page = changes.since(calendar, token, from).await?;
        let mut whole = token.is_none();
        if page == ChangePage::StartOver && !whole {
            whole = true;
            page = changes.since(calendar, None, from).await?;
        }
        let ChangePage::Changes { events, next } = page else {
            // A service that forgets what it has just said is asked again later.
            return Err(PortError::new(provider.name(), "since", ErrorKind::Protocol, Retry::Backoff).into());
        };
        for event in &events {
            self.follow_event(owner, provider, event).await?;
        }
        if whole {
            let seen = events.iter().map(|event| event.provider_event.as_str()).collect();
            self.follow_missing(owner, provider, &seen).await?;
        }
        Ok(next)
    }

    async fn follow_event(
        &self,
        owner: &Arc<Owner>,
        provider: &Arc<dyn CalendarProvider>,
        event: &EventChange,
    ) -> Result<(), CenterError> {
        let Some(id) = event.appointment else { return Ok(()) };
        let Some(row) = self.store().appointment(owner.business, id).await? else {
            return Ok(());
        };
        let seen = match event.when {
            Some(when) => Seen::There {
                when,
                etag: event.etag.as_deref(),
            },
            None => Seen::Gone,
        };
        self.follow_row(owner, provider, row, (&event.provider_event, seen))
            .await
    }

    /// A whole look tells what is there and not what was removed: appointments whose event was not in it are asked for.
    async fn follow_missing(
        &self,
        owner: &Arc<Owner>,
        provider: &Arc<dyn CalendarProvider>,
        seen: &HashSet<&str>,
    ) -> Result<(), CenterError> {
        let filter = AppointmentFilter {
            from: Some(self.now()),
            statuses: vec![AppointmentStatus::Scheduled, AppointmentStatus::Confirmed],
            ..AppointmentFilter::default()
        };
        let mut after = None;
        loop {
            let rows = self.store().appointments(owner.business, &filter, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(AppointmentCursor {
                starts_at: last.starts_at,
                id: last.id,
            });
            for row in rows {
                let Some(event) = row.event.clone() else { continue };
                let here = event.provider == provider.name() && event.calendar == owner.settings.calendar.booked;
                if !here || seen.contains(event.event.as_str()) {
                    continue;
                }
                let key = event_key(owner, &row, row.starts_at, provider);
                let found = provider.event(&key).await?;
                let found = match &found {
                    EventLookup::There(remote) => Seen::There {
                        when: remote.when,
                        etag: remote.etag.as_deref(),
                    },
                    EventLookup::Gone => Seen::Gone,
                    // Of another account, perhaps; what never was here was not removed.
                    EventLookup::Absent => continue,
                };
                self.follow_row(owner, provider, row, (&event.event, found)).await?;
            }
        }
    }

    async fn follow_row(
        &self,
        owner: &Arc<Owner>,
        provider: &Arc<dyn CalendarProvider>,
        mut row: Appointment,
        (event, seen): (&str, Seen<'_>),
    ) -> Result<(), CenterError> {
        let mut closes = true;
        for _ in 0..=TRIES {
            let ours = row.event.as_ref();
            // An event of an earlier attempt, or a copy, is not the appointment's.
            if ours.is_none_or(|ours| ours.provider != provider.name() || ours.event != event) {
                return Ok(());
            }
            let Some(commit) = follow(owner, &row, seen, closes, self.now()) else {
                return Ok(());
            };
            match self.commit(commit).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(Conflict::SlotTaken)) => closes = false,
                Err(CommitError::Conflict(Conflict::Stale(_))) | Err(CommitError::AnswerLost) => {
                    match self.store().appointment(owner.business, row.id).await? {
                        Some(stored) => row = stored,
                        None => return Ok(()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    async fn sync_failed(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        poll: bool,
        error: &PortError,
    ) -> Result<(), CenterError> {
        tracing::warn!(business = %owner.business, %error, "the calendar could not be followed");
        self.note_calendar(owner, error).await;
        let result = match self.after_failure(job, again_verdict(error)) {
            JobResult::Dead { .. } if poll && error.kind() != ErrorKind::ReconnectRequired => JobResult::Again {
                at: self.now().plus(PATIENCE),
                job: None,
                fresh: true,
            },
            // The look that comes again by itself sees what this one did not.
            JobResult::Dead { .. } => JobResult::Done,
            result @ (JobResult::Done | JobResult::Again { .. } | JobResult::StillRunning) => result,
        };
        self.finish(job, result).await
    }

    /// The channel over which the calendar tells of changes; a new one when there is none that lasts.
    async fn open_channel(
        &self,
        owner: &Owner,
        provider: &Arc<dyn CalendarProvider>,
        open: Option<&Channel>,
    ) -> Option<Channel> {
        let push = provider.push()?;
        let renew_at = self.now().plus(RENEWED);
        let lasts = open.filter(|open| open.expires_at.is_none_or(|end| end > renew_at));
        if let Some(open) = lasts {
            return Some(open.clone());
        }
        let id = channel_id(owner.business, id_bytes(&*self.ports.entropy));
        let (address, token) = self.ports.providers.calendar_push(&id)?;
        let request = ChannelRequest {
            id,
            token,
            address,
            lifetime: CHANNEL,
        };
        match push.watch(&owner.settings.calendar.booked, &request).await {
            Ok(channel) => Some(channel),
            Err(error) => {
                tracing::info!(business = %owner.business, %error, "no channel of the calendar; it is looked at more often");
                // What is still open still tells.
                open.filter(|open| open.expires_at.is_some_and(|end| end > self.now()))
                    .cloned()
            }
        }
    }

    async fn end_channel(&self, provider: &Arc<dyn CalendarProvider>, channel: Option<Channel>) {
        if let (Some(push), Some(channel)) = (provider.push(), channel)
            && let Err(error) = push.stop(&channel).await
        {
            tracing::info!(%error, "a channel could not be ended; it ends by itself");
        }
    }
}

/// The name of a channel: whose it is, and something new.
fn channel_id(business: BusinessId, random: [u8; 10]) -> String {
    format!("{business}-{}", hex::encode(random))
}

/// Whose channel it is, by its name. What comes over it has to prove itself all the same.
#[must_use]
pub fn business_of_channel(id: &str) -> Option<BusinessId> {
    id.split_once('-')?.0.parse().ok()
}

fn again(owner: &Owner, told: bool, now: Timestamp) -> JobResult {
    // Not all businesses at once, and never twice at the same distance.
    let (wait, spread) = poll_wait(told);
    let period = i64::try_from(spread).unwrap_or(60);
    let jitter = (moment_of(owner.business, period) + now.as_micros().unsigned_abs() % spread) % spread;
    JobResult::Again {
        at: now.plus(wait + Duration::from_secs(jitter)),
        job: None,
        fresh: true,
    }
}

/// Looking changes nothing, so what was lost is looked for like what failed.
fn again_verdict(error: &PortError) -> Retry {
    match error.retry() {
        Retry::Unknown => Retry::Backoff,
        verdict @ (Retry::Never | Retry::Backoff | Retry::After(_)) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_names_its_business_within_what_services_take() {
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "ace");
        let id = channel_id(business, [255; 10]);
        assert!(
            id.len() <= 64
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(business_of_channel(&id), Some(business));
        assert_eq!(business_of_channel("nobody-1"), None);
        assert_eq!(business_of_channel(""), None);
    }
}
