//! The provider's words for where things stand.

use mccc_core::port::{CallStatus, DeliveryStatus, RecordingStatus};

pub(crate) fn call_status(word: &str) -> CallStatus {
    match word {
        "queued" | "initiated" => CallStatus::Queued,
        "ringing" => CallStatus::Ringing,
        "in-progress" | "answered" => CallStatus::InProgress,
        "completed" => CallStatus::Completed,
        "busy" => CallStatus::Busy,
        "failed" => CallStatus::Failed,
        "no-answer" => CallStatus::NoAnswer,
        "canceled" => CallStatus::Canceled,
        _ => CallStatus::Other,
    }
}

pub(crate) fn delivery_status(word: &str) -> DeliveryStatus {
    match word {
        "accepted" | "scheduled" | "queued" => DeliveryStatus::Queued,
        "sending" => DeliveryStatus::Sending,
        "sent" => DeliveryStatus::Sent,
        // Only other channels report that a message was read; it was delivered then.
        "delivered" | "read" => DeliveryStatus::Delivered,
        "undelivered" => DeliveryStatus::Undelivered,
        "failed" => DeliveryStatus::Failed,
        "canceled" => DeliveryStatus::Canceled,
        _ => DeliveryStatus::Other,
    }
}

pub(super) fn recording_status(word: &str) -> RecordingStatus {
    match word {
        "in-progress" | "processing" | "paused" | "stopped" => RecordingStatus::InProgress,
        "completed" => RecordingStatus::Completed,
        "absent" | "deleted" => RecordingStatus::Absent,
        "failed" => RecordingStatus::Failed,
        _ => RecordingStatus::Other,
    }
}
