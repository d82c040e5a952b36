//! The rules of an authorization request (OpenID Connect Core §3.1.2.1, RFC 6749 §4.1.1, RFC 7636 §4.3), one
//! function each, in the order in which they are asked. Before the first two have passed the browser is not redirected;
//! after them every error goes to the app.

use domain::{
    app::{App, RedirectUri},
    authorization::{AuthorizationRequest, CodeChallenge, Prompts, ResponseMode, Scope, Scopes},
};
use sign_in::Issuer;
use web::{ErrorKind, ErrorPage};

use crate::{
    error::{OAuthError, either},
    parameters::Parameters,
    signing::KeyRing,
};

/// Which app asks; without one there is no redirect URI to answer at.
pub(super) fn client_id(parameters: &Parameters) -> Result<&str, ErrorPage> {
    if parameters.are_too_many() {
        return Err(ErrorPage::new(ErrorKind::BadRequest).detail("the request has too many parameters"));
    }
    let page = |detail| ErrorPage::new(ErrorKind::UnknownApp).detail(format!("client_id: {detail}"));
    if let Some(fault) = parameters.fault("client_id") {
        return Err(page(fault.description()));
    }
    parameters.get("client_id").ok_or_else(|| page("It is missing"))
}

/// Where the answer goes: exactly as registered (RFC 9700 §2.1). Mandatory, even when only one is registered.
pub(super) fn redirect_uri(app: &App, parameters: &Parameters) -> Result<RedirectUri, ErrorPage> {
    let page = |detail: &str| {
        let registered = app.redirect_uris.join(", ");
        let detail = format!("redirect_uri: {detail}; registered: {registered}");
        ErrorPage::new(ErrorKind::BadRedirectUri).app(app).detail(detail)
    };
    if let Some(fault) = parameters.fault("redirect_uri") {
        return Err(page(fault.description()));
    }
    let given = parameters
        .get("redirect_uri")
        .ok_or_else(|| page("It is missing"))?;
    app.redirect_uri(given)
        .ok_or_else(|| page(&format!("It is {given}")))
}

/// How to answer, also with errors; an unknown mode is itself one, told in the query.
pub(super) fn response_mode(parameters: &Parameters) -> ResponseMode {
    parameters
        .get("response_mode")
        .and_then(ResponseMode::parse)
        .unwrap_or(ResponseMode::Query)
}

/// `state`, as it came. One with line breaks would not arrive so: forms change them (RFC 6749 appendix A.5 forbids
/// them). It is an error, and errors leave it out.
pub(super) fn state(parameters: &Parameters) -> Option<String> {
    parameters
        .get("state")
        .filter(|state| !state.contains(char::is_control))
        .map(str::to_owned)
}

/// Everything else. `redirect_uri` has been matched.
pub(super) fn request(
    app: &App,
    parameters: &Parameters,
    redirect_uri: RedirectUri,
    keys: &KeyRing,
    issuer: &Issuer,
) -> Result<AuthorizationRequest, OAuthError> {
    no_fault(parameters)?;
    printable_state(parameters)?;
    no_request_object(parameters)?;
    known_response_mode(parameters)?;
    response_type(parameters)?;
    Ok(AuthorizationRequest {
        redirect_uri,
        response_mode: response_mode(parameters),
        scopes: scopes(app, parameters)?,
        state: state(parameters),
        nonce: parameters.get("nonce").map(str::to_owned),
        challenge: challenge(app, parameters)?,
        prompt: prompt(parameters)?,
        max_age: max_age(parameters)?,
        login_hint: hint(parameters, "login_hint"),
        domain_hint: hint(parameters, "domain_hint"),
        idp_hint: hint(parameters, "idp_hint"),
        hinted_subject: hinted_subject(parameters, keys, issuer)?,
        ui_locales: ui_locales(parameters),
    })
}

fn no_fault(parameters: &Parameters) -> Result<(), OAuthError> {
    parameters.any_fault().map_or(Ok(()), |fault| Err(fault.into()))
}

fn printable_state(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.has("state") && state(parameters).is_none() {
        return Err(OAuthError::invalid_request(
            "state must not hold control characters",
        ));
    }
    Ok(())
}

/// Request objects are not supported, and must not be ignored (Core §6.1, §6.2; RFC 9101 §6.1).
fn no_request_object(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.has("request") {
        return Err(OAuthError::new(
            "request_not_supported",
            "Request objects are not supported",
        ));
    }
    if parameters.has("request_uri") {
        return Err(OAuthError::new(
            "request_uri_not_supported",
            "Request objects by reference are not supported",
        ));
    }
    Ok(())
}

fn known_response_mode(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.get("response_mode") {
        Some(mode) if ResponseMode::parse(mode).is_none() => Err(OAuthError::invalid_request(format!(
            "response_mode must be {}",
            either(&ResponseMode::ALL.map(ResponseMode::name))
        ))),
        _ => Ok(()),
    }
}

