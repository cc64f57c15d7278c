//! What this business says: its templates and greetings, filled in for one caller.

use std::time::Duration;

use super::{Owner, Settings};
use crate::Timestamp;
use crate::appointments::Appointment;
use crate::conversation::{Danger, MessageKind};
use crate::messages::{Template, TemplateKind, Values, Variable, first_text, segments};
use crate::routing::Variant;

/// Characters of a text about an appointment: three segments of plain letters.
const LONGEST_TEXT: usize = 480;

/// Said to a caller who stays silent after the beep.
pub const GOODBYE: &str = "We did not hear a message. Goodbye.";

/// The values every text of the business may use.
fn values(settings: &Settings) -> Values {
    let minutes = settings.profile.callback_minutes;
    let eta = match (minutes / 60, minutes % 60) {
        (0, 1) => "1 minute".to_owned(),
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    Values::new(&settings.profile.name)
        .with(Variable::CallbackEta, &eta)
        .with(Variable::Trade, trade_name(&settings.profile.trade))
        .with(Variable::Owner, person(&settings.profile.owner_name))
}

/// Who gets back to a caller.
pub(crate) fn person(owner_name: &str) -> &str {
    let name = owner_name.trim();
    if name.is_empty() { "someone from our team" } else { name }
}

/// The values of a text for previews: what the business says of itself, and a caller and an appointment as examples.
#[must_use]
pub fn sample(owner: &Owner, now: Timestamp, free_day: Option<&str>) -> Values {
    let settings = &owner.settings;
    let of_owner = values(settings)
        .with_opt(Variable::NextOpen, next_open(owner, now).as_deref())
        .with_opt(Variable::NextAvailableDay, free_day);
    Variable::ALL.into_iter().fold(Values::default(), |all, variable| {
        let own = match variable {
            Variable::CallerName
            | Variable::AppointmentDate
            | Variable::AppointmentTime
            | Variable::ServiceType
            | Variable::CalendarLink => None,
            Variable::BusinessName
            | Variable::CallbackEta
            | Variable::Trade
            | Variable::NextOpen
            | Variable::NextAvailableDay
            | Variable::Owner => of_owner.get(variable),
        };
        all.with(variable, own.unwrap_or(variable.sample()))
    })
}

fn trade_name(trade: &str) -> &str {
    match trade {
        "hvac" => "HVAC",
        "general" => "home service",
        other => other,
    }
}

/// What is spoken before the beep.
#[must_use]
pub(super) fn voicemail_greeting(settings: &Settings, variant: Variant) -> String {
    settings
        .greetings
        .voicemail(variant, &values(settings))
        .unwrap_or_else(|_| plain_greeting(settings))
}

/// What is spoken when a call is answered by text alone.
#[must_use]
pub(super) fn text_is_coming(settings: &Settings) -> String {
    settings
        .greetings
        .text_only(true, &values(settings))
        .unwrap_or_else(|_| plain_greeting(settings))
}

fn plain_greeting(settings: &Settings) -> String {
    format!("You've reached {}.", settings.profile.name)
}

/// Whether the text that answers a call says on which day an appointment is free, so that the calendar is asked for it.
#[must_use]
pub fn says_free_day(owner: &Owner, kind: MessageKind, variant: Variant) -> bool {
    let template = template_kind(kind).and_then(|kind| owner.settings.templates.of(kind, variant));
    template.is_some_and(|template| template.uses(Variable::NextAvailableDay))
}

/// The day of a free time as one says it: "today", "tomorrow", "Tuesday", and with its date when it is a week away.
#[must_use]
pub fn free_day(owner: &Owner, free: Timestamp, now: Timestamp) -> String {
    let (day, today) = (owner.zone().to_local(free).day, owner.zone().to_local(now).day);
    match day.days() - today.days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..7 => day.weekday().name_capitalised().to_owned(),
        _ => day.to_date().strftime("%A, %B %-d").to_string(),
    }
}

/// What is known of a caller, and of the present, when a text answers their call.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Their name, if they gave one.
    pub caller_name: Option<&'a str>,
    /// The next day with a free time as one says it ([`free_day`]); nothing where it is not known.
    pub free_day: Option<&'a str>,
    /// Whether it is the first text of its thread: who writes and how to make it stop are added.
    pub first: bool,
    /// The present.
    pub now: Timestamp,
}

