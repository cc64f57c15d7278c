//! The index over a business's entries, built once for a version of its settings.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::super::super::learned::{Vectors, shares};
use super::super::super::reading::{Concept, Concepts, Folded, Item, Lexicon, RuleBook, Slips, Text};
use super::FaqMatch;
use super::meeting::{Meeting, Network, WAYS, general, scored};
use super::nearness::{self, Near, Pointing, near};
use super::profile::{PLAIN, ProfileAnswers};
use super::shared::{Collected, Shared, Vocabulary};
use super::similar::Similar;
use crate::business::{FaqEntry, Settings};

static THEMES: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::compile(include_str!("themes.txt")));
static RULES: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::compile(include_str!("rules.txt"), &THEMES));
/// Concepts that are no theme but help to find one.
static HELPERS: LazyLock<Concepts> = LazyLock::new(|| THEMES.named(|name| name.starts_with(char::is_uppercase)));
/// The theme that each rule of a signal shows.
static SHOWN: LazyLock<Vec<Concepts>> = LazyLock::new(|| {
    let mut shown = vec![Concepts::NONE; usize::from(THEMES.len())];
    for theme in 0..THEMES.len() {
        let signal = THEMES.name(theme).and_then(|name| RULES.signal(name));
        if let Some(place) = signal.and_then(|signal| shown.get_mut(signal)) {
            *place = Concepts::of(theme);
        }
    }
    shown
});

/// What an answer's own words weigh beside those of its question.
const ANSWER_WEIGHT: f32 = 0.35;
/// What a topic's words weigh.
const TOPIC_WEIGHT: f32 = 1.0;

/// A number of a term within an index.
type Term = u32;

/// The questions of a business, ready to be matched. Depends on the settings alone: build it once for each version.
#[derive(Debug)]
pub struct FaqIndex {
    entries: Vec<FaqEntry>,
    documents: Vec<Document>,
    terms: HashMap<String, Term>,
    /// How rare each term is among the entries.
    rarity: Vec<f32>,
    /// How many entries have each theme; one that has others as well counts for less.
    theme_counts: HashMap<Concept, f32>,
    slips: Slips,
    vocabulary: Vocabulary,
    /// Where words point.
    vectors: &'static Vectors,
    /// Where each entry points.
    pointing: Vec<Pointing>,
    /// The entry of each question as its owner wrote it, by its words.
    written: HashMap<String, usize>,
    profile: ProfileAnswers,
    marks: Marks,
    /// Rarity of a word that no entry has.
    unknown: f32,
}

/// Concepts that are no theme of an entry.
#[derive(Debug)]
struct Marks {
    stop: Concept,
    /// What entries can be about.
    themes: Vec<Concept>,
    /// About money: only entries with one of these answer what something costs.
    money: Concepts,
}

impl Marks {
    fn new() -> Self {
        let money = MONEY.iter().filter_map(|name| THEMES.concept(name));
        let built_in = ["hours", "area", "services", "serviceslist"].map(|name| THEMES.concept(name));
        // Concepts in capitals only help to find themes.
        let a_theme = |theme: &Concept| {
            THEMES
                .name(*theme)
                .is_some_and(|name| name.starts_with(char::is_lowercase))
                && !built_in.contains(&Some(*theme))
        };
        Self {
            stop: THEMES.concept("STOP").unwrap_or(Concept::MAX),
            themes: (0..THEMES.len()).filter(a_theme).collect(),
            money: money.fold(Concepts::NONE, |all, theme| all.and_also(Concepts::of(theme))),
        }
    }

    /// The themes among these concepts.
    fn themes(&self, concepts: Concepts) -> Vec<Concept> {
        let found = self.themes.iter().copied();
        found.filter(|theme| concepts.has(*theme)).collect()
    }
}

/// Themes that have to do with what something costs.
const MONEY: &[&str] = &[
    "estimates",
    "photoestimate",
    "minimum",
    "price",
    "deposit",
    "financing",
    "discount",
    "cancelpolicy",
    "giftcards",
    "tips",
    "payment",
    "warranty",
    "hourlyrate",
    "travelfee",
    "prepay",
    "billing",
    "supplies_included",
];
/// How sure the profile may be of its own score where no entry answers at all.
const BY_ITSELF: f32 = 0.9;
/// How sure the profile is of a plain question for it, and how sure an entry has to be to answer that one.
const PLAINLY: f32 = 0.8;
/// Weight of words that may stay unexplained: one rare word.
const FREE: f32 = 2.5;

