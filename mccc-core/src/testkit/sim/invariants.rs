//! The promises, checked over everything that is stored and everything that went out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::model::{HONEST, LIES};
use super::tally::Happening;
use super::world::{MAX_SKEW, World};
use crate::calls::{EMERGENCY_TAG, Outcome};
use crate::compliance::window::{GuardWindow, guard_until};
use crate::conversation::{Direction, MessageKind, MessageStatus};
use crate::messages::TemplateKind;
use crate::port::Clock as _;
use crate::port::store::{AppointmentFilter, CallFilter, CallKey, CallRow, MessageKey, TaskFilter, TotalsFilter};
use crate::routing::Method;
use crate::tasks::TaskKind;
use crate::zone::LocalDay;

/// Adds what is broken to the world's violations.
pub(super) fn check(world: &World) -> Result<(), String> {
    let mut broken = Vec::new();
    let calls = world
        .block_on(world.truth.calls(
            world.business,
            &CallFilter {
                tests: true,
                ..CallFilter::default()
            },
            None,
            100_000,
        ))
        .map_err(|error| error.to_string())?;
    no_call_is_lost(world, &mut broken);
    every_call_is_texted_or_says_why(&calls, &mut broken);
    texts_keep_the_promises(world, &calls, &mut broken);
    what_was_saved_governs(world, &calls, &mut broken);
    totals_equal_a_recount(world, &calls, &mut broken)?;
    words_are_kept(world, &mut broken)?;
    no_lie_of_the_model_goes_out(world, &mut broken);
    the_feed_is_whole(world, &calls, &mut broken)?;
    every_text_counts_once(world, &mut broken)?;
    nothing_is_late(world, &mut broken)?;
    no_hour_is_sold_twice(world, &mut broken)?;
    tenants_are_apart(world, &mut broken)?;
    the_ledger_is_a_chain(world, &mut broken)?;
    world.outside().violations.extend(broken);
    Ok(())
}

/// What goes out in a model's words is what was decided.
fn no_lie_of_the_model_goes_out(world: &World, broken: &mut Vec<String>) {
    for sent in &world.gateway.book().went_out {
        if LIES.iter().any(|lie| sent.body.contains(lie)) {
            broken.push(format!("{} says what a language model made up", sent.message));
        }
        if sent.body.contains(HONEST.trim()) {
            world.tally.note(Happening::ModelWorded);
        }
    }
}

fn no_call_is_lost(world: &World, broken: &mut Vec<String>) {
    let answered: Vec<String> = world.outside().answered.keys().cloned().collect();
    for provider_call in answered {
        let key = CallKey::Provider(provider_call.clone());
        match world.block_on(world.truth.call(world.business, &key)) {
            Ok(Some(_)) => {}
            Ok(None) => broken.push(format!("{provider_call} was answered and is lost")),
            Err(error) => broken.push(error.to_string()),
        }
    }
    match world.left_on_disk() {
        0 => {}
        left => broken.push(format!("{left} events never left a node's disk")),
    }
}

fn every_call_is_texted_or_says_why(calls: &[CallRow], broken: &mut Vec<String>) {
    for call in calls.iter().filter(|call| call.method == Method::AutoTextOnly) {
        if matches!(call.text.name(), "waiting" | "claimed") {
            broken.push(format!("{} waits for its text for ever", call.id));
        }
    }
}

fn texts_keep_the_promises(world: &World, calls: &[CallRow], broken: &mut Vec<String>) {
    let book = world.gateway.book();
    let mut by_message: BTreeMap<_, usize> = BTreeMap::new();
    let mut windows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for sent in &book.went_out {
        *by_message.entry(sent.message).or_insert(0) += 1;
        if sent.after_stop && sent.purpose != TemplateKind::OptOutConfirmation {
            broken.push(format!("{} began after an acknowledged STOP", sent.message));
        }
        if sent.purpose == TemplateKind::AutoText {
            windows.entry(sent.to).or_default().push(sent.at);
        }
    }
    let sent: Vec<_> = book
        .went_out
        .iter()
        .map(|sent| (sent.message, sent.provider_message.clone()))
        .collect();
    drop(book);
    for (message, count) in by_message {
        if count > 1 {
            broken.push(format!("{message} went out {count} times"));
        }
    }
    for times in windows.values() {
        for pair in times.windows(2) {
            if let [first, second] = pair
                && *second < guard_until(*first, GuardWindow::LocalDay, "America/Chicago")
            {
                broken.push(format!("two auto-texts within one window, at {first} and {second}"));
            }
        }
    }
    for (id, _) in sent {
        let key = MessageKey::Id(id);
        match world.block_on(world.truth.message(world.business, &key)) {
            Ok(Some(message)) => {
                let known = message.status.was_accepted() || message.status == MessageStatus::Unknown;
                if !known {
                    broken.push(format!("{id} went out and is stored as {}", message.status.name()));
                }
            }
            Ok(None) => broken.push(format!("{id} went out and was never written down")),
            Err(error) => broken.push(error.to_string()),
        }
    }
    let mut ids = BTreeSet::new();
    for call in calls {
        if !ids.insert(call.id) {
            broken.push(format!("{} is listed twice", call.id));
        }
    }
}

