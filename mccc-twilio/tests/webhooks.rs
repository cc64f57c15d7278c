//! A request becomes an event only if the account's own token signed it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use mccc_core::port::{DeliveryStatus, InboundSource, RawWebhook, RecordingStatus, WebhookRejection};
use mccc_core::{CallerId, MessageId, Secret, Timestamp};
use mccc_test::twilio_sign::{form_body, signature};
use mccc_twilio::{TwilioWebhooks, Unverified, WebhookError, WireError, routes};
use proptest::prelude::*;

const BASE: &str = "https://mccc.example";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const CALL: &[(&str, &str)] = &[
    ("CallSid", "CA0123456789abcdef0123456789abcdef"),
    ("AccountSid", ACCOUNT),
    ("From", "+15124561234"),
    ("To", "+15124569999"),
    ("Direction", "inbound"),
    ("CallStatus", "ringing"),
    ("CallerName", "O'Brien & Söhne"),
    ("FromCity", ""),
];

fn webhooks() -> TwilioWebhooks {
    TwilioWebhooks::new(ACCOUNT, BASE, &[Secret::new("old"), Secret::new("t0ken")]).unwrap()
}

/// Runs `check` on a request with these fields, signed with this token.
fn with<T>(path: &str, token: &str, fields: &[(&str, &str)], check: impl FnOnce(Unverified<'_>) -> T) -> T {
    let signature = signature(token, &format!("{BASE}{path}"), fields);
    let body = form_body(fields);
    let request = RawWebhook {
        method: "POST",
        target: path,
        content_type: Some("application/x-www-form-urlencoded; charset=UTF-8"),
        signature: Some(&signature),
        body: body.as_bytes(),
    };
    check(Unverified::read(request).unwrap())
}

#[test]
fn a_genuine_call_is_an_event() {
    let call = with(routes::VOICE, "t0ken", CALL, |request| {
        assert_eq!(request.claimed("To"), Some("+15124569999"));
        webhooks().inbound_call(request).unwrap().into_inner()
    });
    assert!(matches!(call.caller, CallerId::Present(_)));
    assert_eq!(call.caller_name.as_deref(), Some("O'Brien & Söhne"));
}

#[test]
fn another_accounts_requests_are_refused_although_they_are_signed() {
    let fields: Vec<_> = CALL
        .iter()
        .map(|(n, v)| (*n, if *n == "AccountSid" { "AC9" } else { *v }))
        .collect();
    let refused = Err(WebhookError::Rejected(WebhookRejection::Forged));
    for (token, fields) in [("t0ken", fields.as_slice()), ("wrong", CALL)] {
        let result = with(routes::VOICE, token, fields, |request| {
            webhooks().inbound_call(request).map(|_| ())
        });
        assert_eq!(result, refused, "{token}");
    }
}

#[test]
fn a_genuine_request_that_cannot_be_used_names_its_field() {
    let result = with(routes::VOICE, "t0ken", &[("AccountSid", ACCOUNT)], |r| {
        webhooks().inbound_call(r).map(|_| ())
    });
    assert_eq!(result, Err(WebhookError::Unreadable(WireError::Missing("CallSid"))));
}

#[test]
fn every_kind_of_request_has_its_reader() {
    let message = MessageId::derive(Timestamp::UNIX_EPOCH, "m");
    let path = format!("{}/{message}", routes::SMS_STATUS);
    let fields = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "delivered"),
        ("AccountSid", ACCOUNT),
    ];
    let progress = with(&path, "t0ken", &fields, |r| {
        webhooks().text_progress(r, routes::message_of(&path)).unwrap()
    });
    assert_eq!(
        (progress.get().message, progress.get().status),
        (Some(message), DeliveryStatus::Delivered)
    );

    let fields = [
        ("MessageSid", "SM2"),
        ("AccountSid", ACCOUNT),
        ("From", "+15124561234"),
        ("To", "+15124569999"),
        ("Body", "Stop"),
    ];
    let text = with(routes::SMS, "t0ken", &fields, |r| webhooks().inbound_text(r).unwrap());
    assert_eq!(text.get().body, "Stop");

    let fields = [
        ("CallSid", "CA1"),
        ("RecordingSid", "RE1"),
        ("RecordingStatus", "completed"),
        ("AccountSid", ACCOUNT),
    ];
    let recording = with(routes::RECORDING_STATUS, "t0ken", &fields, |r| {
        webhooks().recording_progress(r).unwrap()
    });
    assert_eq!(recording.get().status, RecordingStatus::Completed);

    let ended = with(routes::VOICE_STATUS, "t0ken", CALL, |r| {
        webhooks().call_progress(r).unwrap()
    });
    assert!(!ended.get().status.is_final());
}

#[test]
fn the_port_checks_like_the_readers() {
    let body = form_body(CALL);
    let signature = signature("t0ken", &format!("{BASE}{}", routes::VOICE), CALL);
    let request = |signature| RawWebhook {
        method: "POST",
        target: routes::VOICE,
        content_type: Some("application/x-www-form-urlencoded"),
        signature,
        body: body.as_bytes(),
    };
    let webhooks = webhooks();
    let source: &dyn InboundSource = &webhooks;
    assert_eq!(source.check(&request(Some(&signature))), Ok(()));
    assert_eq!(source.check(&request(None)), Err(WebhookRejection::Unsigned));
    assert_eq!(source.check(&request(Some("AAAA"))), Err(WebhookRejection::Forged));
}

proptest! {
    #[test]
    fn whatever_fields_were_signed_are_accepted_and_one_byte_less_is_not(
        fields in proptest::collection::vec(("[A-Za-z]{1,8}", "\\PC{0,20}"), 0..20), cut in any::<prop::sample::Index>()
    ) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        // A field twice with the same value is signed once, so leaving one out would change nothing.
        let mut distinct = fields.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assume!(distinct.len() == fields.len() && fields.iter().all(|(name, _)| *name != "AccountSid"));
        let accepted = with("/x", "t0ken", &fields, |request| webhooks().verify(request).is_ok());
        prop_assert!(accepted);
        if !fields.is_empty() {
            let signature = signature("t0ken", &format!("{BASE}/x"), &fields);
            let mut less = fields.clone();
            less.remove(cut.index(fields.len()));
            let body = form_body(&less);
            let request = RawWebhook {
                method: "POST",
                target: "/x",
                content_type: Some("application/x-www-form-urlencoded"),
                signature: Some(&signature),
                body: body.as_bytes(),
            };
            prop_assert_eq!(webhooks().check(&request), Err(WebhookRejection::Forged));
        }
    }

    #[test]
    fn no_body_makes_a_reader_panic(body in "[A-Za-z=&%+0-9]{0,400}") {
        let form = mccc_twilio::form::Form::decode(body.as_bytes()).unwrap();
        let _ = (mccc_twilio::wire::inbound_call(&form), mccc_twilio::wire::call_progress(&form));
        let _ = (mccc_twilio::wire::inbound_text(&form), mccc_twilio::wire::text_progress(&form, None));
        let _ = mccc_twilio::wire::recording_progress(&form);
    }
}
