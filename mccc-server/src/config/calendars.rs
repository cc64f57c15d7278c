//! The calendar services of an installation.

use mccc_calendar::webcal::Reach;
use mccc_core::Secret;
use serde::Deserialize;

use super::Reader;

/// The calendar services of an installation.
#[derive(Debug, Clone, Default)]
pub struct CalendarServices {
    /// This installation as Google knows it; nothing means that Google Calendar cannot be connected.
    pub google: Option<GoogleApp>,
    /// Base address of Cal.com, for one's own installation of it and for tests.
    pub calcom_url: Option<String>,
    /// Where calendars that are only read may be: on machines that everybody can reach, or anywhere.
    pub others_from: Reach,
}

/// This installation as Google knows it.
#[derive(Debug, Clone)]
pub struct GoogleApp {
    /// Identifier of the OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Base address of the consent page, for tests.
    pub accounts_url: Option<String>,
    /// Base address of tokens, for tests.
    pub oauth_url: Option<String>,
    /// Base address of calendars, for tests.
    pub api_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GoogleFile {
    client_id: Option<String>,
    client_secret: Option<Secret>,
    accounts_url: Option<String>,
    oauth_url: Option<String>,
    api_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CalcomFile {
    api_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OthersFile {
    allow_private: Option<bool>,
}

impl Reader<'_> {
    pub(super) fn calendars(
        &mut self,
        (google, calcom, others): (GoogleFile, CalcomFile, OthersFile),
        public_url: Option<&str>,
    ) -> CalendarServices {
        CalendarServices {
            google: self.google(google, public_url),
            calcom_url: self.address("calcom.api_url", "MCCC_CALCOM_API_URL", calcom.api_url),
            others_from: {
                let allowed = self.parsed::<bool>("MCCC_OTHER_CALENDARS_ALLOW_PRIVATE", "true or false");
                match allowed.or(others.allow_private) {
                    Some(true) => Reach::Anywhere,
                    Some(false) | None => Reach::Public,
                }
            },
        }
    }

    fn google(&mut self, file: GoogleFile, public_url: Option<&str>) -> Option<GoogleApp> {
        let accounts_url = self.address("google.accounts_url", "MCCC_GOOGLE_ACCOUNTS_URL", file.accounts_url);
        let oauth_url = self.address("google.oauth_url", "MCCC_GOOGLE_OAUTH_URL", file.oauth_url);
        let api_url = self.address("google.api_url", "MCCC_GOOGLE_API_URL", file.api_url);
        let id = self.text("MCCC_GOOGLE_CLIENT_ID").or(file.client_id);
        let secret = self.text("MCCC_GOOGLE_CLIENT_SECRET").map(Secret::new);
        let secret = secret.or(file.client_secret);
        let id = id.filter(|id| !id.is_empty());
        let secret = secret.filter(|secret| !secret.is_empty());
        let (client_id, client_secret) = match (id, secret) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => return None,
            (Some(_), None) => {
                self.wrong(
                    "google.client_secret",
                    "client_id is given without client_secret; nobody could connect",
                );
                return None;
            }
            (None, Some(_)) => {
                self.wrong("google.client_id", "client_secret is given without client_id");
                return None;
            }
        };
        match public_url {
            None => self.wrong(
                "public_url",
                "required with Google Calendar: Google sends people back to it, exactly as it is registered there",
            ),
            // Google takes nothing else ("Using OAuth 2.0 for Web Server Applications", read 2026-11).
            Some(url) if !url.starts_with("https://") && !is_this_machine(url) => self.wrong(
                "public_url",
                "must begin with https:// with Google Calendar, except on this machine alone",
            ),
            Some(_) => {}
        }
        Some(GoogleApp {
            client_id,
            client_secret,
            accounts_url,
            oauth_url,
            api_url,
        })
    }

    /// A base address that can be set to a sandbox or a test.
    fn address(&mut self, key: &str, variable: &str, file: Option<String>) -> Option<String> {
        let text = self.text(variable).or(file)?;
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let good = host.is_some_and(|host| !host.is_empty() && !host.contains(['?', '#', ' ', '@']));
        if !good {
            self.wrong(key, "expected an address such as https://api.example.com");
        }
        good.then_some(text)
    }
}

fn is_this_machine(url: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    matches!(host, "localhost" | "127.0.0.1")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::read;
    use crate::cli::ServeArgs;

    fn mistakes(file: &str, env: &[(&str, &str)]) -> Vec<String> {
        let env: BTreeMap<String, String> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        match read(Some(file), &env, &ServeArgs::default()) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.0.into_iter().map(|mistake| mistake.key).collect(),
        }
    }

    #[test]
    fn every_mistake_of_the_calendars_is_reported_at_once() {
        let file = "[google]\nclient_id = \"id\"\napi_url = \"nowhere\"\n[calcom]\napi_url = \"ftp://cal\"";
        assert_eq!(
            mistakes(file, &[("MCCC_GOOGLE_OAUTH_URL", "x")]),
            [
                "google.oauth_url",
                "google.api_url",
                "google.client_secret",
                "calcom.api_url"
            ]
        );
        assert_eq!(mistakes("[google]\nclient_secret = \"s\"", &[]), ["google.client_id"]);
    }

    #[test]
    fn google_needs_an_address_that_it_sends_people_back_to() {
        let file = "[google]\nclient_id = \"id\"\nclient_secret = \"s\"";
        assert_eq!(mistakes(file, &[]), ["public_url"]);
        for (url, good) in [
            ("https://calls.example.com", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", true),
            ("http://calls.example.com", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(mistakes(file, &[("MCCC_PUBLIC_URL", url)]).is_empty(), good, "{url}");
        }
    }

    #[test]
    fn private_networks_are_read_only_where_it_is_said() {
        use mccc_calendar::webcal::Reach;
        let reach = |file: &str, env: &[(&str, &str)]| {
            let env = env
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            read(Some(file), &env, &ServeArgs::default())
                .unwrap()
                .calendars
                .others_from
        };
        let on = "[other_calendars]\nallow_private = true";
        let variable = "MCCC_OTHER_CALENDARS_ALLOW_PRIVATE";
        assert_eq!(reach("", &[]), Reach::Public);
        assert_eq!(reach(on, &[]), Reach::Anywhere);
        assert_eq!(reach("", &[(variable, "true")]), Reach::Anywhere);
        assert_eq!(reach(on, &[(variable, "false")]), Reach::Public);
        assert_eq!(mistakes("", &[(variable, "perhaps")]), [variable]);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "[google]\nclient_id = \"file\"\nclient_secret = \"s\"";
        let env = [
            ("MCCC_PUBLIC_URL", "https://calls.example.com"),
            ("MCCC_GOOGLE_CLIENT_ID", "environment"),
            ("MCCC_CALCOM_API_URL", "https://cal.example.com"),
        ];
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let config = read(Some(file), &env, &ServeArgs::default()).unwrap();
        assert_eq!(
            config.calendars.google.map(|google| google.client_id).as_deref(),
            Some("environment")
        );
        assert_eq!(config.calendars.calcom_url.as_deref(), Some("https://cal.example.com"));
    }
}
