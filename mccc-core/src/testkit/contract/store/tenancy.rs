//! A business sees and changes only its own.

use std::time::Duration;

use super::StoreHarness;
use super::bench::{Bench, found, note, refused};
use crate::calls::Call;
use crate::conversation::{CallerFlags, Conversation, Message};
use crate::port::store::{
    CallFilter, CallKey, Change, Conflict, ConsentChange, Guard, JobResult, MessageKey, Stale, TaskFilter, TestCall,
    TotalsFilter,
};
use crate::tasks::Task;
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};
use crate::zone::LocalDay;
use crate::{BusinessId, PhoneNumber};

/// A business with a row of every kind.
struct Tenant {
    call: Call,
    thread: Conversation,
    message: Message,
    task: Task,
    test: TestCall,
}

async fn fill(bench: &Bench<'_>, business: BusinessId, phone: PhoneNumber) -> Result<Tenant, Failure> {
    let now = bench.now();
    let call = bench.call(business, "CA1", phone).await?;
    let thread = build::thread(business, phone, now);
    let message = build::message(&thread, "m", now);
    let mut task = build::task(business, "task", now);
    task.phone = Some(phone);
    task.call = Some(call.id);
    let test = build::test_call(business, "test", now);
    bench
        .apply(
            business,
            vec![
                Change::PutConversation(thread.clone()),
                Change::PutContact(build::contact(business, phone, now)),
                Change::PutCallerFlags {
                    phone,
                    flags: build::flags(1, now),
                },
                Change::PutMessage(Box::new(message.clone())),
                Change::RaiseTask(task.clone()),
                Change::PutTestCall(Box::new(test.clone())),
                Change::HoldTextGuard {
                    phone,
                    until: now.plus(Duration::from_secs(60)),
                    message: message.id,
                },
                Change::Consent(ConsentChange::OptOut {
                    phone,
                    keyword: "stop".to_owned(),
                }),
                Change::Ledger(build::entry(phone, now)),
                Change::PutSecret {
                    field: "token".to_owned(),
                    sealed: "sealed".to_owned(),
                },
                Change::RememberResponse(build::response("k", 201, now)),
                note(now, "mine"),
            ],
        )
        .await?;
    let accounts = bench.harness.accounts();
    accounts.add_api_key(&build::api_key(1, business, now)).await?;
    Ok(Tenant {
        call,
        thread,
        message,
        task,
        test,
    })
}

