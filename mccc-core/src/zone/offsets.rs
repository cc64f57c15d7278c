//! The offsets of a zone as a table, so that a conversion costs two reads instead of a walk through rules.

use jiff::tz::TimeZone;

/// Width of a bucket as a power of two: 2^22 seconds are 48 days, so that few buckets hold a change and fewer two.
const BUCKET_BITS: u32 = 22;
/// First second of the table: 1969-11-13, before every instant this program can meet.
const FIRST: i64 = -(1 << BUCKET_BITS);
/// Buckets of the table; it ends in 2103.
const BUCKETS: i64 = 1_002;
const END: i64 = FIRST + (BUCKETS << BUCKET_BITS);

/// Seconds of UTC with one offset: from `from` until before `until`. Before and after them it may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) offset: i32,
}

/// Offsets between 1969-11-13 and 2103.
#[derive(Debug)]
pub(super) struct Offsets {
    /// Stretches of one offset, by their first second; never empty.
    spans: Box<[Span]>,
    /// For each bucket the stretch that its first second lies in.
    buckets: Box<[u16]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: i64,
    offset: i32,
}

impl Offsets {
    pub(super) fn compile(zone: &TimeZone) -> Self {
        let mut spans = vec![Span {
            from: FIRST,
            offset: by_rule(zone, FIRST),
        }];
        let mut last = FIRST;
        while let Some(change) = next_change_by_rule(zone, last) {
            if change >= END || spans.len() >= usize::from(u16::MAX) {
                break;
            }
            spans.push(Span {
                from: change,
                offset: by_rule(zone, change),
            });
            last = change;
        }
        let buckets = (0..BUCKETS)
            .map(|bucket| {
                let start = FIRST.saturating_add(bucket << BUCKET_BITS);
                let span = spans.partition_point(|span| span.from <= start).saturating_sub(1);
                u16::try_from(span).unwrap_or(u16::MAX)
            })
            .collect();
        Self {
            spans: spans.into(),
            buckets,
        }
    }

    /// The offset at a second of UTC; nothing outside the table.
    #[inline]
    pub(super) fn at(&self, seconds: i64) -> Option<i32> {
        let index = self.index(seconds)?;
        self.spans.get(index).map(|span| span.offset)
    }

    /// The first change after a second of UTC; nothing outside the table and after its last change.
    pub(super) fn next_change(&self, seconds: i64) -> Option<i64> {
        let index = self.index(seconds)?;
        self.spans.get(index.saturating_add(1)).map(|span| span.from)
    }

    /// The stretch of one offset that a second of UTC lies in; nothing outside the table.
    #[inline]
    pub(super) fn stretch(&self, seconds: i64) -> Option<Stretch> {
        let index = self.index(seconds)?;
        let span = self.spans.get(index)?;
        Some(Stretch {
            from: span.from,
            until: self.spans.get(index.saturating_add(1)).map_or(END, |next| next.from),
            offset: span.offset,
        })
    }

    #[inline]
    fn index(&self, seconds: i64) -> Option<usize> {
        let bucket = usize::try_from(seconds.checked_sub(FIRST)? >> BUCKET_BITS).ok()?;
        let mut index = usize::from(*self.buckets.get(bucket)?);
        while let Some(next) = self.spans.get(index.saturating_add(1))
            && next.from <= seconds
        {
            index = index.saturating_add(1);
        }
        Some(index)
    }
}

/// The offset by the rules themselves: right for every instant, and slower than the table.
#[cold]
pub(super) fn by_rule(zone: &TimeZone, seconds: i64) -> i32 {
    zone.to_offset(instant(seconds)).seconds()
}

/// The first second after `seconds` at which the offset is another one. A change of name alone is none.
#[cold]
pub(super) fn next_change_by_rule(zone: &TimeZone, seconds: i64) -> Option<i64> {
    let before = by_rule(zone, seconds);
    zone.following(instant(seconds))
        .find(|change| change.offset().seconds() != before)
        .map(|change| change.timestamp().as_second())
}

fn instant(seconds: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZoneDatabase;

    #[test]
    fn the_table_agrees_with_the_rules_around_every_change_of_every_zone() {
        let database = TimeZoneDatabase::bundled();
        let mut changes = 0;
        for name in super::super::names() {
            let zone = database.get(name).unwrap();
            let table = Offsets::compile(&zone);
            for span in &*table.spans {
                for second in [span.from - 1, span.from, span.from + 1, span.from + 86_400] {
                    if second >= FIRST {
                        assert_eq!(table.at(second), Some(by_rule(&zone, second)), "{name} at {second}");
                    }
                }
                changes += 1;
            }
            for second in (FIRST..END).step_by(9_973_337) {
                assert_eq!(table.at(second), Some(by_rule(&zone, second)), "{name} at {second}");
            }
        }
        assert!(changes > 10_000, "only {changes} changes in the whole database");
    }

    #[test]
    fn outside_the_table_there_is_no_answer() {
        let table = Offsets::compile(&TimeZoneDatabase::bundled().get("America/New_York").unwrap());
        assert_eq!(table.at(FIRST - 1), None);
        assert_eq!(table.at(END), None);
        assert!(table.at(END - 1).is_some());
        assert_eq!(table.at(i64::MIN), None);
        assert_eq!(table.at(i64::MAX), None);
    }
}
