//! One way to an upstream and back, as the parameter `state` carries it, and `RelayState`.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    EmailAddress, Id, Secret,
    entropy::{Entropy, random},
    sign_in::SignIn,
    time::from_millis,
    upstream::Upstream,
};
use uuid::Uuid;

/// How long somebody may stay at an upstream before the sign-in there must begin anew.
const AWAY_FOR: TimeDelta = TimeDelta::hours(1);

/// How many bytes of a MAC, and of what is random, go along: 128 bits, which cannot be guessed within the hour.
const PART: usize = 16;

/// The sign-in, until when, a value that makes it the only one, and a MAC of these and of what else it is bound to; as
/// base64url, 71 characters. `RelayState` may have 80 (SAML Bindings §3.4.3, threat S11).
#[derive(Clone, Debug)]
pub(super) struct Trip {
    pub(super) sign_in: Id<SignIn>,
    pub(super) until: DateTime<Utc>,
    state: Secret,
}

/// What else the answer is bound to.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    /// The secret that the trip is sealed with: that of the sign-in, or of the browser where an operator tries an upstream out.
    pub(super) seal: &'a Secret,
    /// Whose answer it is.
    pub(super) upstream: Id<Upstream>,
    /// The address of the sign-in; none where the app named the upstream.
    pub(super) email: Option<&'a EmailAddress>,
}

impl Trip {
    /// A new one.
    pub(super) fn begin(
        sign_in: Id<SignIn>,
        bound: &Bound<'_>,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        let until = from_seconds(now.timestamp() + AWAY_FOR.num_seconds());
        let seconds = until.timestamp().to_be_bytes();
        let open = [
            &sign_in.uuid().into_bytes()[..],
            &seconds[3..],
            &random::<PART>(entropy),
        ]
        .concat();
        let state = [&open[..], &mac(&open, bound)].concat();
        Self {
            sign_in,
            until,
            state: Secret::presented(BASE64URL_NOPAD.encode(&state)),
        }
    }

    /// The one that a browser brought back; nothing in it is to be believed before [`Self::is_bound_to`].
    pub(super) fn presented(state: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(state.as_bytes()).ok()?;
        let (sign_in, rest) = bytes.split_first_chunk::<16>()?;
        let (seconds, rest) = rest.split_first_chunk::<5>()?;
        let seconds = seconds
            .iter()
            .fold(0, |seconds, byte| seconds << 8 | i64::from(*byte));
        (rest.len() == 2 * PART).then(|| Self {
            sign_in: Id::from_uuid(Uuid::from_bytes(*sign_in)),
            until: from_seconds(seconds),
            state: Secret::presented(state),
        })
    }

    /// When it began.
    pub(super) fn left_at(&self) -> DateTime<Utc> {
        self.until - AWAY_FOR
    }

    /// Whether it was sealed with this secret, for this upstream and address.
    pub(super) fn is_bound_to(&self, bound: &Bound<'_>) -> bool {
        let bytes = BASE64URL_NOPAD.decode(self.state.expose().as_bytes());
        bytes.is_ok_and(|bytes| {
            let (open, given) = bytes.split_at(bytes.len().saturating_sub(PART));
            let same = |bytes: &[u8]| Secret::presented(BASE64URL_NOPAD.encode(bytes));
            same(&mac(open, bound)) == same(given)
        })
    }

    /// The parameter.
    pub(super) fn state(&self) -> &Secret {
        &self.state
    }

    /// Another secret of this way: the nonce, the PKCE verifier.
    pub(super) fn derive(&self, seal: &Secret, purpose: &str) -> Secret {
        seal.derive(purpose, self.state.expose().as_bytes())
    }
}

fn mac(open: &[u8], bound: &Bound<'_>) -> Vec<u8> {
    // A line break is in none of the parts.
    let upstream = bound.upstream;
    let email = bound.email.map(EmailAddress::key).unwrap_or_default();
    let open = BASE64URL_NOPAD.encode(open);
    let context = format!("{open}\n{upstream}\n{email}");
    let whole = bound.seal.derive("federation state", context.as_bytes());
    let bytes = BASE64URL_NOPAD.decode(whole.expose().as_bytes());
    bytes.unwrap_or_default().into_iter().take(PART).collect()
}

fn from_seconds(seconds: i64) -> DateTime<Utc> {
    from_millis(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use test_support::samples;

    use super::*;

    #[test]
    fn a_trip_is_of_one_sign_in_one_upstream_and_one_address() {
        let (seal, upstream, email) = (
            samples::secret(),
            samples::id(),
            samples::email("anna@contoso.test"),
        );
        let bound = Bound {
            seal: &seal,
            upstream,
            email: Some(&email),
        };
        let trip = Trip::begin(samples::id(), &bound, samples::now(), &samples::entropy());
        let text = trip.state().expose().to_owned();
        assert!(text.len() <= 80, "S11: {}", text.len());
        let back = Trip::presented(&text).unwrap();
        assert_eq!(
            (back.sign_in, back.until),
            (trip.sign_in, samples::now() + AWAY_FOR)
        );
        assert!(back.is_bound_to(&bound));
        assert!(back.is_bound_to(&Bound {
            email: Some(&samples::email("ANNA@contoso.test")),
            ..bound
        }));
        let (other_seal, other_email) = (samples::secret(), samples::email("bob@contoso.test"));
        for other in [
            Bound {
                seal: &other_seal,
                ..bound
            },
            Bound {
                upstream: samples::id(),
                ..bound
            },
            Bound { email: None, ..bound },
            Bound {
                email: Some(&other_email),
                ..bound
            },
        ] {
            assert!(!back.is_bound_to(&other));
        }
        // Whatever is changed in it, the MAC no longer fits.
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let believed = Trip::presented(&changed).is_some_and(|trip| trip.is_bound_to(&bound));
            assert!(!believed, "{at}");
        }
        for broken in [
            "",
            ".",
            "a.b.c.d",
            &format!("{text}A"),
            &format!("{text}AAAA"),
            &text[..40],
        ] {
            assert!(Trip::presented(broken).is_none(), "{broken}");
        }
        let again = Trip::begin(trip.sign_in, &bound, samples::now(), &samples::entropy());
        assert_ne!(again.state(), trip.state(), "each is another one");
        assert_ne!(trip.derive(&seal, "nonce"), trip.derive(&seal, "pkce"));
    }
}
