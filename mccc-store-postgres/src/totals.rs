//! Where the sums of a day keep each pair of method and outcome.

use mccc_core::calls::Outcome;
use mccc_core::routing::Method;

/// Places of a day's row. Methods and outcomes beyond the present ones find room.
pub(crate) const PLACES: usize = 80;
const EACH: usize = 16;

/// The place of a pair, from 0. Stored, so it never changes.
pub(crate) const fn place(method: Method, outcome: Outcome) -> usize {
    let method = match method {
        Method::AiVoice => 0,
        Method::AutoTextOnly => 1,
        Method::Both => 2,
        Method::Voicemail => 3,
        Method::Off => 4,
    };
    let outcome = match outcome {
        Outcome::NoAction => 0,
        Outcome::AnsweredByAi => 1,
        Outcome::VoicemailLeft => 2,
        Outcome::VoicemailNoMessage => 3,
        Outcome::AutoTextSent => 4,
        Outcome::AppointmentBooked => 5,
        Outcome::CallbackRequested => 6,
        Outcome::QuestionAnswered => 7,
        Outcome::LeadCaptured => 8,
        Outcome::HungUp => 9,
        Outcome::Spam => 10,
        Outcome::Failed => 11,
    };
    method * EACH + outcome
}

/// The place as the database counts, from 1.
pub(crate) fn stored_place(method: Method, outcome: Outcome) -> i32 {
    i32::try_from(place(method, outcome) + 1).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_share_a_place_and_all_fit() {
        let mut places: Vec<usize> = Method::ALL
            .iter()
            .flat_map(|method| Outcome::ALL.iter().map(|outcome| place(*method, *outcome)))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), Method::ALL.len() * Outcome::ALL.len());
        assert!(places.iter().all(|place| *place < PLACES));
    }
}
