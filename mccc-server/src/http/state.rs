//! What the API's handlers share.

use std::sync::Arc;

use axum::extract::FromRef;

use super::guard::Guard;
use crate::App;

/// The application and the guard of its doors.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    /// The application.
    pub(crate) app: App,
    /// Password hashing and limits of attempts.
    pub(crate) guard: Arc<Guard>,
}

impl Api {
    /// The API of an application.
    #[must_use]
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            guard: Arc::default(),
        }
    }
}

impl FromRef<Api> for App {
    fn from_ref(api: &Api) -> Self {
        api.app.clone()
    }
}
