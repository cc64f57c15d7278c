//! Whether everything a business relies on works, in a sentence each.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use mccc_core::Timestamp;
use mccc_core::business::{NumberKind, Owner};
use mccc_core::calls::TextSummary;
use mccc_core::conversation::MessageStatus;
use mccc_core::port::store::{CallFilter, CallRow, JobState, QueueDepth};
use serde::Serialize;
use utoipa::ToSchema;

use super::businesses::forwarding_number;
use super::calendar_connection::{ConnectionState, state_of};
use super::extract::Reply;
use crate::http::auth::Member;
use crate::http::state::Api;

/// So long without a call means that forwarding may be broken.
const SILENCE: Duration = Duration::from_secs(48 * 3_600);
/// Work that is later than this is worth a look.
const LATE: Duration = Duration::from_secs(60);
/// Work that is later than this is not done at all.
const STUCK: Duration = Duration::from_secs(600);
/// Latest calls that are looked at.
const CALLS: u32 = 50;
/// So many texts in a row that did not arrive mean that something is wrong.
const FAILURES: usize = 3;

/// Whether everything works.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthSummary {
    /// The checks, most important first.
    checks: Vec<HealthCheck>,
}

/// One check.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct HealthCheck {
    /// `forwarding`, `voice`, `texts`, `calendar`, `store` or `jobs`.
    key: &'static str,
    /// `good`, `attention` or `problem`.
    state: &'static str,
    /// What is the matter, or that nothing is.
    sentence: String,
    /// When it was last seen to work.
    #[schema(format = DateTime)]
    last_proof_at: Option<String>,
    /// The page where it can be repaired.
    fix_href: Option<String>,
}

/// Whether everything a business relies on works.
#[utoipa::path(
    get, path = "/businesses/{business}/health-summary", tag = "businesses",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = HealthSummary, description = "The checks."))
)]
pub(super) async fn summary(State(api): State<Api>, member: Member) -> Reply<HealthSummary> {
    let now = api.app.clock.now();
    let owner = api.app.center.business(member.business).await?;
    let store = &api.app.center.ports().store;
    let filter = CallFilter {
        tests: true,
        ..CallFilter::default()
    };
    let calls = store.calls(member.business, &filter, None, CALLS).await?;
    let synced = store.calendar_sync(owner.business).await?;
    let depths = store.queue_depth().await?;
    Ok(Json(HealthSummary {
        checks: vec![
            forwarding(&owner, &calls, now),
            voice(&owner),
            texts(&owner, &calls),
            calendar(&owner, synced.and_then(|sync| sync.synced_at)),
            HealthCheck {
                key: "store",
                state: "good",
                sentence: "The database answers.".to_owned(),
                last_proof_at: Some(now.to_string()),
                fix_href: None,
            },
            jobs(&depths, now),
        ],
    }))
}

fn forwarding(owner: &Owner, calls: &[CallRow], now: Timestamp) -> HealthCheck {
    let verified = owner.settings.telephone.forwarding_verified_at;
    let last_call = calls.first().map(|call| call.received_at);
    let proof = [verified, last_call].into_iter().flatten().max();
    let direct = owner.settings.telephone.number_kind() == NumberKind::Public;
    let (state, sentence) = if forwarding_number(owner).is_none() {
        ("problem", "You have no forwarding number yet, so no call can reach us.")
    } else if proof.is_none() && direct {
        (
            "attention",
            "No call has reached your number yet. Call it once to see it work.",
        )
    } else if proof.is_none() {
        (
            "attention",
            "Forwarding has not been tested. Test it, so that no call is missed.",
        )
    } else if proof.is_some_and(|proof| now.since(proof) >= SILENCE) {
        (
            "attention",
            "⚠️ No calls received in 48 hours. Check your call forwarding setup.",
        )
    } else if direct {
        ("good", "Calls reach your number.")
    } else if verified.is_none() {
        (
            "attention",
            "Calls arrive, but forwarding from your own phone has not been tested.",
        )
    } else {
        ("good", "Forwarding works.")
    };
    HealthCheck {
        key: "forwarding",
        state,
        sentence: sentence.to_owned(),
        last_proof_at: proof.map(|at| at.to_string()),
        fix_href: Some(format!("/b/{}/connect", owner.business)),
    }
}

