//! Runs the server: binds, starts the loops, drains on SIGTERM.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use mccc_core::business::{Owner, TelephonyMode};
use mccc_core::port::Timer as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use super::open::Opened;
use crate::app::{App, Facts};
use crate::config::Config;
use crate::failure::{Context as _, Failure};
use crate::guides::Guides;
use crate::http::{api, health, listening, webhooks};
use crate::metrics;
use crate::runtime::{OsEntropy, SystemClock, TokioTimer, workers};
use crate::telemetry;

/// How long a drain waits for requests and work that were begun, together.
const DRAIN: Duration = Duration::from_secs(20);
/// Businesses listed at once.
const BUSINESSES: u32 = 500;

/// The whole HTTP application of an installation, for hosts that mount it and for the binary.
pub fn router(opened: &Opened, config: &Config, bound: SocketAddr, stop: &CancellationToken) -> Router {
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{bound}"));
    let app = App {
        center: Arc::clone(&opened.center),
        accounts: Arc::clone(&opened.accounts),
        calendars: Arc::clone(opened.providers.calendars()),
        keys: Arc::clone(&opened.keys),
        sandbox: opened.sandbox.clone(),
        notifying: Arc::clone(&opened.notifying),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        facts: Arc::new(Facts {
            secure_cookies: public_url.starts_with("https://"),
            public_url,
            trusted_proxies: config.trusted_proxies,
            language_model: opened.providers.model().is_some(),
            embedding_model: opened.providers.embedding().is_some(),
            version: env!("CARGO_PKG_VERSION"),
        }),
        guides: Arc::new(Guides::open(&config.data_dir).unwrap_or_else(|error| {
            tracing::error!(%error, "the built-in forwarding guides are shown instead");
            Guides::built_in()
        })),
        stop: stop.clone(),
    };
    let router = Router::new().merge(api::router(app)).merge(health::router(
        Arc::clone(&opened.center),
        metrics::start(),
        stop.clone(),
        opened.readiness.clone(),
    ));
    #[cfg(feature = "ui")]
    let router = router.merge(crate::ui::router());
    webhooks::router(Arc::clone(&opened.center), Arc::clone(&opened.providers))
        .merge(router)
        .layer(TraceLayer::new_for_http().make_span_with(telemetry::request_span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(CatchPanicLayer::new())
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When the address cannot be used, or a business has a phone account of its own and this server no public address.
pub async fn run(opened: Opened, config: &Config, after_bind: impl FnOnce(SocketAddr)) -> Result<(), Failure> {
    // A database that is away cannot be asked; then each call says so in the log.
    if config.public_url.is_none()
        && opened.absent.is_none()
        && let Some(owner) = first_with_own_account(&opened).await?
    {
        return Err(Failure::new(format!(
            "the business {} has a Twilio account of its own and public_url is not set; none of its calls could be \
             checked or answered. Set public_url to the address where Twilio reaches this server",
            owner.settings.profile.name
        )));
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .context(|| format!("cannot listen on {}; choose another with --listen", config.listen))?;
    run_on(opened, config, listener, after_bind).await
}

/// Some business with a phone account of its own.
async fn first_with_own_account(opened: &Opened) -> Result<Option<Arc<Owner>>, Failure> {
    let mut after = None;
    loop {
        let ids = opened.store.businesses(after, BUSINESSES).await?;
        let Some(last) = ids.last() else { return Ok(None) };
        after = Some(*last);
        for id in ids {
            match opened.store.owner(id).await? {
                Some(owner) if matches!(owner.settings.telephone.mode, TelephonyMode::Byo { .. }) => {
                    return Ok(Some(owner));
                }
                Some(_) | None => {}
            }
        }
    }
}

/// Serves on a listener that is bound already.
///
/// # Errors
/// When serving fails.
pub async fn run_on(
    mut opened: Opened,
    config: &Config,
    listener: TcpListener,
    after_bind: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    let bound = listener.local_addr()?;
    let stop = CancellationToken::new();
    let work = TaskTracker::new();
    let begin = {
        let (center, accounts) = (Arc::clone(&opened.center), Arc::clone(&opened.accounts));
        let (work, stop, role, workers) = (work.clone(), stop.clone(), config.role, config.workers);
        let worker = format!("{}:{}", std::process::id(), bound.port());
        move || {
            if role.works() {
                workers::start(&center, &accounts, &worker, workers, &work, &stop);
            }
            workers::replay(&center, &work, &stop);
        }
    };
    match opened.absent.take() {
        None => begin(),
        Some(absent) => {
            let stop = stop.clone();
            work.spawn(async move {
                tokio::select! {
                    () = absent.end() => begin(),
                    () = stop.cancelled() => {}
                }
            });
        }
    }
    work.close();
    let app = if config.role.serves() {
        router(&opened, config, bound, &stop)
    } else {
        health::router(
            Arc::clone(&opened.center),
            metrics::start(),
            stop.clone(),
            opened.readiness.clone(),
        )
    };
    let told = stop.clone();
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("draining: no new work, begun work is finished");
        told.cancel();
    });
    after_bind(bound);
    let begun = async {
        listening::serve(listener, app, &stop).await;
        work.wait().await;
    };
    let patience = async {
        stop.cancelled().await;
        TokioTimer.sleep(DRAIN).await;
    };
    tokio::select! {
        () = begun => {}
        () = patience => tracing::warn!("some requests or work did not end in time; leases expire"),
    }
    Ok(())
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be received; the process ends only by being killed");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
