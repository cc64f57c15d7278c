//! Stops two machines from answering each other.
//!
//! An automated text is not sent into a thread that looks like a machine on the other side; a person is asked instead.
//! Pauses and daily caps are the gate's ([`super::gate::Caps`]); this looks at what was said.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Why the other side looks like a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopReason {
    /// It sent our own last text back.
    RepeatsUs,
    /// It sent its own last text again.
    RepeatsItself,
    /// Three equal texts within an hour.
    SameTextThrice,
    /// It says that it is automatic.
    AutoReply,
    /// Five automated answers in a row and nothing new from the caller.
    NothingNew,
}

impl LoopReason {
    /// One sentence for the contractor.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::RepeatsUs => "The last message repeats our own text, so a machine is probably answering.",
            Self::RepeatsItself => "The same message came twice in a row, so a machine is probably answering.",
            Self::SameTextThrice => "The same message came three times within an hour.",
            Self::AutoReply => "The last message is an automatic reply.",
            Self::NothingNew => "Five automated answers went out without anything new from the caller.",
        }
    }
}

/// One inbound text.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// When it came.
    pub at: Timestamp,
    /// What it says.
    pub body: &'a str,
}

/// How many equal texts within [`HOUR`] are a loop.
const SAME_TEXT: usize = 3;
/// The span of the count.
const HOUR: Duration = Duration::from_secs(3600);
/// Automated answers without anything new after which a person takes over.
const TURNS: u32 = 5;

/// Wording of automatic replies: telephones in driving or busy mode, mailboxes, other businesses' own auto-texts.
const AUTO_REPLY: &[&str] = &[
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "automated message",
    "automated text",
    "auto reply",
    "autoreply",
    "auto response",
    "autoresponse",
    "auto responder",
    "out of office",
    "out of the office",
    "im driving",
    "i am driving",
    "driving right now",
    "driving with do not disturb",
    "i have notifications silenced",
    "not monitored",
    "unmonitored",
    "please do not reply",
    "do not reply to this",
    "this is a no reply",
    "we have received your message",
    "your message has been received",
    "reply stop to",
    "text stop to",
    "msg data rates",
    "message and data rates may apply",
    "message data rates may apply",
    "respuesta automatica",
    "mensaje automatico",
    "fuera de la oficina",
    "estoy manejando",
    "estoy conduciendo",
];

/// Looks at the newest inbound text, `newest`, against what went before: `earlier` inbound texts in any order, our
/// last outbound text, and how many automated answers have gone out since the caller last said something new.
#[must_use]
pub fn inspect(
    newest: Heard<'_>,
    earlier: &[Heard<'_>],
    our_last: Option<&str>,
    turns_without_news: u32,
) -> Option<LoopReason> {
    let said = normal(newest.body);
    if said.is_empty() {
        return (turns_without_news >= TURNS).then_some(LoopReason::NothingNew);
    }
    if our_last.is_some_and(|ours| normal(ours) == said) {
        return Some(LoopReason::RepeatsUs);
    }
    if contains_phrase(&said) {
        return Some(LoopReason::AutoReply);
    }
    let recent = |heard: &&Heard<'_>| heard.at <= newest.at && newest.at.since(heard.at) < HOUR;
    let equal = earlier
        .iter()
        .filter(recent)
        .filter(|heard| normal(heard.body) == said)
        .count();
    if equal + 1 >= SAME_TEXT {
        return Some(LoopReason::SameTextThrice);
    }
    // "Yes" and "2" are honest answers to two questions in a row; a whole sentence twice is not.
    let previous = earlier.iter().filter(recent).max_by_key(|heard| heard.at);
    if said.contains(' ') && previous.is_some_and(|heard| normal(heard.body) == said) {
        return Some(LoopReason::RepeatsItself);
    }
    (turns_without_news >= TURNS).then_some(LoopReason::NothingNew)
}

/// Letters and digits only, lower case, single spaces.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !matches!(c, '\'' | '’')) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn contains_phrase(said: &str) -> bool {
    let padded = format!(" {} ", said.replace('á', "a"));
    AUTO_REPLY.iter().any(|phrase| padded.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, body: &str) -> Heard<'_> {
        Heard {
            at: Timestamp::from_seconds(second),
            body,
        }
    }

    #[test]
    fn an_echo_is_a_loop() {
        let ours = "Sorry we missed you! How can we help?";
        assert_eq!(
            inspect(at(10, "sorry we missed you -- how can we help"), &[], Some(ours), 0),
            Some(LoopReason::RepeatsUs)
        );
    }

    #[test]
    fn the_third_equal_text_within_an_hour_is_a_loop() {
        let before = [at(0, "OK"), at(1800, "ok.")];
        assert_eq!(
            inspect(at(3599, "Ok!"), &before, None, 0),
            Some(LoopReason::SameTextThrice)
        );
        assert_eq!(inspect(at(3600, "Ok!"), &before, None, 0), None);
    }

    #[test]
    fn a_sentence_twice_is_a_loop_a_short_answer_is_not() {
        let said = "Thanks for your text";
        assert_eq!(
            inspect(at(60, said), &[at(0, said)], None, 0),
            Some(LoopReason::RepeatsItself)
        );
        assert_eq!(inspect(at(60, "yes"), &[at(0, "yes")], None, 0), None);
        assert_eq!(inspect(at(60, said), &[at(0, said), at(30, "hello")], None, 0), None);
    }

    #[test]
    fn machines_that_say_so_are_believed() {
        for body in [
            "I'm driving with Do Not Disturb While Driving turned on.",
            "AUTO-REPLY: office closed",
            "Thanks for contacting Acme. Reply STOP to opt out.",
            "Esta es una respuesta automática",
        ] {
            assert_eq!(
                inspect(at(1, body), &[], None, 0),
                Some(LoopReason::AutoReply),
                "{body}"
            );
        }
        for body in ["My car is in the driveway", "Please reply when you can", "stop"] {
            assert_eq!(inspect(at(1, body), &[], None, 0), None, "{body}");
        }
    }

    #[test]
    fn five_turns_without_news_end_the_automation() {
        assert_eq!(inspect(at(1, "hm"), &[], None, 4), None);
        assert_eq!(inspect(at(1, "hm"), &[], None, 5), Some(LoopReason::NothingNew));
    }
}
