//! Commit: every precondition first, then every change.

use std::collections::btree_map::Entry as Slot;

use super::MemoryStore;
use super::load::business_counts;
use super::state::{Business, JobRow, LineRow, Receipt, State};
use crate::business::OwnedLine;
use crate::calls::{Call, totals_delta};
use crate::compliance::ledger::{Head, append};
use crate::conversation::CallerFlags;
use crate::port::store::{
    Change, Commit, CommitError, Committed, Conflict, ConsentChange, FeedEntry, Fence, Guard, JobResult, JobState,
    NewJob, OptOutRow, Stale, StoreError, TextGuard,
};
use crate::{BusinessId, PhoneNumber, Timestamp};

impl MemoryStore {
    pub(super) fn apply(&self, commit: Commit) -> Result<Committed, CommitError> {
        let mut state = self.state();
        let now = self.clock.now();
        check(&state, &commit, now)?;
        let (id, at) = (commit.business, commit.at);
        if let Some(event) = commit.event {
            let reply = event.reply;
            business(&mut state, id)
                .receipts
                .insert(event.key, Receipt { reply, at });
        }
        if let Some((fence, result)) = commit.job {
            finish(&mut state, fence, result);
        }
        let mut position = None;
        for change in commit.changes {
            self.change(&mut state, id, at, now, change, &mut position)?;
        }
        Ok(Committed { position })
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
    fn change(
        &self,
        state: &mut State,
        id: BusinessId,
        at: Timestamp,
        now: Timestamp,
        change: Change,
        position: &mut Option<u64>,
    ) -> Result<(), CommitError> {
        match change {
            Change::InsertCall(call) => {
                let row = business(state, id);
                count(row, None, &call);
                row.calls_by_provider.insert(call.provider_call.clone(), call.id);
                row.calls.insert(call.id, *call);
            }
            Change::UpdateCall { before, after } => {
                let row = business(state, id);
                count(row, Some(&before), &after);
                row.calls.insert(after.id, *after);
            }
            Change::Feed(event) => {
                let feed = &mut business(state, id).feed;
                let seq = feed.last().map_or(0, |last| last.seq) + 1;
                feed.push(FeedEntry { seq, event });
                *position = Some(seq);
            }
            Change::Enqueue(job) => enqueue(state, id, job),
            Change::CancelJobs { subject } => {
                for job in state.jobs.values_mut() {
                    if job.business == id
                        && job.subject == Some(subject)
                        && job.state == JobState::Queued
                        && job.job.kind().canceled_by_opt_out()
                    {
                        job.state = JobState::Canceled;
                    }
                }
            }
            Change::PutContact(contact) => {
                business(state, id).contacts.insert(contact.phone, contact);
            }
            Change::PutCallerFlags { phone, flags } => {
                business(state, id).flags.insert(phone, flags);
            }
            Change::PutConversation(thread) => {
                let row = business(state, id);
                row.by_conversation.insert(thread.id, thread.phone);
                row.conversations.insert(thread.phone, thread);
            }
            Change::PutMessage(message) => {
                let row = business(state, id);
                if let Some(provider) = &message.provider_message {
                    row.messages_by_provider.insert(provider.clone(), message.id);
                }
                row.messages.insert(message.id, *message);
            }
            Change::ClaimSend { message, phone, lasts } => {
                state.claims.insert((id, message), (phone, now.plus(lasts)));
            }
            Change::SettleSend { message } => {
                state.claims.remove(&(id, message));
            }
            Change::HoldTextGuard { phone, until, message } => {
                business(state, id).guards.insert(phone, TextGuard { until, message });
            }
            Change::FreeTextGuard { phone, message } => {
                let guards = &mut business(state, id).guards;
                if guards.get(&phone).is_some_and(|guard| guard.message == message) {
                    guards.remove(&phone);
                }
            }
            Change::Consent(change) => consent(state, id, at, change),
            Change::Ledger(entry) => {
                let ledger = &mut business(state, id).ledger;
                let head = ledger.last().map(|last| Head {
                    len: last.seq,
                    mac: last.mac,
                });
                let sealed = append(&self.key, id, head, &entry);
                ledger.push(sealed);
            }
            Change::RaiseTask(task) => {
                business(state, id).tasks.entry(task.id).or_insert(task);
            }
            Change::FinishTask { task, by } => {
                if let Some(task) = business(state, id).tasks.get_mut(&task)
                    && task.done_at.is_none()
                {
                    task.done_at = Some(at);
                    task.done_by = by;
                }
            }
            Change::PutSettings { settings, expected } => {
                let row = business(state, id);
                row.version = row.version.max(expected) + 1;
                row.settings = Some((*settings).into());
                row.saved_at = at;
            }
            Change::PutLine(line) => {
                business(state, id).version += 1;
                put_line(state, id, line);
            }
            Change::RemoveLine(number) => {
                business(state, id).version += 1;
                if state.lines.get(&number).is_some_and(|row| row.business == id) {
                    state.lines.remove(&number);
                }
            }
            Change::PutTestCall(test) => {
                business(state, id).tests.insert(test.id, *test);
            }
            Change::PutAppointment(appointment) => {
                business(state, id).appointments.insert(appointment.id, *appointment);
            }
            Change::SetBlocks { appointment, blocks } => {
                let row = business(state, id);
                if blocks.is_empty() {
                    row.blocks.remove(&appointment);
                } else {
                    row.blocks.insert(appointment, blocks);
                }
            }
            Change::PutBlockedTime(time) => {
                business(state, id).blocked_times.insert(time.id, time);
            }
            Change::RemoveBlockedTime(time) => {
                business(state, id).blocked_times.remove(&time);
            }
            Change::PutCalendarSync(sync) => {
                business(state, id).calendar_sync = Some(*sync);
            }
            Change::PutCalendarCopy(copy) => {
                business(state, id).calendar_copies.insert(copy.calendar.clone(), *copy);
            }
            Change::DropCalendarCopy { calendar } => {
                business(state, id).calendar_copies.remove(&calendar);
            }
            Change::PutSecret { field, sealed } => {
                business(state, id).secrets.insert(field, sealed);
            }
            Change::RememberResponse(response) => {
                business(state, id)
                    .responses
                    .entry(response.key.clone())
                    .or_insert(response);
            }
        }
        Ok(())
    }
}

fn business(state: &mut State, id: BusinessId) -> &mut Business {
    state.businesses.entry(id).or_default()
}

fn put_line(state: &mut State, id: BusinessId, line: OwnedLine) {
    match state.lines.entry(line.number) {
        Slot::Occupied(mut slot) => slot.get_mut().line = line,
        Slot::Vacant(slot) => {
            state.lines_given += 1;
            slot.insert(LineRow {
                business: id,
                line,
                position: state.lines_given,
            });
        }
    }
}

fn count(row: &mut Business, before: Option<&Call>, after: &Call) {
    for delta in totals_delta(before, after) {
        let sums = row.totals.entry((delta.day, delta.method, delta.outcome)).or_default();
        sums.calls += delta.calls;
        sums.recovered += delta.recovered;
        sums.responded += delta.responded;
        sums.response_ms += delta.response_ms;
    }
}

fn enqueue(state: &mut State, id: BusinessId, new: NewJob) {
    let live = state.jobs.values().any(|job| {
        job.business == id
            && job.job.kind() == new.job.kind()
            && job.dedupe == new.dedupe
            && matches!(job.state, JobState::Queued | JobState::Running)
    });
    if live {
        return;
    }
    if let Slot::Vacant(slot) = state.jobs.entry(new.id) {
        slot.insert(JobRow {
            business: id,
            job: new.job,
            subject: new.subject,
            run_at: new.run_at,
            due_at: new.run_at,
            dedupe: new.dedupe,
            state: JobState::Queued,
            attempt: 0,
            fence: 0,
            worker: String::new(),
            lease_until: Timestamp::UNIX_EPOCH,
        });
    }
}

fn consent(state: &mut State, id: BusinessId, at: Timestamp, change: ConsentChange) {
    match change {
        ConsentChange::OptOut { phone, keyword } => {
            let rows = &mut business(state, id).opt_outs;
            let active = rows.get(&phone).is_some_and(|row| row.opted_back_in_at.is_none());
            if !active {
                rows.insert(
                    phone,
                    OptOutRow {
                        phone,
                        opted_out_at: at,
                        keyword,
                        opted_back_in_at: None,
                    },
                );
            }
            state.suppressed.insert(phone);
        }
        ConsentChange::OptIn { phone } => {
            if let Some(row) = business(state, id).opt_outs.get_mut(&phone)
                && row.opted_back_in_at.is_none()
            {
                row.opted_back_in_at = Some(at);
            }
            let elsewhere = state.businesses.values().any(|row| is_out(row, &phone));
            if !elsewhere {
                state.suppressed.remove(&phone);
            }
        }
    }
}

pub(super) fn is_out(row: &Business, phone: &PhoneNumber) -> bool {
    row.opt_outs
        .get(phone)
        .is_some_and(|row| row.opted_back_in_at.is_none())
}

fn finish(state: &mut State, fence: Fence, result: JobResult) {
    let Some(job) = state.jobs.get_mut(&fence.job) else {
        return;
    };
    match result {
        JobResult::Done => job.state = JobState::Done,
        JobResult::Again {
            at,
            job: payload,
            fresh,
        } => {
            job.state = JobState::Queued;
            job.run_at = at;
            if let Some(payload) = payload {
                job.job = payload;
            }
            if fresh {
                job.attempt = 0;
                job.due_at = at;
            }
        }
        JobResult::Dead { .. } => job.state = JobState::Dead,
        JobResult::StillRunning => {}
    }
}

/// Every precondition of a commit; nothing is changed.
fn check(state: &State, commit: &Commit, now: Timestamp) -> Result<(), CommitError> {
    let empty = Business::default();
    let known = state.businesses.get(&commit.business);
    let row = known.unwrap_or(&empty);
    if let Some(event) = &commit.event
        && let Some(receipt) = row.receipts.get(&event.key)
    {
        let reply = receipt.reply.clone();
        return Err(Conflict::AlreadyProcessed { reply }.into());
    }
    for change in &commit.changes {
        if let Change::InsertCall(call) = change
            && let Some(stored) = row
                .calls_by_provider
                .get(&call.provider_call)
                .and_then(|id| row.calls.get(id))
        {
            let reply = serde_json::to_string(&stored.reply).ok();
            return Err(Conflict::AlreadyProcessed { reply }.into());
        }
    }
    let creates = commit
        .changes
        .iter()
        .any(|change| matches!(change, Change::PutSettings { expected: 0, .. }));
    if known.is_none_or(|row| row.settings.is_none()) && !creates {
        return Err(Conflict::Stale(Stale::Settings).into());
    }
    if let Some((fence, _)) = &commit.job {
        let held = state.jobs.get(&fence.job).is_some_and(|job| {
            job.business == commit.business && job.fence == fence.number && job.state == JobState::Running
        });
        if !held {
            return Err(Conflict::LeaseLost.into());
        }
    }
    for guard in &commit.guards {
        check_guard(state, row, commit.at, now, guard)?;
    }
    for change in &commit.changes {
        check_change(state, row, commit, now, change)?;
    }
    Ok(())
}

fn check_guard(state: &State, row: &Business, at: Timestamp, now: Timestamp, guard: &Guard) -> Result<(), CommitError> {
    let conflict = match guard {
        Guard::Settings { version } => (row.version != *version).then_some(Conflict::Stale(Stale::Settings)),
        Guard::CallerFlags { phone, version } => {
            let stored = row.flags.get(phone).map_or(0, |flags: &CallerFlags| flags.version);
            (stored != *version).then_some(Conflict::Stale(Stale::CallerFlags))
        }
        Guard::NotOptedOut { phone } => {
            (is_out(row, phone) || state.suppressed.contains(phone)).then_some(Conflict::OptedOut)
        }
        Guard::Conversation { phone, version } => {
            let stored = row.conversations.get(phone).map_or(0, |thread| thread.version);
            (stored != *version).then_some(Conflict::Stale(Stale::Conversation))
        }
        Guard::TextGuardFree { phone } => row
            .guards
            .get(phone)
            .filter(|guard| guard.until > at)
            .map(|guard| Conflict::TextGuardHeld { until: guard.until }),
        Guard::SendsBelow {
            business_day,
            new_recipients_hour,
        } => {
            let (day, new) = business_counts(row, at);
            let full =
                business_day.is_some_and(|limit| day >= limit) || new_recipients_hour.is_some_and(|limit| new >= limit);
            full.then_some(Conflict::Stale(Stale::SendCounts))
        }
        Guard::DayBelow {
            from,
            until,
            limit,
            except,
        } => {
            let there = row
                .appointments
                .values()
                .filter(|other| (*from..*until).contains(&other.starts_at) && other.id != *except)
                .filter(|other| other.counts_at(now))
                .count();
            (u32::try_from(there).unwrap_or(u32::MAX) >= *limit).then_some(Conflict::DayFull)
        }
    };
    conflict.map_or(Ok(()), |conflict| Err(conflict.into()))
}

fn follows(stored: u32, next: u32, what: Stale) -> Result<(), CommitError> {
    if stored.checked_add(1) == Some(next) {
        Ok(())
    } else {
        Err(Conflict::Stale(what).into())
    }
}

fn check_change(
    state: &State,
    row: &Business,
    commit: &Commit,
    now: Timestamp,
    change: &Change,
) -> Result<(), CommitError> {
    let foreign = |owner: BusinessId| {
        if owner == commit.business {
            Ok(())
        } else {
            Err(CommitError::Unavailable(StoreError::corrupt(
                "commit",
                "a row belongs to another business",
            )))
        }
    };
    match change {
        Change::InsertCall(call) => foreign(call.business),
        Change::UpdateCall { before, after } => {
            foreign(after.business)?;
            let stored = row.calls.get(&after.id).map_or(0, |call| call.version);
            if stored != before.version {
                return Err(Conflict::Stale(Stale::Call).into());
            }
            follows(stored, after.version, Stale::Call)
        }
        Change::PutCallerFlags { phone, flags } => follows(
            row.flags.get(phone).map_or(0, |flags| flags.version),
            flags.version,
            Stale::CallerFlags,
        ),
        Change::PutContact(contact) => foreign(contact.business),
        Change::PutConversation(thread) => {
            foreign(thread.business)?;
            let stored = row.conversations.get(&thread.phone).map_or(0, |thread| thread.version);
            follows(stored, thread.version, Stale::Conversation)
        }
        Change::PutMessage(message) => {
            foreign(message.business)?;
            let stored = row.messages.get(&message.id).map_or(0, |message| message.version);
            follows(stored, message.version, Stale::Message)
        }
        Change::RaiseTask(task) => foreign(task.business),
        Change::FinishTask { task, .. } => {
            if row.tasks.contains_key(task) {
                Ok(())
            } else {
                Err(Conflict::Stale(Stale::Task).into())
            }
        }
        Change::PutSettings { expected, .. } => {
            if row.version == *expected {
                Ok(())
            } else {
                Err(Conflict::Stale(Stale::Settings).into())
            }
        }
        Change::PutLine(line) => {
            let taken = state
                .lines
                .get(&line.number)
                .is_some_and(|row| row.business != commit.business);
            if taken {
                Err(Conflict::NumberTaken.into())
            } else {
                Ok(())
            }
        }
        Change::PutTestCall(test) => {
            foreign(test.business)?;
            follows(
                row.tests.get(&test.id).map_or(0, |test| test.version),
                test.version,
                Stale::TestCall,
            )?;
            let other = row
                .tests
                .values()
                .any(|other| other.id != test.id && !other.state.is_over() && other.expires_at > commit.at);
            if test.version == 1 && other {
                Err(Conflict::TestInProgress.into())
            } else {
                Ok(())
            }
        }
        Change::PutAppointment(appointment) => {
            foreign(appointment.business)?;
            let stored = row.appointments.get(&appointment.id).map_or(0, |row| row.version);
            follows(stored, appointment.version, Stale::Appointment)
        }
        Change::SetBlocks { appointment, blocks } => {
            let taken = row
                .blocks
                .iter()
                .filter(|(other, _)| *other != appointment)
                .flat_map(|(_, closed)| closed)
                .filter(|closed| closed.expires_at.is_none_or(|at| at > now))
                .any(|closed| blocks.iter().any(|block| block.overlaps(closed)));
            if taken { Err(Conflict::SlotTaken.into()) } else { Ok(()) }
        }
        Change::PutBlockedTime(time) => foreign(time.business),
        Change::PutCalendarSync(sync) => follows(
            row.calendar_sync.as_ref().map_or(0, |sync| sync.version),
            sync.version,
            Stale::CalendarSync,
        ),
        Change::PutCalendarCopy(copy) => follows(
            row.calendar_copies.get(&copy.calendar).map_or(0, |copy| copy.version),
            copy.version,
            Stale::CalendarCopy,
        ),
        Change::Feed(_)
        | Change::Enqueue(_)
        | Change::CancelJobs { .. }
        | Change::ClaimSend { .. }
        | Change::SettleSend { .. }
        | Change::HoldTextGuard { .. }
        | Change::FreeTextGuard { .. }
        | Change::Consent(_)
        | Change::Ledger(_)
        | Change::RemoveLine(_)
        | Change::RemoveBlockedTime(_)
        | Change::DropCalendarCopy { .. }
        | Change::PutSecret { .. }
        | Change::RememberResponse(_) => Ok(()),
    }
}
