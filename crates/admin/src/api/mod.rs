//! The HTTP API for operators and their software: `/api/v1`, described by `/api/openapi.json`.

mod access_requests;
mod answers;
mod apps;
mod assignments;
mod audit;
mod domains;
mod etag;
mod fields;
mod groups;
mod guests;
mod invitations;
mod keys;
mod mails;
mod merges;
mod named;
mod openapi;
mod paths;
mod route;
mod sponsors;
mod tokens;
mod upstreams;

use axum::{Extension, Router, middleware, routing::get};
use federation::Upstreams;
use sign_in::Core;

pub use audit::AuditEntry;
pub use domains::DomainEntry;
pub use groups::{
    GroupEntry,
    guests::{GroupAssignmentEntry, groups_of},
};
pub use keys::{KeyActs, KeyStep, KeySteps, SigningKeyEntry};
pub use mails::MailEntry;
pub use openapi::OpenApiDocument;
pub use sponsors::SponsorEntry;
pub use tokens::TokenEntry;
pub use upstreams::entry::{CertificateEntry, SamlEntry, UpstreamEntry};

/// The API, with the connections to upstreams and what it can do to signing keys. Anything else under `/api/` is not found, as JSON.
pub fn router(core: Core, upstreams: Upstreams, keys: KeyActs) -> Router {
    let described = paths::all().fold(Router::new(), |router, (area, (path, _, methods))| {
        router.route(path, methods.layer(Extension(area)))
    });
    described
        .route_layer(middleware::from_fn(etag::refuse_where_ignored))
        .route("/api/openapi.json", get(openapi::document))
        .layer(Extension(upstreams))
        .layer(Extension(keys))
        .with_state(core)
}

#[cfg(test)]
mod tests;
