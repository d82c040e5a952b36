//! G2: asks for the code, and takes it. What is wrong with one is in `passcode/trouble.rs`.

mod page;
mod trouble;

use axum::response::{IntoResponse, Response};
use domain::passcode::{ChallengeState, NotACode, Passcode, Undelivered};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use sign_in::{
    complete::SignedIn,
    method,
    passcode::{
        attempt::{Boxes, CodeOutcome, attempt},
        mailing::{AskedForCode, ask},
        trouble::CodeTrouble,
        undelivered::undelivered,
    },
};
use web::{
    ErrorKind, ErrorPage, Failure, Page,
    cookies::{self, BROWSER_FOR, Kind},
    routes, see_other,
};

use self::page::Typed;
pub(crate) use self::{page::CodePage, trouble::Told};
use crate::{
    flash::{self, Flash},
    unavailable,
    visit::{CodeVisit, PageVisit, Posted, UnderWay, onward},
};

/// What the form carries. Anything may stand in it.
#[derive(Default, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    code: String,
    /// Present when the box is ticked.
    shared_computer: Option<String>,
    /// Present when a passkey is wanted.
    make_passkey: Option<String>,
}

/// `GET /signin/{sign_in}/code`.
pub(crate) async fn show(page: CodeVisit) -> Result<Response, Failure> {
    let CodeVisit {
        visit,
        challenge,
        down,
    } = page;
    let sign_in = &visit.sign_in;
    let Some(challenge) = challenge else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let locked = sign_in.locked_until.filter(|until| visit.now < *until);
    let answered = match &visit.flash {
        Some(Flash::Code {
            code,
            shared,
            passkey,
            trouble,
        }) => Some((Typed::new(code, *shared, *passkey), trouble.clone())),
        _ => None,
    };
    match challenge.state {
        _ if answered.as_ref().is_some_and(|(_, trouble)| trouble.is_some()) => {}
        ChallengeState::Consumed if sign_in.progress.session().is_some() => {
            return Ok(see_other(&routes::resume(sign_in.id)));
        }
        ChallengeState::Consumed => return Ok(see_other(&routes::identify(sign_in.id))),
        // Its codes are dead, and the wait is over: another one is one button away.
        ChallengeState::Dead if locked.is_none() => return Ok(see_other(&routes::send(sign_in.id))),
        ChallengeState::Open | ChallengeState::Dead => {}
    }
    let mail = if down {
        Some(Undelivered::Down)
    } else {
        undelivered(&visit, &challenge).await?
    };
    let Some((typed, trouble)) = answered else {
        let trouble = locked.map(|until| CodeTrouble::Locked { until });
        let page = CodePage::new(
            &visit,
            sign_in,
            &challenge,
            &Typed::default(),
            trouble.as_ref(),
            mail,
        );
        return Ok(Page::new(page).into_response());
    };
    let page = CodePage::new(&visit, sign_in, &challenge, &typed, trouble.as_ref(), mail);
    let (status, wait) = match &trouble {
        Some(trouble) => (trouble.status(), trouble.retry_after(visit.now)),
        None if down => (
            StatusCode::SERVICE_UNAVAILABLE,
            Some(HeaderValue::from_static("120")),
        ),
        None => (StatusCode::OK, None),
    };
    let mut response = flash::said(&visit, Page::new(page).status(status));
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// `GET` of a path that only takes forms: the address bar shows it after an error.
pub(crate) async fn show_form(visit: PageVisit) -> Response {
    see_other(&routes::passcode(visit.sign_in.id))
}

/// `POST /signin/{sign_in}/code`.
pub(crate) async fn submit(posted: Posted<CodeForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let boxes = Boxes {
        shared: form.shared_computer.is_some(),
        passkey: form.make_passkey.is_some(),
    };
    let outcome = match Passcode::read(&form.code) {
        Ok(code) => attempt(&visit, &code, boxes).await?,
        Err(_) if form.code.trim().is_empty() => CodeOutcome::Again(CodeTrouble::Empty),
        Err(found) => CodeOutcome::Again(not_a_code(&visit, found).await?),
    };
    match outcome {
        CodeOutcome::SignedIn(signed_in) => Ok(enter(&visit, &signed_in)),
        CodeOutcome::Again(trouble) => Ok(again(&visit, form, Some(trouble))),
        CodeOutcome::NoChallenge => Ok(see_other(&routes::passcode(id))),
        CodeOutcome::Elsewhere(way) => Ok(onward(&visit.sign_in, way, true)),
        CodeOutcome::Nobody => Ok(ErrorPage::new(ErrorKind::StartAgain)
            .app(&visit.app)
            .into_response()),
    }
}

/// What is wrong with a text that is no code, for the alphabet that the newest code is written in.
async fn not_a_code(visit: &PageVisit, found: NotACode) -> Result<CodeTrouble, Failure> {
    let challenge = match visit.sign_in.challenge {
        Some(id) => visit.core.store.reader().challenge(id).await?,
        None => None,
    };
    let alphabet = challenge
        .and_then(|challenge| challenge.last_send())
        .map(|send| send.alphabet);
    let alphabet = alphabet.unwrap_or_default();
    let count = found.count(alphabet);
    Ok(if count == 0 || count == alphabet.length() {
        CodeTrouble::OtherCharacters
    } else {
        CodeTrouble::Length(count)
    })
}

/// `POST /signin/{sign_in}/resend`: another mail. What was typed meanwhile is kept.
pub(crate) async fn resend(UnderWay(posted): UnderWay<Posted<CodeForm>>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(see_other(&routes::passcode(id)));
    };
    let Some(email) = sign_in.email.clone() else {
        return Ok(see_other(&routes::identify(id)));
    };
    let found = method::find(&visit, &tx, &email).await?;
    if found.mail == method::Mailing::Elsewhere {
        return unavailable::send_there(&visit, tx, sign_in, &found).await;
    }
    let asked = ask(&visit, &tx, &mut sign_in, &email, &found).await?;
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    let trouble = match asked {
        AskedForCode::Sent(mail) => {
            let down = mail.is_down();
            mail.hand_over();
            return Ok(sent(&visit, down, form));
        }
        AskedForCode::Recently { until } => CodeTrouble::TooSoon { until },
        AskedForCode::Refused(trouble) => trouble,
    };
    Ok(again(&visit, form, Some(trouble)))
}

