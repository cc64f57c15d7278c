//! Rows as composite values: one array of them is one set of rows, which costs the database less than an array a column.
//!
//! Each type has its namesake in the schema, field by field; the names are found on the connection's search path.

use std::collections::BTreeMap;

use mccc_core::calls::{Call, TotalsDelta};
use mccc_core::port::store::{FeedEvent, NewJob, StoreError};
use serde::Serialize;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::PgRecordEncoder;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};
use uuid::Uuid;

use crate::columns::{document, phone};
use crate::totals::stored_place;
use crate::wire::{At, Day, JsonText, clean, int4, int8};

/// Declares a row with its namesake in the schema, whose fields it is sent as, in the order they are written.
macro_rules! composite {
    ($(#[$doc:meta])* $name:ident as $type:literal {
        $($(#[$field_doc:meta])* $visible:vis $field:ident: $kind:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name { $($(#[$field_doc])* $visible $field: $kind,)* }
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                PgTypeInfo::with_name($type)
            }
        }
        impl PgHasArrayType for $name {
            fn array_type_info() -> PgTypeInfo {
                PgTypeInfo::array_of($type)
            }
        }
        impl Encode<'_, Postgres> for $name {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let mut row = PgRecordEncoder::new(buffer);
                $(row.encode(&self.$field)?;)*
                row.finish();
                Ok(IsNull::No)
            }
        }
    };
}

fn json<T: Serialize>(value: &T) -> Result<JsonText, StoreError> {
    document(value).map(JsonText)
}

composite! {
    /// A call as it is stored.
    CallRow as "new_call" {
        business: Uuid,
        id: Uuid,
        version: i32,
        received_at: At,
        local_day: Day,
        settings_version: i64,
        responded_at: Option<At>,
        ended_at: Option<At>,
        read_at: Option<At>,
        callback_completed_at: Option<At>,
        conversation: Option<Uuid>,
        duration: Option<i32>,
        recording: Option<i32>,
        recovered: bool,
        is_test: bool,
        attention: bool,
        provider_call: String,
        caller_status: &'static str,
        caller: Option<String>,
        caller_name: Option<String>,
        dialled: String,
        forwarded_from: Option<String>,
        scheduled: &'static str,
        method: &'static str,
        variant: &'static str,
        state: &'static str,
        outcome: &'static str,
        text: &'static str,
        provider_recording: Option<String>,
        tags: Vec<String>,
        rule: JsonText,
        reply: JsonText,
        trace: JsonText,
    }
}

impl CallRow {
    pub(crate) fn of(call: &Call) -> Result<Self, StoreError> {
        let recording = call.recording.as_ref();
        Ok(Self {
            business: call.business.uuid(),
            id: call.id.uuid(),
            version: int4(call.version),
            received_at: At(call.received_at),
            local_day: Day(call.local_day),
            settings_version: int8(call.settings_version),
            responded_at: call.responded_at.map(At),
            ended_at: call.ended_at.map(At),
            read_at: call.read_at.map(At),
            callback_completed_at: call.callback_completed_at.map(At),
            conversation: call.conversation.map(mccc_core::Id::uuid),
            duration: call.duration_seconds.map(int4),
            recording: recording.map(|recording| int4(recording.duration_seconds)),
            recovered: call.recovered,
            is_test: call.is_test,
            attention: call.needs_attention,
            provider_call: clean(&call.provider_call),
            caller_status: call.caller.status(),
            caller: phone(call.caller.number().as_ref()),
            caller_name: call.caller_name.as_deref().map(clean),
            dialled: call.dialled.to_string(),
            forwarded_from: phone(call.forwarded_from.as_ref()),
            scheduled: call.scheduled_method.name(),
            method: call.method.name(),
            variant: call.variant.name(),
            state: call.state.name(),
            outcome: call.outcome.name(),
            text: call.text.name(),
            provider_recording: recording.map(|recording| clean(&recording.provider_recording)),
            tags: call.tags.iter().map(|tag| clean(tag)).collect(),
            rule: json(&call.rule)?,
            reply: json(&call.reply)?,
            trace: json(&call.trace)?,
        })
    }
}

composite! {
    /// What a call of a group asks for before it is applied.
    CallGuard as "call_guard" {
        /// The place of the business among the heads, from 1.
        pub(crate) head: i32,
        /// The settings' version, or -1.
        pub(crate) settings: i64,
        pub(crate) phone: Option<String>,
        /// The version of the caller's flags, or -1.
        pub(crate) flags: i32,
    }
}

composite! {
    /// An entry of a feed whose position follows from that of the head.
    EventRow as "new_event" {
        head: i32,
        step: i32,
        at: At,
        call: Option<Uuid>,
        conversation: Option<Uuid>,
        message: Option<Uuid>,
        kind: &'static str,
        data: JsonText,
    }
}

