//! Messaging services: what carrier registration in the US is bound to.

use mccc_core::port::{ErrorKind, OwnedNumber, PortError, Retry};
use serde::Deserialize;

use super::transport::Request;
use super::{TwilioClient, checked_sid};
use crate::error::{ADAPTER, Effect};

const OPERATION: &str = "join_service";
/// The provider's codes for a number that is in the service already.
const ALREADY_IN: [u32; 2] = [21_710, 21_712];

#[derive(Debug, Deserialize)]
struct ServiceRow {
    #[serde(default)]
    use_inbound_webhook_on_number: bool,
}

impl TwilioClient {
    /// Puts the number into the account's messaging service, if it has one, and makes sure that replies still reach the
    /// number's own address: a service without that drops them, STOP included, and nobody is told.
    pub(super) async fn join_service(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        let Some(service) = self.session.config.messaging_service.as_deref() else {
            return Ok(());
        };
        let sid = checked_sid(OPERATION, &owned.provider_number, &["PN"])?;
        let url = format!("{}/v1/Services/{service}", self.session.config.messaging_base_url);
        let keep = [("UseInboundWebhookOnNumber", "true")];
        self.session
            .exchange(Request::post(OPERATION, Effect::Repeatable, url.clone(), &keep), None)
            .await?;
        let row: ServiceRow = self.ask(Request::get(OPERATION, url.clone())).await?;
        if !row.use_inbound_webhook_on_number {
            return Err(PortError::new(ADAPTER, OPERATION, ErrorKind::Protocol, Retry::Backoff)
                .with_reason("Your messaging service would drop replies to this number."));
        }
        let join = [("PhoneNumberSid", sid)];
        let request = Request::post(OPERATION, Effect::Repeatable, format!("{url}/PhoneNumbers"), &join);
        match self.session.exchange(request, None).await {
            Err(error) if error.code().is_some_and(|code| ALREADY_IN.contains(&code)) => Ok(()),
            result => result.map(|_| ()),
        }
    }
}
