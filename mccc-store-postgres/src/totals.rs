//! Where the sums of a day keep each pair of method and outcome, and the sums of several days.

use mccc_core::calls::Outcome;
use mccc_core::port::store::TotalsRow;
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

/// Sums over days, place by place.
pub(crate) struct Sums([Sum; PLACES]);

#[derive(Clone, Copy, Default)]
struct Sum {
    calls: u64,
    recovered: u64,
    responded: u64,
    response_ms: u64,
}

/// A place of a packed day: its number, three counts of four bytes, a sum of eight.
const PACKED: usize = 1 + 3 * 4 + 8;

impl Default for Sums {
    fn default() -> Self {
        Self([Sum::default(); PLACES])
    }
}

impl Sums {
    /// Adds a day that is stored as arrays.
    pub(crate) fn add(&mut self, counts: &[i32], response_ms: &[i64]) -> Result<(), &'static str> {
        let (calls, rest) = counts.split_at_checked(PLACES).ok_or("too few counts")?;
        let (recovered, responded) = rest.split_at_checked(PLACES).ok_or("too few counts")?;
        for (place, (((calls, recovered), responded), response_ms)) in
            calls.iter().zip(recovered).zip(responded).zip(response_ms).enumerate()
        {
            self.add_to(place, [*calls, *recovered, *responded], *response_ms)?;
        }
        Ok(())
    }

    /// Adds a day that is stored packed.
    pub(crate) fn add_packed(&mut self, packed: &[u8]) -> Result<(), &'static str> {
        let (places, []) = packed.as_chunks::<PACKED>() else {
            return Err("a packed day has a part of a place");
        };
        for place in places {
            let [number, c0, c1, c2, c3, r0, r1, r2, r3, a0, a1, a2, a3, response_ms @ ..] = *place;
            let counts = [[c0, c1, c2, c3], [r0, r1, r2, r3], [a0, a1, a2, a3]].map(i32::from_be_bytes);
            self.add_to(usize::from(number), counts, i64::from_be_bytes(response_ms))?;
        }
        Ok(())
    }

    fn add_to(&mut self, place: usize, counts: [i32; 3], response_ms: i64) -> Result<(), &'static str> {
        let sum = self.0.get_mut(place).ok_or("no such place")?;
        let parts = [&mut sum.calls, &mut sum.recovered, &mut sum.responded];
        for (part, count) in parts.into_iter().zip(counts) {
            *part = part.saturating_add(u64::try_from(count).map_err(|_| "a negative count")?);
        }
        let response_ms = u64::try_from(response_ms).map_err(|_| "a negative time")?;
        sum.response_ms = sum.response_ms.saturating_add(response_ms);
        Ok(())
    }

    /// The pairs that have calls.
    pub(crate) fn rows(&self) -> Vec<TotalsRow> {
        let pairs = Method::ALL
            .iter()
            .flat_map(|method| Outcome::ALL.iter().map(|outcome| (*method, *outcome)));
        pairs
            .filter_map(|(method, outcome)| {
                let sum = self.0.get(place(method, outcome)).filter(|sum| sum.calls > 0)?;
                Some(TotalsRow {
                    method,
                    outcome,
                    calls: sum.calls,
                    recovered: sum.recovered,
                    responded: sum.responded,
                    response_ms: sum.response_ms,
                })
            })
            .collect()
    }
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

    #[test]
    fn a_packed_day_counts_as_the_same_day_in_arrays() {
        let (mut counts, mut response_ms) = (vec![0; 3 * PLACES], vec![0; PLACES]);
        let mut packed = Vec::new();
        for (method, outcome, figures) in [
            (Method::AiVoice, Outcome::NoAction, [7, 1, 2]),
            (Method::Off, Outcome::Failed, [i32::MAX, 0, 0]),
        ] {
            let place = place(method, outcome);
            packed.push(u8::try_from(place).unwrap());
            for (part, figure) in figures.into_iter().enumerate() {
                counts[part * PLACES + place] = figure;
                packed.extend(figure.to_be_bytes());
            }
            response_ms[place] = i64::MAX / 2;
            packed.extend(response_ms[place].to_be_bytes());
        }
        let (mut from_arrays, mut from_packed) = (Sums::default(), Sums::default());
        for _ in 0..2 {
            from_arrays.add(&counts, &response_ms).unwrap();
            from_packed.add_packed(&packed).unwrap();
        }
        assert_eq!(from_packed.rows(), from_arrays.rows());
        assert_eq!(
            from_packed.rows().iter().map(|row| row.calls).max(),
            Some(2 * u64::from(i32::MAX.unsigned_abs()))
        );
    }

    #[test]
    fn what_no_day_can_be_is_refused() {
        assert!(Sums::default().add_packed(&[0; PACKED - 1]).is_err());
        assert!(Sums::default().add_packed(&[200; PACKED]).is_err());
        assert!(Sums::default().add(&vec![0; PLACES], &vec![0; PLACES]).is_err());
        assert!(Sums::default().add(&vec![-1; 3 * PLACES], &vec![0; PLACES]).is_err());
    }
}
