//! What can be done with an upstream, whichever protocol it speaks.

use crate::{
    Came, Departure, Discovered, LoggedOut, UpstreamAnswer, UpstreamError, Upstreams, WayThere,
    error::invalid,
};
use chrono::{DateTime, Utc};
use domain::upstream::Connection;

/// How long all answers of one arrival may take together: shorter than a request of ours may.
const ARRIVE_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);

impl Upstreams {
    /// How a browser gets there.
    pub async fn depart(
        &self,
        connection: &Connection,
        departure: &Departure,
        now: DateTime<Utc>,
    ) -> Result<WayThere, UpstreamError> {
        match connection {
            Connection::Oidc(oidc) => self.depart_by_oidc(oidc, departure, now).await.map(WayThere::To),
            Connection::Oauth2(oauth2) => self.depart_by_oauth2(oauth2, departure).map(WayThere::To),
            Connection::Saml(saml) => self.depart_by_saml(saml, departure, now).await,
        }
    }

    /// What the upstream says of the person whom the browser's answer is about. The caller has compared `state`, and
    /// sees to it that it counts once.
    pub async fn arrive(
        &self,
        connection: &Connection,
        departure: &Departure,
        answer: UpstreamAnswer,
        now: DateTime<Utc>,
    ) -> Result<Came, UpstreamError> {
        let arrival = async {
            match (connection, answer) {
                (Connection::Oidc(oidc), UpstreamAnswer::Code(answer)) => {
                    self.arrive_by_oidc(oidc, departure, answer, now).await
                }
                (Connection::Oauth2(oauth2), UpstreamAnswer::Code(answer)) => self
                    .arrive_by_oauth2(oauth2, departure, answer)
                    .await
                    .map(Came::from),
                (Connection::Saml(saml), answer) => {
                    self.arrive_by_saml(saml, departure, answer).map(Came::from)
                }
                #[cfg(feature = "saml")]
                (_, UpstreamAnswer::Saml(_)) => Err(other_protocol()),
            }
        };
        tokio::time::timeout(ARRIVE_WITHIN, arrival)
            .await
            .unwrap_or_else(|_| {
                let said = "its answers together took too long".to_owned();
                Err(UpstreamError::Unreachable(said))
            })
    }

    /// What the upstream says has ended, by a logout token that it sent.
    pub async fn logged_out(
        &self,
        connection: &Connection,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<LoggedOut, UpstreamError> {
        match connection {
            Connection::Oidc(oidc) => self.logged_out_by_oidc(oidc, token, now).await,
            Connection::Oauth2(_) | Connection::Saml(_) => Err(invalid("it has no logout tokens")),
        }
    }

    /// Whether what it publishes can be fetched now: what a browser brought may have made another endpoint fail.
    pub async fn answers(&self, connection: &Connection, now: DateTime<Utc>) -> bool {
        match connection {
            Connection::Oidc(oidc) => self.discover(&oidc.issuer).await.is_ok(),
            Connection::Oauth2(oauth2) => self.oauth2_answers(oauth2).await,
            Connection::Saml(saml) => self.saml_answers(saml, now).await,
        }
    }

    /// Asks an upstream what it is, and says what does not fit.
    pub async fn test(
        &self,
        connection: &Connection,
        now: DateTime<Utc>,
    ) -> Result<Discovered, UpstreamError> {
        match connection {
            Connection::Oidc(oidc) => self.test_oidc(oidc).await,
            Connection::Oauth2(oauth2) => self.test_oauth2(oauth2).await,
            Connection::Saml(saml) => self.test_saml(saml, now).await,
        }
    }
}

/// An answer that is none to what was asked: the connection was changed meanwhile.
#[cfg(feature = "saml")]
pub(crate) fn other_protocol() -> UpstreamError {
    invalid("it is of another protocol")
}

/// There is no SAML here.
pub(crate) fn no_saml() -> UpstreamError {
    let text = "it speaks SAML, which is switched off here (saml.enabled), or was not built in";
    UpstreamError::Misconfigured(text.to_owned())
}
