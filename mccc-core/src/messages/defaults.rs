//! The texts of a business: the wording it starts with and the presets it can pick.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use crate::routing::Variant;

use super::kind::TemplateKind;
use super::template::{Template, TemplateProblem};

/// How long after the auto-text the follow-up goes out, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum FollowUpDelay {
    /// A quarter of an hour.
    Minutes15,
    /// Half an hour.
    #[default]
    Minutes30,
    /// An hour.
    Minutes60,
    /// Two hours.
    Minutes120,
}

/// The delay is not one that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the follow-up goes out after 15, 30, 60 or 120 minutes")]
pub struct DelayError;

impl FollowUpDelay {
    /// The delay in minutes.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        match self {
            Self::Minutes15 => 15,
            Self::Minutes30 => 30,
            Self::Minutes60 => 60,
            Self::Minutes120 => 120,
        }
    }

    /// The delay.
    #[must_use]
    pub const fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.minutes() as u64 * 60)
    }
}

impl TryFrom<u16> for FollowUpDelay {
    type Error = DelayError;

    fn try_from(minutes: u16) -> Result<Self, DelayError> {
        match minutes {
            15 => Ok(Self::Minutes15),
            30 => Ok(Self::Minutes30),
            60 => Ok(Self::Minutes60),
            120 => Ok(Self::Minutes120),
            _ => Err(DelayError),
        }
    }
}

impl From<FollowUpDelay> for u16 {
    fn from(delay: FollowUpDelay) -> Self {
        delay.minutes()
    }
}

/// Every text of a business. Missing fields of a stored document take the default wording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// Whether missed calls are answered by text at all.
    pub auto_text_enabled: bool,
    /// The answer to a missed call during business hours.
    pub auto_text_business_hours: Template,
    /// The answer to a missed call after hours.
    pub auto_text_after_hours: Template,
    /// Whether a caller who did not react hears from us once more.
    pub followup_enabled: bool,
    /// How long after the first text.
    pub followup_delay_minutes: FollowUpDelay,
    /// The one reminder.
    pub followup: Template,
    /// Whether a caller who hung up on the voice agent is texted.
    pub hangup_enabled: bool,
    /// That text.
    pub hangup: Template,
    /// Whether a voicemail is acknowledged by text.
    pub voicemail_ack_enabled: bool,
    /// That text.
    pub voicemail_ack: Template,
    /// The answer to an emergency.
    pub emergency: Template,
    /// The one answer to an opt-out.
    pub opt_out_confirmation: Template,
    /// The answer to HELP.
    pub help: Template,
    /// Whether an appointment is confirmed by text.
    pub appointment_confirmation_enabled: bool,
    /// That text.
    pub appointment_confirmation: Template,
    /// The reminder of an appointment.
    pub appointment_reminder: Template,
    /// Whether a customer is texted that the business called an appointment off.
    pub appointment_cancelled_enabled: bool,
    /// That text.
    pub appointment_cancelled: Template,
}

/// One wording that can be picked in the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// Stable name.
    pub id: &'static str,
    /// What the editor calls it.
    pub label: &'static str,
    /// What it is for.
    pub kind: TemplateKind,
    /// Where it fits; both when not said.
    pub variant: Option<Variant>,
    /// The template.
    pub text: &'static str,
}

const AUTO_TEXT_BUSINESS: &str = "Hi {{caller_name}}, thanks for calling {{business_name}}! We missed your call but we'll get back to you shortly. \
     Reply STOP to opt out.";
const AUTO_TEXT_AFTER: &str = "Hi! You've reached {{business_name}} after hours. We're {{trade}} specialists and we'll call you back first thing \
     when we reopen at {{next_open}}. Need help sooner? Reply here — I can answer common questions or help you book an \
     appointment for {{next_available_day}}.";
const FOLLOWUP: &str = "Hi {{caller_name}}, just following up from {{business_name}}. Would you like to schedule an appointment? Reply YES \
     and we'll find a time that works.";
const HANGUP: &str = "Hi, this is {{business_name}}. Sorry we missed you! Reply here to let us know how we can help, or we'll try \
     calling you back shortly.";
const VOICEMAIL_ACK: &str = "Got your voicemail! We'll call you back shortly.";
const EMERGENCY: &str = "That sounds urgent. Let me get {{owner}} on the line — sit tight.";
const OPT_OUT: &str =
    "You've been unsubscribed from {{business_name}} messages. Reply START to re-subscribe. For help, reply HELP.";
