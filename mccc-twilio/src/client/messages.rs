//! Texts.

use async_trait::async_trait;
use mccc_core::compliance::SendPermit;
use mccc_core::compliance::gate::Purpose;
use mccc_core::port::{Accepted, MessageQuery, PortError, RemoteMessage, SmsGateway};

use super::rows::MessageRow;
use super::transport::{Request, encode, permit_expired};
use super::{TwilioClient, absent_is_none, checked_sid, parse};
use crate::error::{ADAPTER, Effect};
use crate::routes;
use crate::wire::delivery_status;

const MESSAGE: &[&str] = &["SM", "MM"];
/// Seconds after which a text that is still in the provider's queue is dropped: an answer to a missed call that comes
/// later is worse than none.
const FRESH_SECONDS: &str = "900";
/// The provider's own limit, for texts that keep their worth.
const LASTING_SECONDS: &str = "36000";
const MOST_PER_PAGE: u16 = 1000;

#[async_trait]
impl SmsGateway for TwilioClient {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn confirms_opt_outs(&self) -> bool {
        self.session.config.confirms_opt_outs
    }

    async fn send(&self, permit: SendPermit) -> Result<Accepted, PortError> {
        const OPERATION: &str = "send";
        if !permit.still_valid(self.session.clock.now()) {
            return Err(permit_expired(OPERATION));
        }
        let request = self.send_request(OPERATION, &permit);
        // The permission is looked at again when the open connection asks for the body.
        let body = self.session.exchange(request, Some(permit)).await?;
        let row: MessageRow = parse(OPERATION, Effect::Once, &body)?;
        Ok(Accepted {
            status: delivery_status(&row.status),
            provider_message: row.sid,
        })
    }

    async fn fetch(&self, provider_message: &str) -> Result<Option<RemoteMessage>, PortError> {
        const OPERATION: &str = "fetch";
        let sid = checked_sid(OPERATION, provider_message, MESSAGE)?;
        let request = Request::get(OPERATION, self.account_url(&format!("Messages/{sid}.json")));
        let row: Option<MessageRow> = absent_is_none(self.ask(request).await)?;
        Ok(row.and_then(MessageRow::remote))
    }

    async fn list(&self, query: &MessageQuery) -> Result<Vec<RemoteMessage>, PortError> {
        let (to, from) = (query.to.map(|n| n.to_string()), query.from.map(|n| n.to_string()));
        let per_page = query.limit.clamp(1, MOST_PER_PAGE).to_string();
        let day = day(query.since);
        let mut fields: Vec<(&str, &str)> = vec![("PageSize", &per_page)];
        fields.extend(to.as_deref().map(|to| ("To", to)));
        fields.extend(from.as_deref().map(|from| ("From", from)));
        // The filter is by day and by the time of sending, which a text in the queue does not have yet. Between two
        // numbers the list is short enough without it.
        if to.is_none() || from.is_none() {
            fields.push(("DateSent>", &day));
        }
        let url = self.account_url(&format!("Messages.json?{}", encode(&fields)));
        let recent = |row: MessageRow| row.remote().filter(|message| message.created_at >= query.since);
        let mut messages = self
            .session
            .list("list", url, "messages", usize::from(query.limit), recent)
            .await?;
        messages.sort_by_key(|message| std::cmp::Reverse(message.created_at));
        Ok(messages)
    }
}

impl TwilioClient {
    fn send_request(&self, operation: &'static str, permit: &SendPermit) -> Request {
        let config = &self.session.config;
        let (to, from) = (permit.to().to_string(), permit.from().to_string());
        let callback = format!(
            "{}{}",
            routes::sms_status(&config.public_base_url, permit.message()),
            routes::RETRIED
        );
        let mut fields: Vec<(&str, &str)> = vec![
            ("To", &to),
            ("From", &from),
            ("Body", permit.body()),
            ("StatusCallback", &callback),
            ("ValidityPeriod", validity(permit.purpose())),
        ];
        fields.extend(
            config
                .messaging_service
                .as_deref()
                .map(|service| ("MessagingServiceSid", service)),
        );
        Request::post(operation, Effect::Once, self.account_url("Messages.json"), &fields)
    }
}

const fn validity(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::AutoText
        | Purpose::Hangup
        | Purpose::VoicemailAck
        | Purpose::Emergency
        | Purpose::Reply
        | Purpose::Followup
        | Purpose::Help
        | Purpose::OptOutConfirmation => FRESH_SECONDS,
        Purpose::Manual
        | Purpose::AppointmentConfirmation
        | Purpose::AppointmentReminder
        | Purpose::AppointmentCancelled
        | Purpose::OwnerNotice => LASTING_SECONDS,
    }
}

/// The day of an instant in UTC, as the filters of lists want it.
pub(super) fn day(at: mccc_core::Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d").to_string()
}
