//! How urgently a person should look at a call. Follows from the call alone and is never stored.

use serde::{Deserialize, Serialize};

use super::call::{Call, TextSummary};
use super::lifecycle::{EMERGENCY_TAG, POOR_LEAD_TAG};
use super::outcome::{Outcome, named};
use crate::conversation::MessageStatus;
use crate::port::store::CallRow;

named! {
    /// How urgently a person should look at a call.
    Priority {
        /// Nothing is lost if nobody does.
        Low = "low",
        /// A lead like any other.
        Normal = "normal",
        /// Before the others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
}

impl Priority {
    /// The next tier up.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Low => Self::Normal,
            Self::Normal => Self::High,
            Self::High | Self::Urgent => Self::Urgent,
        }
    }

    /// A text that did not get through makes a lead one tier more urgent until the caller was called back: nobody has
    /// heard from us.
    fn of(outcome: Outcome, tags: &[String], text: TextSummary, settled: bool) -> Self {
        if outcome == Outcome::Spam {
            return Self::Low;
        }
        let tagged = |wanted: &str| tags.iter().any(|tag| tag == wanted);
        let lead = match (tagged(EMERGENCY_TAG), tagged(POOR_LEAD_TAG)) {
            (true, _) => Self::High,
            (false, true) => Self::Low,
            (false, false) => Self::Normal,
        };
        if settled || !failed(text) { lead } else { lead.raised() }
    }
}

impl Call {
    /// How urgently a person should look at it.
    #[must_use]
    pub fn priority(&self) -> Priority {
        let settled = self.callback_completed_at.is_some();
        Priority::of(self.outcome, &self.tags, self.text, settled)
    }
}

impl CallRow {
    /// How urgently a person should look at it.
    #[must_use]
    pub fn priority(&self) -> Priority {
        let settled = self.callback_completed_at.is_some();
        Priority::of(self.outcome, &self.tags, self.text, settled)
    }
}

/// Whether the caller was to be texted and was not reached.
fn failed(text: TextSummary) -> bool {
    match text {
        TextSummary::Message(MessageStatus::Failed | MessageStatus::Undelivered | MessageStatus::Unknown) => true,
        TextSummary::NotDue
        | TextSummary::Waiting
        | TextSummary::Denied
        | TextSummary::Message(
            MessageStatus::Waiting
            | MessageStatus::Claimed
            | MessageStatus::Queued
            | MessageStatus::Sent
            | MessageStatus::Delivered
            | MessageStatus::Canceled
            | MessageStatus::Received,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(outcome: Outcome, tags: &[&str], status: MessageStatus, settled: bool) -> Priority {
        let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
        Priority::of(outcome, &tags, TextSummary::of(status), settled)
    }

    #[test]
    fn a_text_that_did_not_get_through_raises_a_lead_by_one_tier() {
        use MessageStatus::{Delivered, Failed, Undelivered, Unknown};
        let lead = |status| of(Outcome::NoAction, &[], status, false);
        assert_eq!(lead(Delivered), Priority::Normal);
        for status in [Failed, Undelivered, Unknown] {
            assert_eq!(lead(status), Priority::High, "{status:?}");
        }
        assert_eq!(of(Outcome::HungUp, &[POOR_LEAD_TAG], Failed, false), Priority::Normal);
        assert_eq!(of(Outcome::NoAction, &[EMERGENCY_TAG], Failed, false), Priority::Urgent);
    }

    #[test]
    fn a_callback_settles_it_and_spam_never_rises() {
        let failed = MessageStatus::Failed;
        assert_eq!(of(Outcome::NoAction, &[], failed, true), Priority::Normal);
        assert_eq!(of(Outcome::Spam, &[], failed, false), Priority::Low);
    }
}