const HELP: &str = "{{business_name}}: we text you about your calls to us. For help, reply here or call this number. Msg & data \
     rates may apply. Reply STOP to opt out.";
const CONFIRMATION: &str = "Your appointment with {{business_name}} is confirmed for {{appointment_date}} at {{appointment_time}}. Reply C to \
     confirm or R to reschedule.";
/// The same where there is a link to the appointment for one's calendar.
const CONFIRMATION_WITH_LINK: &str = "Your appointment with {{business_name}} is confirmed for {{appointment_date}} at \
     {{appointment_time}}. Add it to your calendar: {{calendar_link}} Reply C to confirm or R to reschedule.";
const REMINDER: &str = "Reminder: Your appointment with {{business_name}} is confirmed for {{appointment_date}} at \
     {{appointment_time}}. Reply C to confirm or R to reschedule.";
const CANCELLED: &str = "Your appointment with {{business_name}} on {{appointment_date}} at {{appointment_time}} was called off. Sorry about \
     that! Reply YES and we'll find another time.";

/// The wordings that can be picked, defaults first.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "thanks_for_calling",
        label: "Thanks for calling",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::BusinessHours),
        text: AUTO_TEXT_BUSINESS,
    },
    // The original ends with a smiling face; with it the text would need four segments once the blanks are filled.
    Preset {
        id: "local_trade",
        label: "Your local trade, with a callback time",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::BusinessHours),
        text: "Hi! This is {{business_name}}, your local {{trade}}. Sorry we missed your call! We've got your number and \
               will call you back within {{callback_eta}}. In the meantime, feel free to reply here — I can answer \
               questions or help you book an appointment.",
    },
    Preset {
        id: "how_can_we_help",
        label: "Short: how can we help?",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::BusinessHours),
        text: "Hey! This is {{business_name}}. Sorry we missed your call — how can we help?",
    },
    Preset {
        id: "what_can_we_help_with",
        label: "Short: what can we help with?",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::BusinessHours),
        text: "Hey! This is {{business_name}}. Sorry we missed your call — what can we help you with?",
    },
    Preset {
        id: "after_hours",
        label: "After hours, with the next opening",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::AfterHours),
        text: AUTO_TEXT_AFTER,
    },
    Preset {
        id: "closed_for_the_night",
        label: "Closed for the night",
        kind: TemplateKind::AutoText,
        variant: Some(Variant::AfterHours),
        text: "Hey! This is {{business_name}}. We're closed for the night but got your call. What's going on? We'll get \
               back to you first thing in the morning!",
    },
    Preset {
        id: "following_up",
        label: "Follow-up",
        kind: TemplateKind::Followup,
        variant: None,
        text: FOLLOWUP,
    },
    Preset {
        id: "sorry_we_missed_you",
        label: "Caller hung up",
        kind: TemplateKind::Hangup,
        variant: None,
        text: HANGUP,
    },
    Preset {
        id: "got_your_voicemail",
        label: "Voicemail received",
        kind: TemplateKind::VoicemailAck,
        variant: None,
        text: VOICEMAIL_ACK,
    },
    Preset {
        id: "sit_tight",
        label: "Emergency",
        kind: TemplateKind::Emergency,
        variant: None,
        text: EMERGENCY,
    },
    Preset {
        id: "unsubscribed",
        label: "Opt-out confirmation",
        kind: TemplateKind::OptOutConfirmation,
        variant: None,
        text: OPT_OUT,
    },
    Preset {
        id: "help",
        label: "Help",
        kind: TemplateKind::Help,
        variant: None,
        text: HELP,
    },
    Preset {
        id: "appointment_confirmed",
        label: "Appointment confirmation",
        kind: TemplateKind::AppointmentConfirmation,
        variant: None,
        text: CONFIRMATION,
    },
    Preset {
        id: "all_set",
        label: "Appointment confirmation, warmer",
        kind: TemplateKind::AppointmentConfirmation,
        variant: None,
        text: "You're all set! Your {{service_type}} appointment with {{business_name}} is booked for {{appointment_date}} at \
               {{appointment_time}}. We'll send you a reminder beforehand. Reply C to confirm or R to reschedule. See you \
               then!",
    },
    Preset {
        id: "appointment_reminder",
        label: "Appointment reminder",
        kind: TemplateKind::AppointmentReminder,
        variant: None,
        text: REMINDER,
    },
    Preset {
        id: "appointment_called_off",
        label: "Appointment called off",
        kind: TemplateKind::AppointmentCancelled,
        variant: None,
        text: CANCELLED,
    },
];

