use super::*;
use crate::business::{FaqEntry, Settings};
use crate::zone::Zone;

const MONDAY: &str = "2026-06-08T14:00:00Z";

fn business() -> Settings {
    let mut settings = Settings::new("Three Rivers", Zone::parse("America/New_York").unwrap());
    settings.profile.owner_name = "Denise".to_owned();
    settings.profile.services = vec!["drain cleaning".to_owned(), "water heaters".to_owned()];
    settings.profile.service_area.cities = vec!["Dormont".to_owned(), "Mt. Lebanon".to_owned()];
    settings.profile.service_area.zips = vec!["15216".to_owned()];
    settings.faq = [
        ("Financing", "Do you offer financing?", "Over 24 months."),
        ("Payment methods", "How can I pay?", "Cards, checks and cash."),
        ("Free estimates", "Are estimates free?", "For larger jobs."),
        ("Blue paint", "Which blue do you paint with?", "Navy."),
    ]
    .map(|(topic, question, answer)| FaqEntry {
        topic: topic.to_owned(),
        question: question.to_owned(),
        answer: answer.to_owned(),
        alternatives: Vec::new(),
    })
    .to_vec();
    settings
}

fn read_in(text: &str, context: &Context) -> Understanding {
    read_at(text, context, MONDAY)
}

fn read_at(text: &str, context: &Context, now: &str) -> Understanding {
    let settings = business();
    let index = FaqIndex::new(&settings);
    let now = Timestamp::parse(now).unwrap();
    understand(text, Channel::Sms, context, &settings.profile, &index, now)
}

fn read(text: &str) -> Understanding {
    read_in(text, &Context::default())
}

fn read_without_entries(text: &str) -> Understanding {
    let mut settings = business();
    settings.faq.clear();
    let index = FaqIndex::new(&settings);
    let now = Timestamp::parse(MONDAY).unwrap();
    understand(text, Channel::Sms, &Context::default(), &settings.profile, &index, now)
}

fn asked(asked: Asked) -> Context {
    Context {
        asked: Some(asked),
        appointment: asked == Asked::ConfirmAppointment,
        slots: ["2026-06-09T14:00:00Z", "2026-06-09T18:00:00Z", "2026-06-10T13:00:00Z"]
            .into_iter()
            .filter(|_| asked == Asked::Slots)
            .map(|start| Timestamp::parse(start).unwrap())
            .collect(),
    }
}

#[test]
fn every_rule_is_understood() {
    assert_eq!(intent::rules().mistakes(), &[] as &[String]);
}

#[test]
fn a_slip_is_understood_and_another_word_is_not() {
    for (typed, word) in [
        ("apointment", "appointment"),
        ("appointmnet", "appointment"),
        ("availible", "available"),
        ("tommorow", "tomorrow"),
        ("leaving", "leaving"),
        ("wrapping", "wrapping"),
    ] {
        assert_eq!(intent::lexicon().look_up(typed).0, word);
    }
}

#[test]
fn the_last_question_decides_what_an_answer_means() {
    for (text, context, intent) in [
        ("yes", Context::default(), Intent::Other),
        ("yes", asked(Asked::ConfirmAppointment), Intent::Confirm),
        ("yes", asked(Asked::FollowUpYes), Intent::Confirm),
        ("C", asked(Asked::ConfirmAppointment), Intent::Confirm),
        ("R", asked(Asked::ConfirmAppointment), Intent::Reschedule),
        ("2", Context::default(), Intent::Other),
        ("2", asked(Asked::Slots), Intent::SlotChoice),
        (
            "cancel my appointment",
            asked(Asked::ConfirmAppointment),
            Intent::CancelAppointment,
        ),
        ("cancel", asked(Asked::ConfirmAppointment), Intent::OptOut),
        ("any time after 6", asked(Asked::CallbackTime), Intent::CallbackRequest),
    ] {
        assert_eq!(read_in(text, &context).intent, intent, "{text} in {context:?}");
    }
}

