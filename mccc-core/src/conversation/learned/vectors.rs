//! Words as directions: what callers use for one thing points the same way, so that texts without a word in common can
//! be near each other.

use super::Weights;
use super::features::{Kind, pair, tag};

/// Most words that are looked at: more than a text message has, so that a long voicemail costs no more.
const MOST_WORDS: usize = 400;
/// What the numbers of a direction are multiplied with: whole ones are multiplied several at a time.
const WHOLE: f32 = 16_384.0;

/// Where words and pairs of words point.
#[derive(Debug)]
pub(crate) struct Vectors(Weights);

/// Where a text points. Its length is [`WHOLE`], so that the products of two fit into 32 bits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Direction(Box<[i16]>);

impl Vectors {
    /// Reads a table as training writes it. Without one everything points nowhere: a test reads every table there is.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Weights::of(bytes))
    }

    /// Where a text points, by the stems of its words; nowhere if none of them is known.
    pub(crate) fn direction<'w>(&self, stems: impl Iterator<Item = &'w str>) -> Option<Direction> {
        let sum = self.0.sum_of(noticed(stems));
        let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "no number is longer than all together")]
        let whole = |number: f32| (number / length * WHOLE).round() as i16;
        (length > f32::MIN_POSITIVE).then(|| Direction(sum.into_iter().map(whole).collect()))
    }
}

impl Direction {
    /// How alike two texts are, -1 to 1.
    pub(crate) fn cosine(&self, other: &Self) -> f32 {
        let pairs = self.0.iter().zip(&other.0);
        let product: i32 = pairs.map(|(one, other)| i32::from(*one) * i32::from(*other)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a share of the longest product")]
        let share = product as f32 / WHOLE.powi(2);
        share.clamp(-1.0, 1.0)
    }
}

/// What of a text has a direction: each stem, and each two that follow each other.
pub(super) fn noticed<'w>(stems: impl Iterator<Item = &'w str>) -> impl Iterator<Item = u32> {
    let mut before = None;
    stems.take(MOST_WORDS).flat_map(move |stem| {
        let word = tag(Kind::Word, stem);
        let both = before.replace(word).map(|before| pair(Kind::Pair, before, word));
        std::iter::once(word).chain(both)
    })
}

#[cfg(test)]
mod tests {
    use super::super::weights::packed;
    use super::*;

    /// "pay" and "zelle" point one way, "roof" another.
    fn vectors() -> Vectors {
        let rows = [("pay", [100_i8, 10]), ("zelle", [50, 0]), ("roof", [0, 90])];
        let rows = rows.map(|(word, row)| (tag(Kind::Word, word), row));
        Vectors::of(&packed(&[0.01, 0.01], &[0.0, 0.0], &rows))
    }

    #[test]
    fn a_text_points_where_its_known_words_do() {
        let vectors = vectors();
        let of = |text: &str| vectors.direction(text.split(' '));
        let (pay, zelle, roof) = (of("pay").unwrap(), of("can i zelle").unwrap(), of("roof").unwrap());
        assert!(pay.cosine(&zelle) > 0.99, "{}", pay.cosine(&zelle));
        assert!(roof.cosine(&zelle).abs() < 0.01);
        assert!(of("pay roof").unwrap().cosine(&pay) < pay.cosine(&zelle));
        assert_eq!(of("nothing known"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn without_a_table_nothing_points_anywhere() {
        assert_eq!(Vectors::of(b"").direction(["pay"].into_iter()), None);
    }

    #[test]
    fn pairs_count_beside_their_words() {
        let ids: Vec<u32> = noticed(["lead", "time"].into_iter()).collect();
        assert_eq!(ids.len(), 3);
        assert_ne!(noticed(["time", "lead"].into_iter()).nth(2), ids.get(2).copied());
        assert_eq!(noticed(std::iter::repeat_n("word", 1_000)).count(), 2 * MOST_WORDS - 1);
    }
}
