//! Rows as columns: arrays that run in parallel, so that one statement writes many rows.

use mccc_core::port::store::{FeedEvent, NewJob};
use mccc_core::{BusinessId, PhoneNumber};
use serde::Serialize;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;

use crate::wire::{At, clean};

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
