//! Rules for some calls only: by who calls, over which number, and for which trade.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{CallerId, PhoneNumber};

/// Most entries of one list.
const MOST_ENTRIES: usize = 200;
/// Longest name of a trade, in bytes.
const LONGEST_TRADE: usize = 40;

/// Which calls a rule is for. A call has to match one entry of every list that has any; without lists a rule is for
/// every call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Only {
    /// Numbers of ours that were reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub called: Vec<PhoneNumber>,
    /// Numbers the call was forwarded from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forwarded_from: Vec<PhoneNumber>,
    /// The callers themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<PhoneNumber>,
    /// Area codes of the callers, 200 to 999.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub area_codes: Vec<u16>,
    /// Whether the caller's number is unknown (withheld, restricted or no number at all) or known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<bool>,
    /// Trades: that of the number that was reached, else that of the business.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trades: Vec<String>,
}

/// Where a call comes from, as far as it is known. A condition on something unknown is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallSource<'a> {
    /// Who calls.
    pub caller: Option<CallerId>,
    /// The number of ours that was reached.
    pub called: Option<PhoneNumber>,
    /// The number the call was forwarded from.
    pub forwarded_from: Option<PhoneNumber>,
    /// The trade of the number that was reached, else that of the business.
    pub trade: Option<&'a str>,
}

impl CallSource<'_> {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        caller: None,
        called: None,
        forwarded_from: None,
        trade: None,
    };
}

impl Only {
    /// Whether the rule is for every call.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.called.is_empty()
            && self.forwarded_from.is_empty()
            && self.callers.is_empty()
            && self.area_codes.is_empty()
            && self.withheld.is_none()
            && self.trades.is_empty()
    }

    /// Whether a call from `source` is meant.
    #[must_use]
    pub fn fits(&self, source: &CallSource<'_>) -> bool {
        let number = source.caller.and_then(|caller| caller.number());
        let area = number.as_ref().and_then(area_code);
        one_of(&self.called, source.called.as_ref())
            && one_of(&self.forwarded_from, source.forwarded_from.as_ref())
            && one_of(&self.callers, number.as_ref())
            && one_of(&self.area_codes, area.as_ref())
            && self.withheld.is_none_or(|withheld| {
                source
                    .caller
                    .is_some_and(|caller| caller.number().is_none() == withheld)
            })
            && (self.trades.is_empty()
                || source
                    .trade
                    .is_some_and(|trade| self.trades.iter().any(|one| one.eq_ignore_ascii_case(trade))))
    }

    /// Whether no call can be meant by both.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let by_trade = !self.trades.is_empty()
            && !other.trades.is_empty()
            && !self
                .trades
                .iter()
                .any(|one| other.trades.iter().any(|two| one.eq_ignore_ascii_case(two)));
        let by_kind = |hidden: &Self, known: &Self| {
            hidden.withheld == Some(true)
                && (known.withheld == Some(false) || !known.callers.is_empty() || !known.area_codes.is_empty())
        };
        apart(&self.called, &other.called)
            || apart(&self.forwarded_from, &other.forwarded_from)
            || apart(&self.callers, &other.callers)
            || apart(&self.area_codes, &other.area_codes)
            || by_trade
            || by_kind(self, other)
            || by_kind(other, self)
    }

    /// The condition in words, such as `calls to (312) 555-0100, from area code 773`; nothing for every call.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        if self.is_any() {
            return None;
        }
        let numbers = |numbers: &[PhoneNumber]| list(numbers.iter().map(PhoneNumber::national));
        let mut parts = Vec::new();
        if !self.called.is_empty() {
            parts.push(format!("to {}", numbers(&self.called)));
        }
        if !self.forwarded_from.is_empty() {
            parts.push(format!("forwarded from {}", numbers(&self.forwarded_from)));
        }
        if !self.callers.is_empty() {
            parts.push(format!("from {}", numbers(&self.callers)));
        }
        if !self.area_codes.is_empty() {
            let codes = list(self.area_codes.iter().map(ToString::to_string));
            parts.push(format!("from area code {codes}"));
        }
        match self.withheld {
            Some(true) => parts.push("without a caller's number".to_owned()),
            Some(false) => parts.push("with a caller's number".to_owned()),
            None => {}
        }
        if !self.trades.is_empty() {
            parts.push(format!("for {}", list(self.trades.iter().cloned())));
        }
        Some(format!("calls {}", parts.join(", ")))
    }

    /// What stands against saving it.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        let longest = [
            self.called.len(),
            self.forwarded_from.len(),
            self.callers.len(),
            self.area_codes.len(),
            self.trades.len(),
        ];
        if longest.into_iter().any(|entries| entries > MOST_ENTRIES) {
            return Some("a list of a condition has at most 200 entries");
        }
        if self.area_codes.iter().any(|code| !(200..=999).contains(code)) {
            return Some("an area code has three digits, from 200 to 999");
        }
        let usable = |trade: &String| !trade.trim().is_empty() && trade.len() <= LONGEST_TRADE;
        if !self.trades.iter().all(usable) {
            return Some("a trade has 1 to 40 characters, such as plumbing");
        }
        if self.withheld == Some(true) && !(self.callers.is_empty() && self.area_codes.is_empty()) {
            return Some("a caller without a number has no area code; leave one of the two out");
        }
        None
    }
}

