//! Calls that reach us, and how calls go on.

use mccc_core::port::{Attestation, CallProgress, InboundCall};
use mccc_core::{CallerId, PhoneNumber};

use super::field::{MAX_SHORT, WireError, number, optional, our_number, required, sid};
use super::status::call_status;
use crate::form::Form;

/// Longest caller name that is kept, in characters. Networks carry 15.
const MAX_NAME: usize = 80;

/// Reads a request to the voice address.
///
/// # Errors
/// Names the field that is missing or impossible. An outbound call is refused: it has no business here.
pub fn inbound_call(form: &Form) -> Result<InboundCall, WireError> {
    if optional(form, "Direction").is_some_and(|direction| direction != "inbound") {
        return Err(WireError::Invalid("Direction"));
    }
    Ok(InboundCall {
        provider_call: sid(form, "CallSid", &["CA"])?,
        account: sid(form, "AccountSid", &["AC"])?,
        caller: caller(form)?,
        dialled: our_number(form, "To")?,
        forwarded_from: optional(form, "ForwardedFrom").and_then(|raw| PhoneNumber::parse(raw).ok()),
        caller_name: optional(form, "CallerName").map(|name| name.chars().take(MAX_NAME).collect()),
        attestation: optional(form, "StirVerstat").map_or(Attestation::None, attestation),
    })
}

/// The raw value decides whether the number is withheld, so nothing is normalised before. A blank or absent value is a
/// caller without a number, and such a call counts like any other.
fn caller(form: &Form) -> Result<CallerId, WireError> {
    let raw = form.get("From").unwrap_or_default();
    if raw.len() > MAX_SHORT {
        return Err(WireError::TooLong("From"));
    }
    Ok(CallerId::from_raw(raw))
}

/// `TN-Validation-Passed-A`, `…-Failed-B-Diverted`, `No-TN-Validation` and the like.
fn attestation(verdict: &str) -> Attestation {
    match verdict.strip_prefix("TN-Validation-") {
        Some(rest) if rest.starts_with("Passed") => Attestation::Passed,
        Some(rest) if rest.starts_with("Failed") => Attestation::Failed,
        _ => Attestation::None,
    }
}

/// Reads news about a call: of a number's status callback or of an outbound call of ours.
///
/// # Errors
/// Names the field that is missing or impossible.
pub fn call_progress(form: &Form) -> Result<CallProgress, WireError> {
    let outbound = optional(form, "Direction").is_some_and(|direction| direction.starts_with("outbound"));
    Ok(CallProgress {
        provider_call: sid(form, "CallSid", &["CA"])?,
        our_number: our_number(form, if outbound { "From" } else { "To" })?,
        status: call_status(required(form, "CallStatus", MAX_SHORT)?),
        sequence: number(form, "SequenceNumber"),
        duration_seconds: number(form, "CallDuration"),
        answered_by_machine: optional(form, "AnsweredBy").and_then(answered_by_machine),
    })
}

