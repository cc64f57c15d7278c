//! Recordings of callers: streamed through us, because the provider's address needs the account's credentials.

use bytes::Bytes;
use mccc_core::port::{ErrorKind, PortError, Retry};
use reqwest::{Response, header};

use super::calls::is_absent;
use super::transport::{Request, is_redirect, retry_after};
use super::{TwilioClient, checked_sid};
use crate::error::{ADAPTER, Effect, Progress, no_answer, refused, unreadable};

const RECORDING: &[&str] = &["RE"];
const OPEN: &str = "open_recording";
const MOST_REDIRECTS: usize = 3;

/// How a recording is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioFormat {
    /// MPEG layer 3, small.
    Mp3,
    /// Uncompressed.
    Wav,
}

/// An open recording, read piece by piece.
#[derive(Debug)]
pub struct RecordingMedia {
    response: Response,
}

impl RecordingMedia {
    /// The provider's `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.response.headers().get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// Length in bytes, where the provider tells.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Whether the provider says there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The next piece, or nothing at the end.
    ///
    /// # Errors
    /// When the connection breaks or the whole takes longer than one exchange may.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, PortError> {
        let piece = self.response.chunk().await;
        piece.map_err(|cause| no_answer(OPEN, Effect::Repeatable, Progress::Complete, cause))
    }
}

impl TwilioClient {
    /// Opens a recording. Redirects are followed without credentials.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] with [`Retry::Backoff`] when it does not exist (yet): right after the call that is normal.
    pub async fn open_recording(
        &self,
        provider_recording: &str,
        format: AudioFormat,
    ) -> Result<RecordingMedia, PortError> {
        let sid = checked_sid(OPEN, provider_recording, RECORDING)?;
        let extension = match format {
            AudioFormat::Mp3 => "mp3",
            AudioFormat::Wav => "wav",
        };
        let url = self.account_url(&format!("Recordings/{sid}.{extension}"));
        let mut response = self.session.send(Request::media(OPEN, url), None).await?;
        for _ in 0..MOST_REDIRECTS {
            if !is_redirect(response.status()) {
                break;
            }
            let location = response
                .headers()
                .get(header::LOCATION)
                .and_then(|value| value.to_str().ok());
            let next = location
                .filter(|url| self.may_follow(url))
                .ok_or_else(|| unreadable(OPEN, Effect::Repeatable))?;
            response = self.session.get_elsewhere(OPEN, next).await?;
        }
        match response.status().as_u16() {
            200..=299 => Ok(RecordingMedia { response }),
            404 => Err(PortError::new(ADAPTER, OPEN, ErrorKind::NotFound, Retry::Backoff)),
            status => Err(refused(
                OPEN,
                Effect::Repeatable,
                status,
                retry_after(&response).as_deref(),
                b"",
            )),
        }
    }

    /// Deletes a recording at the provider for good. One that is gone is no error.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub async fn delete_recording(&self, provider_recording: &str) -> Result<(), PortError> {
        const OPERATION: &str = "delete_recording";
        let sid = checked_sid(OPERATION, provider_recording, RECORDING)?;
        let url = self.account_url(&format!("Recordings/{sid}.json"));
        match self.session.exchange(Request::delete(OPERATION, url), None).await {
            Err(error) if is_absent(&error) => Ok(()),
            result => result.map(|_| ()),
        }
    }

    /// The provider redirects to its own storage, over TLS; a stand-in may redirect to itself.
    fn may_follow(&self, url: &str) -> bool {
        let own = url
            .strip_prefix(self.session.config.api_base_url.as_str())
            .is_some_and(|rest| rest.starts_with('/'));
        own || url.starts_with("https://")
    }
}
