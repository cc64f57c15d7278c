//! Whether somebody would hear of anything.

use super::{ChannelKind, NoticeKind};
use crate::business::Settings;
use crate::tasks::TaskKind;

/// Said while callers left messages and nobody is told.
pub const NO_CHANNELS: &str = "You have unread voicemails but no notification channels configured.";

/// What a person has to know about the channels themselves, if anything. `unread_voicemail` says whether a message of a
/// caller waits.
#[must_use]
pub fn warning(settings: &Settings, unread_voicemail: bool) -> Option<&'static str> {
    let any = ChannelKind::ALL
        .iter()
        .any(|channel| settings.notifications.is_on(*channel));
    if any && settings.switches.immediate_notifications {
        return None;
    }
    Some(match (any, unread_voicemail) {
        (false, true) => NO_CHANNELS,
        (false, false) => "No notification channels are configured: you hear of nothing until you look here.",
        (true, _) => "Immediate notifications are switched off: you hear of nothing until you look here.",
    })
}

/// The kind of notice that a task calls for.
#[must_use]
pub(crate) const fn of_task(kind: TaskKind) -> NoticeKind {
    match kind {
        TaskKind::Callback => NoticeKind::Callback,
        TaskKind::ReplyNeeded => NoticeKind::ReplyNeeded,
        TaskKind::TextFailed | TaskKind::TextUnknown => NoticeKind::TextFailed,
        TaskKind::OptedOut => NoticeKind::OptedOut,
        TaskKind::Emergency => NoticeKind::Emergency,
        TaskKind::VerificationCode => NoticeKind::VerificationCode,
        TaskKind::CalendarReconnect => NoticeKind::CalendarLost,
        TaskKind::CalendarChanged => NoticeKind::AppointmentMoved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Zone;

    #[test]
    fn a_business_that_would_hear_of_nothing_is_told() {
        let mut settings = Settings::new("Acme", Zone::parse("UTC").unwrap());
        assert_eq!(warning(&settings, true), Some(NO_CHANNELS));
        assert!(warning(&settings, false).is_some());
        settings.notifications.email.on = true;
        assert_eq!(warning(&settings, true), None);
        settings.switches.immediate_notifications = false;
        assert!(warning(&settings, true).is_some());
    }
}
