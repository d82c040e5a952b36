//! `/api/v1/audit`.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use chrono::SecondsFormat;
use domain::audit::AuditRecord;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::AuditQuery;
use utoipa::{IntoParams, ToSchema};

use super::{
    fields::{self, address, id, limit, moment},
    named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Actions that begin so.
    #[param(example = "guest.signin")]
    action: Option<String>,
    /// Concerning this guest's id.
    #[param(format = "uuid")]
    guest: Option<String>,
    /// Concerning this app's client id.
    app: Option<String>,
    /// Within the sign-in of this id.
    #[param(format = "uuid")]
    sign_in: Option<String>,
    /// Within the sign-ins whose page or mail has this reference.
    #[param(example = "K7QF")]
    reference: Option<String>,
    /// Within the sign-ins in which this address was typed, in the directory or not.
    #[param(example = "anna@contoso.example", format = Email)]
    address: Option<String>,
    /// Not before, RFC 3339.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Before, RFC 3339.
    #[param(format = DateTime)]
    until: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventsBody {
    events: Vec<AuditEntry>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// An event of the audit log, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The event's id.
    pub id: String,
    /// When: RFC 3339, milliseconds.
    pub at: String,
    /// What happened.
    #[schema(example = "guest.signin.code.wrong")]
    pub action: String,
    /// `visitor`, `guest`, `app`, `operator` or `system`.
    pub actor_kind: String,
    /// Which one.
    pub actor: Option<String>,
    /// The guest's id.
    pub guest: Option<String>,
    /// The app's id.
    pub app: Option<String>,
    /// The sign-in's id.
    pub sign_in: Option<String>,
    /// What the guest's page and mail call the sign-in.
    pub reference: Option<String>,
    /// The code of the reason why it failed or was refused.
    pub reason: Option<String>,
    /// More, by name.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub details: serde_json::Value,
}

impl From<AuditRecord> for AuditEntry {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id.to_string(),
            at: record.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            action: record.action,
            actor_kind: record.actor_kind,
            actor: record.actor,
            guest: record.guest.map(|id| id.to_string()),
            app: record.app.map(|id| id.to_string()),
            sign_in: record.sign_in.map(|id| id.to_string()),
            reference: record.reference,
            reason: record.reason,
            details: serde_json::from_str(&record.details).unwrap_or_default(),
        }
    }
}

/// Searches the audit log, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "searchAudit",
    params(EventsQuery),
    responses(
        (status = 200, body = EventsBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn search(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Json<EventsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let reader = core.store.reader();
    let app = named::maybe_app(&core, query.app.as_deref()).await?;
    let limit = limit(query.limit)?;
    let query = AuditQuery {
        action: query.action,
        guest: id("guest", "a guest's", query.guest.as_deref())?,
        app,
        sign_in: id("sign_in", "a sign-in's", query.sign_in.as_deref())?,
        reference: query.reference.map(|reference| reference.to_ascii_uppercase()),
        mailbox: query.address.as_deref().map(address).transpose()?,
        since: moment("since", query.since.as_deref())?,
        until: moment("until", query.until.as_deref())?,
        after: id("after", "an event's", query.after.as_deref())?,
        limit: limit + 1,
    };
    let found = reader.audit_search(&query).await?;
    let (found, next) = fields::page(found, limit, |last| last.id.to_string());
    Ok(Json(EventsBody {
        events: found.into_iter().map(AuditEntry::from).collect(),
        next,
    }))
}
