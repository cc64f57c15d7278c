use super::*;

fn label(text: &str) -> &'static str {
    match understand(text) {
        ConsentIntent::OptOut { .. } => "out",
        ConsentIntent::OptIn => "in",
        ConsentIntent::Help => "help",
        ConsentIntent::None => "none",
    }
}

/// How many the texts with (or without) the label "out".
fn score(set: &str) -> (usize, usize, usize, usize) {
    let (mut out, mut out_hit, mut other, mut other_hit) = (0, 0, 0, 0);
    for line in set.lines().filter(|line| !line.starts_with('#')) {
        let (expected, text) = line.split_once('\t').unwrap();
        let text = text.replace("\\n", "\n");
        let got = label(&text);
        let (total, hit) = if expected == "out" {
            (&mut out, &mut out_hit)
        } else {
            (&mut other, &mut other_hit)
        };
        *total += 1;
        if got == expected {
            *hit += 1;
        } else {
            println!("expected {expected}, got {got}: {text:?} ({:?})", understand(&text));
        }
    }
    (out_hit, out, other_hit, other)
}

#[test]
fn the_labelled_texts_are_understood() {
    let (out_hit, out, other_hit, other) = score(include_str!("labelled.tsv"));
    println!("opt-outs {out_hit}/{out}, others {other_hit}/{other}");
    assert_eq!((out_hit, other_hit), (out, other));
}

#[test]
fn a_keyword_is_exact_and_wording_is_not() {
    for (text, evidence) in [
        ("stop", "STOP"),
        (" Stop all! ", "STOPALL"),
        ("opt-out", "OPTOUT"),
        ("¡alto!", "ALTO"),
        ("fin", "FIN"),
        ("ѕtop", "STOP"),
        ("ЅТОР", "STOP"),
    ] {
        assert_eq!(understand(text), opt_out(evidence, true), "{text}");
    }
    for text in ["please stop", "stop texting me", "unsuscribe", "no me escriban"] {
        assert!(
            matches!(understand(text), ConsentIntent::OptOut { exact: false, .. }),
            "{text}"
        );
    }
    assert_eq!(understand("Start"), ConsentIntent::OptIn);
    assert_eq!(understand("start texting me again"), ConsentIntent::OptIn);
    assert_eq!(understand("yes"), ConsentIntent::None);
}

#[test]
fn evidence_is_never_the_caller_s_own_words() {
    let secret = "stop texting me, my door code is 4711";
    let ConsentIntent::OptOut { keyword, .. } = understand(secret) else {
        panic!("not understood");
    };
    assert!(!keyword.contains("4711"));
}

#[test]
fn gateways_answer_the_bare_english_words_alone() {
    for text in ["STOP", " stop ", "StopAll", "HELP", "unstop"] {
        assert!(is_answered_by_gateways(text), "{text}");
    }
    for text in ["please stop", "PARAR", "AYUDA", "stop texting me", "stop all", ""] {
        assert!(!is_answered_by_gateways(text), "{text}");
    }
}
