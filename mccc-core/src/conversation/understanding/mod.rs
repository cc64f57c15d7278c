//! What a caller's text or voicemail means: intent, the question it asks, urgency, wishes, and the words that prove each.
//!
//! Deterministic and offline: the same text in the same context is understood the same way on every machine. Words are
//! given concepts (`lexicon.txt`), constructions of concepts speak for or against intents (`rules.txt`), and what was
//! asked last decides what "2", "yes" and "R" mean. Consent is read by [`crate::compliance::consent`], urgency by
//! `conversation::emergency`; weights learned from labelled texts hear beside them what no rule names
//! (`conversation::alone`), and decide about the intent. `docs/understanding.md` says how well this does on texts that it was not written for.

mod choice;
mod context;
mod faq;
mod fields;
mod greeting;
mod intent;
mod issue;
mod meaning;
mod names;
mod numbers;
mod plain;
mod when;

pub use context::{Asked, Channel, Context};
#[cfg(feature = "testkit")]
pub use faq::training;
pub use faq::{Embedding, FaqIndex, FaqMatch, Shelf, Similar, Unusable};
pub use greeting::greets;
pub use intent::Intent;
pub use issue::{tells_trouble, tells_work};
pub use meaning::{may_be_meant, parts, with_meaning};
pub use names::{is_a_full_name, is_a_name, says_no_name};
pub use plain::Plain;
pub use when::When;

use serde::Serialize;

use super::alone::{self, Alone};
use super::emergency::{Danger, Urgency};
use super::reading::{Folded, Text};
use crate::business::Profile;
use crate::compliance::consent::ConsentIntent;
use crate::{PhoneNumber, Timestamp};

/// A match this likely answers a question by itself.
pub const FAQ_THRESHOLD: f32 = 0.75;
/// A wish for an appointment this likely is taken up without asking.
pub const BOOKING_THRESHOLD: f32 = 0.80;

/// What a text means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Understanding {
    /// What the caller wants.
    pub intent: Intent,
    /// How sure that is, 0 to 1, as measured: of texts read with 0.9, nine in ten are read rightly.
    pub confidence: f32,
    /// The entry that answers, where the caller asks and one does.
    pub faq: Option<FaqMatch>,
    /// How soon somebody has to come.
    pub urgency: Urgency,
    /// What the caller should walk away from first.
    #[serde(rename = "safety")]
    pub danger: Option<Danger>,
    /// What it says about being texted.
    pub consent: ConsentIntent,
    /// What the caller told.
    pub fields: Fields,
    /// The caller's own words that speak for each reading.
    pub evidence: Vec<Evidence>,
}

/// What a caller told about themselves and their wishes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Fields {
    /// Their name, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A number to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<PhoneNumber>,
    /// The street line, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The wished day and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Which of the offered slots, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<u8>,
}

/// Words that speak for a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What they speak for.
    pub of: &'static str,
    /// The words, as the caller wrote them.
    pub words: String,
}

impl Evidence {
    fn new(of: &'static str, words: &str) -> Self {
        Self {
            of,
            words: words.to_owned(),
        }
    }
}

