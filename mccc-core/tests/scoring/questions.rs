//! Questions of many businesses that nothing else is asked of: which entry answers, and which answers are wrong.

use mccc_core::conversation::understanding::{Channel, Context, understand};
use serde::Deserialize;

use super::Count;
use super::businesses::{businesses_of, some_day};

#[derive(Debug, Deserialize)]
struct Question {
    business: String,
    text: String,
    faq: Option<String>,
}

/// How an author's questions were answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Questions that an entry or the profile answers.
    pub(crate) answerable: Count,
    /// Those among them that an entry answers.
    pub(crate) by_entries: Count,
    /// Questions that were given a wrong answer, of all.
    pub(crate) wrong: Count,
    pub(crate) misread: Vec<String>,
}

/// Asks every question of a list.
pub(crate) fn ask(businesses: &str, questions: &str) -> Answers {
    let known = businesses_of(businesses);
    let mut answers = Answers::default();
    for line in questions.lines().filter(|line| !line.trim().is_empty()) {
        let line: Question = serde_json::from_str(line).expect("a question is read");
        let (settings, index) = known.get(&line.business).expect("a known business");
        let context = Context::default();
        let read = understand(&line.text, Channel::Sms, &context, &settings.profile, index, some_day());
        if let Some(found) = &read.faq {
            assert!(!found.evidence.is_empty(), "nothing proves {}", found.topic);
        }
        let answered = read.faq.map(|found| found.topic);
        let right = answered == line.faq;
        if let Some(topic) = &line.faq {
            answers.answerable.add(right);
            if !["hours", "area", "services"].contains(&topic.as_str()) {
                answers.by_entries.add(right);
            }
        }
        answers.wrong.all += 1;
        answers.wrong.right += usize::from(answered.is_some() && !right);
        if !right {
            answers.misread.push(format!(
                "{} {:?}: {answered:?} for {:?} as {}",
                line.business,
                line.text,
                line.faq,
                read.intent.name()
            ));
        }
    }
    answers
}

impl Answers {
    /// The scores as a table for people.
    pub(crate) fn table(&self) -> String {
        [
            ("questions answered rightly", self.answerable),
            ("  by an entry", self.by_entries),
            ("wrong answers, of all questions", self.wrong),
        ]
        .map(|(name, count)| super::row(name, count))
        .concat()
    }
}
