//! Leaving the organisation, with one's data kept for a while or deleted at once.

use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::my_access;
use web::{
    Failure, Frame, Page,
    cookies::{self, Kind},
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

use super::{
    guest_here::{GuestHere, PostedHere},
    last_page::{LastPage, days},
};

/// What is to happen with the guest's data.
#[derive(Default, Deserialize)]
pub(crate) struct LeaveBody {
    #[serde(default)]
    data: String,
}

/// `GET /me/leave`.
pub(crate) async fn show(here: GuestHere) -> Result<Response, Failure> {
    if let Some(response) = here.proves_again(routes::LEAVE_ORGANISATION).await? {
        return Ok(response);
    }
    Ok(Page::new(page(&here, false)).into_response())
}

/// `POST /me/leave`.
pub(crate) async fn submit(posted: PostedHere<LeaveBody>) -> Result<Response, Failure> {
    let PostedHere { here, form } = posted;
    if !here.is_fresh().await? {
        return Ok(see_other(routes::LEAVE_ORGANISATION));
    }
    let (erased, last) = match form.data.as_str() {
        "keep" => (false, LastPage::Left),
        "delete" => (true, LastPage::Deleted),
        _ => {
            return Ok(Page::new(page(&here, true))
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .into_response());
        }
    };
    if !my_access::leave(&here.core, here.guest.id, erased).await? {
        // Somebody shut them out a moment ago: the sign-in that begins there says why.
        return Ok(see_other(routes::MY_ACCESS));
    }
    let mut response = see_other(&routes::my_last_page(last.name()));
    let cleared = cookies::clear(&here.core.settings.issuer, Kind::Session);
    response.headers_mut().append(header::SET_COOKIE, cleared);
    Ok(response)
}

fn page(here: &GuestHere, is_unchosen: bool) -> LeaveOrganisationPage {
    let kept_for = here.core.settings.removed_kept_for;
    let form = here.form(routes::LEAVE_ORGANISATION);
    LeaveOrganisationPage::new(here.frame(), form, kept_for, is_unchosen)
}

/// `templates/sign_in/leave_organisation.html`.
#[derive(Template)]
#[template(path = "sign_in/leave_organisation.html")]
pub(crate) struct LeaveOrganisationPage {
    frame: Frame,
    title: String,
    log: Markup,
    keep: String,
    form: Form,
    is_unchosen: bool,
}

impl LeaveOrganisationPage {
    fn new(frame: Frame, form: Form, kept_for: TimeDelta, is_unchosen: bool) -> Self {
        let t = &frame.t.my_access;
        Self {
            title: fill(t.leave_title, &[("organisation", &frame.organisation)]),
            log: frame.mark(t.leave_log, &[("organisation", Part::Text(&frame.organisation))]),
            keep: fill(t.leave_keep, &[("length", &days(&frame, kept_for))]),
            form,
            is_unchosen,
            frame,
        }
    }

    /// As it comes, and after it was sent without a choice.
    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let secret = test_support::samples::secret();
        let form = || Form::of_session(&secret, routes::LEAVE_ORGANISATION);
        let of = |is_unchosen| Self::new(frame.clone(), form(), TimeDelta::days(30), is_unchosen);
        vec![of(false), of(true)]
    }
}
