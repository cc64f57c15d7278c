//! One thing to tell, in parts that every channel puts together in its own way.

use std::fmt;

use super::NoticeKind;
use crate::BusinessId;

/// One thing to tell. Holds no credential. May hold what a caller wrote: it goes to the business's own channels and into
/// no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same for every attempt to tell of the same thing through the same channel.
    pub key: String,
    /// Whose it is.
    pub business: BusinessId,
    /// What it is about.
    pub kind: NoticeKind,
    /// Whether it cannot wait: everybody is called.
    pub urgent: bool,
    /// The headline.
    pub title: String,
    /// What is known, in the order in which it matters.
    pub facts: Vec<Fact>,
    /// What the caller said or wrote, or the lines of a summary.
    pub quote: Option<String>,
    /// Everything in a sentence or two, short enough for a text.
    pub text: String,
    /// Where to look.
    pub link: Option<String>,
    /// What can be done about it.
    pub actions: Vec<Action>,
}

/// Something that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is: `Caller`.
    pub label: &'static str,
    /// The value.
    pub value: String,
}

/// Something that can be done: a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub label: &'static str,
    /// Where it leads.
    pub url: String,
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .field("urgent", &self.urgent)
            .finish_non_exhaustive()
    }
}
