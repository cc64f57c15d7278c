//! What each thing is called, in the templates of the product.

use super::{About, Action, ChannelKind, Fact, Notice, NoticeKind};
use crate::appointments::{Appointment, AppointmentSource};
use crate::business::Owner;
use crate::conversation::{Urgency, urgency_of};
use crate::messages::{segments, typography};
use crate::{CallId, ConversationId, PhoneNumber, Timestamp};

/// Characters of what a caller said that fit into a text.
const QUOTED_IN_TEXT: usize = 160;
/// Characters of what a caller said elsewhere.
const QUOTED: usize = 2_000;
/// Most segments of a text to the contractor.
const MOST_SEGMENTS: usize = 3;

/// Everything that is known of a thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// What it is, by name.
    pub about: About,
    /// What kind of thing.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: Timestamp,
    /// Who called or wrote.
    pub caller: Option<PhoneNumber>,
    /// Their name.
    pub name: Option<String>,
    /// The thing in a sentence, as the task says it.
    pub sentence: Option<String>,
    /// What the caller wrote or said.
    pub said: Option<String>,
    /// How long the message is that they left, in seconds.
    pub voicemail_seconds: Option<u32>,
    /// What became of the caller so far.
    pub response: Option<&'static str>,
    /// Until when something was promised.
    pub due_at: Option<Timestamp>,
    /// The call.
    pub call: Option<CallId>,
    /// The thread.
    pub conversation: Option<ConversationId>,
    /// The appointment.
    pub appointment: Option<Box<Appointment>>,
}

impl Matter {
    /// A thing of which nothing else is known yet.
    #[must_use]
    pub const fn new(about: About, kind: NoticeKind, at: Timestamp) -> Self {
        Self {
            about,
            kind,
            at,
            caller: None,
            name: None,
            sentence: None,
            said: None,
            voicemail_seconds: None,
            response: None,
            due_at: None,
            call: None,
            conversation: None,
            appointment: None,
        }
    }

    /// Who it is about: `Dana (555) 867-5309`.
    fn who(&self) -> String {
        let number = self.caller.map(|phone| phone.national());
        match (&self.name, number) {
            (Some(name), Some(number)) => format!("{name} {number}"),
            (Some(name), None) => name.clone(),
            (None, Some(number)) => number,
            (None, None) => "A caller without a number".to_owned(),
        }
    }

    /// How urgent the caller's own words make it; nothing without a transcript.
    fn urgency(&self) -> Option<Urgency> {
        let spoken = self.said.as_deref().filter(|_| self.kind == NoticeKind::Voicemail);
        spoken.map(urgency_of)
    }

    /// Whether it cannot wait: by its kind, or by what the caller said.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.kind.is_urgent() || self.urgency() == Some(Urgency::Emergency)
    }

    /// The line a summary has for it.
    #[must_use]
    pub fn line(&self, owner: &Owner) -> String {
        body(owner, self)
    }
}

/// A notice for one channel. `base` is the public address of the installation; without one nothing can be linked.
#[must_use]
pub fn notice(owner: &Owner, base: &str, matter: &Matter, channel: ChannelKind) -> Notice {
    let link = link(owner, base, matter);
    Notice {
        key: format!("{}/{}/{}", owner.business, matter.about.key(), channel.name()),
        business: owner.business,
        kind: matter.kind,
        urgent: matter.is_urgent(),
        title: format!("{} — {}", headline(matter.kind), owner.settings.profile.name),
        facts: facts(owner, matter),
        quote: matter.said.as_deref().map(|said| cut(said, QUOTED)),
        text: text(owner, matter, link.as_deref()),
        actions: actions(matter, link.as_deref()),
        link,
    }
}

const fn headline(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Emergency => "🚨 Emergency",
        NoticeKind::ReplyNeeded => "💬 Waiting for Your Answer",
        NoticeKind::Callback => "📞 Call Back",
        NoticeKind::Voicemail => "🎤 New Voicemail",
        NoticeKind::MissedCall => "📵 Missed Call",
        NoticeKind::AppointmentBooked => "📅 New Appointment",
        NoticeKind::AppointmentMoved => "📅 Appointment Moved",
        NoticeKind::AppointmentCancelled => "📅 Appointment Called Off",
        NoticeKind::BookingFailed => "📅 Booking Failed",
        NoticeKind::TextFailed => "⚠️ Text Not Delivered",
        NoticeKind::OptedOut => "🚫 Caller Opted Out",
        NoticeKind::VerificationCode => "🔢 Code From Your Phone Company",
        NoticeKind::CalendarLost => "⚠️ Calendar Disconnected",
        NoticeKind::PromiseDue => "⏰ Promise About to Break",
        NoticeKind::Away => "🌙 While You Were Away",
        NoticeKind::Test => "✅ Test",
    }
}

