//! The provider's published OpenAPI descriptions, where they lie beside the checkout.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::path::PathBuf;

use mccc_test::scripted::Request;
use serde_json::Value;

/// The descriptions of the interfaces that are used.
pub(crate) struct Specs(Vec<Value>);

impl Specs {
    /// Reads them from `$MCCC_SHARED/specs` or from `../shared/specs` beside the checkout; says so when they are not
    /// there.
    pub(crate) fn load() -> Option<Self> {
        let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
        let folder = std::env::var_os("MCCC_SHARED")
            .map_or_else(beside, PathBuf::from)
            .join("specs");
        let names = [
            "twilio_api_v2010.json",
            "twilio_lookups_v2.json",
            "twilio_messaging_v1.json",
        ];
        let read = |name| std::fs::read_to_string(folder.join(name)).ok();
        let Some(texts) = names.map(read).into_iter().collect::<Option<Vec<_>>>() else {
            println!(
                "SKIPPED: requests are not compared with the provider's descriptions; MCCC_SHARED names no folder with specs/"
            );
            return None;
        };
        Some(Self(
            texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect(),
        ))
    }

    /// Fails unless the operation exists and has every field and query parameter of the request.
    pub(crate) fn check(&self, request: &Request) {
        let path = request.path();
        let (template, operation) = self
            .0
            .iter()
            .flat_map(|spec| spec["paths"].as_object().unwrap())
            .filter(|(template, _)| matches_template(template, path))
            // A fixed name is closer than a variable one.
            .min_by_key(|(template, _)| template.matches('{').count())
            .unwrap_or_else(|| panic!("no description has {path}"));
        let method = request.method.to_lowercase();
        let operation = operation
            .get(&method)
            .unwrap_or_else(|| panic!("{template} has no {method}"));
        let query = operation["parameters"].as_array().cloned().unwrap_or_default();
        for (name, _) in request.query() {
            assert!(
                query.iter().any(|p| p["in"] == "query" && p["name"] == *name),
                "{method} {template}: no query {name}"
            );
        }
        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        for (name, _) in request.form() {
            assert!(
                form["properties"].get(&name).is_some(),
                "{method} {template}: no field {name}"
            );
        }
        for required in form["required"].as_array().cloned().unwrap_or_default() {
            let there = request.form().iter().any(|(name, _)| required == *name);
            assert!(there, "{method} {template}: {required} is required");
        }
    }
}

fn matches_template(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(part, given)| match part.split_once('{') {
                Some((before, rest)) => {
                    let after = rest.split_once('}').map_or("", |(_, after)| after);
                    given.starts_with(before) && given.ends_with(after) && given.len() > before.len() + after.len()
                }
                None => part == given,
            })
}
