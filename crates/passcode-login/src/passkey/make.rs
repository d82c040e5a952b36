//! `/signin/{sign_in}/new-passkey`: registering a passkey.

use axum::response::Response;
use domain::{passkey::CeremonyPurpose, sign_in::Step};
use serde::Deserialize;
use sign_in::passkey::make::{GuestAnswer, PasskeyMade, make};
use web::{Failure, routes, see_other};

use super::page::{self, page};
use crate::visit::{PageVisit, Posted, UnderWay};

/// What the form carries: nothing asks for another challenge.
#[derive(Deserialize)]
pub(crate) struct MakeForm {
    #[serde(default)]
    credential: String,
    /// Present when the guest would rather not.
    not_now: Option<String>,
}

/// `GET /signin/{sign_in}/new-passkey`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    if situation.step(sign_in, visit.now) != Step::MakePasskey {
        return Ok(see_other(&routes::resume(sign_in.id)));
    }
    let reader = visit.core.store.reader();
    let ceremony = reader.ceremony(sign_in.id, CeremonyPurpose::Make).await?;
    Ok(page(&visit, CeremonyPurpose::Make, ceremony))
}

/// `POST /signin/{sign_in}/new-passkey`.
pub(crate) async fn submit(posted: Posted<MakeForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let answer = match &*form.credential {
        _ if form.not_now.is_some() => GuestAnswer::NotNow,
        "" => GuestAnswer::Begin,
        credential => GuestAnswer::Credential(credential),
    };
    Ok(match make(&visit, answer).await? {
        PasskeyMade::Done => see_other(&routes::resume(id)),
        PasskeyMade::Begun => see_other(&routes::new_passkey(id)),
        PasskeyMade::Again(trouble) => page::again(&visit, CeremonyPurpose::Make, trouble),
        PasskeyMade::CannotAsk(error) => return Err(Failure::internal(error.0)),
    })
}