pub(super) async fn a_business_reads_only_its_own(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let phone = build::phone(9);
    let tenant = fill(&bench, ace, phone).await?;
    let (store, now) = (&bench.store, bench.now());
    // What is asked for is there, so that the absences below mean something.
    ensure!(
        store.call_detail(ace, tenant.call.id).await?.is_some(),
        "a business does not see its own call"
    );
    for key in [CallKey::Id(tenant.call.id), CallKey::Provider("CA1".to_owned())] {
        ensure!(
            store.call(best, &key).await?.is_none(),
            "another business's call, by {key:?}"
        );
    }
    ensure!(
        store.call_detail(best, tenant.call.id).await?.is_none(),
        "another business's call with its page"
    );
    for key in [
        MessageKey::Id(tenant.message.id),
        MessageKey::Provider("SM-m".to_owned()),
    ] {
        ensure!(
            store.message(best, &key).await?.is_none(),
            "another business's message, by {key:?}"
        );
    }
    ensure!(
        store.conversation(best, tenant.thread.id, 10).await?.is_none(),
        "another business's thread"
    );
    ensure!(
        store.task(best, tenant.task.id).await?.is_none(),
        "another business's task"
    );
    ensure!(
        store.test_call(best, tenant.test.id).await?.is_none(),
        "another business's test"
    );
    ensure!(
        store.latest_test_call(best).await?.is_none(),
        "another business's newest test"
    );
    ensure_eq!(
        store.caller_flags(best, &phone).await?,
        CallerFlags::NONE,
        "another business's flags"
    );
    let thread = store.thread(best, &phone, now).await?;
    ensure_eq!(
        (
            thread.contact,
            thread.conversation,
            thread.last_call,
            thread.guard,
            thread.flags
        ),
        (None, None, None, None, CallerFlags::NONE),
        "another business's thread with a caller"
    );
    ensure!(
        thread.messages.is_empty() && thread.open_tasks.is_empty(),
        "another business's messages or tasks"
    );
    ensure_eq!(thread.counts, Default::default(), "another business's texts");
    ensure_eq!(thread.consent.opted_out_at, None, "another business's opt-out");
    let everything = CallFilter {
        tests: true,
        ..CallFilter::default()
    };
    ensure!(
        store.calls(best, &everything, None, 10).await?.is_empty(),
        "another business's calls"
    );
    let his = CallFilter {
        caller: Some(phone),
        ..everything
    };
    ensure!(
        store.calls(best, &his, None, 10).await?.is_empty(),
        "another business's calls of a caller"
    );
    ensure!(
        store.conversations(best, None, 10).await?.is_empty(),
        "another business's threads"
    );
    ensure!(
        store.tasks(best, &TaskFilter::default(), 10).await?.is_empty(),
        "another business's tasks"
    );
    ensure!(store.feed(best, 0, 10).await?.is_empty(), "another business's feed");
    ensure_eq!(
        store.feed_heads(&[best]).await?,
        vec![(best, 0)],
        "another business's feed head"
    );
    ensure!(
        store.opt_outs(best, 10).await?.is_empty(),
        "another business's opt-outs"
    );
    ensure!(store.ledger(best, 0, 10).await?.is_empty(), "another business's ledger");
    ensure_eq!(store.ledger_head(best).await?, None, "another business's ledger head");
    let days = TotalsFilter {
        from_day: LocalDay(0),
        to_day: LocalDay(100_000),
    };
    ensure!(store.totals(best, &days).await?.is_empty(), "another business's totals");
    let owner = found("the business", store.owner(best).await?)?;
    ensure_eq!(owner.lines.len(), 1, "the numbers of a business beside another's");
    let accounts = h.accounts();
    ensure_eq!(
        accounts.secret(best, "token").await?,
        None,
        "another business's credential"
    );
    ensure_eq!(accounts.remembered(best, "k").await?, None, "another business's answer");
    ensure!(accounts.api_keys(best).await?.is_empty(), "another business's keys");
    Ok(Done::Passed)
}

pub(super) async fn a_business_changes_only_its_own(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let (phone, now) = (build::phone(9), bench.now());
    let tenant = fill(&bench, ace, phone).await?;
    let claimed = build::message_id("claimed");
    let mut waits = build::job("waits", now.plus(Duration::from_secs(1)));
    waits.subject = Some(phone);
    bench
        .apply(
            ace,
            vec![
                Change::Enqueue(build::job("runs", now)),
                Change::Enqueue(waits.clone()),
                Change::ClaimSend {
                    message: claimed,
                    phone,
                    lasts: Duration::from_secs(600),
                },
            ],
        )
        .await?;
    let running = bench.claim("w", 100).await?;
    let running = found(
        "the running job",
        running.into_iter().find(|job| job.id == build::job("runs", now).id),
    )?;
    let finish = Change::FinishTask {
        task: tenant.task.id,
        by: None,
    };
    ensure_eq!(
        bench.refuse(best, vec![finish]).await?,
        Conflict::Stale(Stale::Task),
        "another business's task"
    );
    let mut settle = bench.commit(best, vec![note(now, "settled")]);
    settle.job = Some((running.fence, JobResult::Done));
    ensure_eq!(
        refused(bench.store.commit(settle).await)?,
        Conflict::LeaseLost,
        "another business's job"
    );
    bench
        .apply(
            best,
            vec![
                Change::CancelJobs { subject: phone },
                Change::SettleSend { message: claimed },
                Change::FreeTextGuard {
                    phone,
                    message: tenant.message.id,
                },
                Change::RemoveLine(build::phone(1)),
                Change::Consent(ConsentChange::OptIn { phone }),
                Change::PutSecret {
                    field: "token".to_owned(),
                    sealed: "another".to_owned(),
                },
            ],
        )
        .await?;
    h.accounts()
        .revoke_api_key(best, build::api_key(1, ace, now).id, now)
        .await?;
    ensure_eq!(
        bench.store.open_claims(&phone).await?,
        1,
        "another business settled a claim"
    );
    let thread = bench.store.thread(ace, &phone, now).await?;
    ensure!(thread.guard.is_some(), "another business freed a guard");
    ensure!(
        thread.consent.opted_out_at.is_some() && thread.consent.suppressed,
        "another business lifted an opt-out"
    );
    ensure_eq!(thread.open_tasks.len(), 1, "another business finished a task");
    ensure!(
        bench.store.owner_of(&build::phone(1)).await?.is_some(),
        "another business removed a number"
    );
    let accounts = h.accounts();
    ensure_eq!(
        accounts.secret(ace, "token").await?.as_deref(),
        Some("sealed"),
        "another business's credential"
    );
    let key = found("the key", accounts.api_keys(ace).await?.pop())?;
    ensure_eq!(key.revoked_at, None, "another business revoked a key");
    h.advance(Duration::from_secs(1));
    let left = bench.claim("w", 100).await?;
    ensure!(
        left.iter().any(|job| job.id == waits.id),
        "another business's opt-out cancelled a job"
    );
    bench.settle(ace, running.fence, JobResult::Done).await?;
    Ok(Done::Passed)
}

