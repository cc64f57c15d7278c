//! What was written is found again: by decisions, by pages, by people who sign in.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::time::Duration;

use common::{KEY, World, feed, message_id, phone};
use mccc_core::calls::Outcome;
use mccc_core::compliance::ledger::{ConsentKind, Entry, LedgerKey, verify};
use mccc_core::compliance::number::LineType;
use mccc_core::conversation::dialogue::Dialogue;
use mccc_core::conversation::{
    Author, Contact, Conversation, Direction, Message, MessageKind, MessageStatus, ThreadState,
};
use mccc_core::port::Store;
use mccc_core::port::store::{
    Accounts, ApiKey, CallCursor, CallFilter, Change, CommitError, Conflict, ConsentChange, ConversationCursor, Guard,
    Membership, MessageKey, Role, Session, StoredResponse, TaskFilter, TestCall, TestCallState, User,
};
use mccc_core::tasks::{Task, TaskKind};
use mccc_core::{ApiKeyId, BusinessId, ConversationId, PhoneNumber, SessionId, TaskId, TestCallId, Timestamp, UserId};

const HOUR: Duration = Duration::from_secs(3600);

fn thread(business: BusinessId, phone: PhoneNumber, at: Timestamp) -> Conversation {
    Conversation {
        id: ConversationId::derive(at, &format!("{business}/{phone}")),
        business,
        phone,
        version: 1,
        state: ThreadState::AiActive,
        taken_by: None,
        last_call: None,
        unread: 2,
        preview: "hello".to_owned(),
        last_message_at: at,
        last_inbound_at: Some(at),
        last_automated_at: None,
        automated_since_inbound: 0,
        outcome: Outcome::NoAction,
        dialogue: Dialogue::default(),
        created_at: at,
    }
}

fn text(thread: &Conversation, name: &str, at: Timestamp) -> Message {
    Message {
        id: message_id(name),
        business: thread.business,
        version: 1,
        conversation: thread.id,
        call: None,
        direction: Direction::Outbound,
        author: Author::Machine,
        user: None,
        kind: MessageKind::AutoText,
        ours: phone(1),
        theirs: thread.phone,
        body: "we missed you 🔧".to_owned(),
        media_count: 0,
        segments: 1,
        status: MessageStatus::Sent,
        provider_message: Some(format!("SM-{name}")),
        error_code: Some(30003),
        reason: None,
        attempts: 1,
        note: None,
        draft: false,
        created_at: at,
        sent_at: Some(at),
        settled_at: None,
    }
}

fn put(message: &Message) -> Change {
    Change::PutMessage(Box::new(message.clone()))
}

#[tokio::test]
async fn an_opt_out_holds_everywhere_until_nobody_has_one() {
    let world = World::new("consent").await;
    let (ace, best) = (
        world.open_business("ace", 1).await,
        world.open_business("best", 2).await,
    );
    let change = |business, change| {
        let commit = world.commit(business, vec![Change::Consent(change)]);
        world.store.commit(commit)
    };
    let out = || ConsentChange::OptOut {
        phone: phone(9),
        keyword: "stop".to_owned(),
    };
    let back_in = || ConsentChange::OptIn { phone: phone(9) };
    let refused = |business| {
        let mut commit = world.commit(business, vec![feed(world.now(), "claim")]);
        commit.guards.push(Guard::NotOptedOut { phone: phone(9) });
        let answer = world.store.commit(commit);
        async { matches!(answer.await, Err(CommitError::Conflict(Conflict::OptedOut))) }
    };
    assert!(!refused(ace).await);
    let first = world.now();
    change(ace, out()).await.unwrap();
    world.clock.advance(HOUR);
    change(ace, out()).await.unwrap();
    change(best, out()).await.unwrap();
    assert!(refused(best).await);
    assert_eq!(world.store.opt_outs(ace, 10).await.unwrap()[0].opted_out_at, first);
    change(ace, back_in()).await.unwrap();
    let consent = world.store.thread(ace, &phone(9), world.now()).await.unwrap().consent;
    assert_eq!(
        (consent.opted_out_at, consent.suppressed, consent.opted_back_in),
        (None, true, true)
    );
    assert!(refused(ace).await, "the other business's opt-out still holds");
    change(best, back_in()).await.unwrap();
    assert!(!refused(ace).await && !refused(best).await);
    change(best, back_in()).await.unwrap();
    change(ace, out()).await.unwrap();
    assert!(refused(ace).await);
    assert_eq!(world.store.opt_outs(ace, 10).await.unwrap()[0].opted_back_in_at, None);
}

