//! Recordings of callers.

use mccc_core::port::RecordingProgress;

use super::field::{MAX_SHORT, WireError, number, required, sid};
use super::status::recording_status;
use crate::form::Form;

/// Reads news about a recording.
///
/// # Errors
/// Names the field that is missing or impossible.
pub fn recording_progress(form: &Form) -> Result<RecordingProgress, WireError> {
    Ok(RecordingProgress {
        provider_call: sid(form, "CallSid", &["CA"])?,
        provider_recording: sid(form, "RecordingSid", &["RE"])?,
        status: recording_status(required(form, "RecordingStatus", MAX_SHORT)?),
        duration_seconds: number(form, "RecordingDuration"),
    })
}

#[cfg(test)]
mod tests {
    use mccc_core::port::RecordingStatus;

    use super::*;

    #[test]
    fn a_recording_is_read_with_its_length() {
        let read = |body: &str| recording_progress(&Form::decode(body.as_bytes()).unwrap());
        let done = read("CallSid=CA1&RecordingSid=RE1&RecordingStatus=completed&RecordingDuration=34").unwrap();
        assert_eq!(
            (done.status, done.duration_seconds),
            (RecordingStatus::Completed, Some(34))
        );
        let absent = read("CallSid=CA1&RecordingSid=RE1&RecordingStatus=absent").unwrap();
        assert_eq!(
            (absent.status, absent.duration_seconds),
            (RecordingStatus::Absent, None)
        );
        let new = read("CallSid=CA1&RecordingSid=RE1&RecordingStatus=polished").unwrap();
        assert_eq!(new.status, RecordingStatus::Other);
        assert_eq!(
            read("CallSid=CA1&RecordingStatus=absent"),
            Err(WireError::Missing("RecordingSid"))
        );
        assert_eq!(
            read("CallSid=CA1&RecordingSid=RE1"),
            Err(WireError::Missing("RecordingStatus"))
        );
    }
}
