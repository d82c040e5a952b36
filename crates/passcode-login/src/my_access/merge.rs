//! Whether another guest is the same person: asked by an operator, answered behind a sign-in of either.

use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress,
    guest::Guest,
    merge::{Merge, MergeRole, MergeState, MergeStep},
};
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::merge::{BothGuests, answer_merge};
use web::{
    Failure, Frame, Page,
    cookies::{self, Kind},
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

use super::{
    guest_here::{GuestHere, Nothing, PostedHere},
    last_page::{LastPage, days},
};

/// What the guest says.
#[derive(Default, Deserialize)]
pub(crate) struct MergeAnswerBody {
    #[serde(default)]
    answer: String,
    /// The question that the page showed.
    #[serde(default)]
    merge: String,
}

/// A question that waits for a guest.
pub(super) struct MergeHere {
    merge: Merge,
    both: BothGuests,
    role: MergeRole,
}

impl MergeHere {
    /// The guest who would be the same person.
    pub(super) fn counterpart(&self) -> &EmailAddress {
        match self.role {
            MergeRole::Kept => &self.both.other.email,
            MergeRole::Other => &self.both.kept.email,
        }
    }

    fn agreed_at(&self) -> Option<DateTime<Utc>> {
        self.merge.agreed_at(self.role)
    }
}

/// What the guest is asked, while it can be answered.
pub(super) async fn asked(here: &GuestHere) -> Result<Option<MergeHere>, Failure> {
    let reader = here.reader();
    let merge = reader.newest_merge(here.guest.id).await?;
    let Some(merge) = merge.filter(|merge| merge.is_open(here.now)) else {
        return Ok(None);
    };
    let role = merge.role(here.guest.id);
    let both = BothGuests::read(&reader, &merge).await?;
    Ok(role.zip(both).map(|(role, both)| MergeHere { merge, both, role }))
}

/// `GET /me/merge`.
pub(crate) async fn show(here: GuestHere) -> Result<Response, Failure> {
    let Some(asked) = asked(&here).await? else {
        return Ok(see_other(&routes::my_last_page(LastPage::MergeOver.name())));
    };
    if let Some(response) = here.proves_again(routes::MY_MERGE).await? {
        return Ok(response);
    }
    Ok(Page::new(MergePage::of(&here, &asked)).into_response())
}

/// `POST /me/merge`.
pub(crate) async fn submit(posted: PostedHere<MergeAnswerBody>) -> Result<Response, Failure> {
    let PostedHere { here, form } = posted;
    if !here.is_fresh().await? {
        return Ok(see_other(routes::MY_MERGE));
    }
    let Some(asked) = asked(&here).await? else {
        return Ok(see_other(&routes::my_last_page(LastPage::MergeOver.name())));
    };
    if form.merge != asked.merge.id.to_string() {
        // Another question than the one that they have read.
        return Ok(see_other(routes::MY_MERGE));
    }
    let agrees = match form.answer.as_str() {
        "yes" => true,
        "no" => false,
        _ => {
            let page = Page::new(MergePage::of(&here, &asked));
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
        }
    };
    let last = match answer_merge(&here.core, &asked.merge, here.guest.id, agrees).await? {
        MergeStep::To(MergeState::Merged) => LastPage::Merged,
        MergeStep::To(MergeState::Declined) => LastPage::NotMerged,
        MergeStep::To(_) | MergeStep::Already => return Ok(see_other(routes::MY_MERGE)),
        MergeStep::No => LastPage::MergeOver,
    };
    let mut response = see_other(&routes::my_last_page(last.name()));
    if last == LastPage::Merged && asked.role == MergeRole::Other {
        let cleared = cookies::clear(&here.core.settings.issuer, Kind::Session);
        response.headers_mut().append(header::SET_COOKIE, cleared);
    }
    Ok(response)
}

/// `POST /me/merge/other-address`.
pub(crate) async fn other_address(posted: PostedHere<Nothing>) -> Result<Response, Failure> {
    let here = posted.here;
    Ok(match asked(&here).await? {
        Some(asked) => here.signs_in_as(asked.counterpart(), routes::MY_MERGE).await,
        None => see_other(&routes::my_last_page(LastPage::MergeOver.name())),
    })
}

/// `templates/sign_in/my_access_merge.html`.
#[derive(Template)]
#[template(path = "sign_in/my_access_merge.html")]
pub(crate) struct MergePage {
    frame: Frame,
    title: String,
    says: Vec<Markup>,
    merge: String,
    /// Once they have said yes: the words and the form for signing in as the other.
    other_address: Option<(String, Form)>,
    /// Before that: the words for no, and the form.
    answer: Option<(String, Form)>,
}

impl MergePage {
    fn of(here: &GuestHere, asked: &MergeHere) -> Self {
        let kept_for = here.core.settings.removed_kept_for;
        Self::new(here.frame(), &here.guest, asked, kept_for, &|action| {
            here.form(action)
        })
    }

    fn new(
        frame: Frame,
        guest: &Guest,
        asked: &MergeHere,
        kept_for: TimeDelta,
        form: &dyn Fn(&str) -> Form,
    ) -> Self {
        let t = &frame.t.merge;
        let other = asked.counterpart().as_str();
        let named = |text| fill(text, &[("other", other)]);
        let parts = [
            ("organisation", Part::Text(&frame.organisation)),
            ("email", Part::Address(guest.email.as_str())),
            ("other", Part::Address(other)),
            ("kept", Part::Address(asked.both.kept.email.as_str())),
            ("gone", Part::Address(asked.both.other.email.as_str())),
            ("length", Part::Plain(days(&frame, kept_for))),
            ("date", Part::Date(asked.merge.expires_at)),
        ];
        let has_agreed = asked.agreed_at().is_some();
        let says: &[&str] = if has_agreed {
            &[t.agreed]
        } else {
            &[t.lead, t.then, t.gone, t.apps, t.undo, t.both]
        };
        Self {
            title: named(t.title),
            merge: asked.merge.id.to_string(),
            says: says.iter().map(|text| frame.mark(text, &parts)).collect(),
            other_address: has_agreed.then(|| (named(t.sign_in_other), form(routes::MY_OTHER_ADDRESS))),
            answer: (!has_agreed).then(|| (named(t.decline), form(routes::MY_MERGE))),
            frame,
        }
    }

    /// As it is asked of each of the two, and once one has said yes.
    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use domain::Id;
        use test_support::samples;

        let now = samples::now();
        let id = |number| Id::from_uuid(uuid::Uuid::from_u128(number));
        let named = |number, address| Guest {
            id: id(number),
            ..samples::active_guest(address)
        };
        let asked = |role, agreed: Option<DateTime<Utc>>| {
            let both = BothGuests {
                kept: named(1, "anna@new.test"),
                other: named(2, "anna@contoso.test"),
            };
            let mut merge = Merge::asked(samples::id(), both.kept.id, both.other.id, now);
            merge.kept_agreed_at = agreed;
            MergeHere { merge, both, role }
        };
        let form = |action: &str| Form::of_session(&samples::secret(), action);
        let page = |asked: MergeHere| {
            let guest = asked.both.guest(asked.role).clone();
            Self::new(frame.clone(), &guest, &asked, TimeDelta::days(30), &form)
        };
        vec![
            page(asked(MergeRole::Kept, None)),
            page(asked(MergeRole::Other, None)),
            page(asked(MergeRole::Kept, Some(now))),
        ]
    }
}
