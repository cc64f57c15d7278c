//! Identifiers of our events: they follow from the appointment, so that an event that is sent twice is one.
//!
//! Google takes identifiers of 5 to 1024 characters of base32hex in lower case: `a` to `v` and digits (Calendar API v3,
//! `events.insert`, read 2026-11). A UUID in hexadecimal digits is within that.

use mccc_core::AppointmentId;

const PREFIX: &str = "mccc";
/// Stands before the number of an attempt after the first. No hexadecimal digit, so that it cannot be part of the UUID.
const ATTEMPT: char = 'n';
const UUID_DIGITS: usize = 32;

/// The identifier of an appointment's event.
#[must_use]
pub fn event_id(appointment: AppointmentId, attempt: u16) -> String {
    let uuid = appointment.uuid().simple().to_string();
    if attempt == 0 {
        format!("{PREFIX}{uuid}")
    } else {
        format!("{PREFIX}{uuid}{ATTEMPT}{attempt}")
    }
}

/// Whose event an identifier names, if it is one of ours.
#[must_use]
pub fn appointment_of(event_id: &str) -> Option<AppointmentId> {
    let rest = event_id.strip_prefix(PREFIX)?;
    let (uuid, attempt) = rest.split_at_checked(UUID_DIGITS)?;
    let attempt = match attempt.strip_prefix(ATTEMPT) {
        None if attempt.is_empty() => 0,
        None => return None,
        Some(digits) => digits.parse().ok()?,
    };
    let appointment: AppointmentId = format!("appt_{uuid}").parse().ok()?;
    (self::event_id(appointment, attempt) == event_id).then_some(appointment)
}
