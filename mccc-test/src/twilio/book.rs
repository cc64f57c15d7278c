//! What the provider remembers.

use std::collections::{BTreeMap, HashMap};

use super::Trouble;

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentText {
    /// Identifier.
    pub sid: String,
    /// Sender.
    pub from: String,
    /// Recipient.
    pub to: String,
    /// The text.
    pub body: String,
    /// Where news about it go.
    pub callback: String,
    pub(super) inbound: bool,
    pub(super) status: String,
    pub(super) error_code: Option<u32>,
    pub(super) created: String,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedCall {
    /// Identifier.
    pub sid: String,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    pub(super) inbound: bool,
    pub(super) status: String,
    pub(super) created: String,
}

/// A number of the account.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) sid: String,
    pub(super) number: String,
    pub(super) settings: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(super) struct Book {
    pub(super) texts: Vec<SentText>,
    pub(super) calls: Vec<PlacedCall>,
    pub(super) numbers: Vec<Number>,
    pub(super) lines: HashMap<String, Option<String>>,
    pub(super) trouble: Trouble,
    /// Of texts, by recipient.
    pub(super) troubles: HashMap<String, Trouble>,
    names: u64,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            calls: Vec::new(),
            numbers: Vec::new(),
            lines: HashMap::new(),
            trouble: Trouble::None,
            troubles: HashMap::new(),
            names: 0,
        }
    }
}

impl Book {
    pub(super) fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{:032x}", self.names)
    }

    pub(super) fn take_text(
        &mut self,
        from: &str,
        to: &str,
        body: &str,
        callback: &str,
        inbound: bool,
        now: &str,
    ) -> SentText {
        let text = SentText {
            sid: self.name("SM"),
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            callback: callback.to_owned(),
            inbound,
            status: if inbound { "received" } else { "queued" }.to_owned(),
            error_code: None,
            created: now.to_owned(),
        };
        self.texts.push(text.clone());
        text
    }

    pub(super) fn take_call(&mut self, from: &str, to: &str, inbound: bool, now: &str) -> String {
        let sid = self.name("CA");
        self.calls.push(PlacedCall {
            sid: sid.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
            inbound,
            status: if inbound { "completed" } else { "queued" }.to_owned(),
            created: now.to_owned(),
        });
        sid
    }
}
