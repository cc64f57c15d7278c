//! The embedding model of an installation.

use std::time::Duration;

use mccc_ai::EmbeddingConfig;
use mccc_core::Secret;
use serde::Deserialize;

use super::Reader;

/// Longest time for one exchange, in milliseconds; the core gives up on the entries of a business after five seconds in all,
/// and on a text after one and a half.
const LONGEST: u64 = 5_000;
const SHORTEST: u64 = 200;
/// Most numbers of a vector that may be asked for: what an answer has room for.
const MOST_NUMBERS: usize = 4_096;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EmbeddingFile {
    base_url: Option<String>,
    model: Option<String>,
    api_key: Option<Secret>,
    dimension: Option<usize>,
    timeout_ms: Option<u64>,
}

/// Names of the variables that are read here.
pub(super) const VARIABLES: &[&str] = &[
    "MCCC_EMBEDDING_BASE_URL",
    "MCCC_EMBEDDING_MODEL",
    "MCCC_EMBEDDING_API_KEY",
    "MCCC_EMBEDDING_DIMENSION",
    "MCCC_EMBEDDING_TIMEOUT_MS",
];

impl Reader<'_> {
    pub(super) fn embedding(&mut self, file: EmbeddingFile) -> Option<EmbeddingConfig> {
        let model = self
            .text("MCCC_EMBEDDING_MODEL")
            .or(file.model)
            .filter(|model| !model.is_empty());
        let base_url = self.text("MCCC_EMBEDDING_BASE_URL").or(file.base_url);
        let api_key = self.text("MCCC_EMBEDDING_API_KEY").map(Secret::new).or(file.api_key);
        let api_key = api_key.filter(|key| !key.is_empty());
        let dimension = self
            .parsed("MCCC_EMBEDDING_DIMENSION", "a number of numbers")
            .or(file.dimension);
        let timeout = self
            .parsed("MCCC_EMBEDDING_TIMEOUT_MS", "milliseconds")
            .or(file.timeout_ms);
        if dimension.is_some_and(|dimension| !(1..=MOST_NUMBERS).contains(&dimension)) {
            self.wrong(
                "embedding.dimension",
                "choose 1 to 4096, or leave it out and the model decides",
            );
        }
        let timeout = match timeout {
            None => EmbeddingConfig::TIMEOUT,
            Some(millis) if (SHORTEST..=LONGEST).contains(&millis) => Duration::from_millis(millis),
            Some(_) => {
                self.wrong("embedding.timeout_ms", "choose 200 to 5000 milliseconds");
                EmbeddingConfig::TIMEOUT
            }
        };
        let good = base_url
            .as_deref()
            .is_none_or(|base_url| self.is_good_address("embedding.base_url", base_url));
        let ends = |url: &String| url.trim_end_matches('/').ends_with("/embeddings");
        if good && base_url.as_ref().is_some_and(ends) {
            self.wrong("embedding.base_url", "leave /embeddings out; it is added");
        }
        let Some(model) = model else {
            if base_url.is_some() || api_key.is_some() {
                self.wrong(
                    "embedding.model",
                    "an address or a key alone is not enough; name the model",
                );
            }
            return None;
        };
        let base_url = base_url.unwrap_or_else(|| EmbeddingConfig::OPENAI.to_owned());
        if base_url == EmbeddingConfig::OPENAI && api_key.is_none() {
            self.wrong(
                "embedding.api_key",
                "required at OpenAI; a server of your own is named in base_url",
            );
        }
        Some(EmbeddingConfig {
            base_url,
            model,
            api_key,
            dimension,
            timeout,
        })
    }
}
