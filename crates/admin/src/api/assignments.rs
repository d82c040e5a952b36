//! `/api/v1/assignments`, and what one guest may use: `/api/v1/guests/{guest}/assignments/{client_id}`.

use actions::{NewAssignment, assign, assignment_version, own_assignment, unassign};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    response::Response,
};
use domain::{assignment::Assignment, guest::Guest};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::{AssignmentFilter, AssignmentPlace};
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::moment,
    etag::{Changer, IfMatch, Known},
    fields::{self, limit},
    named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// Which app a guest may use, and until when.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssignmentBody {
    /// The guest's id.
    guest: String,
    #[schema(example = "anna@contoso.example")]
    email: String,
    /// The app's client id.
    #[schema(example = "notes")]
    app: String,
    starts_at: String,
    /// When the access ends; none is «until someone ends it».
    ends_at: Option<String>,
    /// Whether it lets the guest in now.
    active: bool,
    reason: Option<String>,
    /// The person answerable for the guest: their address, or a name.
    sponsor: Option<String>,
    /// Whether it alone decides about the app, whatever groups the guest is in: so since somebody ended their access, until they come into
    /// a group anew.
    stands_alone: bool,
    /// The name of the group through which the guest has it; none where it is their own.
    group: Option<String>,
}

impl AssignmentBody {
    fn new(assignment: Assignment, guest: &Guest, app: String, group: Option<String>, core: &Core) -> Self {
        Self {
            guest: guest.id.to_string(),
            email: guest.email.as_str().to_owned(),
            app,
            starts_at: moment(assignment.starts_at),
            ends_at: assignment.ends_at.map(moment),
            active: assignment.is_active(core.now()),
            reason: assignment.reason,
            sponsor: assignment.sponsor,
            stands_alone: assignment.stands_alone,
            group,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AssignmentsQuery {
    /// Only this guest's: id or address.
    guest: Option<String>,
    /// Only those to this app: its client id.
    app: Option<String>,
    /// Only those through this group: its name.
    group: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssignmentsBody {
    assignments: Vec<AssignmentBody>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// Lists assignments of guests' own and through groups, those that are over as well.
#[utoipa::path(
    get,
    path = "/api/v1/assignments",
    operation_id = "listAssignments",
    params(AssignmentsQuery),
    responses(
        (status = 200, body = AssignmentsBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<AssignmentsQuery>, QueryRejection>,
) -> Result<Json<AssignmentsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let reader = core.store.reader();
    let of = named::maybe_guest(&core, query.guest.as_deref()).await?;
    let apps = reader.apps().await?;
    let to = named::maybe_app(&core, query.app.as_deref()).await?;
    let limit = limit(query.limit)?;
    let filter = AssignmentFilter {
        guest: of,
        app: to,
        group: match &query.group {
            Some(name) => Some(named::group(&core, name).await?.id),
            None => None,
        },
        after: query.after.as_deref().map(cursor).transpose()?,
        // One more than is shown tells whether there is a next page.
        limit: limit + 1,
    };
    let found = reader.assignments(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| {
        let group = last.group.map(|group| format!(".{group}")).unwrap_or_default();
        format!("{}.{}{group}", last.guest, last.app)
    });
    let groups = reader.groups().await?;
    let mut assignments = Vec::new();
    for assignment in found {
        let guest = reader.guest(assignment.guest).await?;
        let app = apps.iter().find(|app| app.id == assignment.app);
        let group = groups.iter().find(|group| Some(group.id) == assignment.group);
        if let Some((guest, app)) = guest.zip(app) {
            assignments.push(AssignmentBody::new(
                assignment,
                &guest,
                app.client_id.clone(),
                group.map(|group| group.name.clone()),
                &core,
            ));
        }
    }
    Ok(Json(AssignmentsBody { assignments, next }))
}

/// The cursor of the list: a guest, an app, and the group where the last was through one.
fn cursor(text: &str) -> Result<AssignmentPlace, Problem> {
    let (ids, group) = match text.splitn(3, '.').collect::<Vec<_>>()[..] {
        [guest, app, group] => (format!("{guest}.{app}"), Some(group)),
        _ => (text.to_owned(), None),
    };
    let (guest, app) = fields::cursor(&ids)?;
    let group = group.map(str::parse).transpose();
    Ok((guest, app, group.map_err(|_| fields::not_a_cursor())?))
}

/// Shows a guest's own assignment to an app, also one that is over. What they have through groups is in `listAssignments`.
#[utoipa::path(
    get,
    path = "/api/v1/guests/{guest}/assignments/{client_id}",
    operation_id = "showAssignment",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("client_id" = String, Path, description = "The app's client id."),
    ),
    responses(
        (status = 200, body = AssignmentBody, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path((guest, client_id)): Path<(String, String)>,
    known: Known,
) -> Result<Response, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    let app = named::app(&core, &client_id).await?;
    let held = own_assignment(&core.store.reader(), guest.id, app.id).await?;
    let held = held.ok_or_else(|| named::nowhere(&core, "assignment of their own to", &client_id))?;
    let version = assignment_version(&held, &guest, core.now());
    let body = AssignmentBody::new(held, &guest, app.client_id, None, &core);
    Ok(known.answer(&version, body))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignBody {
    /// From when, RFC 3339; now unless said.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// Until when, RFC 3339; until someone ends it unless said.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// Why, kept with the assignment.
    reason: Option<String>,
    /// The person answerable for the guest: their address, at which they are asked; or a name.
    sponsor: Option<String>,
}

/// Assigns a guest to an app without an invitation, or changes the assignment that is there. Nobody is mailed.
#[utoipa::path(
    put,
    path = "/api/v1/guests/{guest}/assignments/{client_id}",
    operation_id = "assignGuest",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("client_id" = String, Path, description = "The app's client id."),
        IfMatch,
    ),
    request_body = AssignBody,
    responses(
        (status = 200, body = AssignmentBody),
    ),
)]
pub(super) async fn put(
    operator: Changer,
    State(core): State<Core>,
    Path((guest, client_id)): Path<(String, String)>,
    body: Result<Json<AssignBody>, JsonRejection>,
) -> Result<Json<AssignmentBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let guest = named::guest(&core, &guest).await?;
    let app = named::app(&core, &client_id).await?;
    let new = NewAssignment {
        guest: guest.id,
        app: app.id,
        starts_at: fields::moment("starts_at", body.starts_at.as_deref())?,
        ends_at: fields::moment("ends_at", body.ends_at.as_deref())?,
        reason: body.reason,
        sponsor: body.sponsor,
    };
    let assignment = assign(&core, operator.by(), new)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    Ok(Json(AssignmentBody::new(
        assignment,
        &guest,
        app.client_id,
        None,
        &core,
    )))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UnassignQuery {
    /// Why, for the audit log.
    reason: Option<String>,
}

/// Ends a guest's access to an app at once, what they have through groups as well: revokes what the app holds of them, and invitations
/// to it that wait. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}/assignments/{client_id}",
    operation_id = "unassignGuest",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("client_id" = String, Path, description = "The app's client id."),
        UnassignQuery,
        IfMatch,
    ),
    responses(
        (status = 204),
    ),
)]
pub(super) async fn end(
    operator: Changer,
    State(core): State<Core>,
    Path((guest, client_id)): Path<(String, String)>,
    query: Result<Query<UnassignQuery>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let guest = named::guest(&core, &guest).await?;
    let app = named::app(&core, &client_id).await?;
    unassign(&core, operator.by(), guest.id, app.id, query.reason.as_deref())
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}
