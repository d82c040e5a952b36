//! Single fields of requests, read; what is wrong is said by the field's name.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, Id};

use crate::{actions::Pin, problem::Problem};

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
