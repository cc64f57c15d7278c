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

/// The very same sentence within this, with nothing of ours between, was sent once: a double tap, or the carrier's
/// duplicate.
const DOUBLE: Duration = Duration::from_secs(30);

/// What only a machine says of its own text: a text that opens with it is automatic, whatever follows.
const DECLARED: &[&str] = &[
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
    "this is an automated",
    "this is an automatic",
    "this is a no reply",
    "respuesta automatica",
    "mensaje automatico",
    "este es un mensaje automatico",
    "esta es una respuesta automatica",
];

/// Wording of automatic replies: telephones in driving or busy mode, mailboxes, other businesses' own auto-texts. People
/// say some of it too ("gas leak, im driving home"), so it counts where it is nearly all that the text says.
const AUTO_REPLY: &[&str] = &[
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
    "we have received your message",
    "your message has been received",
    "reply stop to",
    "text stop to",
    "msg data rates",
    "message and data rates may apply",
    "message data rates may apply",
    "fuera de la oficina",
    "estoy manejando",
    "estoy conduciendo",
];

/// What stands around such wording and asks for nothing.
const AROUND: &[&str] = &[
    "a",
    "ahora",
    "am",
    "an",
    "and",
    "android",
    "apply",
    "are",
    "as",
    "at",
    "auto",
    "away",
    "back",
    "be",
    "been",
    "before",
    "business",
    "but",
    "by",
    "calling",
    "cannot",
    "cant",
    "closed",
    "con",
    "contacting",
    "currently",
    "data",
    "disturb",
    "do",
    "driving",
    "el",
    "en",
    "for",
    "from",
    "frequency",
    "get",
    "getting",
    "going",
    "google",
    "got",
    "has",
    "have",
    "hello",
    "help",
    "hi",
    "hours",
    "i",
    "if",
    "ill",
    "im",
    "in",
    "is",
    "la",
    "later",
    "luego",
    "may",
    "message",
    "messages",
    "momento",
    "monitored",
    "msg",
    "my",
    "no",
    "not",
    "notifications",
    "of",
    "off",
    "office",
    "on",
    "opt",
    "original",
    "our",
    "out",
    "phone",
    "possible",
    "que",
    "rates",
    "reaching",
    "read",
    "receive",
    "receiving",
    "reply",
    "respond",
    "response",
    "responder",
    "respondere",
    "return",
    "right",
    "see",
    "send",
    "sending",
    "sent",
    "shortly",
    "silenced",
    "soon",
    "sorry",
    "stop",
    "te",
    "text",
    "texting",
    "thank",
    "thanks",
    "the",
    "this",
    "through",
    "to",
    "turned",
    "unavailable",
    "unsubscribe",
    "until",
    "up",
    "urgent",
    "varies",
    "we",
    "well",
    "when",
    "where",
    "while",
    "will",
    "with",
    "you",
    "your",
];

/// Who says this wants something of somebody: no machine does.
const ASKS: &[&str] = &[
    "me", "can", "could", "need", "help me", "hurry", "puede", "pueden", "necesito",
];

