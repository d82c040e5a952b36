//! Forms that an app's page posts to us: they come from another site and bring no `SameSite=Lax` cookies. The same
//! request as a GET does.

use axum::response::Response;
use web::{Cookies, see_other};

/// What fits into an address that every browser and proxy takes.
const QUERY_MAX: usize = 4 * 1024;

/// Sends the browser to the same request as a GET when its form brought no cookies: only then a session answers
/// `prompt=none`, ends when it is asked to, and other sign-ins of the browser stay its own. `None`: the form is
/// answered as it is. 303 turns POST into GET (RFC 9110 §15.4.4).
pub(crate) fn by_get(path: &str, cookies: &Cookies, form: &[u8]) -> Option<Response> {
    let brought_nothing = cookies.browser.is_none() && cookies.session.is_none();
    // Anything else is no form that a browser sent, and could mean something else in an address.
    let is_plain = form.iter().all(|b| b.is_ascii_graphic() && *b != b'#');
    if !brought_nothing || !is_plain || form.len() > QUERY_MAX {
        return None;
    }
    let query = std::str::from_utf8(form).ok()?;
    Some(see_other(&format!("{path}?{query}")))
}

#[cfg(test)]
mod tests {
    use domain::Secret;
    use http::header;

    use super::*;

    #[test]
    fn only_plain_forms_without_cookies_come_again() {
        let none = Cookies::default();
        let location = |cookies: &Cookies, form: &str| {
            let response = by_get("/authorize", cookies, form.as_bytes())?;
            Some(response.headers()[header::LOCATION].to_str().unwrap().to_owned())
        };
        assert_eq!(
            location(&none, "a=b&c=%20+d").as_deref(),
            Some("/authorize?a=b&c=%20+d")
        );
        for form in [
            "a=b#c",
            "a=b c",
            "a=b\r\nSet-Cookie: x=y",
            "a=ä",
            &"a".repeat(QUERY_MAX + 1),
        ] {
            assert_eq!(location(&none, form), None, "{form}");
        }
        let known = Cookies {
            session: Some(Secret::presented("s")),
            ..Cookies::default()
        };
        assert_eq!(location(&known, "a=b"), None);
    }
}
