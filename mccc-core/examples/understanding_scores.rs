//! Prints how well labelled texts are understood: `understanding_scores [FILE] [--misread]`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a command for people, which stops where it cannot go on"
)]

#[path = "../tests/scoring/mod.rs"]
mod scoring;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments.iter().find(|argument| !argument.starts_with("--"));
    let file = file.map_or("mccc-core/tests/data/understanding/development.jsonl", String::as_str);
    let read = |file: &str| std::fs::read_to_string(file).expect("the file can be read");
    let businesses = file.replace(".jsonl", ".businesses.json");
    // Questions have businesses of their own beside them.
    let (table, misread) = if std::path::Path::new(&businesses).exists() {
        let answers = scoring::ask(&read(&businesses), &read(file));
        (answers.table(), answers.misread)
    } else {
        let scores = scoring::score(&read(file));
        (scores.table(), scores.misread)
    };
    print!("{table}");
    if arguments.iter().any(|argument| argument == "--misread") {
        for line in misread {
            println!("{line}");
        }
    }
}
