//! "While You Were Away": what happened in quiet time, in one notice.

use super::{About, Matter, NoticeKind};
use crate::Timestamp;
use crate::port::store::{FeedEntry, FeedKind};
use crate::zone::Zone;

/// Most lines of a summary; the rest is counted.
const MOST_LINES: usize = 12;

/// One notice that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it was about.
    pub kind: NoticeKind,
    /// What it is about, by name.
    pub about: About,
    /// What the summary says of it.
    pub line: String,
    /// When it happened.
    pub at: Timestamp,
}

/// The notices that waited, among entries of the feed. An entry that cannot be read is left out.
#[must_use]
pub fn held_in(entries: &[FeedEntry]) -> Vec<Held> {
    entries
        .iter()
        .filter(|entry| entry.event.kind == FeedKind::NotificationHeld)
        .filter_map(|entry| {
            let data = &entry.event.data;
            Some(Held {
                kind: NoticeKind::from_name(data.get("notice")?.as_str()?)?,
                about: serde_json::from_value(data.get("about")?.clone()).ok()?,
                line: data.get("line")?.as_str()?.to_owned(),
                at: entry.event.at,
            })
        })
        .collect()
}

/// The summary of what waited; nothing when nothing did. The same thing is named once.
#[must_use]
pub fn summary(about: About, held: &[Held], zone: &Zone, now: Timestamp) -> Option<Matter> {
    let mut once: Vec<&Held> = Vec::new();
    for one in held {
        if !once.iter().any(|known| known.about == one.about) {
            once.push(one);
        }
    }
    if once.is_empty() {
        return None;
    }
    let counts: Vec<String> = NoticeKind::ALL
        .iter()
        .filter_map(|kind| {
            let count = once.iter().filter(|one| one.kind == *kind).count();
            (count > 0).then(|| format!("{count} × {}", kind.label()))
        })
        .collect();
    // What cannot wait comes first, then by time.
    let mut lines = once.clone();
    lines.sort_by_key(|one| (!one.kind.is_urgent(), one.at));
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut lines: Vec<String> = lines
        .iter()
        .take(MOST_LINES)
        .map(|one| format!("{}: {}", zone.to_local(one.at).clock_12h(), one.line))
        .collect();
    if more > 0 {
        lines.push(format!("… and {more} more."));
    }
    Some(Matter {
        sentence: Some(counts.join(", ")),
        said: Some(lines.join("\n")),
        ..Matter::new(about, NoticeKind::Away, now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskId;

    fn held(name: &str, kind: NoticeKind, minute: i64) -> Held {
        let at = Timestamp::from_seconds(1_800_000_000 + minute * 60);
        Held {
            kind,
            about: About::Task {
                task: TaskId::derive(at, name),
            },
            line: format!("{name}."),
            at,
        }
    }

    fn sum(held: &[Held]) -> Option<Matter> {
        let about = About::Away { after: 1, until: 9 };
        let zone = Zone::parse("UTC").unwrap();
        summary(about, held, &zone, Timestamp::from_seconds(1_800_100_000))
    }

    #[test]
    fn the_summary_counts_by_kind_and_begins_with_what_cannot_wait() {
        let missed = held("missed", NoticeKind::MissedCall, 0);
        let urgent = held("burst pipe", NoticeKind::Emergency, 5);
        let matter = sum(&[
            missed.clone(),
            urgent,
            held("another", NoticeKind::MissedCall, 9),
            missed,
        ])
        .unwrap();
        assert_eq!(matter.sentence.unwrap(), "1 × emergency, 2 × missed call");
        let lines = matter.said.unwrap();
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            ["8:05 AM: burst pipe.", "8:00 AM: missed.", "8:09 AM: another."]
        );
    }

    #[test]
    fn a_long_night_is_cut_and_says_so_and_a_silent_one_is_not_told() {
        let many: Vec<Held> = (0..20)
            .map(|minute| held(&minute.to_string(), NoticeKind::ReplyNeeded, minute))
            .collect();
        let matter = sum(&many).unwrap();
        assert_eq!(matter.sentence.unwrap(), "20 × text waiting for an answer");
        assert!(matter.said.unwrap().ends_with("… and 8 more."));
        assert_eq!(sum(&[]), None);
    }
}
