//! `/signin/{sign_in}/passkey`: signing in with a passkey.

use axum::response::Response;
use domain::passkey::CeremonyPurpose;
use serde::Deserialize;
use sign_in::passkey::{
    enter::{PasskeyOutcome, attempt, begin},
    webauthn::RelyingParty,
};
use web::{Failure, routes, see_other};

use super::page::{self, page};
use crate::{
    answered, passcode,
    visit::{PageVisit, Posted, UnderWay},
};

/// What the form carries: nothing asks for a challenge.
#[derive(Deserialize)]
pub(crate) struct UseForm {
    #[serde(default)]
    credential: String,
}

/// `GET /signin/{sign_in}/passkey`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let id = visit.sign_in.id;
    if RelyingParty::of(&visit.core).is_none() {
        return Ok(see_other(&routes::identify(id)));
    }
    let ceremony = visit
        .core
        .store
        .reader()
        .ceremony(id, CeremonyPurpose::Use)
        .await?;
    Ok(page(&visit, CeremonyPurpose::Use, ceremony))
}

/// `POST /signin/{sign_in}/passkey`.
pub(crate) async fn submit(posted: Posted<UseForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let Some(party) = RelyingParty::of(&visit.core) else {
        return Ok(see_other(&routes::identify(id)));
    };
    if form.credential.is_empty() {
        if let Some(page) = answered::page(&visit).await? {
            return Ok(page);
        }
        return match begin(&visit, &party).await? {
            Ok(()) => Ok(see_other(&routes::passkey(id))),
            Err(error) => Err(Failure::internal(error.0)),
        };
    }
    Ok(match attempt(&visit, &party, &form.credential).await? {
        PasskeyOutcome::SignedIn(signed_in) => passcode::enter(&visit, &signed_in),
        PasskeyOutcome::Resume => see_other(&routes::resume(id)),
        PasskeyOutcome::Again(trouble) => page::again(&visit, CeremonyPurpose::Use, trouble),
    })
}
