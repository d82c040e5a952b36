//! SAML 2.0, as a service provider (Profiles §4.1): the request goes by HTTP-Redirect, or by HTTP-POST where nothing else
//! is offered; the answer comes by HTTP-POST.
//!
//! ```text
//! xml        the one reader, and the profile that it keeps
//! signature  from an element to the bytes that were signed         keys     what they were signed with
//! response   from a form parameter to an assertion                 decrypt  when it is encrypted
//! assertion  from an assertion to who somebody is
//! request    the question                                          service  who asks: key and metadata
//! metadata   what the identity provider publishes               logout   who signed out there
//! ```
//!
//! Why it is built so says `saml/README.md`.

mod assertion;
mod decrypt;
mod keys;
mod logout;
mod metadata;
mod request;
mod response;
mod service;
mod signature;
mod xml;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::upstream::{Arrival, SamlConnection, SamlMetadata, ServiceKey};
use url::Url;

pub(crate) use self::metadata::IdentityProvider;
pub use self::{
    assertion::Received,
    logout::{Brought, SignedOut},
    service::{entity_id, new_service_key, service_metadata},
};
use self::{response::Expected, signature::Unsigned};
use crate::{
    Certificate, Departure, Discovered, UpstreamAnswer, UpstreamError, Upstreams, WayThere,
    error::{invalid, not_answered, tame},
    protocol::{no_saml, other_protocol},
};

impl Upstreams {
    /// How a browser gets there, with the request.
    pub(crate) async fn depart_by_saml(
        &self,
        connection: &SamlConnection,
        departure: &Departure,
        now: DateTime<Utc>,
    ) -> Result<WayThere, UpstreamError> {
        self.must_speak()?;
        let from = self.identity_provider(connection, now).await?;
        let key = departure.service_key.as_ref().ok_or_else(keyless)?;
        // It goes to the browser; what we would not fetch is no place to send a guest to either.
        self.http
            .check(from.sign_in.place())
            .map_err(|error| UpstreamError::Misconfigured(tame(&format!("where people sign in: {error}"))))?;
        request::way(&from.sign_in, connection, departure, key, now)
    }

    /// What an identity provider's answer says, by the form parameter `SAMLResponse`. Whose question it answers shows
    /// when the browser comes with its cookie: [`Upstreams::arrive`].
    pub async fn receive(
        &self,
        connection: &SamlConnection,
        acs: &Url,
        key: &ServiceKey,
        parameter: &str,
        now: DateTime<Utc>,
    ) -> Result<Received, UpstreamError> {
        self.must_speak()?;
        let entity_id = entity_id(acs)?;
        self.with_keys(connection, now, |from| {
            let expected = Expected {
                connection,
                from,
                acs,
                entity_id: entity_id.as_str(),
                key,
                now,
            };
            response::read(parameter, &expected)
        })
        .await
    }

    /// Reads by the keys that are known, and once more when none of them signed: they may have changed.
    async fn with_keys<T>(
        &self,
        connection: &SamlConnection,
        now: DateTime<Utc>,
        read: impl Fn(&IdentityProvider) -> Result<T, Unsigned>,
    ) -> Result<T, UpstreamError> {
        let unknown = || invalid("its signature is by none of the keys in its metadata");
        match read(&*self.identity_provider(connection, now).await?) {
            Ok(found) => return Ok(found),
            Err(Unsigned::Invalid(error)) => return Err(error),
            Err(Unsigned::UnknownKey) => {}
        }
        let again = match &connection.metadata {
            SamlMetadata::Document(_) => None,
            SamlMetadata::Url(url) => {
                let ask = || self.saml_metadata(connection, url, now);
                self.saml.again(url, now, ask).await?
            }
        };
        read(&*again.ok_or_else(unknown)?).map_err(|error| match error {
            Unsigned::Invalid(error) => error,
            Unsigned::UnknownKey => unknown(),
        })
    }

    /// Who signed out there, by what a browser brought to the address beside `acs`.
    pub async fn signed_out_by_saml(
        &self,
        connection: &SamlConnection,
        acs: &Url,
        brought: Brought<'_>,
        now: DateTime<Utc>,
    ) -> Result<SignedOut, UpstreamError> {
        self.must_speak()?;
        let (entity_id, slo) = (entity_id(acs)?, service::single_logout(acs)?);
        self.with_keys(connection, now, |from| {
            let expected = logout::ExpectedLogout {
                connection,
                keys: &from.keys,
                slo: &slo,
                entity_id: entity_id.as_str(),
                now,
            };
            logout::read(brought, &expected)
        })
        .await
    }

    /// Where the browser goes with our answer to that request; `None` where none is wanted. `id` is new.
    pub async fn answer_logout(
        &self,
        connection: &SamlConnection,
        acs: &Url,
        to: &SignedOut,
        (key, id): (&ServiceKey, &str),
        now: DateTime<Utc>,
    ) -> Result<Option<Url>, UpstreamError> {
        self.must_speak()?;
        let from = self.identity_provider(connection, now).await?;
        let entity_id = entity_id(acs)?;
        let url = logout::answer(&from, entity_id.as_str(), to, key, (id, now))?;
        Ok(url.filter(|url| self.http.check(url).is_ok()))
    }

