//! Which numbers a text can be sent to at all.

use serde::{Deserialize, Serialize};

use super::area_code::{self, Country};
use crate::{PhoneNumber, Timestamp};

/// Why a number is not texted. The sentence is [`Untextable::explain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Untextable {
    /// A short code: three to six digits.
    ShortCode,
    /// 800, 833, 844, 855, 866, 877 or 888.
    TollFree,
    /// Area code 900 or exchange 976.
    Premium,
    /// A service such as 211, 411, 911 or directory assistance.
    Service,
    /// Not a possible number: wrong length, or a digit the numbering plan forbids in its place.
    Unassignable,
    /// Possible, but reserved for stories: 555-0100 to 555-0199.
    Invented,
    /// An area code that no place has.
    UnknownAreaCode,
    /// A country that is not switched on.
    CountryNotAllowed,
}

impl Untextable {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShortCode => "short_code",
            Self::TollFree => "toll_free",
            Self::Premium => "premium",
            Self::Service => "service",
            Self::Unassignable => "unassignable",
            Self::Invented => "invented",
            Self::UnknownAreaCode => "unknown_area_code",
            Self::CountryNotAllowed => "country_not_allowed",
        }
    }

    /// One sentence for the contractor.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::ShortCode => "The caller is a short code, which nobody reads.",
            Self::TollFree => "The caller used a toll-free number, which cannot be texted reliably.",
            Self::Premium => "The number charges whoever contacts it.",
            Self::Service => "The number belongs to a public service, not to a person.",
            Self::Unassignable => "The number cannot exist, so the caller ID was made up.",
            Self::Invented => "The number is reserved for films and examples.",
            Self::UnknownAreaCode => "No place has this area code, so the caller ID was probably made up.",
            Self::CountryNotAllowed => "Texts to this country are switched off.",
        }
    }
}

/// Numbers that count as deliverable although the plan reserves them: a simulated network declares its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverableRange {
    /// The middle three digits.
    pub exchange: u16,
    /// First of the last four digits.
    pub first: u16,
    /// Last of the last four digits.
    pub last: u16,
}

impl DeliverableRange {
    /// 555-0100 to 555-0199 in every area code.
    pub const FICTITIOUS: Self = Self {
        exchange: 555,
        first: 100,
        last: 199,
    };

    const fn holds(&self, exchange: u16, line: u16) -> bool {
        exchange == self.exchange && self.first <= line && line <= self.last
    }
}

/// Where texts may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// United States and territories.
    pub united_states: bool,
    /// Canada.
    pub canada: bool,
    /// Country codes outside the North American plan, digits only (`44`); none by default.
    pub other_countries: Vec<String>,
    /// Area codes newer than our table, which then count as the United States.
    pub extra_area_codes: Vec<u16>,
    /// Reserved numbers that do exist on the network in use; empty on a real one.
    pub deliverable: Vec<DeliverableRange>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            united_states: true,
            canada: true,
            other_countries: Vec::new(),
            extra_area_codes: Vec::new(),
            deliverable: Vec::new(),
        }
    }
}

impl Policy {
    /// The default policy on a simulated network whose subscribers have the reserved 555-01xx numbers.
    #[must_use]
    pub fn sandbox() -> Self {
        Self {
            deliverable: vec![DeliverableRange::FICTITIOUS],
            ..Self::default()
        }
    }
}

const TOLL_FREE: &[u16] = &[800, 822, 833, 844, 855, 866, 877, 888];

