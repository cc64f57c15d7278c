//! What a caller hears.

use serde::{Deserialize, Serialize};

use super::template::Template;
use super::{RenderError, Values, Variant};

/// The spoken texts of a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Greetings {
    /// Before the beep, during business hours.
    pub voicemail_business_hours: Template,
    /// Before the beep, after hours.
    pub voicemail_after_hours: Template,
    /// Before the beep, when the voice agent failed.
    pub voicemail_fallback: Template,
    /// Before hanging up, when the call is answered by text alone.
    pub auto_text: Template,
    /// Before hanging up, when the call is answered by text alone but this caller gets none.
    pub no_text: Template,
}

impl Default for Greetings {
    fn default() -> Self {
        use super::defaults::built_in;
        Self {
            voicemail_business_hours: built_in(
                "You've reached {{business_name}}. We're unable to take your call right now. Please leave a message \
                 with your name, number, and a brief description of what you need, and we'll get back to you as soon \
                 as possible.",
            ),
            voicemail_after_hours: built_in(
                "You've reached {{business_name}}. We're closed right now. Please leave a message with your name, \
                 number, and a brief description of what you need, and we'll get back to you first thing when we \
                 reopen.",
            ),
            voicemail_fallback: built_in(
                "You've reached {{business_name}}. We're unable to take your call right now. Please leave a message \
                 and we'll call you back promptly.",
            ),
            auto_text: built_in(
                "You've reached {{business_name}}. Sorry we missed your call. We'll text you at this number right \
                 away, and you can reply STOP to any text. Goodbye.",
            ),
            no_text: built_in(
                "You've reached {{business_name}}. Sorry we missed your call. We'll call you back as soon as we can. \
                 Goodbye.",
            ),
        }
    }
}

impl Greetings {
    /// What is said before the beep.
    ///
    /// # Errors
    /// [`RenderError`] when a needed value is missing.
    pub fn voicemail(&self, variant: Variant, values: &Values) -> Result<String, RenderError> {
        match variant {
            Variant::BusinessHours => self.voicemail_business_hours.render(values),
            Variant::AfterHours => self.voicemail_after_hours.render(values),
        }
    }

    /// What is said when the call is answered by text alone; a caller who will not be texted is not told so.
    ///
    /// # Errors
    /// [`RenderError`] when a needed value is missing.
    pub fn text_only(&self, will_be_texted: bool, values: &Values) -> Result<String, RenderError> {
        if will_be_texted {
            self.auto_text.render(values)
        } else {
            self.no_text.render(values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_variants_name_the_business_and_ask_for_a_message() {
        let (greetings, values) = (Greetings::default(), Values::new("Mike's Plumbing"));
        for variant in [Variant::BusinessHours, Variant::AfterHours] {
            let spoken = greetings.voicemail(variant, &values).unwrap();
            assert!(spoken.starts_with("You've reached Mike's Plumbing."), "{spoken}");
            assert!(spoken.contains("leave a message"), "{spoken}");
        }
    }

    #[test]
    fn only_a_caller_who_is_texted_hears_of_a_text() {
        let (greetings, values) = (Greetings::default(), Values::new("Acme"));
        assert!(greetings.text_only(true, &values).unwrap().contains("text you"));
        assert!(!greetings.text_only(false, &values).unwrap().contains("text"));
    }
}
