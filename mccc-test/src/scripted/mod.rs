//! An HTTP server that plays a vendor: it answers what the test wrote, including nothing at all, and remembers what it
//! was asked.
//!
//! It runs on threads of its own, so it also works beside a runtime whose clock is paused.
//!
//! ```
//! use mccc_test::scripted::{Reply, ScriptedServer};
//! # fn main() -> std::io::Result<()> {
//! let vendor = ScriptedServer::start()?;
//! vendor.script("POST", "/Messages.json", [Reply::status(429).header("Retry-After", "2"), Reply::json(201, "{}")]);
//! vendor.always("GET", "/Messages/*", Reply::json(200, r#"{"status":"queued"}"#));
//! // point the client under test at vendor.base_url(), then look at vendor.requests()
//! # Ok(()) }
//! ```

mod connection;
mod reply;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

pub use connection::Request;
pub use reply::Reply;

/// A scripted vendor on a free port of the loopback address. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What the test and the connections both see.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    /// Answers what no script is for.
    vendor: Option<Box<Vendor>>,
}

/// A vendor that remembers what it was asked.
type Vendor = dyn Fn(&Request) -> Reply + Send + Sync;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    closing: bool,
    hang_ups: usize,
    routes: Vec<Route>,
    requests: Vec<Request>,
    connections: Vec<TcpStream>,
}

#[derive(Debug)]
struct Route {
    method: String,
    path: String,
    queue: VecDeque<Reply>,
    always: Option<Reply>,
}

impl Route {
    /// A path that ends in `*` stands for all that begin like it.
    fn covers(&self, request: &Request) -> bool {
        let path = request.path();
        self.method == request.method
            && match self.path.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == self.path,
            }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScriptedServer {
    /// Starts listening. Every request is answered `501` until something is scripted.
    ///
    /// # Errors
    /// If no port of the loopback address can be had.
    pub fn start() -> io::Result<Self> {
        Self::serving(Shared::default())
    }

    /// Starts listening; what no script is for is answered by `vendor`.
    ///
    /// # Errors
    /// If no port of the loopback address can be had.
    pub fn playing(vendor: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Self::serving(Shared {
            vendor: Some(Box::new(vendor)),
            ..Shared::default()
        })
    }

    fn serving(shared: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(shared);
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self {
            address,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Appends replies for a method and path (without the query; `*` at the end stands for anything). Each answers one
    /// request; scripts of earlier routes that also cover a request come first.
    pub fn script(&self, method: &str, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.route(method, path, |route| route.queue.extend(replies));
    }

    /// The reply to every request for which no script is left.
    pub fn always(&self, method: &str, path: &str, reply: Reply) {
        self.route(method, path, |route| route.always = Some(reply));
    }

    /// Cuts the next `count` connections before anything is read from them: the request certainly had no effect.
    pub fn hang_up_on_connect(&self, count: usize) {
        self.shared.lock().hang_ups = count;
    }

    /// Closes every connection that is open, as a vendor does that goes away.
    pub fn cut_connections(&self) {
        for connection in self.shared.lock().connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Every request that was read completely, in order of arrival, also those that were not answered.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// The requests, as soon as there are at least `count`; after `limit` whatever there is.
    #[must_use]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Request> {
        let state = self.shared.lock();
        let (state, _) = self
            .shared
            .arrived
            .wait_timeout_while(state, limit, |state| state.requests.len() < count)
            .unwrap_or_else(PoisonError::into_inner);
        state.requests.clone()
    }

    /// How many scripted replies nobody has asked for.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.shared.lock().routes.iter().map(|route| route.queue.len()).sum()
    }

    fn route(&self, method: &str, path: &str, change: impl FnOnce(&mut Route)) {
        let mut state = self.shared.lock();
        match state.routes.iter_mut().find(|r| r.method == method && r.path == path) {
            Some(route) => change(route),
            None => {
                let mut route = Route {
                    method: method.to_owned(),
                    path: path.to_owned(),
                    queue: VecDeque::new(),
                    always: None,
                };
                change(&mut route);
                state.routes.push(route);
            }
        }
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.closing = true;
            for connection in state.connections.drain(..) {
                let _ = connection.shutdown(Shutdown::Both);
            }
        }
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        let mut state = shared.lock();
        if state.closing {
            return;
        }
        if state.hang_ups > 0 {
            state.hang_ups -= 1;
            continue;
        }
        let Ok(copy) = stream.try_clone() else { continue };
        state.connections.push(copy);
        drop(state);
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // A client that goes away is part of the play.
            let _ = connection::serve(&stream, |request| answer(&shared, request));
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}

/// Remembers the request and takes the reply that is due.
fn answer(shared: &Shared, request: Request) -> Reply {
    let mut state = shared.lock();
    let scripted = state
        .routes
        .iter_mut()
        .filter(|r| r.covers(&request))
        .find_map(|r| r.queue.pop_front());
    let reply = scripted.or_else(|| {
        state
            .routes
            .iter()
            .filter(|r| r.covers(&request))
            .find_map(|r| r.always.clone())
    });
    state.requests.push(request.clone());
    drop(state);
    let reply = reply.unwrap_or_else(|| match &shared.vendor {
        Some(vendor) => vendor(&request),
        None => Reply::text(
            501,
            &format!("nothing is scripted for {} {}", request.method, request.path()),
        ),
    });
    shared.arrived.notify_all();
    reply
}
