//! What the API's handlers share.

use std::sync::Arc;

use axum::extract::FromRef;

use super::guard::Guard;
use super::idempotency::InFlight;
use crate::App;

/// The application and the guard of its doors.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    /// The application.
    pub(crate) app: App,
    /// Password hashing and limits of attempts.
    pub(crate) guard: Arc<Guard>,
    /// The idempotency keys whose requests are being answered.
    pub(crate) in_flight: InFlight,
}

impl Api {
    /// The API of an application.
    #[must_use]
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            guard: Arc::default(),
            in_flight: InFlight::default(),
        }
    }
}

impl FromRef<Api> for App {
    fn from_ref(api: &Api) -> Self {
        api.app.clone()
    }
}