impl Default for Templates {
    fn default() -> Self {
        Self {
            auto_text_enabled: true,
            auto_text_business_hours: built_in(AUTO_TEXT_BUSINESS),
            auto_text_after_hours: built_in(AUTO_TEXT_AFTER),
            followup_enabled: true,
            followup_delay_minutes: FollowUpDelay::default(),
            followup: built_in(FOLLOWUP),
            hangup_enabled: true,
            hangup: built_in(HANGUP),
            voicemail_ack_enabled: false,
            voicemail_ack: built_in(VOICEMAIL_ACK),
            emergency: built_in(EMERGENCY),
            opt_out_confirmation: built_in(OPT_OUT),
            help: built_in(HELP),
            appointment_confirmation_enabled: true,
            appointment_confirmation: built_in(CONFIRMATION),
            appointment_reminder: built_in(REMINDER),
            appointment_cancelled_enabled: true,
            appointment_cancelled: built_in(CANCELLED),
        }
    }
}

impl Templates {
    /// The confirmation of an appointment for whom there is a link: the built-in wording then names it; a wording of the
    /// business's own does where it says so.
    #[must_use]
    pub fn confirmation_with_link(&self) -> Template {
        if self.appointment_confirmation == built_in(CONFIRMATION) {
            built_in(CONFIRMATION_WITH_LINK)
        } else {
            self.appointment_confirmation.clone()
        }
    }

    /// The auto-text for a variant.
    #[must_use]
    pub const fn auto_text(&self, variant: Variant) -> &Template {
        match variant {
            Variant::BusinessHours => &self.auto_text_business_hours,
            Variant::AfterHours => &self.auto_text_after_hours,
        }
    }

    /// The template of a kind, if texts of that kind come from one: replies and manual texts do not.
    #[must_use]
    pub const fn of(&self, kind: TemplateKind, variant: Variant) -> Option<&Template> {
        match kind {
            TemplateKind::AutoText => Some(self.auto_text(variant)),
            TemplateKind::Followup => Some(&self.followup),
            TemplateKind::Hangup => Some(&self.hangup),
            TemplateKind::VoicemailAck => Some(&self.voicemail_ack),
            TemplateKind::Emergency => Some(&self.emergency),
            TemplateKind::OptOutConfirmation => Some(&self.opt_out_confirmation),
            TemplateKind::Help => Some(&self.help),
            TemplateKind::AppointmentConfirmation => Some(&self.appointment_confirmation),
            TemplateKind::AppointmentReminder => Some(&self.appointment_reminder),
            TemplateKind::AppointmentCancelled => Some(&self.appointment_cancelled),
            TemplateKind::Reply | TemplateKind::Manual | TemplateKind::OwnerNotice => None,
        }
    }

    /// Everything that stands against using this document, with the field each problem is in. A variable that is never
    /// known does not: what was saved before it was refused is still sent, in plain words ([`Templates::check_edit`]).
    #[must_use]
    pub fn check(&self, business_name: Option<&str>) -> Vec<(&'static str, TemplateProblem)> {
        let mut problems = self.check_all(business_name);
        problems.retain(|(_, problem)| !matches!(problem, TemplateProblem::NeverKnown(_)));
        problems
    }

    /// What stands against saving the texts that differ from those `before`, besides [`Templates::check`].
    #[must_use]
    pub fn check_edit(&self, before: &Self) -> Vec<(&'static str, TemplateProblem)> {
        let old = before.check_all(None);
        let mut problems = self.check_all(None);
        problems.retain(|found| matches!(found.1, TemplateProblem::NeverKnown(_)) && !old.contains(found));
        problems
    }

    fn check_all(&self, business_name: Option<&str>) -> Vec<(&'static str, TemplateProblem)> {
        use TemplateKind as K;
        let fields = [
            ("auto_text_business_hours", K::AutoText, &self.auto_text_business_hours),
            ("auto_text_after_hours", K::AutoText, &self.auto_text_after_hours),
            ("followup", K::Followup, &self.followup),
            ("hangup", K::Hangup, &self.hangup),
            ("voicemail_ack", K::VoicemailAck, &self.voicemail_ack),
            ("emergency", K::Emergency, &self.emergency),
            (
                "opt_out_confirmation",
                K::OptOutConfirmation,
                &self.opt_out_confirmation,
            ),
            ("help", K::Help, &self.help),
            (
                "appointment_confirmation",
                K::AppointmentConfirmation,
                &self.appointment_confirmation,
            ),
            (
                "appointment_reminder",
                K::AppointmentReminder,
                &self.appointment_reminder,
            ),
            (
                "appointment_cancelled",
                K::AppointmentCancelled,
                &self.appointment_cancelled,
            ),
        ];
        fields
            .into_iter()
            .flat_map(|(field, kind, template)| {
                Template::check(template.source(), kind, business_name)
                    .into_iter()
                    .map(move |problem| (field, problem))
            })
            .collect()
    }
}

