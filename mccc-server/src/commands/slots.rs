//! Which hours are free, for scripts: questions in, one JSON line out each. `docs/slots.md` describes both.

mod input;

use std::io::{Read, Write};

use mccc_core::Timestamp;
use mccc_core::slots::{Busy, Question, Reading, WhyNot, starts, why_not};
use mccc_core::zone::{self, Zone};
use serde::Serialize;

use crate::failure::{Context as _, Failure};
use input::{Document, Input};

/// One answer.
#[derive(Serialize)]
struct Answer<'a> {
    zone: &'a Zone,
    zone_data: &'static str,
    window: Window,
    /// Every start, for machines.
    starts: Vec<Timestamp>,
    /// The same, as people read them.
    slots: Vec<Reading>,
    why_not: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Window {
    start: Timestamp,
    end: Timestamp,
}

/// What stands against an instant that was asked for.
#[derive(Serialize)]
struct Asked<'a> {
    at: Timestamp,
    offered: bool,
    /// The first of the reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    reasons: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Reason<'a> {
    #[serde(flatten)]
    why: WhyNot,
    /// The list whose entry is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    sentence: String,
}

/// Answers every question, exactly as a running server would.
///
/// # Errors
/// The first question that cannot be understood, by the name of its field. Those before it are answered.
pub fn answer_all(questions: impl Read, mut answers: impl Write) -> Result<(), Failure> {
    let documents = serde_json::Deserializer::from_reader(questions).into_iter::<Document>();
    for (index, document) in documents.enumerate() {
        let document = document.map_err(|error| match error.classify() {
            serde_json::error::Category::Io => Failure::from(error),
            serde_json::error::Category::Data => {
                Failure::bad_input(format!("question {}: {error}", index.saturating_add(1)))
            }
            serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
                Failure::bad_input(format!("this is not JSON: {error}"))
            }
        })?;
        let input = Input::read(document).context(|| format!("question {}", index.saturating_add(1)))?;
        serde_json::to_writer(&mut answers, &answer(&input))?;
        answers.write_all(b"\n")?;
    }
    Ok(())
}

fn answer(input: &Input) -> Answer<'_> {
    let busy: Vec<Busy> = input
        .busy
        .iter()
        .chain(&input.blocking_appointments)
        .map(|entry| entry.busy)
        .collect();
    let question = Question {
        zone: &input.zone,
        hours: &input.hours,
        terms: &input.terms,
        now: input.now,
        window: input.window,
        busy: &busy,
        appointments: &input.appointments,
    };
    let starts = starts(&question);
    let read = |start: &Timestamp| Reading::of(&input.zone, *start, input.terms.duration_minutes());
    Answer {
        zone: &input.zone,
        zone_data: zone::data_version(),
        window: Window {
            start: input.window.start(),
            end: input.window.end(),
        },
        slots: starts.iter().map(read).collect(),
        starts,
        why_not: input.asked.iter().map(|at| asked(input, &question, *at)).collect(),
    }
}

fn asked<'a>(input: &'a Input, question: &Question<'_>, at: Timestamp) -> Asked<'a> {
    let why = why_not(question, at);
    let first = why.first().map(|why| (why.code(), why.sentence(&input.zone)));
    let (reason, sentence) = first.unzip();
    Asked {
        at,
        offered: why.is_empty(),
        reason,
        sentence,
        reasons: why.into_iter().map(|why| in_full(input, why)).collect(),
    }
}

/// The reason with the entry it means, counted in the list that was given.
fn in_full(input: &Input, mut why: WhyNot) -> Reason<'_> {
    let sentence = why.sentence(&input.zone);
    let (mut list, mut title) = (None, None);
    if let WhyNot::Busy { entry, .. } | WhyNot::Buffer { entry, .. } = &mut why {
        let found = if let Some(found) = input.busy.get(*entry) {
            list = Some("busy");
            Some(found)
        } else {
            list = Some("appointments");
            input.blocking_appointments.get(entry.saturating_sub(input.busy.len()))
        };
        title = found.and_then(|found| found.title.as_deref());
        *entry = found.map_or(*entry, |found| found.place);
    }
    Reason {
        why,
        list,
        title,
        sentence,
    }
}