/// Whether a text to `number` can make sense under `policy`.
///
/// # Errors
/// The most specific [`Untextable`] reason.
pub fn textable(number: &PhoneNumber, policy: &Policy) -> Result<(), Untextable> {
    let digits = number.digits();
    if digits.len() <= 6 {
        return Err(Untextable::ShortCode);
    }
    if !digits.starts_with('1') {
        return other_country(digits, policy);
    }
    let national = number.nanp().ok_or(Untextable::Unassignable)?;
    let part = |from: usize, to: usize| national.get(from..to).and_then(|text| text.parse::<u16>().ok());
    let (Some(area), Some(exchange), Some(line)) = (part(0, 3), part(3, 6), part(6, 10)) else {
        return Err(Untextable::Unassignable);
    };
    if area % 100 == 11 {
        return Err(Untextable::Service);
    }
    if area < 200 || (area / 10) % 10 == 9 {
        return Err(Untextable::Unassignable);
    }
    if TOLL_FREE.contains(&area) {
        return Err(Untextable::TollFree);
    }
    if area == 900 || exchange == 976 {
        return Err(Untextable::Premium);
    }
    if exchange < 200 || exchange % 100 == 11 {
        return Err(Untextable::Unassignable);
    }
    if exchange == 555 && line == 1212 {
        return Err(Untextable::Service);
    }
    let allowed = match area_code::look_up(area).map(|entry| entry.country) {
        Some(Country::UnitedStates) => policy.united_states,
        Some(Country::Canada) => policy.canada,
        None if area_code::is_abroad(area) => false,
        None if policy.extra_area_codes.contains(&area) => policy.united_states,
        None => return Err(Untextable::UnknownAreaCode),
    };
    if !allowed {
        return Err(Untextable::CountryNotAllowed);
    }
    if exchange == 555
        && (100..=199).contains(&line)
        && !policy.deliverable.iter().any(|range| range.holds(exchange, line))
    {
        return Err(Untextable::Invented);
    }
    Ok(())
}

fn other_country(digits: &str, policy: &Policy) -> Result<(), Untextable> {
    let allowed = policy
        .other_countries
        .iter()
        .any(|code| !code.is_empty() && digits.starts_with(code.as_str()));
    if allowed {
        Ok(())
    } else {
        Err(Untextable::CountryNotAllowed)
    }
}

/// What kind of line a number is, as a look-up or a failed delivery told us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    /// A mobile phone.
    Mobile,
    /// A wire; cannot receive texts.
    Landline,
    /// Internet telephony bound to an address.
    FixedVoip,
    /// Internet telephony without an address.
    NonFixedVoip,
    /// A personal number that follows its owner.
    Personal,
    /// Toll-free.
    TollFree,
    /// Charges the caller.
    Premium,
    /// Charges are shared.
    SharedCost,
    /// A company-wide access number.
    Uan,
    /// A voicemail box.
    Voicemail,
    /// A pager.
    Pager,
    /// Nobody has told us; texted like a mobile phone.
    #[default]
    Unknown,
}

impl LineType {
    /// Every type.
    pub const ALL: [Self; 12] = [
        Self::Mobile,
        Self::Landline,
        Self::FixedVoip,
        Self::NonFixedVoip,
        Self::Personal,
        Self::TollFree,
        Self::Premium,
        Self::SharedCost,
        Self::Uan,
        Self::Voicemail,
        Self::Pager,
        Self::Unknown,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::FixedVoip => "fixed_voip",
            Self::NonFixedVoip => "non_fixed_voip",
            Self::Personal => "personal",
            Self::TollFree => "toll_free",
            Self::Premium => "premium",
            Self::SharedCost => "shared_cost",
            Self::Uan => "uan",
            Self::Voicemail => "voicemail",
            Self::Pager => "pager",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the stored name or a provider's spelling (`fixedVoip`); anything else is unknown.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let squeezed = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let wanted = squeezed(name);
        Self::ALL
            .into_iter()
            .find(|line| squeezed(line.as_str()) == wanted)
            .unwrap_or_default()
    }

    /// What a delivery error says about the line: 30006 is a landline or an unreachable carrier (provider's error
    /// dictionary, read 2026-11-20).
    #[must_use]
    pub const fn from_error_code(code: u32) -> Option<Self> {
        match code {
            30006 => Some(Self::Landline),
            _ => None,
        }
    }

    /// Whether a text can arrive there.
    #[must_use]
    pub const fn textable(self) -> bool {
        match self {
            Self::Mobile | Self::FixedVoip | Self::NonFixedVoip | Self::Personal | Self::Unknown => true,
            Self::Landline
            | Self::TollFree
            | Self::Premium
            | Self::SharedCost
            | Self::Uan
            | Self::Voicemail
            | Self::Pager => false,
        }
    }
}

