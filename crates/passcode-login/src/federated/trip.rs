//! One way to an upstream and back, as the `state` parameter carries it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id, Secret, entropy::Entropy, method::Method, sign_in::SignIn, time::from_millis,
};

/// How long somebody may stay at an upstream before the sign-in there must begin anew.
const AWAY_FOR: TimeDelta = TimeDelta::hours(1);

/// `sign-in.until.random.MAC`: whom the answer is for, until when, and a value that makes it the only one.
#[derive(Clone, Debug)]
pub(super) struct Trip {
    pub(super) sign_in: Id<SignIn>,
    pub(super) until: DateTime<Utc>,
    state: Secret,
}

/// What else the answer is bound to.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    /// The browser's secret: nobody else can make the MAC.
    pub(super) browser: &'a Secret,
    /// Whose answer it is.
    pub(super) upstream: Method,
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
        let until = now + AWAY_FOR;
        let unique = Secret::generate(entropy);
        let open = format!("{sign_in}.{}.{}", until.timestamp(), unique.expose());
        Self {
            sign_in,
            until,
            state: Secret::presented(format!("{open}.{}", mac(&open, bound).expose())),
        }
    }

    /// The one that a browser brought back; nothing in it is to be believed before [`Self::is_bound_to`].
    pub(super) fn presented(state: &str) -> Option<Self> {
        let mut parts = state.split('.');
        let sign_in = parts.next()?.parse().ok()?;
        let until: i64 = parts.next()?.parse().ok()?;
        parts.next().filter(|unique| !unique.is_empty())?;
        parts.next()?;
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            sign_in,
            until: from_millis(until.checked_mul(1000)?),
            state: Secret::presented(state),
        })
    }

    /// When it began.
    pub(super) fn left_at(&self) -> DateTime<Utc> {
        self.until - AWAY_FOR
    }

    /// Whether it was made for this browser, upstream and address.
    pub(super) fn is_bound_to(&self, bound: &Bound<'_>) -> bool {
        self.state
            .expose()
            .rsplit_once('.')
            .is_some_and(|(open, given)| mac(open, bound) == Secret::presented(given))
    }

    /// The `state` parameter.
    pub(super) fn state(&self) -> &Secret {
        &self.state
    }

    /// Another secret of this way and this browser: the nonce, the PKCE verifier, the session's.
    pub(super) fn derive(&self, browser: &Secret, purpose: &str) -> Secret {
        browser.derive(purpose, self.state.expose().as_bytes())
    }
}

fn mac(open: &str, bound: &Bound<'_>) -> Secret {
    // A line break is in none of the parts.
    let upstream = bound.upstream.upstream().unwrap_or_default();
    let kind = bound.upstream.kind();
    let email = bound.email.map(EmailAddress::key).unwrap_or_default();
    let context = format!("{open}\n{kind}\n{upstream}\n{email}");
    bound.browser.derive("federation state", context.as_bytes())
}

#[cfg(test)]
mod tests {
    use test_support::samples;

    use super::*;

    #[test]
    fn a_trip_is_of_one_browser_one_upstream_and_one_address() {
        let (browser, upstream, email) = (
            samples::secret(),
            Method::Federation(samples::id()),
            samples::email("anna@contoso.test"),
        );
        let bound = Bound {
            browser: &browser,
            upstream,
            email: Some(&email),
        };
        let trip = Trip::begin(samples::id(), &bound, samples::now(), &samples::entropy());
        let text = trip.state().expose().to_owned();
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
        let (other_browser, other_email) = (samples::secret(), samples::email("bob@contoso.test"));
        for other in [
            Bound {
                browser: &other_browser,
                ..bound
            },
            Bound {
                upstream: Method::Federation(samples::id()),
                ..bound
            },
            Bound {
                upstream: Method::PersonalAccount(domain::Id::from_uuid(upstream.upstream().unwrap())),
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
        // Whatever is changed in it, the MAC fits no more.
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            let believed = Trip::presented(&changed).is_some_and(|trip| trip.is_bound_to(&bound));
            assert!(!believed, "{at}");
        }
        for broken in ["", ".", "a.b.c.d", &format!("{text}.x"), &text[..40]] {
            assert!(Trip::presented(broken).is_none(), "{broken}");
        }
        let again = Trip::begin(trip.sign_in, &bound, samples::now(), &samples::entropy());
        assert_ne!(again.state(), trip.state(), "each is another one");
        assert_ne!(trip.derive(&browser, "nonce"), trip.derive(&browser, "pkce"));
    }
}
