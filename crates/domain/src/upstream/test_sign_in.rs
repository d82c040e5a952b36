//! Trying an upstream out before guests do: a real round trip that begins no session.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Link, Linked, Mismatch, Upstream, link};
use crate::{EmailAddress, Id, upstream::Arrival};

/// How long the link of one works.
pub const TEST_FOR: TimeDelta = TimeDelta::hours(1);

/// One try, as an operator asked for it. The link is enough to make the round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSignIn {
    /// Its row.
    pub id: Id<TestSignIn>,
    /// Which upstream.
    pub upstream: Id<Upstream>,
    /// As whom: what would become of a guest with this address is told.
    pub email: EmailAddress,
    /// Who asked for it.
    pub by: String,
    /// Until when its link works.
    pub expires_at: DateTime<Utc>,
}

/// What a guest of that address would have got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestVerdict {
    /// They would have come in.
    Enters(Linked),
    /// They would not.
    Refused(Mismatch),
}

impl TestVerdict {
    /// What follows from the account that came back, by the rule that decides for guests.
    pub fn of(arrival: &Arrival, known: &Link<'_>) -> Self {
        match link(arrival, known) {
            Ok(linked) => Self::Enters(linked),
            Err(mismatch) => Self::Refused(mismatch),
        }
    }

    /// The word that the audit log uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enters(Linked::Known) => "known",
            Self::Enters(Linked::New) => "new",
            Self::Enters(Linked::Unconfirmed) => "a_code_confirms",
            Self::Refused(mismatch) => mismatch.name(),
        }
    }
}