/// Looks at the newest inbound text, `newest`, against what went before: `earlier` inbound texts in any order, our
/// last outbound text and when it was written, and how many automated answers have gone out since the caller last said something new.
#[must_use]
pub fn inspect(
    newest: Heard<'_>,
    earlier: &[Heard<'_>],
    our_last: Option<Heard<'_>>,
    turns_without_news: u32,
) -> Option<LoopReason> {
    let said = normal(newest.body);
    if said.is_empty() {
        return (turns_without_news >= TURNS).then_some(LoopReason::NothingNew);
    }
    if our_last.is_some_and(|ours| normal(ours.body) == said) {
        return Some(LoopReason::RepeatsUs);
    }
    if !newest.body.contains('?') && is_automatic(&said) {
        return Some(LoopReason::AutoReply);
    }
    let recent = |heard: &&Heard<'_>| heard.at <= newest.at && newest.at.since(heard.at) < HOUR;
    let double = |heard: &&Heard<'_>| {
        newest.at.since(heard.at) < DOUBLE
            && our_last.is_none_or(|ours| ours.at <= heard.at || ours.at > newest.at)
            && normal(heard.body) == said
    };
    let earlier: Vec<&Heard<'_>> = earlier.iter().filter(recent).filter(|heard| !double(heard)).collect();
    let equal = earlier.iter().filter(|heard| normal(heard.body) == said).count();
    if equal + 1 >= SAME_TEXT {
        return Some(LoopReason::SameTextThrice);
    }
    // "Yes" and "2" are honest answers to two questions in a row; a whole sentence twice is not.
    let previous = earlier.iter().max_by_key(|heard| heard.at);
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

/// Whether a text is an automatic reply: it opens as one, or it says hardly anything but what those say.
fn is_automatic(said: &str) -> bool {
    let padded = format!(" {} ", said.replace('á', "a"));
    let opens = |phrase: &&str| {
        padded
            .strip_prefix(' ')
            .is_some_and(|text| text.starts_with(&format!("{phrase} ")))
    };
    if DECLARED.iter().any(opens) {
        return true;
    }
    let holds = |phrase: &&&str| padded.contains(&format!(" {phrase} "));
    let found: Vec<&str> = DECLARED.iter().chain(AUTO_REPLY).filter(holds).copied().collect();
    if found.is_empty() {
        return false;
    }
    let rest = found.iter().fold(padded.clone(), |rest, phrase| {
        rest.replace(&format!(" {phrase} "), "  ")
    });
    let asks = ASKS.iter().any(|word| rest.contains(&format!(" {word} ")));
    let other = rest.split_whitespace().filter(|word| !AROUND.contains(word)).count();
    !asks && other * 4 <= padded.split_whitespace().count()
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
            inspect(
                at(10, "sorry we missed you -- how can we help"),
                &[],
                Some(at(0, ours)),
                0
            ),
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
    fn a_sentence_sent_twice_at_once_is_one() {
        let said = "My sink is leaking";
        assert_eq!(inspect(at(4, said), &[at(0, said)], None, 0), None);
        assert_eq!(inspect(at(8, said), &[at(0, said), at(4, said)], None, 0), None);
        let ours = at(2, "How can we help?");
        assert_eq!(
            inspect(at(4, said), &[at(0, said)], Some(ours), 0),
            Some(LoopReason::RepeatsItself),
            "it answers ours"
        );
        assert_eq!(
            inspect(at(30, said), &[at(0, said)], None, 0),
            Some(LoopReason::RepeatsItself)
        );
    }

    #[test]
    fn machines_that_say_so_are_believed() {
        for body in [
            "I'm driving with Do Not Disturb While Driving turned on.",
            "AUTO-REPLY: office closed",
            "Thanks for contacting Acme. Reply STOP to opt out.",
            "Esta es una respuesta automática",
            "I'm driving right now and will get back to you later.",
            "Driving right now - Sent from Android Auto",
            "I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get where I'm going.",
            "This is an automated message: Joe's is closed for Thanksgiving, we open again on Monday",
        ] {
            assert_eq!(
                inspect(at(1, body), &[], None, 0),
                Some(LoopReason::AutoReply),
                "{body}"
            );
        }
        for body in [
            "My car is in the driveway",
            "Please reply when you can",
            "stop",
            "Gas leak at my house, strong smell! im driving home now, hurry",
            "hey this is Dana, can you call me back, im driving",
            "im driving, call me back",
            "is this an automated message? my sink is leaking",
            "I got an automated text from you about my water heater",
            "i am driving to my mother's, the key is under the mat",
            "estoy manejando, llego a las cinco para ver el calentador",
        ] {
            assert_eq!(inspect(at(1, body), &[], None, 0), None, "{body}");
        }
    }

    #[test]
    fn five_turns_without_news_end_the_automation() {
        assert_eq!(inspect(at(1, "hm"), &[], None, 4), None);
        assert_eq!(inspect(at(1, "hm"), &[], None, 5), Some(LoopReason::NothingNew));
    }
}
