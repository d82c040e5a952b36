//! What was done, mostly once the session has ended by it: whoever reads it may be nobody any more.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use http::{HeaderMap, Uri};
use sign_in::Core;
use web::{
    ErrorKind, ErrorPage, Frame, Page,
    texts::{Markup, Part, fill},
};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastPage {
    /// They left, and can be restored for a while.
    Left,
    /// They left, and are forgotten.
    Deleted,
    /// They said that something was not them.
    Disputed,
    /// They said that another guest is them as well, with both addresses.
    Merged,
    /// They said that another guest is not them.
    NotMerged,
    /// They are not asked that any more.
    MergeOver,
}

impl LastPage {
    const ALL: [Self; 6] = [
        Self::Left,
        Self::Deleted,
        Self::Disputed,
        Self::Merged,
        Self::NotMerged,
        Self::MergeOver,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Deleted => "deleted",
            Self::Disputed => "told",
            Self::Merged => "merged",
            Self::NotMerged => "not-merged",
            Self::MergeOver => "merge-over",
        }
    }
}

/// `GET /me/done/{what}`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(what): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(last) = LastPage::ALL.into_iter().find(|last| last.name() == what) else {
        return ErrorPage::new(ErrorKind::NotFound).into_response();
    };
    let language = web::language::negotiate(uri.query(), &headers, &[], core.settings.default_language);
    let frame = Frame::new(&core, language);
    Page::new(DonePage::new(frame, last, core.settings.removed_kept_for)).into_response()
}

/// Whole days in words.
pub(super) fn days(frame: &Frame, length: TimeDelta) -> String {
    let t = &frame.t.my_access;
    let n = length.num_days();
    fill(if n == 1 { t.day } else { t.days }, &[("n", &n.to_string())])
}

/// `templates/sign_in/my_access_done.html`.
#[derive(Template)]
#[template(path = "sign_in/my_access_done.html")]
pub(crate) struct DonePage {
    frame: Frame,
    title: String,
    text: Markup,
}

impl DonePage {
    fn new(frame: Frame, last: LastPage, kept_for: TimeDelta) -> Self {
        let t = &frame.t.my_access;
        let (title, text) = match last {
            LastPage::Left => (t.left_title, t.left),
            LastPage::Deleted => (t.left_title, t.deleted),
            LastPage::Disputed => (t.not_me_done_title, t.not_me_done),
            LastPage::Merged => (frame.t.merge.merged_title, frame.t.merge.merged),
            LastPage::NotMerged => (frame.t.merge.declined_title, frame.t.merge.declined),
            LastPage::MergeOver => (frame.t.merge.over_title, frame.t.merge.over),
        };
        let length = days(&frame, kept_for);
        let parts = [
            ("organisation", Part::Text(&frame.organisation)),
            ("length", Part::Plain(length)),
            ("contact", frame.contact()),
        ];
        Self {
            title: fill(title, &[("organisation", &frame.organisation)]),
            text: frame.mark(text, &parts),
            frame,
        }
    }

    /// For who signs in with an account that cannot be asked anew.
    pub(super) fn unproven(frame: Frame, upstream: &str) -> Self {
        let t = &frame.t.my_access;
        let parts = [("upstream", Part::Text(upstream)), ("contact", frame.contact())];
        Self {
            title: t.unproven_title.to_owned(),
            text: frame.mark(t.unproven, &parts),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let of = |last| Self::new(frame.clone(), last, TimeDelta::days(30));
        let mut all: Vec<Self> = LastPage::ALL.map(of).into();
        all.push(Self::unproven(frame.clone(), "GitHub"));
        all
    }
}
