//! The tenant: one business, the settings a person edits, and the snapshot that decisions read.

mod calendar;
pub(crate) mod calendar_copy;
mod knowledge;
mod owner;
mod settings;
pub mod wording;

pub use calendar::{CalendarConnection, CalendarFeed, CalendarService, CalendarSettings, CalendarSync, OtherCalendar};
pub use calendar_copy::{CalendarCopy, CopyTrouble};
pub use knowledge::{FaqEntry, ServiceArea};
pub use owner::{NumberKind, OwnedLine, Owner};
pub use settings::{
    AnswerMode, ConversationSettings, OptOutReply, Profile, Provisioning, Reminders, Retention, Settings,
    SettingsError, SwitchBoard, Telephone, TelephonyMode, Texting, Voicemail,
};
