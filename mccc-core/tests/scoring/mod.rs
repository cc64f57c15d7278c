//! How well texts are understood: labelled texts in, counts out. Shared by the test and by the command that prints them.

mod businesses;
mod questions;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mccc_core::Timestamp;
use mccc_core::conversation::Urgency;
use mccc_core::conversation::understanding::{Channel, Context, Intent, Understanding, understand};
use serde::Deserialize;

use businesses::{businesses, some_day};
pub(crate) use questions::ask;

#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    business: String,
    channel: Channel,
    #[serde(default)]
    now: Option<Timestamp>,
    #[serde(default)]
    context: Option<Context>,
    text: String,
    expect: Expect,
    #[serde(default)]
    near_miss: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Expect {
    intent: Intent,
    #[serde(default)]
    also: Vec<Intent>,
    urgency: Urgency,
    safety: Option<String>,
    opt_out: bool,
    #[serde(default, deserialize_with = "present")]
    faq: Option<Option<String>>,
    slot: Option<u8>,
    name: Option<String>,
    callback: Option<String>,
    address: Option<String>,
    when: Option<serde_json::Value>,
}

/// Tells a `null` from a missing field.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Right ones of all.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) right: usize,
    pub(crate) all: usize,
}

impl Count {
    fn add(&mut self, right: bool) {
        self.all += 1;
        self.right += usize::from(right);
    }

    /// Right ones in a thousand.
    pub(crate) fn per_mille(self) -> usize {
        (self.right * 1000).checked_div(self.all).unwrap_or(1000)
    }
}

/// How a set of texts was understood.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    pub(crate) intent: Count,
    pub(crate) by_intent: BTreeMap<&'static str, Count>,
    /// Questions that an entry or the profile answers.
    pub(crate) faq_answerable: Count,
    /// Texts that were given a wrong answer, of all texts.
    pub(crate) faq_wrong: usize,
    pub(crate) emergencies: Count,
    /// Texts that are none, left alone.
    pub(crate) no_emergencies: Count,
    /// Such as speak of gas, leaks and the like.
    pub(crate) near_misses: Count,
    pub(crate) urgency: Count,
    pub(crate) safety: Count,
    pub(crate) opt_outs: Count,
    pub(crate) no_opt_outs: Count,
    pub(crate) fields: BTreeMap<&'static str, Count>,
    /// Fields that nobody gave.
    pub(crate) invented: BTreeMap<&'static str, usize>,
    /// Confidence by tenths, with how many were right.
    pub(crate) calibration: [Count; 11],
    pub(crate) misread: Vec<String>,
}

/// Reads every line of a set and counts.
pub(crate) fn score(set: &str) -> Scores {
    let known = businesses();
    let mut scores = Scores::default();
    for line in set.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).expect("a line of the set is read");
        let (settings, index) = known.get(&line.business).expect("a known business");
        let now = line.now.unwrap_or_else(some_day);
        let context = line.context.clone().unwrap_or_default();
        let read = understand(&line.text, line.channel, &context, &settings.profile, index, now);
        scores.count(&line, &read);
    }
    scores
}

/// A count as a line for people.
fn row(name: &str, count: Count) -> String {
    let (whole, tenth) = (count.per_mille() / 10, count.per_mille() % 10);
    let Count { right, all } = count;
    format!("{name:<34} {right:>4} of {all:>4}  {whole:>3}.{tenth} %\n")
}

