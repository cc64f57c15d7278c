//! Businesses as a TOML file that people can read, write and keep under version control.
//!
//! Export, then import, changes nothing. Credentials are given by reference (`env:NAME` or `file:PATH`) and never
//! written out.

use std::collections::HashSet;
use std::path::Path;

use mccc_core::business::{
    CalendarSettings, ConversationSettings, FaqEntry, NumberKind, OwnedLine, Owner, Profile, Reminders, Retention,
    Settings, SwitchBoard, Telephone, Texting, Voicemail,
};
use mccc_core::calls::SpamFilter;
use mccc_core::messages::{Greetings, Templates};
use mccc_core::notify::Notifications;
use mccc_core::port::SecretBox as _;
use mccc_core::port::store::{Change, Commit};
use mccc_core::routing::Schedule;
use mccc_core::slots::BookingSettings;
use mccc_core::{BusinessId, PhoneNumber, Secret};
use serde::{Deserialize, Serialize};

use super::open::Opened;

use crate::failure::{Context as _, Failure};
use crate::providers::TOKEN_FIELD;

const HEADER: &str = "\
# Businesses of this installation. `mccc business import FILE` applies it; what is equal stays untouched.
#
# profile    who the business is; `zone` is an IANA name such as America/Chicago; `services`, and
#            `service_area = { cities = [\"Mesa\"], zips = [\"85201\"] }`, answer questions by themselves
# faq        questions with their answers: topic, question, answer, alternatives = [\"other ways to ask it\"]
# numbers    our numbers that belong to it: { number = \"+15125550100\", kind = \"forwarding\" | \"public\" }
# schedule   when which method answers: ai_voice, auto_text_only, both, voicemail, off
# templates  what texts say; {{business_name}}, {{caller_name}}, {{callback_eta}}, {{trade}}, {{next_open}}, {{owner}}
# texting    how texts are sent and how many
# booking    which times can be booked: length, buffer, most a day, notice, how far ahead, hours
# reminders  minutes before an appointment at which its customer is reminded
# conversation  who answers texts: answers = \"automatic\" | \"draft\" | \"off\"; thresholds, ask_address, quote_prices,
#            model = \"off\" | \"phrase\" | \"phrase_and_classify\", meaning = true (docs/conversation.md)
# notifications  how the contractor is told: text, slack, email, do_not_disturb (docs/notifications.md)
# credentials by reference only: twilio_auth_token = \"env:NAME\" or \"file:PATH\"; they are never exported
";

/// A file with one or many businesses.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Many {
    business: Vec<Entry>,
}

/// One business in a file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Missing for a new business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<BusinessId>,
    #[serde(default)]
    numbers: Vec<NumberEntry>,
    profile: Profile,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faq: Vec<FaqEntry>,
    #[serde(default)]
    schedule: Schedule,
    #[serde(default)]
    templates: Templates,
    #[serde(default)]
    texting: Texting,
    #[serde(default)]
    greetings: Greetings,
    #[serde(default)]
    voicemail: Voicemail,
    #[serde(default)]
    spam: SpamFilter,
    #[serde(default)]
    booking: BookingSettings,
    #[serde(default)]
    calendar: CalendarSettings,
    #[serde(default)]
    reminders: Reminders,
    #[serde(default)]
    conversation: ConversationSettings,
    #[serde(default)]
    notifications: Notifications,
    #[serde(default)]
    telephone: Telephone,
    #[serde(default)]
    switches: SwitchBoard,
    #[serde(default)]
    retention: Retention,
    #[serde(default, skip_serializing_if = "Credentials::is_empty")]
    credentials: Credentials,
}

