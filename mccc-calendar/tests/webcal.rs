//! Fetching published calendars from a server that plays every trick.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::error::Error as _;
use std::time::Duration;

use mccc_calendar::Limits;
use mccc_calendar::webcal::{Address, Fetched, Reach, Webcal};
use mccc_core::port::{ErrorKind, PortError, Retry, Validators};
use mccc_test::scripted::{Reply, ScriptedServer};

const PATH: &str = "/secret-of-jo/basic.ics";
const FILE: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

struct Scene {
    server: ScriptedServer,
    webcal: Webcal,
}

impl Scene {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self {
            server: ScriptedServer::start().unwrap(),
            webcal: Webcal::new(Reach::Anywhere, limits).unwrap(),
        }
    }

    async fn fetch(&self, known: Option<&Validators>) -> Result<Fetched, PortError> {
        let address = format!("{}{PATH}", self.server.base_url());
        let address = Address::parse(&address, Reach::Anywhere).unwrap();
        let fetched = self.webcal.fetch(&address, known).await;
        if let Err(error) = &fetched {
            let mut said = format!("{error} {error:?} {}", error.reason().unwrap());
            let mut source = error.source();
            while let Some(error) = source {
                said.push_str(&format!(" {error} {error:?}"));
                source = error.source();
            }
            assert!(!said.contains("secret-of-jo"), "{said}");
        }
        fetched
    }

    async fn answering(&self, reply: Reply) -> Result<Fetched, PortError> {
        self.server.script("GET", PATH, [reply]);
        self.fetch(None).await
    }
}

fn marks(etag: Option<&str>, modified: Option<&str>) -> Validators {
    Validators {
        etag: etag.map(str::to_owned),
        last_modified: modified.map(str::to_owned),
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_fetched_again() {
    let scene = Scene::new();
    let modified = "Mon, 01 Jun 2026 08:00:00 GMT";
    let reply = Reply::body(200, "text/calendar", FILE)
        .header("ETag", "\"one\"")
        .header("Last-Modified", modified);
    let known = marks(Some("\"one\""), Some(modified));
    assert_eq!(
        scene.answering(reply).await.unwrap(),
        Fetched::Text {
            text: FILE.to_owned(),
            marks: known.clone()
        }
    );
    scene.server.script("GET", PATH, [Reply::status(304)]);
    assert_eq!(scene.fetch(Some(&known)).await.unwrap(), Fetched::Unchanged);
    let asked = scene.server.requests();
    let header = |at: usize, name: &str| asked[at].header(name).map(str::to_owned);
    assert_eq!(header(0, "if-none-match"), None);
    assert_eq!(header(1, "if-none-match").as_deref(), Some("\"one\""));
    assert_eq!(header(1, "if-modified-since").as_deref(), Some(modified));
    // Nothing is unchanged that was not asked about.
    let error = scene.answering(Reply::status(304)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn each_failure_has_its_own_words() {
    let scene = Scene::new();
    for (reply, kind, words) in [
        (Reply::status(404), ErrorKind::NotFound, "no longer shared"),
        (Reply::status(410), ErrorKind::NotFound, "no longer shared"),
        (Reply::status(401), ErrorKind::NotFound, "no longer shared"),
        (Reply::status(403), ErrorKind::NotFound, "no longer shared"),
        (Reply::status(500), ErrorKind::Unavailable, "with an error"),
        (Reply::status(204), ErrorKind::Protocol, "is no calendar"),
        (Reply::status(206), ErrorKind::Protocol, "is no calendar"),
        (Reply::garbage(), ErrorKind::Unavailable, "does not answer"),
        (Reply::hang_up(), ErrorKind::Unavailable, "does not answer"),
        (Reply::half_body(200, FILE), ErrorKind::Unavailable, "does not answer"),
        (
            Reply::unannounced(200, "x".repeat((4 << 20) + 1)),
            ErrorKind::Rejected,
            "4 MB",
        ),
        (
            Reply::text(200, &"x".repeat((4 << 20) + 1)),
            ErrorKind::Rejected,
            "4 MB",
        ),
    ] {
        let shown = format!("{reply:?}").chars().take(80).collect::<String>();
        let error = scene.answering(reply).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{shown}");
        assert!(error.reason().unwrap().contains(words), "{shown}: {error}");
        assert_eq!(error.retry(), Retry::Backoff, "{shown}");
    }
    let busy = Reply::status(429).header("Retry-After", "120");
    let error = scene.answering(busy).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::RateLimited, Retry::After(Duration::from_secs(120)))
    );
    let busy = Reply::status(503).header("Retry-After", "999999");
    let error = scene.answering(busy).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(3_600)));
}

#[tokio::test]
async fn a_server_that_is_silent_is_not_waited_for() {
    let scene = Scene::with(Limits {
        exchange: Duration::from_millis(200),
        ..Limits::default()
    });
    let error = scene.answering(Reply::silence()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
}

#[tokio::test]
async fn a_file_of_the_longest_length_is_read_whatever_its_letters() {
    let scene = Scene::new();
    let long = vec![b'x'; 4 << 20];
    let fetched = scene.answering(Reply::body(200, "text/calendar", &long)).await.unwrap();
    let Fetched::Text { text, .. } = fetched else {
        panic!("not read")
    };
    assert_eq!(text.len(), long.len());
    let latin = Reply::body(200, "text/calendar", b"SUMMARY:Caf\xe9\r\n");
    let fetched = scene.answering(latin).await.unwrap();
    assert!(matches!(fetched, Fetched::Text { text, .. } if text.starts_with("SUMMARY:Caf")));
}

#[tokio::test]
async fn redirects_are_followed_a_few_times_and_judged_each_time() {
    let scene = Scene::new();
    let to = |to: &str| Reply::status(302).header("Location", to);
    scene
        .server
        .always("GET", "/moved", Reply::body(200, "text/calendar", FILE));
    assert!(scene.answering(to("/moved")).await.is_ok());
    scene.server.always("GET", "/loop", to("/loop"));
    let error = scene.answering(to("/loop")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(error.reason().unwrap().contains("leads on"));
    let looped = scene
        .server
        .requests()
        .iter()
        .filter(|asked| asked.path() == "/loop")
        .count();
    assert_eq!(looped, 3, "the first request and three redirects");
    for to in [to("file:///etc/passwd"), to("ftp://example.com/a")] {
        assert_eq!(scene.answering(to).await.unwrap_err().kind(), ErrorKind::Rejected);
    }
    let error = scene.answering(Reply::status(301)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn nothing_within_the_own_network_is_asked() {
    let webcal = Webcal::new(Reach::Public, Limits::default()).unwrap();
    // A name says nothing of where it leads: it is judged when it was looked up.
    let address = Address::parse("https://localhost/secret", Reach::Public).unwrap();
    let error = webcal.fetch(&address, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error:?}");
    assert!(error.reason().unwrap().contains("leads on"));
}
