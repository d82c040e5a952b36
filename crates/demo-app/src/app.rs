//! What every handler is given.

use std::sync::Arc;

use crate::{
    config::Config,
    http::HttpClient,
    provider::Provider,
    session::{Session, Shelf, StartedSignIn},
    shares::Shares,
};

/// What every handler may use.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) http: HttpClient,
    pub(crate) provider: Provider,
    /// Sign-ins under way, by the browser and the `state` that they were begun with.
    pub(crate) started: Shelf<(String, String), StartedSignIn>,
    /// Guests who are in, by the value of their cookie.
    pub(crate) sessions: Shelf<String, Arc<Session>>,
    pub(crate) shares: Shares,
}
