//! What we write to callers: templates, their default wording, and what a text costs to send.
//!
//! [`template`] reads and renders `{{variable}}` texts, [`defaults`] holds the wording a new business starts with,
//! [`segments`] counts like the carriers do, [`first_text`] adds what the first text of a thread must carry, and
//! [`greeting`] is what is spoken instead of written. Nothing here decides *whether* a text may be sent; that is
//! [`crate::compliance`].

pub mod defaults;
pub mod first_text;
pub mod greeting;
pub mod kind;
pub mod preview;
pub mod segments;
pub mod template;
pub mod typography;
pub mod variable;

pub use defaults::{FollowUpDelay, Templates, Variant};
pub use greeting::Greetings;
pub use kind::TemplateKind;
pub use preview::{Preview, preview};
pub use segments::{Encoding, Segments};
pub use template::{Limits, RenderError, Template, TemplateProblem};
pub use variable::{Values, Variable};
