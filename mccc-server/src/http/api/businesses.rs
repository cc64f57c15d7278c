//! A business as its pages need it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mccc_core::business::{NumberKind, OptOutReply, Owner};
use mccc_core::zone::Zone;
use mccc_core::{PhoneNumber, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Reply;
use super::routing::Span;
use crate::http::auth::Member;
use crate::http::state::Api;

/// How far from now the zone's offsets are listed, each way.
const OFFSETS_REACH: Duration = Duration::from_secs(2 * 366 * 24 * 3_600);

/// A business.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BusinessView {
    /// Identifier.
    id: String,
    /// Name that callers know.
    name: String,
    /// IANA zone of every local time of the business.
    #[schema(example = "America/Chicago")]
    zone: String,
    /// From which instant on the zone's clock is how far from UTC, two years either side of today.
    zone_offsets: Vec<ZoneOffset>,
    /// What the business does, such as `plumbing`.
    trade: String,
    /// The owner's name.
    owner_name: String,
    /// The published number.
    business_phone: Option<PhoneView>,
    /// When the business is open. Chooses wordings, never methods.
    business_hours: Vec<Span>,
    /// The numbers of ours that belong to the business.
    numbers: Vec<NumberView>,
    /// How the business's phone reaches us.
    forwarding: ForwardingSummary,
    /// Whether a voice agent can take calls.
    voice_ready: bool,
    /// How texts are sent.
    sms: SmsView,
    /// Raised by every saved change.
    settings_version: u64,
}

/// From an instant on, the zone's clock is this far from UTC.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct ZoneOffset {
    /// From when on.
    #[schema(format = DateTime)]
    from: String,
    /// Seconds the clock is ahead of UTC.
    offset_seconds: i32,
    /// As people write it, such as `CST`.
    abbreviation: String,
}

/// A telephone number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PhoneView {
    /// In E.164 form.
    #[schema(example = "+15125550100")]
    phone: String,
    /// As people write it.
    #[schema(example = "(512) 555-0100")]
    national: String,
}

impl From<PhoneNumber> for PhoneView {
    fn from(phone: PhoneNumber) -> Self {
        Self {
            phone: phone.to_string(),
            national: phone.national(),
        }
    }
}

/// A number of ours.
#[derive(Debug, Serialize, ToSchema)]
struct NumberView {
    /// In E.164 form.
    phone: String,
    /// As people write it.
    national: String,
    /// `forwarding` or `public`.
    kind: &'static str,
}

/// How the business's phone reaches us.
#[derive(Debug, Serialize, ToSchema)]
struct ForwardingSummary {
    /// The number to forward to.
    number: Option<String>,
    /// As people write it.
    national: Option<String>,
    /// Whether a test has proved it.
    verified: bool,
    /// When it was proved.
    #[schema(format = DateTime)]
    verified_at: Option<String>,
    /// The contractor's phone company, as a key of the guides.
    provider: Option<String>,
    /// How the purchase of the number stands, while there is none.
    provisioning: Option<ProvisioningView>,
}

/// How the purchase of a forwarding number stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProvisioningView {
    /// When it was asked for.
    #[schema(format = DateTime)]
    since: String,
    /// Why it failed; null while it goes on.
    failed: Option<String>,
    /// The provider's code of the failure.
    code: Option<u32>,
}

/// How texts are sent.
#[derive(Debug, Serialize, ToSchema)]
struct SmsView {
    /// Whether texts are sent at all.
    enabled: bool,
    /// Whether the sender is registered with the carriers.
    registered: bool,
    /// Who confirms an opt-out: `gateway` or `app`.
    opt_out_reply: &'static str,
}

/// The number calls are forwarded to.
#[must_use]
pub(super) fn forwarding_number(owner: &Owner) -> Option<PhoneNumber> {
    let forwarding = owner.lines.iter().find(|line| line.kind == NumberKind::Forwarding);
    forwarding.or(owner.lines.first()).map(|line| line.number)
}

/// How the purchase stands.
#[must_use]
pub(super) fn provisioning(owner: &Owner) -> Option<ProvisioningView> {
    owner
        .settings
        .telephone
        .provisioning
        .as_ref()
        .map(|going| ProvisioningView {
            since: going.since.to_string(),
            failed: going.failed.clone(),
            code: going.code,
        })
}

/// A business.
#[utoipa::path(
    get, path = "/businesses/{business}", tag = "businesses",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = BusinessView, description = "The business."))
)]
pub(super) async fn business(State(api): State<Api>, member: Member) -> Reply<BusinessView> {
    let owner = api.app.center.business(member.business).await?;
    let settings = &owner.settings;
    let number = forwarding_number(&owner);
    Ok(Json(BusinessView {
        id: owner.business.to_string(),
        name: settings.profile.name.clone(),
        zone: owner.zone().name().to_owned(),
        zone_offsets: offsets(owner.zone(), api.app.clock.now()),
        trade: settings.profile.trade.clone(),
        owner_name: settings.profile.owner_name.clone(),
        business_phone: settings.profile.business_phone.map(Into::into),
        business_hours: settings.schedule.business_hours.iter().map(Into::into).collect(),
        numbers: owner
            .lines
            .iter()
            .map(|line| NumberView {
                phone: line.number.to_string(),
                national: line.number.national(),
                kind: match line.kind {
                    NumberKind::Forwarding => "forwarding",
                    NumberKind::Public => "public",
                },
            })
            .collect(),
        forwarding: ForwardingSummary {
            number: number.map(|number| number.to_string()),
            national: number.map(|number| number.national()),
            verified: settings.telephone.forwarding_verified_at.is_some(),
            verified_at: settings.telephone.forwarding_verified_at.map(|at| at.to_string()),
            provider: settings.telephone.forwarding_provider.clone(),
            provisioning: provisioning(&owner),
        },
        voice_ready: false,
        sms: SmsView {
            enabled: settings.texting.enabled,
            registered: settings.texting.registered,
            opt_out_reply: match settings.texting.opt_out_reply {
                OptOutReply::Gateway => "gateway",
                OptOutReply::App => "app",
            },
        },
        settings_version: owner.version,
    }))
}

fn offsets(zone: &Zone, now: Timestamp) -> Vec<ZoneOffset> {
    let (mut at, until) = (now.minus(OFFSETS_REACH), now.plus(OFFSETS_REACH));
    let mut offsets = Vec::new();
    loop {
        offsets.push(ZoneOffset {
            from: at.to_string(),
            offset_seconds: zone.offset_seconds(at),
            abbreviation: zone.abbreviation(at),
        });
        match zone.next_transition(at) {
            Some(next) if next <= until => at = next,
            Some(_) | None => return offsets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_name_every_change_of_the_clocks() {
        let zone = Zone::parse("America/Chicago").unwrap();
        let listed = offsets(&zone, Timestamp::parse("2026-11-21T00:00:00Z").unwrap());
        // Two years either side hold eight changes.
        assert_eq!(listed.len(), 9);
        let november = listed.iter().find(|one| one.from == "2026-11-01T07:00:00Z").unwrap();
        assert_eq!(
            (november.offset_seconds, november.abbreviation.as_str()),
            (-6 * 3_600, "CST")
        );
        let phoenix = offsets(
            &Zone::parse("America/Phoenix").unwrap(),
            Timestamp::from_seconds(1_800_000_000),
        );
        assert_eq!(phoenix.len(), 1);
    }
}
