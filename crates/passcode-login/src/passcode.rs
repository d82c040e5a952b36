//! G2: asks for the code, and takes it. What is wrong with one is in `passcode/trouble.rs`.

mod attempt;
mod limits;
mod mailing;
mod page;
mod siblings;
mod tries;
mod trouble;

use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::{
    passcode::{ChallengeState, Passcode, PasscodeChallenge},
    sign_in::SignIn,
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use web::{
    ErrorKind, ErrorPage, Failure, Page,
    cookies::{self, Kind},
    routes, see_other,
};

use self::{
    attempt::{Outcome, SignedIn, attempt},
    page::Typed,
};
pub(crate) use self::{
    mailing::{Asked, ask},
    page::CodePage,
    trouble::Trouble,
};
use crate::{
    already, method, unavailable,
    visit::{Posted, Visit},
};

/// What the form carries. Anything may stand in it.
#[derive(Default, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    code: String,
    /// Present when the box is ticked.
    shared_computer: Option<String>,
}

/// `GET /signin/{sign_in}/code`.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    if let Some(page) = already::page(&visit).await? {
        return Ok(page);
    }
    let sign_in = &visit.current.sign_in;
    let reader = visit.core.store.reader();
    let challenge = match sign_in.challenge {
        Some(id) => reader.challenge(id).await?,
        None => None,
    };
    let Some(challenge) = challenge else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let trouble = sign_in
        .locked_until
        .filter(|until| visit.now < *until)
        .map(|until| Trouble::Locked { until });
    match challenge.state {
        ChallengeState::Consumed if sign_in.session.is_some() => Ok(see_other(&routes::resume(sign_in.id))),
        ChallengeState::Consumed => Ok(see_other(&routes::identify(sign_in.id))),
        // Its codes are dead, and the wait is over: another one is one button away.
        ChallengeState::Dead if trouble.is_none() => Ok(see_other(&routes::send(sign_in.id))),
        ChallengeState::Open | ChallengeState::Dead => {
            let down = reader.mail_transport_down_since().await?.is_some();
            let typed = Typed::default();
            let page = CodePage::new(&visit, sign_in, &challenge, &typed, trouble.as_ref(), down);
            Ok(Page::new(page).into_response())
        }
    }
}

/// `GET` of a path that only takes forms: the address bar shows it after an error.
pub(crate) async fn show_form(visit: Visit) -> Response {
    see_other(&routes::passcode(visit.current.sign_in.id))
}

/// `POST /signin/{sign_in}/code`.
pub(crate) async fn submit(posted: Posted<CodeForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.current.sign_in.id;
    let shared = form.shared_computer.is_some();
    let outcome = match Passcode::read(&form.code) {
        Ok(code) => attempt(&visit, &code, shared).await?,
        Err(_) if form.code.trim().is_empty() => Outcome::Again(Trouble::Empty),
        Err(domain::passcode::DIGITS | 0) => Outcome::Again(Trouble::NotDigits),
        Err(found) => Outcome::Again(Trouble::Length(found)),
    };
    let typed = Typed {
        code: form.code,
        shared,
    };
    match outcome {
        Outcome::SignedIn(signed_in) => Ok(enter(&visit, &signed_in)),
        Outcome::Again(trouble) => again(&visit, typed, &trouble).await,
        Outcome::NoChallenge => Ok(see_other(&routes::passcode(id))),
        Outcome::Elsewhere => Ok(see_other(&routes::unavailable(id))),
        Outcome::Nobody => Ok(ErrorPage::new(ErrorKind::StartAgain)
            .app(&visit.current.app)
            .into_response()),
    }
}

