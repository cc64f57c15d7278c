//! What a caller wants: signals of constructions, weighed, and one of them chosen.
//!
//! Every rule that is found says how sure one may be of its signal; several add up as independent witnesses do, and
//! rules that speak against a signal take from it. The first intent in [`ORDER`] that is likelier than not is chosen:
//! who complains and asks for another appointment complains first.

use std::sync::LazyLock;

use super::super::alone::Alone;
use super::super::emergency::Urgency;
use super::super::learned::{Noticed, Tags, Weights, along, shares};
use super::super::reading::{Concepts, Hit, Lexicon, RuleBook, Text};
use super::choice::Choice;
use super::context::{Asked, Channel, Context};
use super::faq::FaqMatch;
use super::{Evidence, FAQ_THRESHOLD};
use crate::calls::named;
use crate::compliance::consent::ConsentIntent;
use serde::{Deserialize, Serialize};

named! {
    /// What a caller wants.
    Intent {
        /// No more texts.
        OptOut = "opt_out",
        /// Help at once.
        Emergency = "emergency",
        /// Is unhappy with work, conduct or a bill of this business.
        Complaint = "complaint",
        /// Does not want a visit that was arranged.
        CancelAppointment = "cancel_appointment",
        /// Wants it at another time.
        Reschedule = "reschedule",
        /// Takes one of the offered slots.
        SlotChoice = "slot_choice",
        /// Says yes to what was asked.
        Confirm = "confirm",
        /// Wants somebody to come, or tells what is broken.
        Booking = "booking",
        /// Asks what something costs.
        Pricing = "pricing",
        /// Asks anything else.
        Faq = "faq",
        /// Wants to be phoned, or to speak to a person.
        CallbackRequest = "callback_request",
        /// Sells, begs, or tricks.
        SpamOrSales = "spam_or_sales",
        /// Texts are welcome again.
        OptIn = "opt_in",
        /// Asks how this works, or who writes.
        Help = "help",
        /// Ends politely.
        ThanksOrClose = "thanks_or_close",
        /// Anything else.
        Other = "other",
    }
}

/// Which of several intents counts.
const ORDER: [Intent; 11] = [
    Intent::Complaint,
    Intent::CancelAppointment,
    Intent::Reschedule,
    Intent::Confirm,
    Intent::Booking,
    Intent::Pricing,
    Intent::Faq,
    Intent::CallbackRequest,
    Intent::SpamOrSales,
    Intent::Help,
    Intent::ThanksOrClose,
];
/// Likelier than not.
const LIKELY: f32 = 0.5;
/// How often what is read as an emergency is one, on texts that the rules were not written for.
const EMERGENCY_CONFIDENCE: f32 = 0.9;
/// Where the weights prefer a later intent, rules that are as sure as the first are heard if the weights hold what they
/// say for as likely as the second.
const HEARD: [(f32, f32); 2] = [(0.95, 0.05), (0.8, 0.15)];
/// What an entry that answers says for a question, in log odds. Training texts go to no business, so that the weights have
/// seen few questions with their answers.
const ANSWERED: f32 = 2.0;
/// How often an opt-out that no rule names is one.
const OPT_OUT_CONFIDENCE: f32 = 0.85;
/// What rules make of the likelihood and how often that is right on texts that they were not written for.
const MEASURED: [(f32, f32); 5] = [(0.0, 0.0), (0.5, 0.45), (0.8, 0.76), (0.9, 0.85), (1.0, 0.97)];
/// How often a text in which nothing was found has nothing in it.
const OTHER_CONFIDENCE: f32 = 0.7;
/// How well an entry has to fit what is no question.
const STATEMENT_THRESHOLD: f32 = 0.9;
/// A booking as sure as this is one although an FAQ entry fits too.
const SURE_BOOKING: f32 = 0.85;

/// A text as short as this can be a question that is not put as one.
const FEW_WORDS: usize = 4;
/// An entry that fits a question as well as this is what was asked for, unless somebody shall come.
const CERTAIN_ANSWER: f32 = 0.9;
/// A booking as likely as this stands beside an entry where the text names a day.
const DATED_BOOKING: f32 = 0.7;
/// Somebody shall come, in so many words.
const SURER_BOOKING: f32 = 0.88;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::compile(include_str!("lexicon.txt")));
static RULES: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::compile(include_str!("rules.txt"), &LEXICON));

pub(super) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

#[cfg(test)]
pub(super) fn rules() -> &'static RuleBook {
    &RULES
}

