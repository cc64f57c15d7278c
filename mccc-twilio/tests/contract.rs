//! What is asked of the provider, and what is made of its answers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::time::Duration;

use mccc_core::compliance::gate::Purpose;
use mccc_core::compliance::number::LineType;
use mccc_core::port::{
    CallStatus, DeliveryStatus, ErrorKind, LineLookup, MessageQuery, NumberQuery, NumberSetup, OutboundCall,
    OwnedNumber, Retry, SmsGateway, Telephony,
};
use mccc_core::{CallerId, Secret, Timestamp};
use mccc_test::scripted::{Reply, Request, ScriptedServer};
use mccc_twilio::{AudioFormat, Credentials, routes};
use support::spec::Specs;
use support::{BODY, NOON, TestClock, caller, client, client_with, config, field, message, ours, path, permit};

const ACCEPTED: &str = include_str!("fixtures/message_accepted.json");
const MESSAGES_1: &str = include_str!("fixtures/messages_page_1.json");
const MESSAGES_2: &str = include_str!("fixtures/messages_page_2.json");
const OFFERS: &str = include_str!("fixtures/offers.json");
const NUMBER: &str = include_str!("fixtures/number.json");
const CALL: &str = include_str!("fixtures/call.json");

fn provider() -> ScriptedServer {
    ScriptedServer::start().unwrap()
}

/// The requests, each compared with the provider's description where that is at hand.
fn asked(provider: &ScriptedServer) -> Vec<Request> {
    let requests = provider.requests();
    if let Some(specs) = Specs::load() {
        requests.iter().for_each(|request| specs.check(request));
    }
    requests
}

fn numbers(rows: &[&str]) -> String {
    format!(
        r#"{{"incoming_phone_numbers":[{}],"next_page_uri":null}}"#,
        rows.join(",")
    )
}

