//! The two kinds of upstream, for commands that are the same for both.

use admin::actions::Stored;
use domain::upstream::{Provider, Tenant, Upstream};
use store::Reader;

use crate::cli::{CliError, find};

/// One kind, as these commands find it.
pub(super) trait Kind: Stored + Into<Upstream> {
    async fn all(reader: &Reader) -> Result<Vec<Self>, CliError>;
    async fn find(reader: &Reader, name: &str) -> Result<Self, CliError>;
}

impl Kind for Tenant {
    async fn all(reader: &Reader) -> Result<Vec<Self>, CliError> {
        Ok(reader.tenants().await?)
    }

    async fn find(reader: &Reader, name: &str) -> Result<Self, CliError> {
        find::tenant(reader, name).await
    }
}

impl Kind for Provider {
    async fn all(reader: &Reader) -> Result<Vec<Self>, CliError> {
        Ok(reader.providers().await?)
    }

    async fn find(reader: &Reader, name: &str) -> Result<Self, CliError> {
        find::provider(reader, name).await
    }
}
