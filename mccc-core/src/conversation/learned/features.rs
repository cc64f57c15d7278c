//! What is noticed in a text: words, pairs of words, pieces of words, concepts, and circumstances, each as a number.

use super::super::reading::{Concept, Lexicon, Text};

/// What sort of thing is noticed; keeps a word apart from a concept of the same spelling.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Word = 1,
    Pair = 2,
    Apart = 3,
    Piece = 4,
    Concept = 5,
    ConceptPair = 6,
    Denied = 7,
    Around = 8,
    Rule = 9,
}

/// Shortest word that is also taken in pieces, and how long pieces are.
const PIECED: usize = 4;
const PIECES: std::ops::RangeInclusive<usize> = 3..=5;
/// How many words are looked at: more than a text message has, so that a long voicemail costs no more.
const MOST_WORDS: usize = 400;
/// Fewer things than this are weak evidence, however much each of them says.
const FEW: u16 = 120;
/// What all words together weigh beside one circumstance.
const WORDS_WEIGH: f32 = 4.0;

/// The concepts of a lexicon as numbers that stay when it grows.
#[derive(Debug)]
pub(crate) struct Tags(Vec<u32>);

impl Tags {
    /// `name` keeps two lexicons apart.
    pub(crate) fn new(name: &str, lexicon: &Lexicon) -> Self {
        let tag_of = |concept| {
            tag(
                Kind::Concept,
                &format!("{name} {}", lexicon.name(concept).unwrap_or_default()),
            )
        };
        Self((0..lexicon.len()).map(tag_of).collect())
    }

    fn of(&self, concept: Concept) -> u32 {
        self.0.get(usize::from(concept)).copied().unwrap_or(0)
    }
}

/// What was noticed in a text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Noticed {
    /// Of its words, each with the token it begins at.
    words: Vec<(u32, u16)>,
    /// What holds of the text as a whole.
    around: Vec<u32>,
    /// What the rules make of it.
    rules: Vec<u32>,
}

impl Noticed {
    /// Words, pairs and pieces of a text.
    pub(crate) fn words_of(&mut self, text: &Text<'_>) {
        let mut before = [0_u32, tag(Kind::Word, "^")];
        for (at, token) in text.tokens.iter().take(MOST_WORDS).enumerate() {
            let place = u16::try_from(at).unwrap_or(u16::MAX);
            let word = tag(Kind::Word, token.word);
            self.words.push((word, place));
            self.words
                .push((pair(Kind::Pair, before[1], word), place.saturating_sub(1)));
            if before[0] != 0 {
                self.words
                    .push((pair(Kind::Apart, before[0], word), place.saturating_sub(2)));
            }
            before = [before[1], word];
            self.pieces_of(token.word, place);
        }
        let last = u16::try_from(text.tokens.len().min(MOST_WORDS)).unwrap_or(u16::MAX);
        self.words.push((
            pair(Kind::Pair, before[1], tag(Kind::Word, "$")),
            last.saturating_sub(1),
        ));
    }

    fn pieces_of(&mut self, word: &str, place: u16) {
        if word.len() < PIECED || word.len() > 24 {
            return;
        }
        let mut edged = [b'_'; 26];
        let Some(inside) = edged.get_mut(1..=word.len()) else {
            return;
        };
        inside.copy_from_slice(word.as_bytes());
        let edged = edged.get(..word.len() + 2).unwrap_or_default();
        for length in PIECES {
            for piece in edged.windows(length) {
                self.words.push((hash(Kind::Piece, piece), place));
            }
        }
    }

    /// Concepts of a text, alone and in pairs. `tags` names those of the lexicon it was read with.
    pub(crate) fn concepts_of(&mut self, text: &Text<'_>, tags: &Tags) {
        let mut before: Vec<u32> = Vec::new();
        let mut here: Vec<u32> = Vec::new();
        for clause in &text.clauses {
            before.clear();
            for item in text.items(clause) {
                let place = u16::try_from(item.first).unwrap_or(u16::MAX);
                if item.first >= MOST_WORDS {
                    return;
                }
                here.clear();
                here.extend(item.concepts.iter().map(|concept| tags.of(concept)));
                for concept in &here {
                    let kind = if item.negated { Kind::Denied } else { Kind::Concept };
                    self.words.push((pair(kind, 0, *concept), place));
                    for earlier in &before {
                        self.words.push((pair(Kind::ConceptPair, *earlier, *concept), place));
                    }
                }
                if !here.is_empty() {
                    std::mem::swap(&mut before, &mut here);
                }
            }
        }
    }

    /// Something that holds of the text as a whole.
    pub(crate) fn around(&mut self, what: &str) {
        self.around.push(tag(Kind::Around, what));
    }

    /// The same of something that has a value.
    pub(crate) fn around_with(&mut self, what: &str, value: u32) {
        self.around.push(pair(Kind::Around, tag(Kind::Around, what), value));
    }

    /// Something that the rules say.
    pub(crate) fn rule(&mut self, what: &str) {
        self.rules.push(tag(Kind::Rule, what));
    }

    /// The same of something that has a value.
    pub(crate) fn rule_with(&mut self, what: &str, value: u32) {
        self.rules.push(pair(Kind::Rule, tag(Kind::Rule, what), value));
    }

    /// As if there were no rules.
    #[cfg(feature = "testkit")]
    pub(crate) fn forget_rules(&mut self) {
        self.rules.clear();
    }

    /// Everything noticed, with how much it counts and the token of those that are words.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, f32, Option<u16>)> + '_ {
        let count = u16::try_from(self.words.len()).unwrap_or(u16::MAX);
        let each = WORDS_WEIGH / f32::from(count.max(FEW)).sqrt();
        let words = self.words.iter().map(move |(id, place)| (*id, each, Some(*place)));
        words.chain(self.around.iter().chain(&self.rules).map(|id| (*id, 1.0, None)))
    }
}

/// A name as a number, the same on every machine (FNV-1a).
pub(super) fn tag(kind: Kind, name: &str) -> u32 {
    hash(kind, name.as_bytes())
}

fn hash(kind: Kind, bytes: &[u8]) -> u32 {
    let seed = 0x811c_9dc5_u32 ^ (kind as u32);
    let hash = bytes.iter().fold(seed.wrapping_mul(0x0100_0193), |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    mixed(hash)
}

pub(super) fn pair(kind: Kind, one: u32, other: u32) -> u32 {
    mixed(one.rotate_left(11).wrapping_mul(0x9e37_79b1) ^ other.wrapping_add(kind as u32))
}

const fn mixed(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x7feb_352d);
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x846c_a68b);
    hash ^ (hash >> 16)
}