fn voice(owner: &Owner) -> HealthCheck {
    let schedule = &owner.settings.schedule;
    let wanted = schedule.after_hours_default.needs_voice()
        || schedule
            .weekly
            .iter()
            .any(|block| block.active && block.method.needs_voice())
        || schedule
            .overrides
            .iter()
            .any(|rule| rule.active && rule.method.needs_voice());
    let (state, sentence) = if wanted {
        (
            "attention",
            "No voice agent is connected. Where your schedule asks for one, voicemail and texts stand in.",
        )
    } else {
        ("good", "Your schedule needs no voice agent.")
    };
    HealthCheck {
        key: "voice",
        state,
        sentence: sentence.to_owned(),
        last_proof_at: None,
        fix_href: wanted.then(|| format!("/b/{}/routing", owner.business)),
    }
}

fn texts(owner: &Owner, calls: &[CallRow]) -> HealthCheck {
    let texting = &owner.settings.texting;
    let arrived = |call: &&CallRow| {
        matches!(
            call.text,
            TextSummary::Message(MessageStatus::Queued | MessageStatus::Sent | MessageStatus::Delivered)
        )
    };
    let proof = calls
        .iter()
        .find(arrived)
        .and_then(|call| call.responded_at.or(Some(call.received_at)));
    let failed = calls
        .iter()
        .filter(|call| matches!(call.text, TextSummary::Message(_)))
        .take(FAILURES)
        .take_while(|call| {
            matches!(
                call.text,
                TextSummary::Message(MessageStatus::Failed | MessageStatus::Undelivered)
            )
        })
        .count();
    let (state, sentence) = if owner.sender().is_none() {
        ("problem", "There is no number to text from.")
    } else if !texting.registered {
        (
            "problem",
            "Your number is not registered for texting yet. Carriers block texts until it is.",
        )
    } else if !texting.enabled {
        ("attention", "Texting is switched off.")
    } else if failed >= FAILURES {
        (
            "problem",
            "The last three texts did not arrive. Open the latest calls to see why.",
        )
    } else {
        ("good", "Texts can go out.")
    };
    HealthCheck {
        key: "texts",
        state,
        sentence: sentence.to_owned(),
        last_proof_at: proof.map(|at| at.to_string()),
        fix_href: match owner.sender() {
            None => Some(format!("/b/{}/connect", owner.business)),
            Some(_) => (failed >= FAILURES).then(|| format!("/b/{}/calls", owner.business)),
        },
    }
}

fn calendar(owner: &Owner, synced: Option<Timestamp>) -> HealthCheck {
    let connection = state_of(owner);
    let (state, sentence) = match connection {
        ConnectionState::NotConnected => ("good", "Appointments are kept in the built-in calendar."),
        ConnectionState::Connected => ("good", "Your calendar is connected."),
        ConnectionState::SwitchedOff => (
            "attention",
            "Your calendar is connected and switched off. The built-in calendar is in use.",
        ),
        ConnectionState::ReconnectNeeded => (
            "problem",
            "Your calendar no longer lets us in, so no appointments are booked. Connect it again.",
        ),
    };
    HealthCheck {
        key: "calendar",
        state,
        sentence: sentence.to_owned(),
        last_proof_at: synced
            .filter(|_| connection != ConnectionState::NotConnected)
            .map(|at| at.to_string()),
        fix_href: Some(format!("/b/{}/calendar?tab=settings", owner.business)),
    }
}