/// Reads a text. Anything is accepted; only its beginning counts, twice as long as a text message can be.
#[must_use]
pub fn understand(
    text: &str,
    channel: Channel,
    context: &Context,
    profile: &Profile,
    index: &FaqIndex,
    now: Timestamp,
) -> Understanding {
    let folded = Folded::of(text);
    let read = Text::of(text, &folded, intent::lexicon());
    let found = Found::new(&read, &folded, (channel, context), profile, index, now);
    let (intent, confidence, mut evidence) = found.intent(&read, (channel, context));
    let Found {
        alone, when, choice, ..
    } = found;
    let urgent = alone.urgency;
    let faq = found.faq.filter(|found| {
        let answers = intent == Intent::Faq || (intent == Intent::Pricing && found.about_money);
        answers && found.score >= FAQ_THRESHOLD
    });
    if urgent.level != Urgency::Routine {
        evidence.extend(urgent.words.iter().map(|words| Evidence::new("urgency", words)));
    }
    let spam = intent == Intent::SpamOrSales;
    let chosen = choice.filter(|_| intent == Intent::SlotChoice);
    let when = match chosen {
        // "The 2nd" of three slots is no day, and "ten works" is a time.
        Some(choice) if !choice.timed => When::default(),
        Some(choice) if when.when.is_empty() => choice::time_of(&choice, &context.slots, &profile.zone),
        Some(_) | None => when.when,
    };
    Understanding {
        intent,
        confidence: (confidence * 100.0).round() / 100.0,
        faq,
        urgency: urgent.level,
        danger: urgent.danger,
        consent: alone.consent,
        fields: Fields {
            name: fields::name(&read, context.asked, &profile.owner_name).filter(|_| !spam),
            callback: found.callback,
            address: found.address.map(|(first, end)| read.quote(first, end).to_owned()),
            when: Some(when).filter(|when| !when.is_empty()),
            slot: chosen.and_then(|choice| choice.slot),
        },
        evidence,
    }
}

/// What is found in a text before its intent is chosen.
struct Found {
    alone: Alone,
    address: Option<(usize, usize)>,
    when: when::WhenReading,
    choice: Option<choice::Choice>,
    faq: Option<FaqMatch>,
    callback: Option<PhoneNumber>,
}

impl Found {
    fn new(
        read: &Text<'_>,
        folded: &Folded,
        (_, context): (Channel, &Context),
        profile: &Profile,
        index: &FaqIndex,
        now: Timestamp,
    ) -> Self {
        let zone = &profile.zone;
        let month = zone.to_local(now).day.to_date().month();
        let address = fields::address(read, context.asked, &profile.service_area.cities);
        let when = when::read(read, now, zone, address);
        let choice = (context.asked == Some(Asked::Slots))
            .then(|| choice::choose(read, &when, &context.slots, zone))
            .flatten();
        Self {
            alone: alone::read(read.raw, folded, u8::try_from(month).ok()),
            address,
            choice,
            when,
            faq: index.answer(read.raw, folded, intent::asks(read)),
            callback: fields::callback(read),
        }
    }

    fn intent(&self, read: &Text<'_>, (channel, context): (Channel, &Context)) -> (Intent, f32, Vec<Evidence>) {
        let findings = self.findings(read, (channel, context));
        let signals = intent::Signals::of(&findings);
        let by_rules = intent::decide(&findings, &signals);
        intent::weigh(&findings, &signals, by_rules, &self.alone)
    }

    fn findings<'f, 't>(
        &'f self,
        text: &'f Text<'t>,
        (channel, context): (Channel, &'f Context),
    ) -> intent::Findings<'f, 't> {
        intent::Findings {
            text,
            channel,
            context,
            consent: &self.alone.by_rules.1,
            urgency: self.alone.by_rules.0,
            choice: self.choice,
            faq: self.faq.as_ref(),
            callback: self.callback.is_some(),
        }
    }
}

/// A text as it is learned from: what is noticed of its intent, and of what it says by itself.
#[cfg(feature = "testkit")]
#[must_use]
pub fn noticed(
    text: &str,
    channel: Channel,
    context: &Context,
    profile: &Profile,
    index: &FaqIndex,
    now: Timestamp,
) -> [super::learned::training::Example; 2] {
    use super::learned::training::Example;

    let folded = Folded::of(text);
    let read = Text::of(text, &folded, intent::lexicon());
    let found = Found::new(&read, &folded, (channel, context), profile, index, now);
    let findings = found.findings(&read, (channel, context));
    let signals = intent::Signals::of(&findings);
    let (decided, ..) = intent::decide(&findings, &signals);
    let number = Intent::ALL.iter().position(|intent| *intent == decided).unwrap_or(0);
    let noticed = intent::notice(&findings, &signals, decided);
    let level = found.alone.by_rules.0;
    let level = Urgency::ALL.iter().position(|one| *one == level).unwrap_or(0);
    [Example::new(noticed, number), Example::new(found.alone.noticed, level)]
}

#[cfg(test)]
mod tests;