#[derive(Debug)]
struct Document {
    /// Weights of its terms; in order, so that sums come out alike everywhere.
    weights: BTreeMap<Term, f32>,
    length: f32,
    themes: Vec<Concept>,
    /// The same as a set.
    theme_set: Concepts,
}

/// A word of a text.
#[derive(Debug)]
pub(super) struct Said<'q> {
    pub(super) word: &'q str,
    pub(super) stem: Cow<'q, str>,
    /// Stem of the word of the entries that this one, which they have not, is a slip of.
    pub(super) meant: Option<Cow<'q, str>>,
}

/// A question's words and themes.
#[derive(Debug)]
pub(crate) struct Query<'q> {
    /// All its words, as they follow each other.
    all: &'q [Said<'q>],
    /// Its words that mean something, with what the phrases they stand in are about.
    pub(super) words: Vec<(&'q Said<'q>, Concepts)>,
    /// Everything it is about.
    pub(super) themes: Concepts,
    /// What it is about, but for what the profile answers.
    pub(super) own_themes: Vec<Concept>,
    /// What a construction shows it to be about, and not a word by itself.
    constructed: Concepts,
    pub(super) raw: &'q str,
}

/// A part of a text that is read for a question, with how it meets each entry.
#[derive(Debug)]
struct Part<'q> {
    query: Query<'q>,
    weighed: Vec<Weighed<'q>>,
    ways: Vec<[f32; WAYS]>,
}

/// Where in an entry a text stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stands {
    Topic,
    Question,
    Answer,
}

/// How much an entry speaks for itself, and for which part of the text.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    speaks: f32,
    part: usize,
}

/// A word of a question.
#[derive(Debug, Clone, Copy)]
struct Weighed<'q> {
    word: &'q str,
    term: Option<Term>,
    weight: f32,
    about: Concepts,
}

impl Document {
    /// Share of its themes that are not among these.
    fn lacking(&self, themes: Concepts) -> f32 {
        let lacking = self.themes.iter().filter(|theme| !themes.has(**theme)).count();
        as_f32(lacking) / as_f32(self.themes.len().max(1))
    }
}

