//! G6: a guest who has just signed in by a code may move to their own organisation's sign-in, which came later. The
//! way there and back proves the second door within the sign-in that proved the first.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{
    session::Means,
    sign_in::{Offer, Step},
    upstream::{Upstream, UpstreamKind},
};
use serde::Deserialize;
use sign_in::Situation;
use store::StoreError;
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::visit::{PageVisit, Posted, UnderWay};

/// `templates/sign_in/offer.html`.
#[derive(Template)]
#[template(path = "sign_in/offer.html")]
pub(crate) struct OfferPage {
    frame: Frame,
    app: String,
    heading: String,
    lead: Markup,
    note: Markup,
    accept: String,
    away: String,
    /// What declining is called, where it may be declined.
    decline: Option<&'static str>,
    form: Form,
}

impl OfferPage {
    fn new(
        frame: Frame,
        (form, away): (Form, String),
        app: &str,
        upstream: &Upstream,
        offer: Offer,
        by_code: bool,
    ) -> Self {
        let (t, personal) = (&frame.t.federation, &frame.t.personal);
        let door = upstream.display_name.as_str();
        let parts = [
            ("door", Part::Text(door)),
            ("organisation", Part::Text(&frame.organisation)),
        ];
        let (heading, lead, note) = match (upstream.kind, offer) {
            (UpstreamKind::Provider, Offer::May) => {
                (personal.offer_heading, personal.offer_lead, personal.offer_note)
            }
            (UpstreamKind::Provider, Offer::Must) => {
                (personal.offer_heading, personal.offer_lead, personal.offer_must)
            }
            (_, Offer::May) if by_code => (t.offer_heading, t.offer_lead, t.offer_note),
            (_, Offer::May) => (t.offer_heading, t.offer_lead_other, t.offer_note_other),
            (_, Offer::Must) if by_code => (t.offer_heading, t.offer_lead, t.offer_must),
            (_, Offer::Must) => (t.offer_heading, t.offer_lead_other, t.offer_must),
        };
        Self {
            heading: fill(heading, &[("door", door)]),
            lead: frame.mark(lead, &parts),
            note: frame.mark(note, &parts),
            accept: fill(t.offer_accept, &[("door", door)]),
            away,
            decline: (offer == Offer::May).then(|| decline_text(&frame, by_code)),
            form,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let of = |upstream: &Upstream, offer, by_code| {
            let links = (gallery::form("/signin/0/offer"), "/signin/0/away".into());
            Self::new(frame.clone(), links, "Acme Notes", upstream, offer, by_code)
        };
        super::sample_upstreams()
            .iter()
            .flat_map(|upstream| {
                [
                    (Offer::May, true),
                    (Offer::Must, true),
                    (Offer::May, false),
                    (Offer::Must, false),
                ]
                .map(|(offer, by_code)| of(upstream, offer, by_code))
            })
            .collect()
    }
}

/// `GET /signin/{sign_in}/offer`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    let (Step::Move, Some((upstream, offer))) = (
        situation.step(sign_in, visit.now),
        offered(&visit, &situation).await?,
    ) else {
        return Ok(see_other(&routes::resume(sign_in.id)));
    };
    let app = &visit.app.name;
    let links = (visit.form(routes::offer(sign_in.id)), routes::away(sign_in.id));
    let by_code = came_by_code(&situation);
    let page = OfferPage::new(visit.frame(), links, app, &upstream, offer, by_code);
    Ok(Page::new(page).into_response())
}

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct DeclineForm {}

/// `POST /signin/{sign_in}/offer`: goes on as before, this time.
pub(crate) async fn decline(posted: Posted<DeclineForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    let session = visit.sign_in.progress.session();
    if let (Some(session), Some((tx, mut sign_in))) = (session, visit.begin().await?)
        && let Some(said) = sign_in.progress.go_on_with(session)
    {
        said.keeps_method = true;
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(see_other(&routes::resume(id)))
}

/// Whether the guest of this sign-in has just proven themselves by a code.
pub(super) fn came_by_code(situation: &Situation) -> bool {
    let session = situation.session.as_ref();
    session.is_some_and(|(session, _)| session.authentication.means == Means::Code)
}

/// What going on as before is called: true for how they came.
pub(super) fn decline_text(frame: &Frame, by_code: bool) -> &'static str {
    let t = &frame.t.federation;
    if by_code {
        t.offer_decline
    } else {
        t.offer_decline_other
    }
}

/// The upstream that the guest of this sign-in may move to.
pub(super) async fn offered(
    visit: &PageVisit,
    situation: &Situation,
) -> Result<Option<(Upstream, Offer)>, StoreError> {
    let Some((method, offer)) = situation.offer else {
        return Ok(None);
    };
    let upstream = visit.core.store.reader().upstream_of(method).await?;
    Ok(upstream.map(|upstream| (upstream, offer)))
}
