//! Figures about a period.

use axum::Json;
use axum::extract::State;
use mccc_core::calls::{DashboardOutcome, Outcome};
use mccc_core::port::store::{TaskFilter, TotalsFilter, TotalsRow};
use mccc_core::routing::Method;
use mccc_core::tasks::TaskKind;
use mccc_core::zone::LocalDay;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calls::{method_of, outcome_of};
use super::dto::{MethodName, OutcomeLabel};
use super::extract::{Query, Reply, day};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// Longest period, in days.
const LONGEST: i32 = 3_700;
/// Open tasks counted at most.
const TASKS: u32 = 10_000;

/// Which calls.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TotalsQuery {
    /// First local day; Monday of the present week when both are left out.
    from: Option<String>,
    /// Last local day, inclusive; today when it is left out.
    to: Option<String>,
    /// Only calls done this way.
    #[param(value_type = Option<MethodName>)]
    method: Option<String>,
    /// Only calls shown under this label.
    #[param(value_type = Option<OutcomeLabel>)]
    outcome: Option<String>,
}

/// Figures about a period. Test calls count nowhere.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Totals {
    /// Missed calls, spam included.
    missed: u64,
    /// Callers who engaged: replied, left a message, talked, booked. Without spam.
    recovered: u64,
    /// Recovered calls among missed calls without spam, 0 to 1; null without any.
    recovery_rate: Option<f64>,
    /// Calls that led to an appointment.
    appointments: u64,
    /// Callers who are owed a call right now, whatever the period.
    pending_callbacks: u64,
    /// From a call's arrival to the first useful response, in seconds; null without any.
    avg_response_seconds: Option<f64>,
    /// Calls judged to be spam.
    spam: u64,
    /// The same figures of the period of the same length before.
    previous: PreviousTotals,
    /// How many calls were done which way.
    by_method: Vec<Count>,
    /// How many calls are shown under which label.
    by_outcome: Vec<Count>,
    /// The period.
    window: TotalsWindow,
}

/// Figures to compare with.
#[derive(Debug, Serialize, ToSchema)]
struct PreviousTotals {
    /// Missed calls, spam included.
    missed: u64,
    /// Callers who engaged.
    recovered: u64,
    /// Recovered calls among missed calls without spam.
    recovery_rate: Option<f64>,
    /// Calls that led to an appointment.
    appointments: u64,
    /// From a call's arrival to the first useful response, in seconds.
    avg_response_seconds: Option<f64>,
    /// Calls judged to be spam.
    spam: u64,
    /// The period.
    window: TotalsWindow,
}

/// A number of calls.
#[derive(Debug, Serialize, ToSchema)]
struct Count {
    /// The method or the label's key.
    key: &'static str,
    /// As people call it.
    label: &'static str,
    /// How many.
    count: u64,
}

/// Local days, both inclusive.
#[derive(Debug, Serialize, ToSchema)]
struct TotalsWindow {
    /// First day.
    #[schema(format = Date)]
    from: String,
    /// Last day.
    #[schema(format = Date)]
    to: String,
}

