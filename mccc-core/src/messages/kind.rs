//! What a text is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::variable::Variable;

/// The purpose of a text, as stored with every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateKind {
    /// The first answer to a missed call.
    AutoText,
    /// The one reminder when nothing happened after the first answer.
    Followup,
    /// An appointment was made.
    AppointmentConfirmation,
    /// An appointment is near.
    AppointmentReminder,
    /// The business called an appointment off.
    AppointmentCancelled,
    /// An automated answer inside a thread.
    Reply,
    /// The caller left a voicemail.
    VoicemailAck,
    /// The caller reported an emergency.
    Emergency,
    /// The one answer to an opt-out.
    OptOutConfirmation,
    /// The answer to HELP.
    Help,
    /// The caller hung up on the voice agent.
    Hangup,
    /// Written by a person.
    Manual,
    /// To the contractor's own phone.
    OwnerNotice,
}

impl TemplateKind {
    /// Every kind, in the order people meet them.
    pub const ALL: [Self; 13] = [
        Self::AutoText,
        Self::Followup,
        Self::Hangup,
        Self::VoicemailAck,
        Self::Emergency,
        Self::AppointmentConfirmation,
        Self::AppointmentReminder,
        Self::AppointmentCancelled,
        Self::Reply,
        Self::Manual,
        Self::OptOutConfirmation,
        Self::Help,
        Self::OwnerNotice,
    ];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AutoText => "auto_text",
            Self::Followup => "followup",
            Self::AppointmentConfirmation => "appointment_confirmation",
            Self::AppointmentReminder => "appointment_reminder",
            Self::AppointmentCancelled => "appointment_cancelled",
            Self::Reply => "reply",
            Self::VoicemailAck => "voicemail_ack",
            Self::Emergency => "emergency",
            Self::OptOutConfirmation => "opt_out_confirmation",
            Self::Help => "help",
            Self::Hangup => "hangup",
            Self::Manual => "manual",
            Self::OwnerNotice => "owner_notice",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The variables that are known when a text of this kind is made. A template with any other would be sent with a
    /// stand-in each time, or not at all; texts that come from no template have none.
    #[must_use]
    pub const fn variables(self) -> &'static [Variable] {
        use Variable as V;
        match self {
            Self::AutoText | Self::Followup | Self::Hangup | Self::VoicemailAck => &[
                V::CallerName,
                V::BusinessName,
                V::CallbackEta,
                V::Trade,
                V::NextOpen,
                V::NextAvailableDay,
                V::Owner,
            ],
            Self::AppointmentConfirmation | Self::AppointmentReminder => &[
                V::CallerName,
                V::BusinessName,
                V::CallbackEta,
                V::Trade,
                V::Owner,
                V::AppointmentDate,
                V::AppointmentTime,
                V::ServiceType,
                V::CalendarLink,
            ],
            // What is called off has no place in a calendar.
            Self::AppointmentCancelled => &[
                V::CallerName,
                V::BusinessName,
                V::CallbackEta,
                V::Trade,
                V::Owner,
                V::AppointmentDate,
                V::AppointmentTime,
                V::ServiceType,
            ],
            Self::Emergency | Self::OptOutConfirmation | Self::Help => {
                &[V::BusinessName, V::CallbackEta, V::Trade, V::Owner]
            }
            Self::Reply | Self::Manual | Self::OwnerNotice => &[],
        }
    }

    /// Whether a template of this kind has to name the business itself. The others answer inside a running
    /// exchange; when one of them opens a thread, the name is put in front ([`super::first_text`]).
    #[must_use]
    pub const fn needs_business_name(self) -> bool {
        match self {
            Self::AutoText
            | Self::Followup
            | Self::AppointmentConfirmation
            | Self::AppointmentReminder
            | Self::AppointmentCancelled
            | Self::OptOutConfirmation
            | Self::Help
            | Self::Hangup => true,
            Self::Reply | Self::VoicemailAck | Self::Emergency | Self::Manual | Self::OwnerNotice => false,
        }
    }

    /// Whether this text gets "Reply STOP to opt out." when it is the first of a thread. The answers to STOP and
    /// HELP say it in their own way.
    #[must_use]
    pub const fn may_open_thread(self) -> bool {
        match self {
            Self::OptOutConfirmation | Self::Help | Self::OwnerNotice => false,
            Self::AutoText
            | Self::Followup
            | Self::AppointmentConfirmation
            | Self::AppointmentReminder
            | Self::AppointmentCancelled
            | Self::Reply
            | Self::VoicemailAck
            | Self::Emergency
            | Self::Hangup
            | Self::Manual => true,
        }
    }
}

impl fmt::Display for TemplateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_round_trip_and_match_serde() {
        for kind in TemplateKind::ALL {
            assert_eq!(TemplateKind::from_stored(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert_eq!(TemplateKind::from_stored("other"), None);
    }
}
