//! Who carries the installation's e-mails, and where Slack is.

use mccc_core::Secret;
use mccc_notify::{Encryption, ResendConfig, SmtpConfig};
use serde::Deserialize;

use super::Reader;

/// Who carries the installation's e-mails.
#[derive(Debug, Clone)]
pub enum MailConfig {
    /// An SMTP server.
    Smtp(SmtpConfig),
    /// Resend.
    Resend(ResendConfig),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MailFile {
    from: Option<String>,
    smtp_host: Option<String>,
    smtp_port: Option<u16>,
    smtp_encryption: Option<String>,
    smtp_user: Option<String>,
    smtp_password: Option<Secret>,
    resend_api_key: Option<Secret>,
    resend_api_url: Option<String>,
}

/// Names of the variables that are read here.
pub(super) const VARIABLES: &[&str] = &[
    "MCCC_MAIL_FROM",
    "MCCC_SMTP_HOST",
    "MCCC_SMTP_PORT",
    "MCCC_SMTP_ENCRYPTION",
    "MCCC_SMTP_USER",
    "MCCC_SMTP_PASSWORD",
    "MCCC_RESEND_API_KEY",
    "MCCC_RESEND_API_URL",
    "MCCC_SLACK_HOOKS_URL",
];

impl Reader<'_> {
    pub(super) fn mail(&mut self, file: MailFile) -> Option<MailConfig> {
        let host = self.text("MCCC_SMTP_HOST").or(file.smtp_host.clone());
        let key = self
            .text("MCCC_RESEND_API_KEY")
            .map(Secret::new)
            .or(file.resend_api_key.clone());
        let from = self.text("MCCC_MAIL_FROM").or(file.from.clone());
        match (host, key) {
            (None, None) => {
                if from.is_some() {
                    self.wrong(
                        "mail.from",
                        "a sender alone is not enough; give smtp_host or resend_api_key",
                    );
                }
                None
            }
            (Some(_), Some(_)) => {
                self.wrong("mail", "give smtp_host or resend_api_key, not both");
                None
            }
            (Some(host), None) => {
                let from = self.sender(from)?;
                self.smtp(host, from, file).map(MailConfig::Smtp)
            }
            (None, Some(api_key)) => Some(MailConfig::Resend(ResendConfig {
                api_key,
                from: self.sender(from)?,
                base_url: self
                    .text("MCCC_RESEND_API_URL")
                    .or(file.resend_api_url)
                    .unwrap_or_else(|| ResendConfig::BASE_URL.to_owned()),
            })),
        }
    }

    fn sender(&mut self, from: Option<String>) -> Option<String> {
        let good = from.filter(|from| from.contains('@') && !from.chars().any(char::is_control));
        if good.is_none() {
            self.wrong("mail.from", "expected a sender such as MCCC <notices@example.com>");
        }
        good
    }

    fn smtp(&mut self, host: String, from: String, file: MailFile) -> Option<SmtpConfig> {
        let encryption = match self.text("MCCC_SMTP_ENCRYPTION").or(file.smtp_encryption).as_deref() {
            None | Some("tls") => Encryption::Tls,
            Some("starttls") => Encryption::StartTls,
            Some("none") => {
                // Names and passwords leave this machine in no readable form.
                if !matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1") {
                    self.wrong("mail.smtp_encryption", "none is only for a mail server on this machine");
                }
                Encryption::None
            }
            Some(_) => {
                self.wrong("mail.smtp_encryption", "expected tls, starttls or none");
                return None;
            }
        };
        let usual = match encryption {
            Encryption::Tls => 465,
            Encryption::StartTls => 587,
            Encryption::None => 25,
        };
        let user = self.text("MCCC_SMTP_USER").or(file.smtp_user);
        let password = self.text("MCCC_SMTP_PASSWORD").map(Secret::new).or(file.smtp_password);
        let sign_in = match (user, password) {
            (None, None) => None,
            (Some(user), Some(password)) => Some((user, password)),
            (Some(_), None) => {
                self.wrong("mail.smtp_password", "smtp_user is given without a password");
                None
            }
            (None, Some(_)) => {
                self.wrong("mail.smtp_user", "smtp_password is given without a user");
                None
            }
        };
        Some(SmtpConfig {
            port: self
                .parsed("MCCC_SMTP_PORT", "a port")
                .or(file.smtp_port)
                .unwrap_or(usual),
            host,
            encryption,
            sign_in,
            from,
        })
    }

    /// A place besides Slack's own where webhooks may lead.
    pub(super) fn slack(&mut self, file: Option<String>) -> Option<String> {
        let place = self.text("MCCC_SLACK_HOOKS_URL").or(file)?;
        let place = place.trim_end_matches('/').to_owned();
        if !(place.starts_with("https://") || place.starts_with("http://127.0.0.1:")) {
            self.wrong("slack_hooks_url", "expected https://… or a server on 127.0.0.1");
        }
        Some(place)
    }
}
