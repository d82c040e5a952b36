//! The HTTP API for operators and their software: `/api/v1`, described by `/api/openapi.json`.

mod access_requests;
mod answers;
mod apps;
mod assignments;
mod audit;
mod fields;
mod guests;
mod invitations;
mod named;
mod openapi;
mod paths;
mod route;

use axum::{Extension, Router, routing::get};
use sign_in::Core;

pub use audit::AuditEntry;
pub use openapi::OpenApiDocument;

/// The API. Anything else under `/api/` is not found, as JSON.
pub fn router(core: Core) -> Router {
    let described = paths::all().fold(Router::new(), |router, (area, (path, _, methods))| {
        router.route(path, methods.layer(Extension(area)))
    });
    described
        .route("/api/openapi.json", get(openapi::document))
        .with_state(core)
}

#[cfg(test)]
mod tests;
