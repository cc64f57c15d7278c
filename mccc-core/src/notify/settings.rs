//! Which channels there are, what goes to which, and when nobody is disturbed.

use serde::{Deserialize, Serialize};

use super::QuietTime;
use crate::PhoneNumber;
use crate::calls::named;

named! {
    /// A way to the contractor.
    ChannelKind {
        /// A text to the contractor's own phone.
        Text = "text",
        /// A message in a Slack channel.
        Slack = "slack",
        /// An e-mail.
        Email = "email",
    }
}

named! {
    /// What the contractor is told of.
    NoticeKind {
        /// A caller described an emergency.
        Emergency = "emergency",
        /// A caller waits for an answer that a person has to give.
        ReplyNeeded = "reply_needed",
        /// A caller is owed a call.
        Callback = "callback",
        /// A caller left a message.
        Voicemail = "voicemail",
        /// A call was missed.
        MissedCall = "missed_call",
        /// A customer booked an appointment.
        AppointmentBooked = "appointment_booked",
        /// An appointment was moved.
        AppointmentMoved = "appointment_moved",
        /// A customer called an appointment off.
        AppointmentCancelled = "appointment_cancelled",
        /// A booking came to nothing.
        BookingFailed = "booking_failed",
        /// A text did not arrive, or nobody knows.
        TextFailed = "text_failed",
        /// A caller opted out.
        OptedOut = "opted_out",
        /// The phone company sent a code.
        VerificationCode = "verification_code",
        /// The calendar has to be connected again.
        CalendarLost = "calendar_lost",
        /// A promise to a caller is about to break.
        PromiseDue = "promise_due",
        /// What happened in the quiet hours.
        Away = "away",
        /// A person asked whether the channel works.
        Test = "test",
    }
}

impl NoticeKind {
    /// Whether it cannot wait.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        match self {
            Self::Emergency => true,
            Self::ReplyNeeded
            | Self::Callback
            | Self::Voicemail
            | Self::MissedCall
            | Self::AppointmentBooked
            | Self::AppointmentMoved
            | Self::AppointmentCancelled
            | Self::BookingFailed
            | Self::TextFailed
            | Self::OptedOut
            | Self::VerificationCode
            | Self::CalendarLost
            | Self::PromiseDue
            | Self::Away
            | Self::Test => false,
        }
    }

    /// Whether a channel can be spared it. The summary and the trial follow from other wishes.
    #[must_use]
    pub const fn can_be_chosen(self) -> bool {
        match self {
            Self::Away | Self::Test => false,
            Self::Emergency
            | Self::ReplyNeeded
            | Self::Callback
            | Self::Voicemail
            | Self::MissedCall
            | Self::AppointmentBooked
            | Self::AppointmentMoved
            | Self::AppointmentCancelled
            | Self::BookingFailed
            | Self::TextFailed
            | Self::OptedOut
            | Self::VerificationCode
            | Self::CalendarLost
            | Self::PromiseDue => true,
        }
    }

    /// What it is called in a list: `2 × missed call`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::ReplyNeeded => "text waiting for an answer",
            Self::Callback => "call owed",
            Self::Voicemail => "voicemail",
            Self::MissedCall => "missed call",
            Self::AppointmentBooked => "appointment booked",
            Self::AppointmentMoved => "appointment moved",
            Self::AppointmentCancelled => "appointment called off",
            Self::BookingFailed => "booking that failed",
            Self::TextFailed => "text that did not arrive",
            Self::OptedOut => "opt-out",
            Self::VerificationCode => "verification code",
            Self::CalendarLost => "calendar to connect again",
            Self::PromiseDue => "promise about to break",
            Self::Away => "summary",
            Self::Test => "test",
        }
    }
}

/// How the contractor is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notifications {
    /// Texts to the contractor's own phone.
    pub text: TextChannel,
    /// A Slack channel. Its address is a secret and no part of this document.
    pub slack: SlackChannel,
    /// E-mail.
    pub email: EmailChannel,
    /// When nobody is disturbed, in the business's zone. What happens meanwhile is summed up at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub do_not_disturb: Vec<QuietTime>,
    /// Whether emergencies are told of at once also then.
    pub emergencies_always: bool,
}

/// Texts to the contractor's own phone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextChannel {
    /// Whether it is used.
    pub on: bool,
    /// The phone, which must not be a number of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// What it is not told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<NoticeKind>,
}

