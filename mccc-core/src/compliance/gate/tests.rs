use super::*;
use crate::compliance::loop_guard::LoopReason;
use crate::compliance::number::{KnownLine, LineType, Policy, Untextable};
use crate::id::{BusinessId, MessageId};
use crate::{CallerId, PhoneNumber};

/// A Wednesday, 12:00 in Austin.
const NOON: Timestamp = Timestamp::from_seconds(1_782_925_200);

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn request(purpose: Purpose) -> Request {
    Request {
        business: BusinessId::derive(NOON, "acme"),
        message: MessageId::derive(NOON, "m1"),
        purpose,
        to: CallerId::Present(number("+15124561234")),
        body: "Acme: sorry we missed your call. Reply STOP to opt out.".to_owned(),
        immediate: true,
        due_at: NOON,
        useless_from: None,
    }
}

fn facts() -> Facts {
    Facts::nothing_against(number("+15124569999"), "America/Chicago", Policy::default())
}

fn outcome(purpose: Purpose, facts: &Facts) -> Outcome {
    assess(&request(purpose), facts, NOON).outcome
}

fn denied(reason: Reason) -> Outcome {
    Outcome::Denied { reason }
}

#[test]
fn nothing_against_it_means_a_permit_for_exactly_this_text() {
    let request = request(Purpose::AutoText);
    let Verdict::Allow(permit) = decide(&request, &facts(), NOON) else {
        panic!("refused");
    };
    assert_eq!(permit.to(), number("+15124561234"));
    assert_eq!(permit.from(), number("+15124569999"));
    assert_eq!(permit.body(), request.body);
    assert_eq!(permit.message(), request.message);
    assert!(permit.still_valid(NOON.plus(SendPermit::LIFETIME)));
    assert!(!permit.still_valid(NOON.plus(SendPermit::LIFETIME + std::time::Duration::from_micros(1))));
    assert!(!format!("{permit:?}").contains("sorry"));
}

#[test]
fn stop_stops_every_purpose_but_its_one_confirmation() {
    let mut facts = facts();
    facts.consent.opted_out_at = Some(NOON);
    facts.consent.suppressed = true;
    for purpose in Purpose::ALL {
        let expected = if purpose == Purpose::OptOutConfirmation {
            Outcome::Allowed
        } else {
            denied(Reason::OptedOut)
        };
        assert_eq!(outcome(purpose, &facts), expected, "{purpose}");
    }
    facts.consent.confirmation_sent = true;
    assert_eq!(
        outcome(Purpose::OptOutConfirmation, &facts),
        denied(Reason::AlreadyConfirmed)
    );
    facts.consent.confirmation_sent = false;
    facts.business.confirms_opt_outs = false;
    assert_eq!(
        outcome(Purpose::OptOutConfirmation, &facts),
        denied(Reason::GatewayConfirms)
    );
    facts.consent = ConsentFacts::default();
    assert_eq!(
        outcome(Purpose::OptOutConfirmation, &facts),
        denied(Reason::NothingToConfirm)
    );
}

#[test]
fn an_opt_out_elsewhere_in_the_installation_counts() {
    let mut facts = facts();
    facts.consent.suppressed = true;
    assert_eq!(outcome(Purpose::Manual, &facts), denied(Reason::Suppressed));
}

#[test]
fn each_fact_alone_refuses_an_auto_text() {
    type Spoil = fn(&mut Facts);
    let cases: [(Spoil, Reason); 17] = [
        (|f| f.caller.is_ours = true, Reason::OurNumber),
        (|f| f.business.from = Some(number("+15124561234")), Reason::OurNumber),
        (|f| f.caller.blocked = true, Reason::Blocked),
        (|f| f.caller.spam = true, Reason::Spam),
        (|f| f.caller.do_not_auto_text = true, Reason::DoNotAutoText),
        (|f| f.caller.attestation_failed = true, Reason::ForgedCallerId),
        (|f| f.caller.is_test = true, Reason::TestCall),
        (|f| f.business.texting_enabled = false, Reason::TextingOff),
        (|f| f.business.sender_registered = false, Reason::SenderNotRegistered),
        (|f| f.business.from = None, Reason::NoSender),
        (|f| f.business.profile_complete = false, Reason::ProfileIncomplete),
        (|f| f.business.purpose_enabled = false, Reason::KindOff),
        (|f| f.thread.taken_over = true, Reason::TakenOver),
        (|f| f.sent.unanswered_30d = 3, Reason::NeverAnswers),
        (|f| f.sent.business_today = 200, Reason::DailyLimit),
        (|f| f.sent.automated_today = 10, Reason::CallerDailyLimit),
        (|f| f.sent.automated_in_conversation = 30, Reason::ConversationLimit),
    ];
    for (spoil, reason) in cases {
        let mut facts = facts();
        spoil(&mut facts);
        assert_eq!(outcome(Purpose::AutoText, &facts), denied(reason));
    }
}

