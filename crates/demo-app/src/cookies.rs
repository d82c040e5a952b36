//! The app's cookies. All hold random names of things that the server keeps.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};

use crate::Config;

/// The guest's session.
pub(crate) const SESSION: &str = "acme-notes";
/// The browser that began a sign-in: an answer of the provider counts only there.
pub(crate) const BROWSER: &str = "acme-notes-browser";
/// The sign-out that this browser began.
pub(crate) const SIGN_OUT: &str = "acme-notes-sign-out";

/// A cookie's value, unless it is missing or empty.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, value)| *known == name && !value.is_empty())?;
    Some(value.to_owned())
}

/// The header that sets a cookie; with no lifetime it ends with the browser.
///
/// `Lax` and not `Strict`: the guest comes back from another site, and the cookies must come along.
pub(crate) fn set(
    config: &Config,
    name: &str,
    value: &str,
    lifetime: Option<Duration>,
) -> (HeaderName, String) {
    let secure = if config.is_secure() { "; Secure" } else { "" };
    let age = lifetime.map_or_else(String::new, |lifetime| {
        format!("; Max-Age={}", lifetime.as_secs())
    });
    (
        header::SET_COOKIE,
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"),
    )
}

/// The header that removes a cookie.
pub(crate) fn remove(config: &Config, name: &str) -> (HeaderName, String) {
    set(config, name, "", Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::config;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; acme-notes-browser=b".parse().unwrap());
        headers.append(header::COOKIE, "acme-notes=; acme-notes=c=d".parse().unwrap());
        assert_eq!(read(&headers, BROWSER).as_deref(), Some("b"));
        assert_eq!(read(&headers, SESSION).as_deref(), Some("c=d"));
        assert_eq!(read(&headers, SIGN_OUT), None);
    }

    #[test]
    fn cookies_are_kept_from_scripts_and_other_sites() {
        let mut config = config();
        let (_, plain) = set(&config, SESSION, "x", Some(Duration::from_mins(15)));
        assert_eq!(plain, "acme-notes=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=900");
        config.public_url = "https://notes.acme.test".parse().unwrap();
        let (_, secure) = set(&config, SESSION, "x", None);
        assert_eq!(secure, "acme-notes=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(remove(&config, SESSION).1.ends_with("Max-Age=0"));
    }
}