/// `POST /signin/{sign_in}/resend`: another mail. What was typed meanwhile is kept.
pub(crate) async fn resend(posted: Posted<CodeForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    if let Some(page) = already::page(&visit).await? {
        return Ok(page);
    }
    let id = visit.current.sign_in.id;
    let tx = visit.core.store.begin().await?;
    let Some(mut sign_in) = tx.lock_sign_in(id).await? else {
        return Ok(see_other(&routes::passcode(id)));
    };
    let Some(email) = sign_in.email.clone() else {
        return Ok(see_other(&routes::identify(id)));
    };
    let found = method::find(&visit, &tx, &email).await?;
    if found.door == method::Door::Elsewhere {
        return unavailable::send_there(&visit, tx, sign_in).await;
    }
    let asked = ask(&visit, &tx, &mut sign_in, &email, &found).await?;
    tx.save_sign_in(&sign_in).await?;
    let down = tx.mail_transport_down_since().await?.is_some();
    tx.commit().await?;
    let typed = Typed {
        code: form.code,
        shared: form.shared_computer.is_some(),
    };
    match asked {
        Asked::Sent => sent(&visit, down).await,
        Asked::Recently { until } => again(&visit, typed, &Trouble::TooSoon { until }).await,
        Asked::Refused(trouble) => again(&visit, typed, &trouble).await,
    }
}

/// After a mail was asked for: to the page that takes its code. While no mail leaves at all, the page comes at
/// once and says so; the code follows as soon as mail leaves again, if it still lives.
pub(crate) async fn sent(visit: &Visit, down: bool) -> Result<Response, Failure> {
    visit.core.mail_wake.notify_one();
    let id = visit.current.sign_in.id;
    if !down {
        return Ok(see_other(&routes::passcode(id)));
    }
    let Some((sign_in, challenge)) = now_stored(visit).await? else {
        return Ok(see_other(&routes::passcode(id)));
    };
    let page = CodePage::new(visit, &sign_in, &challenge, &Typed::default(), None, true);
    let wait = AppendHeaders([(header::RETRY_AFTER, HeaderValue::from_static("120"))]);
    Ok((wait, Page::new(page).status(StatusCode::SERVICE_UNAVAILABLE)).into_response())
}

/// The form again, with what is wrong.
async fn again(visit: &Visit, typed: Typed, trouble: &Trouble) -> Result<Response, Failure> {
    let Some((sign_in, challenge)) = now_stored(visit).await? else {
        return Ok(see_other(&routes::identify(visit.current.sign_in.id)));
    };
    let down = visit
        .core
        .store
        .reader()
        .mail_transport_down_since()
        .await?
        .is_some();
    let page = CodePage::new(visit, &sign_in, &challenge, &typed, Some(trouble), down);
    let mut response = Page::new(page).status(trouble.status()).into_response();
    if let Some(wait) = trouble.retry_after(visit.now) {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// The sign-in and its challenge after the change.
async fn now_stored(visit: &Visit) -> Result<Option<(SignIn, PasscodeChallenge)>, Failure> {
    let reader = visit.core.store.reader();
    let Some(sign_in) = reader.sign_in(visit.current.sign_in.id).await? else {
        return Ok(None);
    };
    let challenge = match sign_in.challenge {
        Some(id) => reader.challenge(id).await?,
        None => None,
    };
    Ok(challenge.map(|challenge| (sign_in, challenge)))
}

/// Back to the dispatcher, with the session.
fn enter(visit: &Visit, signed_in: &SignedIn) -> Response {
    let issuer = &visit.core.settings.issuer;
    let session = &signed_in.session;
    let max_age = (!session.ends_with_browser).then(|| session.expires_at - visit.now);
    let mut response = see_other(&routes::resume(visit.current.sign_in.id));
    let headers = response.headers_mut();
    headers.append(
        header::SET_COOKIE,
        cookies::set(issuer, Kind::Session, &signed_in.secret, max_age),
    );
    if let Some(device) = &signed_in.device {
        headers.append(
            header::SET_COOKIE,
            cookies::set(issuer, Kind::Device, device, Some(cookies::DEVICE_FOR)),
        );
    }
    response
}
