//! What kind of line a number is. Paid per question.

use async_trait::async_trait;
use mccc_core::PhoneNumber;
use mccc_core::compliance::number::LineType;
use mccc_core::port::{LineLookup, LineReport, PortError};

use super::rows::LookupRow;
use super::transport::Request;
use super::{TwilioClient, absent_is_none};

#[async_trait]
impl LineLookup for TwilioClient {
    async fn look_up(&self, number: &PhoneNumber) -> Result<LineReport, PortError> {
        let base = &self.session.config.lookups_base_url;
        let url = format!(
            "{base}/v2/PhoneNumbers/%2B{}?Fields=line_type_intelligence",
            number.digits()
        );
        let row: Option<LookupRow> = absent_is_none(self.ask(Request::get("look_up", url)).await)?;
        // The provider answers 404 for what cannot be a number.
        let Some(row) = row else {
            return Ok(LineReport {
                line_type: LineType::Unknown,
                valid: false,
            });
        };
        let word = row.line_type_intelligence.and_then(|line| line.line_type);
        Ok(LineReport {
            line_type: word.map_or(LineType::Unknown, |word| line_type(&word)),
            valid: row.valid.unwrap_or(true),
        })
    }
}

/// The description types this as free text, so letters alone are compared.
fn line_type(word: &str) -> LineType {
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    match letters.to_ascii_lowercase().as_str() {
        "mobile" => LineType::Mobile,
        "landline" => LineType::Landline,
        "fixedvoip" => LineType::FixedVoip,
        "nonfixedvoip" => LineType::NonFixedVoip,
        "personal" => LineType::Personal,
        "tollfree" => LineType::TollFree,
        "premium" => LineType::Premium,
        "sharedcost" => LineType::SharedCost,
        "uan" => LineType::Uan,
        "voicemail" => LineType::Voicemail,
        "pager" => LineType::Pager,
        _ => LineType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_types_are_compared_by_their_letters() {
        for word in ["fixedVoip", "fixed-voip", "FIXED_VOIP"] {
            assert_eq!(line_type(word), LineType::FixedVoip, "{word}");
        }
        assert_eq!(line_type("satellite"), LineType::Unknown);
    }
}
