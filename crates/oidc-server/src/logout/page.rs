//! The pages of signing out: the question, and G7.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::guest::Guest;
use url::Url;
use web::{Frame, Page, texts::fill};

use super::request::Request;

/// `templates/sign_in/sign_out.html`: asks before a session ends that is not proven to be the app's.
#[derive(Template)]
#[template(path = "sign_in/sign_out.html")]
struct SignOut {
    frame: Frame,
    csrf: String,
    email: String,
    /// What the request said, to say it again.
    fields: Vec<(&'static str, String)>,
}

/// `templates/sign_in/signed_out.html`, page G7.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
struct LoggedOutPage {
    frame: Frame,
    /// The way back to the app that asked: what it is called, and where it leads.
    back: Option<(String, String)>,
    /// Whether the browser takes that way by itself.
    at_once: bool,
}

/// The page that asks whether to sign out.
pub(super) fn ask(frame: Frame, csrf: String, guest: &Guest, request: Request) -> Response {
    let email = guest.email.as_str().to_owned();
    let fields = request.fields;
    Page::new(SignOut {
        frame,
        csrf,
        email,
        fields,
    })
    .into_response()
}

/// Says that it is done; `back` is the app's name, and where it wants the browser. The browser goes there `at_once` only
/// when somebody is known to have asked for it (RP-Initiated Logout 1.0 §3).
pub(super) fn signed_out(frame: Frame, back: Option<(&str, Url)>, at_once: bool) -> Response {
    let label = |app: &str| fill(frame.t.go_on.go_back, &[("app", app)]);
    let back = back.map(|(app, address)| (label(app), address.into()));
    Page::new(LoggedOutPage { frame, back, at_once }).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl SignOut {
        fn sample() -> Self {
            Self {
                frame: Frame::sample(),
                csrf: "token".into(),
                email: "anna@contoso.test".into(),
                fields: vec![("client_id", "notes".into()), ("state", "\"><script>".into())],
            }
        }
    }

    impl LoggedOutPage {
        fn sample(back: bool, at_once: bool) -> Self {
            let link = "https://notes.acme.example/?state=\"><script>x";
            Self {
                frame: Frame::sample(),
                back: back.then(|| ("Back to Acme Notes".into(), link.into())),
                at_once,
            }
        }
    }

    #[test]
    fn the_pages_escape_what_they_carry() {
        let question = SignOut::sample().render().unwrap();
        assert!(!question.contains("><script>"), "{question}");
        assert!(question.contains("name=\"csrf\" value=\"token\""), "{question}");
        for (back, at_once) in [(true, true), (true, false), (false, false)] {
            let html = LoggedOutPage::sample(back, at_once).render().unwrap();
            assert!(!html.contains("><script>x"), "{html}");
            assert_eq!(html.matches("<h1").count(), 1);
            assert_eq!(
                html.matches("class=\"button\"").count(),
                usize::from(back),
                "{html}"
            );
            assert_eq!(html.matches("data-go").count(), usize::from(at_once), "{html}");
        }
    }
}
