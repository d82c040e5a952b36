//! Forms are believed only from our own pages: a token that follows from the sign-in and from a key of the server, and what the
//! browser itself says about where the request came from.

use domain::Secret;
use http::{HeaderMap, header};
use sign_in::Issuer;

use crate::{error_kind::ErrorKind, page::ErrorPage};

/// The token for the forms of a sign-in, of its secret.
pub fn token(sign_in: &Secret) -> String {
    sign_in.derive("csrf", b"sign-in").expose().to_owned()
}

/// A form on a page of a sign-in: where it goes, and its token. Without a token there is none.
#[derive(Clone)]
pub struct Form {
    action: String,
    token: String,
}

impl Form {
    /// The form of the sign-in with that secret, sent to that path.
    pub fn new(sign_in: &Secret, action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            token: token(sign_in),
        }
    }

    /// A form outside a sign-in, of the session with that secret.
    pub fn of_session(session: &Secret, action: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            token: session_token(session),
        }
    }

    /// Where it goes.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// What it carries in the field `csrf`.
    pub fn csrf(&self) -> &str {
        &self.token
    }
}

/// The token for forms outside a sign-in (signing out), of one session.
pub fn session_token(session: &Secret) -> String {
    session.derive("csrf", b"session").expose().to_owned()
}

/// Refuses a form that was not ours: none of the tokens, another `Origin`, or a cross-site fetch.
pub fn check(
    headers: &HeaderMap,
    issuer: &Issuer,
    expected: impl IntoIterator<Item = String>,
    given: &str,
) -> Result<(), ErrorPage> {
    let given = Secret::presented(given);
    check_origin(headers, issuer)?;
    if !expected
        .into_iter()
        .any(|token| Secret::presented(token).matches(&given))
    {
        return Err(ErrorPage::new(ErrorKind::Forged).detail("the form's token is missing or wrong"));
    }
    Ok(())
}

/// Refuses a form of another site. It is enough for a form that acts for nobody: without a session, and with what was typed alone.
pub fn check_origin(headers: &HeaderMap, issuer: &Issuer) -> Result<(), ErrorPage> {
    if came_from_elsewhere(headers, issuer) {
        return Err(ErrorPage::new(ErrorKind::Forged).detail("the form was posted from another site"));
    }
    Ok(())
}

/// What the browser says. Our own `Referrer-Policy: no-referrer` makes browsers write `Origin: null` even on
/// our own forms (Fetch §3.2), so `null` says nothing; `Sec-Fetch-Site` then does.
fn came_from_elsewhere(headers: &HeaderMap, issuer: &Issuer) -> bool {
    let value = |name| {
        headers
            .get(name)
            .and_then(|value: &http::HeaderValue| value.to_str().ok())
    };
    let foreign_origin =
        value(header::ORIGIN).is_some_and(|origin| origin != "null" && origin != issuer.as_str());
    let foreign_site = value(header::HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site, "same-origin" | "none"));
    foreign_origin || foreign_site
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_post() {
        let issuer = Issuer::new(&url::Url::parse("https://login.acme.example").unwrap()).unwrap();
        for (headers, token, allowed) in [
            (vec![], "t", true),
            (
                vec![
                    ("origin", "https://login.acme.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                "t",
                true,
            ),
            (
                vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
                "t",
                true,
            ),
            (
                vec![("origin", "null"), ("sec-fetch-site", "cross-site")],
                "t",
                false,
            ),
            (vec![("sec-fetch-site", "same-site")], "t", false),
            (vec![("origin", "https://evil.example")], "t", false),
            (vec![("origin", "http://login.acme.example")], "t", false),
            (vec![], "u", false),
            (vec![], "", false),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.parse::<header::HeaderName>().unwrap(),
                        value.parse().unwrap(),
                    )
                })
                .collect();
            assert_eq!(
                check(&map, &issuer, ["s".into(), "t".into()], token).is_ok(),
                allowed,
                "{headers:?} {token}"
            );
        }
    }
}
