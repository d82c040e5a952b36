//! Sessions: who a browser is, and how that was proved.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Id, guest::Guest, method::Method, passkey::PasskeyKind};

/// A browser that has signed in. The browser holds a [`crate::Secret`]; the row holds its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its row; also the `sid` claim (Back-Channel Logout §2.1).
    pub id: Id<Session>,
    /// Who.
    pub guest: Id<Guest>,
    /// How and when it was proved.
    pub authentication: Authentication,
    /// The absolute end; never moved.
    pub expires_at: DateTime<Utc>,
    /// Whether the browser forgets it when it is closed («shared computer»).
    pub ends_with_browser: bool,
    /// When it was ended before its time: signed out, blocked, reset.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How long the answer that began a session is given again to the same request: long enough for a guest whose answer was
/// lost, too short for somebody who finds the cookie of the sign-in later (threat O07).
pub const REPEATED_FOR: TimeDelta = TimeDelta::seconds(60);

impl Session {
    /// Whether the browser that began it may be given it once more.
    pub fn repeats_its_answer(&self, now: DateTime<Utc>) -> bool {
        let began = self.id.made_at();
        self.is_live(now) && began.is_some_and(|began| now - began <= REPEATED_FOR)
    }

    /// Whether it counts now. One from the future counts as well: clocks of replicas differ a little.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// Whether the proof is younger than `max_age` seconds (OpenID Connect Core §3.1.2.1).
    pub fn is_fresh(&self, max_age: Option<u32>, now: DateTime<Utc>) -> bool {
        max_age.is_none_or(|seconds| now - self.authentication.at < TimeDelta::seconds(i64::from(seconds)))
    }
}

/// What was proved, how, and when. Nothing is claimed that did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// The way.
    pub method: Method,
    /// When: the `auth_time` claim.
    pub at: DateTime<Utc>,
    /// Whether the upstream says that it asked for a second factor, and is believed.
    pub mfa: bool,
    /// Which kind of passkey stood for the code, if one did: the method is still the code.
    pub passkey: Option<PasskeyKind>,
}

impl Authentication {
    /// The `amr` claim (RFC 8176 §2): an emailed code is `otp` and never `mfa`. A passkey is a key whose possession was
    /// proven by a user who was present and verified: in hardware or not, nobody attested. It is not `mfa` either: the
    /// verification is the authenticator's own word.
    pub fn amr(&self) -> &'static [&'static str] {
        match self.method {
            Method::Passcode => match self.passkey {
                None => &["otp"],
                Some(PasskeyKind::Bound | PasskeyKind::Synced) => &["pop", "user"],
            },
            Method::Federation(_) | Method::PersonalAccount(_) if self.mfa => &["fed", "mfa"],
            Method::Federation(_) | Method::PersonalAccount(_) => &["fed"],
        }
    }

    /// The `acr` claim.
    pub fn acr(&self) -> Acr {
        match self.method {
            Method::Passcode if self.passkey.is_some() => Acr::Passkey,
            Method::Passcode => Acr::Mailbox,
            Method::Federation(_) | Method::PersonalAccount(_) if self.mfa => Acr::UpstreamMfa,
            Method::Federation(_) | Method::PersonalAccount(_) => Acr::Upstream,
        }
    }
}

/// The values of the `acr` claim (OpenID Connect Core §2): our own names, since no assurance level covers control of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acr {
    /// By emailed code: control of the mailbox at that moment, nothing more.
    Mailbox,
    /// By a passkey that was registered here after a code: control of the authenticator.
    Passkey,
    /// At an upstream whose own claims are not trusted.
    Upstream,
    /// At an upstream that is trusted to have asked for a second factor.
    UpstreamMfa,
}

impl Acr {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mailbox, Self::Passkey, Self::Upstream, Self::UpstreamMfa];

    /// The value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mailbox => "urn:vestibule:acr:mailbox",
            Self::Passkey => "urn:vestibule:acr:passkey",
            Self::Upstream => "urn:vestibule:acr:upstream",
            Self::UpstreamMfa => "urn:vestibule:acr:upstream:mfa",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_millis;

    #[test]
    fn a_code_and_a_passkey_are_one_factor_whatever_is_claimed() {
        let tenant = Method::Federation(Id::from_uuid(uuid::Uuid::nil()));
        let (bound, synced) = (Some(PasskeyKind::Bound), Some(PasskeyKind::Synced));
        for (method, mfa, passkey, amr, acr) in [
            (Method::Passcode, false, None, &["otp"][..], Acr::Mailbox),
            (Method::Passcode, true, None, &["otp"], Acr::Mailbox),
            (Method::Passcode, false, bound, &["pop", "user"], Acr::Passkey),
            (Method::Passcode, true, bound, &["pop", "user"], Acr::Passkey),
            (Method::Passcode, false, synced, &["pop", "user"], Acr::Passkey),
            (tenant, false, None, &["fed"], Acr::Upstream),
            (tenant, true, None, &["fed", "mfa"], Acr::UpstreamMfa),
        ] {
            let authentication = Authentication {
                method,
                at: from_millis(0),
                mfa,
                passkey,
            };
            assert_eq!((authentication.amr(), authentication.acr()), (amr, acr));
        }
    }
}
