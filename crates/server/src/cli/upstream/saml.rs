//! What an operator says on the command line of a tenant that speaks SAML.

use std::collections::BTreeMap;

use clap::Args;
use domain::upstream::{Connection, SamlConnection, SamlMetadata, is_reassigned, usual_mfa_contexts};

use crate::{
    cli::CliError,
    config::{metadata_address, referenced},
};

/// What is given changes, the rest stays.
#[derive(Debug, Args)]
pub(super) struct SamlWish {
    /// The entity ID of a tenant's SAML identity provider, as its metadata writes it
    #[arg(long, value_name = "URI")]
    entity_id: Option<String>,
    /// Where its metadata is
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// The metadata that the partner has handed over: `file:PATH` or `env:NAME`
    #[arg(long, value_name = "REFERENCE", conflicts_with = "metadata_url")]
    metadata: Option<String>,
    /// Which attribute names an account for ever, in place of a persistent `NameID`
    #[arg(long, value_name = "NAME")]
    subject_attribute: Option<String>,
    /// Which attribute is the address
    #[arg(long, value_name = "NAME")]
    email_attribute: Option<String>,
    /// Which attribute is the person's name
    #[arg(long, value_name = "NAME")]
    name_attribute: Option<String>,
}

impl SamlWish {
    /// The options that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        [
            ("--entity-id", &self.entity_id),
            ("--metadata-url", &self.metadata_url),
            ("--metadata", &self.metadata),
            ("--subject-attribute", &self.subject_attribute),
            ("--email-attribute", &self.email_attribute),
            ("--name-attribute", &self.name_attribute),
        ]
        .into_iter()
        .filter_map(|(option, value)| value.as_ref().map(|_| option))
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
            (None, Some(reference)) => {
                let text = referenced(reference, environment).map_err(|what| refused("--metadata", &what))?;
                Some(SamlMetadata::Document(text.expose().to_owned()))
            }
            (None, None) => before.as_ref().map(|before| before.metadata.clone()),
        };
        let missing = |option: &str| CliError::Usage(format!("a connection by SAML needs {option} as well"));
        let was = before.as_ref();
        let or = |given: Option<String>, field: fn(&SamlConnection) -> Option<&String>| {
            given.or_else(|| was.and_then(field).cloned())
        };
        let contexts = was.map_or_else(usual_mfa_contexts, |was| was.mfa_contexts.clone());
        Ok(SamlConnection {
            entity_id: or(self.entity_id, |was| Some(&was.entity_id))
                .ok_or_else(|| missing("--entity-id"))?,
            metadata: metadata.ok_or_else(|| missing("--metadata-url or --metadata"))?,
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
