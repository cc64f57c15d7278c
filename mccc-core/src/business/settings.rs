//! The settings of a business: one document, saved as a whole, one version a save.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::knowledge::mistake as faq_mistake;
use super::{CalendarSettings, FaqEntry, NumberKind, ServiceArea};
use crate::calls::SpamFilter;
use crate::compliance::quiet::Window;
use crate::conversation::understanding::{BOOKING_THRESHOLD, FAQ_THRESHOLD};
use crate::conversation::voice::ModelUse;
use crate::messages::{Greetings, TemplateProblem, Templates};
use crate::notify::Notifications;
use crate::routing::{Compiled, Schedule, ScheduleError};
use crate::slots::BookingSettings;
use crate::zone::Zone;
use crate::{PhoneNumber, Timestamp};

/// Everything a person sets for a business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Who the business is.
    pub profile: Profile,
    /// Questions that callers ask, with their answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faq: Vec<FaqEntry>,
    /// When which method answers.
    #[serde(default)]
    pub schedule: Schedule,
    /// What texts say.
    #[serde(default)]
    pub templates: Templates,
    /// How texts are sent.
    #[serde(default)]
    pub texting: Texting,
    /// What callers hear.
    #[serde(default)]
    pub greetings: Greetings,
    /// How the voicemail records.
    #[serde(default)]
    pub voicemail: Voicemail,
    /// How spam is told from callers.
    #[serde(default)]
    pub spam: SpamFilter,
    /// Which times can be booked.
    #[serde(default)]
    pub booking: BookingSettings,
    /// Where appointments are written down.
    #[serde(default)]
    pub calendar: CalendarSettings,
    /// When customers are reminded of appointments.
    #[serde(default)]
    pub reminders: Reminders,
    /// How the machine answers texts.
    #[serde(default)]
    pub conversation: ConversationSettings,
    /// How the contractor is told of things.
    #[serde(default)]
    pub notifications: Notifications,
    /// How the contractor's phone reaches us.
    #[serde(default)]
    pub telephone: Telephone,
    /// What is switched on.
    #[serde(default)]
    pub switches: SwitchBoard,
    /// How long what the product no longer reads is kept.
    #[serde(default)]
    pub retention: Retention,
}

/// How long what the product no longer reads is kept, in days. Calls, texts, opt-outs and the consent ledger are no part
/// of it: they stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Finished jobs, 7 to 3650.
    pub jobs_days: u16,
    /// Receipts of the provider's events, by which a repetition is known, 7 to 3650.
    pub receipts_days: u16,
    /// The feed, which is the history on a call's page, 30 to 3650. Daily heads of the consent ledger stay.
    pub feed_days: u16,
}

/// Who the business is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name that callers know.
    pub name: String,
    /// The owner's name, for "let me have … call you back".
    #[serde(default)]
    pub owner_name: String,
    /// What the business does: `plumbing`, `hvac`, `roofing`, `electrical`, `landscaping`, `general`.
    #[serde(default = "general")]
    pub trade: String,
    /// IANA zone of every local time the business sets.
    pub zone: Zone,
    /// Where digests go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The published number, whose unanswered calls are forwarded to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_phone: Option<PhoneNumber>,
    /// What it does, in the words callers use: `drain cleaning`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Where it works.
    #[serde(default, skip_serializing_if = "ServiceArea::is_empty")]
    pub service_area: ServiceArea,
    /// How soon a caller is promised a call back, in minutes.
    #[serde(default = "half_an_hour")]
    pub callback_minutes: u16,
}

/// How texts are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Texting {
    /// Whether texts are sent at all.
    pub enabled: bool,
    /// Whether the sender is registered with the carriers (10DLC) or verified (toll-free).
    pub registered: bool,
    /// The sending number, when it is not the first number of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<PhoneNumber>,
    /// Who confirms an opt-out.
    pub opt_out_reply: OptOutReply,
    /// Hours after an auto-text in which the same caller gets no other; nothing means until the local day ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_hours: Option<u16>,
    /// Texts a day, for the whole business.
    pub daily_limit: u32,
    /// Callers texted for the first time within an hour.
    pub hourly_new_recipients: u32,
    /// First minute of the day, in the caller's zone, for texts that are not an immediate answer. Can only tighten
    /// 8:00.
    pub quiet_until_minute: u16,
    /// Minute of the day after which such texts wait. Can only tighten 21:00.
    pub quiet_from_minute: u16,
    /// Whether line types are looked up (paid at the provider).
    pub look_up_lines: bool,
}

