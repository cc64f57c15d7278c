//! What a caller hears, in terms no provider owns. Adapters render it.

use serde::{Deserialize, Serialize};

/// The answer to a call. Stored with the call, so that a repeated webhook gets the same answer again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum VoiceReply {
    /// Speak a greeting, then record a message.
    Voicemail {
        /// What is said before the beep.
        greeting: Spoken,
        /// Longest message, in seconds.
        max_seconds: u16,
        /// What is said to a caller who stays silent.
        goodbye: Spoken,
    },
    /// Say that a text is on its way, then hang up.
    Say {
        /// What is said.
        words: Spoken,
    },
    /// Do not answer: the caller hears a busy or rejected line and nothing is billed.
    Reject {
        /// Busy tone instead of "rejected".
        busy: bool,
    },
    /// A forwarding test arrived: say so, wait three seconds, hang up.
    TestArrived {
        /// What is said.
        words: Spoken,
    },
}

/// Words to be spoken by the provider's voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// The text.
    pub text: String,
    /// The provider's name of the voice; nothing means its default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// BCP 47 language tag.
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en-US".to_owned()
}

impl Spoken {
    /// English words in the provider's default voice.
    #[must_use]
    pub fn english(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            voice: None,
            language: english(),
        }
    }
}
