use super::*;
use crate::conversation::{read_urgency, urgency_of};

/// Texts that were misread, out of how many with each label.
fn misread(set: &str) -> (Vec<String>, usize, usize) {
    let (mut wrong, mut now, mut other) = (Vec::new(), 0, 0);
    for line in set.lines().filter(|line| !line.starts_with('#')) {
        let (label, text) = line.split_once('\t').unwrap();
        let expected = if label == "now" {
            now += 1;
            Urgency::Emergency
        } else {
            other += 1;
            Urgency::Routine
        };
        if urgency_of(text) != expected {
            wrong.push(format!("{label}: {text}"));
        }
    }
    (wrong, now, other)
}

#[test]
fn the_labelled_texts_are_understood() {
    let (wrong, now, other) = misread(include_str!("labelled.tsv"));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(now >= 60 && other >= 60, "{now} and {other}");
}

#[test]
fn what_can_kill_is_never_talked_down() {
    for text in [
        "no rush but I smell gas",
        "a small gas leak",
        "not an emergency, the outlet is sparking a little",
    ] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
    for text in ["no rush, the tub is leaking", "a small leak"] {
        assert_eq!(urgency_of(text), Urgency::Routine, "{text}");
    }
}

#[test]
fn no_cooling_is_an_emergency_in_the_heat_alone() {
    assert_eq!(urgency_of("AC not working"), Urgency::Routine);
    for text in [
        "AC not working, 99 degrees inside",
        "no ac and it is 101F",
        "ac died, baby here",
    ] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
}

#[test]
fn what_is_needed_today_is_urgent_and_no_emergency() {
    for text in [
        "ac is out, 96 today",
        "no hot water since last night",
        "front door won't lock, need someone today",
        "our only toilet won't flush",
    ] {
        assert_eq!(urgency_of(text), Urgency::Urgent, "{text}");
    }
    for text in ["can you come today to look at the weeds", "my sink drains slowly"] {
        assert_eq!(urgency_of(text), Urgency::Routine, "{text}");
    }
}

#[test]
fn a_correction_counts() {
    for text in [
        "Smell's gone… no wait, it's back. Definitely gas.",
        "thought the leak was fixed but no, water is gushing out again",
    ] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
    assert_eq!(urgency_of("I smell gas. Never mind, false alarm"), Urgency::Routine);
}

#[test]
fn the_season_decides_about_no_heat() {
    let level = |text, month| read_urgency(text, Some(month)).level;
    assert_eq!(level("the furnace quit", 1), Urgency::Emergency);
    assert_eq!(level("the furnace quit", 7), Urgency::Urgent);
    assert_eq!(level("the furnace quit, I have a newborn", 7), Urgency::Emergency);
}

#[test]
fn a_danger_is_named_with_the_words_that_prove_it() {
    for (text, danger, words) in [
        ("help, I smell gas in the kitchen", Danger::Gas, "smell gas"),
        ("the CO alarm is going off", Danger::Monoxide, "CO alarm is going off"),
        (
            "smoke is coming out of the dryer",
            Danger::Fire,
            "smoke is coming out of the dryer",
        ),
        ("my outlet is sparking", Danger::Sparks, "sparking"),
    ] {
        let reading = read_urgency(text, None);
        assert_eq!(reading.danger, Some(danger), "{text}");
        assert!(
            reading.words.iter().any(|said| said == words),
            "{text}: {:?}",
            reading.words
        );
    }
    let flood = read_urgency("my basement is flooding", None);
    assert_eq!((flood.level, flood.danger), (Urgency::Emergency, None));
    assert!(flood.words.iter().any(|said| said.contains("flooding")));
}

#[test]
fn every_rule_is_understood() {
    assert_eq!(RULES.mistakes(), &[] as &[String]);
}

#[test]
fn words_that_look_like_a_slip_are_left_alone() {
    for text in [
        "I am leaving",
        "new flooring",
        "parking in my basement",
        "speaking of which",
        "",
    ] {
        assert_eq!(urgency_of(text), Urgency::Routine, "{text}");
    }
    for text in ["my ceiling is lekaing", "flodding!", "emergencyy", "SEWEGE IN BASEMENT"] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
}

#[test]
fn any_text_is_read_whole_or_cut_without_a_panic() {
    let long = "¿…".repeat(2000) + "gas leak";
    for text in ["'''", "...", "🔥🔥", "no", long.as_str(), "но нет", "co"] {
        assert_eq!(urgency_of(text), Urgency::Routine, "{text}");
    }
}

#[test]
fn a_leak_that_may_be_seen_to_tomorrow_is_no_emergency() {
    for text in [
        "can someone come tomorrow afternoon? my sink is leaking",
        "the water heater is leaking, could you come by tomorrow",
    ] {
        assert_ne!(urgency_of(text), Urgency::Emergency, "{text}");
    }
    for text in [
        "my sink is leaking",
        "the pipe burst, can someone come tomorrow morning at the latest",
        "it is leaking through the ceiling, tomorrow afternoon is too late",
        "I smell gas, can someone come tomorrow",
    ] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
}

#[test]
fn weights_know_signs_by_name_wherever_their_rules_stand() {
    assert!(!SIGNS.is_empty());
    for (number, (name, _)) in SIGNS.iter().enumerate() {
        assert_eq!(RULES.signal(name), Some(number), "{name}");
    }
}
