//! How well the reading of consent does on texts it was, and was not, written for.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and its figures are for a person"
)]

use mccc_core::compliance::consent::{ConsentIntent, understand};
use mccc_core::conversation::read_consent;

/// What a corpus file says a text means.
fn label(intent: &ConsentIntent) -> &'static str {
    match intent {
        ConsentIntent::OptOut { .. } => "out",
        ConsentIntent::OptIn => "in",
        ConsentIntent::Help => "help",
        ConsentIntent::None => "none",
    }
}

/// How one corpus was understood.
#[derive(Default)]
struct Score {
    outs: usize,
    outs_found: usize,
    others: usize,
    others_kept: usize,
    misread: Vec<String>,
}

impl Score {
    fn of(corpus: &str, read: fn(&str) -> ConsentIntent) -> Self {
        let mut score = Self::default();
        for line in corpus.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (expected, text) = line.split_once('\t').expect("label, tab, text");
            assert!(
                ["out", "in", "help", "none"].contains(&expected),
                "no such label: {line}"
            );
            let intent = read(&text.replace("\\n", "\n"));
            let right = label(&intent) == expected;
            let (total, hit) = if expected == "out" {
                (&mut score.outs, &mut score.outs_found)
            } else {
                (&mut score.others, &mut score.others_kept)
            };
            *total += 1;
            *hit += usize::from(right);
            if !right {
                score
                    .misread
                    .push(format!("expected {expected}: {text:?} is {intent:?}"));
            }
        }
        score
    }

    /// At least this many of a thousand opt-outs are found, and of a thousand other texts left alone.
    #[track_caller]
    fn reaches(&self, found: usize, kept: usize, name: &str) {
        println!(
            "{name}: opt-outs {}/{}, others {}/{}",
            self.outs_found, self.outs, self.others_kept, self.others
        );
        assert!(
            self.outs >= 50 && self.others >= 50,
            "{name} is too small to say anything"
        );
        assert!(
            self.outs_found * 1000 >= found * self.outs && self.others_kept * 1000 >= kept * self.others,
            "{name}: opt-outs {}/{}, others {}/{}\n{}",
            self.outs_found,
            self.outs,
            self.others_kept,
            self.others,
            self.misread.join("\n")
        );
    }
}

#[test]
fn every_text_the_rules_were_written_for_is_understood() {
    Score::of(include_str!("data/consent_tuning.tsv"), understand).reaches(1000, 1000, "tuning");
}

/// Misread texts are not printed on success: whoever tunes the rules must not look at them. These are unusual wordings
/// only, without any text the rules already knew; 227 of 267 opt-outs and 288 of 293 others on 2026-11-21. The bounds
/// keep that from getting worse; the aim is 98 and 99.5 of a hundred.
#[test]
fn texts_the_rules_were_not_written_for_are_understood() {
    Score::of(include_str!("data/consent_held_out.tsv"), understand).reaches(820, 975, "held out");
}

/// Written after the rules, and never tuned on either; at first look 50 of 60 opt-outs and 61 of 61 others.
#[test]
fn texts_written_after_the_rules_are_understood() {
    Score::of(include_str!("data/consent_fresh.tsv"), understand).reaches(780, 980, "fresh");
}

/// The reading that texts get: the rules, and what was learned beside them. 250 of 267 opt-outs and 282 of 293 others of
/// those held out on 2026-11-28, and 267 others before the rules spoke against what was learned.
#[test]
fn what_was_learned_takes_no_other_text_for_an_opt_out() {
    Score::of(include_str!("../src/compliance/consent/labelled.tsv"), read_consent).reaches(1000, 1000, "labelled");
    Score::of(include_str!("data/consent_tuning.tsv"), read_consent).reaches(1000, 1000, "tuning, weighed");
    Score::of(include_str!("data/consent_held_out.tsv"), read_consent).reaches(930, 960, "held out, weighed");
    Score::of(include_str!("data/consent_fresh.tsv"), read_consent).reaches(960, 980, "fresh, weighed");
}
