//! Fits what is learned to the training texts and writes it, from the root of the workspace. Each part is built into the
//! library before the next is fitted, so this is run four times, in this order:
//!
//! - `understanding_train --rarity` counts how rare words are,
//! - `understanding_train --vectors` fits where words point,
//! - `understanding_train --questions` fits how questions and entries meet,
//! - `understanding_train` fits the weights of `conversation::learned`.
//!
//! With `--check` nothing is written: the texts of every author are read by what was learned from the others, which says
//! what to expect of strangers. `--misread` shows which of them are misread.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a command for people, which stops where it cannot go on"
)]

#[path = "../tests/scoring/businesses.rs"]
mod businesses;

use std::collections::BTreeMap;

use businesses::Businesses;
use mccc_core::business::{FaqEntry, Settings};
use mccc_core::conversation::learned::training::{Example, Fit, Learned};
use mccc_core::conversation::understanding::training::{self, Directions, Question, Topic, Written};
use mccc_core::conversation::understanding::{self, Channel, Context, FaqIndex, Intent, noticed};
use mccc_core::conversation::{Danger, Urgency};
use serde::Deserialize;

/// What is learned from. Those that the rules were written for are read too well by them: most are learned from as if
/// there were no rules.
const SETS: [(&str, Rules); 12] = [
    ("tests/data/understanding/development.jsonl", Rules::KnowIt),
    ("tests/data/understanding/second_author_tuning.jsonl", Rules::KnowIt),
    ("tests/data/consent_tuning.tsv", Rules::KnowIt),
    ("src/conversation/emergency/labelled.tsv", Rules::KnowIt),
    ("tests/data/understanding/training/plain.jsonl", Rules::KnowIt),
    ("tests/data/understanding/training/1.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/2.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/3.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/4.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/5.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/6.jsonl", Rules::AreStrangers),
    ("tests/data/understanding/training/7.jsonl", Rules::AreStrangers),
];
/// Authors of questions to businesses of their own.
const AUTHORS: [&str; 16] = [
    "first_author",
    "second_author",
    "third_author",
    "fourth_author",
    "sixth_author",
    "seventh_author",
    "eighth_author",
    "ninth_author",
    "tenth_author",
    "eleventh_author",
    "twelfth_author",
    "thirteenth_author",
    "fourteenth_author",
    "fifteenth_author",
    "sixteenth_author",
    "seventeenth_author",
];
/// So many of them are measured by what was learned from the others.
const CHECKED: usize = 4;
/// Another one, whom nothing is learned from.
const MEASURED_AUTHOR: &str = "fifth_author";
/// How much the questions of the first authors count where intents are learned: some of them complain as well, or wish for
/// somebody to come. Those of all authors made questions of more than is one.
const OF_QUESTIONS: f32 = 0.25;
/// How much a question to one of the six businesses counts: they are fewer, and their entries are about what most
/// contractors are asked.
const OF_KNOWN: f32 = 5.0;
/// Of a hundred texts that the rules know, so many are learned from without them.
const WITHOUT_RULES: usize = 90;
const FIT: Fit = Fit {
    passes: 20,
    rate: 0.1,
    decay: 1e-4,
    seen: 2,
};
/// What each table of weights answers, and how many answers each question has.
const TABLES: [(&str, &[usize]); 2] = [
    ("intent", &[Intent::ALL.len()]),
    ("alone", &[Urgency::ALL.len(), 1 + DANGERS, 2]),
];

/// So many of the dangers are learned; what is rarer is for the rules.
const DANGERS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Rules {
    KnowIt,
    AreStrangers,
}

#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    channel: Channel,
    business: Option<String>,
    context: Option<Context>,
    asked: Option<understanding::Asked>,
    #[serde(default)]
    appointment: bool,
    expect: Option<Labels>,
    #[serde(flatten)]
    own: Option<Labels>,
}

