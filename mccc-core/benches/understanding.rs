//! What it costs to understand a text against fifty questions, and to build their index.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use mccc_core::Timestamp;
use mccc_core::business::{FaqEntry, Settings};
use mccc_core::conversation::understanding::{Channel, Context, FaqIndex, understand};
use mccc_core::zone::Zone;

/// Questions of the six trades, as many as a busy business has.
const ENTRIES: usize = 50;

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let businesses: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../tests/data/understanding/businesses.json")).unwrap();
    let mut settings = Settings::new("Polar Ridge", Zone::parse("America/Chicago").unwrap());
    let entries = businesses
        .iter()
        .filter_map(|business| business.get("faq")?.as_array())
        .flatten();
    settings.faq = entries
        .take(ENTRIES)
        .map(|entry| serde_json::from_value::<FaqEntry>(entry.clone()).unwrap())
        .collect();
    assert_eq!(settings.faq.len(), ENTRIES);
    settings
});
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let set = include_str!("../tests/data/understanding/development.jsonl");
    set.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line.get("text").unwrap().as_str().unwrap().to_owned())
        .collect()
});

fn main() {
    divan::main();
}

#[divan::bench]
fn a_text_against_fifty_entries(bencher: Bencher<'_, '_>) {
    let index = FaqIndex::new(&SETTINGS);
    let context = Context::default();
    let now = Timestamp::from_seconds(1_790_000_000);
    let read = |text: &str| understand(text, Channel::Sms, &context, &SETTINGS.profile, &index, now);
    // The word lists are compiled once a process.
    black_box(read("warm up"));
    let mut texts = TEXTS.iter().cycle();
    bencher.bench_local(|| black_box(read(texts.next().map_or("", String::as_str))));
}

#[divan::bench]
fn the_longest_text(bencher: Bencher<'_, '_>) {
    let index = FaqIndex::new(&SETTINGS);
    let context = Context::default();
    let text: String = TEXTS
        .iter()
        .flat_map(|text| text.chars().chain([' ']))
        .take(1600)
        .collect();
    let now = Timestamp::from_seconds(1_790_000_000);
    bencher.bench_local(|| {
        black_box(understand(
            &text,
            Channel::Sms,
            &context,
            &SETTINGS.profile,
            &index,
            now,
        ))
    });
}

#[divan::bench]
fn the_index_of_fifty_entries(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| black_box(FaqIndex::new(&SETTINGS)));
}
