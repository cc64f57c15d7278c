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
        self.direction_of(self.0.sum_of(noticed(stems)))
    }

    /// The words of a text one after the other, to tell where each part of it points without looking them up again.
    pub(crate) fn path<'w>(&self, stems: impl Iterator<Item = &'w str>) -> Path<'_> {
        let mut path = Path {
            vectors: self,
            until: vec![self.0.sum_of(std::iter::empty())],
            joining: Vec::new(),
        };
        let mut before = None;
        for stem in stems {
            let word = tag(Kind::Word, stem);
            let joining = before.replace(word).map(|before| pair(Kind::Pair, before, word));
            let joining = self.0.sum_of(joining.into_iter());
            let mut until = self.0.sum_of(std::iter::once(word));
            add(&mut until, &joining, 1.0);
            if let Some(before) = path.until.last() {
                add(&mut until, before, 1.0);
            }
            path.until.push(until);
            path.joining.push(joining);
        }
        path
    }

    fn direction_of(&self, mut sum: Vec<f32>) -> Option<Direction> {
        self.0.scale(&mut sum);
        let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "no number is longer than all together")]
        let whole = |number: f32| (number / length * WHOLE).round() as i16;
        (length > f32::MIN_POSITIVE).then(|| Direction(sum.into_iter().map(whole).collect()))
    }
}

/// Where the words of a text point, one after the other. All sums are of whole numbers, so none depends on its order.
#[derive(Debug)]
pub(crate) struct Path<'v> {
    vectors: &'v Vectors,
    /// The sums of the first words, of none to all of them.
    until: Vec<Vec<f32>>,
    /// By word, what it adds together with the word before it.
    joining: Vec<Vec<f32>>,
}

impl Path<'_> {
    /// Where the words from the first to before the end point.
    pub(crate) fn direction(&self, first: usize, end: usize) -> Option<Direction> {
        let end = end.min(first + MOST_WORDS);
        let mut sum = self.until.get(end)?.clone();
        add(&mut sum, self.until.get(first)?, -1.0);
        if end > first {
            add(&mut sum, self.joining.get(first)?, -1.0);
        }
        self.vectors.direction_of(sum)
    }
}

fn add(sum: &mut [f32], other: &[f32], times: f32) {
    for (sum, other) in sum.iter_mut().zip(other) {
        *sum += other * times;
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
    fn a_part_of_a_text_points_where_its_words_alone_do() {
        let mut rows: Vec<(u32, [i8; 2])> = [("a", [7, 3]), ("b", [-5, 11]), ("c", [2, -13]), ("d", [9, 9])]
            .map(|(word, row)| (tag(Kind::Word, word), row))
            .into();
        for (number, two) in (1_i8..).zip([["a", "b"], ["b", "c"], ["c", "d"], ["d", "a"]]) {
            let [one, other] = two.map(|word| tag(Kind::Word, word));
            rows.push((pair(Kind::Pair, one, other), [number * 17, -number * 5]));
        }
        let vectors = Vectors::of(&packed(&[0.01, 0.03], &[0.0, 0.0], &rows));
        let words: Vec<&str> = "a b c d a x b c".split(' ').collect();
        let path = vectors.path(words.iter().copied());
        for first in 0..=words.len() {
            for end in first..=words.len() {
                let alone = vectors.direction(words.iter().copied().skip(first).take(end - first));
                assert_eq!(path.direction(first, end), alone, "{first}..{end}");
            }
        }
        assert_eq!(path.direction(0, words.len() + 1), None);
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
