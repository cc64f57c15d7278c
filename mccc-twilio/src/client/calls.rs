//! Calls and numbers: what the core's telephony port asks for.

use async_trait::async_trait;
use mccc_core::port::{
    ErrorKind, NumberOffer, NumberQuery, NumberSetup, OutboundCall, OwnedNumber, PortError, RemoteCall, Telephony,
};
use mccc_core::{PhoneNumber, Timestamp};

use super::messages::day;
use super::rows::CallRow;
use super::transport::{Request, encode};
use super::{TwilioClient, absent_is_none, checked_sid};
use crate::error::{ADAPTER, Effect, unusable};
use crate::routes;
use crate::twiml::{Say, Twiml};

const CALL: &[&str] = &["CA"];
/// Longest inline document that the provider takes, in characters.
const MOST_TWIML: usize = 4000;
/// Longest ringing that the provider takes.
const MOST_RINGING: u16 = 600;
/// The provider's code for ending a call that is over.
const CALL_IS_OVER: u32 = 21_220;
/// Most calls that one list returns.
const MOST_CALLS: usize = 1000;

#[async_trait]
impl Telephony for TwilioClient {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    async fn search_numbers(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError> {
        self.search(query).await
    }

    async fn buy_number(&self, number: &PhoneNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        self.buy(number, setup).await
    }

    async fn owned_number(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError> {
        self.owned(number).await
    }

    async fn configure_number(&self, owned: &OwnedNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        self.configure(owned, setup).await
    }

    async fn release_number(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        self.release(owned).await
    }

    async fn place_call(&self, call: &OutboundCall) -> Result<RemoteCall, PortError> {
        const OPERATION: &str = "place_call";
        if call.key.is_empty()
            || !call
                .key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        {
            return Err(unusable(
                OPERATION,
                "The key of a call has letters, digits, hyphens and underscores.",
            ));
        }
        let document = Twiml::new().say(Say::new(call.say.as_str())).hang_up().render();
        let document = document.ok().filter(|text| text.chars().count() <= MOST_TWIML);
        let document = document.ok_or_else(|| unusable(OPERATION, "What is said in the call is too long."))?;
        let (to, from) = (call.to.to_string(), call.from.to_string());
        let ringing = call.ring_seconds.clamp(1, MOST_RINGING).to_string();
        let callback = routes::call_status(&self.session.config.public_base_url, &call.key);
        let callback = format!("{callback}{}", routes::RETRIED);
        let fields = [
            ("To", to.as_str()),
            ("From", &from),
            ("Twiml", &document),
            ("Timeout", &ringing),
            ("StatusCallback", &callback),
            ("StatusCallbackMethod", "POST"),
            ("StatusCallbackEvent", "initiated"),
            ("StatusCallbackEvent", "ringing"),
            ("StatusCallbackEvent", "answered"),
            ("StatusCallbackEvent", "completed"),
        ];
        let request = Request::post(OPERATION, Effect::Once, self.account_url("Calls.json"), &fields);
        self.ask(request).await.map(CallRow::remote)
    }

    async fn hang_up(&self, provider_call: &str) -> Result<(), PortError> {
        const OPERATION: &str = "hang_up";
        let sid = checked_sid(OPERATION, provider_call, CALL)?;
        let url = self.account_url(&format!("Calls/{sid}.json"));
        let request = Request::post(OPERATION, Effect::Repeatable, url, &[("Status", "completed")]);
        match self.session.exchange(request, None).await {
            Err(error) if error.code() == Some(CALL_IS_OVER) => Ok(()),
            result => result.map(|_| ()),
        }
    }

    async fn fetch_call(&self, provider_call: &str) -> Result<Option<RemoteCall>, PortError> {
        const OPERATION: &str = "fetch_call";
        let sid = checked_sid(OPERATION, provider_call, CALL)?;
        let request = Request::get(OPERATION, self.account_url(&format!("Calls/{sid}.json")));
        let row: Option<CallRow> = absent_is_none(self.ask(request).await)?;
        Ok(row.map(CallRow::remote))
    }

    async fn list_calls(&self, to: &PhoneNumber, since: Timestamp) -> Result<Vec<RemoteCall>, PortError> {
        let (to, day) = (to.to_string(), day(since));
        let query = encode(&[("To", &to), ("StartTime>", &day), ("PageSize", "100")]);
        let url = self.account_url(&format!("Calls.json?{query}"));
        let recent = |row: CallRow| {
            if !row.is_inbound() {
                return None;
            }
            let call = row.remote();
            if call.started_at.is_none_or(|at| at >= since) {
                Some(call)
            } else {
                None
            }
        };
        let mut calls = self
            .session
            .list("list_calls", url, "calls", MOST_CALLS, recent)
            .await?;
        calls.sort_by_key(|call| std::cmp::Reverse(call.started_at));
        Ok(calls)
    }
}

/// Whether the provider says that the thing asked for does not exist.
pub(super) fn is_absent(error: &PortError) -> bool {
    error.kind() == ErrorKind::NotFound
}