fn response_type(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::new(
            "unsupported_response_type",
            "Only the response type code is supported",
        )),
        None => Err(OAuthError::invalid_request("response_type is missing")),
    }
}

/// How many values `scope` may have (threat O32).
const SCOPES_MAX: usize = 32;

/// Unknown scopes are left out (Core §3.1.2.1); what was granted is reported. Whether `offline_access` counts is
/// the app's setting: see `App::granted`.
fn scopes(app: &App, parameters: &Parameters) -> Result<Scopes, OAuthError> {
    let text = parameters.get("scope").unwrap_or_default();
    if text.split(' ').nth(SCOPES_MAX).is_some() {
        return Err(OAuthError::new(
            "invalid_scope",
            "scope must have at most 32 values",
        ));
    }
    let scopes = Scopes::parse(text);
    let left_out = left_out(app, text);
    if !left_out.is_empty() {
        tracing::info!(
            client_id = app.client_id,
            scopes = ?left_out,
            "scopes were left out: unknown here, or offline_access without --offline-access"
        );
    }
    if scopes.contains(Scope::OpenId) {
        Ok(scopes)
    } else {
        Err(OAuthError::new("invalid_scope", "scope must contain openid"))
    }
}

/// The scopes that an app asks for and does not get.
fn left_out<'a>(app: &App, text: &'a str) -> Vec<&'a str> {
    let granted = app.granted(&Scopes::parse(text));
    let is_granted = |word: &str| {
        let mut known = Scope::ALL.into_iter().filter(|scope| scope.name() == word);
        known.any(|scope| granted.contains(scope))
    };
    text.split(' ')
        .filter(|word| !word.is_empty() && !is_granted(word))
        .collect()
}

/// PKCE with S256 (RFC 9700 §2.1.1): for every app, unless it may leave it out and sends a `nonce`.
fn challenge(app: &App, parameters: &Parameters) -> Result<Option<CodeChallenge>, OAuthError> {
    let Some(challenge) = parameters.get("code_challenge") else {
        if parameters.has("code_challenge_method") {
            return Err(OAuthError::invalid_request(
                "code_challenge_method without code_challenge",
            ));
        }
        let has_nonce = parameters.get("nonce").is_some_and(|nonce| !nonce.is_empty());
        if !app.needs_challenge(has_nonce) {
            return Ok(None);
        }
        return Err(OAuthError::invalid_request(if app.needs_challenge(true) {
            "code_challenge is missing: PKCE is required"
        } else {
            "nonce is missing: without PKCE it is required"
        }));
    };
    // Absent means plain (RFC 7636 §4.3).
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
    }
    CodeChallenge::parse(challenge)
        .map(Some)
        .ok_or_else(|| OAuthError::invalid_request("code_challenge must be 43 base64url characters"))
}

fn prompt(parameters: &Parameters) -> Result<Prompts, OAuthError> {
    Prompts::parse(parameters.get("prompt").unwrap_or_default()).ok_or_else(|| {
        let [none, others @ ..] = Prompts::WORDS;
        let others = others.join(", ");
        OAuthError::invalid_request(format!("prompt must be {none} alone, or any of {others}"))
    })
}

/// A wish, never an error (Core §3.1.2.1). No address is longer than 320 characters.
fn hint(parameters: &Parameters, name: &'static str) -> Option<String> {
    let given = parameters.get(name).filter(|given| !given.is_empty());
    given.map(|given| given.chars().take(320).collect())
}

/// Digits. Absurdly many seconds are as good as no limit.
fn max_age(parameters: &Parameters) -> Result<Option<u32>, OAuthError> {
    let Some(text) = parameters.get("max_age") else {
        return Ok(None);
    };
    if text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(Some(text.parse().unwrap_or(u32::MAX)))
    } else {
        Err(OAuthError::invalid_request("max_age must be a number of seconds"))
    }
}

/// The guest whom an ID token of ours names. It may have expired (Core §3.1.2.1).
fn hinted_subject(
    parameters: &Parameters,
    keys: &KeyRing,
    issuer: &Issuer,
) -> Result<Option<String>, OAuthError> {
    let Some(hint) = parameters.get("id_token_hint") else {
        return Ok(None);
    };
    match keys.id_token(issuer, hint) {
        Ok(hint) => Ok(Some(hint.subject)),
        Err(error) => {
            let refused = OAuthError::invalid_request("id_token_hint is no ID token of ours");
            Err(refused.cause(error.to_string()))
        }
    }
}

/// Preferences, never an error (Core §3.1.2.1).
fn ui_locales(parameters: &Parameters) -> Vec<String> {
    let tags = parameters.get("ui_locales").unwrap_or_default().split(' ');
    tags.filter(|tag| !tag.is_empty() && tag.len() <= 35)
        .take(10)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
