//! Passkeys: the way back in for a guest who once proved the mailbox by a code, and still would be sent one. The method
//! that sticks stays the code.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{EmailAddress, Id, guest::Guest, method::Method};

/// How many passkeys a guest has at most.
pub const MOST: usize = 10;

/// How long a challenge waits for its answer.
pub const CEREMONY_FOR: TimeDelta = TimeDelta::minutes(5);

/// A public key credential that a guest registered (Web Authentication Level 3 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its row.
    pub id: Id<Passkey>,
    /// The guest whom it signs in.
    pub guest: Id<Guest>,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// The public key and the signature counter, as the verifier writes them.
    pub credential: String,
    /// Where its private key lives.
    pub kind: PasskeyKind,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it last signed the guest in.
    pub used_at: Option<DateTime<Utc>>,
}

/// Where a passkey's private key lives, as its authenticator says (§6.1.3, «backup eligible»).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyKind {
    /// On one device.
    Bound,
    /// With a provider that keeps it on several.
    Synced,
}

impl PasskeyKind {
    /// The word that rows, the command line and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bound => "bound",
            Self::Synced => "synced",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Bound, Self::Synced]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What an authenticator is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyPurpose {
    /// A new passkey.
    Make,
    /// To sign in with one.
    Use,
}

impl CeremonyPurpose {
    /// The word that rows use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Use => "use",
        }
    }
}

/// A challenge that waits for its answer, in the sign-in and thus in the browser that asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// What for.
    pub purpose: CeremonyPurpose,
    /// What the browser is told, as JSON.
    pub options: String,
    /// What the answer is held against, as the verifier writes it.
    pub state: String,
    /// When it expires.
    pub ends_at: DateTime<Utc>,
}

/// Why a passkey was not registered, or did not sign its guest in. The guest is told one thing for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRefused {
    /// There is no challenge: it was answered before, or never made.
    NoChallenge,
    /// The challenge is too old.
    Late,
    /// The answer cannot be read, or is not right for this challenge, origin or key.
    Wrong,
    /// The signature counter went back: the key may have been copied (§6.1.1).
    Counter,
    /// No passkey of ours.
    Unknown,
    /// The passkey is another guest's than the answer says, or registered already.
    NotTheirs,
    /// The sign-in asks for another address.
    OtherAddress,
    /// The guest would not be sent a code: they sign in elsewhere, or not at all.
    OtherMethod,
    /// Codes are off for the guest after too many wrong ones.
    CodesOff,
    /// The guest has as many as one may have.
    TooMany,
}

impl PasskeyRefused {
    /// The word that the audit log uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoChallenge => "no_challenge",
            Self::Late => "late",
            Self::Wrong => "wrong",
            Self::Counter => "counter_went_back",
            Self::Unknown => "unknown",
            Self::NotTheirs => "not_theirs",
            Self::OtherAddress => "other_address",
            Self::OtherMethod => "other_method",
            Self::CodesOff => "codes_off",
            Self::TooMany => "too_many",
        }
    }
}

/// What is known of a guest whose passkey is right.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyFacts<'a> {
    /// The guest.
    pub guest: &'a Guest,
    /// The address that the sign-in asks for, if it asks for one.
    pub wanted: Option<&'a EmailAddress>,
    /// Whether this guest would be mailed a code in this sign-in.
    pub gets_code: bool,
    /// Whether codes are off for them after too many wrong ones.
    pub codes_off: bool,
}

/// Whether a right passkey lets its guest in wherever a code would, and nowhere else.
pub fn may_use(standing: &PasskeyFacts<'_>) -> Result<(), PasskeyRefused> {
    let PasskeyFacts {
        guest,
        wanted,
        gets_code,
        codes_off,
    } = *standing;
    if wanted.is_some_and(|email| email.key() != guest.email.key()) {
        return Err(PasskeyRefused::OtherAddress);
    }
    if guest.method != Some(Method::Passcode) || !gets_code {
        return Err(PasskeyRefused::OtherMethod);
    }
    if codes_off {
        return Err(PasskeyRefused::CodesOff);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        guest::{GuestStatus, Subject},
        time::from_millis,
        upstream::UpstreamKind,
    };

    fn guest(method: Option<Method>) -> Guest {
        Guest {
            id: Id::from_uuid(Uuid::nil()),
            subject: Subject::stored("s"),
            email: EmailAddress::parse("anna@contoso.test").unwrap(),
            name: None,
            language: None,
            status: GuestStatus::Active,
            status_since: from_millis(0),
            former_status: None,
            valid_until: None,
            pinned_method: None,
            method,
            redeemed_at: None,
            last_sign_in_at: None,
            email_proven_at: None,
            created_at: from_millis(0),
            updated_at: from_millis(0),
        }
    }

    #[test]
    fn a_passkey_opens_what_a_code_opens_and_nothing_else() {
        let code = Some(Method::Passcode);
        let tenant = Some(Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(Uuid::nil())));
        let provider = Some(Method::Upstream(
            UpstreamKind::Provider,
            Id::from_uuid(Uuid::nil()),
        ));
        let (same, other) = (Some("Anna@Contoso.test"), Some("ben@contoso.test"));
        for (method, wanted, gets_code, codes_off, expected) in [
            (code, None, true, false, Ok(())),
            (code, same, true, false, Ok(())),
            (code, other, true, false, Err(PasskeyRefused::OtherAddress)),
            (code, None, false, false, Err(PasskeyRefused::OtherMethod)),
            (code, None, true, true, Err(PasskeyRefused::CodesOff)),
            // Whatever a code would do: it is no way around a tenant, and nothing of a guest who was reset.
            (tenant, None, true, false, Err(PasskeyRefused::OtherMethod)),
            (provider, None, true, false, Err(PasskeyRefused::OtherMethod)),
            (None, None, true, false, Err(PasskeyRefused::OtherMethod)),
        ] {
            let wanted = wanted.map(|text| EmailAddress::parse(text).unwrap());
            let guest = guest(method);
            let standing = PasskeyFacts {
                guest: &guest,
                wanted: wanted.as_ref(),
                gets_code,
                codes_off,
            };
            assert_eq!(may_use(&standing), expected, "{standing:?}");
        }
    }

    /// Operators search the audit log for them.
    #[test]
    fn every_word_of_a_passkey() {
        for (refused, word) in [
            (PasskeyRefused::NoChallenge, "no_challenge"),
            (PasskeyRefused::Late, "late"),
            (PasskeyRefused::Wrong, "wrong"),
            (PasskeyRefused::Counter, "counter_went_back"),
            (PasskeyRefused::Unknown, "unknown"),
            (PasskeyRefused::NotTheirs, "not_theirs"),
            (PasskeyRefused::OtherAddress, "other_address"),
            (PasskeyRefused::OtherMethod, "other_method"),
            (PasskeyRefused::CodesOff, "codes_off"),
            (PasskeyRefused::TooMany, "too_many"),
        ] {
            assert_eq!(refused.name(), word);
        }
        assert_eq!(
            [CeremonyPurpose::Make, CeremonyPurpose::Use].map(CeremonyPurpose::name),
            ["make", "use"]
        );
        for (kind, word) in [(PasskeyKind::Bound, "bound"), (PasskeyKind::Synced, "synced")] {
            assert_eq!((kind.name(), PasskeyKind::parse(word)), (word, Some(kind)));
        }
    }
}
