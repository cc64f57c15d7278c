//! How well callers are understood: the development texts must not be read worse than they were.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and its figures are for a person"
)]

mod scoring;

#[test]
fn the_development_texts_are_read_as_well_as_they_were() {
    let scores = scoring::score(include_str!("data/understanding/development.jsonl"));
    println!("{}", scores.table());
    let misread = scores.misread.join("\n");
    let floor = |name: &str, count: scoring::Count, per_mille: usize| {
        assert!(count.per_mille() >= per_mille, "{name}: {count:?}\n{misread}");
    };
    floor("intent", scores.intent, 940);
    floor("questions", scores.faq_answerable, 850);
    floor("emergencies", scores.emergencies, 980);
    floor("no emergencies", scores.no_emergencies, 980);
    floor("opt-outs", scores.opt_outs, 980);
    floor("no opt-outs", scores.no_opt_outs, 980);
    // At most two wrong answers in a hundred texts.
    assert!(
        scores.faq_wrong * 50 <= scores.intent.all,
        "{} wrong answers\n{misread}",
        scores.faq_wrong
    );
}