fn answered_by_machine(who: &str) -> Option<bool> {
    match who {
        "human" => Some(false),
        "fax" => Some(true),
        other if other.starts_with("machine") => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use mccc_core::port::CallStatus;

    use super::*;

    const CALL: &str = "CallSid=CA0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef\
                        &From=%2B15125550100&To=%2B15125550199&CallStatus=ringing&Direction=inbound";

    fn form(extra: &str) -> Form {
        Form::decode(format!("{CALL}&{extra}").as_bytes()).unwrap()
    }

    fn without(name: &str) -> Form {
        let kept: Vec<&str> = CALL
            .split('&')
            .filter(|pair| !pair.starts_with(&format!("{name}=")))
            .collect();
        Form::decode(kept.join("&").as_bytes()).unwrap()
    }

    #[test]
    fn a_call_is_read_and_what_is_unknown_is_left_alone() {
        let call = inbound_call(&form(
            "ForwardedFrom=%2B15125550142&StirVerstat=TN-Validation-Passed-B-Diverted&CallerName=+ACME++CO&NewField=1",
        ))
        .unwrap();
        assert_eq!(call.provider_call, "CA0123456789abcdef0123456789abcdef");
        assert_eq!(
            call.caller,
            CallerId::Present(PhoneNumber::parse("+15125550100").unwrap())
        );
        assert_eq!(call.forwarded_from, PhoneNumber::parse("+15125550142").ok());
        assert_eq!(call.caller_name.as_deref(), Some("ACME  CO"));
        assert_eq!(call.attestation, Attestation::Passed);
    }

    #[test]
    fn a_withheld_caller_is_a_call_too() {
        for (raw, expected) in [
            ("From=%2B266696687", CallerId::Anonymous),
            ("From=%2B7378742833", CallerId::Restricted),
            ("From=client%3Abob", CallerId::Invalid),
            ("From=", CallerId::Anonymous),
            ("Else=", CallerId::Anonymous),
        ] {
            let rest = CALL.replace("&From=%2B15125550100", "");
            let form = Form::decode(format!("{rest}&{raw}").as_bytes()).unwrap();
            assert_eq!(inbound_call(&form).unwrap().caller, expected, "{raw}");
        }
    }

    #[test]
    fn what_every_call_has_is_required_by_name() {
        for name in ["CallSid", "AccountSid", "To"] {
            assert_eq!(inbound_call(&without(name)), Err(WireError::Missing(name)));
        }
        let odd = |from: &str, to: &str| Form::decode(CALL.replace(from, to).as_bytes()).unwrap();
        assert_eq!(inbound_call(&odd("To=%2B1", "To=")), Err(WireError::Invalid("To")));
        assert_eq!(inbound_call(&odd("=CA", "=CA%2F")), Err(WireError::Invalid("CallSid")));
        assert_eq!(inbound_call(&odd("=CA", "=XX")), Err(WireError::Invalid("CallSid")));
        assert_eq!(
            inbound_call(&odd("=AC", &format!("=AC{}", "0".repeat(99)))),
            Err(WireError::TooLong("AccountSid"))
        );
        assert_eq!(
            inbound_call(&odd("=inbound", "=outbound-dial")),
            Err(WireError::Invalid("Direction"))
        );
    }

    #[test]
    fn attestation_that_failed_or_is_unknown_is_told_apart() {
        for (verdict, expected) in [
            ("TN-Validation-Passed-A", Attestation::Passed),
            ("TN-Validation-Passed-C-Passthrough", Attestation::Passed),
            ("TN-Validation-Failed", Attestation::Failed),
            ("TN-Validation-Failed-A-Diverted", Attestation::Failed),
            ("No-TN-Validation", Attestation::None),
            ("NULL", Attestation::None),
        ] {
            let call = inbound_call(&form(&format!("StirVerstat={verdict}"))).unwrap();
            assert_eq!(call.attestation, expected, "{verdict}");
        }
    }

    #[test]
    fn progress_names_our_number_in_both_directions() {
        let ended = call_progress(&form("CallDuration=12")).unwrap();
        assert_eq!((ended.status, ended.duration_seconds), (CallStatus::Ringing, Some(12)));
        assert_eq!(ended.our_number, PhoneNumber::parse("+15125550199").unwrap());
        let outbound = CALL
            .replace("Direction=inbound", "Direction=outbound-api")
            .replace("ringing", "in-progress");
        let outbound = format!("{outbound}&SequenceNumber=2&AnsweredBy=machine_start");
        let answered = call_progress(&Form::decode(outbound.as_bytes()).unwrap()).unwrap();
        assert_eq!(answered.our_number, PhoneNumber::parse("+15125550100").unwrap());
        assert_eq!((answered.status, answered.sequence), (CallStatus::InProgress, Some(2)));
        assert_eq!(answered.answered_by_machine, Some(true));
    }

    #[test]
    fn a_new_status_is_still_pending() {
        let odd = Form::decode(CALL.replace("ringing", "teleporting").as_bytes()).unwrap();
        let progress = call_progress(&odd).unwrap();
        assert_eq!(progress.status, CallStatus::Other);
        assert!(!progress.status.is_final());
        assert_eq!(
            call_progress(&without("CallStatus")),
            Err(WireError::Missing("CallStatus"))
        );
    }
}
