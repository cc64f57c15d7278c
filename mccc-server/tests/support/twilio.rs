//! A Twilio that remembers what it accepted: each message gets an identifier of its own and can be listed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::ACCOUNT;

/// One message that was accepted.
#[derive(Debug, Clone)]
pub struct Sent {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
    pub callback: String,
}

/// What happens to the next messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Accepts them.
    Well,
    /// Accepts them and never answers.
    LosesAnswers,
    /// Refuses them for now, with a wait.
    Busy,
    /// Refuses them: the recipient has opted out.
    OptedOut,
    /// Refuses them: the recipient cannot be a number.
    InvalidNumber,
    /// Refuses them: the recipient is a landline.
    Landline,
    /// Fails.
    Broken,
    /// Accepts them and fails afterwards.
    FailsAfterwards,
    /// Accepts them and answers with a page.
    Garbage,
}

/// The provider.
#[derive(Clone)]
pub struct FakeTwilio {
    pub base: String,
    state: Arc<Mutex<Book>>,
}

struct Book {
    sent: Vec<Sent>,
    mood: Mood,
    delay: Duration,
    attempts: usize,
    forgets: bool,
    under_way: usize,
}

/// A text that was handed over and has no answer yet. Counted until then, or until whoever asked is gone.
struct UnderWay(Arc<Mutex<Book>>);

impl UnderWay {
    fn begin(state: &Arc<Mutex<Book>>) -> Self {
        state.lock().unwrap().under_way += 1;
        Self(Arc::clone(state))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap().under_way -= 1;
    }
}

impl FakeTwilio {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(Book {
            sent: Vec::new(),
            mood: Mood::Well,
            delay: Duration::ZERO,
            attempts: 0,
            forgets: false,
            under_way: 0,
        }));
        let messages = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
        let calls = format!("/2010-04-01/Accounts/{ACCOUNT}/Calls.json");
        let app = Router::new()
            .route(&messages, post(send).get(list))
            .route(&calls, get(no_calls))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, state }
    }

    pub fn set_mood(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// How long an acceptance takes.
    pub fn set_delay(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    /// How many texts were handed over, also those that were refused.
    pub fn attempts(&self) -> usize {
        self.state.lock().unwrap().attempts
    }

    /// How many texts it was given and has not answered yet.
    pub fn under_way(&self) -> usize {
        self.state.lock().unwrap().under_way
    }

    /// Whether its list leaves everything out.
    pub fn set_forgets(&self, forgets: bool) {
        self.state.lock().unwrap().forgets = forgets;
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.state.lock().unwrap().sent.clone()
    }

    /// Texts by recipient.
    pub fn by_recipient(&self) -> BTreeMap<String, usize> {
        let mut texts = BTreeMap::new();
        for sent in self.sent() {
            *texts.entry(sent.to).or_insert(0) += 1;
        }
        texts
    }
}

async fn send(State(state): State<Arc<Mutex<Book>>>, Form(form): Form<BTreeMap<String, String>>) -> Response {
    let _under_way = UnderWay::begin(&state);
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (mood, delay) = {
        let mut book = state.lock().unwrap();
        book.attempts += 1;
        (book.mood, book.delay)
    };
    let refused = |status: u16, code: u32| {
        let body = serde_json::json!({ "code": code, "message": "no", "more_info": "", "status": status });
        (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
    };
    match mood {
        Mood::Busy => {
            let mut answer = refused(429, 20429);
            answer
                .headers_mut()
                .insert("retry-after", axum::http::HeaderValue::from_static("1"));
            return answer;
        }
        Mood::OptedOut => return refused(400, 21610),
        Mood::InvalidNumber => return refused(400, 21211),
        Mood::Landline => return refused(400, 21614),
        Mood::Broken => return refused(500, 20500),
        Mood::Well | Mood::LosesAnswers | Mood::FailsAfterwards | Mood::Garbage => {}
    }
    let sid = {
        let mut book = state.lock().unwrap();
        let sid = super::sid("SM", u64::try_from(book.sent.len()).unwrap() + 1);
        book.sent.push(Sent {
            sid: sid.clone(),
            to: field("To"),
            from: field("From"),
            body: field("Body"),
            callback: field("StatusCallback"),
        });
        sid
    };
    if delay > Duration::ZERO {
        super::pause(delay).await;
    }
    if mood == Mood::LosesAnswers {
        super::pause(Duration::from_secs(60)).await;
    }
    if mood == Mood::FailsAfterwards {
        return refused(503, 20503);
    }
    if mood == Mood::Garbage {
        return (StatusCode::OK, "<html>Welcome to the proxy</html>").into_response();
    }
    let body = serde_json::json!({
        "sid": sid, "status": "queued", "error_code": null, "num_segments": "1", "price": null,
        "to": field("To"), "from": field("From"), "body": field("Body"),
    });
    (StatusCode::CREATED, axum::Json(body)).into_response()
}

async fn list(State(state): State<Arc<Mutex<Book>>>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let book = state.lock().unwrap();
    let wanted = |sent: &&Sent| {
        !book.forgets
            && query.get("To").is_none_or(|to| *to == sent.to)
            && query.get("From").is_none_or(|from| *from == sent.from)
    };
    let messages: Vec<serde_json::Value> = book
        .sent
        .iter()
        .filter(wanted)
        .map(|sent| {
            serde_json::json!({
                "sid": sent.sid, "to": sent.to, "from": sent.from, "body": sent.body, "status": "sent",
                "direction": "outbound-api", "error_code": null,
                "date_created": "Tue, 01 Jan 2036 00:00:00 +0000", "date_sent": "Tue, 01 Jan 2036 00:00:00 +0000",
            })
        })
        .collect();
    axum::Json(serde_json::json!({ "messages": messages, "next_page_uri": null, "page": 0, "page_size": 50 }))
        .into_response()
}

async fn no_calls() -> Response {
    axum::Json(serde_json::json!({ "calls": [], "next_page_uri": null })).into_response()
}
