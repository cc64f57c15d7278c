//! Laws of the gate, the ledger, quiet hours and the reading of consent.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may panic"
)]

use std::time::Duration;

use mccc_core::compliance::area_code;
use mccc_core::compliance::consent::{ConsentIntent, understand};
use mccc_core::compliance::gate::{
    Caps, Facts, Outcome, Purpose, Reason, Request, SendPermit, Verdict, assess, decide,
};
use mccc_core::compliance::ledger::{ConsentKind, Entry, LedgerKey, Sealed, append, verify};
use mccc_core::compliance::number::{Policy, textable};
use mccc_core::compliance::quiet::{Window, is_open, next_allowed};
use mccc_core::compliance::window::{GuardWindow, guard_until};
use mccc_core::id::{BusinessId, MessageId};
use mccc_core::{CallerId, PhoneNumber, Timestamp};
use proptest::prelude::*;

fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// Instants of 2024 to 2028.
fn instants() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_i64..1_861_920_000).prop_map(Timestamp::from_seconds)
}

fn purposes() -> impl Strategy<Value = Purpose> {
    prop::sample::select(Purpose::ALL.to_vec())
}

fn callers() -> impl Strategy<Value = PhoneNumber> {
    let codes: Vec<u16> = area_code::all().map(|entry| entry.code).collect();
    (prop::sample::select(codes), 0_u32..10_000).prop_map(|(area, line)| phone(&format!("+1{area}456{line:04}")))
}

fn request(purpose: Purpose, to: PhoneNumber, immediate: bool, due_at: Timestamp) -> Request {
    Request {
        business: BusinessId::derive(due_at, "acme"),
        message: MessageId::derive(due_at, "m"),
        purpose,
        to: CallerId::Present(to),
        body: "Acme: sorry we missed your call.".to_owned(),
        immediate,
        due_at,
        useless_from: None,
    }
}

/// Facts with any number of obstacles, each switched on or off by a bit.
fn facts(bits: u32, counts: [u32; 5], at: Timestamp) -> Facts {
    let mut facts = Facts::nothing_against(phone("+15124560000"), "America/Chicago", Policy::default());
    let on = |bit: u32| bits & (1 << bit) != 0;
    facts.business.texting_enabled = !on(0);
    facts.business.sender_registered = !on(1);
    facts.business.profile_complete = !on(2);
    facts.business.purpose_enabled = !on(3);
    facts.business.confirms_opt_outs = !on(4);
    facts.consent.opted_out_at = on(5).then_some(at);
    facts.consent.suppressed = on(6);
    facts.consent.confirmation_sent = on(7);
    facts.caller.blocked = on(8);
    facts.caller.spam = on(9);
    facts.caller.is_ours = on(10);
    facts.caller.do_not_auto_text = on(11);
    facts.thread.taken_over = on(12);
    facts.thread.replied = on(13);
    facts.sent.guard_until = on(14).then(|| at.plus(Duration::from_secs(60)));
    facts.sent.is_new_recipient = on(15);
    [
        facts.sent.unanswered_30d,
        facts.sent.new_recipients_hour,
        facts.sent.business_today,
        facts.sent.automated_today,
        facts.sent.automated_in_conversation,
    ] = counts;
    facts
}

