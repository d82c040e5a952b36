//! What an operator says of a tenant that speaks SAML.

use domain::upstream::{
    Connection, SamlConnection, SamlMetadata, is_reassigned, metadata_address, usual_mfa_contexts,
};
use federation::{UpstreamError, Upstreams};

use super::fault;
use crate::ActionError;

/// What is wished for.
#[derive(Clone, Debug, Default)]
pub struct SamlWish {
    /// What the partner is called; needed if its metadata lists several.
    pub entity_id: Option<String>,
    /// Where the partner's metadata is.
    pub metadata_url: Option<String>,
    /// The partner's metadata itself.
    pub metadata: Option<String>,
    /// The attribute that names an account, in place of a persistent `NameID`.
    pub subject_attribute: Option<String>,
    /// The attribute with the address.
    pub email_attribute: Option<String>,
    /// The attribute with the person's name.
    pub name_attribute: Option<String>,
    /// Whether our metadata has a key for encryption.
    pub encryption: Option<bool>,
}

impl SamlWish {
    /// The fields that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        [
            ("entity_id", self.entity_id.is_some()),
            ("metadata_url", self.metadata_url.is_some()),
            ("metadata", self.metadata.is_some()),
            ("subject_attribute", self.subject_attribute.is_some()),
            ("email_attribute", self.email_attribute.is_some()),
            ("name_attribute", self.name_attribute.is_some()),
            ("encryption", self.encryption.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, given)| given.then_some(field))
    }

    /// The connection that it was, with what is wished for.
    pub(super) fn connect(
        self,
        before: Option<Connection>,
        (trusts_mfa, mfa_contexts): (Option<bool>, Option<Vec<String>>),
    ) -> Result<SamlConnection, ActionError> {
        let before = match before {
            Some(Connection::Saml(saml)) => Some(saml),
            _ => None,
        };
        if let Some(attribute) = self
            .subject_attribute
            .as_deref()
            .filter(|name| is_reassigned(name))
        {
            let what = format!(
                "is {attribute}, which holds an address, and that is somebody else's one day; name another attribute"
            );
            return Err(fault("subject_attribute", what));
        }
        let metadata = match (&self.metadata_url, self.metadata) {
            (Some(_), Some(_)) => {
                let what = "is given beside the metadata itself: keep one of the two";
                return Err(fault("metadata_url", what));
            }
            (Some(url), None) => {
                metadata_address(url, true).map_err(|what| fault("metadata_url", what.to_string()))?;
                Some(SamlMetadata::Url(url.clone()))
            }
            (None, Some(document)) => Some(SamlMetadata::Document(document)),
            (None, None) => before.as_ref().map(|before| before.metadata.clone()),
        };
        let was = before.as_ref();
        let or = |given: Option<String>, field: fn(&SamlConnection) -> Option<&String>| {
            given.or_else(|| was.and_then(field).cloned())
        };
        let what = "is missing, and so is the metadata itself: a connection by SAML needs one of the two";
        let metadata = metadata.ok_or_else(|| fault("metadata_url", what))?;
        let entity_id = match (or(self.entity_id, |was| Some(&was.entity_id)), &metadata) {
            (Some(entity_id), _) => entity_id,
            (None, SamlMetadata::Document(text)) => the_only_entity(text)?,
            // Looked up there, before anything is stored: see [`look_up_entity`].
            (None, SamlMetadata::Url(_)) => String::new(),
        };
        let contexts = was.map_or_else(usual_mfa_contexts, |was| was.mfa_contexts.clone());
        Ok(SamlConnection {
            entity_id,
            metadata,
            encryption: self
                .encryption
                .unwrap_or_else(|| was.is_none_or(|was| was.encryption)),
            subject: or(self.subject_attribute, |was| was.subject.as_ref()),
            email: or(self.email_attribute, |was| was.email.as_ref()),
            name: or(self.name_attribute, |was| was.name.as_ref()),
            trusts_mfa: trusts_mfa.unwrap_or(was.is_some_and(|was| was.trusts_mfa)),
            mfa_contexts: mfa_contexts.unwrap_or(contexts),
        })
    }
}

/// Why it is not known what a partner is called.
#[derive(Debug, thiserror::Error)]
pub enum NoEntity {
    /// What was said of it does not tell.
    #[error(transparent)]
    Said(#[from] ActionError),
    /// Its metadata address does not.
    #[error(transparent)]
    Found(#[from] UpstreamError),
}

/// Completes a connection whose entity ID was not said with the one that its metadata address speaks of.
///
/// # Errors
///
/// The address does not answer, or speaks of none or of several.
pub async fn look_up_entity(
    connection: &mut Option<Connection>,
    upstreams: &Upstreams,
) -> Result<(), NoEntity> {
    if let Some(Connection::Saml(saml)) = connection
        && let SamlMetadata::Url(url) = &saml.metadata
        && saml.entity_id.is_empty()
    {
        saml.entity_id = entity_at(url, upstreams).await?;
    }
    Ok(())
}

#[cfg(feature = "saml")]
async fn entity_at(url: &str, upstreams: &Upstreams) -> Result<String, NoEntity> {
    let found = upstreams.entity_ids_at(url).await?;
    Ok(the_only("metadata_url", &found)?)
}

#[cfg(not(feature = "saml"))]
#[expect(clippy::unused_async, reason = "it asks where SAML is built in")]
async fn entity_at(_url: &str, _upstreams: &Upstreams) -> Result<String, NoEntity> {
    Ok(the_only_entity("")?)
}

/// The entity that a document speaks of, when it speaks of one.
#[cfg(feature = "saml")]
fn the_only_entity(document: &str) -> Result<String, ActionError> {
    let found =
        federation::saml::entity_ids(document).map_err(|error| fault("metadata", error.to_string()))?;
    the_only("metadata", &found)
}

#[cfg(feature = "saml")]
fn the_only(field: &'static str, found: &[String]) -> Result<String, ActionError> {
    match found {
        [one] => Ok(one.clone()),
        [] => Err(fault(field, "speaks of no entity: is it SAML 2.0 metadata?")),
        several => {
            let (many, names) = (several.len(), several.join(", "));
            let what = format!("speaks of {many} entities; choose one by its entity ID: {names}");
            Err(fault(field, what))
        }
    }
}

#[cfg(not(feature = "saml"))]
fn the_only_entity(_document: &str) -> Result<String, ActionError> {
    Err(fault("entity_id", super::MISSING))
}