/// A question, of a set that has nothing else or of one that has.
#[derive(Debug, Deserialize)]
struct Sample {
    text: String,
    business: Option<String>,
    #[serde(default)]
    faq: Option<String>,
    expect: Option<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    intent: Intent,
    #[serde(default)]
    faq: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Labels {
    intent: Intent,
    urgency: Urgency,
    safety: Option<Danger>,
    #[serde(default)]
    also: Vec<Intent>,
}

/// A text with what is noticed in it for each table, and with its labels where it has them all.
struct Labelled {
    text: String,
    labels: Option<Labels>,
    examples: [Example; 2],
}

struct Set {
    name: &'static str,
    rules: Rules,
    texts: Vec<Labelled>,
}

fn place<T: PartialEq>(all: &[T], one: &T) -> Option<usize> {
    all.iter().position(|other| other == one)
}

/// Texts of which one thing alone is known: whether it is an emergency (`now`, `other`) or an opt-out (`out`).
fn of_table(table: &str, businesses: &Businesses) -> Vec<Labelled> {
    let (settings, index) = businesses.values().next().expect("a business");
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (label, text) = line.split_once('\t').expect("label, tab, text");
            let text = text.replace("\\n", "\n");
            let context = Context::default();
            let now = businesses::some_day();
            let mut examples = noticed(&text, Channel::Sms, &context, &settings.profile, index, now);
            let urgency = match label {
                "now" => place(Urgency::ALL, &Urgency::Emergency),
                "other" => place(Urgency::ALL, &Urgency::Routine),
                _ => None,
            };
            let out = urgency.is_none().then_some(usize::from(label == "out"));
            examples[0].targets = vec![None];
            examples[1].targets = vec![urgency, None, out];
            Labelled {
                text,
                labels: None,
                examples,
            }
        })
        .collect()
}

fn of_lines(file: &str, text: &str, businesses: &Businesses) -> Vec<Labelled> {
    let all: Vec<&(Settings, FaqIndex)> = businesses.values().collect();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    lines
        .map(|(number, line)| {
            let line: Line = match serde_json::from_str(line) {
                Ok(line) => line,
                Err(error) => panic!("{file}:{}: {error}", number + 1),
            };
            let labels = line.expect.or(line.own).expect("labels");
            // Texts that go to no business in particular go to each in turn.
            let business = line.business.as_ref().map(|id| &businesses[id]);
            let (settings, index) = business.unwrap_or(all[number % all.len()]);
            let context = line.context.unwrap_or(Context {
                asked: line.asked,
                appointment: line.appointment,
                slots: Vec::new(),
            });
            let now = businesses::some_day();
            let mut examples = noticed(&line.text, line.channel, &context, &settings.profile, index, now);
            let danger = match &labels.safety {
                None => Some(0),
                Some(danger) => place(Danger::ALL, danger).map(|at| at + 1).filter(|at| *at <= DANGERS),
            };
            let out = Some(usize::from(labels.intent == Intent::OptOut));
            examples[0].targets = vec![place(Intent::ALL, &labels.intent)];
            examples[1].targets = vec![place(Urgency::ALL, &labels.urgency), danger, out];
            Labelled {
                text: line.text,
                labels: Some(labels),
                examples,
            }
        })
        .collect()
}

/// Questions to many businesses, which are asked by whoever writes them: about a price where the rules say so.
fn of_questions() -> Vec<Labelled> {
    let mut texts = Vec::new();
    for set in AUTHORS.into_iter().take(CHECKED).map(Asked::of_author) {
        for sample in set.samples {
            let (settings, index) = &set.businesses[sample.business.as_ref().expect("a business")];
            let (context, now) = (Context::default(), businesses::some_day());
            let mut examples = noticed(&sample.text, Channel::Sms, &context, &settings.profile, index, now);
            let decided = examples[0].decided();
            let pricing = place(Intent::ALL, &Intent::Pricing).filter(|pricing| *pricing == decided);
            examples[0].targets = vec![pricing.or_else(|| place(Intent::ALL, &Intent::Faq))];
            examples[0].weight = OF_QUESTIONS;
            examples[1].targets = vec![None, None, None];
            texts.push(Labelled {
                text: sample.text,
                labels: None,
                examples,
            });
        }
    }
    texts
}

