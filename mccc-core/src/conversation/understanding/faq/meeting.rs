//! How a question and an entry meet, and what that says.

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
}

/// Weights of the ways in which they meet, in log odds; fitted by hand to the texts that may be tuned on.
const BIAS: f32 = -3.7;
const COSINE: f32 = 4.2;
const COVERED: f32 = 1.6;
const THEME: f32 = 4.8;
const ASTRAY: f32 = -0.9;
const UNEXPLAINED: f32 = -0.25;
const LACKING: f32 = -2.0;
const CONSTRUCTED: f32 = 0.5;
const UNTHEMED: f32 = 0.5;
const ASKS: f32 = 0.6;

impl Meeting {
    /// The log odds that the entry answers; `asks` tells whether the text is a question.
    pub(super) fn log_odds(&self, asks: bool) -> f32 {
        let also = |is: bool, weight: f32| if is { weight } else { 0.0 };
        BIAS + COSINE * self.cosine
            + COVERED * self.covered
            + THEME * self.theme
            + ASTRAY * self.astray
            + UNEXPLAINED * self.unexplained
            + LACKING * self.lacking
            + also(self.constructed, CONSTRUCTED)
            + also(self.unthemed, UNTHEMED)
            + also(asks, ASKS)
    }
}
