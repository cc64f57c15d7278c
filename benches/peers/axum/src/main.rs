//! The least an axum server does for a voice webhook: `hello` answers a constant document, `signature` also checks the
//! provider's signature first. Nothing is routed and nothing is stored.
//!
//! `mccc-peer-axum hello|signature PORT PUBLIC_URL AUTH_TOKEN`

use std::error::Error;
use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say language=\"en-US\">Hello, this is Example \
    Plumbing. Nobody can come to the phone now. A text is on its way to you; answer STOP if you want none. \
    Goodbye.</Say><Hangup/></Response>";

struct Account {
    key: hmac::Key,
    public_url: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().ok_or(format!("missing argument: {name}"));
    let (mode, port, public_url, token) = (next("mode")?, next("port")?, next("public URL")?, next("token")?);
    let voice = match mode.as_str() {
        "hello" => post(|| async { document() }),
        "signature" => post(checked),
        other => return Err(format!("no such mode: {other}").into()),
    };
    let account = Arc::new(Account {
        key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes()),
        public_url,
    });
    let app = Router::new()
        .route("/webhooks/twilio/voice", voice)
        .route("/healthz", get(|| async { "ok" }))
        .with_state(account);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn checked(
    State(account): State<Arc<Account>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = headers
        .get("x-twilio-signature")
        .and_then(|value| STANDARD.decode(value).ok());
    let mut fields: Vec<_> = form_urlencoded::parse(&body).collect();
    fields.sort_unstable();
    let mut signed = format!("{}{uri}", account.public_url);
    for (name, value) in &fields {
        signed.push_str(name);
        signed.push_str(value);
    }
    let genuine = signature.is_some_and(|tag| hmac::verify(&account.key, signed.as_bytes(), &tag).is_ok());
    if genuine {
        document()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn document() -> Response {
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], TWIML).into_response()
}
