//! What a business tells its callers about itself.

use serde::{Deserialize, Serialize};

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaqEntry {
    /// What it is about, for lists.
    pub topic: String,
    /// The question.
    pub question: String,
    /// The answer, as callers get it.
    pub answer: String,
    /// Other ways to ask it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
}

/// Where the business works.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceArea {
    /// Cities and towns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cities: Vec<String>,
    /// ZIP or postal codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zips: Vec<String>,
}

impl ServiceArea {
    pub(super) const fn is_empty(&self) -> bool {
        self.cities.is_empty() && self.zips.is_empty()
    }
}

/// Most entries a business may have.
const MOST_ENTRIES: usize = 500;
/// Longest question or topic, in characters.
const LONGEST_QUESTION: usize = 300;
/// Longest answer, in characters: what fits into texts.
const LONGEST_ANSWER: usize = 1000;

/// What stands against saving these entries.
pub(super) fn mistake(entries: &[FaqEntry]) -> Option<String> {
    if entries.len() > MOST_ENTRIES {
        return Some(format!("give at most {MOST_ENTRIES} entries"));
    }
    entries.iter().enumerate().find_map(|(index, entry)| {
        let number = index + 1;
        let questions = || std::iter::once(&entry.question).chain(&entry.alternatives);
        if entry.topic.trim().is_empty() {
            return Some(format!("entry {number} needs a topic"));
        }
        if questions().any(|question| question.trim().is_empty()) || entry.answer.trim().is_empty() {
            return Some(format!(
                "entry {number} ({}) needs a question and an answer",
                entry.topic
            ));
        }
        if questions()
            .chain([&entry.topic])
            .any(|text| text.chars().count() > LONGEST_QUESTION)
        {
            return Some(format!(
                "entry {number}: topic and questions have at most {LONGEST_QUESTION} characters"
            ));
        }
        let long = entry.answer.chars().count() > LONGEST_ANSWER;
        long.then(|| format!("entry {number}: an answer has at most {LONGEST_ANSWER} characters"))
    })
}