/// What was found out before the intent is chosen.
#[derive(Debug)]
pub(super) struct Findings<'f, 't> {
    pub(super) text: &'f Text<'t>,
    pub(super) channel: Channel,
    pub(super) context: &'f Context,
    pub(super) consent: &'f ConsentIntent,
    pub(super) urgency: Urgency,
    pub(super) choice: Option<Choice>,
    pub(super) faq: Option<&'f FaqMatch>,
    /// A number to call was given.
    pub(super) callback: bool,
}

/// Chooses the intent, with its confidence and the words that speak for it.
pub(super) fn decide(findings: &Findings<'_, '_>, signals: &Signals) -> (Intent, f32, Vec<Evidence>) {
    match findings.consent {
        ConsentIntent::OptOut { exact, keyword } => {
            return (
                Intent::OptOut,
                if *exact { 1.0 } else { 0.97 },
                vec![Evidence::new("opt_out", keyword)],
            );
        }
        ConsentIntent::OptIn => {
            return (
                Intent::OptIn,
                1.0,
                vec![Evidence::new("opt_in", findings.text.raw.trim())],
            );
        }
        ConsentIntent::Help => return (Intent::Help, 1.0, vec![Evidence::new("help", findings.text.raw.trim())]),
        ConsentIntent::None => {}
    }
    // A statement has to fit an entry better than a question.
    let asked = asks(findings.text);
    let enough = if asked { FAQ_THRESHOLD } else { STATEMENT_THRESHOLD };
    // A sentence that tells something and asks nothing is no question; two or three words may be one.
    let may_ask = asked || findings.text.tokens.len() <= FEW_WORDS;
    let faq_answers = may_ask && findings.faq.is_some_and(|found| found.score >= enough);
    let certain = asked && findings.faq.is_some_and(|found| found.score >= CERTAIN_ANSWER);
    // Who names a day asks for that day, whatever else an entry says about the work.
    let dated = findings.text.concepts.meets(*DATES) && !findings.text.concepts.meets(*IN_GENERAL);
    if findings.urgency == Urgency::Emergency {
        return (Intent::Emergency, EMERGENCY_CONFIDENCE, Vec::new());
    }
    for intent in ORDER {
        if intent == Intent::Confirm
            && let Some(choice) = findings.choice
            && signals.of_intent(Intent::CallbackRequest) < 0.8
        {
            let words = findings.text.quote(choice.said.0, choice.said.1);
            let sure = if choice.slot.is_some() { 0.95 } else { 0.6 };
            return (Intent::SlotChoice, sure, vec![Evidence::new("slot_choice", words)]);
        }
        let likely = signals.of_intent(intent);
        if likely < LIKELY {
            continue;
        }
        let other = |other: Intent| signals.of_intent(other);
        let gives_way = match intent {
            // "Can you install a faucet I bought?" asks about the work; the entry that answers knows.
            Intent::Booking => {
                (faq_answers
                    && signals.wish < if certain && !dated { SURER_BOOKING } else { SURE_BOOKING }
                    && !(dated && likely >= DATED_BOOKING && findings.faq.is_some_and(|found| found.entry.is_some())))
                    || other(Intent::Pricing) > likely
                    || (other(Intent::CallbackRequest) > likely && likely < SURE_BOOKING)
            }
            Intent::Faq => {
                (!certain && other(Intent::Help) >= 0.7)
                    || other(Intent::CallbackRequest) >= 0.8
                    || other(Intent::SpamOrSales) > 0.8
            }
            Intent::Pricing => other(Intent::SpamOrSales) > 0.8,
            // "What if it leaks again?" is asked before anything has gone wrong.
            Intent::Complaint => faq_answers && asked && likely < 0.9,
            Intent::OptOut
            | Intent::Emergency
            | Intent::CancelAppointment
            | Intent::Reschedule
            | Intent::SlotChoice
            | Intent::Confirm
            | Intent::CallbackRequest
            | Intent::SpamOrSales
            | Intent::OptIn
            | Intent::Help
            | Intent::ThanksOrClose
            | Intent::Other => false,
        };
        if gives_way {
            continue;
        }
        let answered = findings.faq.filter(|_| intent == Intent::Faq);
        let likely = answered.map_or(likely, |found| likely.max(found.score));
        return (intent, calibrated(likely), signals.evidence(intent, findings.text));
    }
    if let Some(found) = findings.faq.filter(|_| faq_answers) {
        return (Intent::Faq, found.score, Vec::new());
    }
    let strongest = ORDER
        .into_iter()
        .map(|intent| signals.of_intent(intent))
        .fold(0.0_f32, f32::max);
    (
        Intent::Other,
        calibrated(1.0 - strongest).min(OTHER_CONFIDENCE),
        Vec::new(),
    )
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::of(include_bytes!("../learned/intent.weights")));
/// Intents that are never learned: the law, safety and offered times have rules of their own.
const BY_RULES: [Intent; 4] = [Intent::OptOut, Intent::OptIn, Intent::Emergency, Intent::SlotChoice];

