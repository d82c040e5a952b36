//! `GET` and `POST /authorize` (OpenID Connect Core §3.1.2.1): reads a request, answers it where nothing has to be
//! shown, and otherwise begins a sign-in.

use axum::{
    body::Bytes,
    extract::{RawQuery, State as Extract},
    response::{IntoResponse, Response},
};
use domain::{
    Language,
    app::App,
    invitation,
    sign_in::{SignIn, Step},
};
use http::HeaderMap;
use sign_in::{
    Core, Situation, begin,
    issue::{CodeToIssue, Issued},
};
use web::{ClientIp, Cookies, ErrorKind, ErrorPage, Failure, routes, see_other};

use super::{
    callback::{AppAnswer, Callback},
    dispatch, validate,
};
use crate::{
    cross_site,
    error::OAuthError,
    parameters::{Parameters, is_form},
    state::State,
};

/// Who asks, as far as HTTP says it.
struct Visitor {
    cookies: Cookies,
    ip: ClientIp,
    headers: HeaderMap,
}

/// `GET /authorize`.
pub(crate) async fn get(
    Extract(state): Extract<State>,
    cookies: Cookies,
    ip: ClientIp,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let visitor = Visitor { cookies, ip, headers };
    authorize(&state, &visitor, &parameters)
        .await
        .unwrap_or_else(|refused| refused)
}

/// `POST /authorize`, by form.
pub(crate) async fn post(
    Extract(state): Extract<State>,
    cookies: Cookies,
    ip: ClientIp,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_form(&headers) {
        return ErrorPage::new(ErrorKind::BadRequest)
            .detail("not a form")
            .into_response();
    }
    if let Some(again) = cross_site::by_get(routes::AUTHORIZE, &cookies, &body) {
        return again;
    }
    let visitor = Visitor { cookies, ip, headers };
    authorize(&state, &visitor, &Parameters::parse(&body))
        .await
        .unwrap_or_else(|refused| refused)
}

async fn authorize(state: &State, visitor: &Visitor, parameters: &Parameters) -> Result<Response, Response> {
    let core = &state.core;
    let client_id = validate::client_id(parameters).map_err(IntoResponse::into_response)?;
    let app = find(core, client_id).await?;
    let redirect_uri = validate::redirect_uri(&app, parameters).map_err(IntoResponse::into_response)?;

    // From here every error goes to the app.
    let mode = validate::response_mode(parameters);
    let callback = Callback::new(
        core,
        &app,
        redirect_uri.clone(),
        mode,
        validate::state(parameters),
    );
    if let Some(hint) = parameters.get("id_token_hint") {
        let looked = state.keys.look_for_key_of(core, hint).await;
        looked.map_err(IntoResponse::into_response)?;
    }
    let issuer = &core.settings.issuer;
    let request = validate::request(&app, parameters, redirect_uri, &state.keys, issuer);
    let asked: &[String] = request.as_ref().map_or(&[], |request| &request.ui_locales);
    let language = web::language::negotiate(None, &visitor.headers, asked, core.settings.default_language);
    let request =
        request.map_err(|error| callback.redirect(core, language, AppAnswer::Error(&error.told(&app))))?;

    let entropy = core.entropy.as_ref();
    let browser = visitor.cookies.browser_or_new(entropy);
    let mut sign_in = SignIn::begin(app.id, request, browser.hash(), core.now(), entropy);
    invited(core, &mut sign_in)
        .await
        .map_err(IntoResponse::into_response)?;
    let answered = answer(core, &app, &sign_in, visitor, &callback, language).await;
    let step = match answered {
        Ok(Answered::Now(response)) => return Ok(response),
        Ok(Answered::Later(step)) => step,
        // `prompt=none` forbids pages, those of our own trouble included (RFC 6749 §4.1.2.1).
        Err(failure) if sign_in.request.prompt.none => {
            tracing::error!(cause = failure.cause, "a silent request failed on our side");
            let error = OAuthError::of_failure(&failure);
            return Ok(callback.redirect(core, language, AppAnswer::Error(&error)));
        }
        Err(failure) => return Err(failure.into_response()),
    };
    let mut response = see_other(&dispatch::page_of(step, &sign_in));
    visitor.cookies.keep_browser(&mut response, issuer, &browser);
    Ok(response)
}

