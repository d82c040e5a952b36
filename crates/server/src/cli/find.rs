//! What operators name on the command line, found.

use domain::{
    EmailAddress, Id,
    app::App,
    group::Group,
    guest::Guest,
    method::Method,
    upstream::{Upstream, UpstreamKind},
};
use store::Reader;

use super::{CliError, output::moment};

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
    if let Some(found) = found {
        return Ok(found);
    }
    let erased = match named.parse() {
        Ok(id) => reader.tombstone(id).await?,
        Err(_) => None,
    };
    Err(CliError::NotFound(match erased {
        Some(left) => format!("the guest \"{named}\" was erased at {}", moment(left.erased_at)),
        None => format!("there is no guest \"{named}\""),
    }))
}

/// The id of a guest of an address or an id, also of one who was erased: the audit log keeps it.
pub(super) async fn guest_or_erased(reader: &Reader, named: &str) -> Result<Id<Guest>, CliError> {
    if let Ok(id) = named.parse()
        && reader.tombstone(id).await?.is_some()
    {
        return Ok(id);
    }
    Ok(guest(reader, named).await?.id)
}

/// The app of a client id.
pub(super) async fn app(reader: &Reader, client_id: &str) -> Result<App, CliError> {
    let found = reader.app_by_client_id(client_id).await?;
    found.ok_or_else(|| CliError::NotFound(format!("there is no app \"{client_id}\"")))
}

/// The group of a name.
pub(super) async fn group(reader: &Reader, name: &str) -> Result<Group, CliError> {
    let found = reader.group_named(name).await?;
    found.ok_or_else(|| CliError::NotFound(format!("there is no group \"{name}\"")))
}

/// The tenant or the provider of a short name.
pub(super) async fn upstream(reader: &Reader, kind: UpstreamKind, name: &str) -> Result<Upstream, CliError> {
    let found = reader.upstream_named(kind, name).await?;
    found.ok_or_else(|| nowhere(kind.name(), name))
}

/// The method that `--tenant` or `--provider` names.
pub(super) async fn method(
    reader: &Reader,
    tenant: Option<&String>,
    provider: Option<&String>,
) -> Result<Option<Method>, CliError> {
    let (kind, name) = match (tenant, provider) {
        (Some(name), _) => (UpstreamKind::Tenant, name),
        (None, Some(name)) => (UpstreamKind::Provider, name),
        (None, None) => return Ok(None),
    };
    Ok(Some(upstream(reader, kind, name).await?.method()))
}

fn nowhere(what: &str, name: &str) -> CliError {
    CliError::NotFound(format!(
        "there is no {what} \"{name}\" in the database\n  help: one that the configuration declares comes in when the \
         server starts"
    ))
}