#[tokio::test]
async fn claims_expire_by_the_clock_and_guards_by_the_commit() {
    let world = World::new("claims").await;
    let (ace, best) = (
        world.open_business("ace", 1).await,
        world.open_business("best", 2).await,
    );
    let claim = |name: &str| Change::ClaimSend {
        message: message_id(name),
        phone: phone(9),
        lasts: Duration::from_secs(5),
    };
    world.store.commit(world.commit(ace, vec![claim("a")])).await.unwrap();
    world.store.commit(world.commit(best, vec![claim("b")])).await.unwrap();
    assert_eq!(world.store.open_claims(&phone(9)).await.unwrap(), 2);
    let settle = Change::SettleSend {
        message: message_id("a"),
    };
    world.store.commit(world.commit(ace, vec![settle])).await.unwrap();
    assert_eq!(world.store.open_claims(&phone(9)).await.unwrap(), 1);
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.store.open_claims(&phone(9)).await.unwrap(), 0);

    let until = world.now().plus(HOUR);
    let hold = Change::HoldTextGuard {
        phone: phone(9),
        until,
        message: message_id("a"),
    };
    world.store.commit(world.commit(ace, vec![hold])).await.unwrap();
    let try_again = || {
        let mut commit = world.commit(ace, vec![feed(world.now(), "again")]);
        commit.guards.push(Guard::TextGuardFree { phone: phone(9) });
        world.store.commit(commit)
    };
    let Err(CommitError::Conflict(conflict)) = try_again().await else {
        panic!("two texts in one window");
    };
    assert_eq!(conflict, Conflict::TextGuardHeld { until });
    let free = |name: &str| Change::FreeTextGuard {
        phone: phone(9),
        message: message_id(name),
    };
    world.store.commit(world.commit(ace, vec![free("b")])).await.unwrap();
    assert!(try_again().await.is_err(), "only the text that holds it frees it");
    world.store.commit(world.commit(ace, vec![free("a")])).await.unwrap();
    try_again().await.unwrap();
}

