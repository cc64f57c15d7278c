//! What a text under the editor's hands would look like, cost, and be refused for.

use serde::Serialize;

use super::segments::{self, Encoding};
use super::{Template, TemplateKind, TemplateProblem, Templates, Values, Variable, Variant, first_text};

/// A template as a caller would get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The text; empty while the template cannot be read.
    pub text: String,
    /// Its characters.
    pub characters: usize,
    /// The alphabet it is sent in.
    pub encoding: Encoding,
    /// The segments it is billed as.
    pub segments: usize,
    /// Why it cannot be saved.
    #[serde(skip)]
    pub problems: Vec<TemplateProblem>,
}

/// Fills a template in with `values`, as the first text of a thread where it may be one. `business_name` is what the
/// greatest length is measured with.
#[must_use]
pub fn preview(source: &str, kind: TemplateKind, values: &Values, business_name: &str) -> Preview {
    let problems = Template::check(source, kind, Some(business_name));
    let text = Template::parse(source)
        .ok()
        .and_then(|template| template.filled(values))
        .map(|text| match values.get(Variable::BusinessName) {
            Some(name) if kind.opens_threads() => first_text::complete(&text, name),
            Some(_) | None => text,
        })
        .unwrap_or_default();
    let counted = segments::count(&text);
    Preview {
        characters: counted.characters,
        encoding: counted.encoding,
        segments: counted.segments,
        text,
        problems,
    }
}

impl TemplateKind {
    /// Whether a text of this kind usually is the first of its thread. Others may be, and then get the same additions.
    #[must_use]
    pub const fn opens_threads(self) -> bool {
        match self {
            Self::AutoText | Self::Hangup | Self::VoicemailAck => true,
            Self::Followup
            | Self::AppointmentConfirmation
            | Self::AppointmentReminder
            | Self::AppointmentCancelled
            | Self::Reply
            | Self::Emergency
            | Self::OptOutConfirmation
            | Self::Help
            | Self::Manual
            | Self::OwnerNotice => false,
        }
    }
}

impl Templates {
    /// The fields of the document that hold a text, with what each is for.
    pub const FIELDS: [(&'static str, TemplateKind, Option<Variant>); 11] = [
        (
            "auto_text_business_hours",
            TemplateKind::AutoText,
            Some(Variant::BusinessHours),
        ),
        (
            "auto_text_after_hours",
            TemplateKind::AutoText,
            Some(Variant::AfterHours),
        ),
        ("followup", TemplateKind::Followup, None),
        ("hangup", TemplateKind::Hangup, None),
        ("voicemail_ack", TemplateKind::VoicemailAck, None),
        ("emergency", TemplateKind::Emergency, None),
        ("opt_out_confirmation", TemplateKind::OptOutConfirmation, None),
        ("help", TemplateKind::Help, None),
        ("appointment_confirmation", TemplateKind::AppointmentConfirmation, None),
        ("appointment_reminder", TemplateKind::AppointmentReminder, None),
        ("appointment_cancelled", TemplateKind::AppointmentCancelled, None),
    ];

    /// What the text in a field is for.
    #[must_use]
    pub fn kind_of(field: &str) -> Option<TemplateKind> {
        Self::FIELDS
            .iter()
            .find(|(name, ..)| *name == field)
            .map(|(_, kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str, kind: TemplateKind) -> Preview {
        preview(source, kind, &Values::sample(), "Mike's Plumbing")
    }

    #[test]
    fn the_preview_is_the_text_that_is_sent_and_what_it_costs() {
        let shown = of(
            "Hi {{caller_name}}, {{business_name}} here — back soon",
            TemplateKind::AutoText,
        );
        assert_eq!(
            shown.text,
            "Hi Dana, Mike's Plumbing here - back soon Reply STOP to opt out."
        );
        assert_eq!(
            (shown.segments, shown.encoding, shown.problems),
            (1, Encoding::Gsm7, vec![])
        );
        let shown = of("{{business_name}}: ¡Mañana! 👩‍🔧", TemplateKind::Followup);
        assert_eq!((shown.segments, shown.encoding), (1, Encoding::Ucs2));
        assert!(!shown.text.contains("STOP"), "{}", shown.text);
    }

    #[test]
    fn what_cannot_be_read_has_no_text_and_says_why() {
        let shown = of("Hi {{caler_name}}", TemplateKind::AutoText);
        assert_eq!((shown.text.as_str(), shown.segments), ("", 0));
        assert!(shown.problems[0].to_string().contains("caller_name"), "{shown:?}");
    }

    #[test]
    fn a_text_that_is_too_long_is_shown_with_its_length() {
        let shown = of(
            &format!("{{{{business_name}}}} {}", "long ".repeat(120)),
            TemplateKind::Followup,
        );
        assert!(shown.characters > 480 && shown.segments > 3, "{shown:?}");
        assert_eq!(shown.problems.len(), 2);
    }

    #[test]
    fn every_text_of_the_document_is_a_field() {
        let document = serde_json::to_value(Templates::default()).unwrap();
        let texts = document
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| value.is_string());
        let mut names: Vec<&str> = texts.map(|(name, _)| name.as_str()).collect();
        let mut fields: Vec<&str> = Templates::FIELDS.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        fields.sort_unstable();
        assert_eq!(fields, names);
        assert_eq!(Templates::kind_of("help"), Some(TemplateKind::Help));
        assert_eq!(Templates::kind_of("helps"), None);
    }
}