#[test]
fn a_slot_is_chosen_however_it_is_written() {
    for (text, slot) in [
        ("2", Some(2)),
        ("#3 please", Some(3)),
        ("the second one", Some(2)),
        ("two pls", Some(2)),
        ("tues 2pm", Some(2)),
        ("wednesday", Some(3)),
        ("not the first, the 2nd", Some(2)),
        ("i'll take the earliest", Some(1)),
        ("nine works", Some(3)),
        ("the early one", Some(1)),
        ("sooner the better", Some(1)),
        ("later one pls", Some(3)),
        ("B", Some(2)),
        ("option c", Some(3)),
        ("any of those works", Some(1)),
        ("whichever", Some(1)),
        ("wednesday june 10th works", Some(3)),
        ("6/10", Some(3)),
        ("any time wednesday", Some(3)),
        ("the later one on tuesday", Some(2)),
        ("the first one on tuesday", Some(1)),
        ("tuesday the 9th in the early afternoon", Some(2)),
        ("2 please, i work on friday", Some(2)),
        ("lets do that wed one", Some(3)),
        ("third one works best for me im off at 2:30", Some(3)),
        // Two were offered on that day: which one is not said.
        ("tuesday", None),
        ("1 or 2 works", None),
        ("the first or the second", None),
        ("7", None),
    ] {
        let read = read_in(text, &asked(Asked::Slots));
        assert_eq!(read.intent, Intent::SlotChoice, "{text}");
        assert_eq!(read.fields.slot, slot, "{text}");
    }
    for text in [
        "none of these, what about friday?",
        "do you have anything earlier?",
        "any other times",
        "can you call me later",
        "neither of those",
        "a little later than that if you can",
        "later",
        "i will tell you later",
        "first i need to ask my wife",
        "two questions, do i need to be home and do you take cards?",
        "i have 2 kids",
    ] {
        assert_ne!(read_in(text, &asked(Asked::Slots)).intent, Intent::SlotChoice, "{text}");
    }
}

#[test]
fn the_number_of_a_day_is_not_the_number_of_a_slot() {
    let slots = ["2026-06-30T14:00:00Z", "2026-07-01T14:00:00Z", "2026-07-01T17:00:00Z"];
    let context = Context {
        slots: slots.map(|start| Timestamp::parse(start).unwrap()).to_vec(),
        ..asked(Asked::Slots)
    };
    for text in [
        "july 1st",
        "wednesday the 1st",
        "the 1st of july works",
        "wed july 1st please",
    ] {
        // Two were offered on that day.
        let read = read_at(text, &context, "2026-06-29T14:00:00Z");
        assert_eq!((read.intent, read.fields.slot), (Intent::SlotChoice, None), "{text}");
    }
}