impl Scores {
    fn count(&mut self, line: &Line, read: &Understanding) {
        let expect = &line.expect;
        let mut wrong: Vec<String> = Vec::new();
        let right = read.intent == expect.intent || expect.also.contains(&read.intent);
        self.intent.add(right);
        self.by_intent.entry(expect.intent.name()).or_default().add(right);
        let tenth = (0..10_u8)
            .rev()
            .find(|tenth| read.confidence >= f32::from(*tenth) / 10.0)
            .unwrap_or(0);
        let place = if read.confidence >= 0.95 {
            10
        } else {
            usize::from(tenth)
        };
        self.calibration[place].add(right);
        if !right {
            wrong.push(format!(
                "{} for {} ({})",
                read.intent.name(),
                expect.intent.name(),
                read.confidence
            ));
        }
        let answered = read.faq.as_ref().map(|found| found.topic.clone());
        let expected = expect.faq.clone().flatten();
        if let Some(topic) = &expected {
            let hit = answered.as_ref() == Some(topic);
            self.faq_answerable.add(hit);
            if !hit {
                wrong.push(format!("faq {answered:?} for {topic}"));
            }
        } else if answered.is_some() {
            wrong.push(format!("faq {answered:?} for none"));
        }
        self.faq_wrong += usize::from(answered.is_some() && answered != expected);
        let emergency = read.urgency == Urgency::Emergency;
        if expect.urgency == Urgency::Emergency {
            self.emergencies.add(emergency);
        } else {
            self.no_emergencies.add(!emergency);
            if !line.near_miss.is_empty() {
                self.near_misses.add(!emergency);
            }
        }
        self.urgency.add(read.urgency == expect.urgency);
        if read.urgency != expect.urgency {
            wrong.push(format!("{} for {}", read.urgency.name(), expect.urgency.name()));
        }
        let safety = read.danger.map(|danger| danger.name().to_owned());
        if expect.safety.is_some() || safety.is_some() {
            self.safety.add(safety == expect.safety);
            if safety != expect.safety {
                wrong.push(format!("safety {safety:?} for {:?}", expect.safety));
            }
        }
        let opted_out = matches!(
            read.consent,
            mccc_core::compliance::consent::ConsentIntent::OptOut { .. }
        );
        let count = if expect.opt_out {
            &mut self.opt_outs
        } else {
            &mut self.no_opt_outs
        };
        count.add(opted_out == expect.opt_out);
        if opted_out != expect.opt_out {
            wrong.push(format!("opt_out {opted_out}"));
        }
        self.fields_of(line, read, &mut wrong);
        if !wrong.is_empty() {
            self.misread
                .push(format!("{} {:?}: {}", line.id, line.text, wrong.join("; ")));
        }
    }

    fn fields_of(&mut self, line: &Line, read: &Understanding, wrong: &mut Vec<String>) {
        let expect = &line.expect;
        let plain = |text: &str| text.to_lowercase();
        let fields = &read.fields;
        let when = fields.when.and_then(|when| serde_json::to_value(when).ok());
        let pairs = [
            (
                "name",
                expect.name.as_deref().map(plain),
                fields.name.as_deref().map(plain),
            ),
            (
                "callback",
                expect.callback.clone(),
                fields.callback.map(|number| number.to_string()),
            ),
            (
                "address",
                expect.address.as_deref().map(plain),
                fields.address.as_deref().map(plain),
            ),
            (
                "slot",
                expect.slot.map(|slot| slot.to_string()),
                fields.slot.map(|slot| slot.to_string()),
            ),
            (
                "when",
                expect.when.as_ref().map(ToString::to_string),
                when.as_ref().map(ToString::to_string).filter(|_| line.now.is_some()),
            ),
        ];
        for (name, expected, found) in pairs {
            if expected.is_some() {
                self.fields.entry(name).or_default().add(found == expected);
            } else if found.is_some() {
                *self.invented.entry(name).or_default() += 1;
            }
            if found != expected {
                wrong.push(format!("{name} {found:?} for {expected:?}"));
            }
        }
    }

    /// The scores as a table for people.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let mut row = |name: &str, count: Count| table.push_str(&row(name, count));
        row("intent", self.intent);
        for (intent, count) in &self.by_intent {
            row(&format!("  {intent}"), *count);
        }
        row("questions answered rightly", self.faq_answerable);
        row(
            "wrong answers, of all texts",
            Count {
                right: self.faq_wrong,
                all: self.intent.all,
            },
        );
        row("emergencies found", self.emergencies);
        row("other texts left alone", self.no_emergencies);
        row("  that speak of gas, leaks, …", self.near_misses);
        row("urgency", self.urgency);
        row("danger to walk away from", self.safety);
        row("opt-outs found", self.opt_outs);
        row("other texts left alone", self.no_opt_outs);
        for (field, count) in &self.fields {
            row(&format!("  {field}"), *count);
        }
        for (tenth, count) in self.calibration.iter().enumerate().filter(|(_, count)| count.all > 0) {
            let from = if tenth == 10 {
                "0.95".to_owned()
            } else {
                format!("0.{tenth}0")
            };
            row(&format!("right at confidence {from} and up"), *count);
        }
        let _infallible = writeln!(table, "fields that nobody gave: {:?}", self.invented);
        table
    }
}
