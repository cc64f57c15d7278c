//! What is asked, and what comes back.

use std::future::{Ready, ready};

use super::super::{Checked, Done, ensure, ensure_eq};
use super::{DIMENSION, EmbedderHarness, KNOWN, tell};
use crate::port::MOST_TEXTS;

pub(super) async fn each_text_has_its_own_vector_in_the_order_of_the_texts(h: &dyn EmbedderHarness) -> Checked {
    let texts = tell(h).await;
    let expected: Vec<Vec<f32>> = KNOWN.iter().map(|(_, vector)| vector.to_vec()).collect();
    ensure_eq!(h.embedder().embed(&texts).await?, expected, "the vectors");
    let (backwards, expected): (Vec<String>, Vec<_>) = texts.iter().cloned().zip(expected).rev().unzip();
    ensure_eq!(h.embedder().embed(&backwards).await?, expected, "the vectors backwards");
    let (_, first) = KNOWN[0];
    let twice = [KNOWN[0].0.to_owned(), KNOWN[0].0.to_owned()];
    ensure_eq!(
        h.embedder().embed(&twice).await?,
        vec![first.to_vec(); 2],
        "the vectors of a text that is asked for twice"
    );
    Ok(Done::Passed)
}

pub(super) async fn the_model_reads_each_text_as_it_was_written(h: &dyn EmbedderHarness) -> Checked {
    let texts = tell(h).await;
    h.embedder().embed(&texts).await?;
    ensure_eq!(h.seen().await, vec![texts], "what the model reads");
    Ok(Done::Passed)
}

pub(super) async fn a_batch_is_one_request(h: &dyn EmbedderHarness) -> Checked {
    let texts = tell(h).await;
    h.embedder().embed(&texts).await?;
    h.embedder().embed(&texts).await?;
    ensure_eq!(h.seen().await.len(), 2, "requests for two batches");
    Ok(Done::Passed)
}

pub(super) async fn no_texts_are_no_request(h: &dyn EmbedderHarness) -> Checked {
    ensure_eq!(
        h.embedder().embed(&[]).await?,
        Vec::<Vec<f32>>::new(),
        "vectors of nothing"
    );
    ensure!(
        h.seen().await.is_empty(),
        "nothing was asked for, and the model was asked"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_whole_batch_is_taken(h: &dyn EmbedderHarness) -> Checked {
    let mut texts = Vec::with_capacity(MOST_TEXTS);
    for (number, (_, vector)) in (0..MOST_TEXTS).zip(KNOWN.iter().cycle()) {
        // As long as a question can be.
        let text = format!("{number} {}", "x".repeat(296));
        h.gives(&text, *vector).await;
        texts.push(text);
    }
    let vectors = h.embedder().embed(&texts).await?;
    for (vector, (_, expected)) in vectors.iter().zip(KNOWN.iter().cycle()) {
        ensure_eq!(vector, expected, "a vector of a whole batch");
    }
    ensure_eq!(vectors.len(), MOST_TEXTS, "the vectors of a whole batch");
    Ok(Done::Passed)
}

pub(super) async fn the_dimension_that_it_names_is_that_of_its_vectors(h: &dyn EmbedderHarness) -> Checked {
    let texts = tell(h).await;
    let named = h.embedder().dimension();
    ensure!(named.is_none_or(|named| named == DIMENSION), "it names {named:?}");
    for vector in h.embedder().embed(&texts).await? {
        ensure_eq!(vector.len(), DIMENSION, "the numbers of a vector");
    }
    Ok(Done::Passed)
}

pub(super) fn the_model_is_named(h: &dyn EmbedderHarness) -> Ready<Checked> {
    let named = !h.embedder().model().trim().is_empty();
    ready(if named {
        Ok(Done::Passed)
    } else {
        Err(super::super::Failure::new(
            "nobody can tell its vectors from those of another model",
        ))
    })
}
