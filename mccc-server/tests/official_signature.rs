//! Requests signed by Twilio's own library are taken by the real program, and altered ones are not.
//!
//! The library is an npm package that `./test` installs next to `official/sign.js`. Without it the tests are skipped,
//! unless `MCCC_REQUIRE_TWILIO_HELPER` is set, as it is there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{ACCOUNT, Database, OURS, PUBLIC, Server, TOKEN, World, call_fields, caller, sid};

/// A request as the library signed it.
struct Signed {
    url: String,
    signature: String,
}

/// Lets the library sign requests; nothing when it is not installed.
fn sign(requests: &Value) -> Option<Vec<Signed>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official");
    if !folder.join("node_modules/twilio").exists() {
        assert!(
            std::env::var_os("MCCC_REQUIRE_TWILIO_HELPER").is_none(),
            "Twilio's library is missing; run npm ci in {}",
            folder.display()
        );
        eprintln!("SKIPPED official_signature: Twilio's library is not installed");
        return None;
    }
    let mut node = Command::new("node")
        .arg(folder.join("sign.js"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin
        .take()
        .unwrap()
        .write_all(requests.to_string().as_bytes())
        .unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), requests.as_array().unwrap().len());
    let signed = rows.iter().map(|row| {
        assert_eq!(
            row["accepted"], true,
            "the library does not accept its own signature: {row}"
        );
        Signed {
            url: row["url"].as_str().unwrap().to_owned(),
            signature: row["signature"].as_str().unwrap().to_owned(),
        }
    });
    Some(signed.collect())
}

/// Path and query of an address below the public one.
fn target(url: &str) -> &str {
    let rest = url.strip_prefix("https://").unwrap();
    rest.find('/').map_or("/", |at| &rest[at..])
}

async fn json_post(server: &Server, signed: &Signed, body: &str) -> u16 {
    let answer = server
        .client
        .post(format!("{}{}", server.base, target(&signed.url)))
        .header("X-Twilio-Signature", &signed.signature)
        .header("Content-Type", "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    answer.status().as_u16()
}

fn form<'a>(fields: &[(&'a str, &'a str)]) -> Value {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_signed_by_the_official_library_are_taken_and_altered_ones_are_not() {
    const VOICE: &str = "/webhooks/twilio/voice";
    let (from, text_from) = (caller(1), caller(2));
    let (call, text) = (sid("CA", 1), sid("SM", 1));
    let mut voice = call_fields(&call, &from);
    voice.extend([
        ("CallerName", "O'Brien & Söhne <ñ> + 100%"),
        ("FromCity", ""),
        ("StirVerstat", "TN-Validation-Passed-A"),
    ]);
    let sms = vec![
        ("MessageSid", text.as_str()),
        ("AccountSid", ACCOUNT),
        ("From", &text_from),
        ("To", OURS),
        ("Body", "¿Mañana?\n日本 🔧 a+b=c & d%20e"),
        ("NumMedia", "0"),
    ];
    let request = |token: &str, url: String, fields: &[(&str, &str)]| json!({ "token": token, "url": url, "params": form(fields) });
    let requests = json!([
        request(TOKEN, format!("{PUBLIC}{VOICE}"), &voice),
        request(TOKEN, format!("{PUBLIC}:443{VOICE}"), &voice),
        request(TOKEN, format!("{PUBLIC}/webhooks/twilio/sms"), &sms),
        request("another token", format!("{PUBLIC}{VOICE}"), &voice),
        request(TOKEN, format!("https://elsewhere.example{VOICE}"), &voice),
    ]);
    let Some(signed) = sign(&requests) else { return };
    let world = World::new("official", Database::Sqlite).await;
    let server = world.serve();

    // The server sits behind a proxy: it is asked on this machine and signed for under its public address.
    for genuine in &signed[..2] {
        let (status, twiml) = server.posted(VOICE, &voice, &genuine.signature).await.unwrap();
        assert_eq!(status, 200, "{}", genuine.url);
        assert!(twiml.contains("<Response>"), "{twiml}");
    }
    let (status, _) = server
        .posted("/webhooks/twilio/sms", &sms, &signed[2].signature)
        .await
        .unwrap();
    assert_eq!(status, 200);

    let genuine = &signed[0].signature;
    for field in 0..voice.len() {
        let mut altered = voice.clone();
        altered[field].1 = match altered[field].0 {
            "To" => OURS,
            _ => "altered",
        };
        if altered == voice || altered[field].0 == "AccountSid" {
            continue;
        }
        let (status, body) = server.posted(VOICE, &altered, genuine).await.unwrap();
        assert_eq!((status, body.as_str()), (403, ""), "{} was altered", altered[field].0);
    }
    let mut more = voice.clone();
    more.push(("Digits", "1"));
    assert_eq!(server.posted(VOICE, &more, genuine).await.unwrap().0, 403);
    // Right for another address, token or host.
    assert_eq!(
        server
            .posted("/webhooks/twilio/voice/status", &voice, genuine)
            .await
            .unwrap()
            .0,
        403
    );
    for forged in &signed[3..] {
        assert_eq!(
            server.posted(VOICE, &voice, &forged.signature).await.unwrap().0,
            403,
            "{}",
            forged.url
        );
    }
    // A proxy's headers do not change what the signature must be for.
    let answer = server
        .client
        .post(format!("{}{VOICE}", server.base))
        .header("X-Twilio-Signature", &signed[4].signature)
        .header("X-Forwarded-Host", "elsewhere.example")
        .header("X-Forwarded-Proto", "https")
        .header("Forwarded", "host=elsewhere.example;proto=https")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(mccc_test::twilio_sign::form_body(&voice))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 403);

    let (business, key) = world.api_access();
    let calls = server.get(&key, &format!("/api/v1/businesses/{business}/calls")).await;
    assert_eq!(calls["items"].as_array().map(Vec::len), Some(1), "{calls:#}");
    assert_eq!(calls["items"][0]["caller"]["number"], from.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn json_signed_by_the_official_library_is_taken_and_altered_json_is_not() {
    const RECORDED: &str = "/webhooks/twilio/voice/recorded";
    let body = json!({ "AccountSid": ACCOUNT, "note": "ñ 日本 🔧 \"quoted\" \n", "list": [1, 2.5, null] }).to_string();
    let requests = json!([
        { "token": TOKEN, "url": format!("{PUBLIC}{RECORDED}"), "body": body },
        { "token": TOKEN, "url": format!("{PUBLIC}{RECORDED}?a=1&b=%2B2"), "body": body },
        { "token": "another token", "url": format!("{PUBLIC}{RECORDED}"), "body": body },
    ]);
    let Some(signed) = sign(&requests) else { return };
    let world = World::new("official-json", Database::Sqlite).await;
    let server = world.serve();
    for genuine in &signed[..2] {
        assert_eq!(json_post(&server, genuine, &body).await, 200, "{}", genuine.url);
        for altered in [
            body.replace("2.5", "2.6"),
            format!("{body} "),
            String::new(),
            "{}".to_owned(),
        ] {
            assert_eq!(json_post(&server, genuine, &altered).await, 403, "{altered}");
        }
        // Another hash than the signed one, of a body that fits it.
        let mut rehashed =
            sign(&json!([{ "token": "x", "url": format!("{PUBLIC}{RECORDED}"), "body": "{}" }])).unwrap();
        rehashed[0].signature.clone_from(&genuine.signature);
        assert_eq!(json_post(&server, &rehashed[0], "{}").await, 403);
    }
    assert_eq!(json_post(&server, &signed[2], &body).await, 403);
}
