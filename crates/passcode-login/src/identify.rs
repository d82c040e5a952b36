//! G1: asks for the address, finds its method, and sends the browser there.

mod page;
mod typo;

use axum::{Extension, response::Response};
use domain::{EmailAddress, email::EmailError, sign_in::SignIn};
use federation::Upstreams;
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::{
    method::{self, Found, Mailing},
    passcode::{
        mailing::{AskedForCode, ask},
        trouble::CodeTrouble,
    },
};
use store::Tx;
use web::{Failure, Frame, Page, routes, see_other};

pub(crate) use self::page::IdentifyPage;
use self::page::IdentifyState;
use crate::{
    flash::{self, Flash},
    passcode::{self, CodeForm, Told},
    unavailable,
    visit::{PageVisit, Posted, UnderWay},
    webfinger,
};

/// What the form carries.
#[derive(Default, Deserialize)]
pub(crate) struct EmailForm {
    #[serde(default)]
    email: String,
    /// Present when the guest insists on an address that looks mistyped.
    keep: Option<String>,
}

/// `GET /signin/{sign_in}/email`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let Some(Flash::Address { typed, trouble }) = visit.flash.clone() else {
        let sign_in = &visit.sign_in;
        // What may not be shown is not put into the field either.
        let email = sign_in
            .email
            .as_ref()
            .filter(|email| sign_in.shown(email) == email.as_str());
        let state = IdentifyState {
            typed: email.map_or_else(String::new, |email| email.as_str().to_owned()),
            ..IdentifyState::default()
        };
        return page(&visit, state, StatusCode::OK).await;
    };
    answer(&visit, typed, trouble).await
}

/// The page after its form: with what is wrong, or with the address that was probably meant.
async fn answer(visit: &PageVisit, typed: String, trouble: Option<CodeTrouble>) -> Result<Response, Failure> {
    let frame = visit.frame();
    let parsed = EmailAddress::parse_typed(&typed);
    let mut state = IdentifyState {
        typed,
        ..IdentifyState::default()
    };
    if let Some(trouble) = trouble {
        state.error = Some(trouble.message(&frame, domain::passcode::Alphabet::default(), visit.now));
        let mut response = page(visit, state, trouble.status()).await?;
        if let Some(wait) = trouble.retry_after(visit.now) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        return Ok(response);
    }
    let status = match parsed {
        Ok(email) => {
            state.suggestion = typo::suggestion(&email).map(|meant| meant.as_str().to_owned());
            StatusCode::OK
        }
        Err(error) => {
            state.error = Some(frame.mark(message(&frame, error), &[]));
            state.at_field = true;
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    page(visit, state, status).await
}

/// `GET` of a path that only takes forms.
pub(crate) async fn show_form(visit: PageVisit) -> Response {
    see_other(&routes::identify(visit.sign_in.id))
}

/// `POST /signin/{sign_in}/email`.
pub(crate) async fn submit(
    Extension(upstreams): Extension<Upstreams>,
    UnderWay(posted): UnderWay<Posted<EmailForm>>,
) -> Result<Response, Failure> {
    let Posted { mut visit, form } = posted;
    let sign_in = &mut visit.sign_in;
    // What was chosen was chosen for the address before; who types it again may choose again.
    sign_in.chosen = None;
    match EmailAddress::parse_typed(&form.email) {
        Ok(email) if form.keep.is_some() || typo::suggestion(&email).is_none() => {
            webfinger::ask(&visit, &upstreams, &email).await?;
            go_on(&visit, &email, true).await
        }
        Ok(email) => Ok(again(&visit, email.as_str().to_owned(), None)),
        Err(_) => Ok(again(&visit, form.email, None)),
    }
}

/// Back to the page, with what to say there.
fn again(visit: &PageVisit, typed: String, trouble: Option<CodeTrouble>) -> Response {
    let page = routes::identify(visit.sign_in.id);
    flash::go(visit, &page, Flash::Address { typed, trouble })
}

/// With an address, typed just now or before: to its code, or to what there is instead.
pub(crate) async fn go_on(visit: &PageVisit, email: &EmailAddress, typed: bool) -> Result<Response, Failure> {
    let id = visit.sign_in.id;
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(see_other(&routes::identify(id)));
    };
    sign_in.chosen = visit.sign_in.chosen;
    let found = method::find(visit, &tx, email).await?;
    if found.mail == Mailing::Elsewhere {
        if sign_in.email.as_ref() != Some(email) {
            method::record(visit, &tx, &found).await?;
        }
        sign_in.email = Some(email.clone());
        sign_in.email_typed |= typed;
        return unavailable::send_there(visit, tx, sign_in, &found).await;
    }
    mail(visit, tx, sign_in, email, &found, typed).await
}

/// Asks for a mail and ends the transaction. On trouble the sign-in stays with the address it had.
async fn mail(
    visit: &PageVisit,
    tx: Tx,
    mut sign_in: SignIn,
    email: &EmailAddress,
    found: &Found,
    typed: bool,
) -> Result<Response, Failure> {
    let asked = ask(visit, &tx, &mut sign_in, email, found).await?;
    // With the mail and its limits: requests alone must not fill the log.
    if matches!(asked, AskedForCode::Sent(_)) {
        method::record(visit, &tx, found).await?;
    }
    sign_in.email_typed |= typed;
    let asked = match asked {
        AskedForCode::Refused(trouble) => {
            tx.commit().await?;
            // What may not be shown is not put into the field either.
            let shown = sign_in.shown(email);
            let typed = if shown == email.as_str() {
                shown
            } else {
                String::new()
            };
            return Ok(again(visit, typed, Some(trouble)));
        }
        asked => asked,
    };
    let down = asked.is_mail_down(&tx).await?;
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    asked.hand_over();
    Ok(passcode::sent(visit, down, CodeForm::default()))
}

async fn page(visit: &PageVisit, state: IdentifyState, status: StatusCode) -> Result<Response, Failure> {
    let situation = visit.situation().await?;
    let page = IdentifyPage::new(visit, &situation, state);
    Ok(flash::said(visit, Page::new(page).status(status)))
}

/// What is wrong with an address, in words.
pub(crate) fn message(frame: &Frame, error: EmailError) -> &'static str {
    let t = &frame.t.identify;
    match error {
        EmailError::Empty => t.empty,
        EmailError::TooLong => t.too_long,
        EmailError::At => t.no_at,
        EmailError::Invisible => t.invisible,
        EmailError::LocalPart => t.local_part,
        EmailError::LongLocalPart => t.long_local_part,
        EmailError::Dots => t.dots,
        EmailError::Domain => t.domain,
        EmailError::MixedScript => t.mixed_script,
    }
}