/// A line type and when we learned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLine {
    /// The type.
    pub line_type: LineType,
    /// When it was learned.
    pub checked_at: Timestamp,
}

impl KnownLine {
    /// How long the knowledge lasts: numbers move between carriers.
    pub const LIFETIME: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3600);

    /// The type, or unknown when the knowledge is 30 days old or more.
    #[must_use]
    pub fn at(self, now: Timestamp) -> LineType {
        if now.since(self.checked_at) < Self::LIFETIME {
            self.line_type
        } else {
            LineType::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), Untextable> {
        textable(&PhoneNumber::parse(text).unwrap(), &Policy::default())
    }

    #[test]
    fn each_kind_of_number_gets_its_own_reason() {
        use Untextable as U;
        for (number, expected) in [
            ("+15124561234", Ok(())),
            ("+14164561234", Ok(())),
            ("+17874561234", Ok(())),
            ("+18005551234", Err(U::TollFree)),
            ("+18885551234", Err(U::TollFree)),
            ("+19004561234", Err(U::Premium)),
            ("+15129761234", Err(U::Premium)),
            ("+19114561234", Err(U::Service)),
            ("+15125551212", Err(U::Service)),
            ("+15121234567", Err(U::Unassignable)),
            ("+15120234567", Err(U::Unassignable)),
            ("+15129114567", Err(U::Unassignable)),
            ("+11234567890", Err(U::Unassignable)),
            ("+12934567890", Err(U::Unassignable)),
            ("+1512456123", Err(U::Unassignable)),
            ("+151245612345", Err(U::Unassignable)),
            ("+15125550100", Err(U::Invented)),
            ("+15125550199", Err(U::Invented)),
            ("+15125550200", Ok(())),
            ("+15125550099", Ok(())),
            ("+15554561234", Err(U::UnknownAreaCode)),
            ("+18764561234", Err(U::CountryNotAllowed)),
            ("+12424561234", Err(U::CountryNotAllowed)),
            ("+442071234567", Err(U::CountryNotAllowed)),
            ("+72975", Err(U::ShortCode)),
            ("+611", Err(U::ShortCode)),
        ] {
            assert_eq!(check(number), expected, "{number}");
        }
    }

    #[test]
    fn a_simulated_network_has_subscribers_of_its_own() {
        let number = PhoneNumber::parse("+15125550142").unwrap();
        assert_eq!(textable(&number, &Policy::sandbox()), Ok(()));
        let toll_free = PhoneNumber::parse("+18005550142").unwrap();
        assert_eq!(textable(&toll_free, &Policy::sandbox()), Err(Untextable::TollFree));
    }

    #[test]
    fn countries_follow_the_policy() {
        let (uk, canada) = (
            PhoneNumber::parse("+442071234567").unwrap(),
            PhoneNumber::parse("+14164561234").unwrap(),
        );
        let policy = Policy {
            canada: false,
            other_countries: vec!["44".to_owned()],
            extra_area_codes: vec![222],
            ..Policy::default()
        };
        assert_eq!(textable(&uk, &policy), Ok(()));
        assert_eq!(textable(&canada, &policy), Err(Untextable::CountryNotAllowed));
        assert_eq!(textable(&PhoneNumber::parse("+12224561234").unwrap(), &policy), Ok(()));
    }

    #[test]
    fn line_types_are_remembered_for_thirty_days() {
        let line = KnownLine {
            line_type: LineType::Landline,
            checked_at: Timestamp::from_seconds(0),
        };
        assert_eq!(line.at(Timestamp::from_seconds(30 * 86_400 - 1)), LineType::Landline);
        assert_eq!(line.at(Timestamp::from_seconds(30 * 86_400)), LineType::Unknown);
        assert!(LineType::Unknown.textable() && !LineType::Landline.textable());
        assert_eq!(LineType::from_error_code(30006), Some(LineType::Landline));
        assert_eq!(LineType::from_error_code(30003), None);
        assert_eq!(LineType::from_name("fixedVoip"), LineType::FixedVoip);
        assert_eq!(LineType::from_name("satellite"), LineType::Unknown);
    }
}
