//! Which zone a feed means.

use mccc_core::zone::Zone;

/// Windows' names of zones that feeds of Outlook and Exchange use, each with the city whose rules they follow (Unicode
/// CLDR, windowsZones, territory 001, read 2026-11).
const WINDOWS: &[(&str, &str)] = &[
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Arabian Standard Time", "Asia/Dubai"),
    ("Argentina Standard Time", "America/Buenos_Aires"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Canada Central Standard Time", "America/Regina"),
    ("Central America Standard Time", "America/Guatemala"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("Central Standard Time", "America/Chicago"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"),
    ("China Standard Time", "Asia/Shanghai"),
    ("E. Europe Standard Time", "Europe/Chisinau"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Eastern Standard Time", "America/New_York"),
    ("Eastern Standard Time (Mexico)", "America/Cancun"),
    ("FLE Standard Time", "Europe/Kiev"),
    ("GMT Standard Time", "Europe/London"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("Haiti Standard Time", "America/Port-au-Prince"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("India Standard Time", "Asia/Calcutta"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("Mountain Standard Time", "America/Denver"),
    ("Mountain Standard Time (Mexico)", "America/Mazatlan"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("Pacific SA Standard Time", "America/Santiago"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Pacific Standard Time (Mexico)", "America/Tijuana"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("SA Eastern Standard Time", "America/Cayenne"),
    ("SA Pacific Standard Time", "America/Bogota"),
    ("SA Western Standard Time", "America/La_Paz"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("US Eastern Standard Time", "America/Indianapolis"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("UTC", "UTC"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Yukon Standard Time", "America/Whitehorse"),
];

/// The zone of that name: one of the IANA database, one with a path before it, or one of Windows.
pub(super) fn named(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    if let Ok(zone) = Zone::parse(name) {
        return Some(zone);
    }
    let windows = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
    if let Some((_, city)) = windows {
        return Zone::parse(city).ok();
    }
    // Such as /citadel.org/20251201_1/America/New_York: at most three last parts are a zone's name.
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    (2..=3).find_map(|count| {
        let from = parts.len().checked_sub(count)?;
        Zone::parse(&parts.get(from..)?.join("/")).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_name_has_a_zone() {
        for (windows, city) in WINDOWS {
            assert!(named(windows).is_some(), "{windows}: {city}");
        }
    }

    #[test]
    fn a_zone_is_found_under_each_of_its_names() {
        let found = |name: &str| named(name).map(|zone| zone.name().to_owned());
        assert_eq!(found("America/Chicago").as_deref(), Some("America/Chicago"));
        assert_eq!(found("\"Central Standard Time\"").as_deref(), Some("America/Chicago"));
        assert_eq!(
            found("/mozilla.org/20050126_1/Europe/Berlin").as_deref(),
            Some("Europe/Berlin")
        );
        let indiana = found("/x/America/Indiana/Knox");
        assert_eq!(indiana.as_deref(), Some("America/Indiana/Knox"));
        for unknown in ["", "Customized Time Zone", "/", "a/b/c/d"] {
            assert_eq!(found(unknown), None, "{unknown}");
        }
    }
}