/// The wording of a text that answers a call.
#[must_use]
pub fn for_call(owner: &Owner, kind: MessageKind, variant: Variant, facts: &Facts<'_>) -> String {
    let settings = &owner.settings;
    let values = values(settings)
        .with_opt(Variable::CallerName, facts.caller_name)
        .with_opt(Variable::NextOpen, next_open(owner, facts.now).as_deref())
        .with_opt(Variable::NextAvailableDay, facts.free_day);
    let Some(template) = template_kind(kind).and_then(|kind| settings.templates.of(kind, variant)) else {
        return plain_text(settings);
    };
    let rendered = if facts.first {
        template.render_first(&values)
    } else {
        template.render(&values)
    };
    rendered.unwrap_or_else(|_| plain_text(settings))
}

/// "Tuesday, December 1 at 2:00 PM", as the clocks of the business show it.
#[must_use]
pub fn appointment_time(owner: &Owner, at: Timestamp) -> String {
    crate::conversation::dialogue::long_time(owner.zone(), at)
}

/// The wording of a text about an appointment. `first` adds who writes and how to make it stop; `link` leads to the
/// appointment for the customer's own calendar, where there is one. The built-in confirmation does without it where the
/// text would become too long.
#[must_use]
pub fn for_appointment(owner: &Owner, kind: MessageKind, row: &Appointment, first: bool, link: Option<&str>) -> String {
    let settings = &owner.settings;
    let local = owner.zone().to_local(row.starts_at);
    let date = local.day.to_date().strftime("%A, %B %-d").to_string();
    let name = Some(row.customer.name.as_str()).filter(|name| !name.is_empty());
    let values = values(settings)
        .with(Variable::AppointmentDate, &date)
        .with(Variable::AppointmentTime, &local.clock_12h())
        .with_opt(Variable::CallerName, name)
        .with_opt(Variable::ServiceType, row.service.as_deref())
        .with_opt(Variable::CalendarLink, link);
    let Some(template) = template_kind(kind).and_then(|kind| settings.templates.of(kind, Variant::BusinessHours))
    else {
        return plain_text(settings);
    };
    let render = |template: &Template| {
        if first {
            template.render_first(&values)
        } else {
            template.render(&values)
        }
    };
    let with_link = (kind == MessageKind::AppointmentConfirmation && link.is_some())
        .then(|| render(&settings.templates.confirmation_with_link()).ok())
        .flatten()
        .filter(|text| text.chars().count() <= LONGEST_TEXT);
    with_link.unwrap_or_else(|| render(template).unwrap_or_else(|_| plain_text(settings)))
}

/// An answer that is the first text of its thread: who writes and how to make it stop are added.
#[must_use]
pub fn opening(settings: &Settings, body: &str) -> String {
    first_text::complete(body, &settings.profile.name)
}

/// The answer to an emergency, with what to do first where there is danger.
#[must_use]
pub fn for_emergency(settings: &Settings, danger: Option<Danger>, first: bool) -> String {
    let text = fixed(settings, MessageKind::Emergency);
    let safety = match danger {
        None => "",
        Some(Danger::Gas) => {
            " If you smell gas, leave the building now, touch no switches, and call 911 or your gas company from outside."
        }
        Some(Danger::Monoxide) => " If a carbon monoxide alarm sounds, get everyone outside now and call 911.",
        Some(Danger::Fire) => " If you see fire or smoke, get out now and call 911.",
        Some(Danger::Sparks) => {
            " Keep away from it. Call 911 if anything burns or somebody was hurt, and your utility for a wire that is down."
        }
        // The number of poison control centers is the same in all of the United States (poisonhelp.hrsa.gov).
        Some(Danger::Harm) => {
            " If anyone is hurt or trapped, call 911 now. If something poisonous was swallowed, call 1-800-222-1222."
        }
    };
    let text = format!("{text}{safety}");
    if first { opening(settings, &text) } else { text }
}

/// The wording of an answer to STOP, START or HELP.
#[must_use]
pub fn fixed(settings: &Settings, kind: MessageKind) -> String {
    let name = &settings.profile.name;
    if kind == MessageKind::OptInConfirmation {
        return format!("You're subscribed to {name} messages again. Reply STOP to opt out, HELP for help.");
    }
    template_kind(kind)
        .and_then(|kind| settings.templates.of(kind, Variant::BusinessHours))
        .and_then(|template| template.render(&values(settings)).ok())
        .unwrap_or_else(|| plain_text(settings))
}

