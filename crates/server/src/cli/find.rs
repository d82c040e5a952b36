//! What operators name on the command line, found.

use domain::{
    EmailAddress,
    app::App,
    guest::Guest,
    upstream::{Provider, Tenant},
};
use store::Reader;

use super::CliError;

/// An address as an argument.
pub(super) fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| format!("it {error}"))
}

/// The guest of an address or an id.
pub(super) async fn guest(reader: &Reader, named: &str) -> Result<Guest, CliError> {
    let found = if named.contains('@') {
        let email = EmailAddress::parse(named)
            .map_err(|error| CliError::Usage(format!("\"{named}\" is not an address: it {error}")))?;
        reader.guest_by_email(&email).await?
    } else if let Ok(id) = named.parse() {
        reader.guest(id).await?
    } else {
        let text = format!("\"{named}\" is neither an address nor an id");
        return Err(CliError::Usage(text));
    };
    found.ok_or_else(|| CliError::NotFound(format!("there is no guest \"{named}\"")))
}

/// The app of a client id.
pub(super) async fn app(reader: &Reader, client_id: &str) -> Result<App, CliError> {
    let found = reader.app_by_client_id(client_id).await?;
    found.ok_or_else(|| CliError::NotFound(format!("there is no app \"{client_id}\"")))
}

/// The tenant of a short name.
pub(super) async fn tenant(reader: &Reader, name: &str) -> Result<Tenant, CliError> {
    let found = reader.tenant_by_name(name).await?;
    found.ok_or_else(|| nowhere("tenant", name))
}

/// The provider of personal accounts of a short name.
pub(super) async fn provider(reader: &Reader, name: &str) -> Result<Provider, CliError> {
    let found = reader.provider_by_name(name).await?;
    found.ok_or_else(|| nowhere("provider", name))
}

fn nowhere(what: &str, name: &str) -> CliError {
    CliError::NotFound(format!(
        "there is no {what} \"{name}\" in the database\n  help: one that the configuration declares comes in when the \
         server starts"
    ))
}
