//! What `mccc understand` prints, and that a business file keeps its questions.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use mccc_test::process::{Folder, Program};
use serde_json::{Value, json};

const BIN: &str = env!("CARGO_BIN_EXE_mccc");
const BUSINESS: &str = r#"
numbers = ["+17732000001"]
[profile]
name = "Three Rivers Plumbing"
owner_name = "Denise"
zone = "America/New_York"
trade = "plumbing"
services = ["drain cleaning", "water heaters"]
service_area = { cities = ["Dormont"], zips = ["15216"] }
[[faq]]
topic = "Financing"
question = "Do you offer financing?"
answer = "Yes, over 24 months."
alternatives = ["Can I make monthly payments?"]
[[faq]]
topic = "Payment methods"
question = "How can I pay?"
answer = "Cards, checks and cash."
"#;

/// One answer a line for the lines given.
fn understood(questions: &[Value]) -> Vec<Value> {
    let folder = Folder::new(BIN, "understand").unwrap();
    let file = folder.path().join("business.toml");
    std::fs::write(&file, BUSINESS).unwrap();
    let mut program = Command::new(BIN)
        .arg("understand")
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    for question in questions {
        writeln!(input, "{question}").unwrap();
    }
    drop(input);
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_text_gets_one_line_with_its_reading() {
    let slots = json!({ "asked": "slots", "slots": ["2026-06-09T10:00:00-04:00", "2026-06-09T14:00:00-04:00"] });
    let answers = understood(&[
        json!({ "text": "can someone come tomorrow afternoon?", "channel": "sms", "now": "2026-06-08T09:00:00-04:00" }),
        json!({ "text": "is there any way to pay monthly", "channel": "sms" }),
        json!({ "text": "I smell gas in the kitchen" }),
        json!({ "text": "STOP" }),
        json!({ "text": "the second one", "context": slots }),
        json!({ "text": "zelle?" }),
    ]);
    let [booking, faq, gas, stop, choice, zelle] = answers.as_slice() else {
        unreachable!("six answers, not {}", answers.len())
    };
    assert_eq!(booking["intent"], "booking");
    assert_eq!(
        booking["fields"]["when"],
        json!({ "date": "2026-06-09", "from": "12:00", "to": "17:00" })
    );
    assert!(booking["confidence"].as_f64().unwrap() >= 0.8);
    assert!(!booking["evidence"].as_array().unwrap().is_empty());
    assert_eq!((&faq["intent"], &faq["faq"]), (&json!("faq"), &json!("Financing")));
    // No word of it stands in the entry.
    assert_eq!(zelle["faq"], "Payment methods");
    assert!(!zelle["faq_met_in"].as_array().unwrap().is_empty(), "{zelle}");
    assert_eq!((&gas["urgency"], &gas["safety"]), (&json!("emergency"), &json!("gas")));
    assert_eq!((&stop["intent"], &stop["opt_out"]), (&json!("opt_out"), &json!(true)));
    assert_eq!(
        (&choice["intent"], &choice["fields"]["slot"]),
        (&json!("slot_choice"), &json!(2))
    );
}

#[test]
fn a_line_that_is_no_question_is_named() {
    let folder = Folder::new(BIN, "understand").unwrap();
    let file = folder.path().join("business.toml");
    std::fs::write(&file, BUSINESS).unwrap();
    let mut program = Command::new(BIN)
        .arg("understand")
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    program
        .stdin
        .take()
        .unwrap()
        .write_all(b"{\"text\":\"hi\"}\nnonsense\n")
        .unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("line 2"));
}

/// A file for trying questions out needs neither name nor zone.
#[test]
fn a_profile_without_a_name_will_do() {
    let folder = Folder::new(BIN, "understand").unwrap();
    let file = folder.path().join("business.toml");
    let nameless: Vec<&str> = BUSINESS
        .lines()
        .filter(|line| !line.starts_with("name") && !line.starts_with("zone"))
        .collect();
    assert_ne!(nameless.len(), BUSINESS.lines().count());
    std::fs::write(&file, nameless.join("\n")).unwrap();
    let texts = folder.path().join("texts.jsonl");
    std::fs::write(&texts, "{\"text\":\"are you open on saturday\"}\n").unwrap();
    let output = Command::new(BIN)
        .arg("understand")
        .arg(&file)
        .stdin(std::fs::File::open(&texts).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["faq"], "hours", "{answer}");
}

/// Questions beside several businesses would belong to none of them.
#[test]
fn what_stands_beside_the_businesses_of_a_file_is_refused() {
    let folder = Folder::new(BIN, "understand").unwrap();
    let file = folder.path().join("business.toml");
    let (first, entries) = BUSINESS.split_once("[[faq]]").unwrap();
    let first = first.replace("[profile]", "[business.profile]");
    std::fs::write(&file, format!("[[business]]\n{first}[[faq]]{entries}")).unwrap();
    let output = Command::new(BIN)
        .arg("understand")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && error.contains("unknown field `faq`"),
        "{error}"
    );
}

#[test]
fn a_business_file_keeps_its_questions() {
    let folder = Folder::new(BIN, "understand").unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("business.toml");
    std::fs::write(&file, BUSINESS).unwrap();
    let command = |args: &[&str]| {
        let mut program = Program::new(BIN).env("MCCC_DATA_DIR", data.to_str().unwrap());
        for arg in args {
            program = program.arg(arg);
        }
        let output = program.output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    command(&["business", "import", file.to_str().unwrap()]);
    let exported = command(&["business", "export", "-"]);
    assert!(
        exported.contains("Can I make monthly payments?") && exported.contains("Dormont"),
        "{exported}"
    );
    std::fs::write(&file, &exported).unwrap();
    let again = command(&["business", "import", file.to_str().unwrap()]);
    assert!(again.contains("1 unchanged"), "{again}");
    assert_eq!(command(&["business", "export", "-"]), exported);
}
