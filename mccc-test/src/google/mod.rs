//! A Google Calendar that remembers calendars, events, tokens and channels, and answers in the forms of its interface.
//!
//! Source of the forms: the description of Calendar API v3, revision 2026-10-30, and Google's OAuth 2.0 guide, read
//! 2026-11. What goes wrong is told with [`Trouble`]: a refusal changes nothing; a loss is one of the answer alone.
//! Pages are short on purpose, and every second one is empty.

#![expect(
    clippy::indexing_slicing,
    reason = "an absent member of a JSON value is null, and only objects are written to"
)]

mod book;
mod rows;
mod tokens;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use book::Book;
pub use book::{Entered, WireEvent};
use serde_json::Value;
pub use tokens::CLIENT;

use crate::scripted::{Reply, Request, ScriptedServer};

/// What a request to the calendars meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing in its way.
    None,
    /// Refused with this status and reason; the provider may name how many seconds to wait.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Google's word for it.
        reason: &'static str,
        /// Seconds of `Retry-After`.
        wait: Option<u64>,
    },
    /// Done, and the answer is lost in this way.
    Lose(Lost),
    /// The same for what changes something; questions are answered.
    LoseChanges(Lost),
}

/// How an answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The answer is a server error.
    ServerError,
    /// The connection is closed instead of an answer.
    HangUp,
    /// The answer is a page.
    Garbage,
    /// The answer is a success that says nothing.
    Nothing,
    /// The answer is an empty list where there is never one.
    List,
    /// The answer is a success that holds an error.
    ErrorInside,
    /// There is never an answer.
    Silence,
}

impl Lost {
    pub(crate) fn reply(self, error: Reply) -> Reply {
        match self {
            Self::ServerError => error,
            Self::HangUp => Reply::hang_up(),
            Self::Garbage => Reply::body(200, "text/html", "<html>Welcome to the proxy</html>"),
            Self::Nothing => Reply::json(200, "{}"),
            Self::List => Reply::json(200, "[]"),
            Self::ErrorInside => Reply::json(200, r#"{"status":"error","error":{"code":500}}"#),
            Self::Silence => Reply::silence(),
        }
    }
}

/// The provider.
#[derive(Debug)]
pub struct WireGoogle {
    server: ScriptedServer,
    book: Arc<Mutex<Book>>,
}

impl WireGoogle {
    /// The account's main calendar.
    pub const PRIMARY: &'static str = "mike@example.com";
    /// Another calendar of it, which it may read.
    pub const FAMILY: &'static str = "family123@group.calendar.google.com";

    /// Starts a provider with one account of two calendars.
    ///
    /// # Errors
    /// If no port of the loopback address can be had.
    pub fn start() -> io::Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let server = ScriptedServer::playing({
            let book = Arc::clone(&book);
            move |request| {
                let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                answer(&mut book, request).after(book.delay)
            }
        })?;
        Ok(Self { server, book })
    }

    /// Where it listens.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The server underneath, for replies that a test writes itself.
    #[must_use]
    pub fn server(&self) -> &ScriptedServer {
        &self.server
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every request to the calendars meet `trouble` until told otherwise.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.book().trouble = trouble;
    }

    /// Lets every answer be on its way for so long: what it says is as old when it arrives.
    pub fn set_delay(&self, delay: Duration) {
        self.book().delay = delay;
    }

    /// Goes away: connections are closed and new ones cut before anything is read. `false` brings it back.
    pub fn go_away(&self, away: bool) {
        self.server.hang_up_on_connect(if away { usize::MAX } else { 0 });
        if away {
            self.server.cut_connections();
        }
    }

    /// A new pair of access and refresh token with these scopes, as if the account had connected.
    #[must_use]
    pub fn grant(&self, scopes: &[&str]) -> (String, String) {
        self.book().tokens.grant(scopes)
    }

    /// The account consents to what an authorize address asks for, except for `unticked`: the code that it takes back.
    #[must_use]
    pub fn consent(&self, authorize_url: &str, unticked: &[&str]) -> Option<String> {
        self.book().tokens.consent(authorize_url, unticked)
    }

