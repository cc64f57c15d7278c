use super::*;

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
        "AC not working, 97 degrees inside",
        "no ac and it is 101F",
        "ac died, baby here",
    ] {
        assert_eq!(urgency_of(text), Urgency::Emergency, "{text}");
    }
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
