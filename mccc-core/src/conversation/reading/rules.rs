//! Constructions of concepts: rules as text, compiled once, found in a text clause by clause.
//!
//! One line is a rule: the signal it gives, how much it is worth (0 to 1; a minus speaks against the signal), and a
//! pattern of items in order:
//!
//! - `A|B` an item about one of these; `..` up to three items of any kind, `...` up to eight; `^` and `$` the ends of the
//!   clause;
//! - `+A` and `-A`: the clause has, or has not, an item about it anywhere; `++A` and `--A` the same of the whole text;
//! - `?` the sentence asks; `neg` the items may stand in the scope of a negation, which otherwise takes the rule back.

use std::collections::HashMap;

use super::concepts::{Concepts, Lexicon};
use super::text::{Clause, Item, Text};

/// Rules, compiled.
#[derive(Debug)]
pub(crate) struct RuleBook {
    rules: Vec<Rule>,
    signals: HashMap<&'static str, usize>,
    /// Lines that are no rule, for a test.
    mistakes: Vec<String>,
}

#[derive(Debug, Default)]
struct Rule {
    signal: usize,
    weight: f32,
    pattern: Vec<Element>,
    from_start: bool,
    to_end: bool,
    asks: bool,
    negated_too: bool,
    clause_has: Vec<Concepts>,
    clause_lacks: Concepts,
    text_has: Vec<Concepts>,
    text_lacks: Concepts,
}

/// One item of a pattern.
#[derive(Debug, Default, Clone, Copy)]
struct Element {
    any: Concepts,
    /// Items that may stand before it.
    gap: usize,
}

/// A rule that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Which signal.
    pub(crate) signal: usize,
    /// What it is worth; below 0 it speaks against the signal.
    pub(crate) weight: f32,
    /// Which clause.
    pub(crate) clause: usize,
    /// First item.
    pub(crate) first: usize,
    /// The item after the last.
    pub(crate) end: usize,
}

impl RuleBook {
    pub(crate) fn compile(source: &'static str, lexicon: &Lexicon) -> Self {
        let mut book = Self {
            rules: Vec::new(),
            signals: HashMap::new(),
            mistakes: Vec::new(),
        };
        for line in source.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            match book.rule(line, lexicon) {
                Some(rule) => book.rules.push(rule),
                None => book.mistakes.push(line.to_owned()),
            }
        }
        book
    }

    fn rule(&mut self, line: &'static str, lexicon: &Lexicon) -> Option<Rule> {
        let mut words = line.split_whitespace();
        let signal = words.next()?;
        let next = self.signals.len();
        let mut rule = Rule {
            signal: *self.signals.entry(signal).or_insert(next),
            weight: words.next()?.parse().ok()?,
            ..Rule::default()
        };
        let mut gap = 0;
        for word in words {
            match word {
                "^" => rule.from_start = true,
                "$" => rule.to_end = true,
                ".." => gap = 3,
                "..." => gap = 8,
                "?" => rule.asks = true,
                "neg" => rule.negated_too = true,
                _ => {
                    if let Some(names) = word.strip_prefix("++") {
                        rule.text_has.push(any_of(names, lexicon)?);
                    } else if let Some(names) = word.strip_prefix("--") {
                        rule.text_lacks = rule.text_lacks.and_also(any_of(names, lexicon)?);
                    } else if let Some(names) = word.strip_prefix('+') {
                        rule.clause_has.push(any_of(names, lexicon)?);
                    } else if let Some(names) = word.strip_prefix('-') {
                        rule.clause_lacks = rule.clause_lacks.and_also(any_of(names, lexicon)?);
                    } else {
                        rule.pattern.push(Element {
                            any: any_of(word, lexicon)?,
                            gap,
                        });
                        gap = 0;
                    }
                }
            }
        }
        Some(rule)
    }

    /// The number of a signal.
    pub(crate) fn signal(&self, name: &str) -> Option<usize> {
        self.signals.get(name).copied()
    }

    /// Lines that are no rule.
    #[cfg(test)]
    pub(crate) fn mistakes(&self) -> &[String] {
        &self.mistakes
    }

    /// Every rule found in the text, once a clause. `also` are concepts that hold of the text without standing in it.
    pub(crate) fn hits(&self, text: &Text<'_>, also: Concepts) -> Vec<Hit> {
        let whole = text.concepts.and_also(also);
        let mut hits = Vec::with_capacity(16);
        for rule in &self.rules {
            if rule.text_lacks.meets(whole) || !rule.text_has.iter().all(|any| any.meets(whole)) {
                continue;
            }
            if !rule.pattern.iter().all(|element| element.any.meets(whole)) {
                continue;
            }
            for (index, clause) in text.clauses.iter().enumerate() {
                if let Some((first, end)) = rule.find(text, clause) {
                    hits.push(Hit {
                        signal: rule.signal,
                        weight: rule.weight,
                        clause: index,
                        first,
                        end,
                    });
                }
            }
        }
        hits
    }
}

fn any_of(names: &str, lexicon: &Lexicon) -> Option<Concepts> {
    names.split('|').try_fold(Concepts::NONE, |any, name| {
        Some(any.and_also(Concepts::of(lexicon.concept(name)?)))
    })
}

impl Rule {
    /// The items of the clause that match, if any do.
    fn find(&self, text: &Text<'_>, clause: &Clause) -> Option<(usize, usize)> {
        if self.asks && !clause.asks
            || self.clause_lacks.meets(clause.concepts)
            || !self.clause_has.iter().all(|any| any.meets(clause.concepts))
            || !self.pattern.iter().all(|element| element.any.meets(clause.concepts))
        {
            return None;
        }
        let items = text.items(clause);
        let Some((first, rest)) = self.pattern.split_first() else {
            return (!items.is_empty()).then_some((clause.first, clause.end));
        };
        let starts = if self.from_start { first.gap + 1 } else { items.len() };
        (0..starts.min(items.len())).find_map(|at| {
            if !self.accepts(items.get(at)?, first) {
                return None;
            }
            let end = self.follow(items, at + 1, rest)?;
            Some((clause.first + at, clause.first + end))
        })
    }

    fn accepts(&self, item: &Item, element: &Element) -> bool {
        element.any.meets(item.concepts) && (self.negated_too || !item.negated)
    }

    /// The end of the rest of the pattern from this item on.
    fn follow(&self, items: &[Item], at: usize, rest: &[Element]) -> Option<usize> {
        let Some((next, rest)) = rest.split_first() else {
            return (!self.to_end || at == items.len()).then_some(at);
        };
        (at..=at + next.gap).find_map(|place| {
            let item = items.get(place)?;
            if !self.accepts(item, next) {
                return None;
            }
            self.follow(items, place + 1, rest)
        })
    }
}
