//! G1b: several doors fit the address, and the guest chooses. Which ones follows from the address alone, so that it is
//! the same page for those who are invited and those who are not; who has redeemed is not asked again.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::method::Method;
use method_resolution::Decision;
use serde::Deserialize;
use sign_in::method::{self, Choice};
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::{
    identify,
    visit::{PageVisit, Posted, UnderWay, onward},
};

/// `templates/sign_in/choose.html`.
#[derive(Template)]
#[template(path = "sign_in/choose.html")]
pub(crate) struct ChoosePage {
    frame: Frame,
    app: String,
    title: String,
    heading: &'static str,
    lead: Markup,
    doors: Vec<DoorButton>,
    form: Form,
    other_address: String,
}

/// One way in, as a button.
struct DoorButton {
    /// Which: see [`name_of`]. Not its place, which changes with the doors that open.
    value: String,
    label: String,
}

/// What the form calls a way in: `passcode`, or the id of the tenant or the provider.
fn name_of(method: Method) -> String {
    method
        .upstream()
        .map_or_else(|| method.kind().to_owned(), |id| id.uuid().simple().to_string())
}

impl ChoosePage {
    fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        email: &str,
        choices: &[Choice],
    ) -> Self {
        let t = &frame.t.personal;
        let doors = choices.iter().map(|door| DoorButton {
            value: name_of(door.method),
            label: match &door.name {
                Some(name) => fill(t.choose_door, &[("door", name)]),
                None => t.choose_code.to_owned(),
            },
        });
        Self {
            title: fill(t.choose_title, &[("app", app)]),
            heading: t.choose_heading,
            lead: frame.mark(t.choose_lead, &[("email", Part::Address(email))]),
            doors: doors.collect(),
            form,
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn sample(frame: Frame) -> Self {
        let google = Method::Upstream(
            domain::upstream::UpstreamKind::Provider,
            domain::Id::from_uuid(uuid::Uuid::nil()),
        );
        let door = |method, name: Option<&str>| Choice {
            method,
            name: name.map(str::to_owned),
        };
        let doors = [door(google, Some("Google")), door(Method::Passcode, None)];
        let links = (gallery::form("/signin/0/choose"), "/signin/0/email".into());
        Self::new(frame, links, "Acme Notes", "anna@gmail.com", &doors)
    }
}

/// `GET /signin/{sign_in}/choose`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let reader = visit.core.store.reader();
    let found = method::find(&visit, &reader, email).await?;
    if !sign_in::PageName::Choose.admits(found.way()) {
        return Ok(onward(sign_in, found.way(), true));
    }
    let app = &visit.app.name;
    let links = (
        visit.form(routes::choose(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let email = sign_in.shown(email);
    let page = ChoosePage::new(visit.frame(), links, app, &email, &found.choices);
    Ok(Page::new(page).into_response())
}

/// What the form carries.
#[derive(Deserialize)]
pub(crate) struct ChoiceForm {
    #[serde(default)]
    door: String,
}

/// `POST /signin/{sign_in}/choose`.
pub(crate) async fn submit(UnderWay(posted): UnderWay<Posted<ChoiceForm>>) -> Result<Response, Failure> {
    let Posted { mut visit, form } = posted;
    let id = visit.sign_in.id;
    let Some(email) = visit.sign_in.email.clone() else {
        return Ok(see_other(&routes::identify(id)));
    };
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(see_other(&routes::identify(id)));
    };
    let found = method::find(&visit, &tx, &email).await?;
    let chosen = match &found.told {
        Decision::Ask(methods) => methods
            .iter()
            .copied()
            .find(|method| name_of(*method) == form.door),
        _ => None,
    };
    let Some(chosen) = chosen else {
        return Ok(onward(&sign_in, found.way(), true));
    };
    sign_in.chosen = Some(chosen);
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    visit.sign_in.chosen = Some(chosen);
    // The button says what follows; from here it is as if the address had had one door from the start.
    identify::go_on(&visit, &email, false).await
}
