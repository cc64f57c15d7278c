//! What the provider's numeric codes mean for us, as data.
//!
//! Source: Twilio's error dictionary (`https://www.twilio.com/docs/api/errors`), read 2026-11. Codes appear without
//! notice: an unknown one of the 21 000s is taken for our mistake, an unknown one of the 30 000s for a passing trouble of
//! the carrier.

use mccc_core::port::FailureClass::{
    self, Account, App, Content, Doubtful, Landline, OptOut, Rate, Recipient, Sender, Transient,
};

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// What kind of thing refused.
    pub class: FailureClass,
    /// What the contractor reads, if there is something to tell.
    pub reason: Option<&'static str>,
}

/// What `code` means.
#[must_use]
pub fn meaning(code: u32) -> Meaning {
    let known = TABLE.binary_search_by_key(&code, |(code, _, _)| *code);
    if let Some((_, class, reason)) = known.ok().and_then(|at| TABLE.get(at)) {
        return Meaning {
            class: *class,
            reason: Some(*reason).filter(|reason| !reason.is_empty()),
        };
    }
    let class = match code {
        30_000..=30_999 => Transient,
        _ => App,
    };
    Meaning { class, reason: None }
}

const SUSPENDED: &str = "Your phone account is suspended. Check billing with the provider.";
const TRIAL: &str = "Trial accounts can only reach verified numbers.";
const PROFILE: &str = "Finish your provider's business profile before texting customers.";
const PROFILE_CALLS: &str = "Finish your provider's business profile before calling customers.";
const NOT_CALLABLE: &str = "This number cannot be called.";
const CALL_COUNTRY: &str = "Calls to this country are switched off.";
const FORWARDING: &str = "That forwarding number cannot be called.";
const CANNOT_SEND: &str = "Your business number cannot send texts yet.";
const LANDLINE: &str = "This looks like a landline. Call them back instead.";
const NO_SENDER: &str = "No texting number is attached to your account.";
const ACTIVATING: &str = "Your number is still being activated by the carriers.";
const FRAUD: &str = "Blocked by the provider's fraud protection.";
const HELD: &str = "Held by your provider's compliance settings.";
const AREA: &str = "No numbers are left in that area code. Try a nearby one.";
const TAKEN: &str = "Someone else just took that number. Pick another.";

/// Sorted by code.
const TABLE: &[(u32, FailureClass, &str)] = &[
    (10_001, Account, SUSPENDED),
    (10_002, Account, TRIAL),
    (11_100, App, ""),
    (11_200, App, ""),
    (11_205, App, ""),
    (11_206, App, ""),
    (11_210, App, ""),
    (11_215, App, ""),
    (11_220, App, ""),
    (11_235, App, ""),
    (11_236, App, ""),
    (11_237, App, ""),
    (11_750, App, ""),
    (12_100, App, ""),
    (12_200, App, ""),
    (12_300, App, ""),
    (13_214, App, FORWARDING),
    (13_224, Recipient, FORWARDING),
    (13_226, Recipient, FORWARDING),
    (13_227, Account, CALL_COUNTRY),
    (14_107, App, ""),
    (14_111, Account, PROFILE_CALLS),
    (
        20_003,
        Account,
        "Your phone account sign-in was refused. Reconnect it in Settings.",
    ),
    (20_005, Account, SUSPENDED),
    (20_404, App, "That number does not look valid."),
    (20_429, Rate, ""),
    (21_210, Sender, "This number cannot place calls from your account."),
    (21_211, Recipient, "The caller's number is not a valid phone number."),
    (21_212, Sender, "Your business number is not set up correctly."),
    (21_214, Recipient, NOT_CALLABLE),
    (21_215, Account, CALL_COUNTRY),
    (
        21_216,
        Account,
        "The provider blocked this call. Your business profile may be incomplete.",
    ),
    (21_217, Recipient, NOT_CALLABLE),
    (21_219, Account, TRIAL),
    (21_265, Recipient, "This is an automated sender, which is not texted."),
    (21_266, App, ""),
    (21_408, Account, "Texting to this country is switched off."),
    (21_421, App, TAKEN),
    (21_422, App, TAKEN),
    (21_451, App, AREA),
    (21_452, App, AREA),
    (21_601, Sender, CANNOT_SEND),
    (21_606, Sender, CANNOT_SEND),
    (21_608, Account, PROFILE),
    (21_610, OptOut, "This customer asked not to receive texts."),
    (21_611, Rate, ""),
    (21_612, Recipient, "Texts from your number cannot reach this carrier."),
    (21_614, Landline, LANDLINE),
    (21_617, Content, "The message is too long."),
    (21_631, Account, ""),
    (21_635, Landline, LANDLINE),
    (21_659, Sender, CANNOT_SEND),
    (21_703, Sender, NO_SENDER),
    (21_704, Sender, NO_SENDER),
    (30_001, Rate, ""),
    (30_002, Account, SUSPENDED),
    (30_003, Transient, "Their phone is off or out of range."),
    (30_004, Recipient, "Their phone or carrier blocks texts from you."),
    (30_005, Recipient, "That number is no longer in service."),
    (30_006, Landline, LANDLINE),
    (
        30_007,
        Content,
        "The carrier blocked this text as spam. Reword it or finish registration.",
    ),
    (30_008, Transient, "The carrier gave no reason."),
    (30_010, App, ""),
    (30_019, Content, "The picture is too large."),
    (30_022, Rate, ""),
    (30_023, Rate, "The daily texting limit is reached."),
    (30_024, Sender, ACTIVATING),
    (
        30_032,
        Sender,
        "Your toll-free number must be verified before it can text.",
    ),
    (30_033, Sender, "The carriers suspended your texting registration."),
    (
        30_034,
        Sender,
        "Your number is not registered for business texting yet.",
    ),
    (30_035, Sender, ACTIVATING),
    (30_036, Transient, "It was not sent in time."),
    (30_037, Account, "Texting is disabled on your account."),
    (30_044, Account, "Trial accounts can send short texts only."),
    // The provider does not repeat it either, to avoid duplicates.
    (30_410, Doubtful, "Delivery could not be confirmed."),
    (30_450, Account, FRAUD),
    (30_485, Account, FRAUD),
    (30_610, Content, HELD),
    (30_640, Content, HELD),
    (32_017, Sender, "The carrier is blocking calls from this number."),
    (32_224, Sender, "The carrier is blocking calls from this number."),
    (63_014, OptOut, "This customer asked not to receive texts."),
    (63_036, Recipient, ""),
    (572_005, Account, PROFILE),
    (573_005, Account, PROFILE_CALLS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_code_is_found() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        for (code, class, _) in TABLE {
            assert_eq!(meaning(*code).class, *class, "{code}");
        }
    }

    #[test]
    fn new_codes_are_judged_by_their_range() {
        assert_eq!(
            meaning(21_999),
            Meaning {
                class: App,
                reason: None
            }
        );
        assert_eq!(
            meaning(30_999),
            Meaning {
                class: Transient,
                reason: None
            }
        );
        assert_eq!(
            meaning(1),
            Meaning {
                class: App,
                reason: None
            }
        );
    }

    #[test]
    fn what_the_contractor_reads_is_a_sentence() {
        for (code, _, reason) in TABLE {
            assert!(
                reason.is_empty() || reason.ends_with('.') && !reason.contains("  "),
                "{code}"
            );
        }
    }
}