impl FaqIndex {
    /// Builds the index over the entries and the profile of a business.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self::pointed(settings, nearness::shipped())
    }

    /// The same, where words point as these say.
    pub(super) fn pointed(settings: &Settings, vectors: &'static Vectors) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let marks = Marks::new();
        let mut terms: HashMap<String, Term> = HashMap::new();
        let mut spelled: Vec<String> = Vec::new();
        let mut counts: Vec<BTreeMap<Term, f32>> = Vec::new();
        let mut themes = Vec::new();
        let mut collected = Vec::new();
        let mut written = HashMap::new();
        let mut pointing = Vec::new();
        for (number, entry) in settings.faq.iter().enumerate() {
            let mut words = Collected::default();
            let mut count: BTreeMap<Term, f32> = BTreeMap::new();
            let questions = std::iter::once(&entry.question).chain(&entry.alternatives);
            let texts = std::iter::once((entry.topic.as_str(), TOPIC_WEIGHT, Stands::Topic))
                .chain(questions.map(|text| (text.as_str(), 1.0, Stands::Question)))
                .chain([(entry.answer.as_str(), ANSWER_WEIGHT, Stands::Answer)]);
            let mut own = Vec::new();
            let mut points = Pointing::default();
            let mut whole: Vec<String> = Vec::new();
            for (text, weight, stands) in texts {
                let folded = Folded::of(text);
                let (read, _) = read_themes(text, &folded);
                let answers = stands == Stands::Answer;
                let stems: Vec<_> = read.tokens.iter().map(|token| stemmer.stem(token.word)).collect();
                words.add(stems.iter().map(AsRef::as_ref), answers);
                let point = vectors.direction(stems.iter().map(AsRef::as_ref));
                if answers {
                    points.answer = point;
                } else {
                    points.asked.extend(point);
                }
                whole.extend(stems.iter().map(|stem| stem.clone().into_owned()));
                if stands == Stands::Question && !read.tokens.is_empty() {
                    written.entry(spoken(&read)).or_insert(number);
                }
                for (token, stem) in read.tokens.iter().zip(stems) {
                    if token.concepts.has(marks.stop) {
                        continue;
                    }
                    spelled.push(token.word.to_owned());
                    let next = Term::try_from(terms.len()).unwrap_or(Term::MAX);
                    let term = *terms.entry(stem.into_owned()).or_insert(next);
                    // A word said twice is not twice as important.
                    let present = count.entry(term).or_insert(0.0);
                    *present = present.max(weight);
                }
                if !answers {
                    for theme in marks.themes(read.concepts) {
                        if !own.contains(&theme) {
                            own.push(theme);
                        }
                    }
                }
            }
            points.whole = vectors.direction(whole.iter().map(String::as_str));
            pointing.push(points);
            counts.push(count);
            themes.push(own);
            collected.push(words);
        }
        let total = as_f32(settings.faq.len());
        let mut rarity = vec![0.0_f32; terms.len()];
        for (term, rare) in rarity.iter_mut().enumerate() {
            let term = Term::try_from(term).unwrap_or(Term::MAX);
            let with: f32 = counts.iter().filter_map(|count| count.get(&term)).sum();
            *rare = ((total + 1.0) / (with + 0.5)).ln().max(0.1);
        }
        let mut theme_counts = HashMap::new();
        for own in &themes {
            for theme in own {
                *theme_counts.entry(*theme).or_insert(0.0_f32) += 1.0 / as_f32(own.len());
            }
        }
        let documents = counts
            .into_iter()
            .zip(themes)
            .map(|(count, themes)| {
                // Words of the answer help a question, but their lack does not hurt it.
                let asked = count.iter().filter(|(_, weight)| **weight >= 1.0);
                let asked: f32 = asked.map(|(term, _)| rarity_of(&rarity, *term).powi(2)).sum();
                let weights: BTreeMap<Term, f32> = count
                    .into_iter()
                    .map(|(term, weight)| (term, weight * rarity_of(&rarity, term)))
                    .collect();
                Document {
                    weights,
                    length: asked.sqrt().max(0.01),
                    theme_set: themes
                        .iter()
                        .fold(Concepts::NONE, |all, theme| all.and_also(Concepts::of(*theme))),
                    themes,
                }
            })
            .collect();
        Self {
            entries: settings.faq.clone(),
            documents,
            slips: Slips::of(spelled.iter().map(String::as_str)),
            vocabulary: Vocabulary::new(&collected),
            vectors,
            pointing,
            written,
            terms,
            rarity,
            theme_counts,
            profile: ProfileAnswers::new(settings, &THEMES),
            marks,
            unknown: (total + 1.0).ln().max(1.0),
        }
    }

    /// How many entries there are.
    pub(crate) const fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The entry that most likely answers a text. `asks` tells whether the text is a question.
    pub(crate) fn answer(&self, text: &str, folded: &Folded, asks: bool) -> Option<FaqMatch> {
        self.answer_with(text, folded, asks, None)
    }

    /// The same, with what is known of how near the text comes to each entry in meaning.
    pub(crate) fn answer_with(
        &self,
        text: &str,
        folded: &Folded,
        asks: bool,
        similar: Option<&Similar>,
    ) -> Option<FaqMatch> {
        let (read, constructed) = read_themes(text, folded);
        let said = self.said(&read);
        let parts = self.parts(&read, &said, &constructed);
        // Who asks in the owner's own words leaves nothing to guess.
        if let Some(index) = self.written.get(&spoken(&read)) {
            let whole = parts.iter().max_by_key(|part| part.query.all.len())?;
            return self.found(*index, 1.0, whole, similar);
        }
        let profile = self.by_profile(&parts, asks);
        let network = Network::shipped();
        let entries = self.candidates(network, &parts, similar);
        let none = network.none(&general(read.tokens.len(), asks));
        let by_profile = profile.as_ref().map(|found| network.profile(&found.topic, found.score));
        // The entries in their order, then none of them, then the profile.
        let sums: Vec<f32> = entries
            .iter()
            .map(|candidate| candidate.speaks)
            .chain([none])
            .chain(by_profile)
            .collect();
        let shares = shares(&sums);
        let share = |place: usize| shares.get(place).copied().unwrap_or(0.0);
        let best = entries
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| one.speaks.total_cmp(&other.speaks));
        // Facts of the profile need no proof but that nothing else answers better.
        let otherwise = best.map_or(0.0, |(index, _)| share(index));
        let profile = profile.map(|profile| {
            // Where nothing else is asked for, an entry has to be likely by itself to answer instead.
            let plain = profile.score >= PLAIN && otherwise < PLAINLY;
            let alone = if plain { PLAINLY } else { 0.0 };
            let likely = share(entries.len() + 1)
                .max(BY_ITSELF * profile.score * (1.0 - otherwise))
                .max(alone);
            FaqMatch {
                score: rounded(scored(likely)),
                ..profile
            }
        });
        let best = best.and_then(|(index, candidate)| {
            let part = parts.get(candidate.part)?;
            self.found(index, scored(share(index)), part, similar)
        });
        match (best, profile) {
            (Some(best), Some(profile)) => Some(if profile.score > best.score { profile } else { best }),
            (best, profile) => best.or(profile),
        }
    }

    /// How much each entry speaks for itself, for the part of the text that it meets best.
    fn candidates(&self, network: &Network, parts: &[Part<'_>], similar: Option<&Similar>) -> Vec<Candidate> {
        let entries = 0..self.documents.len();
        let of_entry = |index: usize| {
            let meant = similar.map_or(0.0, |similar| similar.log_odds(index));
            let met = parts.iter().filter_map(|part| part.ways.get(index)).zip(0..);
            let candidates = met.map(|(ways, part)| Candidate {
                speaks: network.entry(ways) + meant,
                part,
            });
            candidates.max_by(|one, other| one.speaks.total_cmp(&other.speaks))
        };
        entries.filter_map(of_entry).collect()
    }

    /// What the profile says to a text, by the part that it answers best.
    fn by_profile(&self, parts: &[Part<'_>], asks: bool) -> Option<FaqMatch> {
        let found = parts.iter().filter_map(|part| self.profile.answer(&part.query, asks));
        found.max_by(|one, other| one.score.total_cmp(&other.score))
    }

    /// How each part of a text that may be a question meets every entry.
    fn parts<'q>(&self, read: &Text<'q>, said: &'q [Said<'q>], constructed: &[Construction]) -> Vec<Part<'q>> {
        let path = self.vectors.path(said.iter().map(|said| said.stem.as_ref()));
        let spans = spans(read).into_iter();
        let queries = spans.map(|(first, end)| {
            let query = self.query(read, said, constructed, first, end);
            (query, path.direction(first, end))
        });
        queries
            .map(|(query, point)| {
                let weighed = self.weighed(&query);
                let shared = self.vocabulary.shared(query.all);
                let near = near(point.as_ref(), &self.pointing);
                let entries = self.documents.iter().zip(shared).zip(near);
                let met = entries.map(|((document, shared), near)| Meeting {
                    shared,
                    near,
                    ..self.meet(&query, &weighed, document)
                });
                Part {
                    ways: met.map(|meeting| meeting.ways()).collect(),
                    weighed,
                    query,
                }
            })
            .collect()
    }

    /// How a text and the entries meet, to learn from.
    #[cfg(feature = "testkit")]
    pub(super) fn met(&self, text: &str, asks: bool) -> super::training::Met {
        let folded = Folded::of(text);
        let (read, constructed) = read_themes(text, &folded);
        let said = self.said(&read);
        let parts = self.parts(&read, &said, &constructed);
        super::training::Met {
            profile: self
                .by_profile(&parts, asks)
                .map(|profile| (profile.topic, profile.score)),
            parts: parts.into_iter().map(|part| part.ways).collect(),
            general: general(read.tokens.len(), asks),
            topics: self.entries.iter().map(|entry| entry.topic.clone()).collect(),
        }
    }

    /// The words of a text.
    fn said<'q>(&'q self, read: &Text<'q>) -> Vec<Said<'q>> {
        let stemmer = Stemmer::create(Algorithm::English);
        let words = read.tokens.iter().map(|token| token.word);
        words
            .map(|word| {
                let stem = stemmer.stem(word);
                let known = self.terms.contains_key(stem.as_ref());
                let meant = if known { None } else { self.slips.meant(word) };
                Said {
                    word,
                    stem,
                    meant: meant.map(|meant| stemmer.stem(meant)),
                }
            })
            .collect()
    }

    fn query<'q>(
        &self,
        read: &Text<'q>,
        said: &'q [Said<'q>],
        constructed: &[Construction],
        first: usize,
        end: usize,
    ) -> Query<'q> {
        let inside = |item: &&Item| item.first >= first && item.end <= end;
        let themes = read
            .items
            .iter()
            .filter(inside)
            .fold(Concepts::NONE, |all, item| all.and_also(item.concepts));
        let about = |at: usize| {
            let mut items = read.items.iter();
            items
                .find(|item| (item.first..item.end).contains(&at))
                .map_or(Concepts::NONE, |item| item.concepts)
        };
        let words = (first..end).filter_map(|at| {
            let token = read.tokens.get(at)?;
            let said = said.get(at)?;
            (!token.concepts.has(self.marks.stop)).then(|| (said, about(at)))
        });
        Query {
            all: said.get(first..end).unwrap_or_default(),
            words: words.collect(),
            themes,
            own_themes: self.marks.themes(themes),
            constructed: constructed
                .iter()
                .filter(|construction| (first..end).contains(&construction.first))
                .fold(Concepts::NONE, |all, construction| all.and_also(construction.theme)),
            raw: read.quote(first, end),
        }
    }

    fn found(&self, index: usize, score: f32, part: &Part<'_>, similar: Option<&Similar>) -> Option<FaqMatch> {
        let Part { query, weighed, .. } = part;
        let (entry, document) = (self.entries.get(index)?, self.documents.get(index)?);
        let shared = weighed
            .iter()
            .filter(|word| word.term.is_some_and(|term| document.weights.contains_key(&term)));
        let themes = query.own_themes.iter().filter(|theme| document.themes.contains(theme));
        let themes = themes
            .filter_map(|theme| THEMES.name(*theme))
            .map(|name| format!("about {name}"));
        let mut evidence: Vec<String> = shared
            .map(|word| word.word.to_owned())
            .chain(themes)
            .chain(similar.and_then(|similar| similar.evidence(index)))
            .collect();
        if evidence.is_empty() {
            let pointing = self.pointing.get(index)?;
            evidence.extend(pointing.proof(self.vectors, query.all).into_iter().map(str::to_owned));
        }
        Some(FaqMatch {
            topic: entry.topic.clone(),
            answer: entry.answer.clone(),
            score: rounded(score),
            entry: Some(index),
            evidence,
            about_money: document.theme_set.meets(self.marks.money) || entry.answer.contains('$'),
        })
    }

    /// The question's words with their terms and weights, each term once.
    fn weighed<'q>(&self, query: &Query<'q>) -> Vec<Weighed<'q>> {
        let mut weighed: Vec<Weighed<'q>> = Vec::with_capacity(query.words.len());
        for (said, about) in &query.words {
            let stems = std::iter::once(&said.stem).chain(&said.meant);
            let term = stems.filter_map(|stem| self.terms.get(stem.as_ref())).next().copied();
            if term.is_none() || !weighed.iter().any(|present| present.term == term) {
                weighed.push(Weighed {
                    word: said.word,
                    term,
                    weight: term.map_or(self.unknown * 0.7, |term| rarity_of(&self.rarity, term)),
                    about: *about,
                });
            }
        }
        weighed
    }

    fn meet(&self, query: &Query<'_>, weighed: &[Weighed<'_>], document: &Document) -> Meeting {
        let (mut dot, mut length, mut explained, mut total) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for word in weighed {
            length += word.weight * word.weight;
            total += word.weight;
            let own = word.term.and_then(|term| document.weights.get(&term).copied());
            dot += own.map_or(0.0, |own| word.weight * own);
            explained += if word.about.meets(document.theme_set) {
                word.weight
            } else {
                own.map_or(0.0, |own| own.min(word.weight))
            };
        }
        let (mut theme, mut astray) = (0.0_f32, 0.0_f32);
        for found in &query.own_themes {
            let Some(with) = self.theme_counts.get(found) else {
                continue;
            };
            let says = 1.0 / with.max(1.0).sqrt();
            if document.themes.contains(found) {
                theme = theme.max(says) + if theme > 0.0 { 0.25 } else { 0.0 };
            } else {
                astray += says;
            }
        }
        Meeting {
            cosine: if length > 0.0 {
                (dot / (length.sqrt() * document.length)).min(1.0)
            } else {
                0.0
            },
            covered: if total > 0.0 { explained / total } else { 0.0 },
            theme: theme.min(1.5),
            astray: astray.min(2.0),
            unexplained: (total - explained - FREE).max(0.0),
            lacking: if theme > 0.0 {
                document.lacking(query.themes)
            } else {
                0.0
            },
            constructed: query.constructed.meets(document.theme_set),
            unthemed: query.own_themes.is_empty() && dot > 0.0,
            shared: Shared::default(),
            near: Near::default(),
        }
    }
}

