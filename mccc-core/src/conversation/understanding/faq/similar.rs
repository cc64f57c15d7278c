//! How near a text comes to each entry in meaning, as an embedding model sees it.
//!
//! Models differ in what they call near: one gives strangers 0.1 and another 0.8. So a cosine says nothing by itself. It is
//! held against what this text has in common with questions that have nothing to do with it: the other entries, and a few
//! questions that go with every business.

use super::embedding::Embedding;

/// Questions that callers of some business ask; few of them are near to any one text.
pub(super) const STRANGERS: [&str; 12] = [
    "Is there a bus stop near your office?",
    "Do you sell birthday cakes?",
    "Can I bring my dog to the appointment?",
    "Who won the game last night?",
    "What size shoes do you carry?",
    "Is the swimming pool open to children?",
    "How do I reset my password?",
    "Do you have vegetarian dishes on the menu?",
    "Are you hiring drivers for the summer?",
    "Which flight lands first on Sunday?",
    "Will my parcel arrive before the holidays?",
    "How do I renew my library card?",
];

/// From here on, on the way from a stranger (0) to the same words (1), nearness speaks for an entry.
const NEAR: f32 = 0.3;
/// How much the log odds rise on the rest of the way.
const FOR_EACH: f32 = 10.0;
/// Most that nearness adds to the log odds of an entry.
const MOST_FOR: f32 = 4.0;
/// From here on, being farther than the nearest entry speaks against one.
const BEHIND: f32 = 0.15;
/// How much the log odds fall beyond.
const AGAINST_EACH: f32 = 6.0;
/// Most that it takes away.
const MOST_AGAINST: f32 = 2.0;
/// Where a text is as near as this to strangers, the model tells nothing apart.
const BLIND: f32 = 0.98;

/// How near a text comes to each entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Similar {
    entries: Vec<Nearness>,
}

/// How near it comes to one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Nearness {
    cosine: f32,
    /// What that says, in log odds.
    odds: f32,
}

impl Similar {
    /// Of a text, or of each of its parts; `entries` are the questions of each entry, `strangers` have nothing to do with
    /// any. Nothing where vectors cannot be compared.
    pub(super) fn new(parts: &[Embedding], entries: &[Vec<&Embedding>], strangers: &[&Embedding]) -> Option<Self> {
        let mut nearest: Vec<(f32, f32)> = vec![(-1.0, -1.0); entries.len()];
        for part in parts {
            let best = |questions: &Vec<&Embedding>| {
                let mut best = -1.0_f32;
                for question in questions {
                    best = best.max(part.cosine(question)?);
                }
                Some(best)
            };
            let cosines: Vec<f32> = entries.iter().map(best).collect::<Option<_>>()?;
            let others: Vec<f32> = strangers.iter().map(|one| part.cosine(one)).collect::<Option<_>>()?;
            let usual = median(cosines.iter().copied().chain(others).collect())?;
            for (nearest, cosine) in nearest.iter_mut().zip(cosines) {
                let way = if usual >= BLIND {
                    0.0
                } else {
                    (cosine - usual) / (1.0 - usual)
                };
                if way > nearest.1 {
                    *nearest = (cosine, way);
                }
            }
        }
        let first = nearest.iter().map(|(_, way)| *way).fold(0.0_f32, f32::max);
        let entries = nearest.into_iter().map(|(cosine, way)| {
            let near = ((way - NEAR) * FOR_EACH).clamp(0.0, MOST_FOR);
            let behind = ((first - way - BEHIND) * AGAINST_EACH).clamp(0.0, MOST_AGAINST);
            // A lead that is itself no nearness speaks against nobody.
            let behind = if first > NEAR { behind } else { 0.0 };
            Nearness {
                cosine,
                odds: near - behind,
            }
        });
        Some(Self {
            entries: entries.collect(),
        })
    }

    /// How many entries it speaks of.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// What it adds to the log odds of an entry.
    pub(super) fn log_odds(&self, entry: usize) -> f32 {
        self.entries.get(entry).map_or(0.0, |nearness| nearness.odds)
    }

    /// What it says for an entry, in words.
    pub(super) fn evidence(&self, entry: usize) -> Option<String> {
        let nearness = self.entries.get(entry).filter(|nearness| nearness.odds > 0.0)?;
        Some(format!("meaning, {:.2}", nearness.cosine))
    }
}