fn read(name: &'static str, rules: Rules, businesses: &Businesses) -> Set {
    let file = format!("mccc-core/{name}");
    let text = std::fs::read_to_string(&file).expect("run it from the root of the workspace");
    let mut texts = if name.ends_with(".tsv") {
        of_table(&text, businesses)
    } else {
        of_lines(&file, &text, businesses)
    };
    let known = texts.iter_mut().enumerate().filter(|_| rules == Rules::KnowIt);
    for (_, text) in known.filter(|(number, _)| number * 37 % 100 < WITHOUT_RULES) {
        text.examples.iter_mut().for_each(Example::forget_rules);
    }
    Set { name, rules, texts }
}

fn fit<'s>(sets: impl Iterator<Item = &'s Set>, table: usize) -> Learned {
    let texts = sets.flat_map(|set| &set.texts);
    let examples: Vec<Example> = texts
        .map(|text| text.examples[table].clone())
        .filter(|example| example.targets.iter().any(Option::is_some))
        .collect();
    Learned::fit(&examples, TABLES[table].1, FIT)
}

fn best(shares: &[f32]) -> usize {
    let places = 0..shares.len();
    places
        .max_by(|one, other| shares[*one].total_cmp(&shares[*other]))
        .unwrap_or(0)
}

/// Reads a set by what was learned from the others.
fn check(held: &Set, sets: &[Set], misread: bool) {
    let others = || sets.iter().filter(|set| set.name != held.name);
    let (intents, alone) = (fit(others(), 0), fit(others(), 1));
    let percent = |part: usize, whole: usize| part as f32 * 100.0 / whole.max(1) as f32;
    let (mut right, mut by_rules, mut all) = (0, 0, 0);
    let mut sure = [[0_usize; 2]; 10];
    // By tenths of likelihood: found where there is none, and where there is one.
    let (mut emergencies, mut outs) = ([[0_usize; 2]; 10], [[0_usize; 2]; 10]);
    for text in &held.texts {
        let Some(labels) = &text.labels else { continue };
        let is = |intent: Intent| intent == labels.intent || labels.also.contains(&intent);
        let shares = &intents.likelihoods(&text.examples[0])[0];
        let chosen = Intent::ALL[best(shares)];
        all += 1;
        right += usize::from(is(chosen));
        by_rules += usize::from(is(Intent::ALL[text.examples[0].decided()]));
        let tenth = &mut sure[((shares[best(shares)] * 10.0) as usize).min(9)];
        tenth[0] += usize::from(is(chosen));
        tenth[1] += 1;
        let said = alone.likelihoods(&text.examples[1]);
        let is_one = [labels.urgency == Urgency::Emergency, labels.intent == Intent::OptOut];
        for (tenth, from) in (0_u8..10).map(|tenth| f32::from(tenth) / 10.0).enumerate() {
            emergencies[tenth][usize::from(is_one[0])] += usize::from(said[0][Urgency::ALL.len() - 1] >= from);
            outs[tenth][usize::from(is_one[1])] += usize::from(said[2][1] >= from);
        }
        if misread && !is(chosen) {
            println!("{} for {}: {}", chosen.name(), labels.intent.name(), text.text);
        }
    }
    println!(
        "{}: {:.1} % of {all}; by rules alone {:.1} %",
        held.name,
        percent(right, all),
        percent(by_rules, all)
    );
    let sure = sure.map(|[right, all]| format!("{:.0} of {all}", percent(right, all)));
    println!("   right by tenths of likelihood: {}", sure.join(", "));
    for (name, counts) in [("emergencies", emergencies), ("opt-outs", outs)] {
        let [none, some] = counts[0];
        let parts = counts.map(|[wrong, found]| format!("{:.0}/{:.1}", percent(found, some), percent(wrong, none)));
        println!("   {name} found/false by tenths: {}", parts.join(", "));
    }
}

const DATA: &str = "mccc-core/tests/data/understanding";
const FAQ: &str = "mccc-core/src/conversation/understanding/faq";

fn file(path: &str) -> String {
    std::fs::read_to_string(path).expect("run it from the root of the workspace")
}

fn samples(path: &str) -> Vec<Sample> {
    let text = file(path);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).expect("a line of the set is read"))
        .collect()
}

/// Texts with the businesses that they go to.
struct Asked {
    name: String,
    businesses: Businesses,
    samples: Vec<Sample>,
}

