//! The web pages, embedded in the program.
//!
//! Files below `assets/` carry a digest of their content in their name, so they may be kept forever; every other path
//! is a page of the application and gets `index.html`, which is asked for again each time. Text files were compressed
//! when the pages were built and are served as the browser accepts them.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Nothing but our own files: no inline script or style, no other host, no frame around the pages.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// First segments that belong to machines: an unknown path below them is an error and not a page.
const MACHINES: [&str; 3] = ["api", "webhooks", "assets"];

#[derive(RustEmbed)]
#[folder = "$MCCC_UI_FOLDER"]
struct Files;

/// The pages, to be merged into the server's router: more precise routes win.
pub fn router() -> Router {
    Router::new()
        .route("/", get(async |headers: HeaderMap| page(&headers)))
        .route("/assets/{*path}", get(asset))
        .route("/{*path}", get(other))
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    match find(&format!("assets/{path}"), &headers) {
        Some(found) => answer(found, FOREVER),
        None => missing(),
    }
}

async fn other(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    let first = path.split('/').next().unwrap_or_default();
    if MACHINES.contains(&first) {
        return missing();
    }
    page(&headers)
}

fn page(headers: &HeaderMap) -> Response<Body> {
    let Some(found) = find("index.html", headers) else {
        return missing();
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == found.tag.as_bytes());
    if known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        protect(&mut response, ASK_AGAIN);
        return response;
    }
    answer(found, ASK_AGAIN)
}

struct Found {
    file: EmbeddedFile,
    kind: &'static str,
    encoding: Option<&'static str>,
    tag: String,
}

/// The file in the best form that the browser accepts.
fn find(path: &str, headers: &HeaderMap) -> Option<Found> {
    let kind = kind_of(path);
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if !accepts(headers, encoding) {
            continue;
        }
        if let Some(file) = Files::get(&format!("{path}{suffix}")) {
            let tag = tag_of(&file);
            return Some(Found {
                file,
                kind,
                encoding: Some(encoding),
                tag,
            });
        }
    }
    let file = Files::get(path)?;
    let tag = tag_of(&file);
    Some(Found {
        file,
        kind,
        encoding: None,
        tag,
    })
}

/// Whether an encoding is named in `Accept-Encoding` and not refused by weight zero.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let refused = parts.any(|part| {
                part.strip_prefix("q=")
                    .and_then(|weight| weight.parse::<f32>().ok())
                    .is_some_and(|weight| weight <= 0.0)
            });
            named && !refused
        })
}

fn tag_of(file: &EmbeddedFile) -> String {
    format!("\"{}\"", hex::encode(file.metadata.sha256_hash()))
}

fn answer(found: Found, cache: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::from(found.file.data));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = found.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::try_from(found.tag) {
        headers.insert(header::ETAG, tag);
    }
    protect(&mut response, cache);
    response
}

fn missing() -> Response<Body> {
    let mut response = Response::new(Body::from("not found\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    protect(&mut response, ASK_AGAIN);
    response
}

fn protect(response: &mut Response<Body>, cache: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use axum::http::Request;
    use tower::ServiceExt;

    async fn ask(path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn every_page_address_gets_the_application() {
        for path in ["/", "/b/biz_1/calls", "/signin", "/anything.else"] {
            let response = ask(path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(body.starts_with(b"<!doctype html>"), "{path}");
        }
    }

    #[tokio::test]
    async fn what_machines_ask_for_is_never_a_page() {
        for path in ["/api/v1/nothing", "/webhooks/twilio/nothing", "/assets/nothing.js"] {
            let response = ask(path, &[]).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        }
    }

    #[tokio::test]
    async fn assets_are_kept_forever_and_come_as_the_browser_accepts_them() {
        for path in Files::iter().filter(|path| path.starts_with("assets/") && path.ends_with(".js")) {
            let plain = ask(&format!("/{path}"), &[]).await;
            assert_eq!(plain.headers()[header::CACHE_CONTROL], FOREVER);
            assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
            let small = ask(&format!("/{path}"), &[("accept-encoding", "gzip, deflate;q=0.5")]).await;
            assert_eq!(small.headers()[header::CONTENT_ENCODING], "gzip");
            assert_eq!(
                small.headers()[header::CONTENT_TYPE],
                plain.headers()[header::CONTENT_TYPE]
            );
            let refused = ask(&format!("/{path}"), &[("accept-encoding", "br;q=0, identity")]).await;
            assert!(!refused.headers().contains_key(header::CONTENT_ENCODING));
        }
    }

    #[tokio::test]
    async fn an_unchanged_page_is_not_sent_again() {
        let first = ask("/", &[]).await;
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(
            ask("/", &[("if-none-match", &tag)]).await.status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(
            ask("/", &[("if-none-match", "\"other\"")]).await.status(),
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn no_answer_allows_inline_script() {
        for path in ["/", "/assets/nothing.js"] {
            let response = ask(path, &[]).await;
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .to_owned();
            assert!(policy.contains("script-src 'self';"));
            assert!(!policy.contains("unsafe"));
        }
    }
}
