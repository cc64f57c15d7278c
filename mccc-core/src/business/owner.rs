//! What every decision about a business reads: its settings at one version, compiled once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{Settings, wording};
use crate::conversation::understanding::FaqIndex;
use crate::routing::{Compiled, Variant};
use crate::zone::Zone;
use crate::{BusinessId, PhoneNumber, Timestamp};

/// A business at one version of its settings. Cached by (business, version), never by time.
#[derive(Clone)]
pub struct Owner {
    /// The business.
    pub business: BusinessId,
    /// Version of the settings; raised by every saved change, a moved number included.
    pub version: u64,
    /// The settings as saved. Other settings are another owner: what callers hear is filled in once.
    pub settings: Arc<Settings>,
    /// The schedule, compiled.
    pub schedule: Arc<Compiled>,
    /// The numbers of ours that belong to the business.
    pub lines: Vec<OwnedLine>,
    /// When this version was saved.
    pub saved_at: Timestamp,
    greetings: Arc<OnceLock<Greetings>>,
    questions: Arc<OnceLock<FaqIndex>>,
}

/// What was saved; not what is made of it, now or when somebody first asks.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner")
            .field("business", &self.business)
            .field("version", &self.version)
            .field("settings", &self.settings)
            .field("lines", &self.lines)
            .field("saved_at", &self.saved_at)
            .finish_non_exhaustive()
    }
}

/// What callers hear, filled in once for a version of the settings.
#[derive(Debug)]
struct Greetings {
    business_hours: String,
    after_hours: String,
    text_is_coming: String,
}

/// A number of ours that belongs to a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedLine {
    /// The number.
    pub number: PhoneNumber,
    /// What it is for.
    pub kind: NumberKind,
    /// The provider account that owns it; webhooks of another account are refused.
    pub account: String,
    /// The provider's identifier of the number, when it was bought here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_number: Option<String>,
}

/// What a number of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// The contractor's phone forwards unanswered calls to it.
    Forwarding,
    /// Customers dial it directly.
    Public,
}

impl Owner {
    /// Compiles `settings` into an owner.
    ///
    /// # Errors
    /// When the settings do not validate; they cannot have been saved that way.
    pub fn new(
        business: BusinessId,
        version: u64,
        settings: Settings,
        lines: Vec<OwnedLine>,
        saved_at: Timestamp,
    ) -> Result<Self, super::SettingsError> {
        let schedule = settings.compile()?;
        Ok(Self {
            business,
            version,
            settings: Arc::new(settings),
            schedule: Arc::new(schedule),
            lines,
            saved_at,
            greetings: Arc::default(),
            questions: Arc::default(),
        })
    }

    /// What is spoken before the beep.
    #[must_use]
    pub fn voicemail_greeting(&self, variant: Variant) -> &str {
        let greetings = self.greetings();
        match variant {
            Variant::BusinessHours => &greetings.business_hours,
            Variant::AfterHours => &greetings.after_hours,
        }
    }

    /// What is spoken when a call is answered by text alone.
    #[must_use]
    pub fn text_is_coming(&self) -> &str {
        &self.greetings().text_is_coming
    }

    /// The questions of the business, ready to be matched: built once for a version of the settings.
    #[must_use]
    pub fn questions(&self) -> &FaqIndex {
        self.questions.get_or_init(|| FaqIndex::new(&self.settings))
    }

    fn greetings(&self) -> &Greetings {
        self.greetings.get_or_init(|| Greetings {
            business_hours: wording::voicemail_greeting(&self.settings, Variant::BusinessHours),
            after_hours: wording::voicemail_greeting(&self.settings, Variant::AfterHours),
            text_is_coming: wording::text_is_coming(&self.settings),
        })
    }

    /// The business's time zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.settings.profile.zone
    }

    /// The number texts are sent from: the configured sender as long as the business has it, else the first number.
    #[must_use]
    pub fn sender(&self) -> Option<PhoneNumber> {
        let configured = self.settings.texting.sender;
        let own = |number: &PhoneNumber| self.lines.iter().any(|line| line.number == *number);
        configured
            .filter(own)
            .or_else(|| self.lines.first().map(|line| line.number))
    }

    /// Whether `number` is one of this business's own: ours, or the contractor's.
    #[must_use]
    pub fn is_own(&self, number: &PhoneNumber) -> bool {
        self.lines.iter().any(|line| line.number == *number)
            || self.settings.profile.business_phone.as_ref() == Some(number)
    }

    /// The trade that calls to one of the business's numbers are for.
    #[must_use]
    pub fn trade_of(&self, number: &PhoneNumber) -> &str {
        let of_number = self.settings.telephone.trades.get(number);
        of_number.unwrap_or(&self.settings.profile.trade)
    }

    /// The provider account of one of the business's numbers.
    #[must_use]
    pub fn account_of(&self, number: &PhoneNumber) -> Option<&str> {
        self.lines
            .iter()
            .find(|line| line.number == *number)
            .map(|line| line.account.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::{NumberKind, Settings};
    use crate::zone::Zone;

    #[test]
    fn texts_go_out_from_a_number_of_ones_own_alone() {
        let number = |text: &str| PhoneNumber::parse(text).unwrap();
        let (first, second, strange) = (number("+15125550100"), number("+15125550101"), number("+15125550199"));
        let sender = |configured| {
            let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
            settings.texting.sender = configured;
            let lines = [first, second].map(|number| OwnedLine {
                number,
                kind: NumberKind::Forwarding,
                account: "AC1".to_owned(),
                provider_number: None,
            });
            let at = Timestamp::UNIX_EPOCH;
            let owner = Owner::new(BusinessId::derive(at, "acme"), 1, settings, lines.to_vec(), at).unwrap();
            owner.sender()
        };
        assert_eq!(sender(None), Some(first));
        assert_eq!(sender(Some(second)), Some(second));
        assert_eq!(sender(Some(strange)), Some(first), "it belongs to somebody else");
    }
}