/// After a mail was asked for: to the page that takes its code, with what stood in its field. While no mail leaves
/// at all, that page says so; the code follows as soon as mail leaves again, if it still lives.
pub(crate) fn sent(visit: &PageVisit, down: bool, form: CodeForm) -> Response {
    if down || !form.code.is_empty() {
        return again(visit, form, None);
    }
    see_other(&routes::passcode(visit.sign_in.id))
}

/// Back to the page, with what to say there.
fn again(visit: &PageVisit, form: CodeForm, trouble: Option<CodeTrouble>) -> Response {
    let again = Flash::Code {
        shared: form.shared_computer.is_some(),
        passkey: form.make_passkey.is_some(),
        code: form.code,
        trouble,
    };
    flash::go(visit, &routes::passcode(visit.sign_in.id), again)
}

/// Back to the dispatcher, with the session.
pub(crate) fn enter(visit: &PageVisit, signed_in: &SignedIn) -> Response {
    let issuer = &visit.core.settings.issuer;
    let session = &signed_in.session;
    let max_age = (!session.ends_with_browser).then(|| session.expires_at - visit.now);
    let mut response = see_other(&routes::resume(visit.sign_in.id));
    let headers = response.headers_mut();
    headers.append(
        header::SET_COOKIE,
        cookies::set(issuer, Kind::Session, &signed_in.secret, max_age),
    );
    if let Some(browser) = &signed_in.browser {
        // Nor does anybody who opens a shared computer's browser later go on with the sign-ins that are under way in it.
        let max_age = (!session.ends_with_browser).then_some(BROWSER_FOR);
        headers.append(
            header::SET_COOKIE,
            cookies::set(issuer, Kind::Browser, browser, max_age),
        );
    }
    if let Some(device) = &signed_in.device {
        headers.append(
            header::SET_COOKIE,
            cookies::set(issuer, Kind::Device, device, Some(cookies::DEVICE_FOR)),
        );
    }
    response
}
