//! In place of `saml` in a build without the feature: its tenants lead nowhere.
#![expect(
    clippy::unused_async,
    clippy::unused_self,
    reason = "the shape is that of `saml`"
)]

use chrono::{DateTime, Utc};
use domain::upstream::{Arrival, SamlConnection};

use crate::{Departure, Discovered, UpstreamAnswer, UpstreamError, Upstreams, WayThere, protocol::no_saml};

impl Upstreams {
    pub(crate) async fn depart_by_saml(
        &self,
        _connection: &SamlConnection,
        _departure: &Departure,
        _now: DateTime<Utc>,
    ) -> Result<WayThere, UpstreamError> {
        Err(no_saml())
    }

    pub(crate) fn arrive_by_saml(
        &self,
        _connection: &SamlConnection,
        _departure: &Departure,
        _answer: UpstreamAnswer,
    ) -> Result<Arrival, UpstreamError> {
        Err(no_saml())
    }

    pub(crate) async fn saml_answers(&self, _connection: &SamlConnection, _now: DateTime<Utc>) -> bool {
        false
    }

    pub(crate) async fn test_saml(
        &self,
        _connection: &SamlConnection,
        _now: DateTime<Utc>,
    ) -> Result<Discovered, UpstreamError> {
        Err(no_saml())
    }
}