/// Who came through an invitation's link is known by it. The hint is forgotten: it holds the link's token.
async fn invited(core: &Core, sign_in: &mut SignIn) -> Result<(), Failure> {
    let hint = sign_in.request.login_hint.as_deref();
    let Some(token) = hint.and_then(invitation::token_in_hint) else {
        return Ok(());
    };
    sign_in.request.login_hint = None;
    let reader = core.store.reader();
    let found = reader.invitation_by_token(&token.hash()).await?;
    let Some(invitation) = found.filter(|invitation| invitation.app == sign_in.app) else {
        return Ok(());
    };
    sign_in.email = reader.guest(invitation.guest).await?.map(|guest| guest.email);
    sign_in.invitation = Some(invitation.id);
    Ok(())
}

/// The app, which must be switched on: with one that is off no sign-in begins.
async fn find(core: &Core, client_id: &str) -> Result<App, Response> {
    let unknown = |detail: String| {
        ErrorPage::new(ErrorKind::UnknownApp)
            .detail(detail)
            .into_response()
    };
    let known = core.store.known_client(client_id).await;
    let known = known.map_err(|error| Failure::from(error).into_response())?;
    let known = known.ok_or_else(|| unknown(format!("no app has the client_id {client_id:?}")))?;
    let app = known.app.clone();
    if app.disabled_at.is_some() {
        return Err(unknown(format!("the app {client_id:?} is switched off")));
    }
    Ok(app)
}

/// How a request ends, or does not yet.
enum Answered {
    /// The app has its answer, or the guest a page that says why not.
    Now(Response),
    /// The sign-in is kept, and goes on at the page of this step.
    Later(Step),
}

async fn answer(
    core: &Core,
    app: &App,
    sign_in: &SignIn,
    visitor: &Visitor,
    callback: &Callback,
    language: Language,
) -> Result<Answered, Failure> {
    let now = sign_in.started_at;
    // Twice: an invitation may be redeemed elsewhere between the decision and the write.
    for _ in 0..2 {
        let situation = Situation::load(core, app, sign_in, visitor.cookies.session.as_ref(), now).await?;
        let step = situation.step(sign_in, now);
        if let Some(error) = dispatch::error_of(step) {
            let response = callback.redirect(core, language, AppAnswer::Error(&error));
            return Ok(Answered::Now(response));
        }
        let answering = (&situation.session, &visitor.cookies.session, situation.access);
        let (Step::Issue, (Some((session, guest)), Some(secret), Some(access))) = (step, answering) else {
            return begin(core, sign_in, &visitor.ip, step, &situation).await;
        };
        let minted = CodeToIssue {
            core,
            app,
            sign_in,
            session,
            secret,
            guest,
            access,
            now,
        };
        if let Issued::Code(code) = minted.issue(false).await? {
            let response = callback.redirect(core, language, AppAnswer::Code(&code));
            return Ok(Answered::Now(response));
        }
    }
    Err(Failure::unavailable("an invitation kept changing"))
}

/// Keeps the sign-in.
async fn begin(
    core: &Core,
    sign_in: &SignIn,
    ip: &ClientIp,
    step: Step,
    situation: &Situation,
) -> Result<Answered, Failure> {
    let refused = match (step, &situation.session) {
        (Step::Refuse(refusal), Some((_, guest))) => Some((refusal, guest)),
        _ => None,
    };
    let tx = core.store.begin().await?;
    let kept = begin::keep(core, &tx, sign_in, &ip.network(), refused).await?;
    tx.commit().await?;
    if kept {
        Ok(Answered::Later(step))
    } else {
        let page = ErrorPage::new(ErrorKind::TooMany).into_response();
        Ok(Answered::Now(page))
    }
}