/// What rules and weights come to together.
pub(super) fn weigh(
    findings: &Findings<'_, '_>,
    signals: &Signals,
    by_rules: (Intent, f32, Vec<Evidence>),
    alone: &Alone,
) -> (Intent, f32, Vec<Evidence>) {
    let (decided, ..) = by_rules;
    let said = *findings.consent != ConsentIntent::None || decided == Intent::SlotChoice;
    if matches!(alone.consent, ConsentIntent::OptOut { .. }) && !said {
        let evidence = alone.out.iter().map(|words| Evidence::new("opt_out", words));
        return (Intent::OptOut, OPT_OUT_CONFIDENCE, evidence.collect());
    }
    if said {
        return by_rules;
    }
    if alone.urgency.level == Urgency::Emergency {
        return (Intent::Emergency, EMERGENCY_CONFIDENCE, Vec::new());
    }
    let noticed = notice(findings, signals, decided);
    let mut sums = WEIGHTS.sums(&noticed);
    for (intent, sum) in Intent::ALL.iter().zip(&mut sums) {
        if BY_RULES.contains(intent) {
            *sum = f32::MIN;
        }
    }
    let answered = asks(findings.text) && findings.faq.is_some_and(|found| found.score >= FAQ_THRESHOLD);
    let faq = Intent::ALL.iter().position(|intent| *intent == Intent::Faq);
    if let Some(sum) = faq.and_then(|faq| sums.get_mut(faq)).filter(|_| answered) {
        *sum += ANSWERED;
    }
    let likely = shares(&sums);
    let best = likely.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
    let Some((place, most)) = best else { return by_rules };
    let Some(intent) = Intent::ALL.get(place).copied() else {
        return by_rules;
    };
    // Of several intents the first counts, where the rules are sure of it and the weights do not say otherwise.
    let rank = |intent| ORDER.iter().position(|one| *one == intent).unwrap_or(ORDER.len());
    let ruled = Intent::ALL
        .iter()
        .position(|one| *one == decided)
        .and_then(|at| likely.get(at));
    let heard = |(sure, possible): (f32, f32)| {
        signals.of_intent(decided) >= sure && ruled.is_some_and(|ruled| *ruled >= possible)
    };
    if rank(decided) < rank(intent) && HEARD.into_iter().any(heard) {
        return by_rules;
    }
    // Two witnesses that agree are no less sure than the surer one.
    let sure = calibrated(*most).max(if intent == decided { by_rules.1 } else { 0.0 });
    let evidence = if intent == decided {
        by_rules.2
    } else {
        let text = findings.text;
        let proof = WEIGHTS.proof(&noticed, place).map(usize::from);
        let quoted = proof.map(|token| text.quote(token.saturating_sub(1), (token + 2).min(text.tokens.len())));
        quoted
            .map(|words| Evidence::new(intent.name(), words))
            .into_iter()
            .collect()
    };
    (intent, sure, evidence)
}

/// A likelihood as it was measured: rules are too sure of themselves.
fn calibrated(likely: f32) -> f32 {
    along(&MEASURED, likely)
}

/// What the rules found, by intent.
pub(super) struct Signals {
    hits: Vec<Hit>,
    likely: [f32; Intent::ALL.len()],
    /// How sure it is that the caller wishes for a visit in so many words.
    wish: f32,
}

impl Signals {
    pub(super) fn of(findings: &Findings<'_, '_>) -> Self {
        let hits = RULES.hits(findings.text, circumstances(findings));
        let mut signals = Self {
            hits,
            likely: [0.0; Intent::ALL.len()],
            wish: 0.0,
        };
        let booking = RULES.signal(Intent::Booking.name());
        let explicit = signals
            .hits
            .iter()
            .filter(|hit| Some(hit.signal) == booking && hit.weight >= SURE_BOOKING);
        signals.wish = explicit.map(|hit| hit.weight).fold(0.0_f32, f32::max);
        for (intent, likely) in Intent::ALL.iter().zip(&mut signals.likely) {
            let Some(number) = RULES.signal(intent.name()) else {
                continue;
            };
            let (mut unlikely, mut kept) = (1.0_f32, 1.0_f32);
            for hit in signals.hits.iter().filter(|hit| hit.signal == number) {
                if hit.weight > 0.0 {
                    unlikely *= 1.0 - hit.weight;
                } else {
                    kept *= 1.0 + hit.weight;
                }
            }
            *likely = (1.0 - unlikely) * kept;
        }
        signals
    }

