//! The five ways to answer a missed call, and the two wordings.

use serde::{Deserialize, Serialize};

use crate::calls::named;

named! {
    /// How a missed call is answered.
    Method {
        /// The AI voice agent takes the call.
        #[serde(alias = "voice")]
        AiVoice = "ai_voice",
        /// The caller is told that a text is coming, and is texted.
        #[serde(alias = "text", alias = "auto_text")]
        AutoTextOnly = "auto_text_only",
        /// The AI voice agent takes the call and the caller is texted too.
        Both = "both",
        /// The caller can leave a message.
        Voicemail = "voicemail",
        /// Nothing is answered and nothing is sent; the call is still recorded.
        Off = "off",
    }
}

named! {
    /// Which wording a call gets.
    Variant {
        /// The call came during business hours.
        BusinessHours = "business_hours",
        /// It did not.
        AfterHours = "after_hours",
    }
}

impl Method {
    /// Reads a name as people and older clients write it: the stored name or one of its aliases.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "voice" => Some(Self::AiVoice),
            "text" | "auto_text" => Some(Self::AutoTextOnly),
            other => Self::from_name(other),
        }
    }

    /// What people call it: `AI Voice`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AiVoice => "AI Voice",
            Self::AutoTextOnly => "Auto-Text",
            Self::Both => "Both",
            Self::Voicemail => "Voicemail",
            Self::Off => "Off",
        }
    }

    /// The label with its icon: `🤖 AI Voice`.
    #[must_use]
    pub const fn icon_label(self) -> &'static str {
        match self {
            Self::AiVoice => "🤖 AI Voice",
            Self::AutoTextOnly => "💬 Auto-Text",
            Self::Both => "🤖💬 Both",
            Self::Voicemail => "📩 Voicemail",
            Self::Off => "🚫 Off",
        }
    }

    /// Whether the method needs a voice agent.
    #[must_use]
    pub const fn needs_voice(self) -> bool {
        match self {
            Self::AiVoice | Self::Both => true,
            Self::AutoTextOnly | Self::Voicemail | Self::Off => false,
        }
    }

    /// Whether the method itself sends an auto-text.
    #[must_use]
    pub const fn texts(self) -> bool {
        match self {
            Self::AutoTextOnly | Self::Both => true,
            Self::AiVoice | Self::Voicemail | Self::Off => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_is_read_and_only_the_stored_name_is_written() {
        for (text, method) in [
            ("ai_voice", Method::AiVoice),
            ("voice", Method::AiVoice),
            ("auto_text_only", Method::AutoTextOnly),
            ("auto_text", Method::AutoTextOnly),
            ("text", Method::AutoTextOnly),
            ("both", Method::Both),
            ("voicemail", Method::Voicemail),
            ("off", Method::Off),
        ] {
            assert_eq!(Method::parse(text), Some(method), "{text}");
            assert_eq!(serde_json::from_value::<Method>(text.into()).unwrap(), method, "{text}");
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
        }
        assert_eq!(Method::parse(""), None);
        assert!(serde_json::from_str::<Method>("\"split\"").is_err());
    }
}
