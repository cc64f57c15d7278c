//! What became of a call: the stored outcome and the six labels of the dashboard.

use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }
        impl $name {
            /// Every value, in the documented order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The stored and serialised name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
            /// Reads the stored name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use named;

named! {
    /// The stored outcome of a call.
    Outcome {
        /// Nothing has come of it (yet).
        NoAction = "no_action",
        /// The AI voice agent talked with the caller.
        AnsweredByAi = "answered_by_ai",
        /// The caller left a message.
        VoicemailLeft = "voicemail_left",
        /// The caller reached the voicemail and left less than three seconds.
        VoicemailNoMessage = "voicemail_no_message",
        /// A text was accepted by the gateway.
        AutoTextSent = "auto_text_sent",
        /// An appointment was booked.
        AppointmentBooked = "appointment_booked",
        /// The caller is owed a call.
        CallbackRequested = "callback_requested",
        /// A question was answered.
        QuestionAnswered = "question_answered",
        /// Name or need is known.
        LeadCaptured = "lead_captured",
        /// The caller hung up before anything happened.
        HungUp = "hung_up",
        /// Judged to be spam.
        Spam = "spam",
        /// We failed.
        Failed = "failed",
    }
}

named! {
    /// What the dashboard shows.
    DashboardOutcome {
        /// An appointment was booked.
        AppointmentBooked = "appointment_booked",
        /// A question was answered.
        QuestionAnswered = "question_answered",
        /// The caller is owed a call, or has told us what they need.
        CallbackRequested = "callback_requested",
        /// The caller left a message.
        VoicemailLeft = "voicemail_left",
        /// Nobody has reacted.
        NoResponse = "no_response",
        /// The caller hung up before leaving anything.
        HungUp = "hung_up",
        /// Not wanted.
        Spam = "spam",
    }
}

impl Outcome {
    /// The label shown for this outcome.
    #[must_use]
    pub const fn dashboard(self) -> DashboardOutcome {
        match self {
            Self::AppointmentBooked => DashboardOutcome::AppointmentBooked,
            Self::QuestionAnswered | Self::AnsweredByAi => DashboardOutcome::QuestionAnswered,
            Self::CallbackRequested | Self::LeadCaptured => DashboardOutcome::CallbackRequested,
            Self::VoicemailLeft => DashboardOutcome::VoicemailLeft,
            Self::NoAction | Self::AutoTextSent | Self::Failed => DashboardOutcome::NoResponse,
            Self::HungUp | Self::VoicemailNoMessage => DashboardOutcome::HungUp,
            Self::Spam => DashboardOutcome::Spam,
        }
    }

    /// How much the outcome says; a later event never replaces it by one that says less.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::NoAction => 0,
            Self::Failed => 1,
            Self::HungUp => 2,
            Self::VoicemailNoMessage => 3,
            Self::AutoTextSent => 4,
            Self::VoicemailLeft => 5,
            Self::AnsweredByAi => 6,
            Self::QuestionAnswered => 7,
            Self::LeadCaptured => 8,
            Self::CallbackRequested => 9,
            Self::AppointmentBooked => 10,
            Self::Spam => 11,
        }
    }

    /// The outcome after `news`, which never takes anything back.
    #[must_use]
    pub const fn raised_to(self, news: Self) -> Self {
        if news.rank() > self.rank() { news } else { self }
    }
}

impl DashboardOutcome {
    /// The English label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AppointmentBooked => "Appointment Booked",
            Self::QuestionAnswered => "Question Answered",
            Self::CallbackRequested => "Callback Requested",
            Self::VoicemailLeft => "Voicemail Left",
            Self::NoResponse => "No Response",
            Self::HungUp => "Hung Up",
            Self::Spam => "Spam",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_ranks_differ() {
        let mut ranks: Vec<u8> = Outcome::ALL.iter().map(|outcome| outcome.rank()).collect();
        ranks.sort_unstable();
        ranks.dedup();
        assert_eq!(ranks.len(), Outcome::ALL.len());
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_name(outcome.name()), Some(*outcome));
            assert_eq!(
                serde_json::to_string(outcome).unwrap(),
                format!("\"{}\"", outcome.name())
            );
        }
    }
}
