//! Our appointments as a file.
//!
//! Times are in UTC, so that no zone has to be described. The identifier stays the same for the life of an appointment;
//! a move or a cancellation is the same identifier with a higher sequence number. Sources: RFC 5545 and RFC 5546, read
//! 2026-11.

use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};
use mccc_core::port::{TimeRange, When};
use mccc_core::{AppointmentId, Timestamp};

use crate::text::{line, plain};

const PRODUCT: &str = "-//MCCC//Missed Call Command Center//EN";
/// Octets of a line of the file (RFC 5545, 3.1).
const LONGEST_OCTETS: usize = 75;
const LONGEST_LINE: usize = 300;
const LONGEST_TEXT: usize = 2_000;

/// An appointment as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcsEvent {
    /// Which appointment it is.
    pub appointment: AppointmentId,
    /// The domain of this installation, which makes the identifier unique in the world.
    pub domain: String,
    /// When it takes place.
    pub range: TimeRange,
    /// When the file was written.
    pub written_at: Timestamp,
    /// 0 at first, one more with each move or cancellation.
    pub sequence: u32,
    /// Whether it stands.
    pub status: IcsStatus,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// The business.
    pub organizer: Option<Organizer>,
}

/// Whether an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IcsStatus {
    /// It is held for somebody or waits for a confirmation.
    Tentative,
    /// It stands.
    Confirmed,
    /// It was called off.
    Cancelled,
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organizer {
    /// The business's name.
    pub name: String,
    /// Its address.
    pub email: String,
}

/// Time without appointments, as it stands in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcsBlock {
    /// What names it among all entries of this installation.
    pub name: String,
    /// The domain of this installation.
    pub domain: String,
    /// When.
    pub when: When,
    /// When the file was written.
    pub written_at: Timestamp,
    /// What it is called.
    pub title: String,
}

/// The identifier of an appointment in calendars.
#[must_use]
pub fn uid(appointment: AppointmentId, domain: &str) -> String {
    format!("{appointment}@{}", line(domain, LONGEST_LINE))
}

/// One appointment, to be added to somebody's calendar, or taken out of it when it was called off.
#[must_use]
pub fn invitation(event: &IcsEvent) -> String {
    let method = match event.status {
        IcsStatus::Tentative | IcsStatus::Confirmed => "PUBLISH",
        IcsStatus::Cancelled => "CANCEL",
    };
    let mut calendar = empty();
    calendar.append_property(Property::new("METHOD", method));
    calendar.push(vevent(event));
    folded(&calendar)
}

/// A feed of appointments and of time without any, to be subscribed to.
#[must_use]
pub fn feed(name: &str, events: &[IcsEvent], blocks: &[IcsBlock]) -> String {
    let mut calendar = empty();
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    calendar.append_property(Property::new("X-WR-CALNAME", line(name, LONGEST_LINE)));
    for event in events {
        calendar.push(vevent(event));
    }
    for block in blocks {
        calendar.push(vblock(block));
    }
    folded(&calendar)
}

/// The file with no line longer than it may be. The library folds too, but lets the last part of a line be one octet
/// longer.
fn folded(calendar: &Calendar) -> String {
    let unfolded = calendar.to_string().replace("\r\n ", "");
    let mut file = String::with_capacity(unfolded.len() + unfolded.len() / 32);
    for line in unfolded.split_terminator("\r\n") {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LONGEST_OCTETS {
                file.push_str("\r\n ");
                octets = 1;
            }
            file.push(c);
            octets += c.len_utf8();
        }
        file.push_str("\r\n");
    }
    file
}

fn empty() -> Calendar {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", PRODUCT));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar
}

fn vevent(event: &IcsEvent) -> Event {
    let mut written = Event::new();
    written
        .uid(&uid(event.appointment, &event.domain))
        .timestamp(event.written_at.to_chrono())
        .starts(event.range.start.to_chrono())
        .ends(event.range.end.to_chrono())
        .sequence(event.sequence)
        .summary(&line(&event.title, LONGEST_LINE))
        .status(match event.status {
            IcsStatus::Tentative => EventStatus::Tentative,
            IcsStatus::Confirmed => EventStatus::Confirmed,
            IcsStatus::Cancelled => EventStatus::Cancelled,
        });
    if let Some(text) = &event.description {
        written.description(&plain(text, LONGEST_TEXT));
    }
    if let Some(place) = &event.location {
        written.location(&line(place, LONGEST_LINE));
    }
    if let Some(organizer) = &event.organizer {
        // A parameter cannot escape a quotation mark.
        let name = line(&organizer.name, LONGEST_LINE).replace('"', "'");
        let address: String = organizer
            .email
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect();
        let mut property = Property::new("ORGANIZER", format!("mailto:{address}"));
        property.add_parameter("CN", &name);
        written.append_property(property);
    }
    written
}