/// When customers are reminded of appointments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reminders {
    /// Minutes before the start, each a reminder: 60, 120, 1440 or 2880. None: no reminders.
    pub minutes_before: Vec<u32>,
}

/// How the machine answers texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConversationSettings {
    /// Who writes the answers.
    pub answers: AnswerMode,
    /// How likely an entry has to answer a question before it is sent, 0.75 to 1.
    pub faq_threshold: f32,
    /// How likely a caller has to want an appointment before they are asked no more whether they do, 0.5 to 1.
    pub booking_threshold: f32,
    /// Whether the address of the visit is asked for.
    pub ask_address: bool,
    /// Whether an entry about prices is sent; otherwise the owner is said to give a quote.
    pub quote_prices: bool,
    /// Minutes without a text after which a talk is over, 5 to 1440.
    pub idle_minutes: u16,
    /// What a language model may do, where the installation has one: `off`, `phrase`, `phrase_and_classify`.
    pub model: ModelUse,
    /// Whether an embedding model says how near a caller's question is to the entries, where the installation has one.
    pub meaning: bool,
}

/// Who writes the answers to callers' texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMode {
    /// The machine, at once.
    #[default]
    Automatic,
    /// The machine, and a person sends, changes or discards each.
    Draft,
    /// A person.
    Off,
}

/// Who confirms an opt-out. Exactly one confirmation ever goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptOutReply {
    /// The gateway does where the text is one of its own keywords, such as STOP; we do where it is not.
    Gateway,
    /// We do: the gateway was asked to keep silent.
    App,
}

/// How the voicemail records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Voicemail {
    /// The provider's name of the voice; nothing means its default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Longest message in seconds, 10 to 300.
    pub max_seconds: u16,
}

/// How the contractor's phone reaches us.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Telephone {
    /// Whose provider account is used.
    pub mode: TelephonyMode,
    /// The contractor's phone company, as a key of the guides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarding_provider: Option<String>,
    /// Which version of that guide's steps was shown when it was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarding_instructions_version: Option<String>,
    /// When forwarding was last proved by a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarding_verified_at: Option<Timestamp>,
    /// Trades of single numbers of ours, where a number is for another trade than the business; rules can ask for them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub trades: BTreeMap<PhoneNumber, String>,
    /// How the purchase of the forwarding number stands, while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioning: Option<Provisioning>,
}

impl Telephone {
    /// The key of the guide for a business without a phone of its own: customers dial our number.
    pub const NO_PHONE: &'static str = "none";

    /// What a person sets, with what the server learned where this says nothing of it: a file that names a number alone
    /// does not undo a forwarding that was proved.
    #[must_use]
    pub fn with_what_was_learned(mut self, learned: &Self) -> Self {
        if self.forwarding_provider.is_none() {
            self.forwarding_provider.clone_from(&learned.forwarding_provider);
            self.forwarding_instructions_version
                .clone_from(&learned.forwarding_instructions_version);
        }
        self.forwarding_verified_at = self.forwarding_verified_at.or(learned.forwarding_verified_at);
        if self.provisioning.is_none() {
            self.provisioning.clone_from(&learned.provisioning);
        }
        self
    }

    /// What the business's number is for.
    #[must_use]
    pub fn number_kind(&self) -> NumberKind {
        if self.forwarding_provider.as_deref() == Some(Self::NO_PHONE) {
            NumberKind::Public
        } else {
            NumberKind::Forwarding
        }
    }
}

/// How the purchase of a forwarding number stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioning {
    /// When it was asked for.
    pub since: Timestamp,
    /// Why it failed, in the contractor's words; nothing while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// The provider's code of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
}