fn area_code(number: &PhoneNumber) -> Option<u16> {
    number.area_code().and_then(|code| code.parse().ok())
}

fn one_of<T: PartialEq>(list: &[T], value: Option<&T>) -> bool {
    list.is_empty() || value.is_some_and(|value| list.contains(value))
}

fn apart<T: PartialEq>(one: &[T], two: &[T]) -> bool {
    !one.is_empty() && !two.is_empty() && !one.iter().any(|entry| two.contains(entry))
}

/// `a, b or c`.
fn list(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => {
            let mut text = most.join(", ");
            // Writing into a String cannot fail.
            let _ = write!(text, " or {last}");
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    fn from(text: &str) -> CallSource<'static> {
        CallSource {
            caller: Some(CallerId::from_raw(text)),
            called: Some(number("+17732000001")),
            forwarded_from: None,
            trade: Some("plumbing"),
        }
    }

    #[test]
    fn every_list_has_to_fit_and_what_is_unknown_fits_none() {
        let local = Only {
            area_codes: vec![312, 773],
            trades: vec!["Plumbing".into()],
            ..Only::default()
        };
        assert!(local.fits(&from("+13125550100")));
        assert!(!local.fits(&from("+15125550100")));
        assert!(!local.fits(&from("anonymous")));
        assert!(!local.fits(&CallSource {
            trade: Some("hvac"),
            ..from("+13125550100")
        }));
        assert!(!local.fits(&CallSource::UNKNOWN));
        assert!(Only::default().fits(&CallSource::UNKNOWN));
        let hidden = Only {
            withheld: Some(true),
            ..Only::default()
        };
        assert!(hidden.fits(&from("restricted")) && !hidden.fits(&from("+13125550100")));
        assert!(!hidden.fits(&CallSource::UNKNOWN));
    }

    #[test]
    fn conditions_that_cannot_meet_are_told_apart() {
        let called = |text| Only {
            called: vec![number(text)],
            ..Only::default()
        };
        assert!(called("+17732000001").excludes(&called("+17732000002")));
        assert!(!called("+17732000001").excludes(&called("+17732000001")));
        assert!(!called("+17732000001").excludes(&Only::default()));
        let hidden = Only {
            withheld: Some(true),
            ..Only::default()
        };
        let chicago = Only {
            area_codes: vec![312],
            ..Only::default()
        };
        assert!(hidden.excludes(&chicago) && chicago.excludes(&hidden));
    }

    #[test]
    fn a_condition_reads_like_speech() {
        let only = Only {
            called: vec![number("+13125550100")],
            area_codes: vec![312, 773, 630],
            ..Only::default()
        };
        assert_eq!(
            only.words().unwrap(),
            "calls to (312) 555-0100, from area code 312, 773 or 630"
        );
        assert_eq!(Only::default().words(), None);
    }
}