/// Words with which a clause asks for itself: what was told before it matters less.
const ASKING: &[&str] = &[
    "do", "does", "can", "could", "will", "would", "is", "are", "what", "whats", "how", "where", "who", "which",
    "should", "hacen", "tienen", "aceptan",
];

/// What is read for a question: a clause that asks, each sentence, and the whole; a caller may tell much before they ask.
fn spans(read: &Text<'_>) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::with_capacity(read.clauses.len() * 2 + 1);
    let (mut sentence, mut first) = (None, 0);
    for clause in &read.clauses {
        if sentence != Some(clause.sentence) {
            (sentence, first) = (Some(clause.sentence), clause.first_token);
        }
        if ASKING.contains(&read.word(clause.first_token)) {
            spans.push((clause.first_token, clause.end_token));
        }
        spans.push((first, clause.end_token));
    }
    spans.push((0, read.tokens.len()));
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// A theme that a construction shows.
#[derive(Debug, Clone, Copy)]
struct Construction {
    /// Its first token.
    first: usize,
    theme: Concepts,
}

/// Reads a text with the themes of its words and of their constructions.
fn read_themes<'t>(text: &'t str, folded: &'t Folded) -> (Text<'t>, Vec<Construction>) {
    let mut read = Text::of(text, folded, &THEMES);
    // A phrase that is a theme hides no word that helps to find another: "how long is the repair good for".
    for item in read.items.iter_mut().filter(|item| item.end - item.first > 1) {
        let tokens = read.tokens.get(item.first..item.end).unwrap_or_default();
        item.concepts = item.concepts.and_also(THEMES.within(tokens).common(*HELPERS));
    }
    for clause in &mut read.clauses {
        let items = read.items.get(clause.first..clause.end).unwrap_or_default();
        clause.concepts = items
            .iter()
            .fold(Concepts::NONE, |all, item| all.and_also(item.concepts));
        read.concepts = read.concepts.and_also(clause.concepts);
    }
    let mut constructed = Vec::new();
    for hit in RULES.hits(&read, Concepts::NONE) {
        let theme = SHOWN.get(hit.signal).copied().unwrap_or(Concepts::NONE);
        read.concepts = read.concepts.and_also(theme);
        for item in read.items.get_mut(hit.first..hit.end).unwrap_or_default() {
            item.concepts = item.concepts.and_also(theme);
        }
        constructed.push(Construction {
            first: read.items.get(hit.first).map_or(0, |item| item.first),
            theme,
        });
    }
    (read, constructed)
}

