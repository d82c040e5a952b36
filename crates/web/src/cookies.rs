//! The cookies, attributes in one place: three bearer secrets of which the database knows the hash, the language,
//! and what a page shall say after a redirect.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    response::Response,
};
use chrono::TimeDelta;
use cookie::{Cookie, SameSite};
use domain::{Secret, entropy::Entropy};
use http::{HeaderMap, HeaderValue, header, request::Parts};

use sign_in::{Core, Issuer};

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Which browser this is, for the sign-ins under way in it.
    Browser,
    /// Who has signed in.
    Session,
    /// That somebody once proved a mailbox here: opens a lane of its own past the mailbox's limits.
    Device,
}

impl Kind {
    /// The name. `__Host-` binds a cookie to exactly this host over https (RFC 6265bis §4.1.3.2); plain http,
    /// which exists in development only, cannot have it.
    pub fn name(self, issuer: &Issuer) -> &'static str {
        match (self, issuer.is_secure()) {
            (Self::Browser, true) => "__Host-vestibule-browser",
            (Self::Session, true) => "__Host-vestibule-session",
            (Self::Device, true) => "__Host-vestibule-device",
            (Self::Browser, false) => "vestibule-browser",
            (Self::Session, false) => "vestibule-session",
            (Self::Device, false) => "vestibule-device",
        }
    }
}

/// How long the browser cookie and the device cookie are kept. That of the browser is given once and not again with each sign-in,
/// so it is kept as long as two of them: an answer that was on its way must not bring a former one back.
pub const BROWSER_FOR: TimeDelta = TimeDelta::hours(48);
/// See [`BROWSER_FOR`].
pub const DEVICE_FOR: TimeDelta = TimeDelta::days(180);

/// What the browser brought.
#[derive(Clone, Debug, Default)]
pub struct Cookies {
    /// See [`Kind::Browser`].
    pub browser: Option<Secret>,
    /// See [`Kind::Session`].
    pub session: Option<Secret>,
    /// See [`Kind::Device`].
    pub device: Option<Secret>,
}

impl Cookies {
    /// Reads a request's cookies. Two of one name are both ignored: one of them was tossed in.
    pub fn read(headers: &HeaderMap, issuer: &Issuer) -> Self {
        let find = |kind: Kind| only(headers, kind.name(issuer)).map(Secret::presented);
        Self {
            browser: find(Kind::Browser),
            session: find(Kind::Session),
            device: find(Kind::Device),
        }
    }

    /// What stands for the browser of a sign-in that begins: its secret, or a new one. Whatever is not as long as ours was not made
    /// here.
    pub fn browser_or_new(&self, entropy: &dyn Entropy) -> Secret {
        let fresh = Secret::generate(entropy);
        match &self.browser {
            Some(known) if known.expose().len() == fresh.expose().len() => known.clone(),
            _ => fresh,
        }
    }

    /// Gives the browser that secret, unless it has it: a session may begin in another tab meanwhile, and gives it another one.
    pub fn keep_browser(&self, response: &mut Response, issuer: &Issuer, browser: &Secret) {
        if self.browser.as_ref() != Some(browser) {
            let cookie = set(issuer, Kind::Browser, browser, Some(BROWSER_FOR));
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies
where
    Core: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers, &Core::from_ref(state).settings.issuer))
    }
}

/// A `Set-Cookie` value. Without `max_age` the browser forgets it when it is closed.
pub fn set(issuer: &Issuer, kind: Kind, secret: &Secret, max_age: Option<TimeDelta>) -> HeaderValue {
    build(issuer, kind.name(issuer), secret.expose(), max_age, true)
}

/// A `Set-Cookie` value that removes the cookie.
pub fn clear(issuer: &Issuer, kind: Kind) -> HeaderValue {
    build(issuer, kind.name(issuer), "", Some(TimeDelta::zero()), true)
}

/// The name of the cookie that remembers which language a visitor chose. Not a secret.
pub const LANGUAGE: &str = "vestibule-language";

pub(crate) fn set_language(issuer: &Issuer, tag: &str) -> HeaderValue {
    build(issuer, LANGUAGE, tag, Some(TimeDelta::days(180)), true)
}

pub(crate) fn language(headers: &HeaderMap) -> Option<&str> {
    all(headers).find_map(|(name, value)| (name == LANGUAGE).then_some(value))
}

/// The cookie that carries a page's words over one redirect.
fn carrier(issuer: &Issuer) -> &'static str {
    if issuer.is_secure() {
        "__Host-vestibule-again"
    } else {
        "vestibule-again"
    }
}

/// A `Set-Cookie` value that carries `value`, base64url, over a redirect.
pub fn carry(issuer: &Issuer, value: &str, max_age: TimeDelta) -> HeaderValue {
    build(issuer, carrier(issuer), value, Some(max_age), true)
}

/// What was carried here, as the browser says.
pub fn carried<'a>(headers: &'a HeaderMap, issuer: &Issuer) -> Option<&'a str> {
    only(headers, carrier(issuer))
}

/// A `Set-Cookie` value that drops what was carried.
pub fn drop_carried(issuer: &Issuer) -> HeaderValue {
    build(issuer, carrier(issuer), "", Some(TimeDelta::zero()), true)
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The value of the one cookie of that name, unless it is empty.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = all(headers).filter(|(known, _)| *known == name);
    let (_, value) = values.next()?;
    (values.next().is_none() && !value.is_empty()).then_some(value)
}

fn build(
    issuer: &Issuer,
    name: &str,
    value: &str,
    max_age: Option<TimeDelta>,
    http_only: bool,
) -> HeaderValue {
    let mut cookie = Cookie::build((name, value))
        .path("/")
        .http_only(http_only)
        .same_site(SameSite::Lax)
        .secure(issuer.is_secure());
    if let Some(age) = max_age {
        cookie = cookie.max_age(cookie::time::Duration::seconds(age.num_seconds()));
    }
    // Secrets are base64url and language tags come from a list: both are header-safe. What a browser presented
    // is stored back only after its hash was found.
    HeaderValue::from_str(&cookie.build().to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Issuer {
        Issuer::new(&url::Url::parse(text).unwrap()).unwrap()
    }

    fn read(cookie: &str, text: &str) -> Cookies {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        Cookies::read(&headers, &issuer(text))
    }

    #[test]
    fn attributes() {
        let secret = Secret::presented("abc");
        let set_secure = set(
            &issuer("https://login.acme.example"),
            Kind::Session,
            &secret,
            Some(TimeDelta::hours(1)),
        );
        assert_eq!(
            set_secure,
            "__Host-vestibule-session=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"
        );
        let until_closed = set(&issuer("http://localhost:8080"), Kind::Session, &secret, None);
        assert_eq!(
            until_closed,
            "vestibule-session=abc; HttpOnly; SameSite=Lax; Path=/"
        );
    }

    #[test]
    fn a_tossed_cookie_makes_both_worthless() {
        let https = "https://login.acme.example";
        let is_some = |cookie: &str| read(cookie, https).session.is_some();
        assert!(is_some("a=b; __Host-vestibule-session=x"));
        assert!(!is_some("__Host-vestibule-session=x; __Host-vestibule-session=y"));
        assert!(!is_some("vestibule-session=x"));
        assert!(!is_some("__Host-vestibule-session="));
    }
}