/// Figures about a period: this week, unless asked otherwise.
#[utoipa::path(
    get, path = "/businesses/{business}/calls/totals", tag = "calls",
    params(("business" = String, Path, description = "The business."), TotalsQuery),
    responses((status = 200, body = Totals, description = "The figures."))
)]
pub(super) async fn totals(State(api): State<Api>, member: Member, Query(query): Query<TotalsQuery>) -> Reply<Totals> {
    let owner = api.app.center.business(member.business).await?;
    let today = owner.zone().to_local(api.app.clock.now()).day;
    let days = period(&query, today)?;
    let before = before(days);
    let store = &*api.app.center.ports().store;
    let only = Only {
        method: method_of(query.method.as_deref())?,
        outcome: outcome_of(query.outcome.as_deref())?,
    };
    let rows = only.of(store.totals(member.business, &days).await?);
    let earlier = Sums::of(&only.of(store.totals(member.business, &before).await?));
    let open = store.tasks(member.business, &TaskFilter::OPEN, TASKS).await?;
    let pending = open
        .iter()
        .filter(|task| matches!(task.kind, TaskKind::Callback | TaskKind::Emergency))
        .count();
    let sums = Sums::of(&rows);
    Ok(Json(Totals {
        missed: sums.missed,
        recovered: sums.recovered,
        recovery_rate: sums.rate(),
        appointments: sums.appointments,
        pending_callbacks: u64::try_from(pending).unwrap_or(u64::MAX),
        avg_response_seconds: sums.response(),
        spam: sums.spam,
        previous: PreviousTotals {
            missed: earlier.missed,
            recovered: earlier.recovered,
            recovery_rate: earlier.rate(),
            appointments: earlier.appointments,
            avg_response_seconds: earlier.response(),
            spam: earlier.spam,
            window: window(before),
        },
        by_method: Method::ALL
            .iter()
            .map(|method| Count {
                key: method.name(),
                label: method.label(),
                count: count(&rows, |row| row.method == *method),
            })
            .collect(),
        by_outcome: DashboardOutcome::ALL
            .iter()
            .map(|outcome| Count {
                key: outcome.name(),
                label: outcome.label(),
                count: count(&rows, |row| row.outcome.dashboard() == *outcome),
            })
            .collect(),
        window: window(days),
    }))
}

/// What narrows the figures; nothing narrows the callbacks that are owed.
#[derive(Debug, Clone, Copy)]
struct Only {
    method: Option<Method>,
    outcome: Option<DashboardOutcome>,
}

impl Only {
    fn of(self, mut rows: Vec<TotalsRow>) -> Vec<TotalsRow> {
        rows.retain(|row| {
            self.method.is_none_or(|method| row.method == method)
                && self.outcome.is_none_or(|outcome| row.outcome.dashboard() == outcome)
        });
        rows
    }
}

fn count(rows: &[TotalsRow], which: impl Fn(&TotalsRow) -> bool) -> u64 {
    rows.iter().filter(|row| which(row)).map(|row| row.calls).sum()
}

fn window(days: TotalsFilter) -> TotalsWindow {
    TotalsWindow {
        from: days.from_day.to_string(),
        to: days.to_day.to_string(),
    }
}

fn period(query: &TotalsQuery, today: LocalDay) -> Result<TotalsFilter, Problem> {
    let to_day = day("to", query.to.as_deref())?.unwrap_or(today);
    // Days since Monday.
    let into_week = (i32::from(to_day.weekday().number()) + 6) % 7;
    let from_day = day("from", query.from.as_deref())?.unwrap_or(to_day.plus_days(-into_week));
    if from_day > to_day {
        return Err(Problem::field(
            "from",
            "The first day is after the last. Exchange them.",
        ));
    }
    if to_day.days().saturating_sub(from_day.days()) >= LONGEST {
        return Err(Problem::field("from", "Choose a period of at most ten years."));
    }
    Ok(TotalsFilter { from_day, to_day })
}

/// The period of the same length that ends the day before.
fn before(days: TotalsFilter) -> TotalsFilter {
    let length = days
        .to_day
        .days()
        .saturating_sub(days.from_day.days())
        .saturating_add(1);
    TotalsFilter {
        from_day: days.from_day.plus_days(-length),
        to_day: days.from_day.plus_days(-1),
    }
}

/// What rows add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    missed: u64,
    recovered: u64,
    appointments: u64,
    spam: u64,
    responded: u64,
    response_ms: u64,
}

impl Sums {
    fn of(rows: &[TotalsRow]) -> Self {
        rows.iter().fold(Self::default(), |mut sums, row| {
            sums.missed = sums.missed.saturating_add(row.calls);
            sums.responded = sums.responded.saturating_add(row.responded);
            sums.response_ms = sums.response_ms.saturating_add(row.response_ms);
            if row.outcome == Outcome::Spam {
                sums.spam = sums.spam.saturating_add(row.calls);
            } else {
                sums.recovered = sums.recovered.saturating_add(row.recovered);
            }
            if row.outcome == Outcome::AppointmentBooked {
                sums.appointments = sums.appointments.saturating_add(row.calls);
            }
            sums
        })
    }