#[test]
fn one_below_each_cap_is_still_allowed() {
    let mut facts = facts();
    facts.sent.unanswered_30d = 2;
    facts.sent.business_today = 199;
    facts.sent.automated_today = 9;
    facts.sent.automated_in_conversation = 29;
    facts.sent.is_new_recipient = true;
    facts.sent.new_recipients_hour = 29;
    assert_eq!(outcome(Purpose::AutoText, &facts), Outcome::Allowed);
    facts.sent.new_recipients_hour = 30;
    assert_eq!(outcome(Purpose::AutoText, &facts), denied(Reason::HourlyLimit));
    facts.sent.is_new_recipient = false;
    assert_eq!(outcome(Purpose::AutoText, &facts), Outcome::Allowed);
}

#[test]
fn numbers_that_cannot_be_texted_are_named() {
    let ask = |to: CallerId, facts: &Facts| {
        let request = Request {
            to,
            ..request(Purpose::AutoText)
        };
        assess(&request, facts, NOON).outcome
    };
    for to in [CallerId::Anonymous, CallerId::Restricted, CallerId::Invalid] {
        assert_eq!(ask(to, &facts()), denied(Reason::NoNumber));
    }
    assert_eq!(
        ask(CallerId::Present(number("+18005551234")), &facts()),
        denied(Reason::Untextable(Untextable::TollFree))
    );
    let mut facts = facts();
    facts.caller.line = Some(KnownLine {
        line_type: LineType::Landline,
        checked_at: NOON,
    });
    assert_eq!(
        ask(CallerId::Present(number("+15124561234")), &facts),
        denied(Reason::Line(LineType::Landline))
    );
}

#[test]
fn one_auto_text_per_window_whatever_its_wording() {
    let mut facts = facts();
    facts.sent.guard_until = Some(NOON.plus(std::time::Duration::from_secs(1)));
    for purpose in [Purpose::AutoText, Purpose::Hangup, Purpose::VoicemailAck] {
        assert!(matches!(
            outcome(purpose, &facts),
            Outcome::Denied {
                reason: Reason::RecentlyTexted(_)
            }
        ));
    }
    assert_eq!(outcome(Purpose::Manual, &facts), Outcome::Allowed);
    facts.sent.guard_until = Some(NOON);
    assert_eq!(outcome(Purpose::AutoText, &facts), Outcome::Allowed);
}

#[test]
fn a_text_more_than_fifteen_minutes_late_is_not_sent() {
    let late = Request {
        due_at: NOON.minus(std::time::Duration::from_secs(15 * 60 + 1)),
        ..request(Purpose::Manual)
    };
    assert_eq!(assess(&late, &facts(), NOON).outcome, denied(Reason::TooLate));
    assert!(Reason::TooLate.needs_person());
    let just = Request {
        due_at: NOON.minus(std::time::Duration::from_secs(15 * 60)),
        ..late
    };
    assert_eq!(assess(&just, &facts(), NOON).outcome, Outcome::Allowed);
}

#[test]
fn a_follow_up_is_for_a_caller_who_still_waits() {
    type Spoil = fn(&mut Facts);
    let cases: [(Spoil, Reason); 5] = [
        (|f| f.thread.replied = true, Reason::Answered),
        (|f| f.thread.called_back = true, Reason::CalledBack),
        (|f| f.thread.booked = true, Reason::Booked),
        (|f| f.thread.taken_over = true, Reason::TakenOver),
        (
            |f| f.thread.looping = Some(LoopReason::AutoReply),
            Reason::Looping(LoopReason::AutoReply),
        ),
    ];
    for (spoil, reason) in cases {
        let mut facts = facts();
        spoil(&mut facts);
        assert_eq!(outcome(Purpose::Followup, &facts), denied(reason));
    }
    assert_eq!(outcome(Purpose::Followup, &facts()), Outcome::Allowed);
}

