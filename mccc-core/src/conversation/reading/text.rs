//! A text as sentences, clauses and items: words in standard spelling with what they are about.

use super::concepts::{Concepts, Lexicon};
use crate::compliance::consent::fold;

/// How much of a text is read: the longest a text message can be; transcripts are cut to twice that.
const LONGEST: usize = 3200;

/// The letters and digits of a text, folded, with where each word came from.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    buffer: String,
    words: Vec<RawWord>,
}

/// One word before it is looked up.
#[derive(Debug, Clone, Copy)]
struct RawWord {
    /// Bytes of the folded buffer.
    folded: (usize, usize),
    /// Bytes of the original text.
    original: (usize, usize),
    /// What follows it.
    mark: Mark,
}

/// What ends a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Nothing: the clause goes on.
    None,
    /// A comma, a colon, a bracket, a turn such as "but".
    Clause,
    /// The end of a sentence.
    Sentence,
    /// The end of a question.
    Question,
}

/// A word in standard spelling.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'t> {
    pub(crate) word: &'t str,
    /// Bytes of the original text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What the word alone is about.
    pub(crate) concepts: Concepts,
}

/// One or several tokens that mean something together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    /// First token.
    pub(crate) first: usize,
    /// The token after the last.
    pub(crate) end: usize,
    /// What it is about.
    pub(crate) concepts: Concepts,
    /// It stands in the scope of a negation.
    pub(crate) negated: bool,
}

/// Items between two marks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clause {
    /// First item.
    pub(crate) first: usize,
    /// The item after the last.
    pub(crate) end: usize,
    /// First token.
    pub(crate) first_token: usize,
    /// The token after the last.
    pub(crate) end_token: usize,
    /// Which sentence it belongs to.
    pub(crate) sentence: usize,
    /// Its sentence asks.
    pub(crate) asks: bool,
    /// All concepts of its items.
    pub(crate) concepts: Concepts,
}

/// A text, read.
#[derive(Debug)]
pub(crate) struct Text<'t> {
    pub(crate) raw: &'t str,
    pub(crate) tokens: Vec<Token<'t>>,
    pub(crate) items: Vec<Item>,
    pub(crate) clauses: Vec<Clause>,
    /// All concepts of the text.
    pub(crate) concepts: Concepts,
}

impl Folded {
    pub(crate) fn of(text: &str) -> Self {
        let mut folded = Self {
            buffer: String::with_capacity(text.len().min(LONGEST) + 16),
            words: Vec::with_capacity(text.len().min(LONGEST) / 5 + 4),
        };
        let mut word: Option<(usize, usize)> = None;
        let mut chars = text.char_indices().take(LONGEST).peekable();
        let mut before = ' ';
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map_or(' ', |(_, next)| *next);
            let end = at + c.len_utf8();
            if let Some(letter) = fold(c) {
                word.get_or_insert((folded.buffer.len(), at));
                folded.buffer.push(letter);
            } else if is_apostrophe(c) || c == '\u{fe0f}' || c == '\u{20e3}' {
                // "don't" is one word, a keycap is its digit.
            } else if matches!(c, ':' | '/' | '.') && before.is_ascii_digit() && next.is_ascii_digit() {
                folded.buffer.push(if c == '.' { ':' } else { c });
            } else {
                folded.close(&mut word, at);
                folded.sign(c, before, next, at, end);
            }
            before = c;
        }
        folded.close(&mut word, text.len());
        folded
    }

    /// A word of the original and its neighbours, by its place.
    pub(crate) fn quote(&self, raw: &str, place: u16) -> Option<String> {
        let place = usize::from(place);
        let first = self.words.get(place.saturating_sub(1))?;
        let last = self.words.get(place + 1).or_else(|| self.words.last())?;
        raw.get(first.original.0..last.original.1).map(str::to_owned)
    }

    fn close(&mut self, word: &mut Option<(usize, usize)>, end: usize) {
        if let Some((from, start)) = word.take() {
            self.words.push(RawWord {
                folded: (from, self.buffer.len()),
                original: (start, end),
                mark: Mark::None,
            });
        }
    }

    fn own_word(&mut self, word: &str, start: usize, end: usize) {
        let from = self.buffer.len();
        self.buffer.push_str(word);
        self.words.push(RawWord {
            folded: (from, self.buffer.len()),
            original: (start, end),
            mark: Mark::None,
        });
    }

    /// What is neither letter nor digit.
    fn sign(&mut self, c: char, before: char, next: char, at: usize, end: usize) {
        let mark = match c {
            '?' | '¿' => Mark::Question,
            '!' | ';' | '\n' | '…' => Mark::Sentence,
            '.' if !next.is_alphanumeric() => Mark::Sentence,
            ',' if before.is_ascii_digit() && next.is_ascii_digit() => return,
            ',' | ':' | '(' | ')' | '"' | '“' | '”' | '–' | '—' | '¡' => {
                if matches!(c, '–' | '—') && before.is_ascii_digit() && next.is_ascii_digit() {
                    self.own_word("dash", at, end);
                    return;
                }
                Mark::Clause
            }
            '-' if before.is_ascii_digit() && next.is_ascii_digit() => {
                self.own_word("dash", at, end);
                return;
            }
            '-' if !next.is_alphanumeric() => Mark::Clause,
            '&' | '+' => {
                self.own_word("and", at, end);
                return;
            }
            '$' => {
                self.own_word("dollarsign", at, end);
                return;
            }
            '👍' | '👌' | '✅' | '✔' | '☑' | '🆗' => {
                self.own_word("thumbsup", at, end);
                return;
            }
            '🙏' | '❤' | '🙌' | '😊' | '💯' | '🎉' => {
                self.own_word("thanksemoji", at, end);
                return;
            }
            '👎' | '😡' | '🤬' | '😠' => {
                self.own_word("angryemoji", at, end);
                return;
            }
            _ => return,
        };
        // The opening mark of Spanish ends what was said before it; what it opens is closed by its own.
        let mark = if c == '¿' { Mark::Clause } else { mark };
        if let Some(last) = self.words.last_mut() {
            last.mark = last.mark.max(mark);
        }
    }
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ')
}

