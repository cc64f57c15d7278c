//! The verbs that are used, with what each must have.

use super::escape::is_legal;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verb {
    /// Speak.
    Say(Say),
    /// Play a public audio file.
    Play {
        /// Where the file is.
        url: String,
    },
    /// Be silent.
    Pause {
        /// For so many seconds.
        seconds: u8,
    },
    /// Record the caller.
    Record(Record),
    /// Do not answer. Only as the first verb does the call stay unanswered and free.
    Reject(RejectReason),
    /// Go on with another document.
    Redirect {
        /// Its address.
        url: String,
    },
    /// End the call.
    Hangup,
}

/// What a rejected caller hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// "Not in service".
    Rejected,
    /// A busy tone.
    Busy,
}

/// Words to be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    pub(super) text: String,
    pub(super) voice: Option<String>,
    pub(super) language: Option<String>,
}

/// Most characters of one `<Say>` in a basic voice, a `Polly` voice and a `Google` voice.
const BASIC_CHARS: usize = 4096;
const POLLY_CHARS: usize = 3000;
const GOOGLE_CHARS: usize = 5000;
/// Most bytes of one `<Say>` once it is URL-encoded.
const ENCODED_BYTES: usize = 4500;

impl Say {
    /// Words in the provider's default voice.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            voice: None,
            language: None,
        }
    }

    /// In this voice, such as `Polly.Joanna-Neural`. A name that no voice can have is ignored, because the provider
    /// would say nothing at all.
    #[must_use]
    pub fn voice(mut self, name: &str) -> Self {
        self.voice = is_name(name).then(|| name.to_owned());
        self
    }

    /// In this language, a BCP 47 tag such as `es-US`. A text that is no tag is ignored.
    #[must_use]
    pub fn language(mut self, tag: &str) -> Self {
        self.language = is_name(tag).then(|| tag.to_owned());
        self
    }

    /// Leaves out what `pieces` elements cannot hold.
    #[must_use]
    pub(super) fn at_most(mut self, pieces: usize) -> Self {
        let most = self.most_chars();
        let mut kept = 0;
        for _ in 0..pieces {
            kept += self.text.get(kept..).map_or(0, |rest| cut(rest, most));
        }
        self.text.truncate(kept);
        self
    }

    /// The words in pieces that the provider accepts, cut between words where possible. Nothing is left out.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        let most = self.most_chars();
        let mut rest = self.text.as_str();
        std::iter::from_fn(move || {
            let (piece, after) = rest.split_at(cut(rest, most));
            rest = after;
            Some(piece).filter(|piece| !piece.is_empty())
        })
        .filter(|piece| piece.chars().any(|c| is_legal(c) && !c.is_whitespace()))
    }

    fn most_chars(&self) -> usize {
        match self.voice.as_deref() {
            Some(voice) if voice.starts_with("Polly.") => POLLY_CHARS,
            Some(voice) if voice.starts_with("Google.") => GOOGLE_CHARS,
            _ => BASIC_CHARS,
        }
    }
}

/// Where to cut so that the first part keeps both limits: after the last blank of it, else after its last character.
fn cut(text: &str, most_chars: usize) -> usize {
    let (mut encoded, mut blank) = (0, None);
    for (count, (at, c)) in text.char_indices().enumerate() {
        let plain = c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        encoded += if plain { 1 } else { c.len_utf8() * 3 };
        if count >= most_chars || encoded > ENCODED_BYTES {
            return blank.unwrap_or(at);
        }
        if c.is_whitespace() {
            blank = Some(at + c.len_utf8());
        }
    }
    text.len()
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// A recording of the caller. It always has an action: without one the provider asks for the same document again and
/// the greeting never ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub(super) action: String,
    pub(super) status_callback: String,
    pub(super) max_seconds: u16,
    pub(super) silence_seconds: u8,
}

impl Record {
    /// Records until the caller hangs up, presses `#` or is silent. The provider goes on at `action`, and reports the
    /// finished recording to `status_callback`.
    #[must_use]
    pub fn new(action: impl Into<String>, status_callback: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            status_callback: status_callback.into(),
            max_seconds: 120,
            silence_seconds: 5,
        }
    }

    /// Longest recording in seconds; the provider takes 2 to 14 400.
    #[must_use]
    pub fn max_seconds(mut self, seconds: u16) -> Self {
        self.max_seconds = seconds.clamp(2, 14_400);
        self
    }

    /// Seconds of silence that end it; 0 means never.
    #[must_use]
    pub fn silence_seconds(mut self, seconds: u8) -> Self {
        self.silence_seconds = seconds;
        self
    }
}
