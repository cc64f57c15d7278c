//! Signed in: tokens that are refreshed in time, by one request at a time.

use std::sync::Arc;
use std::time::Duration;

use mccc_core::Secret;
use mccc_core::port::{Clock, ErrorKind, PortError};
use tokio::sync::Mutex;

use super::connect::refresh;
use super::error::{reconnect, refused};
use super::tokens::{TokenKeeper, Tokens};
use super::{ADAPTER, GoogleConfig};
use crate::http::{Answer, Call, Transport};

/// A token is replaced when it has no longer to live than this.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) config: GoogleConfig,
    pub(super) transport: Transport,
    pub(super) clock: Arc<dyn Clock>,
    keeper: Arc<dyn TokenKeeper>,
    /// Held while tokens are refreshed, so that whoever comes meanwhile waits for the new one.
    tokens: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    tokens: Tokens,
    /// The permission is gone; nothing is asked any more.
    over: bool,
    /// The host does not have them yet.
    unsaved: bool,
}

impl Session {
    pub(super) fn new(
        config: GoogleConfig,
        transport: Transport,
        clock: Arc<dyn Clock>,
        tokens: Tokens,
        keeper: Arc<dyn TokenKeeper>,
    ) -> Self {
        Self {
            config,
            transport,
            clock,
            keeper,
            tokens: Mutex::new(Held {
                tokens,
                over: false,
                unsaved: false,
            }),
        }
    }

    /// What the contractor granted.
    pub(super) async fn scopes(&self) -> Vec<String> {
        self.tokens.lock().await.tokens.scopes.clone()
    }

    /// Sends, signed in. Anything but success is an error, except for the statuses that the caller wants to see.
    pub(super) async fn ask(&self, call: &Call, wanted: &[u16]) -> Result<Answer, PortError> {
        let token = self.token(call.operation, None).await?;
        let mut answer = self.transport.exchange(ADAPTER, call, Some(&token)).await?;
        if answer.status == 401 {
            // Not processed. The token may have ended between the look and the use.
            let token = self.token(call.operation, Some(&token)).await?;
            answer = self.transport.exchange(ADAPTER, call, Some(&token)).await?;
        }
        if answer.is_success() || wanted.contains(&answer.status) {
            Ok(answer)
        } else {
            Err(refused(call.operation, call.effect, &answer))
        }
    }

    /// A token that lives; `refused` is one that Google has just refused.
    async fn token(&self, operation: &'static str, refused: Option<&Secret>) -> Result<Secret, PortError> {
        let mut held = self.tokens.lock().await;
        if held.over {
            return Err(reconnect(operation));
        }
        let now = self.clock.now();
        let lives =
            |tokens: &Tokens| tokens.expires_at > now && refused.is_none_or(|old| !old.matches(tokens.access.reveal()));
        let lasts = |tokens: &Tokens| lives(tokens) && tokens.expires_at > now.plus(MARGIN);
        if !lasts(&held.tokens)
            && !held.unsaved
            && let Ok(Some(latest)) = self.keeper.latest().await
            && (lasts(&latest) || !latest.refresh.matches(held.tokens.refresh.reveal()))
        {
            held.tokens = latest;
        }
        let usable = lives(&held.tokens);
        if !lasts(&held.tokens) {
            match refresh(&self.config, &self.transport, &held.tokens, operation, now).await {
                Ok(tokens) => {
                    held.tokens = tokens;
                    held.unsaved = true;
                }
                Err(error) if error.kind() == ErrorKind::ReconnectRequired => {
                    held.over = true;
                    return Err(error);
                }
                // There are minutes left to try again.
                Err(_) if usable => {}
                Err(error) => return Err(error),
            }
        }
        if held.unsaved && self.keeper.keep(&held.tokens).await.is_ok() {
            held.unsaved = false;
        }
        Ok(held.tokens.access.clone())
    }
}
