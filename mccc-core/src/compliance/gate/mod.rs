//! The one door that every text goes through.
//!
//! [`decide`] looks at a [`Request`] and the [`Facts`] and answers with a [`Verdict`]. Allowing comes with a
//! [`SendPermit`], which nothing else can make; whoever claims a send runs the gate again with fresh facts at that
//! instant. [`assess`] answers the same question without handing out a permit, for planning and for showing why.
//!
//! Order matters where several things stand against a text: opt-outs come first, so that nothing else is ever shown
//! or stored as the reason for not texting somebody who said stop, and what time alone heals comes last.

mod checks;
mod facts;
mod permit;
mod reason;
mod request;

pub use checks::{Check, CheckName};
pub use facts::{BusinessFacts, CallerFacts, Caps, ConsentFacts, Facts, SentFacts, ThreadFacts};
pub use permit::SendPermit;
pub use reason::Reason;
pub use request::{Purpose, Request};

use serde::Serialize;

use crate::Timestamp;

/// What the gate says to a text.
#[derive(Debug)]
#[must_use]
pub enum Verdict {
    /// It may go out, now.
    Allow(SendPermit),
    /// It will never go out.
    Deny(Reason),
    /// It has to wait.
    Defer {
        /// When to ask again.
        until: Timestamp,
        /// What it waits for.
        reason: Reason,
    },
}

/// What the gate would say, without the right to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It may go out.
    Allowed,
    /// It will never go out.
    Denied {
        /// Why not.
        #[serde(flatten)]
        reason: Reason,
    },
    /// It has to wait.
    Deferred {
        /// When to ask again.
        until: Timestamp,
        /// What it waits for.
        #[serde(flatten)]
        reason: Reason,
    },
}

/// An outcome with every precondition that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// What the gate would say.
    pub outcome: Outcome,
    /// Every precondition, in the order of evaluation.
    pub checks: Vec<Check>,
}

/// The business's limits that a text counts against. Other workers send at the same time, so whoever claims a send lets
/// the commit count again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SendLimits {
    /// Texts of the business within a day.
    pub(crate) business_day: Option<u32>,
    /// New recipients within an hour.
    pub(crate) new_recipients_hour: Option<u32>,
}

/// Which limits `request` counts against.
pub(crate) fn limits(request: &Request, facts: &Facts) -> SendLimits {
    checks::limits(request, facts)
}

/// Decides on a text. `facts` must be what holds at `now`: load them under the lock of the caller's number.
pub fn decide(request: &Request, facts: &Facts, now: Timestamp) -> Verdict {
    match assess(request, facts, now).outcome {
        Outcome::Denied { reason } => Verdict::Deny(reason),
        Outcome::Deferred { until, reason } => Verdict::Defer { until, reason },
        Outcome::Allowed => match (facts.business.from, request.to.number()) {
            (Some(from), Some(to)) => Verdict::Allow(SendPermit::new(request, from, to, now)),
            (None, _) => Verdict::Deny(Reason::NoSender),
            (_, None) => Verdict::Deny(Reason::NoNumber),
        },
    }
}

/// What [`decide`] would say, with every precondition, and without a permit.
#[must_use]
pub fn assess(request: &Request, facts: &Facts, now: Timestamp) -> Assessment {
    let checks = checks::all(request, facts, now);
    Assessment {
        outcome: outcome_of(&checks),
        checks,
    }
}

/// The first refusal wins; only when there is none, the longest wait.
fn outcome_of(checks: &[Check]) -> Outcome {
    let denied = checks.iter().find_map(|check| match (check.reason, check.until) {
        (Some(reason), None) => Some(Outcome::Denied { reason }),
        (Some(_), Some(_)) | (None, _) => None,
    });
    let deferred = || {
        checks
            .iter()
            .filter_map(|check| check.reason.zip(check.until))
            .max_by_key(|(_, until)| *until)
            .map(|(reason, until)| Outcome::Deferred { until, reason })
    };
    denied.or_else(deferred).unwrap_or(Outcome::Allowed)
}

#[cfg(test)]
mod tests;
