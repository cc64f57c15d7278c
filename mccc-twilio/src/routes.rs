//! Paths below the public address that the provider is told to call. Whoever serves them mounts exactly these.
//!
//! Identifiers stand in the path and never in a query: the provider has been seen to sign a query in one order and to
//! send it in another.

use mccc_core::MessageId;

/// A call reached one of our numbers.
pub const VOICE: &str = "/webhooks/twilio/voice";
/// The same call again because [`VOICE`] failed; must be served without a database.
pub const VOICE_FALLBACK: &str = "/webhooks/twilio/voice/fallback";
/// A call to one of our numbers ended.
pub const VOICE_STATUS: &str = "/webhooks/twilio/voice/status";
/// A caller finished leaving a message.
pub const RECORDED: &str = "/webhooks/twilio/voice/recorded";
/// A recording is ready or absent; the digits of our number that was reached follow after a slash, since the request
/// itself does not name it.
pub const RECORDING_STATUS: &str = "/webhooks/twilio/recording";
/// A text reached one of our numbers. Also the fallback of itself.
pub const SMS: &str = "/webhooks/twilio/sms";
/// News about a text of ours; the message's identifier follows after a slash.
pub const SMS_STATUS: &str = "/webhooks/twilio/sms/status";
/// News about a call of ours; the key of the call follows after a slash.
pub const CALL_STATUS: &str = "/webhooks/twilio/calls";

/// Appended to an address: try again when we fail, cannot be reached or are too slow. The provider takes everything
/// after the `#` for itself (Twilio, "Webhooks: connection overrides", read 2026-11) and neither sends nor signs it.
pub const RETRIED: &str = "#rc=3&rp=5xx,ct,rt";
/// Appended to an address where somebody waits on the line: try again soon, and only when no connection came about.
pub const RECONNECTED: &str = "#ct=2000&rc=2&rp=ct";

/// Where news about `message` go.
#[must_use]
pub fn sms_status(base: &str, message: MessageId) -> String {
    format!("{base}{SMS_STATUS}/{message}")
}

/// Where news about the outbound call with `key` go.
#[must_use]
pub fn call_status(base: &str, key: &str) -> String {
    format!("{base}{CALL_STATUS}/{key}")
}

/// The message that a path made by [`sms_status`] names.
#[must_use]
pub fn message_of(path: &str) -> Option<MessageId> {
    path.strip_prefix(SMS_STATUS)?.strip_prefix('/')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use mccc_core::Timestamp;

    use super::*;

    #[test]
    fn a_status_path_names_its_message() {
        let message = MessageId::derive(Timestamp::UNIX_EPOCH, "m");
        let url = sms_status("https://a.example", message);
        assert_eq!(message_of(url.trim_start_matches("https://a.example")), Some(message));
        assert_eq!(message_of("/webhooks/twilio/sms/status/call_1"), None);
        assert_eq!(message_of("/webhooks/twilio/sms/status"), None);
    }
}
