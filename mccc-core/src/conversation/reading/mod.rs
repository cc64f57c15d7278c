//! Reading texts by what their words are about.
//!
//! A [`Lexicon`] gives words and phrases concepts; a [`Text`] is the sentences, clauses and items of a text with them; a
//! [`RuleBook`] finds constructions of concepts in it. All three are data compiled once: the rooms that read texts own
//! the words and the rules, this one owns how they are read.

mod concepts;
mod rules;
mod text;

pub(crate) use concepts::{Concept, Concepts, Lexicon, Slips};
pub(crate) use rules::{Hit, RuleBook};
pub(crate) use text::{Clause, Folded, Item, Text, Token};
