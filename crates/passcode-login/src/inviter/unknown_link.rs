//! A link that opens nothing.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use web::{Frame, Page, routes, texts::Markup};

/// `templates/sign_in/inviter_unknown.html`.
#[derive(Template)]
#[template(path = "sign_in/inviter_unknown.html")]
pub(crate) struct UnknownLinkPage {
    frame: Frame,
    heading: &'static str,
    says: Markup,
    /// Whether another link would help.
    again: bool,
}

impl UnknownLinkPage {
    /// It opens nothing.
    pub(super) fn unknown(frame: Frame) -> Response {
        let page = Self::for_unknown(frame);
        Page::new(page).status(StatusCode::NOT_FOUND).into_response()
    }

    /// Its owner may invite to nothing any more.
    pub(super) fn no_apps(frame: Frame) -> Response {
        let page = Self::without_apps(frame);
        Page::new(page).status(StatusCode::FORBIDDEN).into_response()
    }

    fn for_unknown(frame: Frame) -> Self {
        let t = &frame.t.inviter;
        Self {
            heading: t.unknown_title,
            says: frame.mark(t.unknown, &[]),
            again: true,
            frame,
        }
    }

    fn without_apps(frame: Frame) -> Self {
        let t = &frame.t.inviter;
        Self {
            heading: t.title,
            says: frame.mark(t.no_apps, &[("contact", frame.contact())]),
            again: false,
            frame,
        }
    }
}

#[cfg(test)]
impl UnknownLinkPage {
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        vec![
            Self::for_unknown(frame.clone()),
            Self::without_apps(frame.clone()),
        ]
    }
}
