//! Which of the free times are named to a caller.

use std::time::Duration;

use crate::Timestamp;
use crate::conversation::understanding::When;
use crate::zone::Zone;

/// Most times that are offered.
const MOST: usize = 4;
/// Times on one day, where no day was wished.
const A_DAY: usize = 2;
/// Times on one day lie this far apart, while there are enough.
const APART: Duration = Duration::from_secs(2 * 3600);

/// Times to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The starts, in order; at most four.
    pub starts: Vec<Timestamp>,
    /// They fit what was wished; true also when nothing was.
    pub fits: bool,
}

/// Chooses from the free times, which are in order, what fits a wish; the next ones where nothing does.
#[must_use]
pub fn offer(free: &[Timestamp], wish: Option<&When>, zone: &Zone) -> Offer {
    let fitting: Vec<Timestamp> = free
        .iter()
        .copied()
        .filter(|start| wish.is_none_or(|wish| fits(wish, *start, zone)))
        .collect();
    if fitting.is_empty() {
        let after = wish.and_then(|wish| wish.date).map(|day| zone.start_of(day));
        // What comes nearest to a wished day comes after it; without anything there, whatever is free.
        let later = free.partition_point(|start| after.is_some_and(|after| *start < after));
        let rest = free.get(later..).filter(|rest| !rest.is_empty()).unwrap_or(free);
        return Offer {
            starts: spread(rest, A_DAY, zone),
            fits: wish.is_none(),
        };
    }
    let a_day = if wish.is_some_and(When::is_one_day) {
        MOST
    } else {
        A_DAY
    };
    Offer {
        starts: spread(&fitting, a_day, zone),
        fits: true,
    }
}

fn fits(wish: &When, start: Timestamp, zone: &Zone) -> bool {
    let local = zone.to_local(start);
    let minute = local.minute_of_day();
    // "At three" is a wish for three o'clock, "after three" begins there, "before noon" ends there.
    wish.is_on(local.day)
        && wish.from.is_none_or(|from| minute >= u32::from(from.minutes()))
        && wish.to.is_none_or(|to| {
            let until = u32::from(to.minutes());
            if wish.from == Some(to) {
                minute == until
            } else {
                minute < until
            }
        })
}

/// A few of many: far apart first, closer ones only to fill up.
fn spread(free: &[Timestamp], a_day: usize, zone: &Zone) -> Vec<Timestamp> {
    let mut chosen: Vec<Timestamp> = Vec::new();
    for apart in [APART, Duration::ZERO] {
        for start in free {
            if chosen.len() == MOST {
                break;
            }
            let today = zone.to_local(*start).day;
            let taken = chosen
                .iter()
                .filter(|other| zone.to_local(**other).day == today)
                .count();
            let near = |other: &Timestamp| other.max(start).since(*other.min(start)) < apart;
            if taken < a_day && !chosen.contains(start) && !chosen.iter().any(near) {
                chosen.push(*start);
            }
        }
    }
    chosen.sort_unstable();
    chosen
}
