//! The tenant: one business, the settings a person edits, and the snapshot that decisions read.

mod knowledge;
mod owner;
mod settings;
pub mod wording;

pub use knowledge::{FaqEntry, ServiceArea};
pub use owner::{NumberKind, OwnedLine, Owner};
pub use settings::{
    AnswerMode, CalendarSettings, ConversationSettings, OptOutReply, Profile, Provisioning, Reminders, Retention,
    Settings, SettingsError, SwitchBoard, Telephone, TelephonyMode, Texting, Voicemail,
};