impl Asked {
    /// Questions to businesses of their own.
    fn of_author(author: &str) -> Self {
        let path = format!("{DATA}/questions/{author}");
        Self {
            name: format!("questions/{author}"),
            businesses: businesses::businesses_of(&file(&format!("{path}.businesses.json"))),
            samples: samples(&format!("{path}.jsonl")),
        }
    }

    /// Texts to the six businesses.
    fn of_set(set: &str) -> Self {
        Self {
            name: set.to_owned(),
            businesses: businesses::businesses(),
            samples: samples(&format!("{DATA}/{set}.jsonl")),
        }
    }

    /// Its questions, as they meet the entries where words point so.
    fn questions(&self, directions: Directions) -> Vec<Question> {
        let indexes: BTreeMap<&str, FaqIndex> = self
            .businesses
            .iter()
            .map(|(id, (settings, _))| (id.as_str(), directions.index(settings)))
            .collect();
        let asked = self.samples.iter().filter(|sample| sample.asks());
        let question = |sample: &Sample| {
            let business = sample.business.as_deref().expect("a business");
            let weight = if sample.expect.is_some() { OF_KNOWN } else { 1.0 };
            Question::new(&indexes[business], &sample.text, sample.answer(), weight)
        };
        asked.map(question).collect()
    }

    /// Its entries with what is asked about them, a group for each business.
    fn topics(&self, groups: &mut usize) -> Vec<Topic> {
        let mut topics = Vec::new();
        for (id, (settings, _)) in &self.businesses {
            *groups += 1;
            for entry in &settings.faq {
                let questions = [&entry.topic, &entry.question].into_iter().chain(&entry.alternatives);
                let written = questions.map(|question| Written {
                    question: question.clone(),
                    answer: entry.answer.clone(),
                });
                let samples = self.samples.iter().filter(|sample| {
                    sample.asks()
                        && sample.business.as_ref() == Some(id)
                        && sample.answer() == Some(entry.topic.as_str())
                });
                topics.push(Topic {
                    entries: written.collect(),
                    asked: samples.map(|sample| sample.text.clone()).collect(),
                    group: *groups,
                });
            }
        }
        topics
    }
}

impl Sample {
    /// Whether it is a question; sets of questions have nothing else.
    fn asks(&self) -> bool {
        let expected = self.expect.as_ref();
        expected.is_none_or(|expected| matches!(expected.intent, Intent::Faq | Intent::Pricing))
    }

    /// The topic that answers it.
    fn answer(&self) -> Option<&str> {
        let expected = self.expect.as_ref().and_then(|expected| expected.faq.as_deref());
        self.faq.as_deref().or(expected)
    }
}

/// The sets whose questions are learned from.
fn question_sets() -> Vec<Asked> {
    let known = ["development", "second_author_tuning"].map(Asked::of_set);
    AUTHORS.map(Asked::of_author).into_iter().chain(known).collect()
}

/// What is left out where something is learned, to be read as a stranger's.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Without {
    Nothing,
    /// Questions of an author, or of some.
    Authors(usize),
    /// Those to the six businesses.
    Known,
    /// Two files of topics.
    Topics(usize),
}

/// Authors who are left out together, for the sake of time; the first are left out one by one, to be measured.
const TOGETHER: usize = 4;
const FOLDS: usize = CHECKED + (AUTHORS.len() - CHECKED).div_ceil(TOGETHER);

impl Without {
    /// The fold of a set by its place.
    const fn of(set: usize) -> Self {
        if set < CHECKED {
            Self::Authors(set)
        } else if set < AUTHORS.len() {
            Self::Authors(CHECKED + (set - CHECKED) / TOGETHER)
        } else {
            Self::Known
        }
    }
}

/// Where words point, by all topics and questions but those.
fn directions(sets: &[Asked], without: Without) -> Vec<u8> {
    let files = topics().into_iter().enumerate();
    let files = files.filter(|(file, _)| Without::Topics(*file / 2) != without);
    let mut learned: Vec<Topic> = files.flat_map(|(_, topics)| topics).collect();
    let mut groups = 0;
    for (_, set) in sets.iter().enumerate().filter(|(at, _)| Without::of(*at) != without) {
        learned.extend(set.topics(&mut groups));
    }
    training::vectors(&learned)
}

