//! A request body that knows whether it was handed over, and refuses to be once its permission has run out.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use mccc_core::compliance::SendPermit;
use mccc_core::port::Clock;

/// States of a [`Fate`]; 0 until the connection asks for the body.
const REFUSED: u8 = 1;
const HANDED_OVER: u8 = 2;

/// What became of a [`WatchedBody`]. A request whose body was not handed over is incomplete: it had no effect.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<AtomicU8>);

impl Fate {
    /// Whether the body may have been written.
    pub(super) fn handed_over(&self) -> bool {
        self.0.load(Ordering::Acquire) == HANDED_OVER
    }

    /// Whether the permission had run out when the body was to be written.
    pub(super) fn refused(&self) -> bool {
        self.0.load(Ordering::Acquire) == REFUSED
    }
}

/// The permission ran out before the request was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the permission to send ran out before the request was written")]
pub(super) struct PermitExpired;

/// One block of bytes. The connection asks for it when it is open and about to write, so that the clock is read at the
/// last moment before the provider could act, however long connecting took.
pub(super) struct WatchedBody {
    bytes: Option<Bytes>,
    permit: Option<(SendPermit, Arc<dyn Clock>)>,
    fate: Fate,
}

impl WatchedBody {
    pub(super) fn new(bytes: Vec<u8>, permit: Option<(SendPermit, Arc<dyn Clock>)>) -> (Self, Fate) {
        let fate = Fate::default();
        (
            Self {
                bytes: Some(bytes.into()),
                permit,
                fate: fate.clone(),
            },
            fate,
        )
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = PermitExpired;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let Some(bytes) = self.bytes.take() else {
            return Poll::Ready(None);
        };
        let expired = self
            .permit
            .as_ref()
            .is_some_and(|(permit, clock)| !permit.still_valid(clock.now()));
        if expired {
            self.fate.0.store(REFUSED, Ordering::Release);
            return Poll::Ready(Some(Err(PermitExpired)));
        }
        self.fate.0.store(HANDED_OVER, Ordering::Release);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(
            self.bytes
                .as_ref()
                .map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
        )
    }
}
