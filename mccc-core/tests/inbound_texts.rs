//! What a caller's text does: consent first, one confirmation, a person for everything else.
#![cfg(feature = "testkit")]
#![expect(clippy::unwrap_used, reason = "a test's own values are known to be good")]

use std::time::Duration;

use mccc_core::business::{AnswerMode, NumberKind, OptOutReply, OwnedLine, Owner, Settings};
use mccc_core::conversation::{
    Author, CallerFlags, Direction, InboundOutcome, InboundSnapshot, Message, MessageKind, MessageStatus, ThreadState,
    conversation_id, new_conversation, receive,
};
use mccc_core::port::store::{Change, Consent, ConsentChange, FeedKind, SendCounts, Thread};
use mccc_core::port::{GatewayConsent, InboundText};
use mccc_core::tasks::TaskKind;
use mccc_core::testkit::build::appointment;
use mccc_core::zone::Zone;
use mccc_core::{BusinessId, CallerId, MessageId, PhoneNumber, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn caller() -> PhoneNumber {
    number("+15125550123")
}

fn owner(change: impl FnOnce(&mut Settings)) -> Owner {
    let mut settings = Settings::new("Acme Plumbing", Zone::parse("America/Chicago").unwrap());
    settings.conversation.answers = AnswerMode::Off;
    change(&mut settings);
    let line = OwnedLine {
        number: number("+15125550199"),
        kind: NumberKind::Forwarding,
        account: "AC1".into(),
        provider_number: None,
    };
    Owner::new(BusinessId::derive(NOW, "acme"), 1, settings, vec![line], NOW).unwrap()
}

fn empty_thread() -> Thread {
    Thread {
        contact: None,
        flags: CallerFlags::NONE,
        conversation: None,
        messages: Vec::new(),
        last_call: None,
        consent: Consent::default(),
        guard: None,
        counts: SendCounts::default(),
        open_tasks: Vec::new(),
    }
}

fn text(body: &str) -> InboundText {
    InboundText {
        provider_message: "SM1".into(),
        account: "AC1".into(),
        from: CallerId::Present(caller()),
        to: number("+15125550199"),
        body: body.into(),
        media_count: 0,
        gateway_consent: None,
    }
}

fn decide(owner: &Owner, thread: &Thread, event: &InboundText, gateway_confirms: bool) -> InboundOutcome {
    receive(InboundSnapshot {
        owner,
        from: caller(),
        thread,
        event,
        gateway_confirms,
        appointment: None,
        arrived_at: NOW,
    })
}

fn sent_by_us(outcome: &InboundOutcome) -> Vec<MessageKind> {
    let mut kinds = Vec::new();
    for change in &outcome.commit.changes {
        if let Change::PutMessage(message) = change
            && message.direction == Direction::Outbound
            && message.status == MessageStatus::Waiting
        {
            kinds.push(message.kind);
        }
    }
    kinds
}

fn tasks(outcome: &InboundOutcome) -> Vec<TaskKind> {
    outcome
        .commit
        .changes
        .iter()
        .filter_map(|change| {
            if let Change::RaiseTask(task) = change {
                Some(task.kind)
            } else {
                None
            }
        })
        .collect()
}

fn opts_out(outcome: &InboundOutcome) -> bool {
    outcome
        .commit
        .changes
        .iter()
        .any(|change| matches!(change, Change::Consent(ConsentChange::OptOut { .. })))
}

#[test]
fn stop_opts_out_cancels_what_waits_and_is_written_into_the_ledger() {
    let owner = owner(|_| {});
    let mut thread = empty_thread();
    let waiting = waiting_message(&owner);
    thread.conversation = Some(new_conversation(&owner, caller(), NOW));
    thread.messages = vec![waiting.clone()];
    for body in ["STOP", " stop. ", "Please stop texting me", "no me manden más mensajes"] {
        let outcome = decide(&owner, &thread, &text(body), true);
        assert!(opts_out(&outcome) && outcome.settles_claims, "{body}");
        let changes = &outcome.commit.changes;
        assert!(changes.contains(&Change::CancelJobs { subject: caller() }));
        assert!(changes.iter().any(|change| matches!(change, Change::Ledger(_))));
        let canceled = changes.iter().any(|change| {
            matches!(change, Change::PutMessage(message) if message.id == waiting.id && message.status == MessageStatus::Canceled)
        });
        assert!(canceled, "{body}");
        assert_eq!(tasks(&outcome), [TaskKind::OptedOut]);
        assert!(outcome.commit.locks.contains(&caller()));
    }
}

#[test]
fn exactly_one_confirmation_ever_goes_out() {
    let by_app = owner(|settings| settings.texting.opt_out_reply = OptOutReply::App);
    let by_gateway = owner(|_| {});
    let fresh = empty_thread();
    assert_eq!(
        sent_by_us(&decide(&by_app, &fresh, &text("STOP"), false)),
        [MessageKind::OptOutConfirmation]
    );
    // The business says that its gateway keeps silent.
    assert_eq!(
        sent_by_us(&decide(&by_app, &fresh, &text("STOP"), true)),
        [MessageKind::OptOutConfirmation]
    );
    assert!(sent_by_us(&decide(&by_gateway, &fresh, &text("STOP"), true)).is_empty());
    // No gateway knows these.
    for (body, kind) in [
        ("please stop texting me", MessageKind::OptOutConfirmation),
        ("PARAR", MessageKind::OptOutConfirmation),
        ("AYUDA", MessageKind::Help),
    ] {
        assert_eq!(
            sent_by_us(&decide(&by_gateway, &fresh, &text(body), true)),
            [kind],
            "{body}"
        );
    }
    // One that says what it did has answered.
    let answered = InboundText {
        gateway_consent: Some(GatewayConsent::Stop),
        ..text("ARRET")
    };
    assert!(sent_by_us(&decide(&by_app, &fresh, &answered, true)).is_empty());
    let mut out = empty_thread();
    out.consent.opted_out_at = Some(NOW.minus(Duration::from_secs(60)));
    assert!(sent_by_us(&decide(&by_app, &out, &text("STOP"), false)).is_empty());
}

#[test]
fn a_visit_or_an_appointment_is_no_opt_out() {
    let owner = owner(|_| {});
    for (body, task) in [
        ("Can you stop by tomorrow?", TaskKind::ReplyNeeded),
        ("cancel my appointment", TaskKind::ReplyNeeded),
        ("the leak won't stop", TaskKind::Emergency),
        ("yes", TaskKind::ReplyNeeded),
    ] {
        let outcome = decide(&owner, &empty_thread(), &text(body), true);
        assert!(!opts_out(&outcome), "{body}");
        assert_eq!(tasks(&outcome), [task], "{body}");
    }
}

#[test]
fn start_opts_in_only_who_had_opted_out() {
    let owner = owner(|_| {});
    let mut out = empty_thread();
    out.consent.opted_out_at = Some(NOW.minus(Duration::from_secs(60)));
    let opted_in = |outcome: &InboundOutcome| {
        outcome
            .commit
            .changes
            .iter()
            .any(|change| matches!(change, Change::Consent(ConsentChange::OptIn { .. })))
    };
    for (body, kept) in [
        ("START", "START"),
        ("ok you can start texting me again", "asked for texts again"),
    ] {
        let outcome = decide(&owner, &out, &text(body), true);
        assert!(opted_in(&outcome), "{body}");
        let proof = outcome
            .commit
            .changes
            .iter()
            .any(|change| matches!(change, Change::Ledger(entry) if entry.evidence == kept));
        assert!(proof, "{body}");
    }
    assert!(!opted_in(&decide(&owner, &out, &text("yes"), true)));
    let never = decide(&owner, &empty_thread(), &text("START"), true);
    assert!(!opted_in(&never));
    assert_eq!(tasks(&never), [TaskKind::ReplyNeeded]);
}

#[test]
fn what_the_gateway_says_about_a_keyword_is_believed_over_the_body() {
    let owner = owner(|_| {});
    let event = InboundText {
        gateway_consent: Some(GatewayConsent::Stop),
        ..text("ARRET")
    };
    assert!(opts_out(&decide(&owner, &empty_thread(), &event, true)));
}

#[test]
fn a_person_is_asked_once_while_the_request_is_open() {
    let owner = owner(|_| {});
    let mut thread = empty_thread();
    let first = decide(&owner, &thread, &text("hello?"), true);
    let Some(Change::RaiseTask(task)) = first
        .commit
        .changes
        .iter()
        .find(|change| matches!(change, Change::RaiseTask(_)))
        .cloned()
    else {
        panic!("no task");
    };
    thread.open_tasks = vec![task];
    assert!(tasks(&decide(&owner, &thread, &text("are you there?"), true)).is_empty());
}

#[test]
fn an_emergency_and_a_request_are_heard_whatever_else_the_text_says() {
    let owner = owner(|settings| settings.conversation.answers = AnswerMode::Automatic);
    for (body, wanted) in [
        (
            "Gas leak at my house, strong smell! im driving home now, hurry",
            &[TaskKind::Emergency][..],
        ),
        (
            "I smell gas in the kitchen. This is an automated message",
            &[TaskKind::Emergency],
        ),
        // Nothing for a person: the machine answers.
        ("hey this is Dana, can you call me back, im driving", &[]),
        // What looks like a machine's is a person's to judge, never silence.
        (
            "I'm driving with Do Not Disturb turned on. This is an auto-reply.",
            &[TaskKind::ReplyNeeded],
        ),
    ] {
        assert_eq!(
            tasks(&decide(&owner, &empty_thread(), &text(body), true)),
            wanted,
            "{body}"
        );
    }
    let mut blocked = empty_thread();
    blocked.flags.blocked = true;
    assert!(tasks(&decide(&owner, &blocked, &text("Gas leak at my house"), true)).is_empty());
}

#[test]
fn a_repeated_webhook_makes_the_same_rows_under_the_same_key() {
    let owner = owner(|_| {});
    let thread = empty_thread();
    let (one, two) = (
        decide(&owner, &thread, &text("hi"), true),
        decide(&owner, &thread, &text("hi"), true),
    );
    assert_eq!(one, two);
    assert_eq!(one.commit.event.map(|event| event.key), Some("text/SM1".to_owned()));
    let received = one
        .commit
        .changes
        .iter()
        .any(|change| matches!(change, Change::Feed(event) if event.kind == FeedKind::TextReceived));
    assert!(received);
}

#[test]
fn an_opt_out_takes_the_thread_from_whoever_led_it() {
    let owner = owner(|_| {});
    let mut thread = empty_thread();
    let mut led = new_conversation(&owner, caller(), NOW);
    led.version = 3;
    led.state = ThreadState::Human;
    thread.conversation = Some(led);
    let outcome = decide(&owner, &thread, &text("STOP"), true);
    let after = outcome
        .commit
        .changes
        .iter()
        .find_map(|change| {
            if let Change::PutConversation(thread) = change {
                Some(thread)
            } else {
                None
            }
        })
        .unwrap();
    assert_eq!(
        (after.state, after.taken_by, after.version),
        (ThreadState::OptedOut, None, 4)
    );
}

fn waiting_message(owner: &Owner) -> Message {
    Message {
        id: MessageId::derive(NOW, "waiting"),
        business: owner.business,
        version: 1,
        conversation: conversation_id(owner, &caller()),
        call: None,
        direction: Direction::Outbound,
        author: Author::Machine,
        user: None,
        kind: MessageKind::FollowUp,
        ours: number("+15125550199"),
        theirs: caller(),
        body: "Still there?".into(),
        media_count: 0,
        segments: 1,
        status: MessageStatus::Waiting,
        provider_message: None,
        error_code: None,
        reason: None,
        attempts: 0,
        note: None,
        draft: false,
        created_at: NOW,
        sent_at: None,
        settled_at: None,
    }
}

#[test]
fn a_verification_code_is_for_the_contractor_and_a_customers_is_not() {
    let owner = owner(|_| {});
    let code = text("482910 is your Google Voice verification code.");
    let outcome = decide(&owner, &empty_thread(), &code, true);
    assert_eq!(tasks(&outcome), [TaskKind::VerificationCode]);
    assert!(sent_by_us(&outcome).is_empty());
    let kept = outcome
        .commit
        .changes
        .iter()
        .any(|change| matches!(change, Change::PutMessage(message) if message.body == code.body));
    assert!(kept, "the text stays in its thread");

    // Whoever has been texted by us is a customer, whatever the words.
    let mut thread = empty_thread();
    thread.messages = vec![waiting_message(&owner)];
    assert_eq!(tasks(&decide(&owner, &thread, &code, true)), [TaskKind::ReplyNeeded]);
}

#[test]
fn an_answer_stands_after_the_text_that_it_answers() {
    let owner = owner(|settings| settings.texting.opt_out_reply = OptOutReply::App);
    for body in ["I smell gas in the kitchen", "STOP", "HELP"] {
        let outcome = decide(&owner, &empty_thread(), &text(body), false);
        let mut written = Vec::new();
        for change in &outcome.commit.changes {
            if let Change::PutMessage(message) = change {
                written.push((message.direction, message.created_at));
            }
        }
        let (heard, answer) = (written.first().unwrap(), written.last().unwrap());
        assert_eq!((heard.0, answer.0), (Direction::Inbound, Direction::Outbound), "{body}");
        assert!(heard.1 < answer.1, "{body}");
    }
}

#[test]
fn a_word_about_consent_is_heard_and_never_read_again() {
    let owner = owner(|_| {});
    let mut out = empty_thread();
    out.consent.opted_out_at = Some(NOW.minus(Duration::from_secs(60)));
    for (thread, body) in [(empty_thread(), "STOP"), (out, "START"), (empty_thread(), "HELP")] {
        let outcome = decide(&owner, &thread, &text(body), true);
        let heard = outcome.commit.changes.iter().find_map(|change| {
            if let Change::PutConversation(thread) = change {
                Some(thread.dialogue.heard_until)
            } else {
                None
            }
        });
        assert_eq!(heard, Some(Some(NOW)), "{body}");
    }
}

#[test]
fn the_ledger_never_holds_the_callers_own_words() {
    let owner = owner(|_| {});
    for (body, kept) in [
        ("off! my code is 4711", "gateway"),
        ("stop texting me, 4711", "stop texting me"),
        ("end", "END"),
    ] {
        let event = InboundText {
            gateway_consent: Some(GatewayConsent::Stop),
            ..text(body)
        };
        let outcome = decide(&owner, &empty_thread(), &event, true);
        let evidence = outcome.commit.changes.iter().find_map(|change| {
            if let Change::Ledger(entry) = change {
                Some(entry.evidence.as_str())
            } else {
                None
            }
        });
        assert_eq!(evidence, Some(kept), "{body}");
    }
}

#[test]
fn a_bare_cancel_beside_an_appointment_is_warned_of_and_a_polite_one_is_about_it() {
    let owner = owner(|_| {});
    let row = appointment(owner.business, "one", NOW.plus(Duration::from_secs(86_400)));
    let thread = empty_thread();
    let with_appointment = |event: &InboundText| {
        receive(InboundSnapshot {
            owner: &owner,
            from: caller(),
            thread: &thread,
            event,
            gateway_confirms: true,
            appointment: Some(&row),
            arrived_at: NOW,
        })
    };
    for body in ["cancel", "Cancel.", "CANCEL!", "cancelar"] {
        let outcome = with_appointment(&text(body));
        assert!(opts_out(&outcome), "{body}");
        let warned = outcome.commit.changes.iter().any(
            |change| matches!(change, Change::RaiseTask(task) if task.sentence.contains("meant their appointment")),
        );
        assert!(warned, "{body}");
    }
    for body in ["please cancel", "Cancel please!"] {
        assert!(!opts_out(&with_appointment(&text(body))), "{body}");
        assert!(opts_out(&decide(&owner, &thread, &text(body), true)), "{body}");
    }
}