    fn of_intent(&self, intent: Intent) -> f32 {
        let place = Intent::ALL.iter().position(|one| *one == intent);
        place.and_then(|place| self.likely.get(place)).copied().unwrap_or(0.0)
    }

    fn evidence(&self, intent: Intent, text: &Text<'_>) -> Vec<Evidence> {
        let Some(number) = RULES.signal(intent.name()) else {
            return Vec::new();
        };
        let mut evidence: Vec<Evidence> = Vec::new();
        for hit in self.hits.iter().filter(|hit| hit.signal == number && hit.weight > 0.0) {
            let first = text.items.get(hit.first).map_or(0, |item| item.first);
            let end = text.items.get(hit.end.saturating_sub(1)).map_or(first, |item| item.end);
            let words = text.quote(first, end);
            if !evidence.iter().any(|present| present.words == words) {
                evidence.push(Evidence::new(intent.name(), words));
            }
        }
        evidence
    }
}

static TAGS: LazyLock<Tags> = LazyLock::new(|| Tags::new("intent", &LEXICON));

/// Everything that a learned reading of the intent goes by.
pub(super) fn notice(findings: &Findings<'_, '_>, signals: &Signals, decided: Intent) -> Noticed {
    let mut noticed = Noticed::default();
    let text = findings.text;
    noticed.words_of(text);
    noticed.concepts_of(text, &TAGS);
    let context = findings.context;
    noticed.around(context.asked.map_or("nothing asked", Asked::name));
    for (name, holds) in [
        ("appointment", context.appointment),
        ("asks", asks(text)),
        ("question mark", text.clauses.iter().any(|clause| clause.asks)),
        ("transcript", findings.channel == Channel::Transcript),
        ("callback", findings.callback),
        ("choice", findings.choice.is_some()),
    ] {
        if holds {
            noticed.around(name);
        }
    }
    let length = u32::try_from(text.tokens.len()).unwrap_or(u32::MAX);
    noticed.around_with("length", length.min(4).max(length.checked_ilog2().unwrap_or(0) + 3));
    noticed.rule(decided.name());
    noticed.rule(findings.urgency.name());
    let consent = match findings.consent {
        ConsentIntent::OptOut { .. } => "consent out",
        ConsentIntent::OptIn => "consent in",
        ConsentIntent::Help => "consent help",
        ConsentIntent::None => "consent none",
    };
    noticed.rule(consent);
    for intent in ORDER {
        let likely = signals.of_intent(intent);
        for (level, from) in [(1, 0.3), (2, LIKELY), (3, 0.8), (4, 0.9)] {
            if likely >= from {
                noticed.rule_with(intent.name(), level);
            }
        }
    }
    if let Some(found) = findings.faq {
        let kind = if found.entry.is_some() { "entry" } else { "profile" };
        for (level, from) in [(1, 0.3), (2, 0.5), (3, FAQ_THRESHOLD), (4, CERTAIN_ANSWER)] {
            if found.score >= from {
                noticed.rule_with(kind, level);
            }
        }
        if found.about_money && found.score >= 0.5 {
            noticed.rule("money");
        }
    }
    noticed
}

/// What holds of the text without standing in it: what was asked, whether an appointment is pending.
fn circumstances(findings: &Findings<'_, '_>) -> Concepts {
    let context = findings.context;
    let mut also = Concepts::NONE;
    let mut add = |name: &str, holds: bool| {
        if holds && let Some(concept) = LEXICON.concept(name) {
            also = also.and_also(Concepts::of(concept));
        }
    };
    add(
        "HASAPPT",
        context.appointment || context.asked == Some(Asked::ConfirmAppointment),
    );
    add("ASKS", asks(findings.text));
    add("VOICEMAIL", findings.channel == Channel::Transcript);
    add("ASKEDSLOTS", context.asked == Some(Asked::Slots));
    add("ASKEDCONFIRM", context.asked == Some(Asked::ConfirmAppointment));
    add("ASKEDFOLLOWUP", context.asked == Some(Asked::FollowUpYes));
    add("ASKEDNAME", context.asked == Some(Asked::Name));
    add("ASKEDISSUE", context.asked == Some(Asked::Issue));
    add("ASKEDADDRESS", context.asked == Some(Asked::Address));
    add("ASKEDTIME", context.asked == Some(Asked::CallbackTime));
    add("GAVENUMBER", findings.callback);
    also
}

