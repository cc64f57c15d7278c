//! How to set up forwarding with each phone company: content, not code.
//!
//! The records are part of the program. An installation that wants other words puts a `forwarding.toml` of the same form
//! into its data folder and starts again. A mistake in it never keeps the server from answering calls: the built-in
//! records stay in place, the log and `mccc doctor` say what is wrong.

use std::path::{Path, PathBuf};

use mccc_core::business::Telephone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The records, as they were when the program was built.
const BUILT_IN: &str = include_str!("../content/forwarding.toml");
/// The name of an installation's own records in the data folder.
const FILE: &str = "forwarding.toml";
/// The key of the steps for a phone company without steps of its own.
const OTHER: &str = "other";
/// Stands for the forwarding number.
const NUMBER: &str = "{{number}}";

/// Every guide, in the order in which they are offered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guides {
    generic_note: String,
    tips: Vec<String>,
    guide: Vec<Record>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    key: String,
    name: String,
    #[serde(default)]
    generic: bool,
    steps: Vec<Step>,
    #[serde(default)]
    note: Option<String>,
    version: String,
}

/// How to set up forwarding with one phone company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Guide {
    /// The phone company.
    name: String,
    /// Whether the steps are general ones.
    generic: bool,
    /// What to do, in order. `{{number}}` stands for the forwarding number.
    steps: Vec<Step>,
    /// What to know besides.
    note: Option<String>,
    /// What to say beside general steps; what stands in brackets leads to help.
    generic_note: Option<String>,
    /// What to try when the test fails.
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

/// Why an installation's own records are not used.
#[derive(Debug, thiserror::Error)]
#[error("{path} is not used: {problem}", path = .path.display())]
pub struct GuidesError {
    path: PathBuf,
    problem: String,
}

impl Guides {
    /// The records of the data folder, or the built-in ones where it has none.
    ///
    /// # Errors
    /// When the folder's records cannot be read, or are not complete.
    pub fn open(data_dir: &Path) -> Result<Self, GuidesError> {
        let path = data_dir.join(FILE);
        let read = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::built_in()),
            Err(error) => Err(error.to_string()),
            Ok(text) => Self::parse(&text),
        };
        read.map_err(|problem| GuidesError { path, problem })
    }

    /// The built-in records.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or_else(|problem| {
            tracing::error!(problem, "the built-in forwarding guides cannot be read");
            Self::default()
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let guides: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        guides.check()?;
        Ok(guides)
    }

    fn check(&self) -> Result<(), String> {
        for needed in [OTHER, Telephone::NO_PHONE] {
            if self.record(needed).is_none() {
                return Err(format!("a guide with key = \"{needed}\" has to be there"));
            }
        }
        for (place, guide) in self.guide.iter().enumerate() {
            let key = &guide.key;
            if self.guide.iter().take(place).any(|other| other.key == *key) {
                return Err(format!("two guides have the key \"{key}\""));
            }
            if !guide.steps.iter().any(|step| step.text.contains(NUMBER)) {
                return Err(format!("no step of \"{key}\" contains {NUMBER}"));
            }
            for step in &guide.steps {
                if step.code.as_ref().is_some_and(|code| !code.starts_with(['*', '#'])) {
                    return Err(format!("a code of \"{key}\" begins with neither * nor #"));
                }
                if step.href.as_ref().is_some_and(|href| !href.starts_with("https://")) {
                    return Err(format!("a link of \"{key}\" does not begin with https://"));
                }
            }
        }
        Ok(())
    }

    fn record(&self, key: &str) -> Option<&Record> {
        self.guide.iter().find(|guide| guide.key == key)
    }

    /// The phone company's name, when there is a guide for it.
    #[must_use]
    pub(crate) fn name_of(&self, key: &str) -> Option<&str> {
        self.record(key).map(|guide| guide.name.as_str())
    }

    /// The version of a phone company's steps.
    #[must_use]
    pub(crate) fn version_of(&self, key: &str) -> Option<&str> {
        self.record(key).map(|guide| guide.version.as_str())
    }

    /// Every key, for messages.
    #[must_use]
    pub(crate) fn keys(&self) -> String {
        let keys: Vec<&str> = self.guide.iter().map(|guide| guide.key.as_str()).collect();
        keys.join(", ")
    }

    /// Every guide with its key, in the order in which they are offered.
    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = (&str, Guide)> {
        self.guide.iter().map(|record| {
            let guide = Guide {
                name: record.name.clone(),
                generic: record.generic,
                steps: record.steps.clone(),
                note: record.note.clone(),
                generic_note: record.generic.then(|| self.generic_note.clone()),
                tips: self.tips.clone(),
                version: record.version.clone(),
            };
            (record.key.as_str(), guide)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(change: impl FnOnce(String) -> String) -> String {
        Guides::parse(&change(BUILT_IN.to_owned())).unwrap_err()
    }

    #[test]
    fn the_built_in_guides_are_complete() {
        assert!(Guides::parse(BUILT_IN).unwrap().guide.len() > 15);
    }

    #[test]
    fn a_mistake_is_named() {
        let twice = problem(|text| text.replace("key = \"tmobile\"", "key = \"att\""));
        assert_eq!(twice, "two guides have the key \"att\"");
        let missing = problem(|text| text.replace("key = \"other\"", "key = \"others\""));
        assert_eq!(missing, "a guide with key = \"other\" has to be there");
        let code = problem(|text| text.replace("code = \"*73\"", "code = \"73\""));
        assert_eq!(code, "a code of \"verizon\" begins with neither * nor #");
        let link = problem(|text| text.replace("https://voice", "javascript:voice"));
        assert_eq!(link, "a link of \"google_voice\" does not begin with https://");
        let number = problem(|text| text.replace("Enter {{number}} as the destination", "Enter it"));
        assert_eq!(number, "no step of \"eight_by_eight\" contains {{number}}");
        let line = problem(|text| text.replacen("version =", "verzion =", 1));
        assert!(line.contains("line ") && line.contains("verzion"), "{line}");
    }

    #[test]
    fn the_data_folder_has_the_last_word() {
        let folder = std::env::temp_dir().join(format!("mccc-guides-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(Guides::open(&folder).unwrap().name_of("att"), Some("AT&T (mobile)"));
        std::fs::write(folder.join(FILE), BUILT_IN.replace("AT&T (mobile)", "Ma Bell")).unwrap();
        assert_eq!(Guides::open(&folder).unwrap().name_of("att"), Some("Ma Bell"));
        std::fs::write(folder.join(FILE), "tips = 3").unwrap();
        let error = Guides::open(&folder).unwrap_err().to_string();
        assert!(error.contains("forwarding.toml is not used"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn general_guides_say_so() {
        let guides = Guides::built_in();
        let notes: Vec<(&str, Option<String>)> = guides.all().map(|(key, guide)| (key, guide.generic_note)).collect();
        assert_eq!(notes.first().unwrap(), &("google_voice", None));
        let (_, note) = notes.iter().find(|(key, _)| *key == "other").unwrap();
        assert_eq!(
            note.as_deref(),
            Some(
                "These are general instructions. Your provider's interface may look slightly different. [Contact support \
                 for help.]"
            )
        );
    }
}
