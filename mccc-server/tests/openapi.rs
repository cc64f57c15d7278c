//! The committed document is what the program prints.

use std::path::Path;

#[test]
fn the_committed_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let printed = mccc_server::http::api::openapi_json();
    assert_eq!(
        committed.trim_end(),
        printed.trim_end(),
        "the API changed: run `cargo run -- openapi > docs/openapi.json` and look at the difference"
    );
}

#[test]
fn every_operation_says_how_it_is_refused() {
    let document: serde_json::Value = serde_json::from_str(&mccc_server::http::api::openapi_json()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/v1/"), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            operations += 1;
            let refused = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(refused, "#/components/schemas/Problem", "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        }
    }
    assert!(operations >= 40, "{operations}");
}

#[test]
fn every_reference_leads_somewhere() {
    let text = mccc_server::http::api::openapi_json();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