/// The wordings that can be picked or that a business starts with, each kept once however many businesses use it.
static SHARED: LazyLock<HashMap<&'static str, Template>> = LazyLock::new(|| {
    let texts = PRESETS.iter().map(|preset| preset.text).chain([CONFIRMATION_WITH_LINK]);
    texts
        .filter_map(|text| Some((text, Template::read(text).ok()?)))
        .collect()
});

/// The template of `source` if that is a built-in wording.
pub(super) fn shared(source: &str) -> Option<&'static Template> {
    SHARED.get(source)
}

/// Parses a wording of this crate.
#[expect(clippy::panic, reason = "every built-in wording is parsed by a test of this crate")]
pub(super) fn built_in(text: &str) -> Template {
    match Template::parse(text) {
        Ok(template) => template,
        Err(problem) => panic!("built-in template: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Values, Variable};

    #[test]
    fn every_preset_can_be_saved_by_any_business() {
        for preset in PRESETS {
            let problems = Template::check(preset.text, preset.kind, None);
            assert_eq!(problems, vec![], "{}", preset.id);
        }
        assert_eq!(Templates::default().check(None), vec![]);
    }

    #[test]
    fn the_defaults_read_as_promised() {
        let templates = Templates::default();
        let values = Values::new("Mike's Plumbing");
        assert_eq!(
            templates.auto_text_business_hours.render_first(&values).unwrap(),
            "Hi, thanks for calling Mike's Plumbing! We missed your call but we'll get back to you shortly. Reply STOP to \
             opt out."
        );
        assert_eq!(
            templates
                .auto_text_after_hours
                .render_first(
                    &values
                        .clone()
                        .with(Variable::Trade, "plumbing")
                        .with(Variable::NextOpen, "8:00 AM on Monday")
                        .with(Variable::NextAvailableDay, "Monday")
                )
                .unwrap(),
            "Hi! You've reached Mike's Plumbing after hours. We're plumbing specialists and we'll call you back first \
             thing when we reopen at 8:00 AM on Monday. Need help sooner? Reply here - I can answer common questions or \
             help you book an appointment for Monday. Reply STOP to opt out."
        );
        assert_eq!(
            templates.opt_out_confirmation.render(&values).unwrap(),
            "You've been unsubscribed from Mike's Plumbing messages. Reply START to re-subscribe. For help, reply HELP."
        );
    }

    #[test]
    fn the_document_round_trips_and_fills_what_is_missing() {
        let templates = Templates::default();
        let json = serde_json::to_string(&templates).unwrap();
        assert_eq!(serde_json::from_str::<Templates>(&json).unwrap(), templates);
        let partial: Templates =
            serde_json::from_str(r#"{"followup_delay_minutes":120,"emergency":"Coming, {{owner}}"}"#).unwrap();
        assert_eq!(partial.followup_delay_minutes, FollowUpDelay::Minutes120);
        assert_eq!(partial.help, templates.help);
        assert!(serde_json::from_str::<Templates>(r#"{"followup_delay_minutes":20}"#).is_err());
        assert!(serde_json::from_str::<Templates>(r#"{"help":"{{nobody}}"}"#).is_err());
    }

    #[test]
    fn a_variable_that_is_never_known_is_refused_when_it_comes_and_not_when_it_was_there() {
        let wrong = Templates {
            help: Template::parse("{{business_name}} on {{appointment_date}}").unwrap(),
            ..Templates::default()
        };
        assert_eq!(wrong.check(None), vec![]);
        assert_eq!(
            wrong.check_edit(&Templates::default()),
            vec![("help", TemplateProblem::NeverKnown(Variable::AppointmentDate))]
        );
        assert_eq!(wrong.check_edit(&wrong), vec![]);
    }

    #[test]
    fn every_problem_names_its_field() {
        let templates = Templates {
            help: Template::parse("call us").unwrap(),
            ..Templates::default()
        };
        assert_eq!(
            templates.check(Some("Acme")),
            vec![("help", TemplateProblem::NoBusinessName)]
        );
    }
}