fn vblock(block: &IcsBlock) -> Event {
    let mut written = Event::new();
    let domain = line(&block.domain, LONGEST_LINE);
    written
        .uid(&format!("{}@{domain}", line(&block.name, LONGEST_LINE)))
        .timestamp(block.written_at.to_chrono())
        .summary(&line(&block.title, LONGEST_LINE));
    match block.when {
        When::Instants(range) => {
            written.starts(range.start.to_chrono()).ends(range.end.to_chrono());
        }
        When::Days { first, until } => {
            // A date without a zone is that date wherever it is read.
            for (name, day) in [("DTSTART", first), ("DTEND", until)] {
                let mut property = Property::new(name, day.to_string().replace('-', ""));
                property.add_parameter("VALUE", "DATE");
                written.append_property(property);
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn event() -> IcsEvent {
        IcsEvent {
            appointment: AppointmentId::derive(Timestamp::from_seconds(1), "a"),
            domain: "mccc.example".to_owned(),
            range: TimeRange::of(
                Timestamp::parse("2026-06-02T14:00:00Z").unwrap(),
                Duration::from_secs(3_600),
            ),
            written_at: Timestamp::parse("2026-06-01T08:00:00.5Z").unwrap(),
            sequence: 2,
            status: IcsStatus::Confirmed,
            title: "Leak; kitchen, \\ sink".to_owned(),
            description: Some("Jo\r\nATTENDEE:mailto:eve@example.com".to_owned()),
            location: Some("12 Elm St\r\nSTATUS:CANCELLED".to_owned()),
            organizer: Some(Organizer {
                name: "Acme \"A\"; Sons, Ltd".to_owned(),
                email: "acme@example.com\r\nX:1".to_owned(),
            }),
        }
    }

    #[test]
    fn times_are_in_utc_and_text_stays_text() {
        let text = invitation(&event());
        let unfolded = text.replace("\r\n ", "");
        for expected in [
            "METHOD:PUBLISH",
            "DTSTART:20260602T140000Z",
            "DTEND:20260602T150000Z",
            "DTSTAMP:20260601T080000Z",
            "SEQUENCE:2",
            "STATUS:CONFIRMED",
            "SUMMARY:Leak\\; kitchen\\, \\\\ sink",
            "DESCRIPTION:Jo\\nATTENDEE:mailto:eve@example.com",
            "LOCATION:12 Elm St STATUS:CANCELLED",
            "ORGANIZER;CN=\"Acme 'A'; Sons, Ltd\":mailto:acme@example.comX:1",
        ] {
            assert!(
                unfolded.lines().any(|line| line == expected),
                "{expected} is not in\n{unfolded}"
            );
        }
        assert_eq!(unfolded.matches("STATUS:CANCELLED").count(), 1);
        assert!(unfolded.contains(&format!("UID:{}@mccc.example", event().appointment)));
    }

    #[test]
    fn a_feed_holds_appointments_and_blocked_time() {
        let block = |name: &str, when| IcsBlock {
            name: name.to_owned(),
            domain: "mccc.example".to_owned(),
            when,
            written_at: event().written_at,
            title: "Workshop\r\nSTATUS:CANCELLED".to_owned(),
        };
        let days = When::Days {
            first: "2026-06-03".parse().unwrap(),
            until: "2026-06-05".parse().unwrap(),
        };
        let blocks = [block("one", When::Instants(event().range)), block("two", days)];
        let text = feed("Acme", &[event()], &blocks).replace("\r\n ", "");
        for expected in [
            "X-WR-CALNAME:Acme",
            "UID:one@mccc.example",
            "DTSTART:20260602T140000Z",
            "UID:two@mccc.example",
            "DTSTART;VALUE=DATE:20260603",
            "DTEND;VALUE=DATE:20260605",
            "SUMMARY:Workshop STATUS:CANCELLED",
        ] {
            assert!(
                text.lines().any(|line| line == expected),
                "{expected} is not in\n{text}"
            );
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 3);
    }

    #[test]
    fn a_cancellation_is_the_same_event_called_off() {
        let text = invitation(&IcsEvent {
            status: IcsStatus::Cancelled,
            sequence: 3,
            ..event()
        });
        assert!(text.contains("METHOD:CANCEL\r\n") && text.contains("STATUS:CANCELLED\r\n"));
        assert!(text.contains(&event().appointment.to_string()[..20]));
    }
}