#[tokio::test]
async fn a_thread_is_read_whole_and_sends_are_counted() {
    let world = World::new("thread").await;
    let ace = world.open_business("ace", 1).await;
    let call = world.insert_call(ace, 1, 9).await;
    let start = world.now();
    let mine = thread(ace, phone(9), start);
    let other = thread(ace, phone(8), start);
    let contact = Contact {
        business: ace,
        phone: phone(9),
        name: Some("Jo".to_owned()),
        line: Some((LineType::FixedVoip, start)),
        created_at: start,
        last_seen_at: start,
    };
    let mut changes = vec![
        Change::PutConversation(mine.clone()),
        Change::PutConversation(other.clone()),
        Change::PutContact(contact.clone()),
    ];
    let at = |hours: u32| start.plus(HOUR * hours);
    let mut inbound = text(&mine, "inbound", at(10));
    inbound.direction = Direction::Inbound;
    inbound.author = Author::Caller;
    inbound.kind = MessageKind::Reply;
    let mut failed = text(&mine, "failed", at(30));
    failed.status = MessageStatus::Failed;
    // Claimed counts: it may have been sent.
    let mut claimed = text(&mine, "claimed", at(31));
    claimed.status = MessageStatus::Claimed;
    let new_caller = text(&other, "other", at(31));
    changes.extend([
        put(&text(&mine, "old", start)),
        put(&inbound),
        put(&failed),
        put(&claimed),
        put(&new_caller),
    ]);
    let task = Task {
        id: TaskId::derive(start, "callback"),
        business: ace,
        kind: TaskKind::Callback,
        phone: Some(phone(9)),
        call: Some(call.id),
        conversation: Some(mine.id),
        message: None,
        sentence: "Call back".to_owned(),
        raised_at: start,
        done_at: None,
        due_at: None,
        done_by: None,
    };
    changes.push(Change::RaiseTask(task.clone()));
    world.store.commit(world.commit(ace, changes)).await.unwrap();
    world.clock.advance(HOUR * 31 + Duration::from_secs(60));
    let read = world.store.thread(ace, &phone(9), world.now()).await.unwrap();
    let names: Vec<_> = read.messages.iter().map(|message| message.id).collect();
    assert_eq!(names, ["old", "inbound", "failed", "claimed"].map(message_id));
    assert_eq!(read.messages[3], claimed);
    assert_eq!((read.contact, read.conversation), (Some(contact), Some(mine.clone())));
    assert_eq!(read.last_call, Some(call.clone()));
    assert_eq!(read.open_tasks.first(), Some(&task));
    assert_eq!(read.open_tasks.len(), 1);
    assert_eq!(read.counts.new_recipients_last_hour, 1, "the known caller is not new");
    assert_eq!(read.counts.business_last_day, 2);
    assert_eq!(read.counts.automated_to_caller_last_day, 1);
    assert_eq!(read.counts.auto_texts_unanswered_30_days, 1);
    for key in [
        MessageKey::Id(claimed.id),
        MessageKey::Provider("SM-claimed".to_owned()),
    ] {
        assert_eq!(world.store.message(ace, &key).await.unwrap().as_ref(), Some(&claimed));
    }
    let detail = world.store.call_detail(ace, call.id).await.unwrap().unwrap();
    assert_eq!(detail.messages.len(), 4);
    assert_eq!((detail.conversation, detail.tasks.len()), (Some(mine), 1));
    assert_eq!(detail.events.len(), 1);
    let finish = || {
        let by = Some(UserId::derive(start, "jo"));
        world
            .store
            .commit(world.commit(ace, vec![Change::FinishTask { task: task.id, by }]))
    };
    finish().await.unwrap();
    let done_at = world.now();
    world.clock.advance(HOUR);
    finish().await.unwrap();
    assert_eq!(
        world.store.task(ace, task.id).await.unwrap().unwrap().done_at,
        Some(done_at)
    );
    assert!(world.store.tasks(ace, &TaskFilter::OPEN, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn lists_go_on_where_they_stopped_and_stay_inside_the_business() {
    let world = World::new("lists").await;
    let (ace, best) = (
        world.open_business("ace", 1).await,
        world.open_business("best", 2).await,
    );
    for number in 0..25_u64 {
        // Several in the same instant.
        if number % 3 == 0 {
            world.clock.advance(Duration::from_secs(1));
        }
        world
            .insert_call(ace, number, u32::try_from(100 + number % 5).unwrap())
            .await;
        let peer = phone(u32::try_from(number).unwrap());
        let changes = vec![Change::PutConversation(thread(ace, peer, world.now()))];
        world.store.commit(world.commit(ace, changes)).await.unwrap();
    }
    world.insert_call(best, 1, 100).await;
    let all = world.store.calls(ace, &CallFilter::default(), None, 100).await.unwrap();
    assert_eq!(all.len(), 25);
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.calls(ace, &CallFilter::default(), after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(CallCursor {
            received_at: last.received_at,
            id: last.id,
        });
        seen.extend(page);
    }
    assert_eq!(seen, all);
    let (mut threads, mut after) = (0, None);
    loop {
        let page = world.store.conversations(ace, after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(ConversationCursor {
            last_message_at: last.conversation.last_message_at,
            id: last.conversation.id,
        });
        threads += page.len();
    }
    assert_eq!(threads, 25);
    let filter = CallFilter {
        caller: Some(phone(101)),
        from_day: Some(all[0].received_at).and_then(|at| at.to_string().get(..10)?.parse().ok()),
        outcome: Some(all[0].outcome.dashboard()),
        method: Some(all[0].method),
        ..CallFilter::default()
    };
    assert_eq!(world.store.calls(ace, &filter, None, 100).await.unwrap().len(), 5);
    let attention = CallFilter {
        attention: true,
        ..CallFilter::default()
    };
    assert!(world.store.calls(ace, &attention, None, 100).await.unwrap().is_empty());
    assert_eq!(world.store.businesses(None, 10).await.unwrap().len(), 2);
    let first = world.store.businesses(None, 1).await.unwrap();
    assert_eq!(
        world.store.businesses(first.first().copied(), 10).await.unwrap().len(),
        1
    );
    assert!(world.store.call_detail(best, all[0].id).await.unwrap().is_none());
}

#[tokio::test]
async fn the_ledger_is_one_chain_for_each_business() {
    let world = World::new("ledger").await;
    let ace = world.open_business("ace", 1).await;
    for number in 0..5 {
        let entry = Entry {
            at: world.now(),
            phone: phone(number),
            kind: ConsentKind::OptOut,
            source: "sms".to_owned(),
            evidence: "SM1".to_owned(),
        };
        world
            .store
            .commit(world.commit(ace, vec![Change::Ledger(entry)]))
            .await
            .unwrap();
    }
    let entries = world.store.ledger(ace, 0, 100).await.unwrap();
    assert_eq!(entries.len(), 5);
    let head = world.store.ledger_head(ace).await.unwrap();
    assert_eq!(verify(&LedgerKey::new(&KEY), ace, &entries, head), Ok(head));
    assert_eq!(world.store.ledger(ace, 3, 100).await.unwrap(), entries[3..]);
}

#[tokio::test]
async fn one_forwarding_test_at_a_time() {
    let world = World::new("tests").await;
    let ace = world.open_business("ace", 1).await;
    let test = |name: &str, version, state| TestCall {
        id: TestCallId::derive(world.now(), name),
        business: ace,
        version,
        we_call: true,
        business_phone: phone(3),
        our_number: phone(1),
        expected_callers: vec![phone(3), phone(4)],
        provider_call: None,
        state,
        error_code: None,
        started_at: world.now(),
        expires_at: world.now().plus(Duration::from_secs(45)),
        ended_at: None,
    };
    let put = |test: &TestCall| {
        let commit = world.commit(ace, vec![Change::PutTestCall(Box::new(test.clone()))]);
        world.store.commit(commit)
    };
    let first = test("first", 1, TestCallState::Pending);
    put(&first).await.unwrap();
    assert_eq!(world.store.latest_test_call(ace).await.unwrap(), Some(first));
    let second = test("second", 1, TestCallState::Pending);
    assert!(matches!(
        put(&second).await,
        Err(CommitError::Conflict(Conflict::TestInProgress))
    ));
    let over = test("first", 2, TestCallState::Success);
    put(&over).await.unwrap();
    assert_eq!(world.store.test_call(ace, over.id).await.unwrap(), Some(over));
    put(&second).await.unwrap();
    world.clock.advance(Duration::from_secs(45));
    put(&test("third", 1, TestCallState::Listening)).await.unwrap();
}

#[tokio::test]
async fn people_sessions_and_keys_read_back() {
    let world = World::new("people").await;
    let (store, now) = (&world.store, world.now());
    let ace = world.open_business("ace", 1).await;
    let user = User {
        id: UserId::derive(now, "jo"),
        email: "Jo@Example.com".to_owned(),
        name: "Jo".to_owned(),
        password_hash: None,
        created_at: now,
    };
    assert!(store.add_user(&user).await.unwrap());
    let same_address = User {
        id: UserId::derive(now, "other"),
        email: "JO@EXAMPLE.COM".to_owned(),
        ..user.clone()
    };
    assert!(!store.add_user(&same_address).await.unwrap());
    assert_eq!(store.user_count().await.unwrap(), 1);
    store.set_password(user.id, "hash").await.unwrap();
    let found = store.user_by_email("jo@example.COM").await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("hash"));
    assert_eq!(store.user(user.id).await.unwrap(), Some(found));
    for role in [Role::Csr, Role::Owner] {
        let membership = Membership {
            user: user.id,
            business: ace,
            role,
        };
        store.put_membership(&membership).await.unwrap();
        assert_eq!(store.memberships(user.id).await.unwrap(), [membership]);
    }
    let link = Session {
        id: SessionId::derive(now, "link"),
        token_hash: [1; 32],
        user: user.id,
        one_time: true,
        created_at: now,
        expires_at: now.plus(HOUR),
    };
    let session = Session {
        token_hash: [2; 32],
        one_time: false,
        ..link.clone()
    };
    store.add_session(&link).await.unwrap();
    store.add_session(&session).await.unwrap();
    assert_eq!(store.session(&[2; 32]).await.unwrap(), Some(session));
    assert_eq!(store.take_session(&[1; 32]).await.unwrap(), Some(link));
    assert_eq!(store.take_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(store.take_session(&[2; 32]).await.unwrap(), None, "it is not a link");
    let mut key = ApiKey {
        id: ApiKeyId::derive(now, "key"),
        business: ace,
        name: "crm".to_owned(),
        key_hash: [3; 32],
        role: Role::Manager,
        created_at: now,
        revoked_at: None,
    };
    store.add_api_key(&key).await.unwrap();
    store.revoke_api_key(ace, key.id, now).await.unwrap();
    store.revoke_api_key(ace, key.id, now.plus(HOUR)).await.unwrap();
    key.revoked_at = Some(now);
    assert_eq!(store.api_key(&[3; 32]).await.unwrap().as_ref(), Some(&key));
    assert_eq!(store.api_keys(ace).await.unwrap(), [key]);
    let answer = |status| StoredResponse {
        key: "k1".to_owned(),
        request_hash: "abc".to_owned(),
        status,
        body: "{}".to_owned(),
        at: now,
    };
    store.remember(ace, &answer(201)).await.unwrap();
    let again = world.commit(ace, vec![Change::RememberResponse(answer(500))]);
    store.commit(again).await.unwrap();
    assert_eq!(store.remembered(ace, "k1").await.unwrap(), Some(answer(201)));
    let secret = |sealed: &str| Change::PutSecret {
        field: "token".to_owned(),
        sealed: sealed.to_owned(),
    };
    store
        .commit(world.commit(ace, vec![secret("a"), secret("b")]))
        .await
        .unwrap();
    assert_eq!(store.secret(ace, "token").await.unwrap().as_deref(), Some("b"));
    assert_eq!(store.prune(now.plus(HOUR)).await.unwrap(), 1);
    assert_eq!(store.prune(now.plus(HOUR * 25)).await.unwrap(), 1);
    assert_eq!(store.remembered(ace, "k1").await.unwrap(), None);
}
