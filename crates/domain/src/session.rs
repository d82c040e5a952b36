//! Sessions: who a browser is, and how that was proved.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Id,
    guest::Guest,
    method::Method,
    passkey::PasskeyKind,
    upstream::{Upstream, UpstreamKind},
};

/// A browser that has signed in. The browser holds a [`crate::Secret`]; the row holds its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its row; also the `sid` claim (Back-Channel Logout §2.1).
    pub id: Id<Session>,
    /// The guest who signed in.
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
    /// How the guest proved who they are.
    pub means: Means,
    /// When: the `auth_time` claim.
    pub at: DateTime<Utc>,
}

/// How something was proved. `mfa` says that the upstream says that it asked for a second factor, and is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A sign-in code that was emailed.
    Code,
    /// A passkey of this kind, which stood for the code: the method is still the code.
    Passkey(PasskeyKind),
    /// The account at the guest's own organisation, or a personal one.
    Upstream {
        /// At which kind of upstream.
        kind: UpstreamKind,
        /// The upstream's id.
        id: Id<Upstream>,
        /// Whether a second factor was used.
        mfa: bool,
    },
}

impl Means {
    /// The proof that a method asks for, a code and no passkey; a code has no second factor.
    pub fn of(method: Method, mfa: bool) -> Self {
        match method {
            Method::Passcode => Self::Code,
            Method::Upstream(kind, id) => Self::Upstream { kind, id, mfa },
        }
    }

    /// The method that it belongs to.
    pub fn method(self) -> Method {
        match self {
            Self::Code | Self::Passkey(_) => Method::Passcode,
            Self::Upstream { kind, id, .. } => Method::Upstream(kind, id),
        }
    }

    /// Whether an upstream asked for a second factor, and is believed.
    pub fn mfa(self) -> bool {
        match self {
            Self::Code | Self::Passkey(_) => false,
            Self::Upstream { mfa, .. } => mfa,
        }
    }

    /// The kind of the passkey, if it was one.
    pub fn passkey(self) -> Option<PasskeyKind> {
        match self {
            Self::Passkey(kind) => Some(kind),
            Self::Code | Self::Upstream { .. } => None,
        }
    }
}

impl Authentication {
    /// The method that was used.
    pub fn method(&self) -> Method {
        self.means.method()
    }

    /// The `amr` claim (RFC 8176 §2): an emailed code is `otp` and never `mfa`. A passkey is a key whose possession was
    /// proven by a user who was present and verified: in hardware or not was not attested. It is not `mfa` either: the
    /// verification is the authenticator's own word.
    pub fn amr(&self) -> &'static [&'static str] {
        match self.means {
            Means::Code => &["otp"],
            Means::Passkey(PasskeyKind::Bound | PasskeyKind::Synced) => &["pop", "user"],
            Means::Upstream { mfa: true, .. } => &["fed", "mfa"],
            Means::Upstream { mfa: false, .. } => &["fed"],
        }
    }

    /// The `acr` claim.
    pub fn acr(&self) -> Acr {
        match self.means {
            Means::Code => Acr::Mailbox,
            Means::Passkey(_) => Acr::Passkey,
            Means::Upstream { mfa: true, .. } => Acr::UpstreamMfa,
            Means::Upstream { mfa: false, .. } => Acr::Upstream,
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
    fn what_each_means_is_called_in_tokens() {
        let (tenant, provider) = (
            Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(uuid::Uuid::from_u128(1))),
            Method::Upstream(UpstreamKind::Provider, Id::from_uuid(uuid::Uuid::from_u128(2))),
        );
        let (bound, synced) = (
            Means::Passkey(PasskeyKind::Bound),
            Means::Passkey(PasskeyKind::Synced),
        );
        for (means, method, mfa, amr, acr) in [
            (
                Means::of(Method::Passcode, false),
                Method::Passcode,
                false,
                &["otp"][..],
                Acr::Mailbox,
            ),
            // Whatever is claimed of it: an emailed code is one factor.
            (
                Means::of(Method::Passcode, true),
                Method::Passcode,
                false,
                &["otp"],
                Acr::Mailbox,
            ),
            (bound, Method::Passcode, false, &["pop", "user"], Acr::Passkey),
            (synced, Method::Passcode, false, &["pop", "user"], Acr::Passkey),
            (Means::of(tenant, false), tenant, false, &["fed"], Acr::Upstream),
            (
                Means::of(tenant, true),
                tenant,
                true,
                &["fed", "mfa"],
                Acr::UpstreamMfa,
            ),
            (
                Means::of(provider, false),
                provider,
                false,
                &["fed"],
                Acr::Upstream,
            ),
            (
                Means::of(provider, true),
                provider,
                true,
                &["fed", "mfa"],
                Acr::UpstreamMfa,
            ),
        ] {
            let authentication = Authentication {
                means,
                at: from_millis(0),
            };
            assert_eq!(
                (authentication.amr(), authentication.acr()),
                (amr, acr),
                "{means:?}"
            );
            assert_eq!((authentication.method(), means.mfa()), (method, mfa), "{means:?}");
        }
        assert_eq!(
            (bound.passkey(), Means::Code.passkey()),
            (Some(PasskeyKind::Bound), None)
        );
        assert_eq!(Means::of(tenant, true).passkey(), None);
    }

    /// To the millisecond, and only while the session counts (threat O07).
    #[test]
    fn an_answer_is_repeated_for_a_minute() {
        struct Zeros;
        impl crate::entropy::Entropy for Zeros {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(0);
            }
        }
        let began = from_millis(1_700_000_000_000);
        let session = Session {
            id: Id::new(began, &Zeros),
            guest: Id::from_uuid(uuid::Uuid::nil()),
            authentication: Authentication {
                means: Means::Code,
                at: began,
            },
            expires_at: began + TimeDelta::hours(24),
            ends_with_browser: false,
            ended_at: None,
        };
        for (millis, repeated) in [(0, true), (60_000, true), (60_001, false), (3_600_000, false)] {
            let now = began + TimeDelta::milliseconds(millis);
            assert_eq!(session.repeats_its_answer(now), repeated, "{millis}");
            let ended = Session {
                ended_at: Some(began),
                ..session.clone()
            };
            assert!(!ended.repeats_its_answer(now), "{millis}");
        }
    }
}