fn facts(owner: &Owner, matter: &Matter) -> Vec<Fact> {
    let zone = owner.zone();
    let fact = |label, value| Fact { label, value };
    let mut facts = Vec::new();
    if matter.kind != NoticeKind::Away && (matter.caller.is_some() || matter.name.is_some()) {
        facts.push(fact("Caller", matter.who()));
    }
    facts.push(fact("Time", zone.spoken_time(matter.at)));
    facts.extend(
        matter
            .voicemail_seconds
            .map(|seconds| fact("Duration", length(seconds))),
    );
    facts.extend(
        matter
            .urgency()
            .map(|urgency| fact("Urgency", urgency.name().to_owned())),
    );
    facts.extend(matter.response.map(|response| fact("Response", response.to_owned())));
    if let Some(row) = &matter.appointment {
        facts.push(fact("Appointment", when(owner, row.starts_at)));
        facts.extend(row.service.clone().map(|service| fact("Service", service)));
        facts.extend(row.location.clone().map(|place| fact("Where", place)));
    }
    facts.extend(matter.due_at.map(|due| fact("Promised by", zone.spoken_time(due))));
    facts
}

/// The day and hour of an appointment: `Tuesday, March 4 at 2:00 PM`.
fn when(owner: &Owner, at: Timestamp) -> String {
    let local = owner.zone().to_local(at);
    format!(
        "{} at {}",
        local.day.to_date().strftime("%A, %B %-d"),
        local.clock_12h()
    )
}

/// Minutes and seconds: `0:42`.
fn length(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The first characters of what was said, on one line where it has to be.
fn cut(said: &str, most: usize) -> String {
    if said.chars().count() <= most {
        return said.to_owned();
    }
    let head: String = said.chars().take(most).collect();
    format!("{}...", head.trim_end())
}

fn quoted(matter: &Matter) -> Option<String> {
    let said = matter.said.as_deref()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!said.is_empty()).then(|| cut(&said, QUOTED_IN_TEXT))
}

/// The thing in words, without a link.
fn body(owner: &Owner, matter: &Matter) -> String {
    let business = &owner.settings.profile.name;
    let who = matter.who();
    let clock = owner.zone().to_local(matter.at).clock_12h();
    let said = quoted(matter).map(|said| format!("'{said}'"));
    let sentence = |otherwise: &str| matter.sentence.clone().unwrap_or_else(|| otherwise.to_owned());
    match matter.kind {
        NoticeKind::Emergency => match said {
            Some(said) => format!("EMERGENCY at {business}: {who} wrote {said}. Call now."),
            None => format!("EMERGENCY at {business}: {who}. Call now."),
        },
        NoticeKind::ReplyNeeded => match said {
            Some(said) => format!("{business}: {who} wrote {said} and waits for your answer."),
            None => format!("{business}: {who} waits for your answer."),
        },
        NoticeKind::Voicemail => match (said, matter.voicemail_seconds) {
            (Some(said), _) => format!("{business} Voicemail from {who} at {clock}: {said}"),
            (None, Some(seconds)) => {
                format!("{business} Voicemail from {who} at {clock}, {} long.", length(seconds))
            }
            (None, None) => format!("{business} Voicemail from {who} at {clock}."),
        },
        NoticeKind::MissedCall => match matter.response {
            Some(response) => format!("{business}: missed call from {who} at {clock}. {response}."),
            None => format!("{business}: missed call from {who} at {clock}."),
        },
        NoticeKind::AppointmentBooked => appointment_words(owner, matter, "New appointment booked"),
        NoticeKind::AppointmentMoved => appointment_words(owner, matter, "Appointment moved:"),
        NoticeKind::AppointmentCancelled => appointment_words(owner, matter, "Appointment called off by the customer:"),
        NoticeKind::BookingFailed => {
            let why = sentence("The time could not be booked.");
            format!(
                "{} {why} Call back.",
                appointment_words(owner, matter, "Booking failed:")
            )
        }
        NoticeKind::PromiseDue => {
            let by = matter.due_at.map(|due| owner.zone().to_local(due).clock_12h());
            let by = by.map_or_else(String::new, |by| format!(" by {by}"));
            format!("{business}: {who} was promised a call back{by} and has not heard from you yet.")
        }
        // The code itself is read where one has signed in.
        NoticeKind::VerificationCode => format!("{business}: your phone company sent a verification code."),
        NoticeKind::CalendarLost => {
            format!("{business}: {}", sentence("your calendar has to be connected again."))
        }
        NoticeKind::Away => format!("While You Were Away at {business}: {}.", sentence("nothing")),
        NoticeKind::Test => format!("{business}: this is a test. Notices arrive here."),
        NoticeKind::Callback | NoticeKind::TextFailed | NoticeKind::OptedOut => {
            format!("{business}: {}", sentence("somebody waits for your call."))
        }
    }
}