#[test]
fn at_night_only_what_somebody_waits_for_goes_out() {
    // 23:00 in Austin; the morning opens at 13:00Z.
    let night = NOON.plus(std::time::Duration::from_secs(11 * 3600));
    let ask = |purpose, immediate| {
        let request = Request {
            immediate,
            due_at: night,
            ..request(purpose)
        };
        assess(&request, &facts(), night).outcome
    };
    let morning = Outcome::Deferred {
        until: Timestamp::parse("2026-07-02T13:00:00Z").unwrap(),
        reason: Reason::QuietHours,
    };
    assert_eq!(ask(Purpose::AutoText, true), Outcome::Allowed);
    assert_eq!(ask(Purpose::AutoText, false), morning);
    assert_eq!(ask(Purpose::Followup, true), morning);
    assert_eq!(ask(Purpose::AppointmentReminder, true), morning);
    assert_eq!(ask(Purpose::AppointmentCancelled, true), morning);
    assert_eq!(ask(Purpose::Manual, false), Outcome::Allowed);
}

#[test]
fn what_would_come_after_the_time_it_is_about_is_refused_while_a_person_can_still_call() {
    // 23:00 in Austin; the morning opens at 13:00Z.
    let night = NOON.plus(std::time::Duration::from_secs(11 * 3600));
    let ask = |now: Timestamp, useless: &str| {
        let request = Request {
            due_at: now,
            useless_from: Some(Timestamp::parse(useless).unwrap()),
            ..request(Purpose::AppointmentCancelled)
        };
        assess(&request, &facts(), now).outcome
    };
    assert_eq!(ask(night, "2026-07-02T13:00:00Z"), denied(Reason::Useless));
    let morning = Outcome::Deferred {
        until: Timestamp::parse("2026-07-02T13:00:00Z").unwrap(),
        reason: Reason::QuietHours,
    };
    assert_eq!(ask(night, "2026-07-02T13:00:01Z"), morning);
    let noon = NOON.to_string();
    assert_eq!(ask(NOON, &noon), denied(Reason::Useless));
    assert_eq!(ask(NOON, "2026-07-01T17:00:01Z"), Outcome::Allowed);
    assert!(Reason::Useless.needs_person());
}

#[test]
fn automated_texts_keep_a_pause() {
    let mut facts = facts();
    facts.sent.last_automated_at = Some(NOON.minus(std::time::Duration::from_secs(4)));
    let until = NOON.plus(std::time::Duration::from_secs(1));
    assert_eq!(
        outcome(Purpose::Reply, &facts),
        Outcome::Deferred {
            until,
            reason: Reason::TooSoon
        }
    );
    assert_eq!(outcome(Purpose::Manual, &facts), Outcome::Allowed);
    facts.sent.last_automated_at = Some(NOON.minus(std::time::Duration::from_secs(5)));
    assert_eq!(outcome(Purpose::Reply, &facts), Outcome::Allowed);
}

#[test]
fn every_precondition_is_shown_and_the_first_refusal_is_the_reason() {
    let mut facts = facts();
    facts.caller.spam = true;
    facts.caller.blocked = true;
    let assessment = assess(&request(Purpose::AutoText), &facts, NOON);
    assert_eq!(assessment.outcome, denied(Reason::Blocked));
    assert_eq!(assessment.checks.len(), 29);
    assert_eq!(assessment.checks.first().map(|c| c.name), Some(CheckName::NotOptedOut));
    assert_eq!(assessment.checks.iter().filter(|c| !c.passed).count(), 2);
    assert!(assessment.checks.iter().all(|c| c.detail.ends_with('.') != c.passed));
    let json = serde_json::to_value(&assessment).unwrap();
    assert_eq!(json["outcome"]["outcome"], "denied");
    assert_eq!(json["outcome"]["reason"], "blocked");
}

#[test]
fn an_empty_or_endless_body_is_refused() {
    for (purpose, body) in [
        (Purpose::AutoText, String::new()),
        (Purpose::AutoText, "a".repeat(481)),
        (Purpose::Manual, "  ".to_owned()),
        (Purpose::Manual, "a".repeat(1601)),
    ] {
        let request = Request {
            body,
            ..request(purpose)
        };
        assert_eq!(assess(&request, &facts(), NOON).outcome, denied(Reason::BadBody));
    }
}