/// Days and times.
static DATES: LazyLock<Concepts> =
    LazyLock::new(|| LEXICON.named(|name| matches!(name, "DAY" | "CLOCK" | "ORDINAL" | "PARTOFDAY" | "AVAILABLE")));

/// Questions about how things are, also where they name a day.
static IN_GENERAL: LazyLock<Concepts> =
    LazyLock::new(|| LEXICON.named(|name| matches!(name, "COMPARE" | "WHATIF" | "HOW" | "HOWMANY" | "DOYOU")));

/// Concepts with which a question begins, and those that make one wherever they stand.
static QUESTIONS: LazyLock<(Concepts, Concepts)> = LazyLock::new(|| {
    let set = |names: &[&str]| {
        let known = names.iter().filter_map(|name| LEXICON.concept(name));
        known.fold(Concepts::NONE, |all, concept| all.and_also(Concepts::of(concept)))
    };
    let opening = set(&[
        "AREYOU", "WHAT", "WHEN", "WHERE", "WHO", "HOW", "HOWLONG", "WHY", "COULDYOU", "OFFER", "INTERROG", "CANI",
    ]);
    (opening, set(&["UNSURE", "COMPARE", "WHATIF", "DOYOU"]))
});

/// Whether the text asks something, with or without a question mark.
pub(super) fn asks(text: &Text<'_>) -> bool {
    let (opening, anywhere) = *QUESTIONS;
    text.clauses.iter().any(|clause| {
        let first = text.items(clause).first();
        clause.asks || clause.concepts.meets(anywhere) || first.is_some_and(|item| item.concepts.meets(opening))
    }) || is_inverted(text)
}

/// "Can I", "do they", "is there": the verb before who does it, wherever typing or speaking left out the full stop.
fn is_inverted(text: &Text<'_>) -> bool {
    (0..text.tokens.len()).any(|at| {
        let (verb, who) = (text.word(at), text.word(at + 1));
        let starts = text.clauses.iter().any(|clause| clause.first_token == at);
        // Letters that spell a name are no "r u".
        let spelled = at > 0 && text.word(at - 1).len() == 1;
        VERBS_FIRST.contains(&verb)
            && !spelled
            && (SUBJECTS.contains(&who) || who == "you" && !matches!(verb, "can" | "could"))
            || starts && VERBS_FIRST_AT_START.contains(&verb) && (SUBJECTS.contains(&who) || NOUN_STARTS.contains(&who))
            || starts && QUESTION_WORDS.contains(&verb)
            || verb == "is" && matches!(who, "there" | "anyone" | "anybody" | "someone" | "somebody")
            || verb == "then" && text.word(at.wrapping_sub(1)) == "what" && who.is_empty()
            || verb == "is"
                && who == "that"
                && matches!(
                    text.word(at + 2),
                    "okay" | "fine" | "alright" | "something" | "possible" | "on" | "a" | "an"
                )
            || starts && verb == "any"
            || verb == "or" && matches!(who, "no" | "not" | "nah") && at + 2 == text.tokens.len()
    })
}

/// Verbs that stand before these only in a question. "Can you" and "could you" mostly ask for a deed.
const VERBS_FIRST: &[&str] = &["do", "does", "will", "would", "should", "can", "could", "am", "are"];
const SUBJECTS: &[&str] = &["i", "we", "they", "he", "she", "my", "our"];
/// The same at the start of a clause, where more can follow.
const VERBS_FIRST_AT_START: &[&str] = &[
    "do", "does", "did", "will", "would", "should", "can", "could", "is", "are", "has", "was",
];
/// "When" at the start of a clause more often tells than asks.
const QUESTION_WORDS: &[&str] = &[
    "what", "whats", "which", "who", "whos", "whose", "where", "wheres", "why", "how", "hows", "cuanto", "cual",
    "donde", "quien",
];
const NOUN_STARTS: &[&str] = &[
    "the", "a", "this", "that", "these", "it", "there", "your", "any", "anybody", "anyone",
];
