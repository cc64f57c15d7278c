//! Accepts connections and serves an application on them until the process is told to stop.
//!
//! Who opens a connection and does not finish the head of a request is let go after a while, and holds up nobody's end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer as HyperTimer};
use mccc_core::port::Timer as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::runtime::TokioTimer;

/// How long the head of a request may take, the wait for it on an open connection included. Longer than proxies keep
/// theirs open, so that it is they who close an idle one and none is closed under a request.
const HEAD: Duration = Duration::from_secs(75);
/// Wait after a connection could not be accepted for want of something, such as file descriptors.
const SHORT_OF: Duration = Duration::from_secs(1);

/// Serves until `stop`, then takes no new connections, finishes the requests that were begun, and ends.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: &CancellationToken) {
    let app = app.with_state(());
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, app.clone(), stop.clone()));
            }
            Err(error) if went_away(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                TokioTimer.sleep(SHORT_OF).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn went_away(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(stream: TcpStream, peer: SocketAddr, app: Router, stop: CancellationToken) {
    let service =
        service_fn(move |request: hyper::Request<Incoming>| answer(app.clone(), peer, request.map(Body::new)));
    let connection = http1::Builder::new()
        .timer(HyperTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(app: Router, peer: SocketAddr, mut request: Request) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    app.oneshot(request).await
}