/// A save that was never acknowledged may still be made for this long.
const DOUBT: Duration = Duration::from_secs(900);

/// Whatever was acknowledged before a call arrived decided about it: the block list and the schedule.
fn what_was_saved_governs(world: &World, calls: &[CallRow], broken: &mut Vec<String>) {
    let outside = world.outside();
    for call in calls {
        let arrived = call.received_at.minus(MAX_SKEW);
        let blocked = call.caller.number().and_then(|number| outside.blocked.get(&number));
        if blocked.is_some_and(|at| *at < arrived) {
            if call.outcome != Outcome::Spam {
                broken.push(format!("{} came from a blocked caller and was answered", call.id));
            }
            continue;
        }
        // The newest save acknowledged before the call, unless another was under way around it.
        let newest = outside
            .saved
            .iter()
            .filter(|(_, _, at)| *at < arrived)
            .max_by_key(|(version, _, _)| *version);
        let later = outside.saved.iter().any(|(_, _, at)| *at >= arrived);
        // It excuses only a call that was decided as it says.
        let may_stand = |(began, method): &(crate::Timestamp, Method), at: crate::Timestamp| {
            began.plus(DOUBT) >= at && *method == call.scheduled_method
        };
        let doubt = newest.is_some_and(|(_, _, at)| outside.doubtful.iter().any(|save| may_stand(save, *at)));
        if let Some((_, method, _)) = newest
            && !doubt
            && !later
            && call.scheduled_method != *method
            && call.outcome != Outcome::Spam
            // Within an hour of a text about an emergency, that decides.
            && !call.tags.iter().any(|tag| tag == EMERGENCY_TAG)
        {
            broken.push(format!("{} was decided by an old schedule", call.id));
        }
    }
}

fn totals_equal_a_recount(world: &World, calls: &[CallRow], broken: &mut Vec<String>) -> Result<(), String> {
    let filter = TotalsFilter {
        from_day: LocalDay(0),
        to_day: LocalDay(60_000),
    };
    let rows = world
        .block_on(world.truth.totals(world.business, &filter))
        .map_err(|error| error.to_string())?;
    let mut counted: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for call in calls.iter().filter(|call| !call.is_test) {
        *counted.entry((call.method.name(), call.outcome.name())).or_insert(0) += 1;
    }
    let mut stored: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.calls > 0) {
        *stored.entry((row.method.name(), row.outcome.name())).or_insert(0) += row.calls;
    }
    if counted != stored {
        broken.push(format!("totals {stored:?} differ from a recount {counted:?}"));
    }
    Ok(())
}