    /// Whom an answer is about, when it is to the question of this departure.
    pub(crate) fn arrive_by_saml(
        &self,
        connection: &SamlConnection,
        departure: &Departure,
        answer: UpstreamAnswer,
    ) -> Result<Arrival, UpstreamError> {
        self.must_speak()?;
        let UpstreamAnswer::Saml(received) = answer else {
            return Err(other_protocol());
        };
        received?.answers(&request::id(departure), connection, departure)
    }

    /// Whether what it publishes can be fetched now.
    pub(crate) async fn saml_answers(&self, connection: &SamlConnection, now: DateTime<Utc>) -> bool {
        match &connection.metadata {
            SamlMetadata::Document(_) => true,
            SamlMetadata::Url(url) => self.saml_metadata(connection, url, now).await.is_ok(),
        }
    }

    /// Asks an identity provider what it is, and says what does not fit.
    pub(crate) async fn test_saml(
        &self,
        connection: &SamlConnection,
        now: DateTime<Utc>,
    ) -> Result<Discovered, UpstreamError> {
        self.must_speak()?;
        let from = match &connection.metadata {
            SamlMetadata::Document(text) => IdentityProvider::read(text, &connection.entity_id, now)?,
            SamlMetadata::Url(url) => self.saml_metadata(connection, url, now).await?,
        };
        Ok(Discovered {
            authorization_endpoint: from.sign_in.place().to_string(),
            token_endpoint: None,
            keys: from.keys.len(),
            certificates: from.certificates(),
            remarks: from.remarks(now),
        })
    }

    fn must_speak(&self) -> Result<(), UpstreamError> {
        if self.speaks_saml { Ok(()) } else { Err(no_saml()) }
    }

    async fn identity_provider(
        &self,
        connection: &SamlConnection,
        now: DateTime<Utc>,
    ) -> Result<Arc<IdentityProvider>, UpstreamError> {
        let url = match &connection.metadata {
            SamlMetadata::Document(text) => {
                return IdentityProvider::read(text, &connection.entity_id, now).map(Arc::new);
            }
            SamlMetadata::Url(url) => url,
        };
        let known = self
            .saml
            .get(url, now, || self.saml_metadata(connection, url, now))
            .await?;
        // It may have ended since it was fetched.
        if known.valid_until.is_some_and(|until| until <= now) {
            return Err(UpstreamError::Misconfigured(
                "its metadata ended, by its validUntil".into(),
            ));
        }
        Ok(known)
    }

    async fn saml_metadata(
        &self,
        connection: &SamlConnection,
        url: &str,
        now: DateTime<Utc>,
    ) -> Result<IdentityProvider, UpstreamError> {
        let text = self.saml_document(url).await?;
        let found = IdentityProvider::read(&text, &connection.entity_id, now)?;
        // Once an hour at most: so often it is asked.
        for remark in found.remarks(now) {
            tracing::warn!(issuer = connection.entity_id, "{remark}");
        }
        Ok(found)
    }

    async fn saml_document(&self, url: &str) -> Result<String, UpstreamError> {
        let url = Url::parse(url)
            .map_err(|_| UpstreamError::Misconfigured("where its metadata lies is no address".into()))?;
        let answer = self.http.get(&url).await.map_err(|error| not_answered(&error))?;
        if !answer.status().is_success() {
            let status = answer.status();
            return Err(UpstreamError::Misconfigured(format!(
                "the request for its metadata was answered with {status}"
            )));
        }
        Ok(utf8(answer.body())?.trim_start_matches('\u{feff}').to_owned())
    }

    /// The entity IDs that the metadata at an address speaks of.
    ///
    /// # Errors
    ///
    /// Where it cannot be fetched, or is no SAML 2.0 metadata.
    pub async fn entity_ids_at(&self, url: &str) -> Result<Vec<String>, UpstreamError> {
        metadata::entity_ids(&self.saml_document(url).await?)
    }
}

/// The entity IDs that a metadata document speaks of.
///
/// # Errors
///
/// Where it is no SAML 2.0 metadata.
pub fn entity_ids(document: &str) -> Result<Vec<String>, UpstreamError> {
    metadata::entity_ids(document.trim_start_matches('\u{feff}'))
}

/// The certificates by which a metadata document publishes an identity provider's keys for signing.
///
/// # Errors
///
/// Where it is no SAML 2.0 metadata of that identity provider, or over at `now`.
pub fn certificates(
    document: &str,
    entity_id: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Certificate>, UpstreamError> {
    Ok(IdentityProvider::read(document, entity_id, now)?.certificates())
}

/// The text of a metadata document.
fn utf8(bytes: &[u8]) -> Result<&str, UpstreamError> {
    let refused = |text: &str| UpstreamError::Misconfigured(text.to_owned());
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(refused(
            "its metadata is UTF-16, and UTF-8 is read: save it as UTF-8, or ask the partner to publish it so",
        )),
        _ => std::str::from_utf8(bytes).map_err(|_| {
            refused("its metadata is not UTF-8: save it as UTF-8, or ask the partner to publish it so")
        }),
    }
}

fn keyless() -> UpstreamError {
    UpstreamError::Misconfigured("there is no key to sign requests with".into())
}

#[cfg(test)]
mod tests;
