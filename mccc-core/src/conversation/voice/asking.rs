//! What a model is asked, and what it is told for that: no more than it needs.

use super::ModelUse;
use super::guess::is_open;
use super::masking::{has_contact, masked};
use super::wording::{LONGEST, Same, reworded};
use crate::business::Settings;
use crate::conversation::dialogue::{Dialogue, Say};
use crate::conversation::talking::is_first;
use crate::conversation::understanding::{Asked, Understanding};
use crate::conversation::{Direction, MessageStatus};
use crate::port::store::Thread;
use crate::port::{ClassifyRequest, Earlier, PhraseRequest};

/// Texts of the thread that a model is shown.
const RECENT: usize = 6;

/// What an answer is about, as far as a model is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The business.
    pub settings: &'a Settings,
    /// The thread.
    pub thread: &'a Thread,
    /// The talk: what is known of the caller is hidden.
    pub dialogue: &'a Dialogue,
}

/// What to ask for another wording of `say`; nothing where these words alone will do.
#[must_use]
pub fn to_word(wanted: &Wanted<'_>, say: &Say) -> Option<PhraseRequest> {
    match wanted.settings.conversation.model {
        ModelUse::Off => return None,
        ModelUse::Phrase | ModelUse::PhraseAndClassify => {}
    }
    let keep = say.keep.as_ref()?;
    if has_contact(&say.body) {
        return None;
    }
    let same = Same {
        text: &say.body,
        keep,
        settings: wanted.settings,
        first: is_first(wanted.thread),
    };
    // Where not even the built-in words would be taken, none would.
    reworded(&say.body, &same).ok()?;
    let profile = &wanted.settings.profile;
    Some(PhraseRequest {
        text: say.body.clone(),
        keep: keep.exact.iter().map(|piece| piece.trim().to_owned()).collect(),
        business: profile.name.clone(),
        trade: profile.trade.clone(),
        recent: recent(wanted),
        longest: LONGEST,
    })
}

/// What to ask about a text that the rules do not understand.
#[must_use]
pub fn to_classify(
    wanted: &Wanted<'_>,
    text: &str,
    read: &Understanding,
    asked: Option<Asked>,
) -> Option<ClassifyRequest> {
    match wanted.settings.conversation.model {
        ModelUse::Off | ModelUse::Phrase => return None,
        ModelUse::PhraseAndClassify => {}
    }
    is_open(read, text, asked).then(|| ClassifyRequest {
        text: masked(text, &known(wanted)),
        trade: wanted.settings.profile.trade.clone(),
        recent: recent(wanted),
    })
}

/// Words of an address that are shorter say nothing by themselves: "N", "in".
const SHORT_PART: usize = 3;

/// What is known of the caller: the name and the address, each whole and in its parts.
pub(crate) fn known<'a>(wanted: &Wanted<'a>) -> Vec<&'a str> {
    let contact = wanted.thread.contact.as_ref();
    let names = [
        contact.and_then(|contact| contact.name.as_deref()),
        wanted.dialogue.name.as_deref(),
    ];
    let names = names.into_iter().flatten();
    let parts = names.clone().flat_map(str::split_whitespace);
    let address = wanted.dialogue.address.as_deref();
    // "Oak Street 12" is the same place.
    let streets = address.into_iter().flat_map(|address| {
        let words = address.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| word.len() >= SHORT_PART && word.contains(char::is_alphabetic))
    });
    address.into_iter().chain(names).chain(parts).chain(streets).collect()
}

/// The newest texts that were really exchanged, oldest first.
fn recent(wanted: &Wanted<'_>) -> Vec<Earlier> {
    let known = known(wanted);
    let said = wanted.thread.messages.iter().filter(|message| {
        !message.draft && message.status != MessageStatus::Canceled && !message.body.trim().is_empty()
    });
    let said: Vec<_> = said.collect();
    let newest = said.get(said.len().saturating_sub(RECENT)..).unwrap_or_default();
    newest
        .iter()
        .map(|message| Earlier {
            ours: message.direction == Direction::Outbound,
            text: masked(&message.body, &known),
        })
        .collect()
}