fn words_are_kept(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    let ledger = world
        .block_on(world.truth.ledger(world.business, 0, 100_000))
        .map_err(|error| error.to_string())?;
    let outs = world
        .block_on(world.truth.opt_outs(world.business, 100_000))
        .map_err(|error| error.to_string())?;
    if !outs.is_empty() && ledger.is_empty() {
        broken.push("somebody opted out and the ledger is empty".to_owned());
    }
    let stopped: Vec<_> = world
        .gateway
        .book()
        .stopped
        .iter()
        .filter(|(_, stopped)| **stopped)
        .map(|(number, _)| *number)
        .collect();
    for number in stopped {
        let thread = world
            .block_on(world.truth.thread(world.business, &number, world.time.now()))
            .map_err(|error| error.to_string())?;
        if thread.consent.opted_out_at.is_none() && !thread.consent.suppressed {
            broken.push("an acknowledged STOP is not stored".to_owned());
        }
    }
    let tasks = world
        .block_on(world.truth.tasks(world.business, &TaskFilter::default(), 100_000))
        .map_err(|error| error.to_string())?;
    let raised = |number, kind| tasks.iter().any(|task| task.phone == Some(number) && task.kind == kind);
    let replies: Vec<_> = {
        // Nobody is asked to answer somebody who is blocked.
        let outside = world.outside();
        outside
            .replies
            .iter()
            .filter(|number| !outside.blocked.contains_key(number))
            .copied()
            .collect()
    };
    for number in replies {
        let thread = world
            .block_on(world.truth.thread(world.business, &number, world.time.now()))
            .map_err(|error| error.to_string())?;
        // The machine answers, or a person; who says STOP meanwhile is called.
        let answered = thread.messages.iter().any(|message| {
            matches!(
                message.kind,
                MessageKind::Reply | MessageKind::Manual | MessageKind::AppointmentConfirmation
            ) && message.direction == Direction::Outbound
        });
        let asked = [TaskKind::ReplyNeeded, TaskKind::Callback, TaskKind::OptedOut]
            .into_iter()
            .any(|kind| raised(number, kind));
        if !answered && !asked {
            broken.push("a caller wrote and nobody answered or was asked to".to_owned());
        }
    }
    for number in &world.callers {
        let thread = world
            .block_on(world.truth.thread(world.business, number, world.time.now()))
            .map_err(|error| error.to_string())?;
        let unknown = thread
            .messages
            .iter()
            .any(|message| message.status == MessageStatus::Unknown);
        if unknown && !raised(*number, TaskKind::TextUnknown) {
            broken.push("a text's fate is unknown and nobody was told".to_owned());
        }
        let texts = world.outside().texts.clone();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for message in &thread.messages {
            if let Some(id) = message.provider_message.as_deref().filter(|id| texts.contains(*id)) {
                *seen.entry(id).or_insert(0) += 1;
            }
        }
        if seen.values().any(|count| *count > 1) {
            broken.push("an inbound text is stored twice".to_owned());
        }
        let version = thread
            .conversation
            .as_ref()
            .map_or(0, |conversation| conversation.version);
        let messages = u32::try_from(thread.messages.len()).unwrap_or(u32::MAX);
        if messages > 0 && version == 0 {
            broken.push("a thread has messages and no row".to_owned());
        }
        if let (Some(conversation), Some(last)) = (
            &thread.conversation,
            thread
                .messages
                .iter()
                .rfind(|message| message.direction == Direction::Inbound),
        ) && conversation.last_inbound_at < Some(last.created_at)
        {
            broken.push("a thread does not know its last inbound text".to_owned());
        }
    }
    Ok(())
}

fn the_feed_is_whole(world: &World, calls: &[CallRow], broken: &mut Vec<String>) -> Result<(), String> {
    let feed = world
        .block_on(world.truth.feed(world.business, 0, 1_000_000))
        .map_err(|error| error.to_string())?;
    if feed
        .windows(2)
        .any(|pair| matches!(pair, [one, two] if one.seq >= two.seq))
    {
        broken.push("the feed is out of order".to_owned());
    }
    let received: BTreeSet<_> = feed
        .iter()
        .filter(|entry| entry.event.kind == crate::port::store::FeedKind::CallReceived)
        .filter_map(|entry| entry.event.call)
        .collect();
    for call in calls {
        if !received.contains(&call.id) {
            broken.push(format!("{} is not in the feed", call.id));
        }
    }
    let ended: Vec<_> = feed
        .iter()
        .filter(|entry| entry.event.kind == crate::port::store::FeedKind::CallEnded)
        .filter_map(|entry| entry.event.call)
        .collect();
    let once: BTreeSet<_> = ended.iter().collect();
    if once.len() != ended.len() {
        broken.push("a call ended twice".to_owned());
    }
    Ok(())
}

