//! Texts that the provider took without saying so. Called failed, they would be sent twice.

use super::desk::{Desk, NO_SUCH_FAULT, body};
use super::{GatewayHarness, SendFault};
use crate::port::Retry;
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, ensure, ensure_eq};

/// The ways in which a text goes out and its answer is of no use.
const DOUBTS: [SendFault; 4] = [
    SendFault::ServerError,
    SendFault::ConnectionCut,
    SendFault::Garbage,
    SendFault::NoAnswer,
];

async fn leaves_doubt(h: &dyn GatewayHarness, fault: SendFault) -> Checked {
    let desk = Desk::of(h);
    let Some(error) = desk.send_into(1, fault).await? else {
        return Ok(NO_SUCH_FAULT);
    };
    ensure_eq!(
        error.retry(),
        Retry::Unknown,
        "the verdict on a text that may have gone out"
    );
    ensure_eq!(
        desk.went_out_to(1).await.len(),
        1,
        "texts that went out: an adapter repeats nothing by itself"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_server_error_leaves_doubt(h: &dyn GatewayHarness) -> Checked {
    leaves_doubt(h, SendFault::ServerError).await
}

pub(super) async fn a_cut_connection_leaves_doubt(h: &dyn GatewayHarness) -> Checked {
    leaves_doubt(h, SendFault::ConnectionCut).await
}

pub(super) async fn an_unreadable_answer_leaves_doubt(h: &dyn GatewayHarness) -> Checked {
    leaves_doubt(h, SendFault::Garbage).await
}

pub(super) async fn a_missing_answer_leaves_doubt(h: &dyn GatewayHarness) -> Checked {
    leaves_doubt(h, SendFault::NoAnswer).await
}

pub(super) async fn a_text_in_doubt_is_found_among_those_sent(h: &dyn GatewayHarness) -> Checked {
    let desk = Desk::of(h);
    let mut found_one = false;
    for (n, fault) in (1..).zip(DOUBTS) {
        if desk.send_into(n, fault).await?.is_none() {
            continue;
        }
        found_one = true;
        desk.harness.arrange(&build::phone(n), SendFault::None).await;
        let listed = desk.gateway.list(&desk.about(n)).await?;
        let listed: Vec<_> = listed.iter().map(|text| (text.to, text.inbound, &text.body)).collect();
        ensure_eq!(
            listed,
            [(Some(build::phone(n)), false, &body(n))],
            "what a look-up finds after {fault:?}"
        );
    }
    ensure!(
        found_one,
        "the harness can lose no answer, the one fault that every provider has"
    );
    Ok(Done::Passed)
}
