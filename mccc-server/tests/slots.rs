//! `mccc slots`, the program itself: the documented example, every shape of input, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn run(input: &str, process_zone: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mccc"));
    command.arg("slots").env_remove("TZ");
    if let Some(zone) = process_zone {
        command.env("TZ", zone);
    }
    let streams = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = streams.spawn().unwrap();
    // The program may refuse before it has read everything.
    let _may_be_closed = process.stdin.take().unwrap().write_all(input.as_bytes());
    process.wait_with_output().unwrap()
}

fn answers(input: &str) -> Vec<Value> {
    let output = run(input, None);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The exit code, the sentence, and how many questions were answered before.
fn refusal(input: &str) -> (Option<i32>, String, usize) {
    let output = run(input, None);
    let sentence = String::from_utf8(output.stderr).unwrap();
    (
        output.status.code(),
        sentence,
        String::from_utf8(output.stdout).unwrap().lines().count(),
    )
}

/// A question with one field changed; `Null` as a whole takes it away.
fn with(field: &str, value: Value) -> String {
    let mut question = json!({
        "zone": "Europe/Berlin",
        "hours": {"tuesday": [["08:00", "12:00"]]},
        "now": "2027-06-07T00:00:00Z",
        "window_days": 3,
    });
    if value.is_null() {
        question.as_object_mut().unwrap().remove(field);
    } else {
        question[field] = value;
    }
    question.to_string()
}

fn starts(question: &str) -> Vec<String> {
    let answer = answers(question).remove(0);
    answer["starts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|start| start.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_documented_question_has_the_documented_answer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/slots.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> = text
        .split("```json\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 2);
    let mut documented: Value = serde_json::from_str(blocks[1]).unwrap();
    documented["zone_data"] = mccc_core::zone::data_version().into();
    assert_eq!(answers(blocks[0]), [documented]);
}

#[test]
fn questions_come_one_a_line_or_each_over_many() {
    let one = with("duration_minutes", json!(240));
    let many =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&with("duration_minutes", json!(120))).unwrap());
    let found = answers(&format!("{one}\n\n{one}\n{}{one}", many.unwrap()));
    let counts: Vec<usize> = found
        .iter()
        .map(|answer| answer["starts"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 1, 2, 1]);
    assert_eq!(answers(" \n"), [Value::Null; 0]);
}

#[test]
fn the_zone_of_the_process_means_nothing() {
    let question = with("busy", json!([{"start_date": "2027-06-08", "end_date": "2027-06-09"}, {"start": "2027-06-08T09:00:00+02:00", "end": "2027-06-08T07:30:00Z"}]))
        .replace("tuesday", "wednesday");
    let outputs: Vec<Vec<u8>> = [
        None,
        Some("UTC"),
        Some("Pacific/Apia"),
        Some("America/Santiago"),
        Some(":/nonsense"),
    ]
    .map(|zone| run(&question, zone).stdout)
    .into();
    assert!(outputs[0].len() > 100);
    assert!(outputs.iter().all(|output| *output == outputs[0]));
}

#[test]
fn days_go_by_name_and_by_number() {
    let expected = ["2027-06-08T06:00:00Z", "2027-06-08T07:00:00Z"];
    for day in ["tuesday", "Tuesday", "tue", "2"] {
        assert_eq!(
            starts(&with(
                "hours",
                json!({day: [["08:00", "10:00"]], "0": [], "saturday": []})
            )),
            expected,
            "{day}"
        );
    }
}

#[test]
fn the_worked_cases_come_out_of_the_program() {
    // Clocks jump over the start of the hours; they stand still over their end.
    let question = |now: &str, hours: Value| {
        json!({
            "zone": "Europe/Berlin", "hours": {"0": hours}, "now": now, "window_days": 0,
            "duration_minutes": 30, "lead_minutes": 0,
        })
        .to_string()
    };
    assert_eq!(
        starts(&question("2027-03-27T23:00:00Z", json!([["02:30", "05:00"]]))),
        [
            "2027-03-28T01:00:00Z",
            "2027-03-28T01:30:00Z",
            "2027-03-28T02:00:00Z",
            "2027-03-28T02:30:00Z"
        ]
    );
    assert_eq!(
        starts(&question("2027-10-30T22:00:00Z", json!([["01:30", "02:30"]]))),
        [
            "2027-10-30T23:30:00Z",
            "2027-10-31T00:00:00Z",
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:00:00Z"
        ]
    );
    let capped = json!({
        "zone": "America/Denver", "hours": {"2": [["09:00", "21:00"]], "3": [["09:00", "21:00"]]},
        "now": "2027-06-07T00:00:00Z",
        "window": {"start": "2027-06-08T06:00:00Z", "end": "2027-06-10T06:00:00Z"},
        "duration_minutes": 240, "max_per_day": 1, "appointments": [{"start": "2027-06-09T02:00:00Z"}],
    });
    assert_eq!(
        starts(&capped.to_string()),
        ["2027-06-09T15:00:00Z", "2027-06-09T19:00:00Z", "2027-06-09T23:00:00Z"]
    );
}

#[test]
fn an_appointment_with_an_end_is_busy_and_named_as_such() {
    let question = json!({
        "zone": "UTC", "hours": {"2": [["08:00", "11:00"]]}, "now": "2027-06-07T00:00:00Z", "window_days": 2,
        "busy": [{"start": "2027-06-08T08:00:00Z", "end": "2027-06-08T08:30:00Z"}],
        "appointments": [
            {"start": "2027-06-08T10:00:00Z"},
            {"start": "2027-06-08T09:15:00Z", "end": "2027-06-08T09:45:00Z", "title": "Ms. Vega"}
        ],
        "why_not": ["2027-06-08T09:00:00Z"],
    });
    let answer = answers(&question.to_string()).remove(0);
    assert_eq!(answer["starts"], json!(["2027-06-08T10:00:00Z"]));
    let reason = &answer["why_not"][0]["reasons"][0];
    assert_eq!(
        (&reason["list"], &reason["entry"], &reason["title"]),
        (&json!("appointments"), &json!(1), &json!("Ms. Vega"))
    );
}

#[test]
fn what_cannot_be_understood_is_named_with_exit_code_2() {
    for (field, value, named, says) in [
        ("zone", json!("Europe/Berlim"), "zone", "Europe/Berlin"),
        ("zone", Value::Null, "zone", "missing"),
        ("hours", Value::Null, "hours", "missing"),
        ("hours", json!([]), "hours", "by weekday"),
        (
            "hours",
            json!({"someday": []}),
            "hours",
            "from 0 (sunday) to 6 (saturday)",
        ),
        ("hours", json!({"7": []}), "hours", "from 0 (sunday) to 6 (saturday)"),
        (
            "hours",
            json!({"tuesday": [["08:00", "12:61"]]}),
            "hours.tuesday[0][1]",
            "hour:minute",
        ),
        (
            "hours",
            json!({"tuesday": [["08:00"]]}),
            "hours.tuesday[0]",
            "pair of times",
        ),
        (
            "hours",
            json!({"tuesday": [["08:00", "08:00"]]}),
            "hours.tuesday[0]",
            "00:00 to 24:00",
        ),
        (
            "hours",
            json!({"tuesday": [], "2": []}),
            "hours",
            "tuesday is there twice",
        ),
        ("overrides", json!({"2027-06-31": []}), "overrides", "year-month-day"),
        (
            "overrides",
            json!({"2027-06-08": [["9", "10:00"]]}),
            "overrides.2027-06-08[0][0]",
            "hour:minute",
        ),
        ("now", json!("2027-06-07T00:00:00"), "now", "offset"),
        ("now", json!(5), "now", "string"),
        (
            "window",
            json!({"start": "2027-06-08T00:00:00Z", "end": "2027-06-09T00:00:00Z"}),
            "window_days",
            "not both",
        ),
        ("window_days", json!(-1), "window_days", "-1"),
        ("window_days", json!(9_999), "window_days", "shorter"),
        ("duration_minutes", json!(0), "duration_minutes", "choose 1 to"),
        ("duration_minutes", json!("60"), "duration_minutes", "string"),
        ("duration_minutes", json!(1.5), "duration_minutes", "1.5"),
        ("interval_minutes", json!(0), "interval_minutes", "choose 1 to"),
        ("buffer_before_minutes", json!(-5), "buffer_before_minutes", "-5"),
        (
            "buffer_after_minutes",
            json!(999_999),
            "buffer_after_minutes",
            "choose 0 to",
        ),
        ("lead_minutes", json!(1e9), "lead_minutes", "1000000000"),
        ("max_per_day", json!(-1), "max_per_day", "-1"),
        (
            "busy",
            json!([{"start": "2027-06-08T09:00:00Z"}]),
            "busy[0]",
            "start_date and end_date",
        ),
        (
            "busy",
            json!([{"start": "2027-06-08", "end": "2027-06-09"}]),
            "busy[0].",
            "offset",
        ),
        (
            "busy",
            json!([{"starts": "2027-06-08T09:00:00Z"}]),
            "busy[0]",
            "unknown field `starts`",
        ),
        ("appointments", json!([{}]), "appointments[0]", "missing field `start`"),
        ("why_not", json!(["today"]), "why_not[0]", "offset"),
        ("colour", json!("blue"), "colour", "unknown field `colour`"),
    ] {
        let (code, sentence, _) = refusal(&with(field, value.clone()));
        assert_eq!(code, Some(2), "{field}: {value}: {sentence}");
        assert!(
            sentence.contains(named) && sentence.contains(says),
            "{field}: {value}: {sentence}"
        );
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
    let mut backwards: Value = serde_json::from_str(&with("window_days", Value::Null)).unwrap();
    backwards["window"] = json!({"start": "2027-06-09T00:00:00Z", "end": "2027-06-08T00:00:00Z"});
    let (code, sentence, _) = refusal(&backwards.to_string());
    assert!(code == Some(2) && sentence.contains("window: ends at"), "{sentence}");
    for (input, says) in [
        ("{\"zone\": ", "not JSON"),
        ("nonsense", "not JSON"),
        ("[]", "an object with zone"),
        ("5", "an object with zone"),
    ] {
        let (code, sentence, _) = refusal(input);
        assert!(code == Some(2) && sentence.contains(says), "{input}: {sentence}");
    }
}

#[test]
fn the_questions_before_a_bad_one_are_answered() {
    let good = with("duration_minutes", json!(30));
    let (code, sentence, answered) = refusal(&format!("{good}\n{good}\n{}\n{good}", with("now", json!("soon"))));
    assert_eq!((code, answered), (Some(2), 2));
    assert!(sentence.contains("question 3: now"), "{sentence}");
}

#[test]
fn an_entry_that_ends_before_it_starts_blocks_what_its_buffers_leave_of_it() {
    let ask = |buffer: u32, field: &str, entry: Value| {
        let mut question: Value = serde_json::from_str(&with("buffer_before_minutes", json!(buffer))).unwrap();
        question["buffer_after_minutes"] = json!(buffer);
        question[field] = json!([entry]);
        let answer = answers(&question.to_string()).remove(0);
        answer["starts"].as_array().unwrap().len()
    };
    let inverted = json!({"start": "2027-06-08T08:10:00Z", "end": "2027-06-08T08:00:00Z"});
    let dates = json!({"start_date": "2027-06-09", "end_date": "2027-06-08"});
    for (buffer, field, entry, free) in [
        (0, "busy", &inverted, 4),
        (5, "busy", &inverted, 4),
        (15, "busy", &inverted, 2),
        (0, "busy", &dates, 4),
        (0, "appointments", &inverted, 4),
        (15, "appointments", &inverted, 2),
    ] {
        assert_eq!(ask(buffer, field, entry.clone()), free, "{buffer} {field} {entry}");
    }
}

#[test]
fn what_is_there_twice_is_refused() {
    for (twice, name) in [
        (
            r#""overrides":{"2027-06-08":[],"2027-06-08":[["08:00","09:00"]]}"#,
            "2027-06-08",
        ),
        (r#""window_days":2,"window_days":4"#, "window_days"),
    ] {
        let question = format!(
            r#"{{"zone":"Europe/Berlin","hours":{{"tuesday":[["08:00","12:00"]]}},"now":"2027-06-07T00:00:00Z",{twice}}}"#
        );
        let (code, sentence, answered) = refusal(&question);
        assert_eq!((code, answered), (Some(2), 0), "{sentence}");
        assert!(sentence.contains(&format!("{name} is there twice")), "{sentence}");
    }
}
