//! What failures mean, and what they may show.

use std::future::{Ready, ready};
use std::time::Duration;

use super::creation::wish;
use super::desk::{Desk, ISSUE, NO_SUCH_FAULT, changes_lost, hour, silences};
use super::{CalendarFault, CalendarHarness};
use crate::port::{Availability, ErrorKind, EventKey, PortError, Retry};
use crate::testkit::build;
use crate::testkit::contract::discretion::{check_name, hides_credentials, shown};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

/// The answers to every question that changes nothing.
async fn questions(desk: &Desk<'_>) -> Vec<Result<&'static str, PortError>> {
    let mut answers = vec![
        desk.provider.calendars().await.map(|_| "calendars"),
        desk.look(1).await.map(|_| "event"),
    ];
    if desk.tells(Availability::Busy) {
        answers.push(desk.busy(hour(1)).await.map(|_| "busy"));
    }
    if let Some(slots) = desk.provider.slots() {
        let booked = desk.harness.booked();
        let free = slots.free_times(&booked, hour(1), hour(1).length(), None).await;
        answers.push(free.map(|_| "free_times"));
    }
    answers
}

/// The answers to everything that changes something: the first appointment is made, the second moved and taken out, and
/// a calendar is created where one can be.
async fn changes(desk: &Desk<'_>, second: &EventKey) -> Vec<Result<&'static str, PortError>> {
    let mut answers = vec![
        desk.create(1).await.map(|_| "create"),
        desk.provider
            .move_event(second, hour(9), None)
            .await
            .map(|_| "move_event"),
        desk.provider.cancel(second).await.map(|()| "cancel"),
    ];
    if let Some(creation) = desk.provider.creation() {
        answers.push(creation.create_calendar(&wish("Acme")).await.map(|_| "create_calendar"));
    }
    answers
}

async fn second(desk: &Desk<'_>) -> Result<EventKey, Failure> {
    let made = desk.create(2).await?;
    Ok(EventKey {
        provider_event: Some(made.provider_event),
        ..desk.new_event(2).key()
    })
}

pub(super) async fn a_provider_that_cannot_be_asked_is_no_absence(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let mut any = false;
    for fault in silences() {
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        for answer in questions(&desk).await {
            let Err(error) = answer else {
                return Err(Failure::new(format!("{fault:?} was taken for an answer: {answer:?}")));
            };
            ensure!(
                matches!(error.retry(), Retry::Backoff | Retry::After(_)),
                "a question may always be asked again, and the verdict on {} is {:?}",
                error.operation(),
                error.retry()
            );
            ensure!(error.kind() != ErrorKind::NotFound, "silence was taken for absence");
        }
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

/// After the fault, everything is as it was before.
async fn nothing_changed(desk: &Desk<'_>) -> Checked {
    let held: Vec<_> = desk.harness.held().await.into_iter().map(|held| held.range).collect();
    ensure_eq!(held, [hour(2)], "what the calendar has");
    let created = desk.harness.created().await.unwrap_or_default();
    ensure_eq!(created, [], "calendars that were created");
    Ok(Done::Passed)
}

pub(super) async fn an_unreachable_provider_changed_nothing(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let second = second(&desk).await?;
    if !h.arrange(CalendarFault::Unreachable).await {
        return Ok(NO_SUCH_FAULT);
    }
    let answers = changes(&desk, &second).await;
    h.arrange(CalendarFault::None).await;
    for answer in answers {
        let Err(error) = answer else {
            return Err(Failure::new("a provider that is away was said to have obeyed"));
        };
        ensure_eq!(
            error.kind(),
            ErrorKind::Unavailable,
            "what went wrong with {}",
            error.operation()
        );
        ensure!(error.retry() != Retry::Never, "{} is given up", error.operation());
    }
    nothing_changed(&desk).await
}

pub(super) async fn limits_are_passed_on(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let second = second(&desk).await?;
    let mut any = false;
    for wait in [Some(Duration::from_secs(7)), None] {
        if !h.arrange(CalendarFault::Limited { wait }).await {
            continue;
        }
        any = true;
        let mut answers = questions(&desk).await;
        answers.extend(changes(&desk, &second).await);
        h.arrange(CalendarFault::None).await;
        for answer in answers {
            let Err(error) = answer else {
                return Err(Failure::new("a request that was refused was called a success"));
            };
            ensure_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::RateLimited, wait.map_or(Retry::Backoff, Retry::After)),
                "the verdict on {}",
                error.operation()
            );
        }
        nothing_changed(&desk).await?;
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn a_withdrawn_permission_asks_for_a_person(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let second = second(&desk).await?;
    if !h.arrange(CalendarFault::Revoked).await {
        return Ok(NO_SUCH_FAULT);
    }
    let mut answers = questions(&desk).await;
    answers.extend(changes(&desk, &second).await);
    h.arrange(CalendarFault::None).await;
    for answer in answers {
        let Err(error) = answer else {
            return Err(Failure::new(format!("{answer:?} went well without a permission")));
        };
        ensure_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::ReconnectRequired, Retry::Never),
            "the verdict on {}",
            error.operation()
        );
        ensure!(error.reason().is_some(), "the contractor is given no sentence");
    }
    nothing_changed(&desk).await
}

/// A failure of every kind and operation that the provider has.
async fn failures(desk: &Desk<'_>) -> Result<Vec<PortError>, Failure> {
    let second = second(desk).await?;
    let mut failures = Vec::new();
    let faults = silences().chain(changes_lost()).chain([
        CalendarFault::Limited { wait: None },
        CalendarFault::Revoked,
        CalendarFault::OtherUnreadable,
        CalendarFault::TimeTaken,
        CalendarFault::CreationForbidden,
    ]);
    for fault in faults {
        if !desk.harness.arrange(fault).await {
            continue;
        }
        failures.extend(questions(desk).await.into_iter().filter_map(Result::err));
        failures.extend(changes(desk, &second).await.into_iter().filter_map(Result::err));
        desk.harness.arrange(CalendarFault::None).await;
    }
    Ok(failures)
}

pub(super) fn the_name_of_the_calendar_is_fit_for_labels(h: &dyn CalendarHarness) -> Ready<Checked> {
    ready(check_name(h.provider().name()))
}

pub(super) async fn failures_name_the_calendar(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    for error in failures(&desk).await? {
        ensure_eq!(error.adapter(), desk.provider.name(), "who failed");
        check_name(error.operation())?;
    }
    Ok(Done::Passed)
}

pub(super) async fn failures_of_the_calendar_give_nothing_away(h: &dyn CalendarHarness) -> Checked {
    let desk = Desk::of(h);
    let number = |n| build::phone(n).digits().chars().skip(1).collect::<String>();
    let mut hidden = vec![number(1), number(2), "Jo Doe".to_owned(), "jo@example.com".to_owned()];
    hidden.push(ISSUE.to_owned());
    // An account's calendar is often named by its owner's address.
    hidden.extend(
        [Some(h.booked()), h.other()]
            .into_iter()
            .flatten()
            .filter(|id| id.contains('@')),
    );
    hidden.extend(h.secrets());
    for error in failures(&desk).await? {
        let shown = shown(&error);
        ensure!(
            !hidden.iter().any(|secret| shown.contains(secret.as_str())),
            "a failure of {} shows what nobody may read in a log",
            error.operation()
        );
    }
    Ok(Done::Passed)
}

pub(super) fn the_calendar_hides_its_credentials(h: &dyn CalendarHarness) -> Ready<Checked> {
    ready(hides_credentials(&h.provider(), &h.secrets()))
}