/// The words of a text, one after the other.
fn spoken(read: &Text<'_>) -> String {
    let words: Vec<&str> = read.tokens.iter().map(|token| token.word).collect();
    words.join(" ")
}

/// The words of a text as entries and questions are compared by.
#[cfg(feature = "testkit")]
pub(super) fn words(text: &str) -> Vec<String> {
    let folded = Folded::of(text);
    let (read, _) = read_themes(text, &folded);
    read.tokens.iter().map(|token| token.word.to_owned()).collect()
}

fn rarity_of(rarity: &[f32], term: Term) -> f32 {
    usize::try_from(term)
        .ok()
        .and_then(|term| rarity.get(term))
        .copied()
        .unwrap_or(0.0)
}

pub(super) fn rounded(score: f32) -> f32 {
    (score * 100.0).round() / 100.0
}

pub(super) fn as_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_understood_and_shows_a_theme() {
        assert_eq!(RULES.mistakes(), &[] as &[String]);
        for line in include_str!("rules.txt").lines().filter(|line| !line.starts_with('#')) {
            let Some(theme) = line.split_whitespace().next() else {
                continue;
            };
            assert!(THEMES.concept(theme).is_some(), "{theme}");
        }
    }

    /// Words of the entries alone: no list of ours knows them.
    #[test]
    fn a_slip_in_a_word_of_the_entries_is_understood() {
        let mut settings = Settings::new("Oak", crate::zone::Zone::parse("America/Chicago").unwrap());
        settings.faq = ["wainscoting", "marmoleum", "quartzite"]
            .map(|thing| FaqEntry {
                topic: thing.to_owned(),
                question: format!("Do you have {thing}?"),
                answer: "Yes.".to_owned(),
                alternatives: Vec::new(),
            })
            .into();
        let index = FaqIndex::new(&settings);
        for (slip, meant) in [("wainscotting", "wainscoting"), ("marmolium", "marmoleum")] {
            let text = format!("do you have {slip}?");
            let found = index.answer(&text, &Folded::of(&text), true).unwrap();
            assert_eq!(
                (found.topic.as_str(), found.evidence.first().map(String::as_str)),
                (meant, Some(slip))
            );
        }
    }

    #[test]
    fn a_set_holds_every_concept() {
        assert!(Concepts::hold(THEMES.len()));
    }
}