/// Every text that was acknowledged is stored, with one of the businesses and once.
fn every_text_counts_once(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    let texts = world.outside().texts.clone();
    for text in texts {
        let key = MessageKey::Provider(text.clone());
        let mut found = 0;
        for business in [world.business, world.other] {
            let message = world
                .block_on(world.truth.message(business, &key))
                .map_err(|error| error.to_string())?;
            found += usize::from(message.is_some());
        }
        if found != 1 {
            broken.push(format!("{text} was acknowledged and is stored {found} times"));
        }
    }
    Ok(())
}

/// Appointments of one business never overlap, and who was told of one has it.
fn no_hour_is_sold_twice(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    let rows = world
        .block_on(
            world
                .truth
                .appointments(world.business, &AppointmentFilter::default(), None, 10_000),
        )
        .map_err(|error| error.to_string())?;
    let mut standing: Vec<_> = rows.iter().filter(|row| row.status.counts()).collect();
    standing.sort_by_key(|row| row.starts_at);
    for _ in &standing {
        world.tally.note(Happening::Booked);
    }
    for pair in standing.windows(2) {
        if let [one, two] = pair
            && two.starts_at < one.ends_at()
        {
            broken.push(format!("{} and {} are at one time", one.id, two.id));
        }
    }
    let book = world.gateway.book();
    let told: BTreeMap<_, usize> = book
        .went_out
        .iter()
        .filter(|sent| sent.purpose == TemplateKind::AppointmentConfirmation)
        .fold(BTreeMap::new(), |mut told, sent| {
            *told.entry(sent.to).or_insert(0) += 1;
            told
        });
    for (number, count) in told {
        // Moves and cancellations stay in the list, each with its own confirmation.
        let booked = rows.iter().filter(|row| row.customer.phone == Some(number)).count();
        if booked == 0 {
            broken.push(format!("{count} confirmations of no appointment"));
        }
    }
    Ok(())
}

/// A text that answers a call goes out within this, or not at all.
const LATEST: Duration = Duration::from_secs(15 * 60);

fn nothing_is_late(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    let sent: Vec<_> = world
        .gateway
        .book()
        .went_out
        .iter()
        .filter(|sent| sent.purpose == TemplateKind::AutoText)
        .map(|sent| (sent.message, sent.at))
        .collect();
    for (id, at) in sent {
        let message = world
            .block_on(world.truth.message(world.business, &MessageKey::Id(id)))
            .map_err(|error| error.to_string())?;
        let Some(call) = message.and_then(|message| message.call) else {
            continue;
        };
        let call = world
            .block_on(world.truth.call(world.business, &CallKey::Id(call)))
            .map_err(|error| error.to_string())?;
        // The claim lasts a little, and the node's clock may be off.
        let slack = MAX_SKEW * 2 + crate::compliance::gate::SendPermit::LIFETIME;
        if call.is_some_and(|found| at > found.call.received_at.plus(LATEST + slack)) {
            broken.push(format!("{id} went out although it was late"));
        }
    }
    Ok(())
}

/// What one business has, the other does not see.
fn tenants_are_apart(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    let filter = CallFilter {
        tests: true,
        ..CallFilter::default()
    };
    let calls = world
        .block_on(world.truth.calls(world.other, &filter, None, 10))
        .map_err(|error| error.to_string())?;
    if !calls.is_empty() {
        broken.push("a business sees another's calls".to_owned());
    }
    let answered: Vec<String> = world.outside().answered.keys().take(5).cloned().collect();
    for provider_call in answered {
        let key = CallKey::Provider(provider_call);
        let seen = world
            .block_on(world.truth.call(world.other, &key))
            .map_err(|error| error.to_string())?;
        if seen.is_some() {
            broken.push("a business sees another's call".to_owned());
        }
    }
    Ok(())
}

fn the_ledger_is_a_chain(world: &World, broken: &mut Vec<String>) -> Result<(), String> {
    for business in [world.business, world.other] {
        let entries = world
            .block_on(world.truth.ledger(business, 0, 100_000))
            .map_err(|error| error.to_string())?;
        let head = world
            .block_on(world.truth.ledger_head(business))
            .map_err(|error| error.to_string())?;
        if !entries.iter().map(|entry| entry.seq).eq(1..=entries.len() as u64) {
            broken.push("the consent ledger has a gap".to_owned());
        }
        if entries.last().map(crate::compliance::ledger::Sealed::head) != head.filter(|head| head.len > 0) {
            broken.push("the consent ledger's head is not its last entry".to_owned());
        }
    }
    Ok(())
}
