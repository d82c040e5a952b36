//! Guests: the people whom the organisation invites and does not employ.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;

use crate::{
    EmailAddress, Id,
    entropy::{Entropy, random},
    method::Method,
};

/// A person in the directory, known by an address.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Enters an app: notes it, redeems a guest who was only invited, and fixes the method that was `proven` unless one is fixed
    /// already. `fixes`: it is a method of theirs, and not one that only stood in for another.
    pub fn enter(&mut self, proven: Method, fixes: bool, now: DateTime<Utc>) {
        self.last_sign_in_at = Some(now);
        if self.status == GuestStatus::Invited {
            self.status = GuestStatus::Active;
            self.updated_at = now;
        }
        self.redeemed_at = self.redeemed_at.or(Some(now));
        self.method = self.method.or(Some(proven).filter(|_| fixes));
    }

    /// Whether access has ended by date.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.valid_until.is_some_and(|until| until <= now)
    }
}

/// Where a guest is in a guest's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestStatus {
    /// Invited, has never signed in.
    Invited,
    /// Has signed in.
    Active,
    /// Shut out by an operator.
    Blocked,
}

impl GuestStatus {
    /// The word that rows, the command line and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Blocked]
            .into_iter()
            .find(|status| status.name() == name)
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::upstream::UpstreamKind;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn entering_redeems_once_and_fixes_the_first_method() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let tenant = Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(Uuid::nil()));
        let email = EmailAddress::parse("anna@contoso.test").unwrap();
        let mut guest = Guest::invited(email, None, at(0), &Zeros);
        let seen = |guest: &Guest| {
            (
                guest.status,
                guest.method,
                guest.redeemed_at,
                guest.last_sign_in_at,
                guest.updated_at,
            )
        };
        let active = GuestStatus::Active;
        // A code that stands in for the tenant: they are in, and the tenant is still to come.
        guest.enter(Method::Passcode, false, at(1));
        assert_eq!(seen(&guest), (active, None, Some(at(1)), Some(at(1)), at(1)));
        guest.enter(tenant, true, at(2));
        assert_eq!(
            seen(&guest),
            (active, Some(tenant), Some(at(1)), Some(at(2)), at(1))
        );
        // What is fixed stays, whatever is proven later.
        guest.enter(Method::Passcode, true, at(3));
        assert_eq!(
            seen(&guest),
            (active, Some(tenant), Some(at(1)), Some(at(3)), at(1))
        );
    }
}