fn appointment_words(owner: &Owner, matter: &Matter, opening: &str) -> String {
    let Some(row) = &matter.appointment else {
        return format!("{opening}.");
    };
    let name = match row.customer.name.as_str() {
        "" => matter.who(),
        name => name.to_owned(),
    };
    let booked = matter.kind == NoticeKind::AppointmentBooked;
    let how = match row.source {
        AppointmentSource::SmsReply if booked => " via text!",
        AppointmentSource::AiVoice if booked => " by phone!",
        AppointmentSource::WebBooking if booked => " on the web!",
        AppointmentSource::Manual if booked => "!",
        AppointmentSource::SmsReply
        | AppointmentSource::AiVoice
        | AppointmentSource::WebBooking
        | AppointmentSource::Manual => "",
    };
    let service = row.service.as_deref().unwrap_or("Visit");
    format!("{opening}{how} {name} — {service} on {}.", when(owner, row.starts_at))
}

/// A text of at most three segments. What the caller said gives way before the link does.
fn text(owner: &Owner, matter: &Matter, link: Option<&str>) -> String {
    let opening = typography::plain(&body(owner, matter));
    let link = link.map_or_else(String::new, |link| format!(" Open: {link}"));
    let fits = |text: &str| segments::count(text).segments <= MOST_SEGMENTS;
    let mut words = opening;
    loop {
        let whole = format!("{words}{link}");
        if fits(&whole) || words.is_empty() {
            return whole;
        }
        let shorter = words.chars().count() * 4 / 5;
        let head: String = words.chars().take(shorter).collect();
        words = head.trim_end().trim_end_matches("...").to_owned();
        if !words.is_empty() {
            words.push_str("...");
        }
        if shorter < 8 {
            return link.trim_start().to_owned();
        }
    }
}

/// Where to look: the call, else the thread, else the page it belongs to.
fn link(owner: &Owner, base: &str, matter: &Matter) -> Option<String> {
    if base.is_empty() {
        return None;
    }
    let business = format!("{base}/b/{}", owner.business);
    Some(match (matter.kind, matter.call, matter.conversation) {
        (NoticeKind::CalendarLost, _, _) => format!("{business}/calendar"),
        (_, Some(call), _) => format!("{business}/calls?call={call}"),
        (_, None, Some(thread)) => format!("{business}/inbox?conversation={thread}"),
        (_, None, None) => format!("{business}/calls"),
    })
}