    /// Ends every access token, as an hour does.
    pub fn expire_access(&self) {
        self.book().tokens.expire_access();
    }

    /// The account withdraws every permission.
    pub fn revoke(&self) {
        self.book().tokens.revoke_all();
    }

    /// Takes a scope back from every permission, or leaves what there is where it was never granted.
    pub fn withhold(&self, scope: &str) {
        self.book().tokens.withhold(scope);
    }

    /// Adds a scope to every permission.
    pub fn allow(&self, scope: &str) {
        self.book().tokens.allow(scope);
    }

    /// Another account signs in from now on, with a main calendar of its own; see [`WireGoogle::PRIMARY`].
    pub fn sign_in_as(&self, account: &str) {
        let mut book = self.book();
        account.clone_into(&mut book.account);
        account.clone_into(&mut book.tokens.account);
    }

    /// Somebody creates a calendar by hand. Its identifier.
    #[must_use]
    pub fn add_calendar(&self, summary: &str) -> String {
        let row = self
            .book()
            .create(&serde_json::json!({ "summary": summary, "timeZone": "America/Chicago" }));
        row["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The calendars that were created, as they stand in the account's list.
    #[must_use]
    pub fn created(&self) -> Vec<Value> {
        self.book().made.clone()
    }

    /// How often a token was refreshed.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.book().tokens.refreshes
    }

    /// Whether a refresh token is still good.
    #[must_use]
    pub fn is_granted(&self, refresh: &str) -> bool {
        self.book().tokens.is_granted(refresh)
    }

    /// Whether a calendar cannot be read.
    pub fn set_unreadable(&self, calendar: &str, unreadable: bool) {
        self.book().set_unreadable(calendar, unreadable);
    }

    /// Forgets where earlier looks at the changes ended.
    pub fn forget_sync_tokens(&self) {
        self.book().forget_sync_tokens();
    }

    /// Somebody enters an event by hand. Its identifier.
    #[must_use]
    pub fn enter(&self, calendar: &str, entered: &Entered) -> String {
        self.book().enter(calendar, entered)
    }

    /// Puts an event of any form into a calendar.
    pub fn put(&self, calendar: &str, event: Value) {
        self.book().put(calendar, event);
    }

    /// Somebody moves an event by hand, times as RFC 3339; `false` when there is none of that name.
    #[must_use]
    pub fn drag(&self, event: &str, start: &str, end: &str) -> bool {
        self.book().drag(event, start, end)
    }

    /// Somebody removes an event by hand; `false` when there is none of that name.
    #[must_use]
    pub fn remove(&self, event: &str) -> bool {
        self.book().remove(event)
    }

    /// Every event that stands, with its calendar.
    #[must_use]
    pub fn events(&self) -> Vec<WireEvent> {
        self.book().standing()
    }

    /// The identifiers of the open channels.
    #[must_use]
    pub fn channels(&self) -> Vec<String> {
        self.book().channels.iter().map(|(id, _)| id.clone()).collect()
    }
}

fn answer(book: &mut Book, request: &Request) -> Reply {
    if let Some(reply) = tokens::answer(&mut book.tokens, request) {
        return reply;
    }
    let Some(rest) = request.path().strip_prefix("/calendar/v3/") else {
        return rows::refusal(404, "notFound", None);
    };
    if let Trouble::Refuse { status, reason, wait } = book.trouble {
        return rows::refusal(status, reason, wait);
    }
    let Some(scopes) = book.tokens.scopes_of(request) else {
        return rows::refusal(401, "authError", None);
    };
    let changes = request.method != "GET" && rest != "freeBusy";
    let reply = rows::route(book, request, rest, &scopes);
    match book.trouble {
        Trouble::None | Trouble::Refuse { .. } => reply,
        Trouble::LoseChanges(_) if !changes => reply,
        Trouble::Lose(lost) | Trouble::LoseChanges(lost) => lost.reply(rows::refusal(503, "backendError", None)),
    }
}