fn calls(rows: &[&str]) -> String {
    format!(r#"{{"calls":[{}],"next_page_uri":null}}"#, rows.join(","))
}

fn setup() -> NumberSetup {
    NumberSetup {
        public_base_url: "https://mccc.example".to_owned(),
        friendly_name: "Acme & Söhne ".repeat(9),
    }
}

fn owned() -> OwnedNumber {
    OwnedNumber {
        number: ours(),
        provider_number: "PN1".to_owned(),
        configured: true,
        sms: true,
    }
}

#[tokio::test]
async fn a_text_names_its_message_in_the_callback() {
    let provider = provider();
    provider.always("POST", &path("Messages.json"), Reply::json(201, ACCEPTED));
    let accepted = client(&provider).send(permit(Purpose::AutoText)).await.unwrap();
    assert_eq!(accepted.provider_message, "SM0123456789abcdef0123456789abcdef");
    assert_eq!(accepted.status, DeliveryStatus::Queued);
    let [request] = asked(&provider).try_into().unwrap();
    let form = request.form();
    assert_eq!(field(&form, "To"), Some("+15124561234"));
    assert_eq!(field(&form, "From"), Some("+15124569999"));
    assert_eq!(field(&form, "Body"), Some(BODY));
    assert_eq!(field(&form, "ValidityPeriod"), Some("900"));
    assert_eq!(field(&form, "MessagingServiceSid"), None);
    let callback = field(&form, "StatusCallback").unwrap().split('#').next().unwrap();
    assert_eq!(
        routes::message_of(callback.strip_prefix("https://mccc.example").unwrap()),
        Some(message())
    );
    assert_eq!(
        request.header("authorization"),
        Some("Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0MGtlbg==")
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        request.header("content-length"),
        Some(request.body.len().to_string().as_str())
    );
}

#[tokio::test]
async fn a_service_and_an_api_key_are_used_when_set() {
    let provider = provider();
    provider.always("POST", &path("Messages.json"), Reply::json(201, ACCEPTED));
    let mut config = config(&provider.base_url());
    config.messaging_service = Some("MG1".to_owned());
    config.credentials = Credentials::ApiKey {
        key: "SK1".to_owned(),
        secret: Secret::new("s"),
    };
    client_with(config, TestClock::new())
        .send(permit(Purpose::Manual))
        .await
        .unwrap();
    let [request] = asked(&provider).try_into().unwrap();
    assert_eq!(field(&request.form(), "MessagingServiceSid"), Some("MG1"));
    assert_eq!(field(&request.form(), "From"), Some("+15124569999"));
    assert_eq!(field(&request.form(), "ValidityPeriod"), Some("36000"));
    assert_eq!(request.header("authorization"), Some("Basic U0sxOnM="));
}

#[tokio::test]
async fn a_message_is_looked_up_and_absence_is_an_answer() {
    let provider = provider();
    let delivered = ACCEPTED
        .replace(r#""queued""#, r#""undelivered""#)
        .replace(r#""error_code": null"#, r#""error_code": 30006"#);
    provider.script("GET", &path("Messages/SM1.json"), [Reply::json(200, &delivered)]);
    provider.script(
        "GET",
        &path("Messages/SM2.json"),
        [Reply::json(404, r#"{"code":20404,"status":404}"#)],
    );
    let client = client(&provider);
    let found = client.fetch("SM1").await.unwrap().unwrap();
    assert_eq!(
        (found.status, found.error_code, found.inbound),
        (DeliveryStatus::Undelivered, Some(30006), false)
    );
    assert_eq!((found.from, found.to), (CallerId::Present(ours()), Some(caller())));
    assert_eq!(found.created_at, Timestamp::parse("2026-07-01T17:00:00Z").unwrap());
    assert_eq!(found.body, BODY);
    assert_eq!(client.fetch("SM2").await.unwrap(), None);
    asked(&provider);
}

#[tokio::test]
async fn a_list_follows_the_providers_pages_and_drops_what_is_too_old() {
    let provider = provider();
    provider.script(
        "GET",
        &path("Messages.json"),
        [Reply::json(200, MESSAGES_1), Reply::json(200, MESSAGES_2)],
    );
    let query = MessageQuery {
        to: Some(caller()),
        from: Some(ours()),
        since: NOON.minus(Duration::from_secs(3600)),
        limit: 50,
    };
    let found = client(&provider).list(&query).await.unwrap();
    let sids: Vec<&str> = found.iter().map(|m| m.provider_message.as_str()).collect();
    assert_eq!(
        sids,
        ["SM3", "SM1"],
        "newest first, without the one of last week and the one without a date"
    );
    let [first, second] = asked(&provider).try_into().unwrap();
    assert_eq!(field(&first.query(), "To"), Some("+15124561234"));
    assert_eq!(field(&first.query(), "From"), Some("+15124569999"));
    assert_eq!(field(&first.query(), "PageSize"), Some("50"));
    assert_eq!(field(&second.query(), "PageToken"), Some("PASM2"));

    let everything = MessageQuery {
        from: None,
        limit: 1,
        ..query
    };
    provider.script("GET", &path("Messages.json"), [Reply::json(200, MESSAGES_1)]);
    assert_eq!(
        client(&provider).list(&everything).await.unwrap().len(),
        1,
        "no more than asked for"
    );
    let asked = asked(&provider);
    assert_eq!(field(&asked[2].query(), "DateSent>"), Some("2026-07-01"));
}

#[tokio::test]
async fn a_page_elsewhere_is_not_followed() {
    for link in [
        "https://evil.example/2010-04-01/x",
        "//evil.example/x",
        "http://127.0.0.1:1/x",
        "x.json",
    ] {
        let provider = provider();
        let page = format!(r#"{{"messages":[],"next_page_uri":"{link}"}}"#);
        provider.always("GET", &path("Messages.json"), Reply::json(200, &page));
        let query = MessageQuery {
            to: None,
            from: None,
            since: NOON,
            limit: 5,
        };
        assert_eq!(
            client(&provider).list(&query).await.unwrap_err().kind(),
            ErrorKind::Protocol,
            "{link}"
        );
        assert_eq!(provider.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let provider = provider();
    let page = format!(
        r#"{{"messages":[],"next_page_uri":"{}"}}"#,
        path("Messages.json?Page=1")
    );
    provider.always("GET", &path("Messages.json"), Reply::json(200, &page));
    let query = MessageQuery {
        to: None,
        from: None,
        since: NOON,
        limit: 5,
    };
    assert_eq!(client(&provider).list(&query).await.unwrap(), []);
    assert_eq!(provider.requests().len(), 20);
}

#[tokio::test]
async fn numbers_are_searched_by_area_code() {
    let provider = provider();
    provider.always(
        "GET",
        &path("AvailablePhoneNumbers/US/Local.json"),
        Reply::json(200, OFFERS),
    );
    let client = client(&provider);
    let query = NumberQuery {
        area_code: Some("512".to_owned()),
        limit: 5,
    };
    let offers = client.search_numbers(&query).await.unwrap();
    assert_eq!(offers.len(), 2);
    assert_eq!((offers[0].number, offers[0].sms), (ours(), true));
    assert_eq!(
        (offers[0].locality.as_deref(), offers[1].locality.as_deref()),
        (Some("Austin"), None)
    );
    assert!(!offers[1].sms);
    let [request] = asked(&provider).try_into().unwrap();
    assert_eq!(field(&request.query(), "AreaCode"), Some("512"));
    assert_eq!(field(&request.query(), "SmsEnabled"), Some("true"));
    let odd = NumberQuery {
        area_code: Some("51 2".to_owned()),
        limit: 5,
    };
    assert_eq!(client.search_numbers(&odd).await.unwrap_err().retry(), Retry::Never);
}

#[tokio::test]
async fn a_number_is_bought_with_every_address_set() {
    let provider = provider();
    provider.always("POST", &path("IncomingPhoneNumbers.json"), Reply::json(201, NUMBER));
    let bought = client(&provider).buy_number(&ours(), &setup()).await.unwrap();
    assert_eq!(bought, owned());
    let [request] = asked(&provider).try_into().unwrap();
    let form = request.form();
    for (name, value) in [
        ("PhoneNumber", "+15124569999"),
        (
            "VoiceUrl",
            "https://mccc.example/webhooks/twilio/voice#ct=2000&rc=2&rp=ct",
        ),
        (
            "VoiceFallbackUrl",
            "https://mccc.example/webhooks/twilio/voice/fallback",
        ),
        (
            "StatusCallback",
            "https://mccc.example/webhooks/twilio/voice/status#rc=3&rp=5xx,ct,rt",
        ),
        ("SmsUrl", "https://mccc.example/webhooks/twilio/sms#rc=3&rp=5xx,ct,rt"),
        (
            "SmsFallbackUrl",
            "https://mccc.example/webhooks/twilio/sms#rc=3&rp=5xx,ct,rt",
        ),
        ("VoiceMethod", "POST"),
        ("SmsMethod", "POST"),
    ] {
        assert_eq!(field(&form, name), Some(value), "{name}");
    }
    assert_eq!(field(&form, "FriendlyName").unwrap().chars().count(), 64);
}

#[tokio::test]
async fn an_owned_number_is_configured_only_if_nothing_else_takes_its_calls() {
    let elsewhere = NUMBER.replace("mccc.example/webhooks/twilio/sms", "old.example/sms");
    let taken = NUMBER.replace(r#""voice_application_sid": """#, r#""voice_application_sid": "AP1""#);
    let other = NUMBER.replace("+15124569999", "+15124569998");
    for (rows, expected) in [
        (vec![other.as_str(), NUMBER], Some(true)),
        (vec![elsewhere.as_str()], Some(false)),
        (vec![taken.as_str()], Some(false)),
        (vec![other.as_str()], None),
        (vec![], None),
    ] {
        let provider = provider();
        provider.always(
            "GET",
            &path("IncomingPhoneNumbers.json"),
            Reply::json(200, &numbers(&rows)),
        );
        let found = client(&provider).owned_number(&ours()).await.unwrap();
        assert_eq!(found.map(|number| number.configured), expected);
        asked(&provider);
    }
}

#[tokio::test]
async fn a_number_is_configured_and_read_back() {
    let provider = provider();
    provider.always("POST", &path("IncomingPhoneNumbers/PN1.json"), Reply::json(200, NUMBER));
    let elsewhere = NUMBER.replace("mccc.example", "old.example");
    let answers = [Reply::json(200, NUMBER), Reply::json(200, &elsewhere)];
    provider.script("GET", &path("IncomingPhoneNumbers/PN1.json"), answers);
    let client = client(&provider);
    assert_eq!(client.configure_number(&owned(), &setup()).await.unwrap(), owned());
    let error = client.configure_number(&owned(), &setup()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let asked = asked(&provider);
    for name in ["VoiceApplicationSid", "SmsApplicationSid", "TrunkSid"] {
        assert_eq!(field(&asked[0].form(), name), Some(""), "{name}");
    }
}

#[tokio::test]
async fn a_number_joins_the_service_without_losing_replies() {
    let provider = provider();
    provider.always("POST", &path("IncomingPhoneNumbers.json"), Reply::json(201, NUMBER));
    provider.always("POST", "/v1/Services/MG1", Reply::json(200, "{}"));
    let (kept, dropped) = (
        r#"{"use_inbound_webhook_on_number":true}"#,
        r#"{"use_inbound_webhook_on_number":false}"#,
    );
    provider.script(
        "GET",
        "/v1/Services/MG1",
        [
            Reply::json(200, kept),
            Reply::json(200, kept),
            Reply::json(200, dropped),
        ],
    );
    let already = Reply::json(409, r#"{"code":21710,"status":409}"#);
    provider.script(
        "POST",
        "/v1/Services/MG1/PhoneNumbers",
        [Reply::json(201, "{}"), already],
    );
    let mut config = config(&provider.base_url());
    config.messaging_service = Some("MG1".to_owned());
    let client = client_with(config, TestClock::new());
    for expected in [true, true, false] {
        assert_eq!(client.buy_number(&ours(), &setup()).await.unwrap().configured, expected);
    }
    let asked = asked(&provider);
    assert_eq!(field(&asked[1].form(), "UseInboundWebhookOnNumber"), Some("true"));
    assert_eq!(field(&asked[3].form(), "PhoneNumberSid"), Some("PN1"));
}

#[tokio::test]
async fn a_number_is_given_back_once() {
    let provider = provider();
    let gone = Reply::json(404, r#"{"code":20404,"status":404}"#);
    provider.script(
        "DELETE",
        &path("IncomingPhoneNumbers/PN1.json"),
        [Reply::status(204), gone],
    );
    let client = client(&provider);
    client.release_number(&owned()).await.unwrap();
    client.release_number(&owned()).await.unwrap();
    asked(&provider);
}

#[tokio::test]
async fn a_call_to_the_contractor_rings_and_reports() {
    let provider = provider();
    provider.always("POST", &path("Calls.json"), Reply::json(201, CALL));
    let client = client(&provider);
    let call = OutboundCall {
        to: caller(),
        from: ours(),
        ring_seconds: 40,
        say: "Forwarding & <test>".to_owned(),
        key: "test_0190".to_owned(),
    };
    let placed = client.place_call(&call).await.unwrap();
    assert_eq!(
        (placed.provider_call.as_str(), placed.status),
        ("CA1", CallStatus::Completed)
    );
    let [request] = asked(&provider).try_into().unwrap();
    let form = request.form();
    assert!(
        field(&form, "Twiml")
            .unwrap()
            .contains("<Say>Forwarding &amp; &lt;test&gt;</Say><Hangup/>")
    );
    assert_eq!(field(&form, "Timeout"), Some("40"));
    assert_eq!(
        field(&form, "StatusCallback"),
        Some("https://mccc.example/webhooks/twilio/calls/test_0190#rc=3&rp=5xx,ct,rt")
    );
    let events: Vec<&str> = form
        .iter()
        .filter(|(name, _)| name == "StatusCallbackEvent")
        .map(|(_, v)| v.as_str())
        .collect();
    assert_eq!(events, ["initiated", "ringing", "answered", "completed"]);
    for odd in [
        OutboundCall {
            say: "word ".repeat(900),
            ..call.clone()
        },
        OutboundCall {
            key: "a/b".to_owned(),
            ..call
        },
    ] {
        assert_eq!(client.place_call(&odd).await.unwrap_err().retry(), Retry::Never);
    }
}

#[tokio::test]
async fn a_call_that_is_over_is_hung_up_already() {
    let provider = provider();
    let over = Reply::json(
        400,
        r#"{"code":21220,"message":"Call is not in-progress","status":400}"#,
    );
    provider.script(
        "POST",
        &path("Calls/CA1.json"),
        [Reply::json(200, CALL), over, Reply::json(400, r#"{"code":21211}"#)],
    );
    let client = client(&provider);
    client.hang_up("CA1").await.unwrap();
    client.hang_up("CA1").await.unwrap();
    assert!(client.hang_up("CA1").await.is_err());
    assert_eq!(field(&asked(&provider)[0].form(), "Status"), Some("completed"));
}

#[tokio::test]
async fn calls_are_read_with_their_length_and_only_inbound_ones_listed() {
    let provider = provider();
    provider.script("GET", &path("Calls/CA1.json"), [Reply::json(200, CALL)]);
    provider.script("GET", &path("Calls/CA2.json"), [Reply::status(404)]);
    let outbound = CALL.replace(r#""inbound""#, r#""outbound-api""#);
    let old = CALL.replace("01 Jul 2026 17", "01 Jul 2026 03");
    let withheld = CALL
        .replace("CA1", "CA9")
        .replace("+15124561234", "+266696687")
        .replace("17:00:05", "17:00:09");
    let list = calls(&[CALL, &outbound, &old, &withheld]);
    provider.always("GET", &path("Calls.json"), Reply::json(200, &list));
    let client = client(&provider);
    let call = client.fetch_call("CA1").await.unwrap().unwrap();
    assert_eq!(
        (call.from, call.to, call.duration_seconds),
        (CallerId::Present(caller()), Some(ours()), Some(31))
    );
    assert_eq!(call.started_at, Some(Timestamp::parse("2026-07-01T17:00:05Z").unwrap()));
    assert_eq!(client.fetch_call("CA2").await.unwrap(), None);
    let listed = client
        .list_calls(&ours(), NOON.minus(Duration::from_secs(3600)))
        .await
        .unwrap();
    let sids: Vec<&str> = listed.iter().map(|call| call.provider_call.as_str()).collect();
    assert_eq!(sids, ["CA9", "CA1"]);
    assert_eq!(listed[0].from, CallerId::Anonymous);
    let asked = asked(&provider);
    assert_eq!(field(&asked[2].query(), "StartTime>"), Some("2026-07-01"));
}

#[tokio::test]
async fn a_line_type_is_looked_up() {
    let provider = provider();
    let answer =
        r#"{"valid":true,"line_type_intelligence":{"type":"nonFixedVoip","carrier_name":"X","error_code":null}}"#;
    let answers = [
        Reply::json(200, answer),
        Reply::json(200, r#"{"valid":false,"line_type_intelligence":null}"#),
        Reply::json(404, r#"{"code":20404,"status":404}"#),
    ];
    provider.script("GET", "/v2/PhoneNumbers/*", answers);
    let client = client(&provider);
    let report = client.look_up(&caller()).await.unwrap();
    assert_eq!((report.line_type, report.valid), (LineType::NonFixedVoip, true));
    for _ in 0..2 {
        let report = client.look_up(&caller()).await.unwrap();
        assert_eq!((report.line_type, report.valid), (LineType::Unknown, false));
    }
    assert_eq!(
        client.look_up(&caller()).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    let asked = asked(&provider);
    assert_eq!(asked[0].path(), "/v2/PhoneNumbers/%2B15124561234");
    assert_eq!(field(&asked[0].query(), "Fields"), Some("line_type_intelligence"));
}

#[tokio::test]
async fn a_recording_is_streamed_and_credentials_stay_with_the_provider() {
    let provider = provider();
    let elsewhere = format!("{}/stored", provider.base_url());
    let redirect = Reply::status(307).header("Location", &elsewhere);
    let stray = Reply::status(307).header("Location", "http://evil.example/x");
    provider.script(
        "GET",
        &path("Recordings/RE1.mp3"),
        [redirect, Reply::status(404), stray],
    );
    provider.always("GET", "/stored", Reply::body(200, "audio/mpeg", b"ID3 sound"));
    let client = client(&provider);
    let mut media = client.open_recording("RE1", AudioFormat::Mp3).await.unwrap();
    assert_eq!((media.content_type(), media.len()), (Some("audio/mpeg"), Some(9)));
    let mut sound = Vec::new();
    while let Some(piece) = media.chunk().await.unwrap() {
        sound.extend_from_slice(&piece);
    }
    assert_eq!(sound, b"ID3 sound");
    let early = client.open_recording("RE1", AudioFormat::Mp3).await.unwrap_err();
    assert_eq!((early.kind(), early.retry()), (ErrorKind::NotFound, Retry::Backoff));
    assert_eq!(
        client.open_recording("RE1", AudioFormat::Mp3).await.unwrap_err().kind(),
        ErrorKind::Protocol
    );
    let asked = provider.requests();
    assert!(asked[0].header("authorization").is_some());
    assert_eq!((asked[1].path(), asked[1].header("authorization")), ("/stored", None));
    provider.script(
        "DELETE",
        &path("Recordings/RE1.json"),
        [Reply::status(204), Reply::status(404)],
    );
    client.delete_recording("RE1").await.unwrap();
    client.delete_recording("RE1").await.unwrap();
}

#[tokio::test]
async fn credentials_are_checked_without_changing_anything() {
    let provider = provider();
    let refused = Reply::json(401, r#"{"code":20003,"status":401}"#);
    provider.script(
        "GET",
        &path("IncomingPhoneNumbers.json"),
        [Reply::json(200, &numbers(&[])), refused],
    );
    let client = client(&provider);
    client.check_credentials().await.unwrap();
    assert_eq!(
        client.check_credentials().await.unwrap_err().kind(),
        ErrorKind::Unauthenticated
    );
    asked(&provider);
    assert!(!format!("{client:?}").contains("t0ken"));
}
