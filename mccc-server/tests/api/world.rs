//! The API in this process: a database in a folder, the simulated phone network, two businesses that know nothing of
//! each other.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use mccc_core::business::{NumberKind, OwnedLine, Settings};
use mccc_core::routing::{Method, Schedule};
use mccc_core::zone::Zone;
use mccc_core::{BusinessId, PhoneNumber};
use mccc_server::commands::open::{Opened, open};
use mccc_server::commands::people;
use mccc_server::config::{CalendarServices, Config, Role, StoreConfig};
use mccc_server::guides::Guides;
use mccc_server::runtime::{KeySource, OsEntropy, SystemClock};
use mccc_server::{App, Facts};
use mccc_test::process::Folder;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub(crate) const OURS: &str = "+15125550199";
pub(crate) const CALLER: &str = "+15125550123";
pub(crate) const PASSWORD: &str = "Correct horse battery 1";

/// The API, its data, two businesses.
pub(crate) struct World {
    pub(crate) opened: Opened,
    pub(crate) api: Router,
    pub(crate) business: BusinessId,
    pub(crate) other: BusinessId,
    pub(crate) stop: CancellationToken,
    _folder: Folder,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// The problem's code.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.body
    }
}

fn line(number: &str) -> OwnedLine {
    OwnedLine {
        number: PhoneNumber::parse(number).unwrap(),
        kind: NumberKind::Forwarding,
        account: "sandbox".into(),
        provider_number: None,
    }
}

fn settings(name: &str, method: Method) -> Settings {
    let mut settings = Settings::new(name, Zone::parse("America/Chicago").unwrap());
    settings.profile.trade = "plumbing".into();
    settings.profile.business_phone = Some(PhoneNumber::parse("+15125550100").unwrap());
    settings.schedule = Schedule::always(method);
    settings
}

impl World {
    pub(crate) async fn new(purpose: &str) -> Self {
        Self::changed(purpose, |_| {}).await
    }

    /// The same with calendars elsewhere.
    pub(crate) async fn with(purpose: &str, calendars: CalendarServices) -> Self {
        Self::changed(purpose, |config| config.calendars = calendars).await
    }

    /// With a configuration that `change` has changed.
    pub(crate) async fn changed(purpose: &str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = Folder::new(env!("CARGO_BIN_EXE_mccc"), purpose).unwrap();
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            role: Role::All,
            store: StoreConfig::Sqlite(folder.path().join("mccc.db")),
            data_dir: folder.path().to_owned(),
            public_url: Some("https://calls.example.com".into()),
            secret_key: KeySource::File(folder.path().join("secret.key")),
            twilio: None,
            calendars: CalendarServices::default(),
            mail: None,
            slack_hooks_url: None,
            ai: None,
            embedding: None,
            sandbox: true,
            trusted_proxies: 0,
            workers: 1,
            log_json: false,
        };
        change(&mut config);
        let opened = open(&config).await.unwrap();
        let center = &opened.center;
        let business = center
            .create_business(None, settings("Acme Plumbing", Method::AutoTextOnly), vec![line(OURS)])
            .await
            .unwrap()
            .business;
        let other = center
            .create_business(
                None,
                settings("Other Roofing", Method::Voicemail),
                vec![line("+13125550199")],
            )
            .await
            .unwrap()
            .business;
        let stop = CancellationToken::new();
        let webhooks = mccc_server::http::webhooks::router(Arc::clone(center), Arc::clone(&opened.providers));
        let app = App {
            center: Arc::clone(center),
            accounts: Arc::clone(&opened.accounts),
            calendars: Arc::clone(opened.providers.calendars()),
            keys: Arc::clone(&opened.keys),
            sandbox: opened.sandbox.clone(),
            notifying: Arc::clone(&opened.notifying),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            facts: Arc::new(Facts {
                public_url: "http://localhost:8080".into(),
                secure_cookies: false,
                trusted_proxies: 0,
                language_model: false,
                embedding_model: false,
                version: "test",
            }),
            guides: Arc::new(Guides::built_in()),
            stop: stop.clone(),
        };
        Self {
            api: mccc_server::http::api::router(app).merge(webhooks),
            opened,
            business,
            other,
            stop,
            _folder: folder,
        }
    }

    /// A key of the business with a role.
    pub(crate) async fn key(&self, role: &str) -> String {
        people::add_key(&self.opened, role, self.business, role).await.unwrap()
    }

    /// A person of a business with a role; returns the link's token.
    pub(crate) async fn person(&self, email: &str, business: BusinessId, role: &str) -> String {
        people::add_user(&self.opened, email, "", business, role, Some(PASSWORD))
            .await
            .unwrap()
    }

    /// Signs a person in and returns the cookie.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self.send("POST", "/api/v1/session", &[], Some(body)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
        cookie_of(&answer.headers)
    }

    /// A path of the business.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/businesses/{}{rest}", self.business)
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.raw(request.body(body).unwrap()).await
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> Answer {
        let answered = async {
            let response = self.api.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            (parts, to_bytes(body, usize::MAX).await.unwrap())
        };
        // An answer without an end fails the test instead of holding everybody up.
        let (parts, bytes) = tokio::time::timeout(Duration::from_secs(30), answered).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// With a key.
    pub(crate) async fn with_key(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {key}");
        self.send(method, path, &[("authorization", &bearer)], body).await
    }

    /// A call from a simulated phone.
    pub(crate) async fn call(&self, from: Option<&str>) {
        let network = self.opened.sandbox.as_ref().unwrap();
        let from = from.map(|from| PhoneNumber::parse(from).unwrap());
        network.call(from, PhoneNumber::parse(OURS).unwrap()).await;
    }

    /// A text from a simulated phone.
    pub(crate) async fn text(&self, from: &str, body: &str) {
        let network = self.opened.sandbox.as_ref().unwrap();
        let (from, to) = (PhoneNumber::parse(from).unwrap(), PhoneNumber::parse(OURS).unwrap());
        assert!(network.text(from, to, body).await);
    }

    /// Does all work that is due.
    pub(crate) async fn work(&self) {
        for _ in 0..50 {
            self.opened.center.work("test", 8).await.unwrap();
            pause(Duration::from_millis(2)).await;
        }
    }
}

pub(crate) fn cookie_of(headers: &HeaderMap) -> String {
    let cookie = headers[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a test waits for work of its own")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}
