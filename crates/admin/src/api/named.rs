//! What a path or a query names, found.

use actions::ActionError;
use domain::{
    EmailAddress, Id,
    app::App,
    group::Group,
    guest::Guest,
    upstream::{Upstream, UpstreamKind},
};
use sign_in::Core;

use crate::problem::ApiError;

/// The guest of an id or an address. What is neither is the name of nobody.
pub(super) async fn guest(core: &Core, text: &str) -> Result<Guest, ApiError> {
    let reader = core.store.reader();
    let found = if let Ok(id) = text.parse() {
        reader.guest(id).await?
    } else if let Ok(email) = EmailAddress::parse(text) {
        reader.guest_by_email(&email).await?
    } else {
        None
    };
    found.ok_or_else(|| nowhere(core, "guest", text))
}

/// The same for a filter, which names one or none.
pub(super) async fn maybe_guest(core: &Core, text: Option<&str>) -> Result<Option<Id<Guest>>, ApiError> {
    Ok(match text {
        Some(text) => Some(guest(core, text).await?.id),
        None => None,
    })
}

/// The same of an app.
pub(super) async fn maybe_app(core: &Core, client_id: Option<&str>) -> Result<Option<Id<App>>, ApiError> {
    Ok(match client_id {
        Some(client_id) => Some(app(core, client_id).await?.id),
        None => None,
    })
}

/// The app of a client id.
pub(super) async fn app(core: &Core, client_id: &str) -> Result<App, ApiError> {
    let found = core.store.reader().app_by_client_id(client_id).await?;
    found.ok_or_else(|| nowhere(core, "app", client_id))
}

/// The group of a name.
pub(super) async fn group(core: &Core, name: &str) -> Result<Group, ApiError> {
    let found = core.store.reader().group_named(name).await?;
    found.ok_or_else(|| nowhere(core, "group", name))
}

/// The tenant or the provider of a name.
pub(super) async fn upstream(core: &Core, kind: UpstreamKind, name: &str) -> Result<Upstream, ApiError> {
    let found = core.store.reader().upstream_named(kind, name).await?;
    found.ok_or_else(|| nowhere(core, kind.name(), name))
}

/// That there is nothing of that name.
pub(super) fn nowhere(core: &Core, what: &'static str, name: &str) -> ApiError {
    let gone = ActionError::NotFound {
        what,
        name: name.to_owned(),
    };
    ApiError::of(gone, core.now())
}
