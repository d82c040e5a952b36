//! G1b: several methods fit the address, and the guest chooses. Which ones follows from the address alone, so that it is
//! the same page for those who are invited and those who are not; who has redeemed is not asked again.

use axum::response::{IntoResponse, Response};
use method_resolution::Decision;
use serde::Deserialize;
use sign_in::method;
use web::{Failure, Page, routes, see_other};

use crate::{
    identify,
    visit::{PageVisit, Posted, UnderWay, onward},
};

mod page;

pub(crate) use page::ChoosePage;
use page::name_of;

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
    method: String,
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
            .find(|method| name_of(*method) == form.method),
        _ => None,
    };
    let Some(chosen) = chosen else {
        return Ok(onward(&sign_in, found.way(), true));
    };
    sign_in.chosen = Some(chosen);
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    visit.sign_in.chosen = Some(chosen);
    // The button says what follows; from here it is as if the address had led to one method from the start.
    identify::go_on(&visit, &email, false).await
}
