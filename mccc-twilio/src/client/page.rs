//! Lists that come in pages.

use mccc_core::port::PortError;
use serde::de::DeserializeOwned;

use super::transport::{Request, Session};
use crate::error::{Effect, unreadable};

/// Most pages that one question reads.
const MOST_PAGES: usize = 20;

impl Session {
    /// Rows of a list, page after page, until there are `limit` that `keep` keeps or no more. Follows the provider's own link, and only on the provider's own host.
    pub(super) async fn list<T: DeserializeOwned, R>(
        &self,
        operation: &'static str,
        first: String,
        rows: &str,
        limit: usize,
        mut keep: impl FnMut(T) -> Option<R>,
    ) -> Result<Vec<R>, PortError> {
        let broken = || unreadable(operation, Effect::Repeatable);
        let mut kept = Vec::new();
        let mut url = first;
        for _ in 0..MOST_PAGES {
            let body = self.exchange(Request::get(operation, url), None).await?;
            let mut page: serde_json::Value = serde_json::from_slice(&body).map_err(|_| broken())?;
            let found = page.get_mut(rows).map(serde_json::Value::take).ok_or_else(broken)?;
            let found: Vec<T> = serde_json::from_value(found).map_err(|_| broken())?;
            for row in found {
                kept.extend(keep(row));
                if kept.len() >= limit {
                    return Ok(kept);
                }
            }
            match page
                .get("next_page_uri")
                .and_then(serde_json::Value::as_str)
                .filter(|link| !link.is_empty())
            {
                Some(link) => url = self.next(link).ok_or_else(broken)?,
                None => return Ok(kept),
            }
        }
        Ok(kept)
    }

    /// The address of the next page, if it is the provider's.
    fn next(&self, link: &str) -> Option<String> {
        let base = &self.config.api_base_url;
        if link.starts_with('/') && !link.starts_with("//") {
            return Some(format!("{base}{link}"));
        }
        link.strip_prefix(base.as_str())
            .filter(|rest| rest.starts_with('/'))
            .map(|_| link.to_owned())
    }
}