    fn rate(&self) -> Option<f64> {
        ratio(self.recovered, self.missed.saturating_sub(self.spam))
    }

    fn response(&self) -> Option<f64> {
        let millis = ratio(self.response_ms, self.responded)?;
        Some((millis / 100.0).round() / 10.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls stay far below 2^52")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome, calls: u64, recovered: u64, responded: u64, response_ms: u64) -> TotalsRow {
        TotalsRow {
            method: Method::Both,
            outcome,
            calls,
            recovered,
            responded,
            response_ms,
        }
    }

    fn asked(from: Option<&str>, to: Option<&str>) -> Result<TotalsFilter, Problem> {
        let query = TotalsQuery {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            method: None,
            outcome: None,
        };
        period(&query, "2026-11-18".parse().unwrap())
    }

    #[test]
    fn spam_counts_neither_for_nor_against_the_recovery_rate() {
        let sums = Sums::of(&[
            row(Outcome::VoicemailLeft, 3, 3, 2, 4_000),
            row(Outcome::NoAction, 1, 0, 0, 0),
            row(Outcome::Spam, 6, 1, 1, 2_000),
        ]);
        assert_eq!((sums.missed, sums.recovered, sums.spam), (10, 3, 6));
        assert_eq!(sums.rate(), Some(0.75));
        assert_eq!(sums.response(), Some(2.0));
    }

    #[test]
    fn only_calls_of_the_method_and_under_the_label_are_summed() {
        let voicemail = TotalsRow {
            method: Method::Voicemail,
            ..row(Outcome::VoicemailLeft, 5, 5, 5, 1_000)
        };
        let rows = vec![
            row(Outcome::VoicemailLeft, 3, 3, 2, 4_000),
            row(Outcome::NoAction, 1, 0, 0, 0),
            row(Outcome::AutoTextSent, 2, 0, 0, 0),
            voicemail,
        ];
        let missed = |method, outcome| Sums::of(&Only { method, outcome }.of(rows.clone())).missed;
        assert_eq!(missed(None, None), 11);
        assert_eq!(missed(Some(Method::Both), None), 6);
        assert_eq!(missed(None, Some(DashboardOutcome::VoicemailLeft)), 8);
        // Two stored outcomes are shown under one label.
        assert_eq!(missed(Some(Method::Both), Some(DashboardOutcome::NoResponse)), 3);
        assert_eq!(missed(Some(Method::Off), None), 0);
    }

    #[test]
    fn without_calls_there_is_no_rate() {
        assert_eq!(Sums::of(&[]).rate(), None);
        assert_eq!(Sums::of(&[row(Outcome::Spam, 2, 0, 0, 0)]).rate(), None);
        assert_eq!(Sums::default().response(), None);
    }

    #[test]
    fn the_usual_period_is_this_week_up_to_today() {
        // A Wednesday.
        let days = asked(None, None).unwrap();
        assert_eq!(
            (days.from_day.to_string(), days.to_day.to_string()),
            ("2026-11-16".into(), "2026-11-18".into())
        );
        let before = before(days);
        assert_eq!(
            (before.from_day.to_string(), before.to_day.to_string()),
            ("2026-11-13".into(), "2026-11-15".into())
        );
        let sunday = asked(None, Some("2026-11-22")).unwrap();
        assert_eq!(sunday.from_day.to_string(), "2026-11-16");
    }

    #[test]
    fn a_period_that_runs_backwards_is_refused() {
        assert!(asked(Some("2026-11-19"), None).is_err());
        assert!(asked(Some("1990-01-01"), None).is_err());
        assert!(asked(Some("yesterday"), None).is_err());
    }
}