/// How long after an auto-text the follow-up comes; nothing when it is switched off.
#[must_use]
pub fn follow_up_delay(settings: &Settings) -> Option<Duration> {
    settings
        .templates
        .followup_enabled
        .then(|| settings.templates.followup_delay_minutes.duration())
}

/// The template of a kind of message, where it has one.
#[must_use]
pub const fn template_kind(kind: MessageKind) -> Option<TemplateKind> {
    match kind {
        MessageKind::AutoText => Some(TemplateKind::AutoText),
        MessageKind::FollowUp => Some(TemplateKind::Followup),
        MessageKind::VoicemailAck => Some(TemplateKind::VoicemailAck),
        MessageKind::HangUp => Some(TemplateKind::Hangup),
        MessageKind::Emergency => Some(TemplateKind::Emergency),
        MessageKind::OptOutConfirmation => Some(TemplateKind::OptOutConfirmation),
        MessageKind::Help => Some(TemplateKind::Help),
        MessageKind::AppointmentConfirmation => Some(TemplateKind::AppointmentConfirmation),
        MessageKind::AppointmentReminder => Some(TemplateKind::AppointmentReminder),
        MessageKind::AppointmentCancelled => Some(TemplateKind::AppointmentCancelled),
        MessageKind::Reply | MessageKind::OptInConfirmation | MessageKind::Manual | MessageKind::OwnerNotice => None,
    }
}

/// What is said when a template cannot be filled in: never nothing, and always how to make it stop.
fn plain_text(settings: &Settings) -> String {
    format!(
        "This is {}. Sorry we missed your call. How can we help? Reply STOP to opt out.",
        settings.profile.name
    )
}

/// When the business opens next, in words: "8:00 AM on Monday".
fn next_open(owner: &Owner, now: Timestamp) -> Option<String> {
    owner
        .schedule
        .next_business_open(now)
        .map(|at| owner.zone().spoken_time(at))
}

/// Segments a text is billed as.
#[must_use]
pub fn billed_segments(text: &str) -> u8 {
    u8::try_from(segments::count(text).segments).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BusinessId;
    use crate::zone::Zone;

    #[test]
    fn a_free_day_is_said_as_people_do_on_the_wall_clock_of_the_business() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        // Late on a Monday in Chicago, which is Tuesday in UTC.
        let now = at("2027-06-07T22:30:00-05:00");
        let settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        let owner = Owner::new(BusinessId::derive(now, "acme"), 1, settings, Vec::new(), now).unwrap();
        for (free, said) in [
            ("2027-06-07T23:30:00-05:00", "today"),
            ("2027-06-08T00:00:00-05:00", "tomorrow"),
            ("2027-06-08T23:59:00-05:00", "tomorrow"),
            ("2027-06-09T08:00:00-05:00", "Wednesday"),
            ("2027-06-13T08:00:00-05:00", "Sunday"),
            ("2027-06-14T08:00:00-05:00", "Monday, June 14"),
            ("2027-09-29T08:00:00-05:00", "Wednesday, September 29"),
        ] {
            let day = free_day(&owner, at(free), now);
            assert_eq!(day, said, "{free}");
            assert!(day.chars().count() <= Variable::NextAvailableDay.max_chars());
        }
    }

    #[cfg(feature = "testkit")]
    #[test]
    fn a_text_about_an_appointment_says_what_it_is_for() {
        use crate::messages::defaults::PRESETS;
        use crate::testkit::build;

        let now = build::START;
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        let warmer = PRESETS.iter().find(|preset| preset.id == "all_set").unwrap();
        settings.templates.appointment_confirmation = Template::parse(warmer.text).unwrap();
        let id = BusinessId::derive(now, "acme");
        let owner = Owner::new(id, 1, settings, Vec::new(), now).unwrap();
        let mut row = build::appointment(id, "row", Timestamp::parse("2027-06-08T14:00:00-05:00").unwrap());
        for (service, said) in [
            (Some("drain cleaning"), "Your drain cleaning appointment"),
            (None, "Your service appointment"),
        ] {
            row.service = service.map(str::to_owned);
            let text = for_appointment(&owner, MessageKind::AppointmentConfirmation, &row, false, None);
            assert_eq!(
                text,
                format!(
                    "You're all set! {said} with Acme is booked for Tuesday, June 8 at 2:00 PM. We'll send you a reminder \
                     beforehand. Reply C to confirm or R to reschedule. See you then!"
                )
            );
        }
    }
}
