//! What counts against a business's limits, held against a recount: a store may keep sums instead of counting.

use std::collections::BTreeMap;
use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, refused};
use crate::conversation::{Conversation, Message, MessageStatus};
use crate::port::store::{Change, Conflict, Guard, Stale};
use crate::testkit::contract::{Checked, Done, Failure, ensure_eq};
use crate::testkit::{SeededEntropy, build};
use crate::{BusinessId, PhoneNumber, Timestamp};

const MICRO: Duration = Duration::from_micros(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

const OURS: &[MessageStatus] = &[
    MessageStatus::Waiting,
    MessageStatus::Claimed,
    MessageStatus::Unknown,
    MessageStatus::Queued,
    MessageStatus::Sent,
    MessageStatus::Delivered,
    MessageStatus::Undelivered,
    MessageStatus::Failed,
    MessageStatus::Canceled,
];

/// Somewhere within 28 hours, often exactly at a whole minute or hour or a microsecond beside it.
fn moment(dice: &SeededEntropy, start: Timestamp) -> Timestamp {
    let micros = i64::try_from(dice.below(28 * 3_600_000_000)).unwrap_or(0);
    let at = start.plus(Duration::from_micros(micros.unsigned_abs()));
    let whole = |step: Duration| {
        let step = i64::try_from(step.as_micros()).unwrap_or(1);
        let floor = Timestamp::from_micros(at.as_micros().div_euclid(step) * step);
        match dice.below(3) {
            0 => floor.minus(MICRO),
            1 => floor,
            _ => floor.plus(MICRO),
        }
    };
    match dice.below(4) {
        0 => whole(MINUTE),
        1 => whole(HOUR),
        _ => at,
    }
}

/// Texts that count, after a day ago, and numbers whose first one is after an hour ago.
fn recount(texts: &[Message], now: Timestamp) -> (u32, u32) {
    let counted = texts.iter().filter(|text| {
        !matches!(
            text.status,
            MessageStatus::Waiting | MessageStatus::Failed | MessageStatus::Canceled
        )
    });
    let (mut day, mut firsts) = (0, BTreeMap::<PhoneNumber, Timestamp>::new());
    for text in counted {
        day += u32::from(text.created_at > now.minus(DAY));
        let first = firsts.entry(text.theirs).or_insert(text.created_at);
        *first = (*first).min(text.created_at);
    }
    let new = firsts.values().filter(|first| **first > now.minus(HOUR)).count();
    (day, u32::try_from(new).unwrap_or(u32::MAX))
}

/// The snapshot tells the recount, and the guards let through what stays below it and nothing else.
async fn agrees(bench: &Bench<'_>, business: BusinessId, texts: &[Message], now: Timestamp) -> Result<(), Failure> {
    let (day, new) = recount(texts, now);
    let counts = bench.store.thread(business, &build::phone(10), now).await?.counts;
    ensure_eq!(
        (counts.business_last_day, counts.new_recipients_last_hour),
        (day, new),
        "texts of the day and new recipients of the hour"
    );
    let offer = |business_day, new_recipients_hour| {
        let mut commit = build::commit(business, now, vec![]);
        commit.guards = vec![Guard::SendsBelow {
            business_day,
            new_recipients_hour,
        }];
        bench.store.commit(commit)
    };
    offer(Some(day + 1), Some(new + 1)).await?;
    for full in [offer(Some(day), None).await, offer(None, Some(new)).await] {
        ensure_eq!(
            refused(full)?,
            Conflict::Stale(Stale::SendCounts),
            "a limit that is reached"
        );
    }
    Ok(())
}

pub(super) async fn sends_equal_a_recount_whatever_becomes_of_them(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let start = bench.now();
    let dice = SeededEntropy::new(7);
    let threads: Vec<Conversation> = (10..26).map(|n| build::thread(ace, build::phone(n), start)).collect();
    let opened = threads.iter().cloned().map(Change::PutConversation).collect();
    bench.apply(ace, opened).await?;
    let mut texts = Vec::new();
    for thread in threads.iter().cycle().take(120) {
        let name = format!("text {}", texts.len());
        let mut text = build::message(thread, &name, moment(&dice, start));
        text.status = dice.pick(OURS).copied().unwrap_or(MessageStatus::Sent);
        texts.push(text);
    }
    let put = |text: &Message| Change::PutMessage(Box::new(text.clone()));
    bench.apply(ace, texts.iter().map(put).collect()).await?;
    for _ in 0..4 {
        for _ in 0..6 {
            agrees(&bench, ace, &texts, moment(&dice, start.plus(HOUR))).await?;
        }
        let mut changed = Vec::new();
        for text in &mut texts {
            if dice.once_in(3) {
                continue;
            }
            text.version += 1;
            text.status = dice.pick(OURS).copied().unwrap_or(MessageStatus::Sent);
            // A row is written whole, whatever of it changes.
            if dice.once_in(4) {
                text.created_at = moment(&dice, start);
            }
            changed.push(put(text));
        }
        bench.apply(ace, changed).await?;
    }
    agrees(&bench, ace, &texts, start.plus(DAY)).await?;
    Ok(Done::Passed)
}
