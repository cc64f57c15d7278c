//! What texts mean, for scripts and support: JSON lines in, one JSON line out each, exactly as a running server reads them.

use std::io::{BufRead, Write};

use mccc_core::business::Owner;
use mccc_core::compliance::consent::ConsentIntent;
use mccc_core::conversation::understanding::{
    Asked, Channel, Context, Evidence, Fields, Intent, Understanding, understand,
};
use mccc_core::conversation::{Danger, Urgency};
use mccc_core::{BusinessId, Timestamp};
use serde::{Deserialize, Serialize};

use super::business_file::settings_of;
use crate::failure::{Context as _, Failure};

/// A text and what went before it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    text: String,
    #[serde(default)]
    channel: Option<Channel>,
    #[serde(default)]
    context: Option<Before>,
    /// When it arrived; the present without it. Days such as "tomorrow" count from here.
    #[serde(default)]
    now: Option<Timestamp>,
}

/// The context in full, or only what was asked last.
#[derive(Deserialize)]
#[serde(untagged)]
enum Before {
    Asked(Asked),
    Full(Context),
}

/// What it means.
#[derive(Serialize)]
struct Answer<'a> {
    intent: Intent,
    confidence: f32,
    /// The topic of the entry that answers.
    faq: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_score: Option<f32>,
    /// The words and themes in which the text and that entry meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_met_in: Option<&'a [String]>,
    urgency: Urgency,
    safety: Option<Danger>,
    opt_out: bool,
    consent: &'a ConsentIntent,
    fields: &'a Fields,
    evidence: &'a [Evidence],
}

/// Reads every line of `questions` for the first business in `file_text`.
///
/// # Errors
/// The first line that is no question, by its number.
pub fn answer_all(
    file_text: &str,
    questions: impl BufRead,
    mut answers: impl Write,
    present: impl Fn() -> Timestamp,
) -> Result<(), Failure> {
    let owner = Owner::new(
        BusinessId::derive(Timestamp::UNIX_EPOCH, "what if"),
        1,
        settings_of(file_text)?,
        Vec::new(),
        Timestamp::UNIX_EPOCH,
    )?;
    for (index, line) in questions.lines().enumerate() {
        let line = line?;
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let question: Question = serde_json::from_str(text).context(|| format!("line {}", index + 1))?;
        let context = match question.context {
            None => Context::default(),
            Some(Before::Full(context)) => context,
            Some(Before::Asked(asked)) => Context {
                asked: Some(asked),
                ..Context::default()
            },
        };
        let read = understand(
            &question.text,
            question.channel.unwrap_or(Channel::Sms),
            &context,
            &owner.settings.profile,
            owner.questions(),
            question.now.unwrap_or_else(&present),
        );
        serde_json::to_writer(&mut answers, &answer(&read))?;
        answers.write_all(b"\n")?;
    }
    Ok(())
}

fn answer(read: &Understanding) -> Answer<'_> {
    let faq = read.faq.as_ref();
    Answer {
        intent: read.intent,
        confidence: read.confidence,
        faq: faq.map(|found| found.topic.as_str()),
        faq_answer: faq.map(|found| found.answer.as_str()),
        faq_score: faq.map(|found| found.score),
        faq_met_in: faq.map(|found| found.evidence.as_slice()),
        urgency: read.urgency,
        safety: read.danger,
        opt_out: matches!(read.consent, ConsentIntent::OptOut { .. }),
        consent: &read.consent,
        fields: &read.fields,
        evidence: &read.evidence,
    }
}