impl<'t> Text<'t> {
    pub(crate) fn of(raw: &'t str, folded: &'t Folded, lexicon: &'t Lexicon) -> Self {
        let mut text = Self {
            raw,
            tokens: Vec::with_capacity(folded.words.len()),
            items: Vec::with_capacity(folded.words.len()),
            clauses: Vec::with_capacity(8),
            concepts: Concepts::NONE,
        };
        let mut sentence = 0;
        let mut first_token = 0;
        for word in &folded.words {
            let spelled = folded.buffer.get(word.folded.0..word.folded.1).unwrap_or_default();
            let (spelled, concepts) = lexicon.look_up(spelled);
            // "But" turns to something else, as a comma does.
            if concepts.has(lexicon.turn) && text.tokens.len() > first_token {
                text.close_clause(lexicon, first_token, sentence, false);
                first_token = text.tokens.len();
            }
            text.tokens.push(Token {
                word: spelled,
                start: word.original.0,
                end: word.original.1,
                concepts,
            });
            if word.mark != Mark::None {
                text.close_clause(lexicon, first_token, sentence, word.mark == Mark::Question);
                first_token = text.tokens.len();
                if word.mark != Mark::Clause {
                    sentence += 1;
                }
            }
        }
        text.close_clause(lexicon, first_token, sentence, false);
        text
    }

    fn close_clause(&mut self, lexicon: &Lexicon, first_token: usize, sentence: usize, asks: bool) {
        let end_token = self.tokens.len();
        if end_token == first_token {
            return;
        }
        let first = self.items.len();
        let mut at = first_token;
        while let Some(token) = self.tokens.get(at) {
            let rest = self.tokens.get(at..).unwrap_or_default();
            let (length, concepts) = lexicon.phrase(rest).unwrap_or((1, token.concepts));
            if !concepts.is_only(lexicon.filler) {
                self.items.push(Item {
                    first: at,
                    end: at + length,
                    concepts,
                    negated: false,
                });
            }
            at += length;
        }
        let mut concepts = Concepts::NONE;
        let mut reach = 0_usize;
        for item in self.items.get_mut(first..).unwrap_or_default() {
            if item.concepts.has(lexicon.connective) {
                reach = 0;
            }
            item.negated = reach > 0;
            reach = reach.saturating_sub(1);
            if item.concepts.has(lexicon.not) {
                reach = NEGATION_REACH;
            }
            concepts = concepts.and_also(item.concepts);
        }
        self.concepts = self.concepts.and_also(concepts);
        let clause = Clause {
            first,
            end: self.items.len(),
            first_token,
            end_token,
            sentence,
            asks,
            concepts,
        };
        self.clauses.push(clause);
        if asks {
            for clause in self
                .clauses
                .iter_mut()
                .rev()
                .take_while(|clause| clause.sentence == sentence)
            {
                clause.asks = true;
            }
        }
    }

    pub(crate) fn items(&self, clause: &Clause) -> &[Item] {
        self.items.get(clause.first..clause.end).unwrap_or_default()
    }

    pub(crate) fn tokens(&self, clause: &Clause) -> &[Token<'t>] {
        self.tokens
            .get(clause.first_token..clause.end_token)
            .unwrap_or_default()
    }

    /// The caller's own words of some tokens.
    pub(crate) fn quote(&self, first: usize, end: usize) -> &'t str {
        let start = self.tokens.get(first).map_or(0, |token| token.start);
        let end = self.tokens.get(end.saturating_sub(1)).map_or(start, |token| token.end);
        self.raw.get(start..end).unwrap_or_default().trim()
    }

    pub(crate) fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.word)
    }
}

/// Items after a negation that it takes back.
const NEGATION_REACH: usize = 4;

impl Text<'_> {
    /// What stands between a token and the one before it.
    pub(crate) fn gap(&self, at: usize) -> Option<&str> {
        let before = self.tokens.get(at.checked_sub(1)?)?;
        self.raw.get(before.end..self.tokens.get(at)?.start)
    }

    /// Whether two tokens belong to one clause.
    pub(crate) fn same_clause(&self, one: usize, other: usize) -> bool {
        self.clauses.iter().any(|clause| {
            (clause.first_token..clause.end_token).contains(&one)
                && (clause.first_token..clause.end_token).contains(&other)
        })
    }
}
