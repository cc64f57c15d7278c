//! Whatever is put into a document, it is well-formed XML and says the same words.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test reads the document back"
)]

use mccc_twilio::twiml::{MAX_DOCUMENT_BYTES, Record, RejectReason, Say, Twiml, Verb};
use proptest::prelude::*;
use quick_xml::XmlVersion;
use quick_xml::events::Event;

/// Elements in order, each with its attributes and text.
type Elements = Vec<(String, Vec<(String, String)>, String)>;

fn read(document: &str) -> Elements {
    let mut reader = quick_xml::Reader::from_str(document);
    let mut elements: Elements = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(e) | Event::Empty(e) => {
                let attributes = e
                    .attributes()
                    .map(|a| {
                        let a = a.expect("well-formed attribute");
                        let value = a.normalized_value(XmlVersion::Implicit1_0).expect("value").into_owned();
                        (a.key.as_ref().to_owned(), value)
                    })
                    .collect();
                elements.push((e.name().as_ref().to_owned(), attributes, String::new()));
            }
            Event::Text(text) => {
                if let Some(last) = elements.last_mut() {
                    last.2.push_str(&text.xml_content(XmlVersion::Implicit1_0));
                }
            }
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref().expect("reference") {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .expect("entity")
                        .to_owned(),
                };
                elements.last_mut().expect("inside an element").2.push_str(&c);
            }
            Event::Eof => return elements,
            Event::End(_) | Event::Decl(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn legal(text: &str) -> String {
    let keep = |c: &char| !matches!(u32::from(*c), 0x0..=0x8 | 0xB | 0xC | 0xE..=0x1F | 0xFFFE | 0xFFFF);
    text.chars().filter(keep).collect()
}

fn attribute<'a>(element: &'a (String, Vec<(String, String)>, String), name: &str) -> Option<&'a str> {
    element
        .1
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn nasty() -> impl Strategy<Value = String> {
    let characters = prop_oneof![
        proptest::char::any(),
        Just('<'),
        Just('&'),
        Just('"'),
        Just('\''),
        Just(']'),
        Just('\r'),
        Just('\n'),
        Just('\u{0}'),
        Just('\u{fffe}'),
        Just(' '),
    ];
    proptest::collection::vec(characters, 0..300).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn words_survive_any_characters(text in nasty()) {
        let document = Twiml::new().say(Say::new(text.clone())).hang_up().render().unwrap();
        let elements = read(&document);
        let said: String = elements.iter().filter(|e| e.0 == "Say").map(|e| e.2.as_str()).collect();
        let expected = legal(&text);
        if expected.chars().all(char::is_whitespace) {
            prop_assert_eq!(said, "");
        } else {
            prop_assert_eq!(said, expected);
        }
        prop_assert_eq!(&elements.last().unwrap().0, "Hangup");
    }

    #[test]
    fn addresses_survive_any_characters(url in nasty(), seconds in any::<u16>()) {
        let record = Record::new(url.clone(), "/status").max_seconds(seconds);
        let document = Twiml::new().record(record, Say::new("Goodbye")).render().unwrap();
        let elements = read(&document);
        let record = elements.iter().find(|e| e.0 == "Record").unwrap();
        let expected = legal(&url);
        prop_assert_eq!(attribute(record, "action"), Some(expected.as_str()));
        let longest: u32 = attribute(record, "maxLength").unwrap().parse().unwrap();
        prop_assert!((2..=14_400).contains(&longest));
        prop_assert_eq!(attribute(record, "finishOnKey"), Some("#"));
        prop_assert_eq!(attribute(record, "recordingStatusCallback"), Some("/status"));
    }

    #[test]
    fn long_words_are_cut_to_what_the_provider_takes(
        text in "[a-z&é ]{0,12000}", voice in prop_oneof![Just(""), Just("Polly.Ruth-Neural"), Just("Google.en-US-Neural2-A")]
    ) {
        let document = Twiml::new().say(Say::new(text.clone()).voice(voice)).render().unwrap_or_default();
        let most = match voice { "" => 4096, "Polly.Ruth-Neural" => 3000, _ => 5000 };
        let mut said = String::new();
        for element in read(&document).into_iter().filter(|e| e.0 == "Say") {
            prop_assert!(element.2.chars().count() <= most);
            prop_assert!(form_urlencoded::byte_serialize(element.2.as_bytes()).collect::<String>().len() <= 4500);
            said.push_str(&element.2);
        }
        prop_assert_eq!(said.split_whitespace().collect::<String>(), text.split_whitespace().collect::<String>());
    }
}

#[test]
fn a_document_that_is_too_long_is_refused() {
    let long = Twiml::new().say(Say::new("word ".repeat(MAX_DOCUMENT_BYTES)));
    assert!(long.render().is_err());
}

#[test]
fn the_documents_read_as_expected() {
    let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    assert_eq!(Twiml::new().render().unwrap(), format!("{head}<Response/>"));
    assert_eq!(Twiml::new().render().unwrap(), mccc_twilio::twiml::EMPTY);
    let reject = Twiml::new().reject(RejectReason::Busy).render().unwrap();
    assert_eq!(reject, format!(r#"{head}<Response><Reject reason="busy"/></Response>"#));
    let voicemail = Twiml::new()
        .say(Say::new("Bob & Sons").voice("Polly.Ruth-Neural").language("en-US"))
        .pause(1)
        .record(
            Record::new("/done", "/status").max_seconds(90),
            Say::new("Bye").voice("no such \"voice\""),
        )
        .then(Verb::Redirect {
            url: "/x?a=1&b=2".to_owned(),
        })
        .then(Verb::Play {
            url: "/a.mp3".to_owned(),
        })
        .render()
        .unwrap();
    assert_eq!(
        voicemail,
        format!(
            "{head}<Response><Say voice=\"Polly.Ruth-Neural\" language=\"en-US\">Bob &amp; Sons</Say>\
             <Pause length=\"1\"/><Record action=\"/done\" method=\"POST\" timeout=\"5\" finishOnKey=\"#\" \
             maxLength=\"90\" playBeep=\"true\" recordingStatusCallback=\"/status\" \
             recordingStatusCallbackMethod=\"POST\" recordingStatusCallbackEvent=\"completed absent\"/>\
             <Say>Bye</Say><Hangup/><Redirect method=\"POST\">/x?a=1&amp;b=2</Redirect><Play>/a.mp3</Play></Response>"
        )
    );
}
