//! What an operator says on the command line of a tenant that speaks SAML.

use std::collections::BTreeMap;

use actions::{self, NoEntity, SamlWish};
use clap::Args;
use domain::upstream::Connection;
use federation::UpstreamError;
use sign_in::Core;

use super::wish::in_options;
use crate::{app, cli::CliError, config::referenced};

/// What is given changes, the rest stays.
#[derive(Debug, Args)]
pub(super) struct SamlOptions {
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

impl SamlOptions {
    /// What it comes to, with the document that is referred to.
    pub(super) fn read(self, environment: &BTreeMap<String, String>) -> Result<SamlWish, CliError> {
        let metadata = self.metadata.map(|given| document(&given, environment));
        Ok(SamlWish {
            entity_id: self.entity_id,
            metadata_url: self.metadata_url,
            metadata: metadata.transpose()?,
            subject_attribute: self.subject_attribute,
            email_attribute: self.email_attribute,
            name_attribute: self.name_attribute,
            encryption: self.encryption,
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
    let upstreams = app::upstreams(&core.settings).map_err(|error| CliError::Failed(error.to_string()))?;
    let help = "\n  help: --entity-id says it without asking";
    let found = actions::look_up_entity(connection, &upstreams).await;
    found.map_err(|error| match error {
        NoEntity::Said(error) => in_options(error),
        NoEntity::Found(error @ UpstreamError::Unreachable(_)) => {
            CliError::Unreachable(format!("--metadata-url: {error}{help}"))
        }
        NoEntity::Found(error) => CliError::Failed(format!("--metadata-url: {error}{help}")),
    })
}
