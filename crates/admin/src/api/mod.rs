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
mod route;

use axum::{
    Router,
    routing::{MethodRouter, delete, get, post, put},
};
use sign_in::Core;

pub use audit::AuditEntry;
pub use openapi::OpenApiDocument;

/// Every path of the API with its methods. The router and the test of the description both read it.
fn paths() -> Vec<(&'static str, &'static [&'static str], MethodRouter<Core>)> {
    vec![
        (
            "/api/v1/invitations",
            &["get", "post"],
            post(invitations::invite).get(invitations::list),
        ),
        ("/api/v1/invitations/{id}", &["get"], get(invitations::one::show)),
        (
            "/api/v1/invitations/{id}/resend",
            &["post"],
            post(invitations::one::resend),
        ),
        (
            "/api/v1/invitations/{id}/extend",
            &["post"],
            post(invitations::one::extend),
        ),
        (
            "/api/v1/invitations/{id}/revoke",
            &["post"],
            post(invitations::one::revoke),
        ),
        (
            "/api/v1/apps",
            &["get", "post"],
            get(apps::list).post(apps::register),
        ),
        (
            "/api/v1/apps/{client_id}",
            &["delete", "get", "patch"],
            get(apps::show).patch(apps::change).delete(apps::remove),
        ),
        (
            "/api/v1/apps/{client_id}/secrets",
            &["get", "post"],
            get(apps::secrets).post(apps::add_secret),
        ),
        (
            "/api/v1/apps/{client_id}/secrets/{secret}",
            &["delete"],
            delete(apps::remove_secret),
        ),
        ("/api/v1/guests", &["get"], get(guests::list)),
        (
            "/api/v1/guests/{guest}",
            &["delete", "get"],
            get(guests::one::show).delete(guests::life::remove),
        ),
        (
            "/api/v1/guests/{guest}/restore",
            &["post"],
            post(guests::life::restore),
        ),
        (
            "/api/v1/guests/{guest}/convert",
            &["post"],
            post(guests::life::convert),
        ),
        (
            "/api/v1/guests/{guest}/erase",
            &["post"],
            post(guests::life::erase),
        ),
        (
            "/api/v1/guests/{guest}/expiry",
            &["delete", "put"],
            put(guests::life::put_expiry).delete(guests::life::remove_expiry),
        ),
        (
            "/api/v1/guests/{guest}/block",
            &["post"],
            post(guests::one::block),
        ),
        (
            "/api/v1/guests/{guest}/unblock",
            &["post"],
            post(guests::one::unblock),
        ),
        (
            "/api/v1/guests/{guest}/assignments/{client_id}",
            &["delete", "put"],
            put(assignments::put).delete(assignments::end),
        ),
        ("/api/v1/guest-rules", &["get"], get(guests::due::list)),
        ("/api/v1/assignments", &["get"], get(assignments::list)),
        ("/api/v1/access-requests", &["get"], get(access_requests::list)),
        (
            "/api/v1/access-requests/{id}/approve",
            &["post"],
            post(access_requests::approve),
        ),
        (
            "/api/v1/access-requests/{id}/refuse",
            &["post"],
            post(access_requests::refuse),
        ),
        ("/api/v1/audit", &["get"], get(audit::search)),
        ("/api/v1/route", &["get"], get(route::explain)),
    ]
}

/// The API. Anything else under `/api/` is not found, as JSON.
pub fn router(core: Core) -> Router {
    let described = paths()
        .into_iter()
        .fold(Router::new(), |router, (path, _, methods)| {
            router.route(path, methods)
        });
    described
        .route("/api/openapi.json", get(openapi::document))
        .with_state(core)
}

#[cfg(test)]
mod tests;