/// A number, in full or just itself.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(
    untagged,
    expecting = "a number in E.164 form such as \"+15125550100\", or a table with number, kind (forwarding or public), \
                 account and provider_number"
)]
enum NumberEntry {
    Plain(PhoneNumber),
    Full(NumberFields),
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NumberFields {
    number: PhoneNumber,
    #[serde(default = "forwarding")]
    kind: NumberKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider_number: Option<String>,
}

const fn forwarding() -> NumberKind {
    NumberKind::Forwarding
}

/// References to credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    twilio_auth_token: Option<String>,
}

impl Credentials {
    const fn is_empty(&self) -> bool {
        self.twilio_auth_token.is_none()
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Businesses that were created.
    pub created: usize,
    /// Businesses that were changed.
    pub changed: usize,
    /// Businesses that were equal already.
    pub unchanged: usize,
}

fn parse(text: &str) -> Result<Vec<Entry>, Failure> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| Failure::new(error.to_string()))?;
    if table.contains_key("business") {
        let many: Many = toml::from_str(text).map_err(|error| Failure::new(error.to_string()))?;
        return Ok(many.business);
    }
    toml::from_str(text)
        .map(|entry| vec![entry])
        .map_err(|error| Failure::new(error.to_string()))
}

impl Entry {
    fn settings(&self) -> Settings {
        Settings {
            profile: self.profile.clone(),
            faq: self.faq.clone(),
            schedule: self.schedule.clone(),
            templates: self.templates.clone(),
            texting: self.texting.clone(),
            greetings: self.greetings.clone(),
            voicemail: self.voicemail.clone(),
            spam: self.spam.clone(),
            booking: self.booking.clone(),
            calendar: self.calendar.clone(),
            reminders: self.reminders.clone(),
            conversation: self.conversation.clone(),
            notifications: self.notifications.clone(),
            telephone: self.telephone.clone(),
            switches: self.switches.clone(),
            retention: self.retention,
        }
    }

    fn lines(&self, platform_account: &str) -> Vec<OwnedLine> {
        let own = match &self.telephone.mode {
            mccc_core::business::TelephonyMode::Platform => platform_account.to_owned(),
            mccc_core::business::TelephonyMode::Byo { account_sid } => account_sid.clone(),
        };
        self.numbers
            .iter()
            .map(|entry| match entry {
                NumberEntry::Plain(number) => OwnedLine {
                    number: *number,
                    kind: forwarding(),
                    account: own.clone(),
                    provider_number: None,
                },
                NumberEntry::Full(fields) => OwnedLine {
                    number: fields.number,
                    kind: fields.kind,
                    account: fields.account.clone().unwrap_or_else(|| own.clone()),
                    provider_number: fields.provider_number.clone(),
                },
            })
            .collect()
    }

    fn from_owner(owner: &Owner) -> Self {
        let settings = (*owner.settings).clone();
        Self {
            id: Some(owner.business),
            numbers: owner
                .lines
                .iter()
                .map(|line| {
                    NumberEntry::Full(NumberFields {
                        number: line.number,
                        kind: line.kind,
                        account: Some(line.account.clone()),
                        provider_number: line.provider_number.clone(),
                    })
                })
                .collect(),
            profile: settings.profile,
            faq: settings.faq,
            schedule: settings.schedule,
            templates: settings.templates,
            texting: settings.texting,
            greetings: settings.greetings,
            voicemail: settings.voicemail,
            spam: settings.spam,
            booking: settings.booking,
            // A connection lives with its credential, which no file holds.
            calendar: settings.calendar.with_what_was_learned(&CalendarSettings::default()),
            reminders: settings.reminders,
            conversation: settings.conversation,
            notifications: settings.notifications,
            telephone: settings.telephone,
            switches: settings.switches,
            retention: settings.retention,
            credentials: Credentials::default(),
        }
    }
}

