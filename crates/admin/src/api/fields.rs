//! Single fields of requests, read; what is wrong is said by the field's name.

use std::str::FromStr;

use actions::Pin;
use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, access_request::AccessRequestState, guest::GuestStatus, invitation::Standing,
    merge::MergeState, upstream::UpstreamKind,
};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::problem::Problem;

/// A moment, RFC 3339.
pub(super) fn moment(field: &'static str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    let read = |text| {
        DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc())
            .map_err(|_| Problem::field(field, "is not a time such as 2027-03-01T00:00:00Z"))
    };
    text.map(read).transpose()
}

/// An id; `what` says of what, as in `a guest's`.
pub(super) fn id<T>(field: &'static str, what: &str, text: Option<&str>) -> Result<Option<Id<T>>, Problem> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| Problem::field(field, format!("is not {what} id")))
    };
    text.map(read).transpose()
}

/// An address, as it was typed.
pub(super) fn address(text: &str) -> Result<EmailAddress, Problem> {
    EmailAddress::parse_typed(text).map_err(|error| Problem::field("address", error.to_string()))
}

/// A method to which a guest is held.
pub(super) fn pin(text: &str) -> Result<Pin, Problem> {
    text.parse().map_err(|wanted| Problem::field("pin", wanted))
}

/// How many rows a list may have.
pub(super) fn limit(given: Option<u64>) -> Result<u64, Problem> {
    match given.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit),
        _ => Err(Problem::field("limit", "must be between 1 and 1000")),
    }
}

/// One page of a list: at most `limit` of the rows that were found, which are one more where there is a next page, and what that page's
/// `after` is to be.
pub(super) fn page<T>(
    mut found: Vec<T>,
    limit: u64,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(cursor);
    (found, next)
}

/// Two parts of a cursor, as `next` has them.
pub(super) fn cursor<A: FromStr, B: FromStr>(text: &str) -> Result<(A, B), Problem> {
    let read = text
        .split_once('.')
        .and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
    read.ok_or_else(not_a_cursor)
}

/// The cursor of a list that begins with the newest: when something was made, and its id.
pub(super) fn made<T>(text: &str) -> Result<(DateTime<Utc>, Id<T>), Problem> {
    let (millis, id) = cursor::<i64, Id<T>>(text)?;
    let at = DateTime::from_timestamp_millis(millis).ok_or_else(not_a_cursor)?;
    Ok((at, id))
}

/// The same, as `next` has it.
pub(super) fn made_at<T>(at: DateTime<Utc>, id: Id<T>) -> String {
    format!("{}.{id}", at.timestamp_millis())
}

pub(super) fn not_a_cursor() -> Problem {
    Problem::field("after", "is not what an answer called `next`")
}

/// How the description names a field that is one of some words.
fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

/// The states of access requests.
pub(super) fn access_request_states() -> Object {
    one_of(AccessRequestState::ALL.map(AccessRequestState::name))
}

/// The states of merges.
pub(super) fn merge_states() -> Object {
    one_of(MergeState::ALL.map(MergeState::name))
}

/// The statuses of guests.
pub(super) fn guest_statuses() -> Object {
    one_of(GuestStatus::ALL.map(GuestStatus::name))
}

/// How invitations stand.
pub(super) fn invitation_states() -> Object {
    one_of(Standing::ALL.map(Standing::name))
}

/// The kinds of upstreams.
pub(super) fn upstream_kinds() -> Object {
    one_of(UpstreamKind::ALL.map(UpstreamKind::name))
}