proptest! {
    #[test]
    fn stop_ends_every_text_but_its_confirmation(
        purpose in purposes(), bits in any::<u32>(), counts in any::<[u32; 5]>(), immediate in any::<bool>(),
        at in instants(), installation_wide in any::<bool>(),
    ) {
        let mut facts = facts(bits, counts, at);
        if installation_wide {
            facts.consent.suppressed = true;
        } else {
            facts.consent.opted_out_at = Some(at);
        }
        let outcome = assess(&request(purpose, phone("+15124561234"), immediate, at), &facts, at).outcome;
        if purpose != Purpose::OptOutConfirmation {
            let refused = matches!(outcome, Outcome::Denied { reason: Reason::OptedOut | Reason::Suppressed });
            prop_assert!(refused);
        } else if facts.consent.confirmation_sent || facts.consent.opted_out_at.is_none() {
            let refused = matches!(outcome, Outcome::Denied { .. });
            prop_assert!(refused);
        }
    }

    #[test]
    fn a_permit_is_given_only_when_every_precondition_holds(
        purpose in purposes(), bits in any::<u32>(), sparse in any::<u32>(), counts in prop::array::uniform5(0_u32..40),
        immediate in any::<bool>(), at in instants(), late in 0_u64..1200, to in callers(),
    ) {
        let facts = facts(bits & sparse & (sparse >> 7), counts, at);
        let request = request(purpose, to, immediate, at.minus(Duration::from_secs(late)));
        let assessment = assess(&request, &facts, at);
        let all_hold = assessment.checks.iter().all(|check| check.passed);
        match decide(&request, &facts, at) {
            Verdict::Allow(permit) => {
                prop_assert!(all_hold);
                prop_assert_eq!(permit.to(), to);
                prop_assert_eq!(permit.message(), request.message);
                prop_assert_eq!(permit.body(), &request.body);
                prop_assert_eq!(permit.not_after(), at.plus(SendPermit::LIFETIME));
                // The contractor is told late rather than never.
                prop_assert!(late <= 15 * 60 || purpose == Purpose::OwnerNotice);
                prop_assert!(textable(&to, &facts.policy).is_ok());
            }
            Verdict::Deny(reason) => {
                prop_assert!(!all_hold);
                prop_assert_eq!(assessment.outcome, Outcome::Denied { reason });
            }
            Verdict::Defer { until, reason } => {
                prop_assert!(!all_hold && until > at);
                prop_assert_eq!(assessment.outcome, Outcome::Deferred { until, reason });
            }
        }
    }

    #[test]
    fn one_more_obstacle_never_opens_the_gate(
        purpose in purposes(), bits in any::<u32>(), counts in prop::array::uniform5(0_u32..250), extra in 0_u32..15,
        at in instants(),
    ) {
        // An opt-out is what its confirmation needs, so it is left alone here; so is who confirms.
        prop_assume!(![4, 5].contains(&extra));
        let request = request(purpose, phone("+15124561234"), true, at);
        let before = assess(&request, &facts(bits, counts, at), at).outcome;
        let after = assess(&request, &facts(bits | 1 << extra, counts, at), at).outcome;
        prop_assert!(before == Outcome::Allowed || after != Outcome::Allowed);
    }

    #[test]
    fn a_deferred_text_is_welcome_when_it_is_asked_for_again(purpose in purposes(), at in instants(), to in callers()) {
        let facts = facts(0, [0; 5], at);
        if let Verdict::Defer { until, .. } = decide(&request(purpose, to, false, at), &facts, at) {
            let again = decide(&request(purpose, to, false, until), &facts, until);
            prop_assert!(matches!(again, Verdict::Allow(_)));
        }
    }

    #[test]
    fn quiet_hours_end_at_an_open_instant_and_not_later_than_needed(
        at in instants(), to in callers(), opens in 480_u16..1020, length in 240_u16..781,
    ) {
        let closes = (opens + length).min(21 * 60);
        prop_assume!(closes >= opens + 240);
        let window = Window::new(opens, closes).unwrap();
        let zone = "America/Chicago";
        let next = next_allowed(at, &to, zone, window);
        prop_assert!(next >= at);
        prop_assert!(is_open(next, &to, zone, window));
        prop_assert!(next.since(at) <= Duration::from_secs(2 * 86_400));
        // A minute earlier was quiet, unless no waiting was needed.
        let minute = Duration::from_secs(60);
        if next.since(at) > minute {
            prop_assert!(!is_open(next.minus(minute), &to, zone, window));
        }
    }

    #[test]
    fn a_guard_always_ends_and_never_before_the_text(at in instants(), hours in 0_u16..200) {
        let day = guard_until(at, GuardWindow::LocalDay, "America/Denver");
        prop_assert!(day > at && day.since(at) <= Duration::from_secs(25 * 3600));
        prop_assert_eq!(guard_until(at, GuardWindow::Hours(hours), "UTC"), at.plus(Duration::from_secs(u64::from(hours) * 3600)));
    }

    #[test]
    fn only_numbers_of_a_known_place_can_be_texted(digits in "1[0-9]{10}") {
        let number = phone(&format!("+{digits}"));
        if textable(&number, &Policy::default()).is_ok() {
            prop_assert!(area_code::of(&number).is_some());
        }
    }

    #[test]
    fn reading_any_text_is_total_and_the_same_twice(text in any::<String>()) {
        prop_assert_eq!(understand(&text), understand(&text));
    }

    #[test]
    fn a_keyword_counts_in_any_case_with_any_punctuation(
        (letters, caps) in prop::sample::select(vec![
            "stop", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "parar", "alto",
        ]).prop_flat_map(|word| (Just(word), prop::collection::vec(any::<bool>(), word.len()))),
        before in "[ \t.!?\"'*-]{0,4}", after in "[ \n.!?\"'*🙏🛑-]{0,4}",
    ) {
        let word: String = letters
            .chars()
            .zip(&caps)
            .map(|(c, up)| if *up { c.to_ascii_uppercase() } else { c })
            .collect();
        let text = [before, word, after].concat();
        let exact = matches!(understand(&text), ConsentIntent::OptOut { exact: true, .. });
        prop_assert!(exact, "{:?}", text);
    }

    #[test]
    fn politeness_never_hides_an_opt_out(
        wish in prop::sample::select(vec![
            "stop texting me", "unsubscribe", "remove me from your list", "do not text me again", "no more texts",
            "i do not want to receive any more messages", "take me off your list", "leave me alone",
        ]),
        front in prop::sample::select(vec!["", "please ", "hi, ", "ok ", "Hello. ", "wrong number, ", "sorry, "]),
        back in prop::sample::select(vec!["", " please", ". Thanks", " thank you", "!!", " 😡", " now", "\n"]),
    ) {
        let text = [front, wish, back].concat();
        let out = matches!(understand(&text), ConsentIntent::OptOut { .. });
        prop_assert!(out, "{:?}", text);
    }
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let one = (
        instants(),
        callers(),
        prop::sample::select(ConsentKind::ALL.to_vec()),
        ".{0,30}",
        ".{0,80}",
    );
    prop::collection::vec(
        one.prop_map(|(at, phone, kind, source, evidence)| Entry {
            at,
            phone,
            kind,
            source,
            evidence,
        }),
        2..12,
    )
}