/// How many topics an invented business has entries about.
const OF_INVENTED: usize = 11;
/// Of so many questions about a topic one is learned from.
const ONE_OF: usize = 3;
/// How much it counts.
const OF_TOPICS: f32 = 0.5;
/// Of so many of them one goes to a business without an answer as well.
const UNANSWERED: usize = 4;

/// Questions about topics to businesses that have entries about some of them.
fn invented(topics: &[Topic], directions: Directions) -> Vec<Question> {
    let businesses = topics.len().div_ceil(OF_INVENTED);
    let name = |topic: usize| format!("topic {topic}");
    let mut questions = Vec::new();
    for owner in 0..3 {
        let index = |business: usize| {
            let mut settings = Settings::new("Invented", "America/Chicago".parse().expect("a zone"));
            let own = (0..topics.len()).filter(|topic| topic % businesses == business);
            settings.faq = own
                .filter_map(|topic| {
                    let entry = topics[topic].entries.get(owner)?;
                    Some(FaqEntry {
                        topic: name(topic),
                        question: entry.question.clone(),
                        answer: entry.answer.clone(),
                        alternatives: Vec::new(),
                    })
                })
                .collect();
            directions.index(&settings)
        };
        let indexes: Vec<FaqIndex> = (0..businesses).map(index).collect();
        for (number, topic) in topics.iter().enumerate() {
            let mine = topic
                .asked
                .iter()
                .enumerate()
                .filter(|(at, _)| at % (3 * ONE_OF) == owner);
            for (at, text) in mine {
                let business = number % businesses;
                let question = Question::new(&indexes[business], text, Some(&name(number)), OF_TOPICS);
                questions.push(question.to_entries_alone());
                if (number + at).is_multiple_of(UNANSWERED) {
                    let other = (business + 1) % businesses;
                    questions.push(Question::new(&indexes[other], text, None, OF_TOPICS).to_entries_alone());
                }
            }
        }
    }
    questions
}

/// The questions of each set as they meet the entries where words point as the others say: a stranger's will be no nearer.
/// After them those of the sets that are measured alone, and those about topics.
fn met(sets: &[Asked], measured: &[Asked]) -> (Vec<Vec<Question>>, Vec<Vec<Question>>, Vec<Question>) {
    let topics = topics();
    let mut folds: Vec<Without> = (0..FOLDS).map(Without::Authors).collect();
    folds.push(Without::Known);
    folds.extend((0..topics.len().div_ceil(2)).map(Without::Topics));
    let fitted: Vec<Directions> = std::thread::scope(|scope| {
        let threads: Vec<_> = folds
            .iter()
            .map(|fold| scope.spawn(move || Directions::of(&directions(sets, *fold))))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a fit"));
        joined.collect()
    });
    let without = |fold: Without| {
        let place = folds.iter().position(|one| *one == fold).expect("a fold");
        fitted[place]
    };
    let of = |(at, set): (usize, &Asked)| {
        let questions = set.questions(without(Without::of(at)));
        if (CHECKED..AUTHORS.len()).contains(&at) {
            questions.into_iter().map(Question::to_entries_alone).collect()
        } else {
            questions
        }
    };
    let known = sets.iter().enumerate().map(of).collect();
    let alone = measured
        .iter()
        .map(|set| set.questions(without(Without::Known)))
        .collect();
    let about = topics.iter().enumerate();
    let about = about.flat_map(|(file, topics)| invented(topics, without(Without::Topics(file / 2))));
    (known, alone, about.collect())
}

/// How rare words are in what callers and contractors write.
fn rarity() -> String {
    let mut texts: Vec<String> = Vec::new();
    for number in 1..=7 {
        let set = samples(&format!("{DATA}/training/{number}.jsonl"));
        texts.extend(set.into_iter().map(|sample| sample.text));
    }
    for set in question_sets() {
        texts.extend(set.samples.into_iter().map(|sample| sample.text));
        for entry in set.businesses.values().flat_map(|(settings, _)| &settings.faq) {
            texts.extend([entry.question.clone(), entry.answer.clone()]);
            texts.extend(entry.alternatives.clone());
        }
    }
    for topic in topics().into_iter().flatten() {
        texts.extend(topic.asked);
        texts.extend(
            topic
                .entries
                .into_iter()
                .flat_map(|entry| [entry.question, entry.answer]),
        );
    }
    training::rarity(texts.iter().map(String::as_str))
}

