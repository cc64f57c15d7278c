//! What-if questions for scripts: instants in, one JSON line out each.

use std::io::{BufRead, Write};

use mccc_core::business::Owner;
use mccc_core::calls::what_if;
use mccc_core::conversation::CallerFlags;
use mccc_core::routing::{CallSource, Decision, Trace};
use mccc_core::{BusinessId, CallerId, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};

use super::business_file::settings_of;
use crate::failure::{Context as _, Failure};

/// A question in full.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    at: Timestamp,
    #[serde(default)]
    caller: Option<Asked>,
}

/// The caller: a number alone, or what is known of them.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "the caller's number such as \"+15125550123\", or an object with number, called, forwarded_from, trade, \
                 blocked, spam and emergency_until"
)]
enum Asked {
    Number(String),
    Known(Caller),
}

/// What is known of the caller.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Caller {
    number: Option<String>,
    /// As an answer prints it; the number tells it again.
    #[serde(rename = "status")]
    _status: Option<String>,
    /// The number of ours that is reached.
    called: Option<PhoneNumber>,
    forwarded_from: Option<PhoneNumber>,
    trade: Option<String>,
    blocked: bool,
    spam: bool,
    emergency_until: Option<Timestamp>,
}

/// One answer.
#[derive(Serialize)]
struct Answer<'a> {
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<CallerId>,
    #[serde(flatten)]
    decision: &'a Decision,
    trace: &'a Trace,
}

/// Answers every line of `questions` by the schedule in `file_text`, exactly as a running server would.
///
/// # Errors
/// The first line that is neither an instant nor a question, by its number.
pub fn answer_all(file_text: &str, questions: impl BufRead, mut answers: impl Write) -> Result<(), Failure> {
    let settings = settings_of(file_text)?;
    let owner = Owner::new(
        BusinessId::derive(Timestamp::UNIX_EPOCH, "what if"),
        1,
        settings,
        Vec::new(),
        Timestamp::UNIX_EPOCH,
    )?;
    for (index, line) in questions.lines().enumerate() {
        let line = line?;
        // Some editors begin a file with a byte order mark.
        let text = line.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        let question = read(text).context(|| format!("line {}", index + 1))?;
        let caller = match question.caller {
            Some(Asked::Known(caller)) => caller,
            Some(Asked::Number(number)) => Caller {
                number: Some(number),
                ..Caller::default()
            },
            None => Caller::default(),
        };
        let flags = CallerFlags {
            blocked: caller.blocked,
            spam: caller.spam,
            emergency_until: caller.emergency_until,
            ..CallerFlags::NONE
        };
        let number = caller.number.as_deref().map(CallerId::from_raw);
        let source = CallSource {
            caller: number,
            called: caller.called,
            forwarded_from: caller.forwarded_from,
            trade: caller.trade.as_deref(),
        };
        let (decision, trace) = what_if(&owner, &flags, source, false, question.at);
        let answer = Answer {
            at: question.at,
            caller: number,
            decision: &decision,
            trace: &trace,
        };
        serde_json::to_writer(&mut answers, &answer)?;
        answers.write_all(b"\n")?;
    }
    Ok(())
}

fn read(text: &str) -> Result<Question, Failure> {
    if text.starts_with('{') {
        return Ok(serde_json::from_str(text)?);
    }
    let at = Timestamp::parse(text.trim_matches('"'))?;
    Ok(Question { at, caller: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "zone = \"America/Chicago\"\n[schedule]\nafter_hours_default = \"voicemail\"\n";

    fn answers(lines: &str) -> Result<Vec<serde_json::Value>, Failure> {
        let mut out = Vec::new();
        answer_all(FILE, lines.as_bytes(), &mut out)?;
        let text = String::from_utf8(out).unwrap();
        Ok(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn a_caller_is_a_number_or_what_is_known_of_them() {
        let said = answers(
            "\u{feff}{\"at\":\"2026-06-08T14:00:00Z\",\"caller\":\"+15125550123\"}\n\
             {\"at\":\"2026-06-08T14:00:00Z\",\"caller\":{\"number\":\"+15125550123\",\"blocked\":true}}\n",
        )
        .unwrap();
        let [plain, blocked] = said.as_slice() else {
            panic!("{said:?}")
        };
        assert_eq!(plain["caller"]["number"], "+15125550123");
        assert_eq!(
            (&plain["rule"], &blocked["rule"]),
            (&"after_hours_default".into(), &"blocked".into())
        );
        // What was printed is read again.
        let again = format!("{{\"at\":\"2026-06-08T14:00:00Z\",\"caller\":{}}}", plain["caller"]);
        assert_eq!(answers(&again).unwrap().first(), Some(plain));
        let wrong = answers("{\"at\":\"2026-06-08T14:00:00Z\",\"caller\":7}").unwrap_err();
        assert!(format!("{wrong:#}").contains("+15125550123"), "{wrong:#}");
    }
}