impl EventRow {
    /// The `step`th entry, from 1, of the business at place `head`.
    pub(crate) fn of(head: i32, step: i32, event: &FeedEvent) -> Result<Self, StoreError> {
        Ok(Self {
            head,
            step,
            at: At(event.at),
            call: event.call.map(mccc_core::Id::uuid),
            conversation: event.conversation.map(mccc_core::Id::uuid),
            message: event.message.map(mccc_core::Id::uuid),
            kind: event.kind.name(),
            data: json(&event.data)?,
        })
    }
}

composite! {
    /// A job.
    JobRow as "new_job" {
        head: i32,
        id: Uuid,
        run_at: At,
        kind: &'static str,
        subject: Option<String>,
        dedupe: String,
        payload: JsonText,
    }
}

impl JobRow {
    /// A job of the business at place `head`.
    pub(crate) fn of(head: i32, new: &NewJob) -> Result<Self, StoreError> {
        Ok(Self {
            head,
            id: new.id.uuid(),
            run_at: At(new.run_at),
            kind: new.job.kind().name(),
            subject: phone(new.subject.as_ref()),
            dedupe: clean(&new.dedupe),
            payload: json(&new.job)?,
        })
    }
}

composite! {
    /// What a business's calls of a day at one place add.
    SumRow as "new_sum" {
        step: i32,
        business: Uuid,
        day: Day,
        place: i32,
        calls: i64,
        recovered: i64,
        responded: i64,
        response_ms: i64,
    }
}

/// Sums that many changes of calls make, each row of the table and place once.
#[derive(Debug, Default)]
pub(crate) struct Sums(BTreeMap<(Uuid, mccc_core::zone::LocalDay, i32), TotalsDelta>);

impl Sums {
    pub(crate) fn add(&mut self, business: Uuid, delta: TotalsDelta) {
        let place = stored_place(delta.method, delta.outcome);
        self.0
            .entry((business, delta.day, place))
            .and_modify(|sum| {
                sum.calls = sum.calls.saturating_add(delta.calls);
                sum.recovered = sum.recovered.saturating_add(delta.recovered);
                sum.responded = sum.responded.saturating_add(delta.responded);
                sum.response_ms = sum.response_ms.saturating_add(delta.response_ms);
            })
            .or_insert(delta);
    }

    /// The rows, and how many there are of each step: a step changes each row of the table once.
    pub(crate) fn rows(self) -> (Vec<SumRow>, Vec<i64>) {
        let (mut rows, mut sizes): (Vec<SumRow>, Vec<i64>) = (Vec::with_capacity(self.0.len()), Vec::new());
        for ((business, day, place), sum) in self.0 {
            let day = Day(day);
            let step = match rows.last() {
                Some(last) if last.business == business && last.day == day => last.step.saturating_add(1),
                Some(_) | None => 1,
            };
            let index = usize::try_from(step).map_or(0, |step| step.saturating_sub(1));
            match sizes.get_mut(index) {
                Some(size) => *size = size.saturating_add(1),
                None => sizes.push(1),
            }
            rows.push(SumRow {
                step,
                business,
                day,
                place,
                calls: sum.calls,
                recovered: sum.recovered,
                responded: sum.responded,
                response_ms: sum.response_ms,
            });
        }
        (rows, sizes)
    }
}

#[cfg(test)]
mod tests {
    use mccc_core::calls::Outcome;
    use mccc_core::routing::Method;
    use mccc_core::zone::LocalDay;

    use super::*;

    fn delta(day: i32, outcome: Outcome, calls: i64) -> TotalsDelta {
        TotalsDelta {
            day: LocalDay(day),
            method: Method::Voicemail,
            outcome,
            calls,
            recovered: 0,
            responded: calls,
            response_ms: 10 * calls,
        }
    }

    #[test]
    fn what_shares_a_place_is_summed_and_no_step_changes_a_row_twice() {
        let mut sums = Sums::default();
        let (ace, best) = (Uuid::from_u128(1), Uuid::from_u128(2));
        sums.add(best, delta(5, Outcome::Spam, 1));
        sums.add(ace, delta(5, Outcome::Spam, 1));
        sums.add(ace, delta(5, Outcome::NoAction, 1));
        sums.add(ace, delta(5, Outcome::Spam, 1));
        sums.add(ace, delta(6, Outcome::Spam, -1));
        let (rows, sizes) = sums.rows();
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.step, row.business, row.day.0.0, row.calls, row.response_ms))
            .collect();
        assert_eq!(
            seen,
            [
                (1, ace, 5, 1, 10),
                (2, ace, 5, 2, 20),
                (1, ace, 6, -1, -10),
                (1, best, 5, 1, 10)
            ]
        );
        assert_eq!(sizes, [3, 1]);
    }
}