/// What owners write about topics of all trades, and what callers ask about them: by file, which is by author.
fn topics() -> Vec<Vec<Topic>> {
    let folder = std::fs::read_dir(format!("{DATA}/topics")).expect("run it from the root of the workspace");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let texts = files
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a file of topics"));
    let topics = texts.map(|text| {
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("a topic is read"));
        lines.collect()
    });
    topics.collect()
}

/// Answers every author's questions by what was learned from the others, and the sets that nothing is learned from by all
/// of it. Totals and nothing else are shown. How rare words are was counted over all of them.
fn check_questions() {
    let sets = question_sets();
    let mut measured: Vec<Asked> = ["second_author_check", "third_author"].map(Asked::of_set).into();
    measured.push(Asked::of_author(MEASURED_AUTHOR));
    let (known, alone, about) = met(&sets, &measured);
    println!("{} questions about topics", about.len());
    let without = |left: Option<usize>| -> Vec<Question> {
        let others = known.iter().enumerate().filter(|(at, _)| Some(*at) != left);
        let others = others.flat_map(|(_, questions)| questions.clone());
        others.chain(about.clone()).collect()
    };
    println!("right of those with an answer / wrong of all, from a likelihood of {FROM:?}");
    let left = (0..CHECKED).map(Some).chain([None]);
    let networks: Vec<String> = std::thread::scope(|scope| {
        let without = &without;
        let threads: Vec<_> = left
            .map(|left| scope.spawn(move || training::fit(&without(left))))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("a fit"));
        joined.collect()
    });
    for ((set, questions), network) in sets.iter().zip(&known).zip(&networks).take(CHECKED) {
        show(&set.name, network, questions);
    }
    for (set, questions) in measured.iter().zip(&alone) {
        show(&set.name, &networks[CHECKED], questions);
    }
}

const FROM: [f32; 6] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

fn show(name: &str, network: &str, questions: &[Question]) {
    let answerable = questions.iter().filter(|question| question.is_answerable()).count();
    let percent = |part: usize, whole: usize| part as f32 * 100.0 / whole.max(1) as f32;
    let counts = training::answered(network, questions, &FROM)
        .into_iter()
        .map(|(right, wrong)| {
            format!(
                "{:.0}/{:.1}",
                percent(right, answerable),
                percent(wrong, questions.len())
            )
        });
    println!("{name}: {}", counts.collect::<Vec<_>>().join("  "));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    if asked("--rarity") {
        std::fs::write(format!("{FAQ}/rarity.txt"), rarity()).expect("it can be written");
        return;
    }
    if asked("--vectors") {
        std::fs::write(
            format!("{FAQ}/words.vectors"),
            directions(&question_sets(), Without::Nothing),
        )
        .expect("it can be written");
        return;
    }
    if asked("--questions") {
        if asked("--check") {
            check_questions();
        } else {
            let (known, _, about) = met(&question_sets(), &[]);
            let network = training::fit(&[known.concat(), about].concat());
            std::fs::write(format!("{FAQ}/meeting.weights"), network).expect("it can be written");
        }
        return;
    }
    let businesses = businesses::businesses();
    let mut sets: Vec<Set> = SETS.map(|(name, rules)| read(name, rules, &businesses)).into();
    sets.push(Set {
        name: "questions",
        rules: Rules::KnowIt,
        texts: of_questions(),
    });
    if asked("--check") {
        for held in sets.iter().filter(|set| set.rules == Rules::AreStrangers) {
            check(held, &sets, asked("--misread"));
        }
        return;
    }
    for (table, (name, _)) in TABLES.iter().enumerate() {
        let bytes = fit(sets.iter(), table).encode();
        println!("{name}: {} bytes", bytes.len());
        let path = format!("mccc-core/src/conversation/learned/{name}.weights");
        std::fs::write(path, bytes).expect("the weights can be written");
    }
}
