//! What a model takes a text for that the rules do not understand.

use super::super::emergency::Urgency;
use super::super::understanding::{Asked, Intent, Understanding};
use crate::calls::named;
use serde::{Deserialize, Serialize};

named! {
    /// What a text may be about. Nothing here gives or takes a consent, books, moves, confirms or calls off.
    Guess {
        /// Help at once.
        Emergency = "emergency",
        /// Is unhappy.
        Complaint = "complaint",
        /// Wants somebody to come.
        Booking = "booking",
        /// Asks what something costs.
        Pricing = "pricing",
        /// Asks something else.
        Faq = "faq",
        /// Wants to be called.
        CallbackRequest = "callback_request",
        /// Anything else.
        Other = "other",
    }
}

/// How sure a guess is: less than any business can set for an appointment that is taken up without asking.
const SURE: f32 = 0.4;

impl Guess {
    const fn intent(self) -> Intent {
        match self {
            Self::Emergency => Intent::Emergency,
            Self::Complaint => Intent::Complaint,
            Self::Booking => Intent::Booking,
            Self::Pricing => Intent::Pricing,
            Self::Faq => Intent::Faq,
            Self::CallbackRequest => Intent::CallbackRequest,
            Self::Other => Intent::Other,
        }
    }
}

/// Which guesses are taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// All.
    All,
    /// The text answers a question; it may still be an emergency.
    EmergencyAlone,
    /// None: nobody is told who somebody is or where they live.
    Nothing,
}

const fn open_to(asked: Option<Asked>) -> Open {
    match asked {
        Some(Asked::Name | Asked::Address | Asked::CallbackTime | Asked::ConfirmAppointment) => Open::Nothing,
        Some(Asked::Issue) => Open::EmergencyAlone,
        Some(Asked::Slots | Asked::FollowUpYes) | None => Open::All,
    }
}

/// Whether a model may say what a text is about: the rules understand nothing in it, it has words, and it is no name.
#[must_use]
pub(super) fn is_open(read: &Understanding, text: &str, asked: Option<Asked>) -> bool {
    read.intent == Intent::Other
        && read.urgency == Urgency::Routine
        && text.chars().any(char::is_alphabetic)
        && open_to(asked) != Open::Nothing
}

/// The reading with the guess in it. What the rules understood stays; an answer to a question stays one, unless it is an
/// emergency.
#[must_use]
pub fn adopt(read: Understanding, text: &str, asked: Option<Asked>, guess: Guess) -> Understanding {
    let taken = match (guess, open_to(asked)) {
        (Guess::Other, _) | (_, Open::Nothing) => false,
        (Guess::Emergency, _) | (_, Open::All) => true,
        (_, Open::EmergencyAlone) => false,
    };
    if !taken || !is_open(&read, text, asked) {
        return read;
    }
    let urgency = if guess == Guess::Emergency {
        Urgency::Emergency
    } else {
        read.urgency
    };
    Understanding {
        intent: guess.intent(),
        confidence: SURE,
        urgency,
        ..read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::business::Settings;
    use crate::conversation::understanding::{Channel, Context, FaqIndex, understand};
    use crate::zone::Zone;

    fn read(text: &str, asked: Option<Asked>) -> Understanding {
        let settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        let context = Context {
            asked,
            ..Context::default()
        };
        let index = FaqIndex::new(&settings);
        let now = Timestamp::from_seconds(1_796_223_600);
        understand(text, Channel::Sms, &context, &settings.profile, &index, now)
    }

    const UNCLEAR: &str = "my cousin from ohio says hi";

    #[test]
    fn what_the_rules_understand_is_not_for_a_model_to_say() {
        for text in [
            "STOP",
            "START",
            "cancel my appointment",
            "I smell gas",
            "can someone come tomorrow?",
            "how much is it?",
        ] {
            let before = read(text, None);
            assert_ne!(before.intent, Intent::Other, "{text}");
            for guess in Guess::ALL {
                assert_eq!(adopt(before.clone(), text, None, *guess), before, "{text} {guess:?}");
            }
        }
    }

    #[test]
    fn a_guess_never_decides_anything_by_itself() {
        let before = read(UNCLEAR, None);
        assert_eq!(before.intent, Intent::Other);
        for guess in Guess::ALL {
            let after = adopt(before.clone(), UNCLEAR, None, *guess);
            let decides = matches!(
                after.intent,
                Intent::OptIn
                    | Intent::OptOut
                    | Intent::CancelAppointment
                    | Intent::Confirm
                    | Intent::SlotChoice
                    | Intent::Reschedule
                    | Intent::SpamOrSales
                    | Intent::ThanksOrClose
            );
            assert!(!decides, "{guess:?}");
            assert!(
                after.confidence < 0.5 || *guess == Guess::Other,
                "taken up without asking: {guess:?}"
            );
            assert!(after.urgency >= before.urgency, "less urgent than the rules read");
        }
        assert_eq!(adopt(before, UNCLEAR, None, Guess::Booking).intent, Intent::Booking);
    }

    #[test]
    fn an_answer_stays_one_unless_it_is_an_emergency_and_a_name_is_nobodys_business() {
        let asked = Some(Asked::Issue);
        let before = Understanding {
            intent: Intent::Other,
            ..read(UNCLEAR, asked)
        };
        assert_eq!(adopt(before.clone(), UNCLEAR, asked, Guess::Booking), before);
        assert_eq!(
            adopt(before.clone(), UNCLEAR, asked, Guess::Emergency).intent,
            Intent::Emergency
        );
        let asked = Some(Asked::Name);
        let before = read("Ann", asked);
        assert!(!is_open(&before, "Ann", asked));
        assert_eq!(adopt(before.clone(), "Ann", asked, Guess::Emergency), before);
    }
}
