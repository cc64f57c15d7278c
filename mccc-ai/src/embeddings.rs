//! A model behind embeddings.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use mccc_core::Secret;
use mccc_core::port::{Embedder, ErrorKind, PortError, Retry};

use crate::http::{self, Answer, Exchange};
use crate::wire::{Embed, Embedded};

const ADAPTER: &str = "embeddings";
/// A whole batch of long vectors: 32 of 4,096 numbers, each some 22 letters long.
const LONGEST: usize = 4 << 20;

const fn exchange(operation: &'static str) -> Exchange {
    Exchange {
        adapter: ADAPTER,
        operation,
        key_refused: "The embedding model's server does not accept the key.",
        no_such_model: "There is no such embedding model at that address.",
        used_up: "The account of the embedding model is used up.",
        longest: LONGEST,
    }
}

/// Which model, and where.
#[derive(Debug, Clone)]
pub struct EmbeddingConfig {
    /// Base address, up to and without `/embeddings`: `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// Signs in; a server of one's own may need none.
    pub api_key: Option<Secret>,
    /// How many numbers the vectors have: asked for, and others are refused. Nothing leaves it to the model.
    pub dimension: Option<usize>,
    /// How long one exchange may take. The core gives up on a text sooner; a batch of entries may take this long.
    pub timeout: Duration,
}

impl EmbeddingConfig {
    /// OpenAI's own address.
    pub const OPENAI: &'static str = "https://api.openai.com/v1";
    /// How long an exchange takes at most, where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(4);
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        Self {
            base_url: Self::OPENAI.to_owned(),
            model: String::new(),
            api_key: None,
            dimension: None,
            timeout: Self::TIMEOUT,
        }
    }
}

/// A model behind embeddings.
#[derive(Clone)]
pub struct EmbeddingModel {
    config: EmbeddingConfig,
    identity: String,
    url: String,
    client: reqwest::Client,
}

impl fmt::Debug for EmbeddingModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddingModel")
            .field("model", &self.config.model)
            .finish_non_exhaustive()
    }
}

impl EmbeddingModel {
    /// A model.
    ///
    /// # Errors
    /// When the machine has no certificate store.
    pub fn new(config: EmbeddingConfig) -> Result<Self, PortError> {
        let client = http::client(config.timeout).map_err(|cause| {
            exchange("open")
                .failed(ErrorKind::InvalidConfig, Retry::Never)
                .with_source(cause)
        })?;
        let base = config.base_url.trim_end_matches('/');
        let dimension = config
            .dimension
            .map_or_else(String::new, |dimension| format!("/{dimension}"));
        Ok(Self {
            url: format!("{base}/embeddings"),
            identity: format!("{}{dimension} at {base}", config.model),
            config,
            client,
        })
    }
}

#[async_trait]
impl Embedder for EmbeddingModel {
    fn name(&self) -> &'static str {
        ADAPTER
    }

    fn model(&self) -> &str {
        &self.identity
    }

    fn dimension(&self) -> Option<usize> {
        self.config.dimension
    }

    fn time_limit(&self) -> Duration {
        self.config.timeout
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, PortError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let exchange = exchange("embed");
        let ask = Embed {
            model: &self.config.model,
            input: texts,
            dimensions: self.config.dimension,
        };
        let body = serde_json::to_string(&ask).map_err(|cause| {
            exchange
                .failed(ErrorKind::InvalidConfig, Retry::Never)
                .with_source(cause)
        })?;
        let key = self.config.api_key.as_ref();
        let answer = http::post(&self.client, &exchange, &self.url, key, body).await?;
        if let Some(refusal) = http::refusal(&exchange, &answer) {
            return Err(refusal);
        }
        vectors(&answer, texts.len(), self.config.dimension).ok_or_else(|| {
            let garbage = exchange.failed(ErrorKind::Protocol, Retry::Never);
            garbage.with_code(u32::from(answer.status))
        })
    }
}

/// The vectors in the order of their texts; nothing where there is not exactly one for each, all of one length and of
/// numbers.
fn vectors(answer: &Answer, texts: usize, dimension: Option<usize>) -> Option<Vec<Vec<f32>>> {
    let embedded: Embedded = serde_json::from_slice(answer.body.as_deref()?).ok()?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts];
    let dimension = dimension.or_else(|| Some(embedded.data.first()?.embedding.len()))?;
    for (place, vector) in embedded.data.into_iter().enumerate() {
        let sound = dimension > 0
            && vector.embedding.len() == dimension
            // A number that JSON can write may be too large.
            && vector.embedding.iter().all(|number| number.is_finite());
        let room = vectors.get_mut(vector.index.unwrap_or(place))?;
        if !sound || room.is_some() {
            return None;
        }
        *room = Some(vector.embedding);
    }
    vectors.into_iter().collect()
}
