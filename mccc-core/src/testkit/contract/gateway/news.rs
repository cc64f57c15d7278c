//! The provider's news about our texts, as the adapter reads them.

use std::future::{Ready, ready};

use super::desk::{Desk, message};
use super::{GatewayHarness, News, Report};
use crate::port::{DeliveryStatus, FailureClass, RawWebhook, TextProgress};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const NO_NEWS: Done = Done::Skipped("this adapter reads no news");

/// What the adapter reads of `report` about the `n`-th text, and the provider's identifier of it.
async fn read(desk: &Desk<'_>, n: u32, report: Report) -> Result<Option<(String, TextProgress)>, Failure> {
    let accepted = desk.send(n).await?;
    let news = News {
        message: message(n),
        provider_message: accepted.provider_message.clone(),
        from: desk.harness.ours(),
        to: build::phone(n),
        report,
    };
    match desk.harness.news(&news).await {
        Some(read) => Ok(Some((accepted.provider_message, read?))),
        None => Ok(None),
    }
}

pub(super) async fn news_name_our_text_and_say_what_became_of_it(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    for (n, report, status, failure) in [
        (1, Report::Sent, DeliveryStatus::Sent, None),
        (2, Report::Delivered, DeliveryStatus::Delivered, None),
        (
            3,
            Report::PhoneOff,
            DeliveryStatus::Undelivered,
            Some(FailureClass::Transient),
        ),
        (
            4,
            Report::Landline,
            DeliveryStatus::Undelivered,
            Some(FailureClass::Landline),
        ),
        (
            5,
            Report::Filtered,
            DeliveryStatus::Undelivered,
            Some(FailureClass::Content),
        ),
    ] {
        let Some((identifier, read)) = read(&desk, n, report).await? else {
            return Ok(NO_NEWS);
        };
        ensure_eq!(read.message, Some(message(n)), "our identifier");
        ensure_eq!(read.provider_message, identifier, "the provider's identifier");
        ensure!(
            read.from.is_none_or(|from| from == h.ours()),
            "the news name another sender"
        );
        ensure_eq!(read.status, status, "the status of {report:?}");
        ensure_eq!(read.failure, failure, "what stopped {report:?}");
        ensure_eq!(
            read.reason.is_some(),
            failure.is_some(),
            "whether {report:?} is explained"
        );
        ensure_eq!(
            read.error_code.is_some(),
            failure.is_some(),
            "whether {report:?} has a code"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn a_new_word_is_neither_success_nor_failure(h: &dyn GatewayHarness) -> Checked {
    let Some((_, read)) = read(&Desk::of(h), 1, Report::NewWord).await? else {
        return Ok(NO_NEWS);
    };
    ensure_eq!(
        (read.status, read.failure),
        (DeliveryStatus::Other, None),
        "a status that did not exist when the adapter was written"
    );
    Ok(Done::Passed)
}

pub(super) fn news_without_proof_of_origin_are_refused(h: &dyn GatewayHarness) -> Ready<Checked> {
    ready(refuses_strangers(h))
}

fn refuses_strangers(h: &dyn GatewayHarness) -> Checked {
    let Some(source) = h.source() else {
        return Ok(Done::Skipped("this adapter takes no webhooks"));
    };
    for signature in [
        None,
        Some(""),
        Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        Some("é"),
        Some("sha256=00"),
    ] {
        for (content_type, body) in [
            (
                "application/x-www-form-urlencoded",
                &b"MessageSid=SM1&MessageStatus=delivered"[..],
            ),
            ("application/json", br#"{"id":"SM1","status":"delivered"}"#),
            ("application/json", b""),
        ] {
            let request = RawWebhook {
                method: "POST",
                target: "/news?a=b",
                content_type: Some(content_type),
                signature,
                body,
            };
            ensure!(
                source.check(&request).is_err(),
                "a request of unknown origin was accepted: {content_type}, signature {signature:?}"
            );
        }
    }
    Ok(Done::Passed)
}
