//! Where an area code is: country, state or province, and every time zone in it.
//!
//! The table is `area_codes.tsv` beside this file, which names its sources and their date. Numbers move with their
//! owners, so this is the presumption the rules allow, not knowledge of where a person is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use crate::PhoneNumber;

/// A country that an area code of the table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Country {
    /// The United States and its territories.
    #[serde(rename = "US")]
    UnitedStates,
    /// Canada.
    #[serde(rename = "CA")]
    Canada,
}

/// What is known of one geographic area code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AreaCode {
    /// The three digits.
    pub code: u16,
    /// The country.
    pub country: Country,
    /// Postal abbreviations of the state, province or territories (`TX`, `NS,PE`).
    pub region: &'static str,
    /// Every IANA zone in which somebody with this code may live; the first is where most do.
    pub zones: Vec<&'static str>,
}

/// Codes of the North American plan outside the US and Canada (source: NANPA, 2026-11-20).
const ABROAD: &[u16] = &[
    242, 246, 264, 268, 284, 345, 441, 473, 649, 658, 664, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876,
];

static TABLE: LazyLock<BTreeMap<u16, AreaCode>> = LazyLock::new(|| {
    include_str!("area_codes.tsv")
        .lines()
        .filter_map(parse_line)
        .map(|entry| (entry.code, entry))
        .collect()
});

fn parse_line(line: &'static str) -> Option<AreaCode> {
    let mut fields = line.split('\t');
    let code = fields.next()?.parse().ok()?;
    let country = match fields.next()? {
        "US" => Country::UnitedStates,
        "CA" => Country::Canada,
        _ => return None,
    };
    Some(AreaCode {
        code,
        country,
        region: fields.next()?,
        zones: fields.next()?.split(',').collect(),
    })
}

/// The entry of a three-digit code.
#[must_use]
pub fn look_up(code: u16) -> Option<&'static AreaCode> {
    TABLE.get(&code)
}

/// The entry of a number's area code; nothing for other countries and codes that are not geographic.
#[must_use]
pub fn of(number: &PhoneNumber) -> Option<&'static AreaCode> {
    look_up(number.area_code()?.parse().ok()?)
}

/// Whether the code is in the North American plan but belongs to another country.
#[must_use]
pub fn is_abroad(code: u16) -> bool {
    ABROAD.contains(&code)
}

/// Every entry, by code.
pub fn all() -> impl Iterator<Item = &'static AreaCode> {
    TABLE.values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_zone_exists() {
        let lines = include_str!("area_codes.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        assert_eq!(all().count(), lines);
        assert!(lines > 400);
        let database = jiff::tz::TimeZoneDatabase::bundled();
        for entry in all() {
            assert!((200..=999).contains(&entry.code) && !entry.zones.is_empty());
            for zone in &entry.zones {
                assert!(database.get(zone).is_ok(), "{} {zone}", entry.code);
            }
            assert!(!is_abroad(entry.code));
            assert_ne!(entry.code % 100, 11);
        }
    }

    #[test]
    fn well_known_codes_are_where_people_expect_them() {
        for (code, region, zones) in [
            (212, "NY", vec!["America/New_York"]),
            (512, "TX", vec!["America/Chicago"]),
            (915, "TX", vec!["America/Denver"]),
            (602, "AZ", vec!["America/Phoenix"]),
            (303, "CO", vec!["America/Denver"]),
            (310, "CA", vec!["America/Los_Angeles"]),
            (808, "HI", vec!["Pacific/Honolulu"]),
            (907, "AK", vec!["America/Anchorage", "America/Adak"]),
            (850, "FL", vec!["America/New_York", "America/Chicago"]),
            (208, "ID", vec!["America/Boise", "America/Los_Angeles"]),
            (701, "ND", vec!["America/Chicago", "America/Denver"]),
            (416, "ON", vec!["America/Toronto"]),
            (514, "QC", vec!["America/Toronto"]),
            (604, "BC", vec!["America/Vancouver"]),
            (902, "NS,PE", vec!["America/Halifax"]),
            (787, "PR", vec!["America/Puerto_Rico"]),
        ] {
            let entry = look_up(code).unwrap();
            assert_eq!((entry.region, &entry.zones), (region, &zones), "{code}");
        }
        for code in [555, 800, 900, 911, 242, 876, 999] {
            assert_eq!(look_up(code), None, "{code}");
        }
    }

    #[test]
    fn every_state_and_province_has_a_code() {
        let regions: std::collections::BTreeSet<&str> = all().flat_map(|entry| entry.region.split(',')).collect();
        assert_eq!(regions.len(), 51 + 5 + 13);
    }
}
