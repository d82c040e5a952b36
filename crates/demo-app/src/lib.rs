//! Acme Notes: the relying party of the demo, as one of our users would write it.
//!
//! It knows nothing of Vestibule but its address: what it does works with every OpenID Connect provider, except
//! for `share` and `remove`, which ask the provider's own API for an invitation and for its end. To add sign-in to an app of yours, read
//! `sign_in` from top to bottom; it calls the other files in the order in which you need them.

mod app;
mod config;
mod cookies;
mod front;
mod http;
mod note;
mod notes;
mod pages;
mod problem;
mod provider;
mod remove;
mod session;
mod share;
mod shares;
mod sign_in;
mod sign_out;
mod verify;

#[cfg(test)]
mod tests;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use tokio::net::TcpListener;

pub use crate::config::Config;
use crate::{app::App, http::HttpClient, provider::Provider, session::Shelf, shares::Shares};

/// The longest form that is read, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// A guest may wait long for a mail. Vestibule keeps a sign-in for a day, and so does the app.
const SIGN_IN_LIFETIME: Duration = Duration::from_hours(24);
/// Then the provider is asked again: silently, as long as it knows the guest. The shorter, the sooner someone who
/// was blocked there is out here.
const SESSION_LIFETIME: Duration = Duration::from_mins(15);

/// Serves the app until `shutdown` ends. A TLS provider of rustls must have been installed by then.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    axum::serve(listener, router(config)?)
        .with_graceful_shutdown(shutdown)
        .await
        .context("serving Acme Notes")
}

/// The whole app.
pub fn router(config: Config) -> anyhow::Result<Router> {
    let http = HttpClient::new()?;
    let app = Arc::new(App {
        provider: Provider::new(&config, http.clone())?,
        http,
        started: Shelf::new(SIGN_IN_LIFETIME),
        sessions: Shelf::new(SESSION_LIFETIME),
        shares: Shares::default(),
        config,
    });
    Ok(Router::new()
        .route("/", get(notes::host))
        .route("/share", post(share::share))
        .route("/remove", post(remove::remove))
        .route("/notes", get(notes::guest))
        .route("/api/me", get(notes::me))
        .route("/start", get(sign_in::start))
        .route("/login", get(sign_in::start))
        .route("/callback", get(sign_in::finish))
        .route("/signout", post(sign_out::sign_out))
        .route("/signed-out", get(sign_out::signed_out))
        .route("/style.css", get(front::style))
        .route("/icon.svg", get(front::icon))
        .fallback(problem::not_found)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), front::guard))
        .with_state(app))
}
