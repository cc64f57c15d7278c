//! Texts that reach us, and how texts of ours go on.

use mccc_core::port::{DeliveryStatus, GatewayConsent, InboundText, TextProgress};
use mccc_core::{CallerId, MessageId, PhoneNumber};

use super::field::{MAX_SHORT, WireError, number, optional, our_number, required, sid};
use super::status::delivery_status;
use crate::code;
use crate::form::Form;

/// Longest text in bytes: the provider passes on 1,600 characters.
const MAX_BODY: usize = 16 * 1024;
const MESSAGE: &[&str] = &["SM", "MM"];

/// Reads a request to the text address.
///
/// # Errors
/// Names the field that is missing or impossible. A status callback is refused: it has a `MessageStatus`.
pub fn inbound_text(form: &Form) -> Result<InboundText, WireError> {
    if form.get("MessageStatus").is_some() {
        return Err(WireError::Invalid("MessageStatus"));
    }
    let body = form.get("Body").unwrap_or_default();
    if body.len() > MAX_BODY {
        return Err(WireError::TooLong("Body"));
    }
    Ok(InboundText {
        provider_message: sid(form, "MessageSid", MESSAGE)?,
        account: sid(form, "AccountSid", &["AC"])?,
        from: CallerId::from_raw(required(form, "From", MAX_SHORT)?),
        to: our_number(form, "To")?,
        body: body.to_owned(),
        media_count: number(form, "NumMedia").unwrap_or(0),
        gateway_consent: optional(form, "OptOutType").and_then(consent),
    })
}

fn consent(word: &str) -> Option<GatewayConsent> {
    match word.to_ascii_uppercase().as_str() {
        "STOP" => Some(GatewayConsent::Stop),
        "START" => Some(GatewayConsent::Start),
        "HELP" => Some(GatewayConsent::Help),
        _ => None,
    }
}

/// Reads news about a text of ours. `message` is what the path of the callback names.
///
/// # Errors
/// Names the field that is missing or impossible.
pub fn text_progress(form: &Form, message: Option<MessageId>) -> Result<TextProgress, WireError> {
    let status = delivery_status(required(form, "MessageStatus", MAX_SHORT)?);
    let error_code = number(form, "ErrorCode").filter(|code| *code != 0);
    let failed = match status {
        DeliveryStatus::Undelivered | DeliveryStatus::Failed => true,
        DeliveryStatus::Queued
        | DeliveryStatus::Sending
        | DeliveryStatus::Sent
        | DeliveryStatus::Delivered
        | DeliveryStatus::Canceled
        | DeliveryStatus::Other => false,
    };
    let meaning = error_code.filter(|_| failed).map(code::meaning);
    Ok(TextProgress {
        message,
        provider_message: sid(form, "MessageSid", MESSAGE)?,
        from: optional(form, "From").and_then(|raw| PhoneNumber::parse(raw).ok()),
        status,
        error_code,
        failure: meaning.map(|meaning| meaning.class),
        reason: meaning.and_then(|meaning| meaning.reason).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use mccc_core::port::FailureClass;

    use super::*;

    const TEXT: &str = "MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef\
                        &From=%2B15125550100&To=%2B15125550199";

    fn form(extra: &str) -> Form {
        Form::decode(format!("{TEXT}&{extra}").as_bytes()).unwrap()
    }

    #[test]
    fn a_text_is_read_as_it_was_written() {
        let text = inbound_text(&form(
            "Body=+Stop%21%0A%F0%9F%91%8D+&NumMedia=2&OptOutType=STOP&SmsStatus=received",
        ))
        .unwrap();
        assert_eq!(text.body, " Stop!\n👍 ");
        assert_eq!(
            (text.media_count, text.gateway_consent),
            (2, Some(GatewayConsent::Stop))
        );
        let picture = inbound_text(&form("Body=&NumMedia=1")).unwrap();
        assert_eq!((picture.body.as_str(), picture.gateway_consent), ("", None));
    }

    #[test]
    fn short_codes_and_names_are_no_callers() {
        for from in ["72975", "ACME"] {
            let rest = TEXT.replace("%2B15125550100", from);
            let text = inbound_text(&Form::decode(rest.as_bytes()).unwrap()).unwrap();
            assert_eq!(text.from, CallerId::Invalid, "{from}");
        }
    }

    #[test]
    fn impossible_texts_name_their_field() {
        assert_eq!(
            inbound_text(&form("MessageStatus=sent")),
            Err(WireError::Invalid("MessageStatus"))
        );
        let long = form(&format!("Body={}", "a".repeat(MAX_BODY + 1)));
        assert_eq!(inbound_text(&long), Err(WireError::TooLong("Body")));
        let anonymous = TEXT.replace("&From=%2B15125550100", "");
        let anonymous = Form::decode(anonymous.as_bytes()).unwrap();
        assert_eq!(inbound_text(&anonymous), Err(WireError::Missing("From")));
    }

    #[test]
    fn progress_carries_what_the_code_means() {
        let landline = text_progress(&form("MessageStatus=undelivered&ErrorCode=30006"), None).unwrap();
        assert_eq!(landline.status, DeliveryStatus::Undelivered);
        assert_eq!(
            (landline.error_code, landline.failure),
            (Some(30006), Some(FailureClass::Landline))
        );
        assert!(landline.reason.unwrap().contains("landline"));
        let sent = text_progress(&form("MessageStatus=sent&ErrorCode=0"), None).unwrap();
        assert_eq!((sent.error_code, sent.failure, sent.reason), (None, None, None));
        let new = text_progress(&form("MessageStatus=pondering"), None).unwrap();
        assert_eq!(new.status, DeliveryStatus::Other);
        assert_eq!(
            text_progress(&form("SmsStatus=received"), None),
            Err(WireError::Missing("MessageStatus"))
        );
    }
}
