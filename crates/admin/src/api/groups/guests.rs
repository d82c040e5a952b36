//! `/api/v1/groups/{group}/guests`, and the groups of one guest: `/api/v1/guests/{guest}/groups`.

use actions::{NewGroupAssignment, assign_to_group, group_assignment_version, unassign_from_group};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    response::Response,
};
use chrono::{DateTime, Utc};
use domain::{Id, group::GroupAssignment, guest::Guest};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::{GroupAssignmentFilter, Reader, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        answers::moment,
        etag::{Changer, IfMatch, Known},
        fields, named,
    },
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A guest's assignment to a group, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupAssignmentEntry {
    /// The guest's id.
    pub guest: String,
    /// The guest's address.
    #[schema(example = "anna@contoso.example")]
    pub email: String,
    /// The group's name.
    #[schema(example = "auditors")]
    pub group: String,
    /// Since when: RFC 3339.
    pub starts_at: String,
    /// When it ends; none is «until someone ends it».
    pub ends_at: Option<String>,
    /// Whether it counts now.
    pub active: bool,
    /// Why.
    pub reason: Option<String>,
    /// The person answerable for the guest: their address, or a name.
    pub sponsor: Option<String>,
}

impl GroupAssignmentEntry {
    /// Of an assignment of this guest to the group of that name.
    pub fn new(assignment: GroupAssignment, guest: &Guest, group: String, now: DateTime<Utc>) -> Self {
        Self {
            guest: guest.id.to_string(),
            email: guest.email.as_str().to_owned(),
            group,
            starts_at: moment(assignment.starts_at),
            ends_at: assignment.ends_at.map(moment),
            active: assignment.is_active(now),
            reason: assignment.reason,
            sponsor: assignment.sponsor,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct GroupGuestsQuery {
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GroupGuestsBody {
    guests: Vec<GroupAssignmentEntry>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// Lists who is in a group, and who was.
#[utoipa::path(
    get,
    path = "/api/v1/groups/{group}/guests",
    operation_id = "listGroupGuests",
    params(("group" = String, Path, description = "The group's name."), GroupGuestsQuery),
    responses((status = 200, body = GroupGuestsBody)),
)]
pub(in crate::api) async fn list(
    _: Operator,
    State(core): State<Core>,
    Path(group): Path<String>,
    query: Result<Query<GroupGuestsQuery>, QueryRejection>,
) -> Result<Json<GroupGuestsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let group = named::group(&core, &group).await?;
    let limit = fields::limit(query.limit)?;
    let after: Option<Id<Guest>> = match query.after.as_deref() {
        Some(text) => Some(text.parse().map_err(|_| fields::not_a_cursor())?),
        None => None,
    };
    let filter = GroupAssignmentFilter {
        guest: None,
        group: Some(group.id),
        after,
        // One more than is shown tells whether there is a next page.
        limit: limit + 1,
    };
    let reader = core.store.reader();
    let found = reader.group_assignments(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| last.guest.to_string());
    let mut guests = Vec::new();
    for assignment in found {
        if let Some(guest) = reader.guest(assignment.guest).await? {
            let name = group.name.clone();
            guests.push(GroupAssignmentEntry::new(assignment, &guest, name, core.now()));
        }
    }
    Ok(Json(GroupGuestsBody { guests, next }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GroupsOfGuestBody {
    groups: Vec<GroupAssignmentEntry>,
}

/// Lists the groups that a guest is in, and was.
#[utoipa::path(
    get,
    path = "/api/v1/guests/{guest}/groups",
    operation_id = "listGuestGroups",
    params(("guest" = String, Path, description = "The guest's id or address.")),
    responses((status = 200, body = GroupsOfGuestBody)),
)]
pub(in crate::api) async fn of_guest(
    _: Operator,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GroupsOfGuestBody>, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    let groups = groups_of(&core.store.reader(), &guest, core.now()).await?;
    Ok(Json(GroupsOfGuestBody { groups }))
}

/// The groups that a guest is in, and was, by name.
///
/// # Errors
///
/// When the database does not answer.
pub async fn groups_of(
    reader: &Reader,
    guest: &Guest,
    now: DateTime<Utc>,
) -> Result<Vec<GroupAssignmentEntry>, StoreError> {
    let mut held = reader
        .group_assignments(&GroupAssignmentFilter::of(guest.id))
        .await?;
    let mut entries = Vec::new();
    for group in reader.groups().await? {
        if let Some(at) = held.iter().position(|held| held.group == group.id) {
            let assignment = held.swap_remove(at);
            entries.push(GroupAssignmentEntry::new(assignment, guest, group.name, now));
        }
    }
    Ok(entries)
}

/// Shows a guest's assignment to a group, also one that is over.
#[utoipa::path(
    get,
    path = "/api/v1/guests/{guest}/groups/{group}",
    operation_id = "showGroupAssignment",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("group" = String, Path, description = "The group's name."),
    ),
    responses(
        (status = 200, body = GroupAssignmentEntry, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(in crate::api) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path((guest, group)): Path<(String, String)>,
    known: Known,
) -> Result<Response, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    let group = named::group(&core, &group).await?;
    let held = core.store.reader().group_assignment(guest.id, group.id).await?;
    let held = held.ok_or_else(|| named::nowhere(&core, "assignment to", &group.name))?;
    let version = group_assignment_version(&held, &guest, core.now());
    let body = GroupAssignmentEntry::new(held, &guest, group.name, core.now());
    Ok(known.answer(&version, body))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AssignToGroup {
    /// Until when, RFC 3339; until someone ends it unless said.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// Why, kept with the assignment.
    reason: Option<String>,
    /// The person answerable for the guest: their address, at which they are asked; or a name.
    sponsor: Option<String>,
}

/// Assigns a guest to a group from now on, or changes the assignment that is there. Nobody is mailed.
#[utoipa::path(
    put,
    path = "/api/v1/guests/{guest}/groups/{group}",
    operation_id = "assignGuestToGroup",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("group" = String, Path, description = "The group's name."),
        IfMatch,
    ),
    request_body = AssignToGroup,
    responses((status = 200, body = GroupAssignmentEntry)),
)]
pub(in crate::api) async fn put(
    operator: Changer,
    State(core): State<Core>,
    Path((guest, group)): Path<(String, String)>,
    body: Result<Json<AssignToGroup>, JsonRejection>,
) -> Result<Json<GroupAssignmentEntry>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let guest = named::guest(&core, &guest).await?;
    let new = NewGroupAssignment {
        guest: guest.id,
        group: group.clone(),
        ends_at: fields::moment("ends_at", body.ends_at.as_deref())?,
        reason: body.reason,
        sponsor: body.sponsor,
    };
    let assigned = assign_to_group(&core, operator.by(), new).await;
    let assignment = assigned.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(Json(GroupAssignmentEntry::new(
        assignment,
        &guest,
        group,
        core.now(),
    )))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct UnassignFromGroupQuery {
    /// Why, for the audit log.
    reason: Option<String>,
}

/// Takes a guest out of a group at once: what its apps hold of them is revoked, unless they have access by other means. Done again, it
/// changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}/groups/{group}",
    operation_id = "unassignGuestFromGroup",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("group" = String, Path, description = "The group's name."),
        UnassignFromGroupQuery,
        IfMatch,
    ),
    responses((status = 204)),
)]
pub(in crate::api) async fn end(
    operator: Changer,
    State(core): State<Core>,
    Path((guest, group)): Path<(String, String)>,
    query: Result<Query<UnassignFromGroupQuery>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let guest = named::guest(&core, &guest).await?;
    let reason = query.reason.as_deref();
    unassign_from_group(&core, operator.by(), guest.id, &group, reason)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}
