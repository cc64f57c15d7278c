//! A model behind chat completions.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::Secret;
use mccc_core::conversation::voice::Guess;
use mccc_core::port::{ClassifyRequest, ErrorKind, PhraseRequest, PortError, ReplyModel, Retry};

use crate::http::{self, Answer, Exchange};
use crate::prompt;
use crate::wire::{Ask, Completion, Said};

const ADAPTER: &str = "chat_completions";
const PHRASE: &str = "phrase";
const CLASSIFY: &str = "classify";
/// Tokens of an answer: a text of 480 characters has fewer than half of them.
const MOST_TOKENS: u32 = 300;

const fn exchange(operation: &'static str) -> Exchange {
    Exchange {
        adapter: ADAPTER,
        operation,
        key_refused: "The language model's server does not accept the key.",
        no_such_model: "There is no such language model at that address.",
        used_up: "The account of the language model is used up.",
        longest: 64 << 10,
    }
}

/// Which model, and where.
#[derive(Debug, Clone)]
pub struct ChatConfig {
    /// Base address, up to and without `/chat/completions`: `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// Signs in; a server of one's own may need none.
    pub api_key: Option<Secret>,
    /// How long one exchange may take. The core gives up on a model after its own, longer time.
    pub timeout: Duration,
}

impl ChatConfig {
    /// OpenAI's own address.
    pub const OPENAI: &'static str = "https://api.openai.com/v1";
    /// How long an exchange takes at most, where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(4);

    /// The same number of tokens has two names: <https://platform.openai.com/docs/api-reference/chat/create> calls
    /// `max_tokens` deprecated, and its newer models refuse it; compatible servers know it.
    fn limits(&self) -> (Option<u32>, Option<u32>) {
        if self.base_url.starts_with("https://api.openai.com/") {
            (Some(MOST_TOKENS), None)
        } else {
            (None, Some(MOST_TOKENS))
        }
    }
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self {
            base_url: Self::OPENAI.to_owned(),
            model: String::new(),
            api_key: None,
            timeout: Self::TIMEOUT,
        }
    }
}

/// A model behind chat completions.
#[derive(Clone)]
pub struct ChatModel {
    config: ChatConfig,
    url: String,
    client: reqwest::Client,
}

impl fmt::Debug for ChatModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatModel")
            .field("model", &self.config.model)
            .finish_non_exhaustive()
    }
}

impl ChatModel {
    /// A model.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(config: ChatConfig) -> Result<Self, PortError> {
        let client = http::client(config.timeout).map_err(|cause| {
            PortError::new(ADAPTER, "open", ErrorKind::InvalidConfig, Retry::Never).with_source(cause)
        })?;
        Ok(Self {
            url: format!("{}/chat/completions", config.base_url.trim_end_matches('/')),
            config,
            client,
        })
    }

    async fn ask(&self, operation: &'static str, messages: &[Said]) -> Result<String, PortError> {
        let (max_completion_tokens, max_tokens) = self.config.limits();
        let ask = Ask {
            model: &self.config.model,
            messages,
            max_completion_tokens,
            max_tokens,
            stream: false,
        };
        let exchange = exchange(operation);
        let body = serde_json::to_string(&ask).map_err(|cause| {
            exchange
                .failed(ErrorKind::InvalidConfig, Retry::Never)
                .with_source(cause)
        })?;
        let key = self.config.api_key.as_ref();
        let answer = http::post(&self.client, &exchange, &self.url, key, body).await?;
        judge(&exchange, &answer)
    }
}

#[async_trait]
impl ReplyModel for ChatModel {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    async fn phrase(&self, request: &PhraseRequest) -> Result<String, PortError> {
        self.ask(PHRASE, &prompt::phrase(request)).await
    }

    async fn classify(&self, request: &ClassifyRequest) -> Result<Guess, PortError> {
        let written = self.ask(CLASSIFY, &prompt::classify(request)).await?;
        prompt::guess(&written).ok_or_else(|| PortError::new(ADAPTER, CLASSIFY, ErrorKind::Protocol, Retry::Never))
    }
}

/// What was written, or why nothing was. The words of the answer are in no error.
fn judge(exchange: &Exchange, answer: &Answer) -> Result<String, PortError> {
    if let Some(refusal) = http::refusal(exchange, answer) {
        return Err(refusal);
    }
    let failed = |kind, retry| exchange.failed(kind, retry).with_code(u32::from(answer.status));
    let body = answer.body.as_deref().unwrap_or_default();
    let garbage = || failed(ErrorKind::Protocol, Retry::Never);
    let completion: Completion = serde_json::from_slice(body).map_err(|_| garbage())?;
    let choice = completion.choices.into_iter().next().ok_or_else(garbage)?;
    let declined = choice.message.refusal.is_some_and(|why| !why.is_empty());
    match choice.finish_reason.as_deref() {
        Some("content_filter") => return Err(failed(ErrorKind::Rejected, Retry::Never)),
        _ if declined => return Err(failed(ErrorKind::Rejected, Retry::Never)),
        // "length" and "tool_calls": what there is of it is no answer.
        Some("stop") | None => {}
        Some(_) => return Err(garbage()),
    }
    let written = choice.message.content.unwrap_or_default();
    if written.trim().is_empty() {
        return Err(garbage());
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_has_the_name_that_the_server_knows() {
        let local = ChatConfig {
            base_url: "http://127.0.0.1:11434/v1".into(),
            ..ChatConfig::default()
        };
        assert_eq!(local.limits(), (None, Some(MOST_TOKENS)));
        assert_eq!(ChatConfig::default().limits(), (Some(MOST_TOKENS), None));
    }
}
