//! A request to sign out, as far as it can be believed (RP-Initiated Logout 1.0 §2, §3).

use axum::response::{IntoResponse, Response};
use domain::{
    app::{App, RedirectUri},
    guest::Guest,
    session::Session,
};
use url::Url;
use web::{ErrorKind, ErrorPage, Failure};

use crate::{
    authorize::callback,
    parameters::{ParameterFault, Parameters},
    signing::Hint,
    state::State,
};

/// What is read, and said again by the form of our own page.
const NAMES: [&str; 5] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// A request to sign out.
pub(super) struct Request {
    /// What a genuine `id_token_hint` says, expired or not.
    hint: Option<Hint>,
    /// Where to go on to, exactly as the app registered it.
    target: Option<(App, RedirectUri)>,
    state: Option<String>,
    /// The parameters, to be sent again.
    pub(super) fields: Vec<(&'static str, String)>,
}

/// Reads a request. A hint that is not ours, or that names another app than `client_id`, proves nothing: the guest
/// is asked, and stays here. An address that is not registered is refused on a page.
pub(super) async fn read(state: &State, parameters: &Parameters) -> Result<Request, Response> {
    let fault = parameters.any_fault().map(ParameterFault::description);
    let fault = fault.or(parameters
        .are_too_many()
        .then_some("There are too many parameters"));
    if let Some(fault) = fault {
        return Err(ErrorPage::new(ErrorKind::BadRequest)
            .detail(fault)
            .into_response());
    }
    let hint = hint(state, parameters)
        .await
        .map_err(IntoResponse::into_response)?;
    let target = target(state, parameters, hint.as_ref()).await?;
    let field = |name| Some((name, parameters.get(name)?.to_owned()));
    Ok(Request {
        hint: hint.filter(|hint| is_of_app(hint, parameters)),
        target,
        state: parameters.get("state").map(str::to_owned),
        fields: NAMES.into_iter().filter_map(field).collect(),
    })
}

async fn hint(state: &State, parameters: &Parameters) -> Result<Option<Hint>, Failure> {
    let Some(token) = parameters.get("id_token_hint") else {
        return Ok(None);
    };
    state.keys.look_for_key_of(&state.core, token).await?;
    let hint = state.keys.id_token(&state.core.settings.issuer, token);
    if let Err(error) = &hint {
        tracing::info!(cause = %error, "an id_token_hint was not believed");
    }
    Ok(hint.ok())
}

/// Whether the hint was issued to the app that asks (§2).
fn is_of_app(hint: &Hint, parameters: &Parameters) -> bool {
    parameters.get("client_id").is_none_or(|id| id == hint.client_id)
}

/// Where to go on to, when it is known who asks: by a hint, or by `client_id`, which counts once the guest has
/// confirmed.
async fn target(
    state: &State,
    parameters: &Parameters,
    hint: Option<&Hint>,
) -> Result<Option<(App, RedirectUri)>, Response> {
    let given = parameters.get("post_logout_redirect_uri");
    let asked_by = match (hint, parameters.get("client_id")) {
        (Some(hint), _) if !is_of_app(hint, parameters) => None,
        (Some(hint), _) => Some(hint.client_id.as_str()),
        // A hint that is not believed makes the rest unbelievable as well.
        (None, client_id) => client_id.filter(|_| !parameters.has("id_token_hint")),
    };
    let (Some(given), Some(client_id)) = (given, asked_by) else {
        return Ok(None);
    };
    let known = state.core.store.known_client(client_id).await;
    let known = known.map_err(|error| Failure::from(error).into_response())?;
    let Some(known) = known else { return Ok(None) };
    let app = known.app.clone();
    if let Some(uri) = app.post_logout_redirect_uri(given) {
        return Ok(Some((app, uri)));
    }
    let known = app.post_logout_redirect_uris.join(", ");
    let detail = format!("post_logout_redirect_uri: It is {given}; registered: {known}");
    let page = ErrorPage::new(ErrorKind::BadRedirectUri).app(&app);
    Err(page.detail(detail).into_response())
}

impl Request {
    /// Whether the app proves that the request is its own.
    pub(super) fn is_proven(&self) -> bool {
        self.hint.is_some()
    }

    /// Whether the app asks for this very session: then the guest is not asked again (§2).
    pub(super) fn is_of(&self, session: &Session, guest: &Guest) -> bool {
        self.hint.as_ref().is_some_and(|hint| {
            hint.session == session.id.to_string() && hint.subject == guest.subject.as_str()
        })
    }

    /// The app, and where it wants the browser: with its state, if it sent one (§3).
    pub(super) fn address(&self) -> Option<(&App, Url)> {
        let (app, target) = self.target.as_ref()?;
        let state: Vec<_> = self.state.iter().map(|state| ("state", state.clone())).collect();
        Some((app, callback::address(target, &state)))
    }
}
