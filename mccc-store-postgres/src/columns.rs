//! Rows as columns: arrays that run in parallel, so that one statement writes many rows.

use mccc_core::calls::{Call, TotalsDelta};
use mccc_core::port::store::{FeedEvent, NewJob};
use mccc_core::{BusinessId, PhoneNumber};
use serde::Serialize;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;

use crate::totals::stored_place;
use crate::wire::{At, Day, clean, int4, int8};

pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// A document as text. Our own types always have one.
pub(crate) fn document<T: Serialize>(value: &T) -> Result<String, mccc_core::port::store::StoreError> {
    serde_json::to_string(value).map_err(|error| mccc_core::port::store::StoreError::corrupt("document", error))
}

pub(crate) fn phone(number: Option<&PhoneNumber>) -> Option<String> {
    number.map(ToString::to_string)
}

/// A number as the key of its lock: digits have at most 15 places and do not start with 0, so no two share a key.
pub(crate) fn lock_key(number: &PhoneNumber) -> i64 {
    /// Keeps clear of small keys that a host may use itself.
    const OURS: i64 = 1 << 62;
    OURS | number.digits().parse::<i64>().unwrap_or(0)
}

/// Declares parallel arrays with a method that binds them in the order they are written.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $name { $(pub(crate) $field: Vec<$type>,)* }
        impl $name {
            pub(crate) fn bind<'q>(self, statement: Statement<'q>) -> Statement<'q> {
                statement$(.bind(self.$field))*
            }
        }
    };
}

columns! {
    /// Calls, in the order of the parameters of `insert_calls`.
    CallColumns {
        business: Uuid, id: Uuid, version: i32, received_at: At, local_day: Day, settings_version: i64,
        responded_at: Option<At>, ended_at: Option<At>, read_at: Option<At>, callback_completed_at: Option<At>,
        conversation: Option<Uuid>, duration: Option<i32>, recording: Option<i32>, recovered: bool, is_test: bool,
        attention: bool, provider_call: String, caller_status: &'static str, caller: Option<String>,
        caller_name: Option<String>, dialled: String, forwarded_from: Option<String>, scheduled: &'static str,
        method: &'static str, variant: &'static str, state: &'static str, outcome: &'static str, text: &'static str,
        provider_recording: Option<String>, tags: Option<String>, rule: String, reply: String, trace: String,
    }
}

impl CallColumns {
    pub(crate) fn push(&mut self, call: &Call) -> Result<(), mccc_core::port::store::StoreError> {
        self.business.push(call.business.uuid());
        self.id.push(call.id.uuid());
        self.version.push(int4(call.version));
        self.received_at.push(At(call.received_at));
        self.local_day.push(Day(call.local_day));
        self.settings_version.push(int8(call.settings_version));
        self.responded_at.push(call.responded_at.map(At));
        self.ended_at.push(call.ended_at.map(At));
        self.read_at.push(call.read_at.map(At));
        self.callback_completed_at.push(call.callback_completed_at.map(At));
        self.conversation.push(call.conversation.map(mccc_core::Id::uuid));
        self.duration.push(call.duration_seconds.map(int4));
        self.recording.push(
            call.recording
                .as_ref()
                .map(|recording| int4(recording.duration_seconds)),
        );
        self.recovered.push(call.recovered);
        self.is_test.push(call.is_test);
        self.attention.push(call.needs_attention);
        self.provider_call.push(clean(&call.provider_call));
        self.caller_status.push(call.caller.status());
        self.caller.push(phone(call.caller.number().as_ref()));
        self.caller_name.push(call.caller_name.as_deref().map(clean));
        self.dialled.push(call.dialled.to_string());
        self.forwarded_from.push(phone(call.forwarded_from.as_ref()));
        self.scheduled.push(call.scheduled_method.name());
        self.method.push(call.method.name());
        self.variant.push(call.variant.name());
        self.state.push(call.state.name());
        self.outcome.push(call.outcome.name());
        self.text.push(call.text.name());
        self.provider_recording.push(
            call.recording
                .as_ref()
                .map(|recording| clean(&recording.provider_recording)),
        );
        self.tags.push(match call.tags.as_slice() {
            [] => None,
            tags => Some(document(&tags.iter().map(|tag| clean(tag)).collect::<Vec<_>>())?),
        });
        self.rule.push(document(&call.rule)?);
        self.reply.push(document(&call.reply)?);
        self.trace.push(document(&call.trace)?);
        Ok(())
    }
}

columns! {
    /// Feed entries, in the order of the parameters of `append_feed`.
    FeedColumns {
        business: Uuid, at: At, kind: &'static str, call: Option<Uuid>, conversation: Option<Uuid>,
        message: Option<Uuid>, data: String,
    }
}

impl FeedColumns {
    pub(crate) fn push(
        &mut self,
        business: BusinessId,
        event: &FeedEvent,
    ) -> Result<(), mccc_core::port::store::StoreError> {
        self.business.push(business.uuid());
        self.at.push(At(event.at));
        self.kind.push(event.kind.name());
        self.call.push(event.call.map(mccc_core::Id::uuid));
        self.conversation.push(event.conversation.map(mccc_core::Id::uuid));
        self.message.push(event.message.map(mccc_core::Id::uuid));
        self.data.push(document(&event.data)?);
        Ok(())
    }
}

columns! {
    /// Jobs, in the order of the parameters of `enqueue_jobs`.
    JobColumns {
        business: Uuid, id: Uuid, kind: &'static str, subject: Option<String>, payload: String, run_at: At,
        dedupe: String,
    }
}

impl JobColumns {
    pub(crate) fn push(
        &mut self,
        business: BusinessId,
        new: &NewJob,
    ) -> Result<(), mccc_core::port::store::StoreError> {
        self.business.push(business.uuid());
        self.id.push(new.id.uuid());
        self.kind.push(new.job.kind().name());
        self.subject.push(phone(new.subject.as_ref()));
        self.payload.push(document(&new.job)?);
        self.run_at.push(At(new.run_at));
        self.dedupe.push(clean(&new.dedupe));
        Ok(())
    }
}

columns! {
    /// Sums, in the order of the last parameters of `intake`.
    SumColumns { place: Option<i32>, calls: i64, recovered: i64, responded: i64, response_ms: i64, }
}

impl SumColumns {
    /// Adds one row's change; nothing for a call that counts for nothing.
    pub(crate) fn push(&mut self, delta: Option<&TotalsDelta>) {
        self.place
            .push(delta.map(|delta| stored_place(delta.method, delta.outcome)));
        self.calls.push(delta.map_or(0, |delta| delta.calls));
        self.recovered.push(delta.map_or(0, |delta| delta.recovered));
        self.responded.push(delta.map_or(0, |delta| delta.responded));
        self.response_ms.push(delta.map_or(0, |delta| delta.response_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_keys_order_as_numbers_of_a_length_do_and_never_meet() {
        let key = |text: &str| lock_key(&PhoneNumber::parse(text).unwrap());
        assert!(key("+15125550100") < key("+15125550101"));
        assert_ne!(key("+151255501"), key("+1512555010"));
        assert!(key("+999999999999999") > 1 << 62);
    }
}
