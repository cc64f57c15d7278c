//! Telling the contractor: of what, through which channels, in which words, and when not to disturb.
//!
//! Whatever a commit changes is looked at once, in [`tells`]: a task that is raised or an appointment that a customer
//! makes queues a job in that same commit, so that nobody can forget to tell. The job reads the settings as they are
//! then and [`plan`]s: tell now, tell when the quiet hours end, or not at all. Each channel gets a job of its own, so
//! that one that fails holds up no other.

mod about;
mod away;
mod event;
mod notice;
mod plan;
mod quiet;
mod settings;
mod status;
mod words;

pub use about::{About, tells};
pub use away::{Held, held_in, summary};
pub use event::{held, told, untold};
pub use notice::{Action, Fact, Notice};
pub use plan::{Plan, again, plan};
pub use quiet::{QuietTime, quiet_until};
pub use settings::{ChannelKind, EmailChannel, NoticeKind, Notifications, SlackChannel, TextChannel, is_address};
pub(crate) use status::of_task;
pub use status::{NO_CHANNELS, warning};
pub use words::{Matter, notice};
