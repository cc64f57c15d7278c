//! Texts that nothing stands in the way of, and permits that run out.

use std::collections::BTreeSet;
use std::time::Duration;

use super::desk::{Desk, NO_SUCH_FAULT, body, message};
use super::{GatewayHarness, SendFault};
use crate::compliance::SendPermit;
use crate::port::{DeliveryStatus, Retry};
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

pub(super) async fn a_text_goes_out_once_and_as_permitted(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let accepted = desk.send(1).await?;
    ensure!(
        !accepted.provider_message.is_empty(),
        "an accepted text has no identifier"
    );
    ensure!(
        !matches!(
            accepted.status,
            DeliveryStatus::Failed | DeliveryStatus::Undelivered | DeliveryStatus::Canceled
        ),
        "a text that was refused ({:?}) was called accepted",
        accepted.status
    );
    let out = h.went_out().await;
    ensure_eq!(out.len(), 1, "texts that went out");
    for text in out {
        ensure_eq!(text.from, h.ours(), "the sender");
        ensure_eq!(text.to, build::phone(1), "the recipient");
        ensure_eq!(text.body, body(1), "the text");
        ensure_eq!(text.provider_message, accepted.provider_message, "the identifier");
    }
    Ok(Done::Passed)
}

pub(super) async fn every_character_arrives(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let hard = [
        HARD_TEXT,
        "a&b=c+d %41 100% <b>\"x\"</b> 'y' \\ / ?#;",
        "Señor Peña, mañana a las 9 — ¿está bien? 🔧🇲🇽",
        "two\nlines",
    ];
    for (n, text) in (1..).zip(hard) {
        desk.gateway.send(desk.permit_saying(n, text)).await?;
        let arrived: Vec<String> = desk.went_out_to(n).await.into_iter().map(|text| text.body).collect();
        ensure_eq!(arrived, [text], "what arrived");
    }
    Ok(Done::Passed)
}

pub(super) async fn the_request_carries_our_own_identifier(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    for n in 1..=2 {
        desk.send(n).await?;
    }
    let carried: Vec<_> = h.went_out().await.into_iter().map(|text| text.message).collect();
    ensure_eq!(
        carried,
        [Some(message(1)), Some(message(2))],
        "our identifiers, without which the news about a text whose answer was lost belong to nobody"
    );
    Ok(Done::Passed)
}

pub(super) async fn texts_at_once_do_not_mix(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let answers = futures_util::future::join_all((1..=20).map(|n| desk.send(n))).await;
    let mut identifiers = BTreeSet::new();
    for (n, answer) in (1..).zip(answers) {
        let accepted = answer?;
        let out = desk.went_out_to(n).await;
        let found: Vec<_> = out.iter().map(|text| (&text.provider_message, &text.body)).collect();
        ensure_eq!(found, [(&accepted.provider_message, &body(n))], "what went out to {n}");
        identifiers.insert(accepted.provider_message);
    }
    ensure_eq!(identifiers.len(), 20, "different identifiers");
    Ok(Done::Passed)
}

pub(super) async fn an_expired_permit_is_refused_and_nothing_is_written(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let permit = desk.permit(1);
    h.advance(SendPermit::LIFETIME + Duration::from_secs(1));
    let Err(error) = desk.gateway.send(permit).await else {
        return Err(Failure::new("a text went out on a permit that had run out"));
    };
    ensure_eq!(
        error.retry(),
        Retry::Backoff,
        "the verdict on a permit that has run out"
    );
    ensure!(
        h.went_out().await.is_empty(),
        "a text without a valid permit was written"
    );
    desk.send(1).await?;
    Ok(Done::Passed)
}

pub(super) async fn a_permit_that_expires_on_the_way_is_refused_and_nothing_is_written(
    h: &dyn GatewayHarness,
) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, SendFault::SlowConnection).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(
        error.retry(),
        Retry::Backoff,
        "the verdict on a permit that ran out meanwhile"
    );
    ensure!(
        h.went_out().await.is_empty(),
        "a text without a valid permit was written"
    );
    Ok(Done::Passed)
}
