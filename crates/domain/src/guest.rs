//! Guests: the people whom the organisation invites and does not employ.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;

use crate::{
    EmailAddress, Id,
    entropy::{Entropy, random},
    method::Method,
};

/// A person in the directory, known by an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guest {
    /// Their row.
    pub id: Id<Guest>,
    /// Their `sub`: random, for ever theirs, never used again.
    pub subject: Subject,
    /// Their address.
    pub email: EmailAddress,
    /// Their name, when someone told us.
    pub name: Option<String>,
    /// The language they prefer, BCP 47.
    pub language: Option<String>,
    /// Where they are in a guest's life.
    pub status: GuestStatus,
    /// Since when.
    pub status_since: DateTime<Utc>,
    /// Of one who was removed: where they were before.
    pub former_status: Option<GuestStatus>,
    /// When access ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
    /// A method that an operator pinned.
    pub pinned_method: Option<Method>,
    /// The method of the redemption, which sticks until it is reset.
    pub method: Option<Method>,
    /// When they first signed in.
    pub redeemed_at: Option<DateTime<Utc>>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// When the mailbox was last proven by a code.
    pub email_proven_at: Option<DateTime<Utc>>,
    /// When they were first invited.
    pub created_at: DateTime<Utc>,
    /// When the record last changed: the `updated_at` claim.
    pub updated_at: DateTime<Utc>,
}

impl Guest {
    /// A new guest in the directory, not yet signed in.
    pub fn invited(
        email: EmailAddress,
        name: Option<String>,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        Self {
            id: Id::new(now, entropy),
            subject: Subject::generate(entropy),
            email,
            name,
            language: None,
            status: GuestStatus::Invited,
            status_since: now,
            former_status: None,
            valid_until: None,
            pinned_method: None,
            method: None,
            redeemed_at: None,
            last_sign_in_at: None,
            email_proven_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether access has ended by date.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.valid_until.is_some_and(|until| until <= now)
    }
}

/// Where a guest is in a guest's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestStatus {
    /// Invited, has never signed in.
    Invited,
    /// Has signed in.
    Active,
    /// Shut out by an operator.
    Blocked,
    /// Works for the organisation by now, and signs in as its people do.
    Converted,
    /// Taken out of the directory; can be restored until it is erased.
    Removed,
}

impl GuestStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Invited,
        Self::Active,
        Self::Blocked,
        Self::Converted,
        Self::Removed,
    ];

    /// The word that rows, the command line and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Converted => "converted",
            Self::Removed => "removed",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether a guest of this status may come in at all.
    pub fn is_in(self) -> bool {
        matches!(self, Self::Invited | Self::Active)
    }
}

/// The `sub` claim (OpenID Connect Core §2): 160 random bits as 32 lower-case letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(BASE32_NOPAD.encode(&random::<20>(entropy)).to_ascii_lowercase())
    }

    /// The one that a row or a token holds.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The claim.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
