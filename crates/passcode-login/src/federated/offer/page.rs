//! G6 as it looks: for each kind of upstream, where moving may be declined and where it must be.

use askama::Template;
use domain::{
    sign_in::Offer,
    upstream::{Upstream, UpstreamKind},
};
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;

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
    pub(super) fn new(
        frame: Frame,
        (form, away): (Form, String),
        app: &str,
        upstream: &Upstream,
        offer: Offer,
        by_code: bool,
    ) -> Self {
        let (t, personal) = (&frame.t.federation, &frame.t.personal);
        let name = upstream.display_name.as_str();
        let parts = [
            ("upstream", Part::Text(name)),
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
            heading: fill(heading, &[("upstream", name)]),
            lead: frame.mark(lead, &parts),
            note: frame.mark(note, &parts),
            accept: fill(t.offer_accept, &[("upstream", name)]),
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
        super::super::sample_upstreams()
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

/// What going on as before is called: true for how they came.
pub(crate) fn decline_text(frame: &Frame, by_code: bool) -> &'static str {
    let t = &frame.t.federation;
    if by_code {
        t.offer_decline
    } else {
        t.offer_decline_other
    }
}
