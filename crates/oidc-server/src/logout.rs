//! RP-Initiated Logout 1.0: an app sends its guest to sign out here as well.

use askama::Template;
use axum::{
    body::Bytes,
    extract::{RawQuery, State as Extract},
    response::{IntoResponse, Response},
};
use domain::{
    app::RedirectUri,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    session::Session,
};
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use web::{
    Cookies, Core, ErrorKind, ErrorPage, Failure, Frame, Page,
    cookies::{self, Kind},
    csrf, routes, see_other,
    texts::Language,
};

use crate::{State, parameters::Parameters};

/// `templates/sign_in/sign_out.html`: asks before a session ends that nobody proved to be the app's.
#[derive(Template)]
#[template(path = "sign_in/sign_out.html")]
pub(crate) struct SignOut {
    frame: Frame,
    csrf: String,
    email: String,
    /// What the request said, to say it again.
    fields: Vec<(&'static str, String)>,
}

/// `templates/sign_in/signed_out.html`, page G7.
#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
pub(crate) struct SignedOut {
    frame: Frame,
}

/// A request to sign out, as far as it can be believed.
struct Request {
    /// The claims of a genuine `id_token_hint`, expired or not.
    hint: Option<Map<String, Value>>,
    /// Where to go on to: registered, exactly.
    target: Option<RedirectUri>,
    state: Option<String>,
    fields: Vec<(&'static str, String)>,
}

/// `GET /logout`.
pub(crate) async fn get(
    Extract(state): Extract<State>,
    cookies: Cookies,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    sign_out(&state, &cookies, &headers, &parameters)
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
    sign_out(&state, &cookies, &headers, &Parameters::parse(&body))
        .await
        .unwrap_or_else(|refused| refused)
}

/// `GET /signed-out`.
pub(crate) async fn signed_out(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let language = Language::negotiate(
        query.as_deref(),
        &headers,
        &[],
        state.core.settings.default_language,
    );
    Page::new(SignedOut {
        frame: Frame::new(&state.core, language),
    })
    .into_response()
}

async fn sign_out(
    state: &State,
    cookies: &Cookies,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Response, Response> {
    let core = &state.core;
    let request = read(state, parameters).await?;
    let session = match &cookies.session {
        Some(secret) => core
            .store
            .reader()
            .session_by_token(&secret.hash())
            .await
            .map_err(failed)?,
        None => None,
    };
    let session = session.filter(|(session, _)| session.is_live(core.now()));
    let (Some((session, guest)), Some(secret)) = (session, &cookies.session) else {
        // Nobody is signed in here. Without a genuine hint nobody asked for the redirect either (§3).
        return Ok(if request.hint.is_some() {
            leave(&request)
        } else {
            see_other(routes::SIGNED_OUT)
        });
    };
    let expected = csrf::session_token(secret);
    let confirmed = parameters
        .get("csrf")
        .is_some_and(|given| csrf::check(headers, &core.settings.issuer, &expected, given).is_ok());
    if confirmed || request.is_of(&session, &guest) {
        end(core, &session, &guest)
            .await
            .map_err(IntoResponse::into_response)?;
        let mut response = leave(&request);
        let cleared = cookies::clear(&core.settings.issuer, Kind::Session);
        response.headers_mut().append(header::SET_COOKIE, cleared);
        return Ok(response);
    }
    let locales: Vec<String> = parameters
        .get("ui_locales")
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned)
        .collect();
    let language = Language::negotiate(None, headers, &locales, core.settings.default_language);
    let page = SignOut {
        frame: Frame::new(core, language),
        csrf: expected,
        email: guest.email.as_str().to_owned(),
        fields: request.fields,
    };
    let page = Page::new(page);
    // The form's answer may be a redirect to the app.
    Ok(match &request.target {
        Some(target) => page.form_action(target.url()).into_response(),
        None => page.into_response(),
    })
}

/// Reads the request (§2). A hint that is not ours, or that contradicts `client_id`, is refused on a page; a
/// target that is not registered is never gone to.
async fn read(state: &State, parameters: &Parameters) -> Result<Request, Response> {
    let refuse = |detail: &str| {
        ErrorPage::new(ErrorKind::BadRequest)
            .detail(detail)
            .into_response()
    };
    if parameters.any_repeated() || parameters.is_oversized() {
        return Err(refuse("a parameter stands more than once, or is too long"));
    }
    let hint = match parameters.get("id_token_hint") {
        Some(token) => Some(
            state
                .keys
                .verify(token)
                .map_err(|error| refuse(&format!("id_token_hint: {error}")))?,
        ),
        None => None,
    };
    let audience = hint
        .as_ref()
        .and_then(|claims| claims.get("aud"))
        .and_then(Value::as_str);
    let client_id = parameters.get("client_id");
    if let (Some(audience), Some(client_id)) = (audience, client_id)
        && audience != client_id
    {
        return Err(refuse("client_id and id_token_hint name different apps"));
    }
    let app = match audience.or(client_id) {
        Some(id) => state
            .core
            .store
            .reader()
            .app_by_client_id(id)
            .await
            .map_err(failed)?,
        None => None,
    };
    let target = match (parameters.get("post_logout_redirect_uri"), &app) {
        (None, _) => None,
        (Some(given), Some(app)) => Some(app.post_logout_redirect_uri(given).ok_or_else(|| {
            let known = app.post_logout_redirect_uris.join(", ");
            let page = ErrorPage::new(ErrorKind::BadRedirectUri).app(app);
            page.detail(format!(
                "post_logout_redirect_uri is {given}; registered: {known}"
            ))
            .into_response()
        })?),
        (Some(_), None) => {
            return Err(refuse(
                "post_logout_redirect_uri needs an id_token_hint or a client_id",
            ));
        }
    };
    let names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    let fields = names
        .into_iter()
        .filter_map(|name| Some((name, parameters.get(name)?.to_owned())))
        .collect();
    Ok(Request {
        hint,
        target,
        state: parameters.get("state").map(str::to_owned),
        fields,
    })
}

impl Request {
    /// Whether the hint proves that the app asks for this very session's guest: then nobody is asked again (§2).
    fn is_of(&self, session: &Session, guest: &Guest) -> bool {
        let claim = |name: &str| {
            self.hint
                .as_ref()
                .and_then(|claims| claims.get(name))
                .and_then(Value::as_str)
        };
        let same_session = claim("sid").is_none_or(|sid| sid == session.id.to_string());
        same_session && claim("sub") == Some(guest.subject.as_str())
    }
}

/// Ends the session and what came of it; grants for `offline_access` go on (Back-Channel Logout §2.7).
async fn end(core: &Core, session: &Session, guest: &Guest) -> Result<(), Failure> {
    let now = core.now();
    let tx = core.store.begin().await?;
    if tx.end_session(session.id, now).await? {
        tx.revoke_grants_of_session(session.id, now, true).await?;
        let event = AuditEvent::new(Action::SessionEnded, Actor::Guest(guest.id))
            .guest(guest.id)
            .reason("signed_out");
        tx.record(event.detail("session", session.id.to_string()), now)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// To the app, with its state (§3), or to our own page.
fn leave(request: &Request) -> Response {
    let Some(target) = &request.target else {
        return see_other(routes::SIGNED_OUT);
    };
    let mut url = target.url().clone();
    if let Some(state) = &request.state {
        url.query_pairs_mut().append_pair("state", state);
    }
    see_other(url.as_str())
}

fn failed(error: store::StoreError) -> Response {
    Failure::from(error).into_response()
}
