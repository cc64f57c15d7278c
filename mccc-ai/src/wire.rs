//! The JSON of chat completions and of embeddings.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat/create> and `…/embeddings/create` there, and the
//! OpenAI-compatible server of vLLM, <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html>, read 2026-11.

use serde::{Deserialize, Serialize};

/// One message.
#[derive(Serialize)]
pub(crate) struct Said {
    pub(crate) role: &'static str,
    pub(crate) content: String,
}

impl Said {
    pub(crate) fn system(content: &str) -> Self {
        Self {
            role: "system",
            content: content.to_owned(),
        }
    }

    pub(crate) fn user(content: String) -> Self {
        Self { role: "user", content }
    }
}

/// A request. Nothing optional is set but the limit: models of one service refuse what those of another expect.
#[derive(Serialize)]
pub(crate) struct Ask<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: &'a [Said],
    /// OpenAI's own models refuse `max_tokens`; other servers know only that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_tokens: Option<u32>,
    pub(crate) stream: bool,
}

/// An answer.
#[derive(Deserialize)]
pub(crate) struct Completion {
    #[serde(default)]
    pub(crate) choices: Vec<Choice>,
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(crate) message: Message,
    #[serde(default)]
    pub(crate) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) refusal: Option<String>,
}

/// A request for vectors. Nothing optional is set but the dimension, where one is configured: not every server knows it.
#[derive(Serialize)]
pub(crate) struct Embed<'a> {
    pub(crate) model: &'a str,
    pub(crate) input: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dimensions: Option<usize>,
}

/// Vectors.
#[derive(Deserialize)]
pub(crate) struct Embedded {
    pub(crate) data: Vec<Vector>,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    /// Which text it belongs to; a server that does not say has them in order.
    #[serde(default)]
    pub(crate) index: Option<usize>,
    pub(crate) embedding: Vec<f32>,
}

/// A failure.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Failed {
    pub(crate) error: Trouble,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Trouble {
    pub(crate) code: Option<serde_json::Value>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

impl Trouble {
    /// Whether the account has used up what it may spend.
    pub(crate) fn is_quota(&self) -> bool {
        let code = self.code.as_ref().and_then(serde_json::Value::as_str);
        code == Some("insufficient_quota") || self.kind.as_deref() == Some("insufficient_quota")
    }
}
