//! How a question and an entry meet, and what that says: a small network, fitted to questions that labelled texts ask
//! (`understanding_train`), tells how much each entry speaks for itself.

use std::sync::LazyLock;

use super::super::super::learned::along;
use super::nearness::Near;
use super::shared::Shared;

/// In how many ways they meet.
pub(super) const WAYS: usize = 22;
/// What is known of a text before any entry is looked at.
pub(super) const GENERAL: usize = 3;

/// What is known of the profile's answer.
pub(super) const PROFILE: usize = 4;

/// How a question and an entry meet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meeting {
    /// Cosine of their terms.
    pub(super) cosine: f32,
    /// Share of the question's weight that the entry explains.
    pub(super) covered: f32,
    /// How much their themes say: 1 for one that no other entry has.
    pub(super) theme: f32,
    /// Themes of the question that other entries have and this one has not.
    pub(super) astray: f32,
    /// Weight of the question's words that the entry does not explain.
    pub(super) unexplained: f32,
    /// Share of the entry's themes that the question has not.
    pub(super) lacking: f32,
    /// A construction shows their theme.
    pub(super) constructed: bool,
    /// The question has no theme: words are all there is to go by.
    pub(super) unthemed: bool,
    /// What their words have in common, common words included.
    pub(super) shared: Shared,
    /// How near they are in what their words are used for.
    pub(super) near: Near,
}

impl Meeting {
    /// As numbers of about the same size.
    pub(super) fn ways(&self) -> [f32; WAYS] {
        let is = |is: bool| f32::from(u8::from(is));
        let Shared { pairs, together, .. } = self.shared;
        let exact = self.theme > 0.0 && self.astray <= 0.0 && self.lacking <= 0.0;
        [
            self.cosine,
            self.covered,
            self.theme,
            self.astray,
            // A long story has ever more words that no entry explains, and they say no more than the first ones.
            (self.unexplained / 5.0).min(2.0),
            self.lacking,
            is(self.constructed),
            is(self.unthemed),
            is(exact),
            is(self.theme > 0.99),
            self.shared.anywhere,
            self.shared.asked,
            self.shared.answered,
            self.shared.alone,
            self.shared.rarest / 8.0,
            self.shared.rarest_alone / 8.0,
            (together / 8.0).min(3.0),
            (pairs / 10.0).min(3.0),
            self.near.asked,
            self.near.answer,
            self.near.whole,
            self.near.ahead,
        ]
    }
}

/// Hidden sums of one fit.
pub(super) const HIDDEN: usize = 8;

/// The network: what an entry's ways come to, beside what speaks for no entry and for the profile.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    /// Several fits, whose mean errs less than each of them.
    pub(super) fits: Vec<Fit>,
    pub(super) straight: [f32; WAYS],
    /// For no entry: by what is known of the text.
    pub(super) none: [f32; GENERAL],
    /// For the profile: a start for each of its topics, and by its own score.
    pub(super) profile: [f32; PROFILE],
}

/// The hidden sums of one fit, beside each other so that they are computed all at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// By way, what it adds to each sum.
    pub(super) ways: [[f32; HIDDEN]; WAYS],
    /// Where the sums start.
    pub(super) bias: [f32; HIDDEN],
    /// What each is worth.
    pub(super) out: [f32; HIDDEN],
}

static NETWORK: LazyLock<Network> =
    LazyLock::new(|| Network::read(include_str!("meeting.weights")).unwrap_or_default());

impl Default for Network {
    /// One that finds nothing.
    fn default() -> Self {
        Self {
            fits: Vec::new(),
            straight: [0.0; WAYS],
            none: [20.0, 0.0, 0.0],
            profile: [0.0; PROFILE],
        }
    }
}

impl Network {
    /// The one that is shipped.
    pub(super) fn shipped() -> &'static Self {
        &NETWORK
    }

    /// Reads what [`Self::write`] wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let lines: Vec<Vec<f32>> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .map(|line| line.split(' ').map(|number| number.parse().ok()).collect())
            .collect::<Option<_>>()?;
        let (rest, hidden) = lines.split_first_chunk::<5>()?;
        let [hidden_bias, out, straight, none, profile] = rest;
        let rows: Vec<[f32; WAYS]> = hidden
            .iter()
            .map(|row| row.as_slice().try_into().ok())
            .collect::<Option<_>>()?;
        (rows.len() == hidden_bias.len() && rows.len() == out.len()).then_some(())?;
        let mut fits = Vec::new();
        for ((rows, bias), out) in rows
            .chunks(HIDDEN)
            .zip(hidden_bias.chunks(HIDDEN))
            .zip(out.chunks(HIDDEN))
        {
            let rows: &[[f32; WAYS]; HIDDEN] = rows.try_into().ok()?;
            fits.push(Fit {
                ways: std::array::from_fn(|way| rows.map(|row| row.get(way).copied().unwrap_or_default())),
                bias: bias.try_into().ok()?,
                out: out.try_into().ok()?,
            });
        }
        Some(Self {
            fits,
            straight: straight.as_slice().try_into().ok()?,
            none: none.as_slice().try_into().ok()?,
            profile: profile.as_slice().try_into().ok()?,
        })
    }

    /// How much an entry speaks for itself.
    pub(super) fn entry(&self, ways: &[f32; WAYS]) -> f32 {
        let mut worth = [0.0; HIDDEN];
        for fit in &self.fits {
            let mut sums = fit.bias;
            for (row, way) in fit.ways.iter().zip(ways) {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += weight * way;
                }
            }
            for ((worth, sum), out) in worth.iter_mut().zip(&sums).zip(&fit.out) {
                *worth += bent(*sum) * out;
            }
        }
        worth.iter().sum::<f32>() + product(&self.straight, ways)
    }

    /// How much speaks for no entry.
    pub(super) fn none(&self, general: &[f32; GENERAL]) -> f32 {
        product(&self.none, general)
    }

    /// How much speaks for the profile's answer about a topic, by its own score.
    pub(super) fn profile(&self, topic: &str, score: f32) -> f32 {
        product(&self.profile, &of_profile(topic, score))
    }
}

/// A likelihood as a score: nobody guesses below 0.75, which the likelihood of 0.65 is, and 0.9 is hardly ever wrong.
pub(super) fn scored(likely: f32) -> f32 {
    along(&SCORES, likely)
}

/// Likelihoods with their scores.
const SCORES: [(f32, f32); 6] = [(0.0, 0.0), (0.2, 0.3), (0.4, 0.5), (0.65, 0.75), (0.8, 0.9), (1.0, 1.0)];

/// What is known of a text before any entry is looked at: how many words it has, and whether it asks.
pub(super) fn general(words: usize, asks: bool) -> [f32; GENERAL] {
    [
        1.0,
        super::index::as_f32(words + 1).ln() - 2.5,
        f32::from(u8::from(asks)),
    ]
}

/// What is known of the profile's answer: which topic it is about, and its own score.
pub(super) fn of_profile(topic: &str, score: f32) -> [f32; PROFILE] {
    let is = |one: &str| f32::from(u8::from(topic == one));
    [is("hours"), is("area"), is("services"), score]
}

fn product<const N: usize>(one: &[f32; N], other: &[f32; N]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// A bend that is the same on every machine, which the tangents of mathematics libraries are not.
pub(super) fn bent(sum: f32) -> f32 {
    sum / (1.0 + sum.abs())
}
