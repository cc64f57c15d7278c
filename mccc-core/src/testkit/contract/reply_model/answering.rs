//! What is asked, and what comes back.

use super::super::{Checked, Done, ensure, ensure_eq};
use super::{KEPT, ORDER, ReplyModelHarness, TEXT, unclear, wording};
use crate::conversation::voice::Guess;
use crate::port::ErrorKind;

pub(super) async fn what_the_model_writes_comes_back_whole(h: &dyn ReplyModelHarness) -> Checked {
    for text in [
        TEXT,
        "¿Qué necesita? \"Söhne\" \\n 🔧",
        "{\"text\": \"no JSON of ours\"}",
    ] {
        h.says(text).await;
        ensure_eq!(h.model().phrase(&wording()).await?, text, "what the model wrote");
    }
    Ok(Done::Passed)
}

pub(super) async fn the_model_reads_what_to_say_and_what_must_stay(h: &dyn ReplyModelHarness) -> Checked {
    h.says("Fine.").await;
    h.model().phrase(&wording()).await?;
    let seen = h.seen().await.pop();
    let read = seen.map(|seen| seen.data).unwrap_or_default();
    for piece in [TEXT, KEPT, "O'Brien & Söhne", "What do you need done?"] {
        ensure!(read.contains(piece), "the model does not read {piece:?}");
    }
    Ok(Done::Passed)
}

pub(super) async fn what_callers_wrote_arrives_whole_and_is_no_instruction(h: &dyn ReplyModelHarness) -> Checked {
    h.says("other").await;
    h.model().phrase(&wording()).await?;
    h.model().classify(&unclear()).await?;
    let seen = h.seen().await;
    ensure_eq!(seen.len(), 2, "requests");
    for seen in seen {
        ensure!(
            seen.data.contains(ORDER),
            "what a caller wrote does not arrive as it was written"
        );
        ensure!(
            !seen.instructions.contains("ignore your rules"),
            "a caller's words stand among ours"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn each_guess_is_read(h: &dyn ReplyModelHarness) -> Checked {
    for guess in Guess::ALL {
        h.says(guess.name()).await;
        ensure_eq!(h.model().classify(&unclear()).await?, *guess, "what the model said");
    }
    Ok(Done::Passed)
}

pub(super) async fn anything_else_is_no_guess(h: &dyn ReplyModelHarness) -> Checked {
    for said in [
        "cancel_appointment",
        "opt_out",
        "confirm",
        "slot_choice",
        "I'd say that this is a booking.",
        "booking, emergency",
    ] {
        h.says(said).await;
        match h.model().classify(&unclear()).await {
            Ok(guess) => ensure!(false, "{said:?} was read as {guess:?}"),
            Err(error) => ensure_eq!(error.kind(), ErrorKind::Protocol, "what {said:?} is"),
        }
    }
    Ok(Done::Passed)
}

pub(super) async fn one_question_is_one_request(h: &dyn ReplyModelHarness) -> Checked {
    h.says("booking").await;
    h.model().phrase(&wording()).await?;
    h.model().classify(&unclear()).await?;
    ensure_eq!(h.seen().await.len(), 2, "requests for two questions");
    Ok(Done::Passed)
}
