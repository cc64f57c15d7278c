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
    let set = std::fs::read_to_string(file).expect("the file can be read");
    let scores = scoring::score(&set);
    print!("{}", scores.table());
    if arguments.iter().any(|argument| argument == "--misread") {
        for line in &scores.misread {
            println!("{line}");
        }
    }
}
