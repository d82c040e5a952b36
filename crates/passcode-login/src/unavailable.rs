//! The honest page for an address whose door is not open yet: which one it would be, and what can be done.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{method::Method, sign_in::SignIn, upstream::UpstreamKind};
use method_resolution::Decision;
use sign_in::method::{self, Found};
use store::Tx;
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::visit::{PageVisit, UnderWay, onward};

/// `templates/sign_in/unavailable.html`.
#[derive(Template)]
#[template(path = "sign_in/unavailable.html")]
pub(crate) struct UnavailablePage {
    frame: Frame,
    app: String,
    title: &'static str,
    heading: Markup,
    lead: Markup,
    advice: Markup,
    form: Form,
    back: String,
    other_address: String,
}

/// Ends a step whose address has another door, open or not: codes under way end with it (the caller holds the
/// sign-in's lock).
pub(crate) async fn send_there(
    visit: &PageVisit,
    tx: Tx,
    mut sign_in: SignIn,
    found: &Found,
) -> Result<Response, Failure> {
    if let Some(challenge) = sign_in.challenge.take() {
        tx.kill_challenge(challenge, visit.now).await?;
    }
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    Ok(onward(&sign_in, found.way(), true))
}

/// `GET /signin/{sign_in}/unavailable`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let reader = visit.core.store.reader();
    let found = method::find(&visit, &reader, email).await?;
    let way = found.way();
    if !sign_in::PageName::Unavailable.admits(way) {
        return Ok(onward(sign_in, way, true));
    }
    let doors = reader.doors(&found.told).await?;
    let links = (
        visit.form(routes::unavailable(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let page = UnavailablePage::new(
        visit.frame(),
        links,
        &visit.app.name,
        &sign_in.shown(email),
        &found.told,
        &doors,
    );
    Ok(Page::new(page).into_response())
}

impl UnavailablePage {
    fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        email: &str,
        told: &Decision,
        doors: &[String],
    ) -> Self {
        let t = &frame.t.identify;
        let lead = match told {
            Decision::Use(Method::Upstream(UpstreamKind::Tenant, _)) => t.unavailable_federation,
            Decision::Use(_) => t.unavailable_personal,
            Decision::Ask(_) => t.unavailable_several,
            Decision::Refuse(_) => t.unavailable_codes_off,
        };
        let door = doors.join(", ");
        Self {
            title: t.unavailable_title,
            heading: frame.mark(t.unavailable_heading, &[("email", Part::Address(email))]),
            lead: frame.mark(
                lead,
                &[
                    ("door", Part::Text(&door)),
                    ("organisation", Part::Text(&frame.organisation)),
                ],
            ),
            advice: frame.mark(t.unavailable_advice, &[("contact", frame.contact())]),
            form,
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let federation = Decision::Use(Method::Upstream(
            UpstreamKind::Tenant,
            domain::Id::from_uuid(uuid::Uuid::nil()),
        ));
        let doors = ["Contoso".to_owned(), "Microsoft".to_owned()];
        [
            federation.clone(),
            Decision::Ask(vec![]),
            Decision::Refuse(method_resolution::Refusal::NoMethod),
        ]
        .map(|told| {
            let links = (gallery::form("/signin/0/unavailable"), "/signin/0/email".into());
            Self::new(
                frame.clone(),
                links,
                "Acme Notes",
                "anna@contoso.test",
                &told,
                &doors,
            )
        })
        .into()
    }
}
