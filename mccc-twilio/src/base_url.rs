//! The public address of this installation, and the ways the provider may have written it when it signed.

/// Scheme, host and port as configured, in every spelling that the provider's signature may cover.
///
/// Edited as text: a URL type would lower-case the host, drop a default port or decode escapes, and the signature
/// would no longer fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    configured: String,
    spellings: Vec<String>,
}

/// Why a public address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It does not begin with `https://` or `http://`.
    #[error("the public base URL must begin with https:// or http://")]
    Scheme,
    /// There is no host, or the host has characters that the provider refuses.
    #[error("the public base URL must name a host of letters, digits, dots and hyphens (underscores are refused)")]
    Host,
    /// The port is not a number.
    #[error("the port of the public base URL must be a number from 1 to 65535")]
    Port,
    /// It has a query or a fragment.
    #[error("the public base URL must not have a query or a fragment")]
    Query,
}

/// Whether an address can be this installation's public one, or a base address of the provider's.
///
/// # Errors
/// What is wrong with it.
pub fn check_address(text: &str) -> Result<(), BaseUrlError> {
    BaseUrl::parse(text).map(drop)
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let configured = text.trim_end_matches('/').to_owned();
        if configured.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let (scheme, rest) = configured.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "https" => "443",
            "http" => "80",
            _ => return Err(BaseUrlError::Scheme),
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (credentials, host_port) = authority
            .rfind('@')
            .map_or(("", authority), |at| authority.split_at(at + 1));
        let (host, port) = split_port(host_port)?;
        // The provider's documentation says credentials are dropped and the port is kept except for voice over
        // https; its own validators try both because live traffic disagrees.
        let mut spellings: Vec<String> = Vec::with_capacity(4);
        for credentials in ["", credentials] {
            for port in [None, Some(port.unwrap_or(default_port))] {
                let port = port.map_or_else(String::new, |port| format!(":{port}"));
                let spelling = format!("{scheme}://{credentials}{host}{port}{path}");
                if !spellings.contains(&spelling) {
                    spellings.push(spelling);
                }
            }
        }
        Ok(Self { configured, spellings })
    }

    /// As configured, without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.configured
    }

    /// Every spelling, the likeliest first.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &str> {
        self.spellings.iter().map(String::as_str)
    }
}

fn split_port(host_port: &str) -> Result<(&str, Option<&str>), BaseUrlError> {
    let after_literal = host_port.rfind(']').map_or(0, |at| at + 1);
    let colon = host_port
        .get(after_literal..)
        .and_then(|tail| tail.find(':'))
        .map(|at| at + after_literal);
    let (host, port) = match colon {
        Some(at) => (host_port.get(..at).unwrap_or_default(), host_port.get(at + 1..)),
        None => (host_port, None),
    };
    let literal = host.starts_with('[') && host.ends_with(']');
    let named = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if !literal && !named {
        return Err(BaseUrlError::Host);
    }
    match port {
        Some(text) if text.parse::<u16>().is_ok_and(|port| port > 0) => Ok((host, Some(text))),
        Some(_) => Err(BaseUrlError::Port),
        None => Ok((host, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(text: &str) -> Vec<String> {
        BaseUrl::parse(text).unwrap().spellings().map(str::to_owned).collect()
    }

    #[test]
    fn ports_are_tried_without_and_with() {
        assert_eq!(
            spellings("https://A.example/"),
            ["https://A.example", "https://A.example:443"]
        );
        assert_eq!(
            spellings("http://a.example:8080/x"),
            ["http://a.example/x", "http://a.example:8080/x"]
        );
        assert_eq!(spellings("http://[::1]:8080"), ["http://[::1]", "http://[::1]:8080"]);
    }

    #[test]
    fn credentials_are_tried_without_and_with() {
        assert_eq!(
            spellings("https://u:p@a.example"),
            [
                "https://a.example",
                "https://a.example:443",
                "https://u:p@a.example",
                "https://u:p@a.example:443"
            ]
        );
    }

    #[test]
    fn unusable_addresses_are_named() {
        let error = |text| BaseUrl::parse(text).unwrap_err();
        assert_eq!(error("a.example"), BaseUrlError::Scheme);
        assert_eq!(error("ftp://a.example"), BaseUrlError::Scheme);
        assert_eq!(error("https://:80"), BaseUrlError::Host);
        assert_eq!(error("https://my_host.example"), BaseUrlError::Host);
        assert_eq!(error("https://a.example:0"), BaseUrlError::Port);
        assert_eq!(error("https://a.example:https"), BaseUrlError::Port);
        assert_eq!(error("https://a.example?x=1"), BaseUrlError::Query);
    }
}
