//! The core's answers to a call, as documents.

use mccc_core::PhoneNumber;
use mccc_core::calls::{Spoken, VoiceReply};

use super::{Record, RejectReason, Say, Twiml};
use crate::routes;

/// Most `<Say>` elements for one spoken text. Three hold ten minutes of speech and keep every document short enough to
/// be read by the provider.
const PIECES: usize = 3;
/// Silence after the announcement of a forwarding test.
const TEST_PAUSE_SECONDS: u8 = 3;

/// The document for `reply` to a call of `ours`; `public_base_url` is the address the provider was told, without a
/// trailing slash.
///
/// Always a valid document: speech beyond ten minutes is left out.
#[must_use]
pub fn render(reply: &VoiceReply, public_base_url: &str, ours: &PhoneNumber) -> String {
    let document = match reply {
        VoiceReply::Voicemail {
            greeting,
            max_seconds,
            goodbye,
        } => Twiml::new()
            .say(say(greeting))
            .record(record(public_base_url, ours).max_seconds(*max_seconds), say(goodbye)),
        VoiceReply::Say { words } => Twiml::new().say(say(words)).hang_up(),
        VoiceReply::Reject { busy: true } => Twiml::new().reject(RejectReason::Busy),
        VoiceReply::Reject { busy: false } => Twiml::new().reject(RejectReason::Rejected),
        VoiceReply::TestArrived { words } => Twiml::new().say(say(words)).pause(TEST_PAUSE_SECONDS).hang_up(),
    };
    document.write()
}

/// The answer once a message was recorded: the call is over.
#[must_use]
pub fn after_recording() -> String {
    Twiml::new().hang_up().write()
}

/// The answer when nothing is known about the call, because everything behind us is away: take a message.
#[must_use]
pub fn last_resort(public_base_url: &str, ours: &PhoneNumber) -> String {
    let greeting = Say::new("Sorry, nobody can take your call right now. Please leave a message after the tone.");
    Twiml::new()
        .say(greeting)
        .record(record(public_base_url, ours), Say::new("Goodbye."))
        .write()
}

/// The answer to a call that is not ours to take: refused, and not billed.
#[must_use]
pub fn reject() -> String {
    Twiml::new().reject(RejectReason::Rejected).write()
}

/// The answer to a text: nothing. What we write goes out by the gateway, never by this reply.
#[must_use]
pub fn nothing() -> String {
    Twiml::new().write()
}

fn record(base: &str, ours: &PhoneNumber) -> Record {
    Record::new(
        format!("{base}{}", routes::RECORDED),
        format!(
            "{base}{}/{}{}",
            routes::RECORDING_STATUS,
            ours.digits(),
            routes::RETRIED
        ),
    )
}

fn say(words: &Spoken) -> Say {
    let say = Say::new(words.text.as_str()).language(&words.language);
    match &words.voice {
        Some(voice) => say.voice(voice),
        None => say,
    }
    .at_most(PIECES)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::MAX_DOCUMENT_BYTES;
    use super::*;

    fn ours() -> PhoneNumber {
        PhoneNumber::parse("+15125550199").unwrap()
    }

    const BASE: &str = "https://mccc.example";
    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

    #[test]
    fn a_voicemail_greets_records_and_ends() {
        let reply = VoiceReply::Voicemail {
            greeting: Spoken {
                voice: Some("Polly.Ruth-Neural".to_owned()),
                ..Spoken::english("Hi & welcome")
            },
            max_seconds: 90,
            goodbye: Spoken::english("Bye"),
        };
        let document = render(&reply, BASE, &ours());
        let expected = [
            r#"<Response><Say voice="Polly.Ruth-Neural" language="en-US">Hi &amp; welcome</Say><Record "#,
            r#"action="https://mccc.example/webhooks/twilio/voice/recorded""#,
            r#"maxLength="90""#,
            r#"recordingStatusCallback="https://mccc.example/webhooks/twilio/recording/15125550199#rc=3&amp;rp=5xx,ct,rt""#,
            r#"/><Say language="en-US">Bye</Say><Hangup/></Response>"#,
        ];
        let mut rest = document.as_str();
        for part in expected {
            let at = rest
                .find(part)
                .unwrap_or_else(|| panic!("{part} is missing in {document}"));
            rest = &rest[at + part.len()..];
        }
    }

    #[test]
    fn the_other_answers_read_as_expected() {
        let words = Spoken::english("Done");
        let cases = [
            (
                VoiceReply::Reject { busy: true },
                r#"<Response><Reject reason="busy"/></Response>"#,
            ),
            (
                VoiceReply::Reject { busy: false },
                r#"<Response><Reject reason="rejected"/></Response>"#,
            ),
            (
                VoiceReply::Say { words: words.clone() },
                r#"<Response><Say language="en-US">Done</Say><Hangup/></Response>"#,
            ),
            (
                VoiceReply::TestArrived { words },
                r#"<Response><Say language="en-US">Done</Say><Pause length="3"/><Hangup/></Response>"#,
            ),
        ];
        for (reply, expected) in cases {
            assert_eq!(render(&reply, BASE, &ours()), format!("{HEAD}{expected}"));
        }
        assert_eq!(after_recording(), format!("{HEAD}<Response><Hangup/></Response>"));
        assert!(
            last_resort(BASE, &ours())
                .contains("<Record action=\"https://mccc.example/webhooks/twilio/voice/recorded\"")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn no_greeting_makes_a_document_that_is_not_read(
            text in proptest::collection::vec(prop_oneof![Just('&'), Just('a'), Just(' '), Just('é'), Just('😀')], 0..20_000)
        ) {
            let words = Spoken::english(text.iter().collect::<String>());
            let reply = VoiceReply::Voicemail { greeting: words.clone(), max_seconds: 120, goodbye: words };
            prop_assert!(render(&reply, BASE, &ours()).len() <= MAX_DOCUMENT_BYTES);
        }
    }
}
