//! Numbers: searched, bought, pointed at us, given back.

use mccc_core::PhoneNumber;
use mccc_core::port::{ErrorKind, NumberOffer, NumberQuery, NumberSetup, OwnedNumber, PortError, Retry};

use super::calls::is_absent;
use super::rows::{NumberRow, OfferRow};
use super::transport::{Request, encode};
use super::{TwilioClient, checked_sid};
use crate::config::TwilioConfig;
use crate::error::{ADAPTER, Effect, unusable};
use crate::routes;

const NUMBER: &[&str] = &["PN"];
/// Longest name of a number in the provider's console, in characters.
const MOST_NAME: usize = 64;

impl TwilioClient {
    pub(super) async fn search(&self, query: &NumberQuery) -> Result<Vec<NumberOffer>, PortError> {
        const OPERATION: &str = "search_numbers";
        let area_code = query.area_code.as_deref();
        if area_code.is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(unusable(OPERATION, "An area code has three digits."));
        }
        let per_page = query.limit.max(1).to_string();
        let mut fields = vec![
            ("VoiceEnabled", "true"),
            ("SmsEnabled", "true"),
            ("PageSize", per_page.as_str()),
        ];
        fields.extend(area_code.map(|code| ("AreaCode", code)));
        let country = &self.session.config.country;
        let url = self.account_url(&format!(
            "AvailablePhoneNumbers/{country}/Local.json?{}",
            encode(&fields)
        ));
        let offer = |row: OfferRow| Some(row.offer());
        self.session
            .list(
                OPERATION,
                url,
                "available_phone_numbers",
                usize::from(query.limit),
                offer,
            )
            .await
    }

    pub(super) async fn buy(&self, number: &PhoneNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        let phone_number = number.to_string();
        let addresses = Addresses::new(&self.session.config, &setup.public_base_url);
        let name = name(setup);
        let mut fields = vec![("PhoneNumber", phone_number.as_str()), ("FriendlyName", &name)];
        fields.extend(addresses.fields());
        let url = self.account_url("IncomingPhoneNumbers.json");
        let row: NumberRow = self
            .ask(Request::post("buy_number", Effect::Once, url, &fields))
            .await?;
        let owned = addresses.owned(&row);
        // The number is ours now, whatever follows: what is still missing shows as not configured.
        let in_service = self.join_service(&owned).await.is_ok();
        Ok(OwnedNumber {
            configured: owned.configured && in_service,
            ..owned
        })
    }

    pub(super) async fn owned(&self, number: &PhoneNumber) -> Result<Option<OwnedNumber>, PortError> {
        let query = encode(&[("PhoneNumber", &number.to_string()), ("PageSize", "20")]);
        let url = self.account_url(&format!("IncomingPhoneNumbers.json?{query}"));
        let addresses = Addresses::new(&self.session.config, &self.session.config.public_base_url);
        // The provider's filter also matches parts of numbers.
        let exact = |row: NumberRow| {
            if row.phone_number == *number {
                Some(addresses.owned(&row))
            } else {
                None
            }
        };
        let found = self
            .session
            .list("owned_number", url, "incoming_phone_numbers", 1, exact)
            .await?;
        Ok(found.into_iter().next())
    }

    pub(super) async fn configure(&self, owned: &OwnedNumber, setup: &NumberSetup) -> Result<OwnedNumber, PortError> {
        const OPERATION: &str = "configure_number";
        let sid = checked_sid(OPERATION, &owned.provider_number, NUMBER)?;
        let url = self.account_url(&format!("IncomingPhoneNumbers/{sid}.json"));
        let addresses = Addresses::new(&self.session.config, &setup.public_base_url);
        let name = name(setup);
        // An application or a trunk would take the calls and texts, and the addresses would only be for show.
        let mut fields = vec![
            ("FriendlyName", name.as_str()),
            ("VoiceApplicationSid", ""),
            ("SmsApplicationSid", ""),
            ("TrunkSid", ""),
        ];
        fields.extend(addresses.fields());
        let change = Request::post(OPERATION, Effect::Repeatable, url.clone(), &fields);
        self.session.exchange(change, None).await?;
        self.join_service(owned).await?;
        let row: NumberRow = self.ask(Request::get(OPERATION, url)).await?;
        let read_back = addresses.owned(&row);
        if !read_back.configured {
            return Err(PortError::new(ADAPTER, OPERATION, ErrorKind::Protocol, Retry::Backoff)
                .with_reason("Your phone provider did not keep the number's settings."));
        }
        Ok(read_back)
    }

    pub(super) async fn release(&self, owned: &OwnedNumber) -> Result<(), PortError> {
        const OPERATION: &str = "release_number";
        let sid = checked_sid(OPERATION, &owned.provider_number, NUMBER)?;
        let url = self.account_url(&format!("IncomingPhoneNumbers/{sid}.json"));
        match self.session.exchange(Request::delete(OPERATION, url), None).await {
            Err(error) if is_absent(&error) => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

/// Where a number's webhooks go.
struct Addresses {
    voice: String,
    voice_fallback: String,
    voice_status: String,
    sms: String,
}

impl Addresses {
    fn new(config: &TwilioConfig, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        let at = |path: &str, retries: &str| format!("{base}{path}{retries}");
        Self {
            voice: at(routes::VOICE, routes::RECONNECTED),
            voice_fallback: config
                .voice_fallback_url
                .clone()
                .unwrap_or_else(|| at(routes::VOICE_FALLBACK, "")),
            voice_status: at(routes::VOICE_STATUS, routes::RETRIED),
            sms: at(routes::SMS, routes::RETRIED),
        }
    }

    fn fields(&self) -> [(&str, &str); 10] {
        [
            ("VoiceUrl", &self.voice),
            ("VoiceMethod", "POST"),
            ("VoiceFallbackUrl", &self.voice_fallback),
            ("VoiceFallbackMethod", "POST"),
            ("StatusCallback", &self.voice_status),
            ("StatusCallbackMethod", "POST"),
            ("SmsUrl", &self.sms),
            ("SmsMethod", "POST"),
            ("SmsFallbackUrl", &self.sms),
            ("SmsFallbackMethod", "POST"),
        ]
    }

    fn owned(&self, row: &NumberRow) -> OwnedNumber {
        let is = |found: &Option<String>, ours: &str| found.as_deref().is_some_and(|url| address(url) == address(ours));
        let points_here = is(&row.voice_url, &self.voice)
            && is(&row.sms_url, &self.sms)
            && is(&row.status_callback, &self.voice_status);
        OwnedNumber {
            number: row.phone_number,
            provider_number: row.sid.clone(),
            configured: points_here && !row.is_taken_over(),
            sms: row.sms(),
        }
    }
}

/// The address without what tells the provider how to retry.
fn address(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

fn name(setup: &NumberSetup) -> String {
    setup.friendly_name.chars().take(MOST_NAME).collect()
}
