//! Measures what an embedding model adds to how questions meet entries:
//!
//!     understanding_meaning texts FILE…            prints every text that needs a vector, one JSON string a line
//!     understanding_meaning scores VECTORS FILE…   VECTORS has a line {"text": …, "vector": […]} for each of them
//!
//! FILEs are labelled texts. For each: questions that an entry answers, answered rightly, and texts answered wrongly, without
//! and with meaning.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a command for people, which stops where it cannot go on"
)]

#[path = "../tests/scoring/businesses.rs"]
mod businesses;

use std::collections::{BTreeSet, HashMap};

use businesses::{businesses, some_day};
use mccc_core::conversation::understanding::{
    Channel, Context, Embedding, Shelf, Understanding, may_be_meant, parts, understand, with_meaning,
};
use mccc_core::conversation::voice::masked;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    business: String,
    #[serde(default = "texted")]
    channel: Channel,
    #[serde(default)]
    context: Option<Context>,
    text: String,
    #[serde(default)]
    expect: Expect,
}

const fn texted() -> Channel {
    Channel::Sms
}

#[derive(Default, Deserialize)]
struct Expect {
    #[serde(default)]
    faq: Option<String>,
}

#[derive(Deserialize)]
struct Known {
    text: String,
    vector: Vec<f32>,
}

#[derive(Default)]
struct Count {
    right: usize,
    wrong: usize,
}

impl Count {
    fn add(&mut self, read: &Understanding, expected: Option<&str>) {
        match &read.faq {
            Some(found) if Some(found.topic.as_str()) == expected => self.right += 1,
            Some(_) => self.wrong += 1,
            None => {}
        }
    }
}

fn lines(files: &[String]) -> impl Iterator<Item = Line> {
    let sets = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("the file can be read"));
    let lines: Vec<String> = sets
        .flat_map(|set| set.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
    let lines = lines.map(|line| serde_json::from_str(&line).expect("a line of the set is read"));
    // Texts that go to no business teach intents alone.
    lines.filter(|line: &Line| !line.business.is_empty())
}

fn parts_of(line: &Line) -> Vec<String> {
    parts(&masked(&line.text, &[]))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let known = businesses();
    match arguments.first().map(String::as_str) {
        Some("texts") => {
            let mut texts: BTreeSet<String> = BTreeSet::new();
            for (settings, _) in known.values() {
                texts.extend(Shelf::new("measured").missing(settings));
            }
            texts.extend(lines(&arguments[1..]).flat_map(|line| parts_of(&line)));
            for text in texts {
                println!("{}", serde_json::to_string(&text).expect("a string"));
            }
        }
        Some("scores") => {
            let file = std::fs::read_to_string(&arguments[1]).expect("the vectors can be read");
            let vectors: HashMap<String, Vec<f32>> = file
                .lines()
                .map(|line| serde_json::from_str::<Known>(line).expect("a vector"))
                .map(|known| (known.text, known.vector))
                .collect();
            let vectors_of = |texts: &[String]| texts.iter().map(|text| vectors[text].clone()).collect::<Vec<_>>();
            let mut shelves = HashMap::new();
            for (id, (settings, _)) in &known {
                let mut shelf = Shelf::new("measured");
                let missing = shelf.missing(settings);
                shelf.learn(&missing, vectors_of(&missing)).expect("vectors");
                shelves.insert(id.clone(), shelf);
            }
            for file in &arguments[2..] {
                let (mut without, mut with, mut answerable, mut asked) = (Count::default(), Count::default(), 0, 0);
                for line in lines(std::slice::from_ref(file)) {
                    let (settings, index) = &known[&line.business];
                    let context = line.context.clone().unwrap_or_default();
                    let read = understand(&line.text, line.channel, &context, &settings.profile, index, some_day());
                    let expected = line.expect.faq.as_deref();
                    answerable += usize::from(expected.is_some());
                    without.add(&read, expected);
                    if !may_be_meant(&read, &line.text, context.asked, index) {
                        with.add(&read, expected);
                        continue;
                    }
                    asked += 1;
                    let texts = parts_of(&line);
                    let parts = Embedding::all(vectors_of(&texts), texts.len(), None).expect("vectors");
                    let similar = shelves[&line.business].similar(settings, &parts).expect("all vectors");
                    let (topic, score) = read
                        .faq
                        .as_ref()
                        .map_or((None, 0.0), |faq| (Some(faq.topic.clone()), faq.score));
                    let meant = with_meaning(read, &line.text, context.asked, index, &similar);
                    let now = meant.faq.as_ref().map(|faq| faq.topic.clone());
                    if now != topic && std::env::var_os("SHOW").is_some() {
                        println!(
                            "  {:?} {topic:?} ({score}) -> {:?}, expected {expected:?}",
                            line.text,
                            meant
                                .faq
                                .as_ref()
                                .map(|faq| (&faq.topic, faq.score, faq.evidence.last()))
                        );
                    }
                    with.add(&meant, expected);
                }
                println!(
                    "{file}: answerable {answerable}, asked {asked}; without {} right, {} wrong; with {} right, {} wrong",
                    without.right, without.wrong, with.right, with.wrong
                );
            }
        }
        _ => println!("see the comment at the beginning of this file"),
    }
}
