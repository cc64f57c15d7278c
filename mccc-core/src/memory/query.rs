//! What the pages read.

use std::collections::BTreeMap;

use super::MemoryStore;
use super::load::{consent, messages_of};
use super::state::{Business, State, Sums};
use crate::calls::{Call, Outcome};
use crate::conversation::Conversation;
use crate::port::store::{
    CallCursor, CallDetail, CallFilter, CallRow, ConversationCursor, ConversationRow, TotalsFilter, TotalsRow,
};
use crate::routing::Method;
use crate::{BusinessId, CallId, ConversationId};

/// Messages shown with a call.
const DETAIL_MESSAGES: usize = 200;

impl MemoryStore {
    pub(super) fn list_calls(
        &self,
        business: BusinessId,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Vec<CallRow> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Vec::new();
        };
        let mut calls: Vec<&Call> = row
            .calls
            .values()
            .filter(|call| fits(call, filter))
            .filter(|call| after.is_none_or(|after| (call.received_at, call.id) < (after.received_at, after.id)))
            .collect();
        calls.sort_by_key(|call| std::cmp::Reverse((call.received_at, call.id)));
        calls.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        calls.into_iter().map(|call| listed(row, call)).collect()
    }

    pub(super) fn detail(&self, business: BusinessId, id: CallId) -> Option<CallDetail> {
        let state = self.state();
        let row = state.businesses.get(&business)?;
        let call = row.calls.get(&id)?.clone();
        let conversation = call
            .caller
            .number()
            .and_then(|phone| row.conversations.get(&phone))
            .cloned();
        let mut messages = conversation
            .as_ref()
            .map(|thread| messages_of(row, thread.id))
            .unwrap_or_default();
        messages.retain(|message| message.call == Some(id) || message.created_at >= call.received_at);
        messages.truncate(DETAIL_MESSAGES);
        let mut tasks: Vec<_> = row
            .tasks
            .values()
            .filter(|task| task.call == Some(id))
            .cloned()
            .collect();
        tasks.sort_by_key(|task| (task.raised_at, task.id));
        Some(CallDetail {
            events: row
                .feed
                .iter()
                .filter(|entry| entry.event.call == Some(id))
                .cloned()
                .collect(),
            messages,
            tasks,
            contact: call.caller.number().and_then(|phone| row.contacts.get(&phone)).cloned(),
            conversation,
            call,
        })
    }

    pub(super) fn sums(&self, business: BusinessId, filter: &TotalsFilter) -> Vec<TotalsRow> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Vec::new();
        };
        let mut groups: BTreeMap<(Method, Outcome), Sums> = BTreeMap::new();
        for ((day, method, outcome), sums) in &row.totals {
            if (filter.from_day..=filter.to_day).contains(day) {
                let group = groups.entry((*method, *outcome)).or_default();
                group.calls += sums.calls;
                group.recovered += sums.recovered;
                group.responded += sums.responded;
                group.response_ms += sums.response_ms;
            }
        }
        let whole = |sum: i64| u64::try_from(sum).unwrap_or(0);
        groups
            .into_iter()
            .filter(|(_, sums)| sums.calls > 0)
            .map(|((method, outcome), sums)| TotalsRow {
                method,
                outcome,
                calls: whole(sums.calls),
                recovered: whole(sums.recovered),
                responded: whole(sums.responded),
                response_ms: whole(sums.response_ms),
            })
            .collect()
    }

    pub(super) fn list_conversations(
        &self,
        business: BusinessId,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Vec<ConversationRow> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Vec::new();
        };
        let mut threads: Vec<&Conversation> = row
            .conversations
            .values()
            .filter(|thread| {
                after.is_none_or(|after| (thread.last_message_at, thread.id) < (after.last_message_at, after.id))
            })
            .collect();
        threads.sort_by_key(|thread| std::cmp::Reverse((thread.last_message_at, thread.id)));
        threads.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        threads
            .into_iter()
            .map(|thread| with_contact(&state, row, thread))
            .collect()
    }

    pub(super) fn one_conversation(
        &self,
        business: BusinessId,
        id: ConversationId,
        limit: u32,
    ) -> Option<ConversationRow> {
        let state = self.state();
        let row = state.businesses.get(&business)?;
        let thread = row
            .by_conversation
            .get(&id)
            .and_then(|phone| row.conversations.get(phone))?;
        let mut messages = messages_of(row, id);
        let old = messages
            .len()
            .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        messages.drain(..old);
        Some(ConversationRow {
            messages,
            ..with_contact(&state, row, thread)
        })
    }
}

fn with_contact(state: &State, row: &Business, thread: &Conversation) -> ConversationRow {
    ConversationRow {
        conversation: thread.clone(),
        contact: row.contacts.get(&thread.phone).cloned(),
        consent: consent(state, row, &thread.phone),
        messages: Vec::new(),
    }
}

fn fits(call: &Call, filter: &CallFilter) -> bool {
    filter.from_day.is_none_or(|day| call.local_day >= day)
        && filter.to_day.is_none_or(|day| call.local_day <= day)
        && filter.method.is_none_or(|method| call.method == method)
        && filter.outcome.is_none_or(|outcome| call.outcome.dashboard() == outcome)
        && (!filter.attention || call.needs_attention)
        && filter.caller.is_none_or(|caller| call.caller.number() == Some(caller))
        && (filter.tests || !call.is_test)
}

fn listed(row: &Business, call: &Call) -> CallRow {
    let contact = call.caller.number().and_then(|phone| row.contacts.get(&phone));
    CallRow {
        id: call.id,
        caller: call.caller,
        caller_name: contact
            .and_then(|contact| contact.name.clone())
            .or_else(|| call.caller_name.clone()),
        dialled: call.dialled,
        scheduled_method: call.scheduled_method,
        method: call.method,
        variant: call.variant,
        state: call.state,
        outcome: call.outcome,
        recovered: call.recovered,
        is_test: call.is_test,
        tags: call.tags.clone(),
        received_at: call.received_at,
        responded_at: call.responded_at,
        duration_seconds: call.duration_seconds,
        recording_seconds: call.recording.as_ref().map(|recording| recording.duration_seconds),
        text: call.text,
        conversation: call.conversation,
        needs_attention: call.needs_attention,
        read_at: call.read_at,
        callback_completed_at: call.callback_completed_at,
    }
}
