//! Every way in which an exchange can fail, and what may be repeated after it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::net::TcpListener;
use std::time::Duration;

use mccc_core::compliance::gate::Purpose;
use mccc_core::port::{ErrorKind, FailureClass, NumberSetup, OutboundCall, PortError, Retry, SmsGateway, Telephony};
use mccc_test::scripted::{Reply, ScriptedServer};
use support::{ACCOUNT, TestClock, caller, client, client_with, config, ours, path, permit};

const ACCEPTED: &str = include_str!("fixtures/message_accepted.json");

/// Sends one text to a provider that answers with `reply`.
async fn sent_into(reply: Reply) -> PortError {
    let provider = ScriptedServer::start().unwrap();
    provider.script("POST", &path("Messages.json"), [reply]);
    let error = client(&provider).send(permit(Purpose::AutoText)).await.unwrap_err();
    assert_eq!(provider.requests().len(), 1, "nothing is repeated by itself");
    error
}

/// Asks one question of a provider that answers with `reply`.
async fn asked_into(reply: Reply) -> PortError {
    let provider = ScriptedServer::start().unwrap();
    provider.script("GET", &path("Messages/SM1.json"), [reply]);
    client(&provider).fetch("SM1").await.unwrap_err()
}

fn refusal(code: u32, status: u16) -> Reply {
    let body = format!(
        r#"{{"code":{code},"message":"about +15124561234","more_info":"https://www.twilio.com/docs/errors/{code}","status":{status}}}"#
    );
    Reply::json(status, &body)
}

#[tokio::test]
async fn a_refusal_says_why_and_is_not_repeated() {
    for (code, kind, class) in [
        (21211, ErrorKind::Rejected, FailureClass::Recipient),
        (21610, ErrorKind::Rejected, FailureClass::OptOut),
        (21614, ErrorKind::Rejected, FailureClass::Landline),
        (21617, ErrorKind::Rejected, FailureClass::Content),
        (21606, ErrorKind::Rejected, FailureClass::Sender),
        (21608, ErrorKind::Rejected, FailureClass::Account),
    ] {
        let error = sent_into(refusal(code, 400)).await;
        assert_eq!(
            (error.kind(), error.retry(), error.class()),
            (kind, Retry::Never, Some(class)),
            "{code}"
        );
        assert_eq!(error.code(), Some(code));
        assert!(error.reason().is_some());
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("4561234") && !shown.contains(ACCOUNT), "{shown}");
    }
    let error = sent_into(refusal(20003, 401)).await;
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::Unauthenticated, Retry::Never)
    );
}

#[tokio::test]
async fn too_many_requests_may_be_repeated() {
    let error = sent_into(refusal(20429, 429)).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Backoff));
    let error = sent_into(refusal(20429, 429).header("Retry-After", "12")).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(12)));
    let error = sent_into(refusal(21611, 400)).await;
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Backoff));
}

#[tokio::test]
async fn a_text_that_may_have_gone_out_is_in_doubt() {
    for (name, reply) in [
        ("500", Reply::json(500, "{}")),
        (
            "503 that names a wait",
            Reply::json(503, "{}").header("Retry-After", "5"),
        ),
        ("proxy page", Reply::text(502, "<html>Bad Gateway</html>")),
        ("not HTTP", Reply::garbage()),
        ("half an answer", Reply::half_body(201, ACCEPTED)),
        ("success without a message", Reply::json(201, "{}")),
        ("success with a page", Reply::text(201, "<html></html>")),
        ("success with too much", Reply::text(201, &"x".repeat(100_000))),
        (
            "redirect",
            Reply::status(302).header("Location", "https://elsewhere.example/"),
        ),
        ("connection lost", Reply::hang_up()),
        ("no answer", Reply::silence()),
    ] {
        assert_eq!(sent_into(reply).await.retry(), Retry::Unknown, "{name}");
    }
}

#[tokio::test]
async fn a_question_may_be_repeated_whatever_happened_to_it() {
    for (name, reply) in [
        ("500", Reply::json(500, "{}")),
        ("not HTTP", Reply::garbage()),
        ("half an answer", Reply::half_body(200, ACCEPTED)),
        ("connection lost", Reply::hang_up()),
        ("no answer", Reply::silence()),
        ("success without a message", Reply::json(200, "{}")),
    ] {
        assert_eq!(asked_into(reply).await.retry(), Retry::Backoff, "{name}");
    }
    let error = asked_into(Reply::json(503, "{}").header("Retry-After", "5")).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(5)));
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_did_nothing() {
    // A port that was free a moment ago and that nobody listens on.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client_with(config(&format!("http://{nobody}")), TestClock::new())
        .send(permit(Purpose::AutoText))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
}

#[tokio::test]
async fn a_connection_cut_before_the_request_is_not_called_a_success() {
    let provider = ScriptedServer::start().unwrap();
    provider.hang_up_on_connect(1);
    let error = client(&provider).send(permit(Purpose::AutoText)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_ne!(error.retry(), Retry::Never);
    assert!(provider.requests().is_empty());
}

#[tokio::test]
async fn a_text_without_a_valid_permission_is_never_written() {
    let provider = ScriptedServer::start().unwrap();
    provider.always("POST", &path("Messages.json"), Reply::json(201, ACCEPTED));
    // Expired before the call; expired while the connection was being opened, which is after one look at the clock.
    for reads in [0, 1] {
        let clock = TestClock::new();
        clock.jump_after(reads);
        let error = client_with(config(&provider.base_url()), clock)
            .send(permit(Purpose::AutoText))
            .await
            .unwrap_err();
        assert_eq!(error.retry(), Retry::Backoff, "{reads}");
    }
    assert!(provider.requests().is_empty(), "no complete request arrived");
    let clock = TestClock::new();
    clock.jump_after(2);
    client_with(config(&provider.base_url()), clock)
        .send(permit(Purpose::AutoText))
        .await
        .unwrap();
}

#[tokio::test]
async fn purchases_and_calls_are_in_doubt_like_texts() {
    let setup = NumberSetup {
        public_base_url: "https://mccc.example".to_owned(),
        friendly_name: "Acme".to_owned(),
    };
    let call = OutboundCall {
        to: caller(),
        from: ours(),
        ring_seconds: 40,
        say: "This is a test of your forwarding.".to_owned(),
        key: "test_1".to_owned(),
    };
    for reply in [Reply::silence, Reply::hang_up, || Reply::json(500, "")] {
        let provider = ScriptedServer::start().unwrap();
        provider.always("POST", &path("*"), reply());
        let client = client(&provider);
        assert_eq!(
            client.buy_number(&ours(), &setup).await.unwrap_err().retry(),
            Retry::Unknown
        );
        assert_eq!(client.place_call(&call).await.unwrap_err().retry(), Retry::Unknown);
        // Ending a call twice is ending it once.
        assert_eq!(client.hang_up("CA1").await.unwrap_err().retry(), Retry::Backoff);
    }
}

#[tokio::test]
async fn identifiers_that_would_leave_their_place_in_the_address_are_refused() {
    let provider = ScriptedServer::start().unwrap();
    let client = client(&provider);
    for sid in ["", "SM", "SM1/../Calls", "SM1?x=1", "CA1", "SM\u{e9}"] {
        assert_eq!(client.fetch(sid).await.unwrap_err().retry(), Retry::Never, "{sid}");
    }
    assert!(client.hang_up("SM1").await.is_err());
    assert!(
        client
            .open_recording("RE1/..", mccc_twilio::AudioFormat::Mp3)
            .await
            .is_err()
    );
    assert!(provider.requests().is_empty());
}
