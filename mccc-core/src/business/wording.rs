//! What this business says: its templates and greetings, filled in for one caller.

use std::time::Duration;

use super::{Owner, Settings};
use crate::Timestamp;
use crate::appointments::Appointment;
use crate::conversation::{Danger, MessageKind};
use crate::messages::{TemplateKind, Values, Variable, first_text, segments};
use crate::routing::Variant;

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
pub fn sample(owner: &Owner, now: Timestamp) -> Values {
    let settings = &owner.settings;
    let of_owner = values(settings).with_opt(Variable::NextOpen, next_open(owner, now).as_deref());
    Variable::ALL.into_iter().fold(Values::default(), |all, variable| {
        let own = match variable {
            Variable::CallerName | Variable::AppointmentDate | Variable::AppointmentTime => None,
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

/// The wording of a text that answers a call. `first` adds who writes and how to make it stop.
#[must_use]
pub fn for_call(
    owner: &Owner,
    kind: MessageKind,
    variant: Variant,
    caller_name: Option<&str>,
    first: bool,
    now: Timestamp,
) -> String {
    let settings = &owner.settings;
    let values = values(settings)
        .with_opt(Variable::CallerName, caller_name)
        .with_opt(Variable::NextOpen, next_open(owner, now).as_deref());
    let Some(template) = template_kind(kind).and_then(|kind| settings.templates.of(kind, variant)) else {
        return plain_text(settings);
    };
    let rendered = if first {
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

/// The wording of a text about an appointment. `first` adds who writes and how to make it stop.
#[must_use]
pub fn for_appointment(owner: &Owner, kind: MessageKind, row: &Appointment, first: bool) -> String {
    let settings = &owner.settings;
    let local = owner.zone().to_local(row.starts_at);
    let date = local.day.to_date().strftime("%A, %B %-d").to_string();
    let name = Some(row.customer.name.as_str()).filter(|name| !name.is_empty());
    let values = values(settings)
        .with(Variable::AppointmentDate, &date)
        .with(Variable::AppointmentTime, &local.clock_12h())
        .with_opt(Variable::CallerName, name);
    let Some(template) = template_kind(kind).and_then(|kind| settings.templates.of(kind, Variant::BusinessHours))
    else {
        return plain_text(settings);
    };
    let rendered = if first {
        template.render_first(&values)
    } else {
        template.render(&values)
    };
    rendered.unwrap_or_else(|_| plain_text(settings))
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
        MessageKind::Reply | MessageKind::OptInConfirmation | MessageKind::Manual => None,
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
