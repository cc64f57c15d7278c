//! How to set up forwarding with each phone company: content, not code.

use std::sync::LazyLock;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// The records, as they were when the program was built.
const TEXT: &str = include_str!("../../../content/forwarding.toml");

static CONTENT: LazyLock<Content> = LazyLock::new(|| match toml::from_str(TEXT) {
    Ok(content) => content,
    Err(error) => {
        tracing::error!(%error, "the forwarding guides cannot be read");
        Content::default()
    }
});

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    generic_note: String,
    tips: Vec<String>,
    guide: Vec<Guide>,
}

/// How to set up forwarding with one phone company.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Guide {
    #[serde(skip_serializing)]
    #[schema(ignore)]
    key: String,
    /// The phone company.
    name: String,
    /// Whether the steps are general ones.
    #[serde(default)]
    generic: bool,
    /// What to do, in order. `{{number}}` stands for the forwarding number.
    steps: Vec<Step>,
    /// What to know besides.
    #[serde(default)]
    note: Option<String>,
    /// What to say beside general steps.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    generic_note: Option<String>,
    /// What to try when the test fails.
    #[serde(default, skip_deserializing)]
    tips: Vec<String>,
    /// Which version of the steps it is.
    version: String,
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    /// What to do.
    text: String,
    /// A code to dial.
    #[serde(default)]
    code: Option<String>,
    /// A page to open.
    #[serde(default)]
    href: Option<String>,
}

/// Every guide by its key, in the order in which they are offered.
#[derive(Debug)]
pub(super) struct Guides;

impl Serialize for Guides {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(CONTENT.guide.len()))?;
        for guide in &CONTENT.guide {
            map.serialize_entry(&guide.key, &complete(guide))?;
        }
        map.end()
    }
}

fn complete(guide: &Guide) -> Guide {
    Guide {
        generic_note: guide.generic.then(|| CONTENT.generic_note.clone()),
        tips: CONTENT.tips.clone(),
        ..guide.clone()
    }
}

/// The phone company's name, when there is a guide for it.
#[must_use]
pub(super) fn name_of(key: &str) -> Option<&'static str> {
    CONTENT
        .guide
        .iter()
        .find(|guide| guide.key == key)
        .map(|guide| guide.name.as_str())
}

/// Every key, for messages.
#[must_use]
pub(super) fn keys() -> String {
    let keys: Vec<&str> = CONTENT.guide.iter().map(|guide| guide.key.as_str()).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_can_be_read_and_names_the_number() {
        let content: Content = toml::from_str(TEXT).unwrap();
        assert!(content.guide.len() > 15);
        let mut keys: Vec<&str> = content.guide.iter().map(|guide| guide.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), content.guide.len(), "two guides have one key");
        for guide in &content.guide {
            assert!(
                guide.steps.iter().any(|step| step.text.contains("{{number}}")),
                "{}",
                guide.key
            );
            assert!(
                guide
                    .steps
                    .iter()
                    .all(|step| step.code.as_ref().is_none_or(|code| code.starts_with(['*', '#'])))
            );
        }
    }

    #[test]
    fn guides_come_in_their_order_and_general_ones_say_so() {
        let json = serde_json::to_string(&Guides).unwrap();
        assert!(json.find("google_voice").unwrap() < json.find("att").unwrap());
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            value["other"]["generic_note"],
            "These are general instructions. Your provider's interface may look slightly different. [Contact support for \
             help.]"
        );
        assert!(value["att"].get("generic_note").is_none());
    }
}
