//! The language model of an installation.

use std::time::Duration;

use mccc_ai::ChatConfig;
use mccc_core::Secret;
use serde::Deserialize;

use super::Reader;

/// Longest time for one exchange, in milliseconds; the core gives up on a model after six seconds in all.
const LONGEST: u64 = 6_000;
const SHORTEST: u64 = 500;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AiFile {
    base_url: Option<String>,
    model: Option<String>,
    api_key: Option<Secret>,
    timeout_ms: Option<u64>,
}

/// Names of the variables that are read here.
pub(super) const VARIABLES: &[&str] = &[
    "MCCC_AI_BASE_URL",
    "MCCC_AI_MODEL",
    "MCCC_AI_API_KEY",
    "MCCC_AI_TIMEOUT_MS",
];

impl Reader<'_> {
    pub(super) fn ai(&mut self, file: AiFile) -> Option<ChatConfig> {
        let model = self
            .text("MCCC_AI_MODEL")
            .or(file.model)
            .filter(|model| !model.is_empty());
        let base_url = self.text("MCCC_AI_BASE_URL").or(file.base_url);
        let api_key = self.text("MCCC_AI_API_KEY").map(Secret::new).or(file.api_key);
        let api_key = api_key.filter(|key| !key.is_empty());
        let timeout = self.parsed("MCCC_AI_TIMEOUT_MS", "milliseconds").or(file.timeout_ms);
        let Some(model) = model else {
            if base_url.is_some() || api_key.is_some() {
                self.wrong("ai.model", "an address or a key alone is not enough; name the model");
            }
            return None;
        };
        let base_url = base_url.unwrap_or_else(|| ChatConfig::OPENAI.to_owned());
        let good = self.is_good_address("ai.base_url", &base_url);
        if good && base_url.trim_end_matches('/').ends_with("/chat/completions") {
            self.wrong("ai.base_url", "leave /chat/completions out; it is added");
        }
        if base_url == ChatConfig::OPENAI && api_key.is_none() {
            self.wrong(
                "ai.api_key",
                "required at OpenAI; a server of your own is named in base_url",
            );
        }
        let timeout = match timeout {
            None => ChatConfig::TIMEOUT,
            Some(millis) if (SHORTEST..=LONGEST).contains(&millis) => Duration::from_millis(millis),
            Some(_) => {
                self.wrong("ai.timeout_ms", "choose 500 to 6000 milliseconds");
                ChatConfig::TIMEOUT
            }
        };
        Some(ChatConfig {
            base_url,
            model,
            api_key,
            timeout,
        })
    }

    /// What callers wrote goes there: readable by nobody on the way.
    pub(super) fn is_good_address(&mut self, key: &'static str, url: &str) -> bool {
        let plain = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split(['/', ':']).next());
        let here = matches!(plain, Some("127.0.0.1" | "localhost"));
        let secure = url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let good = (secure || here) && !url.contains(['?', '#', ' ', '@']);
        if !good {
            self.wrong(
                key,
                "expected https://… (such as https://api.openai.com/v1), or http:// on this machine",
            );
        }
        good
    }
}