fn actions(matter: &Matter, link: Option<&str>) -> Vec<Action> {
    let Some(link) = link else { return Vec::new() };
    let to = |label| Action {
        label,
        url: link.to_owned(),
    };
    match matter.kind {
        NoticeKind::Voicemail => vec![
            to("🔊 Listen to Recording"),
            to("📞 Call Back"),
            to("💬 Send Text"),
            to("📅 Book Appointment"),
        ],
        NoticeKind::MissedCall | NoticeKind::Callback | NoticeKind::TextFailed | NoticeKind::PromiseDue => {
            vec![to("📞 Call Back"), to("💬 Send Text"), to("📅 Book Appointment")]
        }
        NoticeKind::Emergency => vec![to("📞 Call Back"), to("💬 Send Text")],
        NoticeKind::ReplyNeeded => vec![to("💬 Send Text"), to("📅 Book Appointment")],
        NoticeKind::OptedOut | NoticeKind::BookingFailed | NoticeKind::AppointmentCancelled => {
            vec![to("📞 Call Back")]
        }
        NoticeKind::AppointmentBooked
        | NoticeKind::AppointmentMoved
        | NoticeKind::VerificationCode
        | NoticeKind::CalendarLost
        | NoticeKind::Away
        | NoticeKind::Test => vec![to("Open")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appointments::{AppointmentStatus, Customer};
    use crate::business::Settings;
    use crate::zone::Zone;
    use crate::{AppointmentId, BusinessId, TaskId};

    const BASE: &str = "https://mccc.example";

    fn at() -> Timestamp {
        // 3:42 PM on a Tuesday in Chicago.
        Timestamp::parse("2026-03-03T21:42:00Z").unwrap()
    }

    fn owner() -> Owner {
        let settings = Settings::new("Mike's Plumbing", Zone::parse("America/Chicago").unwrap());
        Owner::new(BusinessId::derive(at(), "mike"), 1, settings, Vec::new(), at()).unwrap()
    }

    fn matter(kind: NoticeKind) -> Matter {
        let about = About::Task {
            task: TaskId::derive(at(), "task"),
        };
        Matter {
            caller: Some(PhoneNumber::parse("+15558675309").unwrap()),
            call: Some(CallId::derive(at(), "call")),
            ..Matter::new(about, kind, at())
        }
    }

    fn words(matter: &Matter) -> String {
        notice(&owner(), "", matter, ChannelKind::Text).text
    }

    #[test]
    fn a_voicemail_is_told_in_the_words_of_the_template() {
        let mut voicemail = matter(NoticeKind::Voicemail);
        voicemail.said = Some("I would like a quote for a new faucet, please call.".to_owned());
        let told = notice(&owner(), BASE, &voicemail, ChannelKind::Text);
        let call = CallId::derive(at(), "call");
        assert_eq!(
            told.text,
            format!(
                "Mike's Plumbing Voicemail from (555) 867-5309 at 3:42 PM: 'I would like a quote for a new faucet, please \
                 call.' Open: {BASE}/b/{}/calls?call={call}",
                owner().business
            )
        );
        assert_eq!(told.title, "🎤 New Voicemail — Mike's Plumbing");
        assert_eq!(
            told.actions.iter().map(|action| action.label).collect::<Vec<_>>(),
            [
                "🔊 Listen to Recording",
                "📞 Call Back",
                "💬 Send Text",
                "📅 Book Appointment"
            ]
        );
        assert!(!told.urgent);
        voicemail.said = Some("The pipe burst, water is pouring into the basement!".to_owned());
        let urgent = notice(&owner(), BASE, &voicemail, ChannelKind::Slack);
        assert!(urgent.urgent);
        assert!(urgent.facts.contains(&Fact {
            label: "Urgency",
            value: "emergency".to_owned()
        }));
        voicemail.said = None;
        voicemail.voicemail_seconds = Some(42);
        assert_eq!(
            words(&voicemail),
            "Mike's Plumbing Voicemail from (555) 867-5309 at 3:42 PM, 0:42 long."
        );
    }

    #[test]
    fn a_booking_is_told_as_the_dispatcher_expects_it() {
        let row = Appointment {
            id: AppointmentId::derive(at(), "visit"),
            business: owner().business,
            version: 1,
            call: None,
            conversation: None,
            customer: Customer {
                name: "Dana".to_owned(),
                phone: None,
                email: None,
            },
            service: Some("Drain cleaning".to_owned()),
            starts_at: Timestamp::parse("2026-03-04T20:00:00Z").unwrap(),
            duration_minutes: 60,
            status: AppointmentStatus::Scheduled,
            source: AppointmentSource::SmsReply,
            location: None,
            notes: None,
            held_until: None,
            moving_to: None,
            event: None,
            calendar_attempt: 0,
            reminders: Vec::new(),
            confirmed_at: None,
            cancelled_at: None,
            cancelled_by: None,
            cancellation_reason: None,
            created_at: at(),
        };
        let mut booked = matter(NoticeKind::AppointmentBooked);
        booked.appointment = Some(Box::new(row));
        assert_eq!(
            words(&booked),
            "New appointment booked via text! Dana - Drain cleaning on Wednesday, March 4 at 2:00 PM."
        );
    }

    #[test]
    fn a_code_is_never_passed_on() {
        let mut code = matter(NoticeKind::VerificationCode);
        code.sentence = Some("Enter the code 482913 at your phone company.".to_owned());
        for channel in ChannelKind::ALL {
            let told = notice(&owner(), BASE, &code, *channel);
            let everything = format!("{:?}{:?}{:?}{:?}", told.text, told.title, told.facts, told.quote);
            assert!(!everything.contains("482913"), "{everything}");
        }
    }

    #[test]
    fn a_text_to_the_contractor_never_costs_more_than_three_segments_and_keeps_its_link() {
        let mut long = matter(NoticeKind::ReplyNeeded);
        for said in ["a ".repeat(900), "😊".repeat(900)] {
            long.said = Some(said);
            let told = notice(&owner(), BASE, &long, ChannelKind::Text);
            assert!(segments::count(&told.text).segments <= 3, "{}", told.text);
            assert!(told.text.ends_with(told.link.as_deref().unwrap()), "{}", told.text);
        }
    }

    #[test]
    fn an_emergency_says_so_first_and_is_the_only_one_that_is_urgent() {
        for kind in NoticeKind::ALL {
            let told = notice(&owner(), BASE, &matter(*kind), ChannelKind::Text);
            assert_eq!(told.urgent, *kind == NoticeKind::Emergency);
            assert_eq!(told.text.starts_with("EMERGENCY"), told.urgent, "{}", told.text);
            assert!(!told.text.contains("  "), "{}", told.text);
        }
    }
}
