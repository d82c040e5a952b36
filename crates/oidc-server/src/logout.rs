//! RP-Initiated Logout 1.0: an app sends its guest to sign out here as well.

mod page;
mod request;

use axum::{
    body::Bytes,
    extract::{RawQuery, State as Extract},
    response::{IntoResponse, Response},
};
use domain::{guest::Guest, session::Session};
use http::{HeaderMap, header};
use sign_in::{Core, EndedFrom, end_session};
use web::{
    Cookies, ErrorKind, ErrorPage, Failure, Frame,
    cookies::{self, Kind},
    csrf, routes, see_other,
};

use crate::{
    cross_site,
    parameters::{Parameters, is_form},
    state::State,
};

/// `GET /logout`.
pub(crate) async fn get(
    Extract(state): Extract<State>,
    cookies: Cookies,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    sign_out(&state, &cookies, &headers, &parameters, None)
        .await
        .unwrap_or_else(|refused| refused)
}

/// `POST /logout`: by an app's form, or by our own page's.
pub(crate) async fn post(
    Extract(state): Extract<State>,
    cookies: Cookies,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_form(&headers) {
        return ErrorPage::new(ErrorKind::BadRequest)
            .detail("not a form")
            .into_response();
    }
    if let Some(again) = cross_site::by_get(routes::LOGOUT, &cookies, &body) {
        return again;
    }
    let parameters = Parameters::parse(&body);
    let confirmation = parameters.get("csrf");
    sign_out(&state, &cookies, &headers, &parameters, confirmation)
        .await
        .unwrap_or_else(|refused| refused)
}

/// `GET /signed-out`, page G7.
pub(crate) async fn signed_out(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let default = state.core.settings.default_language;
    let language = web::language::negotiate(query.as_deref(), &headers, &[], default);
    page::signed_out(Frame::new(&state.core, language), None, false)
}

/// Ends the session when the app proves to mean it, or the guest confirms; asks otherwise (§2).
async fn sign_out(
    state: &State,
    cookies: &Cookies,
    headers: &HeaderMap,
    parameters: &Parameters,
    confirmation: Option<&str>,
) -> Result<Response, Response> {
    let core = &state.core;
    let request = request::read(state, parameters).await?;
    let frame = || {
        let locales = parameters.get("ui_locales").unwrap_or_default().split(' ');
        let asked: Vec<String> = locales.map(str::to_owned).collect();
        let default = core.settings.default_language;
        Frame::new(core, web::language::negotiate(None, headers, &asked, default))
    };
    let csrf = cookies.session.as_ref().map(csrf::session_token);
    let confirmed = csrf.as_ref().zip(confirmation).is_some_and(|(csrf, given)| {
        csrf::check(headers, &core.settings.issuer, [csrf.clone()], given).is_ok()
    });
    let session = live_session(core, cookies)
        .await
        .map_err(IntoResponse::into_response)?;
    match (session, csrf) {
        (Some((session, guest)), _) if confirmed || request.is_of(&session, &guest) => {
            let ended = end(core, &session, &guest).await;
            ended.map_err(IntoResponse::into_response)?;
        }
        (Some((_, guest)), Some(csrf)) => return Ok(page::ask(frame(), csrf, &guest, request)),
        // There is no session here, or it has ended: the same form came twice.
        _ => {}
    }
    let mut response = match request.address() {
        Some((_, address)) if request.is_proven() && !confirmed => see_other(address.as_str()),
        // Where a page was shown, a page leads on: Chrome applies `form-action` to all that follows a form. Without a
        // genuine hint the app is not known to have asked for it (§3); a link that the guest may take stands there.
        Some((app, address)) => page::signed_out(frame(), Some((&app.name, address)), confirmed),
        None => see_other(routes::SIGNED_OUT),
    };
    if cookies.session.is_some() {
        let cleared = cookies::clear(&core.settings.issuer, Kind::Session);
        response.headers_mut().append(header::SET_COOKIE, cleared);
    }
    Ok(response)
}

async fn live_session(core: &Core, cookies: &Cookies) -> Result<Option<(Session, Guest)>, Failure> {
    let Some(secret) = &cookies.session else {
        return Ok(None);
    };
    let found = core.store.reader().session_by_token(&secret.hash()).await?;
    Ok(found.filter(|(session, _)| session.is_live(core.now())))
}

/// Ends the session and what came of it.
async fn end(core: &Core, session: &Session, guest: &Guest) -> Result<(), Failure> {
    let tx = core.store.begin().await?;
    if end_session(&tx, (session.id, guest.id), EndedFrom::Here, core.now()).await? {
        tx.commit().await?;
    }
    Ok(())
}
