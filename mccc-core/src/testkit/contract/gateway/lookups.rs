//! What the provider remembers, by which a text in doubt is settled.

use std::time::Duration;

use super::desk::{Desk, body};
use super::{GatewayHarness, Report};
use crate::port::{DeliveryStatus, ErrorKind, MessageQuery, PortError, RemoteMessage, Retry};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::{CallerId, PhoneNumber, Timestamp};

fn found(message: Option<RemoteMessage>) -> Result<RemoteMessage, Failure> {
    message.ok_or_else(|| Failure::new("a text that went out is not found"))
}

fn identifiers(messages: &[RemoteMessage]) -> Vec<&str> {
    messages.iter().map(|text| text.provider_message.as_str()).collect()
}

pub(super) async fn a_text_is_found_by_its_identifier(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let sent_at = h.now();
    for n in 1..=2 {
        let accepted = desk.send(n).await?;
        let remote = found(desk.gateway.fetch(&accepted.provider_message).await?)?;
        ensure_eq!(remote.provider_message, accepted.provider_message, "the identifier");
        ensure_eq!(remote.to, Some(build::phone(n)), "the recipient");
        ensure_eq!(remote.from, CallerId::Present(h.ours()), "the sender");
        ensure_eq!(remote.body, body(n), "the text");
        ensure!(!remote.inbound, "a text of ours is taken for a caller's");
        let apart = remote.created_at.since(sent_at).max(sent_at.since(remote.created_at));
        ensure!(apart <= Duration::from_secs(60), "the text is dated {apart:?} away");
    }
    Ok(Done::Passed)
}

pub(super) async fn an_unknown_identifier_is_absence(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    desk.send(1).await?;
    ensure_eq!(
        desk.gateway.fetch(&h.absent_message()).await?,
        None,
        "a message that never was"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_list_is_narrowed_by_both_numbers(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let first = desk.send(1).await?.provider_message;
    h.advance(Duration::from_secs(2));
    let second = desk.send(2).await?.provider_message;
    let ask = |to: Option<PhoneNumber>, from: Option<PhoneNumber>| MessageQuery {
        to,
        from,
        ..desk.about(1)
    };
    let (ours, stranger) = (Some(h.ours()), Some(build::phone(77)));
    for (query, expected) in [
        (ask(Some(build::phone(1)), ours), vec![&first]),
        (ask(Some(build::phone(2)), None), vec![&second]),
        (ask(None, ours), vec![&second, &first]),
        (ask(stranger, ours), vec![]),
        (ask(Some(build::phone(1)), stranger), vec![]),
    ] {
        let listed = desk.gateway.list(&query).await?;
        ensure_eq!(identifiers(&listed), expected, "the answer to {query:?}");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_list_begins_where_it_is_told(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let old = desk.send(1).await?.provider_message;
    h.advance(Duration::from_secs(1_800));
    let new = desk.send(1).await?.provider_message;
    let since = |since: Timestamp| MessageQuery { since, ..desk.about(1) };
    let recent = desk
        .gateway
        .list(&since(h.now().minus(Duration::from_secs(600))))
        .await?;
    ensure_eq!(identifiers(&recent), [new.as_str()], "texts of the last ten minutes");
    let all = desk
        .gateway
        .list(&since(h.now().minus(Duration::from_secs(3_600))))
        .await?;
    ensure_eq!(
        identifiers(&all),
        [new.as_str(), old.as_str()],
        "texts of the last hour"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_list_is_newest_first_and_no_longer_than_asked(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.insert(0, desk.send(1).await?.provider_message);
        h.advance(Duration::from_secs(10));
    }
    for limit in [1, 3, 50_u16] {
        let listed = desk.gateway.list(&MessageQuery { limit, ..desk.about(1) }).await?;
        let expected: Vec<_> = sent.iter().take(usize::from(limit)).collect();
        ensure_eq!(identifiers(&listed), expected, "at most {limit} texts");
    }
    Ok(Done::Passed)
}

pub(super) async fn what_callers_wrote_is_told_apart(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let (caller, text) = (build::phone(1), "Yes please, tomorrow & early");
    desk.send(1).await?;
    if !h.caller_writes(&caller, text).await {
        return Ok(Done::Skipped("this provider does not keep what callers write"));
    }
    let query = MessageQuery {
        to: Some(h.ours()),
        from: Some(caller),
        ..desk.about(1)
    };
    let theirs = desk.gateway.list(&query).await?;
    let theirs: Vec<_> = theirs
        .iter()
        .map(|text| (text.from, text.inbound, text.body.as_str()))
        .collect();
    ensure_eq!(
        theirs,
        [(CallerId::Present(caller), true, text)],
        "what the caller wrote"
    );
    let ours = desk.gateway.list(&desk.about(1)).await?;
    let ours: Vec<_> = ours.iter().map(|text| (text.inbound, text.body.clone())).collect();
    ensure_eq!(ours, [(false, body(1))], "what we wrote to the caller");
    Ok(Done::Passed)
}

pub(super) async fn the_fate_of_a_text_is_seen(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    for (n, report, status, has_code) in [
        (1, Report::Delivered, DeliveryStatus::Delivered, false),
        (2, Report::PhoneOff, DeliveryStatus::Undelivered, true),
        (3, Report::Landline, DeliveryStatus::Undelivered, true),
    ] {
        let accepted = desk.send(n).await?;
        if !h.report(&accepted.provider_message, report).await {
            return Ok(Done::Skipped("this provider reports nothing"));
        }
        let remote = found(desk.gateway.fetch(&accepted.provider_message).await?)?;
        ensure_eq!(remote.status, status, "the status after {report:?}");
        ensure_eq!(remote.error_code.is_some(), has_code, "whether {report:?} has a code");
    }
    Ok(Done::Passed)
}

pub(super) async fn a_provider_that_cannot_be_asked_is_no_absence(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let accepted = desk.send(1).await?;
    if !h.fail_lookups().await {
        return Ok(Done::Skipped("this provider can always be asked"));
    }
    let fetched = desk.gateway.fetch(&accepted.provider_message).await;
    check(fetched.map(|message| message.is_some()))?;
    let listed = desk.gateway.list(&desk.about(1)).await;
    check(listed.map(|messages| !messages.is_empty()))?;
    Ok(Done::Passed)
}

/// A question that was not answered must say so, and may be asked again.
fn check(answer: Result<bool, PortError>) -> Result<(), Failure> {
    let Err(error) = answer else {
        return Err(Failure::new("a provider that did not answer was taken at its word"));
    };
    ensure!(
        matches!(error.retry(), Retry::Backoff | Retry::After(_)),
        "a question may always be asked again, and the verdict is {:?}",
        error.retry()
    );
    ensure!(
        error.kind() != ErrorKind::NotFound,
        "a provider that did not answer was taken to know of nothing"
    );
    Ok(())
}