/// Whose provider account is used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum TelephonyMode {
    /// The installation's account.
    #[default]
    Platform,
    /// The business's own account; its token is stored sealed.
    Byo {
        /// The account.
        account_sid: String,
    },
}

/// What is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchBoard {
    /// Tell the contractor at once.
    pub immediate_notifications: bool,
    /// Text callers.
    pub customer_acknowledgements: bool,
    /// Book appointments.
    pub appointment_management: bool,
}

/// A setting that cannot be saved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// The schedule has mistakes.
    #[error("the schedule has {} mistake(s); the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Schedule(Vec<ScheduleError>),
    /// Texts cannot be saved as they are.
    #[error("{} text(s) cannot be saved; the first: {}", .0.len(), .0.first().map(|(field, problem)| format!("{field}: {problem}")).unwrap_or_default())]
    Templates(Vec<(&'static str, TemplateProblem)>),
    /// A field is out of its range.
    #[error("{field}: {problem}")]
    Field {
        /// Path of the field.
        field: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
}

fn general() -> String {
    "general".to_owned()
}

const fn half_an_hour() -> u16 {
    30
}

impl Default for Texting {
    fn default() -> Self {
        Self {
            enabled: true,
            registered: true,
            sender: None,
            opt_out_reply: OptOutReply::Gateway,
            window_hours: None,
            daily_limit: 500,
            hourly_new_recipients: 100,
            quiet_until_minute: 8 * 60,
            quiet_from_minute: 21 * 60,
            look_up_lines: false,
        }
    }
}

impl Texting {
    /// The daily span in which texts go out that nobody waits for.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::new(self.quiet_until_minute, self.quiet_from_minute).unwrap_or_default()
    }
}

impl Default for Voicemail {
    fn default() -> Self {
        Self {
            voice: None,
            max_seconds: 120,
        }
    }
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            minutes_before: vec![1_440, 60],
        }
    }
}

impl Reminders {
    /// The distances there are, in minutes.
    pub const DISTANCES: [u32; 4] = [60, 120, 1_440, 2_880];
}

impl Default for ConversationSettings {
    fn default() -> Self {
        Self {
            answers: AnswerMode::Automatic,
            faq_threshold: FAQ_THRESHOLD,
            booking_threshold: BOOKING_THRESHOLD,
            ask_address: true,
            quote_prices: false,
            idle_minutes: 15,
            model: ModelUse::Off,
            meaning: false,
        }
    }
}

impl ConversationSettings {
    /// What stands against saving it.
    fn mistake(&self) -> Option<(&'static str, &'static str)> {
        if !(FAQ_THRESHOLD..=1.0).contains(&self.faq_threshold) {
            return Some(("conversation.faq_threshold", "choose 0.75 to 1"));
        }
        if !(0.5..=1.0).contains(&self.booking_threshold) {
            return Some(("conversation.booking_threshold", "choose 0.5 to 1"));
        }
        (!(5..=1_440).contains(&self.idle_minutes)).then_some(("conversation.idle_minutes", "choose 5 to 1440 minutes"))
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            jobs_days: 30,
            receipts_days: 90,
            feed_days: 730,
        }
    }
}

impl Retention {
    /// What stands against saving it.
    fn mistake(&self) -> Option<(&'static str, &'static str)> {
        let (jobs, receipts, feed) = (self.jobs_days, self.receipts_days, self.feed_days);
        [
            (
                (7..=3650).contains(&jobs),
                "retention.jobs_days",
                "choose 7 to 3650 days",
            ),
            (
                (7..=3650).contains(&receipts),
                "retention.receipts_days",
                "choose 7 to 3650 days",
            ),
            (
                (30..=3650).contains(&feed),
                "retention.feed_days",
                "choose 30 to 3650 days",
            ),
        ]
        .into_iter()
        .find(|(good, ..)| !good)
        .map(|(_, field, problem)| (field, problem))
    }
}

impl Default for SwitchBoard {
    fn default() -> Self {
        Self {
            immediate_notifications: true,
            customer_acknowledgements: true,
            appointment_management: true,
        }
    }
}

