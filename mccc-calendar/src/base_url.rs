//! The address of a provider, which can be set to a sandbox or a test.

/// Why an address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It does not begin with `https://` or `http://`.
    #[error("the address must begin with https:// or http://")]
    Scheme,
    /// There is no host, or the address holds credentials or blanks.
    #[error("the address must name a host, and neither credentials nor blanks")]
    Host,
    /// It has a query or a fragment.
    #[error("the address must not have a query or a fragment")]
    Query,
}

/// The address without a trailing slash.
pub(crate) fn checked(text: &str) -> Result<String, BaseUrlError> {
    let text = text.trim_end_matches('/');
    if text.contains(['?', '#']) {
        return Err(BaseUrlError::Query);
    }
    let rest = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .ok_or(BaseUrlError::Scheme)?;
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') || rest.contains('@') || rest.contains(char::is_whitespace) {
        return Err(BaseUrlError::Host);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_goes_and_unusable_addresses_are_named() {
        assert_eq!(checked("https://api.cal.com/"), Ok("https://api.cal.com".to_owned()));
        assert_eq!(
            checked("http://127.0.0.1:80/x//"),
            Ok("http://127.0.0.1:80/x".to_owned())
        );
        for (text, error) in [
            ("api.cal.com", BaseUrlError::Scheme),
            ("ftp://a.example", BaseUrlError::Scheme),
            ("https://", BaseUrlError::Scheme),
            ("https://:80", BaseUrlError::Host),
            ("https://u:p@a.example", BaseUrlError::Host),
            ("https://a example", BaseUrlError::Host),
            ("https://a.example?x", BaseUrlError::Query),
        ] {
            assert_eq!(checked(text), Err(error), "{text}");
        }
    }
}