fn sealed(key: &LedgerKey, business: BusinessId, entries: &[Entry]) -> Vec<Sealed> {
    let mut chain: Vec<Sealed> = Vec::new();
    for entry in entries {
        chain.push(append(key, business, chain.last().map(Sealed::head), entry));
    }
    chain
}

proptest! {
    #[test]
    fn an_untouched_ledger_is_valid_and_any_tampering_is_found(
        entries in entries(), key in any::<[u8; 32]>(), at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0_u8..8, renumber in any::<bool>(),
    ) {
        let key = LedgerKey::new(&key);
        let business = BusinessId::derive(Timestamp::UNIX_EPOCH, "acme");
        let chain = sealed(&key, business, &entries);
        let head = chain.last().map(Sealed::head);
        prop_assert_eq!(verify(&key, business, &chain, head), Ok(head));
        let number_again = |chain: &mut Vec<Sealed>| {
            if renumber {
                for (seq, entry) in (1..).zip(chain) {
                    entry.seq = seq;
                }
            }
        };
        let (at, other) = (at.index(chain.len()), other.index(chain.len()));

        let mut edited = chain.clone();
        let place = byte.index(edited[at].bytes.len());
        edited[at].bytes[place] ^= 1 << bit;
        prop_assert!(verify(&key, business, &edited, None).is_err(), "an edited entry");

        let mut forged = chain.clone();
        forged[at].mac[place % 32] ^= 1 << bit;
        prop_assert!(verify(&key, business, &forged, None).is_err(), "an edited seal");

        let mut missing = chain.clone();
        missing.remove(at);
        number_again(&mut missing);
        prop_assert!(verify(&key, business, &missing, head).is_err(), "a missing entry");
        if at + 1 < chain.len() {
            prop_assert!(verify(&key, business, &missing, None).is_err(), "a gap shows without a head");
        }

        if at != other {
            let mut reordered = chain.clone();
            reordered.swap(at, other);
            number_again(&mut reordered);
            prop_assert!(verify(&key, business, &reordered, None).is_err(), "a reordered ledger");
        }

        prop_assert!(verify(&key, business, &chain[..at], head).is_err(), "a cut tail");

        // A history that began differently, grafted on where both are equally long.
        let mut begun_otherwise = entries.clone();
        begun_otherwise[0].evidence.insert(0, '*');
        let another = sealed(&key, business, &begun_otherwise);
        if at > 0 {
            let grafted = [&chain[..at], &another[at..]].concat();
            prop_assert!(verify(&key, business, &grafted, None).is_err(), "a grafted history");
        }
    }
}

#[test]
fn the_caps_are_the_documented_ones() {
    let caps = Caps::default();
    assert_eq!(
        (
            caps.unanswered_30d,
            caps.new_recipients_hour,
            caps.business_day,
            caps.automated_day,
            caps.automated_conversation
        ),
        (3, 30, 200, 10, 30)
    );
}
