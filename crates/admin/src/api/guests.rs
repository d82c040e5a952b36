//! `/api/v1/guests`.

pub(super) mod due;
pub(super) mod life;
pub(super) mod method;
pub(super) mod one;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::guest::GuestStatus;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::GuestFilter;
use utoipa::{IntoParams, ToSchema};

use super::{answers::GuestBody, fields::limit};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GuestsQuery {
    /// Part of the address or of the name.
    search: Option<String>,
    /// `invited`, `active`, `blocked`, `converted` or `removed`.
    status: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuestsBody {
    guests: Vec<GuestBody>,
}

/// Lists guests, by address.
#[utoipa::path(
    get,
    path = "/api/v1/guests",
    operation_id = "listGuests",
    params(GuestsQuery),
    responses(
        (status = 200, body = GuestsBody),
    ),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<GuestsQuery>, QueryRejection>,
) -> Result<Json<GuestsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let status = query
        .status
        .map(|word| {
            GuestStatus::parse(&word).ok_or_else(|| {
                let words = GuestStatus::ALL.map(GuestStatus::name).join(", ");
                Problem::field("status", format!("is none of {words}"))
            })
        })
        .transpose()?;
    let filter = GuestFilter {
        search: query.search.filter(|search| !search.is_empty()),
        status,
        limit: limit(query.limit)?,
        ..GuestFilter::default()
    };
    let guests = core.store.reader().guests(&filter).await?;
    Ok(Json(GuestsBody {
        guests: guests.iter().map(GuestBody::from).collect(),
    }))
}
