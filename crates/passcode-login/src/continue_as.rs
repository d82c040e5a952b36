//! «Continue as anna@…»: the guest goes on with the session that this browser has, instead of proving a mailbox.

use axum::response::Response;
use serde::Deserialize;
use sign_in::Situation;
use web::{Failure, routes, see_other};

use crate::visit::{PageVisit, Posted, UnderWay};

/// What the form carries.
#[derive(Deserialize)]
pub(crate) struct ContinueForm {
    /// The session whose guest the button named.
    #[serde(default)]
    session: String,
}

/// `POST /signin/{sign_in}/continue`. Where the session would not do, the dispatcher asks again.
pub(crate) async fn submit(UnderWay(posted): UnderWay<Posted<ContinueForm>>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let situation = visit.situation().await?;
    // Somebody else signed in in another tab meanwhile: the page names them now.
    if situation
        .session
        .as_ref()
        .is_some_and(|(session, _)| session.id.to_string() != form.session)
    {
        return Ok(see_other(&routes::identify(visit.sign_in.id)));
    }
    if !choose(&visit, &situation).await? {
        // The session ended meanwhile. Not by the dispatcher: it may send on to an upstream, and Chrome lets no form lead there.
        return Ok(see_other(&routes::identify(visit.sign_in.id)));
    }
    Ok(see_other(&routes::resume(visit.sign_in.id)))
}

/// Whether there is still a session to go on with, and a sign-in that has no answer yet.
async fn choose(visit: &PageVisit, situation: &Situation) -> Result<bool, Failure> {
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(false);
    };
    // Answered in another tab since the request came: what was answered stays so.
    if sign_in.progress.is_answered() {
        return Ok(false);
    }
    let Some((session, _)) = situation.to_continue_with(&sign_in, visit.now) else {
        return Ok(false);
    };
    sign_in.progress.go_on_with(session.id);
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    Ok(true)
}