/// Applies a file. A business without an identifier is found by its first number, or by its name where it has none, else
/// created.
///
/// # Errors
/// The first business that cannot be applied, by its place in the file; those before it are applied.
pub async fn import(opened: &Opened, path: &Path) -> Result<Imported, Failure> {
    let text = std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?;
    let entries = parse(&text).context(|| format!("{} is not a business file", path.display()))?;
    told_once(&entries)?;
    let mut done = Imported::default();
    for (index, entry) in entries.iter().enumerate() {
        let place = || format!("business {} ({})", index + 1, entry.profile.name);
        match apply(opened, entry).await.context(place)? {
            Applied::Created => done.created += 1,
            Applied::Changed => done.changed += 1,
            Applied::Unchanged => done.unchanged += 1,
        }
    }
    Ok(done)
}

enum Applied {
    Created,
    Changed,
    Unchanged,
}

async fn apply(opened: &Opened, entry: &Entry) -> Result<Applied, Failure> {
    let lines = entry.lines(&opened.platform_account);
    let mut settings = entry.settings();
    settings.compile().map_err(|error| Failure::new(error.to_string()))?;
    // Before anything is written: a business without its credential would be half applied.
    let token = entry
        .credentials
        .twilio_auth_token
        .as_deref()
        .map(resolve)
        .transpose()?;
    let owner = existing(opened, entry, &lines).await?;
    match &owner {
        Some(owner) => {
            let (saved, now) = (&owner.settings, opened.center.ports().clock.now());
            settings.calendar = settings.calendar.with_what_was_learned(&saved.calendar);
            settings.telephone = settings.telephone.with_what_was_learned(&saved.telephone);
            settings.schedule = settings.schedule.stamped(&saved.schedule, now);
            if settings.spam.trusted.is_empty() {
                settings.spam.trusted.clone_from(&saved.spam.trusted);
            }
        }
        None => settings.calendar = settings.calendar.with_what_was_learned(&CalendarSettings::default()),
    }
    let (applied, business) = match owner {
        None => {
            let owner = opened.center.create_business(entry.id, settings, lines).await?;
            (Applied::Created, owner.business)
        }
        Some(owner) => {
            let same = *owner.settings == settings && same_lines(&owner.lines, &lines);
            // Numbers first: texts may be sent from one of them.
            for line in lines.iter().filter(|line| !owner.lines.contains(line)) {
                opened.center.put_line(owner.business, line.clone()).await?;
            }
            if *owner.settings != settings {
                opened
                    .center
                    .save_settings(owner.business, settings, owner.version)
                    .await?;
            }
            for gone in owner
                .lines
                .iter()
                .filter(|line| !lines.iter().any(|wanted| wanted.number == line.number))
            {
                opened.center.remove_line(owner.business, gone.number).await?;
            }
            (if same { Applied::Unchanged } else { Applied::Changed }, owner.business)
        }
    };
    if let Some(token) = token {
        let sealed = opened
            .keys
            .seal(business, TOKEN_FIELD, &token)
            .map_err(|error| Failure::new(error.to_string()))?;
        let mut commit = Commit::new(business, opened.center.ports().clock.now());
        commit.changes.push(Change::PutSecret {
            field: TOKEN_FIELD.to_owned(),
            sealed,
        });
        opened
            .store
            .commit(commit)
            .await
            .map_err(|error| Failure::new(error.to_string()))?;
    }
    Ok(applied)
}

async fn existing(
    opened: &Opened,
    entry: &Entry,
    lines: &[OwnedLine],
) -> Result<Option<std::sync::Arc<Owner>>, Failure> {
    if let Some(id) = entry.id {
        return Ok(opened.store.owner(id).await?);
    }
    if let Some(line) = lines.first() {
        return Ok(opened.store.owner_of(&line.number).await?);
    }
    let mut after = None;
    loop {
        let page = opened.store.businesses(after, 500).await?;
        let Some(last) = page.last().copied() else {
            return Ok(None);
        };
        for id in page {
            let owner = opened.store.owner(id).await?;
            let same = |owner: &std::sync::Arc<Owner>| owner.settings.profile.name == entry.profile.name;
            if let Some(owner) = owner.filter(same) {
                return Ok(Some(owner));
            }
        }
        after = Some(last);
    }
}

