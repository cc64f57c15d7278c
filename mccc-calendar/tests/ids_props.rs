//! Laws of the identifiers of our events.

use mccc_calendar::google::{appointment_of, event_id};
use mccc_core::AppointmentId;
use proptest::prelude::*;

fn appointments() -> impl Strategy<Value = AppointmentId> {
    any::<u128>().prop_map(|bits| {
        let text = format!("appt_{bits:032x}");
        text.parse()
            .unwrap_or_else(|_| AppointmentId::derive(mccc_core::Timestamp::UNIX_EPOCH, &text))
    })
}

proptest! {
    /// Google takes base32hex in lower case, 5 to 1024 characters.
    #[test]
    fn identifiers_are_of_googles_alphabet(appointment in appointments(), attempt in any::<u16>()) {
        let id = event_id(appointment, attempt);
        prop_assert!((5..=1024).contains(&id.len()));
        prop_assert!(id.bytes().all(|byte| matches!(byte, b'a'..=b'v' | b'0'..=b'9')), "{}", id);
    }

    /// The appointment can be read from its event, so two appointments or attempts never share one.
    #[test]
    fn an_identifier_names_its_appointment(
        first in appointments(), second in appointments(), attempt in any::<u16>(), other in any::<u16>(),
    ) {
        let id = event_id(first, attempt);
        prop_assert_eq!(appointment_of(&id), Some(first));
        prop_assert_eq!(id == event_id(second, other), (first, attempt) == (second, other));
    }

    /// What somebody else's calendar calls an event is never taken for ours by accident.
    #[test]
    fn other_identifiers_are_not_ours(id in "(mccc)?[a-v0-9]{0,50}") {
        if let Some(appointment) = appointment_of(&id) {
            let made = (0..=u16::MAX).any(|attempt| event_id(appointment, attempt) == id);
            prop_assert!(made, "{}", id);
        }
    }
}