fn jobs(depths: &[QueueDepth], now: Timestamp) -> HealthCheck {
    let late = depths
        .iter()
        .filter(|depth| depth.state == JobState::Queued)
        .filter_map(|depth| depth.oldest_due)
        .map(|due| now.since(due))
        .max()
        .unwrap_or_default();
    let (state, sentence) = if late >= STUCK {
        (
            "problem",
            "Texts and other work are not being done. Check that a worker is running.",
        )
    } else if late >= LATE {
        ("attention", "Texts and other work are late.")
    } else {
        ("good", "Texts and other work are done on time.")
    };
    HealthCheck {
        key: "jobs",
        state,
        sentence: sentence.to_owned(),
        last_proof_at: (state == "good").then(|| now.to_string()),
        fix_href: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mccc_core::business::{CalendarConnection, CalendarService, OwnedLine, Settings};
    use mccc_core::jobs::JobKind;
    use mccc_core::zone::Zone;
    use mccc_core::{BusinessId, PhoneNumber};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn hours_ago(hours: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(hours * 3_600))
    }

    fn owner(verified: Option<Timestamp>, with_number: bool) -> Owner {
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        settings.telephone.forwarding_verified_at = verified;
        let line = OwnedLine {
            number: PhoneNumber::parse("+15125550199").unwrap(),
            kind: NumberKind::Forwarding,
            account: "sandbox".into(),
            provider_number: None,
        };
        let lines = if with_number { vec![line] } else { Vec::new() };
        Owner::new(BusinessId::derive(NOW, "b"), 1, settings, lines, NOW).unwrap()
    }

    #[test]
    fn two_silent_days_are_a_reason_to_check_the_forwarding() {
        assert_eq!(forwarding(&owner(None, false), &[], NOW).state, "problem");
        assert_eq!(forwarding(&owner(None, true), &[], NOW).state, "attention");
        assert_eq!(forwarding(&owner(Some(hours_ago(47)), true), &[], NOW).state, "good");
        let silent = forwarding(&owner(Some(hours_ago(48)), true), &[], NOW);
        assert_eq!(
            (silent.state, silent.sentence.as_str()),
            (
                "attention",
                "⚠️ No calls received in 48 hours. Check your call forwarding setup."
            )
        );
    }

    #[test]
    fn a_schedule_that_wants_a_voice_agent_is_told_that_there_is_none() {
        let mut owner = owner(None, true);
        assert_eq!(voice(&owner).state, "attention");
        let mut settings = (*owner.settings).clone();
        settings.schedule = mccc_core::routing::Schedule::always(mccc_core::routing::Method::Voicemail);
        owner.settings = settings.into();
        assert_eq!(voice(&owner).state, "good");
    }

    fn connection(reconnect_since: Option<Timestamp>) -> CalendarConnection {
        CalendarConnection {
            id: "c".to_owned(),
            service: CalendarService::Google,
            account: "mike@example.com".to_owned(),
            calendar_name: "Visits".to_owned(),
            connected_at: hours_ago(90),
            reconnect_since,
            visit_minutes: None,
        }
    }

    #[test]
    fn a_calendar_that_lets_nobody_in_is_a_problem() {
        let mut owner = owner(None, true);
        let built_in = calendar(&owner, Some(NOW));
        assert_eq!((built_in.state, built_in.last_proof_at), ("good", None));
        let mut settings = (*owner.settings).clone();
        settings.calendar.connection = Some(connection(None));
        owner.settings = settings.clone().into();
        let connected = calendar(&owner, Some(hours_ago(1)));
        assert_eq!(connected.state, "good");
        assert_eq!(connected.last_proof_at, Some(hours_ago(1).to_string()));
        settings.calendar.connection = Some(connection(Some(NOW)));
        owner.settings = settings.into();
        assert_eq!(calendar(&owner, None).state, "problem");
    }

    #[test]
    fn late_work_is_noticed() {
        let depth = |state, due| QueueDepth {
            kind: JobKind::AutoText,
            state,
            count: 1,
            oldest_due: Some(due),
        };
        let after = |seconds| jobs(&[depth(JobState::Queued, NOW.minus(Duration::from_secs(seconds)))], NOW).state;
        assert_eq!((after(1), after(60), after(600)), ("good", "attention", "problem"));
        assert_eq!(jobs(&[depth(JobState::Dead, hours_ago(5))], NOW).state, "good");
    }
}
