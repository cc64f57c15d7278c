//! Verbs in order, written as XML.

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::escape;
use super::verb::{Record, RejectReason, Say, Verb};

/// Longest document that the provider reads, in bytes (its error 11750 beyond).
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// A document: verbs that are carried out one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twiml {
    verbs: Vec<Verb>,
}

/// The document is longer than the provider reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document is longer than {MAX_DOCUMENT_BYTES} bytes")]
pub struct TwimlTooLong;

impl Twiml {
    /// A document without verbs; as an answer to a call it hangs up.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a verb.
    #[must_use]
    pub fn then(mut self, verb: Verb) -> Self {
        self.verbs.push(verb);
        self
    }

    /// Speaks.
    #[must_use]
    pub fn say(self, say: Say) -> Self {
        self.then(Verb::Say(say))
    }

    /// Is silent for so many seconds.
    #[must_use]
    pub fn pause(self, seconds: u8) -> Self {
        self.then(Verb::Pause { seconds })
    }

    /// Records the caller, then says `if_silent` to one who left nothing and hangs up.
    #[must_use]
    pub fn record(self, record: Record, if_silent: Say) -> Self {
        self.then(Verb::Record(record)).say(if_silent).hang_up()
    }

    /// Does not answer the call.
    #[must_use]
    pub fn reject(self, reason: RejectReason) -> Self {
        self.then(Verb::Reject(reason))
    }

    /// Ends the call.
    #[must_use]
    pub fn hang_up(self) -> Self {
        self.then(Verb::Hangup)
    }

    /// The document as XML.
    ///
    /// # Errors
    /// [`TwimlTooLong`] when the provider would not read it to the end.
    pub fn render(&self) -> Result<String, TwimlTooLong> {
        let document = self.write();
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(TwimlTooLong);
        }
        Ok(document)
    }

    pub(super) fn write(&self) -> String {
        let mut xml = Xml(Writer::new(Vec::with_capacity(512)));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        if self.verbs.is_empty() {
            xml.empty("Response", &[]);
        } else {
            xml.event(Event::Start(BytesStart::new("Response")));
            for verb in &self.verbs {
                write_verb(&mut xml, verb);
            }
            xml.event(Event::End(BytesEnd::new("Response")));
        }
        String::from_utf8(xml.0.into_inner()).unwrap_or_default()
    }
}

fn write_verb(xml: &mut Xml, verb: &Verb) {
    match verb {
        Verb::Say(say) => write_say(xml, say),
        Verb::Play { url } => xml.element("Play", &[], url),
        Verb::Pause { seconds } => xml.empty("Pause", &[("length", &seconds.to_string())]),
        Verb::Record(record) => write_record(xml, record),
        Verb::Reject(reason) => {
            let reason = match reason {
                RejectReason::Rejected => "rejected",
                RejectReason::Busy => "busy",
            };
            xml.empty("Reject", &[("reason", reason)]);
        }
        Verb::Redirect { url } => xml.element("Redirect", &[("method", "POST")], url),
        Verb::Hangup => xml.empty("Hangup", &[]),
    }
}

fn write_say(xml: &mut Xml, say: &Say) {
    let voice = say.voice.as_deref().map(|voice| ("voice", voice));
    let language = say.language.as_deref().map(|language| ("language", language));
    let attributes: Vec<_> = voice.into_iter().chain(language).collect();
    for piece in say.pieces() {
        xml.element("Say", &attributes, piece);
    }
}

fn write_record(xml: &mut Xml, record: &Record) {
    xml.empty(
        "Record",
        &[
            ("action", &record.action),
            ("method", "POST"),
            ("timeout", &record.silence_seconds.to_string()),
            ("finishOnKey", "#"),
            ("maxLength", &record.max_seconds.to_string()),
            ("playBeep", "true"),
            ("recordingStatusCallback", &record.status_callback),
            ("recordingStatusCallbackMethod", "POST"),
            ("recordingStatusCallbackEvent", "completed absent"),
        ],
    );
}

/// A writer into memory, which cannot fail.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    #[expect(clippy::expect_used, reason = "writing to a Vec never returns an error")]
    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes every byte");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(start(name, attributes)));
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.event(Event::Start(start(name, attributes)));
        self.event(Event::Text(BytesText::from_escaped(escape::text(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute(Attribute {
            key: QName(key),
            value: escape::attribute(value),
        });
    }
    start
}
