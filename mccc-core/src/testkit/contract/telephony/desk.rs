//! Short ways to do what cases do all the time.

use std::sync::Arc;

use super::TelephonyHarness;
use crate::port::{NumberOffer, NumberQuery, OutboundCall, OwnedNumber, PortError, Telephony};
use crate::testkit::build;
use crate::testkit::contract::{Done, Failure};
use crate::{PhoneNumber, Timestamp};

/// The case asks for something that this provider does not have.
pub(super) const NO_SUCH_FAULT: Done = Done::Skipped("this provider cannot be made to do so");

/// Somebody who manages numbers.
pub(super) struct Desk<'a> {
    pub(super) harness: &'a dyn TelephonyHarness,
    pub(super) telephony: Arc<dyn Telephony>,
}

impl<'a> Desk<'a> {
    pub(super) fn of(harness: &'a dyn TelephonyHarness) -> Self {
        Self {
            harness,
            telephony: harness.telephony(),
        }
    }

    pub(super) async fn offers(&self, limit: u8) -> Result<Vec<NumberOffer>, PortError> {
        let query = NumberQuery {
            area_code: Some(self.harness.area_code()),
            limit,
        };
        self.telephony.search_numbers(&query).await
    }

    /// A number that can be bought.
    pub(super) async fn offer(&self) -> Result<PhoneNumber, Failure> {
        let offers = self.offers(1).await?;
        let offer = offers.first().ok_or_else(|| Failure::new("no number is offered"))?;
        Ok(offer.number)
    }

    pub(super) async fn buy(&self, number: &PhoneNumber) -> Result<OwnedNumber, PortError> {
        self.telephony.buy_number(number, &self.harness.setup()).await
    }

    /// A number of ours.
    pub(super) async fn bought(&self) -> Result<OwnedNumber, Failure> {
        Ok(self.buy(&self.offer().await?).await?)
    }

    /// The number as the provider has it, which must be there.
    pub(super) async fn owned(&self, number: &PhoneNumber) -> Result<OwnedNumber, Failure> {
        let owned = self.telephony.owned_number(number).await?;
        owned.ok_or_else(|| Failure::new("a number of ours is not found"))
    }

    pub(super) async fn configure(&self, owned: &OwnedNumber) -> Result<OwnedNumber, PortError> {
        self.telephony.configure_number(owned, &self.harness.setup()).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.harness.now()
    }
}

/// A test call to the `n`-th phone.
pub(super) fn call(n: u32, from: PhoneNumber) -> OutboundCall {
    OutboundCall {
        to: build::phone(n),
        from,
        ring_seconds: 25,
        say: "This is a test of your forwarding <please> & thank you.".to_owned(),
        key: format!("test_{n}"),
    }
}
