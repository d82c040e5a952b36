//! `/api/v1/guests`.

pub(super) mod due;
pub(super) mod life;
pub(super) mod method;
pub(super) mod one;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use data_encoding::BASE64URL_NOPAD;
use domain::{EmailAddress, guest::GuestStatus};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::GuestFilter;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::GuestBody,
    fields::{self, limit},
};
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
    #[param(schema_with = fields::guest_statuses)]
    status: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuestsBody {
    guests: Vec<GuestBody>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
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
    let limit = limit(query.limit)?;
    let filter = GuestFilter {
        search: query.search.filter(|search| !search.is_empty()),
        status,
        after: query.after.as_deref().map(behind).transpose()?,
        limit: limit + 1,
        ..GuestFilter::default()
    };
    let found = core.store.reader().guests(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| {
        BASE64URL_NOPAD.encode(last.email.as_str().as_bytes())
    });
    Ok(Json(GuestsBody {
        guests: found.iter().map(GuestBody::from).collect(),
        next,
    }))
}

/// The address that `next` stands for: the list is in the order of addresses, and an address does not belong into a log.
fn behind(text: &str) -> Result<EmailAddress, Problem> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let address = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let email = address.and_then(|address| EmailAddress::stored(&address).ok());
    email.ok_or_else(fields::not_a_cursor)
}
