//! Forms that an app's page posts to us: they come from another site and bring no `SameSite=Lax` cookies. The same
//! request as a GET does.

use axum::response::{IntoResponse, Response};
use web::{Cookies, ErrorKind, ErrorPage, see_other};

/// What fits into an address that every browser and proxy takes.
const QUERY_MAX: usize = 4 * 1024;

/// Sends the browser to the same request as a GET when its form brought no cookies: only then a session answers
/// `prompt=none`, ends when it is asked to, and other sign-ins of the browser stay its own. `None`: the form is
/// answered as it is. 303 turns POST into GET (RFC 9110 §15.4.4).
pub(crate) fn by_get(path: &str, cookies: &Cookies, form: &[u8]) -> Option<Response> {
    let brought_nothing = cookies.browser.is_none() && cookies.session.is_none();
    // Anything else is no form that a browser sent, and could mean something else in an address.
    let is_plain = form.iter().all(|b| b.is_ascii_graphic() && *b != b'#');
    if !brought_nothing || !is_plain {
        return None;
    }
    // Without the browser's cookies it could only be answered wrongly.
    if form.len() > QUERY_MAX {
        let page = ErrorPage::new(ErrorKind::TooLarge);
        return Some(
            page.detail("a form from another site, of more than 4 kB")
                .into_response(),
        );
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
        for form in ["a=b#c", "a=b c", "a=b\r\nSet-Cookie: x=y", "a=ä"] {
            assert_eq!(location(&none, form), None, "{form}");
        }
        let large = "a".repeat(QUERY_MAX + 1);
        let refused = by_get("/logout", &none, large.as_bytes()).unwrap();
        assert_eq!(refused.headers().get(header::LOCATION), None);
        assert!(refused.extensions().get::<ErrorPage>().is_some());
        let known = Cookies {
            session: Some(Secret::presented("s")),
            ..Cookies::default()
        };
        assert_eq!(location(&known, "a=b"), None);
        assert!(by_get("/logout", &known, large.as_bytes()).is_none());
    }
}