pub(super) async fn two_businesses_may_have_the_same_keys(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let (phone, now) = (build::phone(9), bench.now());
    for (business, name) in [(ace, "ace"), (best, "best")] {
        bench.call(business, "CA1", phone).await?;
        let mut contact = build::contact(business, phone, now);
        contact.name = Some(name.to_owned());
        let thread = build::thread(business, phone, now);
        let mut message = build::message(&thread, &format!("m of {name}"), now);
        message.provider_message = Some("SM1".to_owned());
        let mut commit = bench.commit(
            business,
            vec![
                Change::PutContact(contact),
                Change::PutConversation(thread),
                Change::PutMessage(Box::new(message)),
                Change::PutCallerFlags {
                    phone,
                    flags: CallerFlags {
                        version: 1,
                        blocked: business == ace,
                        ..CallerFlags::NONE
                    },
                },
                Change::HoldTextGuard {
                    phone,
                    until: now.plus(Duration::from_secs(60)),
                    message: build::message_id(name),
                },
                Change::RememberResponse(build::response("k", if business == ace { 200 } else { 201 }, now)),
            ],
        );
        commit.event = Some(build::event_key("twilio/sms/SM1", Some(name)));
        commit.guards = vec![Guard::TextGuardFree { phone }, Guard::CallerFlags { phone, version: 0 }];
        bench.store.commit(commit).await?;
    }
    for (business, name, status) in [(ace, "ace", 200), (best, "best", 201)] {
        let read = bench.store.thread(business, &phone, now).await?;
        let contact = found("the contact", read.contact)?;
        ensure_eq!(
            contact.name.as_deref(),
            Some(name),
            "the contact of a caller two businesses know"
        );
        ensure_eq!(
            read.flags.blocked,
            business == ace,
            "the flags of a caller two businesses know"
        );
        ensure_eq!(
            read.guard.map(|guard| guard.message),
            Some(build::message_id(name)),
            "the guard of a business"
        );
        let call = bench.store.call(business, &CallKey::Provider("CA1".to_owned())).await?;
        ensure_eq!(
            call.map(|found| found.call.business),
            Some(business),
            "whose call it is"
        );
        let message = bench
            .store
            .message(business, &MessageKey::Provider("SM1".to_owned()))
            .await?;
        ensure_eq!(
            message.map(|message| message.business),
            Some(business),
            "whose message it is"
        );
        let answer = found("the answer", h.accounts().remembered(business, "k").await?)?;
        ensure_eq!(answer.status, status, "the answer that a business was given");
    }
    Ok(Done::Passed)
}
