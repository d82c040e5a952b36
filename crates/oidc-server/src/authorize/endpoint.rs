//! `GET` and `POST /authorize` (OpenID Connect Core §3.1.2.1).

use axum::{
    body::Bytes,
    extract::{RawQuery, State as Extract},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    rate::Limit,
    sign_in::{SignIn, Step},
};
use http::{HeaderMap, header};
use web::{
    ClientIp, Cookies, Core, ErrorKind, ErrorPage, Failure,
    cookies::{self, BROWSER_FOR, Kind},
    see_other,
    texts::Language,
};

use super::{
    callback::{Answer, Callback},
    dispatch,
    facts::Loaded,
    issue::{self, Issued},
    validate,
};
use crate::{State, parameters::Parameters};

/// `GET /authorize`.
pub(crate) async fn get(
    Extract(state): Extract<State>,
    cookies: Cookies,
    ip: ClientIp,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    authorize(&state, &cookies, ip, &headers, &parameters)
        .await
        .unwrap_or_else(|refused| refused)
}

/// `POST /authorize`, by form. A form from the app's page is cross-site and brings no Lax cookies: the guest is
/// then asked, where a GET would have been silent.
pub(crate) async fn post(
    Extract(state): Extract<State>,
    cookies: Cookies,
    ip: ClientIp,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return ErrorPage::new(ErrorKind::BadRequest)
            .detail("not a form")
            .into_response();
    }
    let parameters = Parameters::parse(&body);
    authorize(&state, &cookies, ip, &headers, &parameters)
        .await
        .unwrap_or_else(|refused| refused)
}

async fn authorize(
    state: &State,
    cookies: &Cookies,
    ip: ClientIp,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Response, Response> {
    let core = &state.core;
    let client_id = validate::client_id(parameters).map_err(IntoResponse::into_response)?;
    let app = core
        .store
        .reader()
        .app_by_client_id(client_id)
        .await
        .map_err(failed)?;
    let app = app.filter(|app| app.disabled_at.is_none()).ok_or_else(|| {
        ErrorPage::new(ErrorKind::UnknownApp)
            .detail(format!("no app has the client_id {client_id:?}"))
            .into_response()
    })?;
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
    let request = validate::request(parameters, redirect_uri, &state.keys);
    let asked: &[String] = request.as_ref().map_or(&[], |request| &request.ui_locales);
    let language = Language::negotiate(None, headers, asked, core.settings.default_language);
    let request = request.map_err(|error| callback.redirect(core, language, Answer::Error(&error)))?;

    let now = core.now();
    let browser = cookies
        .browser
        .clone()
        .unwrap_or_else(|| Secret::generate(core.entropy.as_ref()));
    let sign_in = SignIn::begin(app.id, request, browser.hash(), now, core.entropy.as_ref());
    let loaded = Loaded::load(core, &app, &sign_in, cookies, now)
        .await
        .map_err(IntoResponse::into_response)?;
    let step = loaded.step(&sign_in, now);
    if let (Step::Issue, Some(who), Some(access)) = (step, &loaded.session, loaded.access)
        && let Issued::Code(code) = issue::issue(core, &app, &sign_in, false, who, access, now)
            .await
            .map_err(IntoResponse::into_response)?
    {
        return Ok(callback.redirect(core, language, Answer::Code(&code)));
    }
    if let Some(error) = dispatch::error_of(step) {
        return Err(callback.redirect(core, language, Answer::Error(&error)));
    }

    begin(core, &sign_in, &ip).await?;
    let page = dispatch::page_of(step, &sign_in);
    let mut response = see_other(&page);
    let cookie = cookies::set(&core.settings.issuer, Kind::Browser, &browser, Some(BROWSER_FOR));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Keeps the sign-in. One network begins only so many in an hour: rows are for guests, not for floods.
async fn begin(core: &Core, sign_in: &SignIn, ip: &ClientIp) -> Result<(), Response> {
    let limit: Limit = core.settings.limits.sign_ins_per_prefix_hour;
    let tx = core.store.begin().await.map_err(failed)?;
    let taken = tx
        .take("sign_in.network", &ip.network(), limit, sign_in.started_at)
        .await
        .map_err(failed)?;
    if taken.is_allowed() {
        tx.insert_sign_in(sign_in).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    if taken.is_allowed() {
        Ok(())
    } else {
        Err(ErrorPage::new(ErrorKind::TooMany).into_response())
    }
}

fn failed(error: store::StoreError) -> Response {
    Failure::from(error).into_response()
}