#[test]
fn what_is_over_of_a_week_is_not_wished() {
    let saturday = "2026-06-13T14:00:00Z";
    for (text, expected) in [
        ("end of the week", r#"{"date":"2026-06-13"}"#),
        ("this weekend", r#"{"date":"2026-06-13","through":"2026-06-14"}"#),
        ("this week", r#"{"date":"2026-06-13","through":"2026-06-14"}"#),
    ] {
        let when = read_at(text, &Context::default(), saturday).fields.when;
        assert_eq!(serde_json::to_string(&when).unwrap(), expected, "{text}");
    }
}

/// None of them was offered: a number within a date, or "first" and "later" about something else, takes no slot.
#[test]
fn a_day_that_was_not_offered_takes_no_slot() {
    for (text, when) in [
        ("june 3rd", r#"{"date":"2027-06-03"}"#),
        (
            "thursday first thing",
            r#"{"date":"2026-06-11","from":"08:00","to":"12:00"}"#,
        ),
        (
            "thursday the 11th at noon",
            r#"{"date":"2026-06-11","from":"12:00","to":"12:00"}"#,
        ),
        ("any time thursday works", r#"{"date":"2026-06-11"}"#),
        ("in two weeks", r#"{"date":"2026-06-22","through":"2026-06-28"}"#),
        ("later this week", r#"{"date":"2026-06-09","through":"2026-06-14"}"#),
        (
            "sometime next week in the morning",
            r#"{"date":"2026-06-15","through":"2026-06-21","from":"08:00","to":"12:00"}"#,
        ),
        ("half past two", r#"{"from":"14:30","to":"14:30"}"#),
        ("quarter to five", r#"{"from":"16:45","to":"16:45"}"#),
        ("10:30 works", r#"{"from":"10:30","to":"10:30"}"#),
        (
            "tuesday at nine",
            r#"{"date":"2026-06-09","from":"09:00","to":"09:00"}"#,
        ),
        ("thursday, any time", r#"{"date":"2026-06-11"}"#),
        ("the second one on thursday", r#"{"date":"2026-06-11"}"#),
        ("wednesday or friday", r#"{"date":"2026-06-10","also":"2026-06-12"}"#),
        (
            "fri or sat, the earlier the better",
            r#"{"date":"2026-06-12","also":"2026-06-13"}"#,
        ),
    ] {
        let read = read_in(text, &asked(Asked::Slots));
        assert_eq!(read.fields.slot, None, "{text}");
        assert_eq!(serde_json::to_string(&read.fields.when).unwrap(), when, "{text}");
    }
}

#[test]
fn the_first_intent_in_order_counts() {
    for (text, intent) in [
        ("stop texting me. your guy never showed up", Intent::OptOut),
        (
            "your guy never showed up, can someone come tomorrow?",
            Intent::Complaint,
        ),
        ("can someone come tomorrow, and how much is it?", Intent::Booking),
        ("how much do you charge? are you open on sundays?", Intent::Pricing),
        ("my basement is flooding, can you come tomorrow", Intent::Emergency),
    ] {
        assert_eq!(read(text).intent, intent, "{text}");
    }
}

#[test]
fn wishes_are_resolved_in_the_zone_of_the_business() {
    for (text, expected) in [
        (
            "can you come tomorrow after 3",
            r#"{"date":"2026-06-09","from":"15:00"}"#,
        ),
        (
            "next tuesday morning please, can you come",
            r#"{"date":"2026-06-16","from":"08:00","to":"12:00"}"#,
        ),
        ("can you come on the 14th", r#"{"date":"2026-06-14"}"#),
        (
            "could someone come friday between 9 and 11",
            r#"{"date":"2026-06-12","from":"09:00","to":"11:00"}"#,
        ),
        (
            "come wednesday at 2 instead of tomorrow",
            r#"{"date":"2026-06-10","from":"14:00","to":"14:00"}"#,
        ),
        ("call me after 5", r#"{"from":"17:00"}"#),
        ("thursday anytime after nine", r#"{"date":"2026-06-11","from":"09:00"}"#),
        ("come before 10 on thursday", r#"{"date":"2026-06-11","to":"10:00"}"#),
        (
            "a week from today at 3:30",
            r#"{"date":"2026-06-15","from":"15:30","to":"15:30"}"#,
        ),
        (
            "day after tomorrow before noon",
            r#"{"date":"2026-06-10","to":"12:00"}"#,
        ),
        ("come on july 3rd", r#"{"date":"2026-07-03"}"#),
        ("my sink is clogged", "null"),
        ("good morning, can you come", "null"),
        (
            "tomorrow is good 3pm",
            r#"{"date":"2026-06-09","from":"15:00","to":"15:00"}"#,
        ),
        (
            "can you come tues or weds",
            r#"{"date":"2026-06-09","also":"2026-06-10"}"#,
        ),
        (
            "monday or thursday after 2",
            r#"{"date":"2026-06-11","also":"2026-06-15","from":"14:00"}"#,
        ),
        (
            "tuesday or wednesday or thursday",
            r#"{"date":"2026-06-09","through":"2026-06-11"}"#,
        ),
        ("mon-wed would work", r#"{"date":"2026-06-15","through":"2026-06-17"}"#),
        (
            "wednesday thru friday is fine",
            r#"{"date":"2026-06-10","through":"2026-06-12"}"#,
        ),
        ("tuesday, no wednesday", r#"{"date":"2026-06-10"}"#),
        ("move me from tuesday to friday", r#"{"date":"2026-06-12"}"#),
        (
            "can someone come next week",
            r#"{"date":"2026-06-15","through":"2026-06-21"}"#,
        ),
        (
            "early next week please",
            r#"{"date":"2026-06-15","through":"2026-06-17"}"#,
        ),
        (
            "at the end of next week",
            r#"{"date":"2026-06-18","through":"2026-06-21"}"#,
        ),
        ("tuesday next week", r#"{"date":"2026-06-16"}"#),
        ("next week tuesday", r#"{"date":"2026-06-16"}"#),
        ("end of the week", r#"{"date":"2026-06-11","through":"2026-06-12"}"#),
        (
            "this weekend if you work then",
            r#"{"date":"2026-06-13","through":"2026-06-14"}"#,
        ),
        ("next weekend", r#"{"date":"2026-06-20","through":"2026-06-21"}"#),
        (
            "any day after the 12th",
            r#"{"date":"2026-06-13","through":"2026-06-25"}"#,
        ),
        ("the day after thursday", r#"{"date":"2026-06-12"}"#),
        (
            "starting thursday im home",
            r#"{"date":"2026-06-11","through":"2026-06-24"}"#,
        ),
        ("any day but friday", "null"),
        ("fri pm", r#"{"date":"2026-06-12","from":"12:00","to":"17:00"}"#),
        (
            "late afternoon thursday",
            r#"{"date":"2026-06-11","from":"15:00","to":"18:00"}"#,
        ),
        (
            "around lunch tomorrow",
            r#"{"date":"2026-06-09","from":"11:00","to":"13:00"}"#,
        ),
        (
            "half past three on friday",
            r#"{"date":"2026-06-12","from":"15:30","to":"15:30"}"#,
        ),
    ] {
        let when = read(text).fields.when;
        assert_eq!(serde_json::to_string(&when).unwrap(), expected, "{text}");
    }
}

proptest::proptest! {
    /// However a day and a time are written: the slot that a text takes is on that day and at that time.
    #[test]
    fn a_slot_is_never_taken_against_the_day_and_the_time_named(
        offered in proptest::collection::btree_set(0_u32..16, 1..5), day in 0_i32..8, hour in 8_u16..18,
        form in 0_usize..9, timed in 0_usize..5, around in 0_usize..5,
    ) {
        let zone = Zone::parse("America/New_York").unwrap();
        // The last Monday of a month, so that the days after it have the numbers of slots.
        let now = "2026-06-29T14:00:00Z";
        let today = zone.to_local(Timestamp::parse(now).unwrap()).day.plus_days(1);
        // Four hours a day.
        let slots: Vec<Timestamp> = offered
            .into_iter()
            .map(|slot| {
                let start = zone.start_of(today.plus_days(i32::try_from(slot / 4).unwrap()));
                start.plus(std::time::Duration::from_secs(u64::from(8 + slot % 4 * 3) * 3600))
            })
            .collect();
        let date = today.plus_days(day).to_date();
        let with = |form: &str| date.strftime(form).to_string();
        let nth = match date.day() {
            1 | 21 | 31 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        };
        let number = format!("{}{nth}", date.day());
        // A weekday alone is the next of its kind.
        let near = day < 7;
        let said = match form {
            0 if near => with("%A"),
            1 if near => with("%a"),
            2 => with("%B %-d"),
            3 => format!("{} {number}", with("%b")),
            4 => with("%-m/%-d"),
            5 => format!("{} the {number}", with("%A")),
            6 => format!("the {number} of {}", with("%B")),
            7 => format!("{} {number}", with("%A")),
            _ => format!("{} {number}", with("%A %B")),
        };
        let twelve = if hour > 12 { hour - 12 } else { hour };
        let half = if hour < 12 { "am" } else { "pm" };
        let time = match timed {
            0 => format!(" at {twelve}{half}"),
            1 => format!(" {twelve}:00 {half}"),
            2 => " first thing".to_owned(),
            _ => String::new(),
        };
        let text = match around {
            0 => format!("{said}{time}"),
            1 => format!("{said}{time} works"),
            2 => format!("any time {said}{time}"),
            3 => format!("how about {said}{time}"),
            _ => format!("can we do {said}{time} please"),
        };
        let context = Context { asked: Some(Asked::Slots), slots: slots.clone(), appointment: false };
        let fits = |slot: &&Timestamp| {
            let local = zone.to_local(**slot);
            let minute = local.minute_of_day();
            let in_time = match timed {
                0 | 1 => minute == u32::from(hour) * 60,
                2 => minute < 12 * 60,
                _ => true,
            };
            local.day.to_date() == date && in_time
        };
        let count = slots.iter().filter(fits).count();
        // Who would come at any time takes the first; otherwise which of several is not said.
        let expected = slots.iter().find(fits).filter(|_| count == 1 || around == 2);
        let slot = read_at(&text, &context, now).fields.slot;
        let taken = slot.map(|slot| &slots[usize::from(slot) - 1]);
        proptest::prop_assert_eq!(taken, expected, "{} {:?}", text, slots);
    }
}

#[test]
fn a_name_is_heard_wherever_callers_say_theirs() {
    for (text, name) in [
        (
            "hi linda parker calling about the water heater you put in",
            Some("Linda Parker"),
        ),
        (
            "yeah dave whitaker over on maple the disposal is jammed",
            Some("Dave Whitaker"),
        ),
        (
            "good morning uh rosa from the bakery on fifth we have a leak",
            Some("Rosa"),
        ),
        ("call me back at the shop just ask for curtis thanks", Some("Curtis")),
        (
            "so my name again is walt jensen and the number is on file",
            Some("Walt Jensen"),
        ),
        ("five five five and thats beverly thank you", Some("Beverly")),
        ("good morning rosa here from next door", Some("Rosa")),
        ("Leak from the ceiling", None),
        ("thats april 5th right", None),
        ("thats fine see you then", None),
        ("ask for an estimate calling tomorrow", None),
        ("nobody calling back from your office", None),
        ("water coming from over the sink again", None),
    ] {
        let read = read(text);
        assert_eq!(read.fields.name.as_deref(), name, "{text}");
    }
}

#[test]
fn names_numbers_and_addresses_are_taken_as_written() {
    let fields = read("Hi, this is Priya Raman, 412 Elm St apt 3. Reach me at (412) 555-0134").fields;
    let number = |fields: &Fields| fields.callback.map(|number| number.to_string());
    assert_eq!(fields.name.as_deref(), Some("Priya Raman"));
    assert_eq!(fields.address.as_deref(), Some("412 Elm St apt 3"));
    assert_eq!(number(&fields).as_deref(), Some("+14125550134"));
    let spoken = read("this is uh gary at the bakery my number is four one two five five five oh one one nine").fields;
    assert_eq!(spoken.name.as_deref(), Some("Gary"));
    assert_eq!(number(&spoken).as_deref(), Some("+14125550119"));
    let tens = read("call me at four one two five fifty five oh one ninety nine").fields;
    assert_eq!(number(&tens).as_deref(), Some("+14125550199"));
    for text in [
        "this is ridiculous",
        "I'm waiting",
        "it's leaking",
        "This is Denise?",
        "call 911 or 555-0134",
    ] {
        let fields = read(text).fields;
        assert_eq!((fields.name, fields.callback), (None, None), "{text}");
    }
}

#[test]
fn a_question_is_answered_or_left_alone() {
    for (text, topic) in [
        ("can I pay it off monthly?", Some("Financing")),
        ("do you take visa", Some("Payment methods")),
        ("what blue do you paint with?", Some("Blue paint")),
        ("are you open on sundays?", Some("hours")),
        ("do you come out to Dormont?", Some("area")),
        ("do you do drain cleaning?", Some("services")),
        ("do you clean pools?", None),
        ("will your truck fit under a seven foot garage?", None),
    ] {
        let read = read(text);
        assert_eq!(read.intent, Intent::Faq, "{text}");
        let found = read.faq;
        assert_eq!(found.as_ref().map(|found| found.topic.as_str()), topic, "{text}");
        assert!(found.is_none_or(|found| found.score >= FAQ_THRESHOLD && !found.evidence.is_empty()));
    }
    let free = read("do you charge for estimates?");
    assert_eq!(free.intent, Intent::Pricing);
    assert_eq!(free.faq.unwrap().topic, "Free estimates");
}

#[test]
fn a_business_without_questions_answers_from_its_profile_alone() {
    let settings = Settings::new("Bare", Zone::parse("UTC").unwrap());
    let index = FaqIndex::new(&settings);
    let (context, at) = (Context::default(), Timestamp::UNIX_EPOCH);
    let read = |text| understand(text, Channel::Sms, &context, &settings.profile, &index, at).faq;
    assert_eq!(read("are you open on sunday?").unwrap().topic, "hours");
    assert_eq!(read("do you come out to Plano?"), None);
    assert_eq!(read("do you offer financing?"), None);
}

#[test]
fn any_text_is_read_without_a_panic() {
    let long = "¿…".repeat(3000) + "gas leak";
    let odd = [
        "",
        " ",
        "'''",
        "...",
        "🔥🔥",
        "2️⃣",
        "но нет",
        "$",
        "#",
        "555",
        "12/40",
        "99:99",
        "the 45th",
    ];
    for text in odd.into_iter().chain([long.as_str()]) {
        for context in [
            Context::default(),
            asked(Asked::Slots),
            asked(Asked::Name),
            asked(Asked::Address),
        ] {
            let read = read_in(text, &context);
            assert!((0.0..=1.0).contains(&read.confidence), "{text}");
        }
    }
}

#[test]
fn light_words_and_lost_endings_hide_nothing() {
    for (text, topic) in [
        ("do you folks also take my cards?", "Payment methods"),
        ("would the estimates be really free?", "Free estimates"),
        ("is there some sort of a payment plan?", "Financing"),
    ] {
        assert_eq!(
            read(text).faq.map(|found| found.topic).as_deref(),
            Some(topic),
            "{text}"
        );
    }
    for text in ["the basement's floodin", "water's gushin out the wall"] {
        assert_eq!(read(text).urgency, Urgency::Emergency, "{text}");
    }
}

#[test]
fn a_question_is_answered_after_a_story_and_with_other_words() {
    for (text, topic) in [
        (
            "my brother in law gave me your number years ago and i finally kept it, can I split the bill into parts?",
            "Financing",
        ),
        ("we like the sea a lot, which blue do you paint with?", "Blue paint"),
        ("would I owe anything if you just come look at it?", "Free estimates"),
    ] {
        assert_eq!(
            read(text).faq.map(|found| found.topic).as_deref(),
            Some(topic),
            "{text}"
        );
    }
    for text in [
        "which green do you like?",
        "do you sell parts?",
        "who painted your truck?",
    ] {
        assert_eq!(read(text).faq, None, "{text}");
    }
}

#[test]
fn who_names_a_day_for_work_wants_that_day() {
    for text in [
        "are you free on the 18th to unclog a drain?",
        "are you available on the 18th for the blue paint?",
        "would thursday at 2 work for the water heater?",
    ] {
        assert_eq!(read(text).intent, Intent::Booking, "{text}");
    }
    assert_eq!(read("do you work on sundays?").faq.unwrap().topic, "hours");
}

#[test]
fn services_are_known_by_kind_and_not_by_half() {
    for text in ["do you unclog drains?", "hot water tanks, is that something you do?"] {
        assert_eq!(
            read(text).faq.map(|found| found.topic).as_deref(),
            Some("services"),
            "{text}"
        );
    }
    for text in ["how long do water heaters last?", "do you move pianos?"] {
        assert_ne!(
            read(text).faq.map(|found| found.topic).as_deref(),
            Some("services"),
            "{text}"
        );
    }
}

#[test]
fn an_entry_that_answers_makes_a_question_of_what_the_weights_take_for_something_else() {
    let text = "is it true that looking at it costs nothing";
    let answered = read(text);
    assert_eq!(answered.intent, Intent::Faq);
    assert_eq!(answered.faq.map(|found| found.topic).as_deref(), Some("Free estimates"));
    let nobody_answers = read_without_entries(text);
    assert_ne!(nobody_answers.intent, Intent::Faq);
    assert!(nobody_answers.faq.is_none());
}

#[test]
fn a_long_story_about_something_else_is_no_question_for_the_only_entry() {
    let words = [
        "yesterday",
        "uncle",
        "harbor",
        "painted",
        "yellow",
        "bicycle",
        "mountain",
        "trumpet",
        "window",
        "lantern",
        "pepper",
        "carpet",
        "violin",
        "orchard",
        "teacher",
        "ribbon",
        "candle",
        "basket",
        "kitten",
        "marble",
    ];
    let index = |entries: usize| {
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        settings.faq = (0..entries)
            .map(|number| FaqEntry {
                topic: format!("Financing {number}"),
                question: "Do you offer financing?".to_owned(),
                answer: "Yes, over 12 months.".to_owned(),
                alternatives: Vec::new(),
            })
            .collect();
        (FaqIndex::new(&settings), settings)
    };
    let now = Timestamp::parse(MONDAY).unwrap();
    for entries in [1, 50] {
        let (index, settings) = index(entries);
        for length in [20, 60, 150, 400] {
            let story: Vec<String> = (0..length)
                .map(|at| format!("{}{}", words[at % words.len()], at / 20))
                .collect();
            let text = format!("{}, who tuned the piano?", story.join(" "));
            let read = understand(&text, Channel::Sms, &Context::default(), &settings.profile, &index, now);
            assert_eq!(read.faq, None, "{entries} entries, {length} words");
            let hours = format!("{} what are your hours?", story.join(" "));
            let read = understand(
                &hours,
                Channel::Sms,
                &Context::default(),
                &settings.profile,
                &index,
                now,
            );
            assert!(read.faq.is_none_or(|found| found.score.is_finite()));
        }
    }
}

/// What answers a text to a business with these entries.
fn answer_of(faq: &[(&str, &str, &str)], text: &str) -> Option<(String, f32)> {
    let mut settings = business();
    settings.faq = faq
        .iter()
        .map(|(topic, question, answer)| FaqEntry {
            topic: (*topic).to_owned(),
            question: (*question).to_owned(),
            answer: (*answer).to_owned(),
            alternatives: Vec::new(),
        })
        .collect();
    let index = FaqIndex::new(&settings);
    let now = Timestamp::parse(MONDAY).unwrap();
    let read = understand(text, Channel::Sms, &Context::default(), &settings.profile, &index, now);
    read.faq.map(|found| (found.topic, found.score))
}

#[test]
fn a_question_in_the_owners_own_words_leaves_nothing_to_guess() {
    let mileage = [("Fee", "What about mileage?", "A dollar a mile.")];
    for (text, score) in [("What about mileage?", 1.0), ("WHAT ABOUT MILEAGE", 1.0)] {
        assert_eq!(answer_of(&mileage, text), Some(("Fee".to_owned(), score)), "{text}");
    }
    let (_, in_other_words) = answer_of(&mileage, "so what about the mileage?").unwrap();
    assert!(in_other_words < 1.0);
}

#[test]
fn a_town_of_the_area_is_asked_about_for_its_own_sake() {
    let travel = [
        ("Travel", "Do you charge for travel?", "No."),
        ("Trip", "Do you travel to other towns?", "Far."),
    ];
    for text in ["do you travel to Dormont?", "do you come to other towns like Dormont"] {
        assert_eq!(
            answer_of(&travel, text).map(|(topic, _)| topic).as_deref(),
            Some("area"),
            "{text}"
        );
    }
}
