//! What `mccc business import` does with a file that says little, too much, or something of somebody else's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Output;

use mccc_test::process::{Folder, Program};

const BIN: &str = env!("CARGO_BIN_EXE_mccc");
const MIKE: &str = "numbers = [\"+15125550199\"]\n[profile]\nname = \"Mike\"\nzone = \"America/Chicago\"\n";

struct Desk(Folder);

impl Desk {
    fn new() -> Self {
        Self(Folder::new(BIN, "business-file").unwrap())
    }

    fn run(&self, args: &[&str]) -> Output {
        let data = self.0.path().join("data");
        let program = Program::new(BIN).env("MCCC_DATA_DIR", data.to_str().unwrap());
        let program = args.iter().fold(program, |program, arg| program.arg(arg));
        program.output().unwrap()
    }

    fn import(&self, text: &str) -> Output {
        let file = self.0.path().join("business.toml");
        std::fs::write(&file, text).unwrap();
        self.run(&["business", "import", file.to_str().unwrap()])
    }

    fn takes(&self, text: &str) -> String {
        let output = self.import(text);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refuses(&self, text: &str, because: &str) {
        let output = self.import(text);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(because), "{error}");
    }

    fn exported(&self) -> String {
        String::from_utf8(self.run(&["business", "export", "-"]).stdout).unwrap()
    }
}

#[test]
fn nothing_is_texted_from_another_business_number() {
    let desk = Desk::new();
    desk.takes(MIKE);
    let other = "numbers = [\"+13125550100\"]\ntexting = { sender = \"+15125550199\" }\n[profile]\nname = \"Other\"\n\
                 zone = \"America/Chicago\"\n";
    desk.refuses(other, "belongs to the business");
    assert!(!desk.exported().contains("Other"), "it was half applied");
    // Nor when it is changed later.
    let own = other.replace("texting = { sender = \"+15125550199\" }\n", "");
    desk.takes(&own);
    desk.refuses(other, "belongs to the business");
}

#[test]
fn what_stands_in_a_file_twice_is_refused() {
    let desk = Desk::new();
    let one = |name: &str, numbers: &str| {
        format!(
            "[[business]]\nnumbers = [{numbers}]\n[business.profile]\nname = \"{name}\"\nzone = \"America/Chicago\"\n"
        )
    };
    let number = "\"+13125550100\"";
    desk.refuses(&format!("{}{}", one("A", number), one("B", number)), "twice");
    desk.refuses(&one("A", &format!("{number}, {number}")), "twice");
    assert!(!desk.exported().contains("+13125550100"));
    desk.refuses(&one("A", "\"512 555 0100\""), "E.164");
}

#[test]
fn a_business_without_a_number_is_known_by_its_name() {
    let desk = Desk::new();
    let file = "[profile]\nname = \"New One\"\nzone = \"America/Chicago\"\n";
    assert!(desk.takes(file).contains("1 created"));
    assert!(desk.takes(file).contains("1 unchanged"));
    assert!(
        desk.takes(&format!("{file}trade = \"roofing\"\n"))
            .contains("1 changed")
    );
    assert_eq!(desk.exported().matches("New One").count(), 1);
}

#[test]
fn a_credential_that_is_not_there_changes_nothing() {
    let desk = Desk::new();
    let file = format!("{MIKE}[credentials]\ntwilio_auth_token = \"env:MCCC_TEST_NO_SUCH\"\n");
    desk.refuses(&file, "MCCC_TEST_NO_SUCH");
    assert!(!desk.exported().contains("Mike"));
}

#[test]
fn what_the_server_learned_outlives_a_file_that_says_nothing_of_it() {
    let desk = Desk::new();
    let learned = format!(
        "{MIKE}[telephone]\nforwarding_provider = \"google_voice\"\nforwarding_verified_at = \"2026-06-08T14:00:00Z\"\n\
         [spam]\ntrusted = [\"+15125550123\"]\n"
    );
    desk.takes(&learned);
    assert!(desk.takes(MIKE).contains("1 unchanged"));
    let exported = desk.exported();
    for kept in ["google_voice", "2026-06-08T14:00:00", "+15125550123"] {
        assert!(exported.contains(kept), "{kept}: {exported}");
    }
}
