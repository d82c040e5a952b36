//! `/api/v1/groups`.

pub(super) mod guests;

use actions::{GroupChange, Version, add_group, change_group, remove_group};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    response::Response,
};
use domain::{app::App, group::Group};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::ToSchema;

use super::{
    answers::moment,
    etag::{Changer, IfMatch, Known},
    named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A group, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupEntry {
    /// Its name.
    #[schema(example = "auditors")]
    pub name: String,
    /// The client ids of the apps that its guests may use.
    #[schema(example = json!(["files", "notes"]))]
    pub apps: Vec<String>,
    /// When it was added: RFC 3339.
    pub created_at: String,
}

impl GroupEntry {
    /// Of a group, with all apps that there are.
    pub fn new(group: Group, apps: &[App]) -> Self {
        let called = |id| {
            apps.iter()
                .find(|app| app.id == id)
                .map(|app| app.client_id.clone())
        };
        Self {
            name: group.name,
            apps: group.apps.into_iter().filter_map(called).collect(),
            created_at: moment(group.created_at),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupsBody {
    groups: Vec<GroupEntry>,
}

/// Lists groups, by name.
#[utoipa::path(
    get,
    path = "/api/v1/groups",
    operation_id = "listGroups",
    responses((status = 200, body = GroupsBody)),
)]
pub(super) async fn list(_: Operator, State(core): State<Core>) -> Result<Json<GroupsBody>, ApiError> {
    let reader = core.store.reader();
    let apps = reader.apps().await?;
    let groups = reader.groups().await?.into_iter();
    let groups = groups.map(|group| GroupEntry::new(group, &apps)).collect();
    Ok(Json(GroupsBody { groups }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    /// A name that no other group has: lower-case letters, digits, dots, dashes and underscores.
    #[schema(example = "auditors")]
    name: String,
    /// The client ids of the apps that its guests may use.
    #[serde(default)]
    #[schema(example = json!(["notes"]))]
    apps: Vec<String>,
}

/// Adds a group. Guests come into it by `assignGuestToGroup`.
#[utoipa::path(
    post,
    path = "/api/v1/groups",
    operation_id = "addGroup",
    request_body = NewGroup,
    responses(
        (status = 201, body = GroupEntry),
        (status = 404, description = "There is no app of one of the client ids.", body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn add(
    operator: Operator,
    State(core): State<Core>,
    body: Result<Json<NewGroup>, JsonRejection>,
) -> Result<(StatusCode, Json<GroupEntry>), ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let added = add_group(&core, operator.actor(), &body.name, &body.apps).await;
    let group = added.map_err(|error| ApiError::of(error, core.now()))?;
    Ok((StatusCode::CREATED, Json(entry(&core, group).await?)))
}

/// Shows a group.
#[utoipa::path(
    get,
    path = "/api/v1/groups/{group}",
    operation_id = "showGroup",
    params(("group" = String, Path, description = "The group's name.")),
    responses(
        (status = 200, body = GroupEntry, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(group): Path<String>,
    known: Known,
) -> Result<Response, ApiError> {
    let group = named::group(&core, &group).await?;
    Ok(known.answer(&Version::of(&group), entry(&core, group).await?))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedGroup {
    /// Its new name; stays unless said.
    name: Option<String>,
    /// The client ids of apps that its guests may use from now on as well.
    #[serde(default)]
    add_apps: Vec<String>,
    /// The client ids of apps that its guests may use no more through it: what those hold of them is revoked, unless they have
    /// access by other means.
    #[serde(default)]
    remove_apps: Vec<String>,
}

/// Changes a group's name and its apps.
#[utoipa::path(
    patch,
    path = "/api/v1/groups/{group}",
    operation_id = "changeGroup",
    params(
        ("group" = String, Path, description = "The group's name."),
        IfMatch,
    ),
    request_body = ChangedGroup,
    responses(
        (status = 200, body = GroupEntry),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn change(
    operator: Changer,
    State(core): State<Core>,
    Path(group): Path<String>,
    body: Result<Json<ChangedGroup>, JsonRejection>,
) -> Result<Json<GroupEntry>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let change = GroupChange {
        name: body.name,
        add_apps: body.add_apps,
        remove_apps: body.remove_apps,
    };
    let changed = change_group(&core, operator.by(), &group, change).await;
    let group = changed.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(Json(entry(&core, group).await?))
}

/// Removes a group. Its guests stay in the directory; what its apps hold of them is revoked, unless they have access by other means.
#[utoipa::path(
    delete,
    path = "/api/v1/groups/{group}",
    operation_id = "removeGroup",
    params(
        ("group" = String, Path, description = "The group's name."),
        IfMatch,
    ),
    responses(
        (status = 204, description = "It is removed."),
    ),
)]
pub(super) async fn remove(
    operator: Changer,
    State(core): State<Core>,
    Path(group): Path<String>,
) -> Result<StatusCode, ApiError> {
    let removed = remove_group(&core, operator.by(), &group).await;
    removed.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn entry(core: &Core, group: Group) -> Result<GroupEntry, ApiError> {
    let apps = core.store.reader().apps().await?;
    Ok(GroupEntry::new(group, &apps))
}
