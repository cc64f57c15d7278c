//! The address of a published calendar.

use std::fmt;
use std::net::IpAddr;

use mccc_core::Secret;
use reqwest::Url;

use super::Reach;
use super::reach::is_public;

/// Characters of an address.
const LONGEST: usize = 2_048;

/// An address that may be asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.host()).finish()
    }
}

/// Why an address cannot be used. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("this is not an address; copy the whole of it, from https:// or webcal:// to its end")]
    Malformed,
    /// It is not encrypted on its way.
    #[error("the address must begin with https:// or webcal://")]
    Scheme,
    /// It carries a name or password.
    #[error("the address must not hold a name or password before its host")]
    Credentials,
    /// It leads to a machine that only this installation can reach.
    #[error("the address leads into a private network, which is not read")]
    Private,
}

impl Address {
    /// Reads an address. `webcal` is what `https` is called where a calendar is meant.
    ///
    /// # Errors
    /// Names the broken rule and never repeats the text.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > LONGEST || text.chars().any(char::is_whitespace) {
            return Err(AddressError::Malformed);
        }
        let lower = text.get(..9).map(str::to_ascii_lowercase);
        let https = match lower.as_deref() {
            Some("webcal://") => text.get(9..).map(|rest| format!("https://{rest}")),
            Some("webcals:/") => text.get(10..).map(|rest| format!("https://{rest}")),
            Some(_) | None => None,
        };
        let url = Url::parse(https.as_deref().unwrap_or(text)).map_err(|_| AddressError::Malformed)?;
        Self::checked(url, reach)
    }

    fn checked(mut url: Url, reach: Reach) -> Result<Self, AddressError> {
        match (url.scheme(), reach) {
            ("https", _) | ("http", Reach::Anywhere) => {}
            _ => return Err(AddressError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(AddressError::Malformed)?;
        // A name is judged when it is looked up; what is written as a number is never looked up.
        let number: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if reach == Reach::Public && number.is_some_and(|number| !is_public(number)) {
            return Err(AddressError::Private);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// Where a redirect leads from here.
    pub(super) fn redirected(&self, to: &str, reach: Reach) -> Result<Self, AddressError> {
        let url = self.0.join(to).map_err(|_| AddressError::Malformed)?;
        Self::checked(url, reach)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// The host: the one part that is no secret.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The whole, for keeping it sealed.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_calendars_give_it() {
        for (text, url) in [
            (
                " https://calendar.google.com/calendar/ical/jo%40example.com/private-1/basic.ics ",
                "https://calendar.google.com/calendar/ical/jo%40example.com/private-1/basic.ics",
            ),
            (
                "webcal://p01-caldav.icloud.com/published/2/abc",
                "https://p01-caldav.icloud.com/published/2/abc",
            ),
            ("WebCal://Example.com/a?b=c#d", "https://example.com/a?b=c"),
            ("webcals://example.com/a", "https://example.com/a"),
        ] {
            let address = Address::parse(text, Reach::Public).unwrap();
            assert_eq!(address.to_secret().reveal(), url);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_repeating_it() {
        use AddressError::{Credentials, Malformed, Private, Scheme};
        for (text, error) in [
            ("", Malformed),
            ("calendar", Malformed),
            ("https://", Malformed),
            ("https://a b.example/secret", Malformed),
            ("http://example.com/secret", Scheme),
            ("file:///secret", Scheme),
            ("ftp://example.com/secret", Scheme),
            ("https://secret:secret@example.com/", Credentials),
            ("https://secret@example.com/", Credentials),
            ("https://127.0.0.1/secret", Private),
            ("https://2130706433/secret", Private),
            ("https://0x7f.1/secret", Private),
            ("https://[::1]/secret", Private),
            ("https://[::ffff:10.0.0.1]/secret", Private),
            ("webcal://192.168.1.7/secret", Private),
        ] {
            assert_eq!(Address::parse(text, Reach::Public), Err(error), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST));
        assert_eq!(Address::parse(&long, Reach::Public), Err(Malformed));
    }

    #[test]
    fn a_test_may_read_from_this_machine() {
        assert!(Address::parse("http://127.0.0.1:80/a.ics", Reach::Anywhere).is_ok());
        let address = Address::parse("https://example.com/secret/a.ics", Reach::Public).unwrap();
        assert_eq!(format!("{address:?}"), "Address(\"example.com\")");
        let to = |to| {
            address
                .redirected(to, Reach::Public)
                .map(|to| to.to_secret().reveal().to_owned())
        };
        assert_eq!(to("/b.ics").as_deref(), Ok("https://example.com/b.ics"));
        assert_eq!(to("http://example.com/b.ics"), Err(AddressError::Scheme));
        assert_eq!(to("https://169.254.169.254/latest"), Err(AddressError::Private));
    }
}
