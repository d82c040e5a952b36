//! Off to an upstream: by a redirect, or by a form where it wants one.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use federation::WayThere;
use web::{Frame, Page, see_other, texts::fill};

/// `templates/sign_in/away.html`.
#[derive(Template)]
#[template(path = "sign_in/away.html")]
pub(crate) struct AwayPage {
    frame: Frame,
    heading: String,
    action: String,
    fields: Vec<(&'static str, String)>,
}

impl AwayPage {
    fn new(frame: Frame, upstream: &str, action: &str, fields: Vec<(&'static str, String)>) -> Self {
        Self {
            heading: fill(frame.t.federation.leave_heading, &[("upstream", upstream)]),
            action: action.to_owned(),
            fields,
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn sample(frame: &Frame) -> Self {
        let fields = vec![
            ("SAMLRequest", "\"><script>".to_owned()),
            ("RelayState", "state".to_owned()),
        ];
        Self::new(
            frame.clone(),
            "Contoso",
            "https://login.contoso.test/saml",
            fields,
        )
    }
}

/// The browser leaves for `upstream`.
pub(super) fn by(way: WayThere, frame: Frame, upstream: &str) -> Response {
    match way {
        WayThere::To(url) => see_other(url.as_str()),
        WayThere::Form { action, fields } => {
            let page = AwayPage::new(frame, upstream, action.as_str(), fields);
            Page::new(page).form_action(&action).into_response()
        }
    }
}