impl Settings {
    /// Minutes that a visit takes that is booked now.
    #[must_use]
    pub fn visit_minutes(&self) -> u16 {
        let theirs = self.calendar.active().and_then(|connection| connection.visit_minutes);
        theirs.unwrap_or(self.booking.duration_minutes)
    }

    /// The settings of a new business: every default, nothing connected.
    #[must_use]
    pub fn new(name: impl Into<String>, zone: Zone) -> Self {
        Self {
            profile: Profile {
                name: name.into(),
                owner_name: String::new(),
                trade: general(),
                zone,
                email: None,
                business_phone: None,
                services: Vec::new(),
                service_area: ServiceArea::default(),
                callback_minutes: half_an_hour(),
            },
            faq: Vec::new(),
            schedule: Schedule::default(),
            templates: Templates::default(),
            texting: Texting::default(),
            greetings: Greetings::default(),
            voicemail: Voicemail::default(),
            spam: SpamFilter::default(),
            booking: BookingSettings::default(),
            calendar: CalendarSettings::default(),
            reminders: Reminders::default(),
            conversation: ConversationSettings::default(),
            notifications: Notifications::default(),
            telephone: Telephone::default(),
            switches: SwitchBoard::default(),
            retention: Retention::default(),
        }
    }

    /// Checks every setting and compiles the schedule.
    ///
    /// # Errors
    /// The first field out of range, or all mistakes of the schedule.
    pub fn compile(&self) -> Result<Compiled, SettingsError> {
        self.check_fields()?;
        self.schedule
            .compile(&self.profile.zone)
            .map_err(SettingsError::Schedule)
    }

    /// Where notices go by e-mail: their own address, else that of the profile.
    #[must_use]
    pub fn email_for_notices(&self) -> Option<&str> {
        self.notifications
            .email
            .address
            .as_deref()
            .or(self.profile.email.as_deref())
    }

    fn check_fields(&self) -> Result<(), SettingsError> {
        let wrong = |field: &'static str, problem: &str| {
            Err(SettingsError::Field {
                field,
                problem: problem.to_owned(),
            })
        };
        if self.profile.name.trim().is_empty() || self.profile.name.chars().count() > 120 {
            return wrong("profile.name", "give the name callers know, at most 120 characters");
        }
        if !(10..=300).contains(&self.voicemail.max_seconds) {
            return wrong("voicemail.max_seconds", "choose 10 to 300 seconds");
        }
        if self.texting.quiet_until_minute < 8 * 60 || self.texting.quiet_from_minute > 21 * 60 {
            return wrong(
                "texting.quiet_until_minute",
                "quiet hours can only be longer than 21:00 to 8:00",
            );
        }
        if self.texting.quiet_until_minute >= self.texting.quiet_from_minute {
            return wrong(
                "texting.quiet_from_minute",
                "texts need at least one minute a day in which they may go out",
            );
        }
        if self
            .texting
            .window_hours
            .is_some_and(|hours| !(1..=168).contains(&hours))
        {
            return wrong("texting.window_hours", "choose 1 to 168 hours");
        }
        if let Some(problem) = faq_mistake(&self.faq) {
            return wrong("faq", &problem);
        }
        if let Some((field, problem)) = self.retention.mistake() {
            return wrong(field, problem);
        }
        if let Some((field, problem)) = self.conversation.mistake() {
            return wrong(field, problem);
        }
        if let Some((field, problem)) = self.booking.mistake() {
            return wrong(field, problem);
        }
        let distances = &self.reminders.minutes_before;
        if distances.len() > 4 || !distances.iter().all(|minutes| Reminders::DISTANCES.contains(minutes)) {
            return wrong("reminders.minutes_before", "choose from 60, 120, 1440 and 2880 minutes");
        }
        if let Some((field, problem)) = self.notifications.mistake() {
            return wrong(field, problem);
        }
        if let Some((field, problem)) = self.spam.mistake() {
            return wrong(field, problem);
        }
        if !(1..=1440).contains(&self.profile.callback_minutes) {
            return wrong("profile.callback_minutes", "choose 1 to 1440 minutes");
        }
        let problems = self.templates.check(Some(&self.profile.name));
        if !problems.is_empty() {
            return Err(SettingsError::Templates(problems));
        }
        Ok(())
    }
}
