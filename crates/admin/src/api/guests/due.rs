//! `/api/v1/guest-rules`.

use actions::{DueGuest, due_guests};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::guest_rule::{Due, GuestRule};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{answers::moment, fields::limit},
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A rule of a guest's life, as the configuration sets it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GuestRuleBody {
    /// `inactive`, `never-redeemed`, `unassigned` or `sponsor-gone`.
    when: &'static str,
    /// How long that must have been so, in seconds.
    after_seconds: i64,
    /// How long before the guest is told by mail, in seconds; 0: not at all.
    notice_seconds: i64,
    /// `remove` or `block`.
    action: &'static str,
}

impl From<&GuestRule> for GuestRuleBody {
    fn from(rule: &GuestRule) -> Self {
        Self {
            when: rule.when.name(),
            after_seconds: rule.after.num_seconds(),
            notice_seconds: rule.notice.num_seconds(),
            action: rule.act.name(),
        }
    }
}

/// A guest for whom a rule means something now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct DueGuestBody {
    /// The guest's id.
    guest: String,
    email: String,
    /// The condition of the first rule that applies.
    rule: &'static str,
    /// `remove` or `block`.
    action: &'static str,
    /// `notice`: the guest is told next; `noticed`: they were told; `now`: it is done next.
    due: &'static str,
    /// When it is done.
    on: Option<String>,
}

impl From<DueGuest> for DueGuestBody {
    fn from(due: DueGuest) -> Self {
        Self {
            guest: due.guest.id.to_string(),
            email: due.guest.email.as_str().to_owned(),
            rule: due.rule.when.name(),
            action: due.rule.act.name(),
            due: due.due.name(),
            on: match due.due {
                Due::Notice(on) | Due::Noticed(on) => Some(moment(on)),
                Due::Now | Due::NotYet => None,
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct GuestRulesBody {
    /// In their order: the first that applies to a guest counts.
    rules: Vec<GuestRuleBody>,
    due: Vec<DueGuestBody>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct DueQuery {
    /// At most so many guests: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

/// Lists the rules of a guest's life, and the guests for whom they mean something now: a dry run. The server applies them once an
/// hour.
#[utoipa::path(
    get,
    path = "/api/v1/guest-rules",
    operation_id = "listGuestRules",
    params(DueQuery),
    responses(
        (status = 200, body = GuestRulesBody),
    ),
)]
pub(in crate::api) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<DueQuery>, QueryRejection>,
) -> Result<Json<GuestRulesBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let limit = usize::try_from(limit(query.limit)?).unwrap_or(usize::MAX);
    let due = due_guests(&core, limit).await?;
    Ok(Json(GuestRulesBody {
        rules: core
            .settings
            .guest_rules
            .iter()
            .map(GuestRuleBody::from)
            .collect(),
        due: due.into_iter().map(DueGuestBody::from).collect(),
    }))
}