fn median(mut numbers: Vec<f32>) -> Option<f32> {
    numbers.sort_by(f32::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(vectors: Vec<Vec<f32>>) -> Vec<Embedding> {
        let texts = vectors.len();
        Embedding::all(vectors, texts, None).unwrap()
    }

    /// A text, entries with one question each, and strangers.
    fn similar(text: [f32; 3], entries: &[[f32; 3]], strangers: &[[f32; 3]]) -> Similar {
        let vectors = |of: &[[f32; 3]]| read(of.iter().map(|one| one.to_vec()).collect());
        let (entries, strangers) = (vectors(entries), vectors(strangers));
        let entries: Vec<Vec<&Embedding>> = entries.iter().map(|one| vec![one]).collect();
        Similar::new(
            &read(vec![text.to_vec()]),
            &entries,
            &strangers.iter().collect::<Vec<_>>(),
        )
        .unwrap()
    }

    const STRANGE: [[f32; 3]; 3] = [[0.0, 0.2, 1.0], [0.1, 0.0, 1.0], [0.0, 0.0, 1.0]];

    #[test]
    fn what_is_near_is_lifted_and_what_is_farther_than_another_is_lowered() {
        let both = similar([1.0, 0.0, 0.0], &[[1.0, 0.2, 0.0], [0.0, 1.0, 0.0]], &STRANGE);
        assert!(both.log_odds(0) > 2.0 && both.log_odds(1) < -1.0, "{both:?}");
        assert_eq!(both.evidence(0).as_deref(), Some("meaning, 0.98"));
        assert_eq!((both.evidence(1), both.log_odds(2)), (None, 0.0));
        // Where nothing is near, nothing is said.
        let neither = similar([0.2, 0.1, 1.0], &[[1.0, 0.2, 0.0], [0.0, 1.0, 0.0]], &STRANGE);
        assert_eq!((neither.log_odds(0), neither.log_odds(1)), (0.0, 0.0));
    }

    #[test]
    fn a_model_to_which_everything_is_alike_says_no_more_than_one_that_tells_apart() {
        // The same as above in one that calls strangers 0.8 alike.
        let shifted = |of: [f32; 3]| [of[0], of[1], of[2] + 2.0];
        let strange = STRANGE.map(shifted);
        let crowded = similar(shifted([1.0, 0.0, 0.0]), &[shifted([0.0, 1.0, 0.0])], &strange);
        assert!(crowded.entries[0].cosine > 0.7, "{crowded:?}");
        assert!(crowded.log_odds(0) <= 0.0, "{crowded:?}");
        let same = similar([1.0, 1.0, 1.0], &[[1.0, 1.0, 1.0]; 2], &[[1.0, 1.0, 1.0]]);
        assert_eq!(same.log_odds(0), 0.0);
    }

    #[test]
    fn the_part_that_is_nearest_counts() {
        let (near, far) = (vec![1.0, 0.0], vec![0.0, 1.0]);
        let vectors = read(vec![near.clone(), far.clone(), far.clone()]);
        let entries = vec![vec![&vectors[0]]];
        let of = |parts| Similar::new(&read(parts), &entries, &[&vectors[1], &vectors[2]]).unwrap();
        assert_eq!(
            of(vec![far.clone(), near.clone()]).log_odds(0),
            of(vec![near]).log_odds(0)
        );
        assert!(of(vec![far]).log_odds(0) <= 0.0);
    }

    proptest! {
        #[test]
        fn what_meaning_says_is_bounded(
            text in prop::array::uniform3(-1.0_f32..1.0),
            entries in prop::collection::vec(prop::array::uniform3(-1.0_f32..1.0), 1..6),
        ) {
            prop_assume!(text.iter().any(|number| number.abs() > 0.01));
            prop_assume!(entries.iter().all(|entry| entry.iter().any(|number| number.abs() > 0.01)));
            let similar = similar(text, &entries, &STRANGE);
            for place in 0..entries.len() {
                let odds = similar.log_odds(place);
                prop_assert!((-MOST_AGAINST..=MOST_FOR).contains(&odds), "{odds}");
            }
        }
    }
}