/// A Slack channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlackChannel {
    /// Whether it is used.
    pub on: bool,
    /// What it is not told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<NoticeKind>,
}

/// E-mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmailChannel {
    /// Whether it is used.
    pub on: bool,
    /// Where to; nothing means the address of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it is not told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<NoticeKind>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            text: TextChannel::default(),
            slack: SlackChannel::default(),
            email: EmailChannel::default(),
            do_not_disturb: Vec::new(),
            emergencies_always: true,
        }
    }
}

impl Notifications {
    /// Most stretches of quiet time.
    pub const MOST_QUIET_TIMES: usize = 14;

    /// Whether a channel is used at all.
    #[must_use]
    pub const fn is_on(&self, channel: ChannelKind) -> bool {
        match channel {
            ChannelKind::Text => self.text.on,
            ChannelKind::Slack => self.slack.on,
            ChannelKind::Email => self.email.on,
        }
    }

    /// The channels that want to know of such a thing.
    #[must_use]
    pub fn channels(&self, kind: NoticeKind) -> Vec<ChannelKind> {
        let wants = |channel: &ChannelKind| {
            let muted = match channel {
                ChannelKind::Text => &self.text.muted,
                ChannelKind::Slack => &self.slack.muted,
                ChannelKind::Email => &self.email.muted,
            };
            self.is_on(*channel) && !muted.contains(&kind)
        };
        ChannelKind::ALL.iter().copied().filter(wants).collect()
    }

    /// What stands against saving it.
    pub(crate) fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let by_text = self.text.on && self.text.phone.is_none();
        let address = self.email.address.as_deref();
        let odd = address.is_some_and(|address| !is_address(address));
        let spared = [&self.text.muted, &self.slack.muted, &self.email.muted];
        if by_text {
            Some(("notifications.text.phone", "give the phone that is texted"))
        } else if odd {
            Some((
                "notifications.email.address",
                "give an address such as mike@example.com",
            ))
        } else if spared
            .iter()
            .any(|muted| muted.iter().any(|kind| !kind.can_be_chosen()))
        {
            Some(("notifications", "the summary and the test cannot be muted"))
        } else if self.do_not_disturb.len() > Self::MOST_QUIET_TIMES {
            Some(("notifications.do_not_disturb", "at most 14 stretches of quiet time"))
        } else if self.do_not_disturb.iter().any(|time| !time.is_usable()) {
            Some((
                "notifications.do_not_disturb",
                "choose at least one day, and an end that is not the beginning",
            ))
        } else {
            None
        }
    }
}

/// Whether a text can be the address of a mailbox: nothing in it can end a header or name a second recipient.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '\\' | ':');
    text.len() <= 254
        && text.chars().all(plain)
        && text
            .rsplit_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !who.contains('@') && host.contains('.') && host.len() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_are_those_of_the_document() {
        for kind in NoticeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for kind in ChannelKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn a_channel_is_spared_what_it_mutes_and_nothing_else() {
        let mut settings = Notifications::default();
        assert!(settings.channels(NoticeKind::Emergency).is_empty());
        settings.text.on = true;
        settings.slack.on = true;
        settings.slack.muted = vec![NoticeKind::MissedCall];
        assert_eq!(settings.channels(NoticeKind::MissedCall), [ChannelKind::Text]);
        assert_eq!(
            settings.channels(NoticeKind::Emergency),
            [ChannelKind::Text, ChannelKind::Slack]
        );
    }

    #[test]
    fn an_address_can_neither_end_a_header_nor_name_another() {
        for good in ["mike@example.com", "o'brien+work@mail.example.co"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "mike",
            "a@b",
            "a@example.com,b@example.com",
            "a@example.com\r\nBcc: b@example.com",
            "<a@example.com>",
            "a b@example.com",
            "a@b@example.com",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn texting_needs_a_phone() {
        let mut settings = Notifications::default();
        assert_eq!(settings.mistake(), None);
        settings.text.on = true;
        assert_eq!(settings.mistake().unwrap().0, "notifications.text.phone");
        settings.text.muted = vec![NoticeKind::Test];
        settings.text.phone = Some(PhoneNumber::parse("+12025550143").unwrap());
        assert_eq!(settings.mistake().unwrap().0, "notifications");
    }
}