/// A file that names a business or a number twice would have one undo the other.
fn told_once(entries: &[Entry]) -> Result<(), Failure> {
    let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
    for (index, entry) in entries.iter().enumerate() {
        let place = format!("business {} ({})", index + 1, entry.profile.name);
        if entry.id.is_some_and(|id| !ids.insert(id)) {
            return Err(Failure::new(format!(
                "{place}: another business of the file has this id"
            )));
        }
        for line in entry.lines("") {
            if !numbers.insert(line.number) {
                return Err(Failure::new(format!(
                    "{place}: the number {} stands in the file twice",
                    line.number
                )));
            }
        }
    }
    Ok(())
}

fn same_lines(have: &[OwnedLine], want: &[OwnedLine]) -> bool {
    have.len() == want.len() && want.iter().all(|line| have.contains(line))
}

/// Reads a credential from where its reference points.
fn resolve(reference: &str) -> Result<Secret, Failure> {
    match reference.split_once(':') {
        Some(("env", name)) => std::env::var(name)
            .map(Secret::new)
            .map_err(|_| Failure::new(format!("the environment has no variable {name}"))),
        Some(("file", path)) => std::fs::read_to_string(path)
            .map(|text| Secret::new(text.trim()))
            .map_err(|error| Failure::new(format!("cannot read the credential file {path}: {error}"))),
        Some(_) | None => Err(Failure::new("give credentials by reference: env:NAME or file:PATH")),
    }
}

/// Writes businesses as a file's text.
///
/// # Errors
/// When the database cannot be asked.
pub async fn export(opened: &Opened, only: Option<BusinessId>) -> Result<String, Failure> {
    let mut business = Vec::new();
    let mut after = None;
    loop {
        let page = opened.store.businesses(after, 500).await?;
        let Some(last) = page.last().copied() else { break };
        for id in page.into_iter().filter(|id| only.is_none_or(|only| only == *id)) {
            if let Some(owner) = opened.store.owner(id).await? {
                business.push(Entry::from_owner(&owner));
            }
        }
        after = Some(last);
    }
    let text = toml::to_string_pretty(&Many { business }).map_err(|error| Failure::new(error.to_string()))?;
    Ok(format!("{HEADER}\n{text}"))
}

/// The settings of the first business of a file, or of a file with only a schedule: for what-if questions. A profile that
/// tells no name or no zone will do: New York's is taken then.
///
/// # Errors
/// When the file holds neither.
pub fn settings_of(text: &str) -> Result<Settings, Failure> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| Failure::new(error.to_string()))?;
    if let Some(toml::Value::Table(profile)) = table.get("profile")
        && !(profile.contains_key("name") && profile.contains_key("zone"))
    {
        let mut table = table.clone();
        if let Some(toml::Value::Table(profile)) = table.get_mut("profile") {
            let default = |text: &str| toml::Value::String(text.to_owned());
            profile.entry("name").or_insert_with(|| default("What if"));
            profile.entry("zone").or_insert_with(|| default("America/New_York"));
        }
        let entry: Entry = table
            .try_into()
            .map_err(|error: toml::de::Error| Failure::new(error.to_string()))?;
        return Ok(entry.settings());
    }
    if ["business", "profile"].iter().any(|key| table.contains_key(*key)) {
        return parse(text)?
            .first()
            .map(Entry::settings)
            .ok_or_else(|| Failure::new("the file holds no business"));
    }
    #[derive(Deserialize)]
    struct ScheduleOnly {
        zone: mccc_core::zone::Zone,
        schedule: Schedule,
    }
    toml::from_str::<ScheduleOnly>(text)
        .map(|only| Settings {
            schedule: only.schedule,
            ..Settings::new("What if", only.zone)
        })
        .map_err(|error| Failure::new(format!("neither a business file nor `zone` and `schedule`: {error}")))
}
