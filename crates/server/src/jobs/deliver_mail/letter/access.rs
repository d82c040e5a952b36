//! The mails about an access request.

use domain::{
    Id,
    access_request::{AccessRequest, AccessRequestState},
    app::App,
    assignment::Assignment,
    audit::Action,
    guest::Guest,
};
use sign_in::Core;
use store::{OutboxMail, StoreError};
use url::Url;
use web::routes;

use super::parts::{About, Letter, house, language, ready};
use crate::mail::{
    Recipient, Sender, Stamp,
    access_request::{AccessAnswerMail, AccessRequestMail, AccessTold},
};

/// What both are about.
struct AskedAccess {
    request: AccessRequest,
    guest: Guest,
    app: App,
}

async fn found(core: &Core, request: Id<AccessRequest>) -> Result<Option<AskedAccess>, StoreError> {
    let reader = core.store.reader();
    let Some(request) = reader.access_request(request).await? else {
        return Ok(None);
    };
    let guest = reader.guest(request.guest).await?;
    let app = reader.app(request.app).await?;
    Ok(guest
        .zip(app)
        .map(|(guest, app)| AskedAccess { request, guest, app }))
}

/// The question, to who is answerable.
pub(super) async fn question(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    request: Id<AccessRequest>,
) -> Result<Letter, StoreError> {
    let Some(AskedAccess { request, guest, app }) = found(core, request).await? else {
        return Ok(Letter::Moot("no question"));
    };
    if !request.is_open(core.now()) || !guest.status.is_in() {
        return Ok(Letter::Moot("there is nothing to answer"));
    }
    let about = about(Action::AccessRequestMailed, &request);
    let reader = core.store.reader();
    let Some(token) = reader.token_of_access_request(request.id).await? else {
        let why = "master_key";
        return Ok(Letter::Impossible { why, about });
    };
    let link = core.settings.issuer.at(&routes::access_request(&token));
    // They are no guest of ours, so that it is unknown which language they prefer.
    let content = AccessRequestMail {
        house: house(core, &core.settings.help, core.settings.default_language),
        guest: &guest.email,
        app: &app.name,
        link: &link,
        expires_at: request.expires_at,
        renews: request.renews.is_some(),
        proven: request.proven,
    }
    .content();
    let recipient = Recipient {
        to: &request.asked_of,
        reply_to: None,
    };
    let mail =
        content.and_then(|content| sender.compose(Stamp::of(row, request.expires_at), recipient, content));
    Ok(ready(row, mail, about))
}

/// The answer, to the guest.
pub(super) async fn answer(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    request: Id<AccessRequest>,
) -> Result<Letter, StoreError> {
    let Some(AskedAccess { request, guest, app }) = found(core, request).await? else {
        return Ok(Letter::Moot("no question"));
    };
    if !guest.status.is_in() {
        return Ok(Letter::Moot("guest is shut out"));
    }
    let assignments = core.store.reader().assignments_of(guest.id).await?;
    let now = core.now();
    let held = Assignment::deciding_at(&assignments, app.id, now).filter(|held| held.is_active(now));
    let told = match (request.state, request.renews, held) {
        (AccessRequestState::Pending, ..) => return Ok(Letter::Moot("no answer")),
        (AccessRequestState::Approved, _, None) => return Ok(Letter::Moot("access has ended since")),
        (AccessRequestState::Approved, None, Some(held)) => AccessTold::Approved(held.ends_at),
        (AccessRequestState::Approved, Some(_), Some(held)) => AccessTold::Renewed(held.ends_at),
        (AccessRequestState::Refused, None, _) => AccessTold::Refused,
        (AccessRequestState::Refused, Some(ends), Some(_)) => AccessTold::NotRenewed(ends),
        (AccessRequestState::Refused, Some(_), None) => AccessTold::Ended,
    };
    let wanted = [guest.language.as_deref(), row.language.as_deref()];
    let help = core.settings.help.at(&app);
    let content = AccessAnswerMail {
        house: house(core, &help, language(core, wanted.into_iter().flatten())),
        app: &app.name,
        home: app.home.as_ref().map(Url::as_str),
        told,
    }
    .content();
    let recipient = Recipient {
        to: &guest.email,
        reply_to: None,
    };
    let mail = content.and_then(|content| sender.compose(Stamp::of(row, row.deadline), recipient, content));
    Ok(ready(row, mail, about(Action::AccessAnswerMailed, &request)))
}

/// What to record of either.
pub(super) fn about(sent: Action, request: &AccessRequest) -> About {
    About {
        sent,
        guest: Some(request.guest),
        app: Some(request.app),
        sign_in: None,
        details: vec![("request", request.id.to_string())],
    }
}
