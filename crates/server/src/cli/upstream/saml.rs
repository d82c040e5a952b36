//! What an operator says on the command line of a tenant that speaks SAML.

use std::collections::BTreeMap;

use clap::Args;
use domain::upstream::{Connection, SamlConnection, SamlMetadata, is_reassigned, usual_mfa_contexts};
#[cfg(feature = "saml")]
use federation::UpstreamError;
use sign_in::Core;

#[cfg(feature = "saml")]
use crate::app;
use crate::{
    cli::CliError,
    config::{metadata_address, referenced},
};

/// What is given changes, the rest stays.
#[derive(Debug, Args)]
pub(super) struct SamlWish {
    /// SAML entity ID of the partner; needed if its metadata lists several
    #[arg(long, value_name = "URI")]
    entity_id: Option<String>,
    /// URL of the partner's SAML metadata
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// File with the partner's SAML metadata
    #[arg(long, value_name = "FILE", conflicts_with = "metadata_url")]
    metadata: Option<String>,
    /// Attribute that identifies an account permanently, instead of a persistent `NameID`
    #[arg(long, value_name = "NAME")]
    subject_attribute: Option<String>,
    /// Attribute with the email address
    #[arg(long, value_name = "NAME")]
    email_attribute: Option<String>,
    /// Attribute with the person's name
    #[arg(long, value_name = "NAME")]
    name_attribute: Option<String>,
    /// Publish an encryption key in our metadata; `false` if the partner would encrypt with AES-CBC
    #[arg(long, value_name = "BOOL")]
    encryption: Option<bool>,
}

impl SamlWish {
    /// The options that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        [
            ("--entity-id", self.entity_id.is_some()),
            ("--metadata-url", self.metadata_url.is_some()),
            ("--metadata", self.metadata.is_some()),
            ("--subject-attribute", self.subject_attribute.is_some()),
            ("--email-attribute", self.email_attribute.is_some()),
            ("--name-attribute", self.name_attribute.is_some()),
            ("--encryption", self.encryption.is_some()),
        ]
        .into_iter()
        .filter_map(|(option, given)| given.then_some(option))
    }

    /// The connection that it was, with what is wished for.
    pub(super) fn connect(
        self,
        before: Option<Connection>,
        (trusts_mfa, mfa_contexts): (Option<bool>, Vec<String>),
        environment: &BTreeMap<String, String>,
    ) -> Result<SamlConnection, CliError> {
        let before = match before {
            Some(Connection::Saml(saml)) => Some(saml),
            _ => None,
        };
        let refused = |option: &str, what: &str| CliError::Usage(format!("{option} {what}"));
        if let Some(attribute) = self
            .subject_attribute
            .as_deref()
            .filter(|name| is_reassigned(name))
        {
            let what = format!(
                "{attribute} holds an address, which is somebody else's one day; name another attribute"
            );
            return Err(refused("--subject-attribute", &what));
        }
        let metadata = match (&self.metadata_url, &self.metadata) {
            (Some(url), _) => {
                metadata_address(url, true).map_err(|what| refused("--metadata-url", &what.to_string()))?;
                Some(SamlMetadata::Url(url.clone()))
            }
            (None, Some(given)) => Some(SamlMetadata::Document(document(given, environment)?)),
            (None, None) => before.as_ref().map(|before| before.metadata.clone()),
        };
        let missing = |option: &str| CliError::Usage(format!("a connection by SAML needs {option} as well"));
        let was = before.as_ref();
        let or = |given: Option<String>, field: fn(&SamlConnection) -> Option<&String>| {
            given.or_else(|| was.and_then(field).cloned())
        };
        let contexts = was.map_or_else(usual_mfa_contexts, |was| was.mfa_contexts.clone());
        let metadata = metadata.ok_or_else(|| missing("--metadata-url or --metadata"))?;
        let entity_id = match (or(self.entity_id, |was| Some(&was.entity_id)), &metadata) {
            (Some(entity_id), _) => entity_id,
            (None, SamlMetadata::Document(text)) => the_only_entity(text)?,
            // Looked up there, before anything is stored: see [`look_up_entity`].
            (None, SamlMetadata::Url(_)) => String::new(),
        };
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
            mfa_contexts: if mfa_contexts.is_empty() {
                contexts
            } else {
                mfa_contexts
            },
        })
    }
}

/// A document by the path of its file, or by a reference as secrets have them.
fn document(given: &str, environment: &BTreeMap<String, String>) -> Result<String, CliError> {
    let refused = |what: String| CliError::Usage(format!("--metadata {what}"));
    let is_reference = ["file:", "env:", "systemd-credential:"]
        .iter()
        .any(|kind| given.starts_with(kind));
    let reference = if is_reference {
        given.to_owned()
    } else {
        format!("file:{given}")
    };
    let text = referenced(&reference, environment).map_err(refused)?;
    Ok(text.expose().to_owned())
}

/// Completes a connection whose entity ID was not said with the one that its metadata address speaks of.
pub(super) async fn look_up_entity(connection: &mut Option<Connection>, core: &Core) -> Result<(), CliError> {
    let Some(Connection::Saml(saml)) = connection else {
        return Ok(());
    };
    let SamlMetadata::Url(url) = &saml.metadata else {
        return Ok(());
    };
    if !saml.entity_id.is_empty() {
        return Ok(());
    }
    saml.entity_id = entity_at(url, core).await?;
    Ok(())
}

#[cfg(feature = "saml")]
async fn entity_at(url: &str, core: &Core) -> Result<String, CliError> {
    let upstreams = app::upstreams(&core.settings).map_err(|error| CliError::Failed(error.to_string()))?;
    let help = "\n  help: --entity-id says it without asking";
    let found = upstreams.entity_ids_at(url).await.map_err(|error| match error {
        UpstreamError::Unreachable(_) => CliError::Unreachable(format!("--metadata-url: {error}{help}")),
        error => CliError::Failed(format!("--metadata-url: {error}{help}")),
    })?;
    the_only("--metadata-url", &found)
}

#[cfg(not(feature = "saml"))]
#[expect(clippy::unused_async, reason = "it asks where SAML is built in")]
async fn entity_at(_url: &str, _core: &Core) -> Result<String, CliError> {
    the_only_entity("")
}

/// The entity that a document speaks of, when it speaks of one.
#[cfg(feature = "saml")]
fn the_only_entity(document: &str) -> Result<String, CliError> {
    let found = federation::saml::entity_ids(document)
        .map_err(|error| CliError::Usage(format!("--metadata {error}")))?;
    the_only("--metadata", &found)
}

#[cfg(feature = "saml")]
fn the_only(option: &str, found: &[String]) -> Result<String, CliError> {
    let refused = |what: &str| CliError::Usage(format!("{option} {what}"));
    match found {
        [one] => Ok(one.clone()),
        [] => Err(refused("speaks of no entity: is it SAML 2.0 metadata?")),
        several => Err(refused(&format!(
            "speaks of {} entities; choose one by --entity-id: {}",
            several.len(),
            several.join(", ")
        ))),
    }
}

#[cfg(not(feature = "saml"))]
fn the_only_entity(_document: &str) -> Result<String, CliError> {
    Err(CliError::Usage(
        "a connection by SAML needs --entity-id as well".to_owned(),
    ))
}
