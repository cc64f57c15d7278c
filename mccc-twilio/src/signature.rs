//! Checks `X-Twilio-Signature`.
//!
//! Source: Twilio, "Webhooks security" and "Security" pages and the validators of its server libraries, read
//! 2026-11.

use std::borrow::Cow;

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mccc_core::Secret;
use mccc_core::port::{RawWebhook, WebhookRejection};

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::form::Form;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// SHA-1 digests have this many bytes.
const SIGNATURE_BYTES: usize = 20;

/// Checks requests that are signed with an account's auth token.
///
/// Holds one token, or two while the account changes to a new one. The token must belong to the account that owns
/// the number: a subaccount signs with its own. API key secrets never sign.
#[derive(Debug, Clone)]
pub struct SignatureValidator {
    base: BaseUrl,
    keys: Vec<hmac::Key>,
}

/// Why a validator cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorError {
    /// The public address cannot be used.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// No token, more than two, or an empty one.
    #[error("one or two auth tokens are needed, and none may be empty")]
    Tokens,
}

impl SignatureValidator {
    /// A validator for requests to `public_base_url`, which is the address the provider was told, without the path of
    /// a route.
    ///
    /// # Errors
    /// Names what is wrong with the address, or that there is no token or an empty one.
    pub fn new(public_base_url: &str, tokens: &[Secret]) -> Result<Self, ValidatorError> {
        if !(1..=2).contains(&tokens.len()) || tokens.iter().any(Secret::is_empty) {
            return Err(ValidatorError::Tokens);
        }
        let key = |token: &Secret| hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.reveal().as_bytes());
        Ok(Self {
            base: BaseUrl::parse(public_base_url)?,
            keys: tokens.iter().map(key).collect(),
        })
    }

    /// The public address, without a trailing slash.
    #[must_use]
    pub fn public_base_url(&self) -> &str {
        self.base.as_str()
    }

    /// Decodes and checks a request; see [`Unverified::verified_by`].
    ///
    /// # Errors
    /// Those of [`Unverified::read`] and [`Unverified::verified_by`].
    pub fn validate(&self, request: &RawWebhook<'_>) -> Result<Form, WebhookRejection> {
        Unverified::read(*request)?.verified_by(self)
    }

    fn matches(&self, target: &str, form: Option<&Form>, signature: &[u8; SIGNATURE_BYTES]) -> bool {
        let longest = self.base.as_str().len() + target.len() + 16;
        let mut message = Vec::with_capacity(longest + form.map_or(0, Form::signed_len));
        let mut attempt = |base: &str, target: &str| {
            message.clear();
            message.extend_from_slice(base.as_bytes());
            message.extend_from_slice(target.as_bytes());
            if let Some(form) = form {
                form.append_signed(&mut message);
            }
            self.keys
                .iter()
                .any(|key| hmac::verify(key, &message, signature).is_ok())
        };
        if self.base.spellings().any(|base| attempt(base, target)) {
            return true;
        }
        respelled_quotes(target)
            .iter()
            .any(|target| self.base.spellings().any(|base| attempt(base, target)))
    }
}

/// A request that was decoded and not yet checked: nothing in it may be believed, but what it claims tells whose token
/// to check it with.
#[derive(Debug, Clone)]
pub struct Unverified<'a> {
    request: RawWebhook<'a>,
    signature: [u8; SIGNATURE_BYTES],
    covers: Covers,
    form: Form,
}

/// What the signature covers beside the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    /// The fields of a form body.
    Fields,
    /// Nothing: a `GET` has its fields in the query.
    Nothing,
    /// Nothing, but the query holds the digest of the body.
    Digest,
}

impl<'a> Unverified<'a> {
    /// Decodes the request once.
    ///
    /// # Errors
    /// [`WebhookRejection::Unsigned`] without a signature, [`WebhookRejection::Forged`] when it is none,
    /// [`WebhookRejection::Malformed`] for a method or a body that no webhook has.
    pub fn read(request: RawWebhook<'a>) -> Result<Self, WebhookRejection> {
        let header = request
            .signature
            .filter(|text| !text.is_empty())
            .ok_or(WebhookRejection::Unsigned)?;
        let signature = decode_signature(header).ok_or(WebhookRejection::Forged)?;
        let (covers, fields) = match request.method {
            "GET" => (Covers::Nothing, query(request.target).as_bytes()),
            "POST" if is_form(&request) => (Covers::Fields, request.body),
            "POST" => (Covers::Digest, &[][..]),
            _ => return Err(WebhookRejection::Malformed),
        };
        let form = Form::decode(fields).map_err(|_| WebhookRejection::Malformed)?;
        Ok(Self {
            request,
            signature,
            covers,
            form,
        })
    }

    /// What the request says of itself, such as `To` or `AccountSid`. Good for choosing the token to check it with, and
    /// for nothing else.
    #[must_use]
    pub fn claimed(&self, name: &str) -> Option<&str> {
        self.form.get(name)
    }

    /// The fields, if the signature fits: of the body for a form, of the query for a `GET`, none for a JSON body.
    ///
    /// # Errors
    /// [`WebhookRejection::Forged`] when it does not fit.
    pub fn verified_by(self, validator: &SignatureValidator) -> Result<Form, WebhookRejection> {
        let fields = match self.covers {
            Covers::Fields => Some(&self.form),
            Covers::Nothing | Covers::Digest => None,
        };
        if !validator.matches(self.request.target, fields, &self.signature) {
            return Err(WebhookRejection::Forged);
        }
        if self.covers == Covers::Digest && !has_digest(&self.request)? {
            return Err(WebhookRejection::Forged);
        }
        Ok(self.form)
    }
}

fn is_form(request: &RawWebhook<'_>) -> bool {
    let media_type = request
        .content_type
        .and_then(|value| value.split(';').next())
        .map_or("", str::trim);
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        || media_type.is_empty() && request.body.is_empty()
}

/// Whether the query's `bodySHA256` is the digest of the body as it was received.
fn has_digest(request: &RawWebhook<'_>) -> Result<bool, WebhookRejection> {
    let query = Form::decode(query(request.target).as_bytes()).map_err(|_| WebhookRejection::Malformed)?;
    let body = digest::digest(&digest::SHA256, request.body);
    let mut shown = String::with_capacity(64);
    for byte in body.as_ref() {
        for digit in [byte >> 4, byte & 15] {
            shown.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    // The digest of the sender's own body is no secret, so an ordinary comparison gives nothing away.
    Ok(query.get("bodySHA256").is_some_and(|given| given == shown))
}

fn query(target: &str) -> &str {
    target.split_once('?').map_or("", |(_, query)| query)
}

fn decode_signature(header: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    // One byte more than needed, so that a longer signature is noticed rather than cut.
    let mut buffer = [0; SIGNATURE_BYTES + 4];
    let len = STANDARD.decode_slice(header, &mut buffer).ok()?;
    buffer.get(..len)?.try_into().ok()
}

/// The target with the apostrophes of its query spelled the other ways; the provider is not consistent about them.
fn respelled_quotes(target: &str) -> Vec<Cow<'_, str>> {
    let Some((path, query)) = target.split_once('?') else {
        return Vec::new();
    };
    let mut others = Vec::new();
    if query.contains('\'') {
        others.push(Cow::Owned(format!("{path}?{}", query.replace('\'', "%27"))));
    }
    if query.contains("%27") {
        others.push(Cow::Owned(format!("{path}?{}", query.replace("%27", "'"))));
    }
    others
}
