//! What a stranger may make of our words, and what not.

use proptest::prelude::*;

use super::*;
use crate::zone::Zone;

fn settings() -> Settings {
    let mut settings = Settings::new("Acme Plumbing", Zone::parse("America/Chicago").unwrap());
    settings.profile.owner_name = "Mike".into();
    settings
}

/// A built-in text with what it keeps.
struct Built {
    text: &'static str,
    keep: Keep,
}

fn built(text: &'static str, exact: &[&str], about: &[&'static [&'static str]]) -> Built {
    Built {
        text,
        keep: Keep {
            exact: exact.iter().map(|piece| (*piece).to_owned()).collect(),
            about: about.to_vec(),
        },
    }
}

impl Built {
    fn judge(&self, written: &str) -> Result<String, Refusal> {
        self.judge_first(written, false)
    }

    fn judge_first(&self, written: &str, first: bool) -> Result<String, Refusal> {
        let settings = settings();
        let same = Same {
            text: self.text,
            keep: &self.keep,
            settings: &settings,
            first,
        };
        reworded(written, &same)
    }
}

const LIST: &str = "\n1) Tue 10:00 AM\n2) Tue 2:00 PM\n3) Wed 9:00 AM\n";

fn offer() -> Built {
    built(
        "Here's what's open:\n1) Tue 10:00 AM\n2) Tue 2:00 PM\n3) Wed 9:00 AM\nReply with a number to book!",
        &[LIST, "Reply with a number"],
        &[],
    )
}

fn issue() -> Built {
    built(
        "Sure, I can help with that. What do you need done?",
        &[],
        &[&["need", "help"]],
    )
}

fn unsure() -> Built {
    built(
        "Great question! Let me have Mike get back to you on that personally.",
        &["Mike"],
        &[&["back", "touch"]],
    )
}

fn financing() -> Built {
    let answer = "Yes, we offer 12 months without interest. The first visit is free.";
    built(
        "Yes, we offer 12 months without interest. The first visit is free.",
        &[answer],
        &[],
    )
}

fn all() -> [Built; 4] {
    [offer(), issue(), unsure(), financing()]
}

#[test]
fn the_same_in_other_words_is_taken() {
    for (built, written) in [
        (issue(), "Happy to help! What do you need?"),
        (issue(), "Oh, I'm sorry to hear about the sink. What can we help with?"),
        (
            issue(),
            "\u{201c}I\u{2019}d be glad to help. What is going on, and what do you need?\u{201d}",
        ),
        (
            unsure(),
            "Good question! Mike would love to get back to you personally on that.",
        ),
        (
            unsure(),
            "Thanks for asking! I have let Mike know, and Mike can get in touch with you.",
        ),
        (
            offer(),
            "Great, these times are open:\n1) Tue 10:00 AM\n2) Tue 2:00 PM\n3) Wed 9:00 AM\nReply with a number to pick the one that works!",
        ),
        (
            financing(),
            "Thanks for asking! Yes, we offer 12 months without interest. The first visit is free.",
        ),
    ] {
        let judged = built.judge(written);
        if written.contains("the one") {
            assert_eq!(judged, Err(Refusal::Number), "one is a number: {written}");
        } else {
            assert!(judged.is_ok(), "{judged:?}: {written}");
        }
    }
}

#[test]
fn each_thing_that_speaks_against_a_wording_is_found_and_named() {
    use Refusal as R;
    for (built, written, refusal) in [
        (issue(), "", R::Empty),
        (issue(), " \n\u{200b} ", R::Empty),
        (issue(), "What do you need? \u{1F600}", R::Characters),
        (issue(), "What do you need?\u{7}", R::Characters),
        (issue(), "**What do you need?**", R::Characters),
        (issue(), "What do you need? It is \u{FF11} dollar", R::Characters),
        (issue(), "Wh\u{0430}t do you need?", R::Characters),
        (issue(), "What do you need? See acme.example", R::Link),
        (issue(), "What do you need? Write to bob@acme", R::Characters),
        (issue(), "I am an AI. What do you need?", R::Machine),
        (issue(), "As a language model I help. What do you need?", R::Machine),
        (issue(), "My instructions say to help. What do you need?", R::Machine),
        (issue(), "What do you need? Reply STOP for less.", R::Consent),
        (issue(), "What do you need? Call 5125550123.", R::Number),
        (issue(), "What do you need at three?", R::Number),
        (issue(), "What do you need tomorrow?", R::Time),
        (issue(), "I can help soon. What do you need?", R::Time),
        (issue(), "It is free. What do you need?", R::Price),
        (issue(), "No charge! What do you need?", R::Price),
        (issue(), "We guarantee it. What do you need?", R::Promise),
        (issue(), "We will be there. What do you need?", R::Promise),
        (issue(), "We'll help. What do you need?", R::Promise),
        (issue(), "You are booked. What do you need?", R::Claim),
        (issue(), "You're all set. What do you need?", R::Claim),
        (issue(), "See you then! What do you need?", R::Claim),
        (issue(), "Consider it taken care of. What do you need?", R::Claim),
        (issue(), "I can't help. What do you need?", R::Denial),
        (issue(), "I can help with what you need.", R::Question),
        (issue(), "What do you need? And your name?", R::Question),
        (issue(), "How are you?", R::NotKept),
        (issue(), "What do you need, you idiot?", R::Word),
        (issue(), "Yes, I can help. What do you need?", R::Word),
        (issue(), "We repair roofs. What do you need?", R::Word),
        (issue(), "Lo siento. What do you need?", R::Word),
        (issue(), "Try RivalCo. What do you need?", R::Word),
        (unsure(), "Great question! Let me have Bob get back to you.", R::NotKept),
        (unsure(), "Great question! Mike knows.", R::NotKept),
        (
            offer(),
            "Open:\n1) Tue 10:00 AM\n2) Tue 3:00 PM\n3) Wed 9:00 AM\nReply with a number!",
            R::Number,
        ),
        (
            offer(),
            "Open:\n1) Thu 10:00 AM\n2) Tue 2:00 PM\n3) Wed 9:00 AM\nReply with a number!",
            R::Time,
        ),
        (
            offer(),
            "Open:\n1) Tue 10:00 AM\n2) Tue 2:00 PM\nReply with a number!",
            R::Number,
        ),
        (
            offer(),
            "Open:\n1) Tue 10:00 AM, 2) Tue 2:00 PM, 3) Wed 9:00 AM\nReply with a number!",
            R::NotKept,
        ),
        (
            offer(),
            "Open:\n1) Tue 10:00 AM\n2) Tue 2:00 PM\n3) Wed 9:00 AM",
            R::NotKept,
        ),
        (
            financing(),
            "Yes, we offer 12 months with interest. The first visit is free.",
            R::Denial,
        ),
        (
            financing(),
            "Yes, we offer 12 months without interest. The first visit is free. It is free!",
            R::Price,
        ),
    ] {
        assert_eq!(built.judge(written), Err(refusal), "{written}");
    }
}

#[test]
fn a_wording_costs_at_most_one_segment_more_and_leaves_room_for_the_opt_out_line() {
    let more = " I am happy to help you with that.".repeat(3);
    let short = format!("What do you need?{more}");
    assert!(issue().judge(&short).is_ok());
    let two = format!("What do you need?{}", more.repeat(2));
    assert!(segments::count(&two).segments == 2 && issue().judge(&two).is_ok());
    let three = format!("What do you need?{}", more.repeat(4));
    assert!(three.len() <= LONGEST);
    assert_eq!(issue().judge(&three), Err(Refusal::TooLong));
    // With the line that says how to opt out this one is a third segment.
    let edge = format!("What do you need?{}", " I am happy to help you.".repeat(11));
    assert!(segments::count(&edge).segments == 2);
    assert!(issue().judge(&edge).is_ok());
    assert_eq!(issue().judge_first(&edge, true), Err(Refusal::TooLong));
}

/// What somebody may want us to say.
const HOSTILE: &[&str] = &[
    "It costs $1",
    "it is free of charge",
    "we confirm 3pm",
    "see you at 3",
    "you are booked",
    "tomorrow works",
    "call +1 512 555 0123",
    "http://evil.example",
    "go to evil.example",
    "we guarantee it",
    "we promise",
    "we will pay",
    "ignore that",
    "I am a bot",
    "SYSTEM PROMPT",
    "STOP",
    "that is not true",
    "never",
    "RivalCo beats us",
    "we are liars",
    "your appointment is cancelled",
    "es gratis",
    "at noon",
    "half off",
    "\u{20ac}5",
    "mailto:a@b.c",
    "{\"say\": 1}",
];

proptest! {
    /// A hostile piece is found wherever it stands, in whatever capitals, before or after anything.
    #[test]
    fn no_hostile_piece_gets_through(
        which in 0..4_usize, place in 0.0..1.0_f64, piece in proptest::sample::select(HOSTILE), loud: bool,
    ) {
        let built = &all()[which];
        let piece = if loud { piece.to_uppercase() } else { piece.to_owned() };
        let breaks: Vec<usize> = std::iter::once(0)
            .chain(built.text.match_indices(' ').map(|(at, _)| at))
            .chain([built.text.len()])
            .collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short list")]
        let at = breaks[((breaks.len() - 1) as f64 * place).round() as usize];
        let written = format!("{} {piece} {}", &built.text[..at], &built.text[at..]);
        prop_assert!(built.judge(&written).is_err(), "{written}");
    }

    /// Whatever is taken has the same numbers, ends nowhere else, and costs no more than it may.
    #[test]
    fn whatever_is_taken_says_no_more(which in 0..4_usize, words in proptest::collection::vec("[a-zA-Z0-9'$:.?@]{1,9}", 0..6), anywhere in "\\PC{0,60}") {
        let built = &all()[which];
        for written in [format!("{} {}", words.join(" "), built.text), format!("{} {anywhere}", built.text)] {
            let Ok(text) = built.judge(&written) else { continue };
            prop_assert_eq!(numbers(&text), numbers(built.text));
            prop_assert!(text.chars().count() <= LONGEST);
            prop_assert_eq!(text.matches('?').count(), built.text.matches('?').count());
            prop_assert!(!text.contains(['@', '$', '/']));
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
            for piece in &built.keep.exact {
                prop_assert!(text.to_lowercase().contains(piece.trim().to_lowercase().as_str()));
            }
        }
    }

    /// Anything at all is judged, and never with a panic.
    #[test]
    fn anything_is_judged(which in 0..4_usize, written in "\\PC{0,400}") {
        let _judged = all()[which].judge(&written);
    }
}
