//! The OpenAPI document and the page to browse it.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_swagger_ui::SwaggerUi;

use super::auth::COOKIE;
use super::problem::{FieldError, ProblemDetails};

/// Address of the document.
const DOCUMENT: &str = "/api/openapi.json";
/// The page's own files only. Its styles come from its files; it needs no inline script.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);
const ABOUT: &str = "\
Missed calls of a business: how they were answered, what came of them, what is still owed.

Identifiers are prefixed texts such as `call_…`. Instants are RFC 3339 in UTC; local days (`2026-11-21`) and local times \
(`08:30`, `24:00` ends a day) are those of the business's zone. Days of the week count from 0 for Sunday.

Sign in with a session cookie (browsers) or `Authorization: Bearer mccc_…` (programs; a key belongs to one business). \
Every change may carry an `Idempotency-Key`: the same request with the same key is answered the same way again and \
changes nothing twice. Whatever is refused is answered as problem details (RFC 9457); `code` tells the kinds apart and \
/api/errors explains each.

`PUT /api/routing-rules` and `GET /api/routing-rules` are the routing rules of the only business that the session or \
key belongs to.";

/// What the document says about the API as a whole.
#[must_use]
pub(super) fn about() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("MCCC API")
                .version("1")
                .description(Some(ABOUT))
                .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
                .build(),
        )
        .build()
}

/// The document with what every route has in common: how to sign in, and problems.
#[must_use]
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))),
    );
    components
        .schemas
        .insert(ProblemDetails::name().into_owned(), ProblemDetails::schema());
    components
        .schemas
        .insert(FieldError::name().into_owned(), FieldError::schema());
    let none: [&str; 0] = [];
    document.security = Some(vec![
        SecurityRequirement::new("session", none),
        SecurityRequirement::new("key", none),
    ]);
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            operation.responses.responses.insert("default".to_owned(), problem());
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
}

fn problem() -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    RefOr::T(
        ResponseBuilder::new()
            .description("Refused, or failed: what is the matter and what to do about it.")
            .content("application/problem+json", content)
            .build(),
    )
}

/// The document as JSON, formatted for people and for comparing.
#[must_use]
pub(super) fn to_json(document: OpenApi) -> String {
    document.to_pretty_json().unwrap_or_default()
}

/// The browsable page at `/api/docs` and the document it shows.
pub(super) fn pages(document: OpenApi) -> Router {
    Router::new()
        .merge(SwaggerUi::new("/api/docs").url(DOCUMENT, complete(document)))
        .layer(middleware::from_fn(protect))
}

async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
