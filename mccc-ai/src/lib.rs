//! A language model behind the core's port [`ReplyModel`](mccc_core::port::ReplyModel): any server that speaks OpenAI's
//! chat completions, at OpenAI or on a machine of one's own.
//!
//! ```no_run
//! use mccc_ai::{ChatConfig, ChatModel};
//! use mccc_core::Secret;
//!
//! let config = ChatConfig {
//!     base_url: ChatConfig::OPENAI.to_owned(),
//!     model: "gpt-4.1-mini".to_owned(),
//!     api_key: Some(Secret::new("sk-…")),
//!     ..ChatConfig::default()
//! };
//! let model = ChatModel::new(config)?;
//! # Ok::<(), mccc_core::port::PortError>(())
//! ```
//!
//! Beside it, an embedding model behind the port [`Embedder`](mccc_core::port::Embedder): any server that speaks OpenAI's
//! embeddings ([`EmbeddingModel`]).
//!
//! This crate carries the question and the answer. What may be asked, what of a thread a model gets to see, and whether
//! its words are used is for the core to say (`mccc_core::conversation::voice`); so is whether to ask again.

mod chat;
mod embeddings;
mod http;
mod prompt;
mod wire;

pub use chat::{ChatConfig, ChatModel};
pub use embeddings::{EmbeddingConfig, EmbeddingModel};
