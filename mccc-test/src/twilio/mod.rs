//! A Twilio that remembers texts, numbers and calls, and answers in the forms of its REST interface.
//!
//! Source of the forms: Twilio's OpenAPI descriptions of its 2010-04-01 and Lookups v2 interfaces, read 2026-11.
//! What goes wrong is told with [`Trouble`]: a refusal changes nothing; every other trouble is one of the answer alone.

mod book;
mod rows;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use book::Book;
pub use book::{PlacedCall, SentText};

use crate::scripted::{Reply, Request, ScriptedServer};

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing in its way.
    None,
    /// Refused with this status and code; the provider may name how many seconds to wait.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Twilio's code.
        code: u32,
        /// Seconds of `Retry-After`.
        wait: Option<u64>,
    },
    /// Done, and answered with a server error.
    ServerError,
    /// Done, and the connection is closed instead of an answer.
    HangUp,
    /// Done, and answered with a page.
    Garbage,
    /// Done, and never answered.
    Silence,
    /// Settings of numbers are taken and not kept.
    Forgetful,
}

/// The provider.
#[derive(Debug)]
pub struct WireTwilio {
    server: ScriptedServer,
    book: Arc<Mutex<Book>>,
}

impl WireTwilio {
    /// Starts a provider for one account. `now` gives the present in the form that the provider dates things in
    /// (RFC 2822).
    ///
    /// # Errors
    /// If no port of the loopback address can be had.
    pub fn start(account: &str, now: impl Fn() -> String + Send + Sync + 'static) -> io::Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let root = format!("/2010-04-01/Accounts/{account}/");
        let server = ScriptedServer::playing({
            let book = Arc::clone(&book);
            move |request| {
                let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                answer(&mut book, &root, request, &now())
            }
        })?;
        Ok(Self { server, book })
    }

    /// Where it listens.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request meet `trouble` until told otherwise.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.book().trouble = trouble;
    }

    /// Lets texts to `to` meet `trouble` until told otherwise.
    pub fn set_trouble_of(&self, to: &str, trouble: Trouble) {
        self.book().troubles.insert(to.to_owned(), trouble);
    }

    /// Goes away: connections are closed and new ones cut before anything is read. `false` brings it back.
    pub fn go_away(&self, away: bool) {
        self.server.hang_up_on_connect(if away { usize::MAX } else { 0 });
        if away {
            self.server.cut_connections();
        }
    }

    /// Every text that was taken from us, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<SentText> {
        self.book().texts.iter().filter(|text| !text.inbound).cloned().collect()
    }

    /// Every call that we placed, in order.
    #[must_use]
    pub fn placed(&self) -> Vec<PlacedCall> {
        self.book().calls.iter().filter(|call| !call.inbound).cloned().collect()
    }

    /// The numbers of the account.
    #[must_use]
    pub fn owned(&self) -> Vec<String> {
        self.book().numbers.iter().map(|number| number.number.clone()).collect()
    }

    /// A caller writes to a number of ours at `now`.
    pub fn caller_writes(&self, from: &str, to: &str, body: &str, now: &str) {
        self.book().take_text(from, to, body, "", true, now);
    }

    /// Somebody calls a number of ours at `now`, for seven seconds. The identifier of the call.
    #[must_use]
    pub fn call_arrives(&self, from: &str, to: &str, now: &str) -> String {
        self.book().take_call(from, to, true, now)
    }

    /// What became of a text; `false` when there is none of that name.
    #[must_use]
    pub fn report(&self, sid: &str, status: &str, code: Option<u32>) -> bool {
        let mut book = self.book();
        let found = book.texts.iter_mut().find(|text| text.sid == sid);
        let Some(text) = found else { return false };
        status.clone_into(&mut text.status);
        text.error_code = code;
        true
    }

    /// Points a number elsewhere; `false` when the account does not own it.
    #[must_use]
    pub fn misdirect(&self, number: &str) -> bool {
        let mut book = self.book();
        let found = book.numbers.iter_mut().find(|owned| owned.number == number);
        let Some(owned) = found else { return false };
        let elsewhere = "https://elsewhere.example/voice".to_owned();
        owned.settings.insert("voice_url".to_owned(), elsewhere);
        true
    }

    /// The word for a number's kind of line; nothing for what cannot be a number.
    pub fn set_line(&self, number: &str, word: Option<&str>) {
        self.book().lines.insert(number.to_owned(), word.map(str::to_owned));
    }
}

fn refusal(status: u16, code: u32, wait: Option<u64>) -> Reply {
    let body = serde_json::json!({
        "code": code, "message": "The request about +15122000001 cannot be done.", "status": status,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
    });
    let reply = Reply::json(status, &body.to_string());
    match wait {
        Some(seconds) => reply.header("Retry-After", &seconds.to_string()),
        None => reply,
    }
}

fn answer(book: &mut Book, root: &str, request: &Request, now: &str) -> Reply {
    let form = request.form();
    let to = form.iter().find(|(name, _)| name == "To").map(|(_, to)| to.as_str());
    let texting = request.method == "POST" && request.path().ends_with("/Messages.json");
    let of_recipient = to.filter(|_| texting).and_then(|to| book.troubles.get(to)).copied();
    let trouble = of_recipient.unwrap_or(book.trouble);
    if let Trouble::Refuse { status, code, wait } = trouble {
        return refusal(status, code, wait);
    }
    let reply = rows::route(book, root, request, now, trouble == Trouble::Forgetful);
    match trouble {
        Trouble::None | Trouble::Forgetful | Trouble::Refuse { .. } => reply,
        Trouble::ServerError => refusal(500, 20_500, None),
        Trouble::HangUp => Reply::hang_up(),
        Trouble::Garbage => Reply::text(200, "<html>Welcome to the proxy</html>"),
        Trouble::Silence => Reply::silence(),
    }
}
