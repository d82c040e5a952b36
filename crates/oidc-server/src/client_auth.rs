//! How apps prove themselves at the back channel (OpenID Connect Core §9): one method per request, and the one
//! that is registered.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use domain::{
    Id, Secret,
    app::{App, AppAuthentication, AppSecret, SigningAlgorithm},
    rate::Limit,
};
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use sign_in::{Core, Issuer};
use store::{KnownApp, Tx};
use web::routes;

use crate::{
    error::{OAuthError, TokenRefused},
    parameters::Parameters,
    signing::jose,
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest life of an assertion that is accepted.
const ASSERTION_MAX: TimeDelta = TimeDelta::minutes(5);
/// The same of an app that is held to the narrower rules (FAPI 2.0 Security Profile §5.3.2.1).
const STRICT_MAX: TimeDelta = TimeDelta::seconds(60);
/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(10);
/// Each assertion counts once in its longest possible life. The window must not depend on what is left of that
/// life: it would shrink from use to use, and let the assertion in again at half-time.
const ONCE: Limit = Limit {
    max: 1,
    per: TimeDelta::seconds(300 + 2 * 10),
};

/// What an app presented.
enum Credentials {
    Basic(String, Secret),
    Post(String, Secret),
    Assertion(String),
    None(String),
}

/// An app that has proven itself, and an assertion whose use is still to be recorded.
pub(crate) struct Authenticated {
    pub(crate) app: App,
    /// What must be noted of the proof.
    proof: PresentedProof,
}

/// How an app has proven itself.
enum PresentedProof {
    /// By this secret, whose use is worth a note.
    Secret(Id<AppSecret>),
    /// By an assertion with this `jti`.
    Assertion(String),
    /// In a way that leaves nothing to note.
    None,
}

impl Authenticated {
    /// Whether there is anything for [`Self::record`] to write.
    pub(crate) fn must_record(&self) -> bool {
        !matches!(self.proof, PresentedProof::None)
    }

    /// Records the proof, in the request's own transaction: when a secret was used, and that an assertion was, whose second
    /// use is refused until it has expired (RFC 7523 §3, `jti`).
    pub(crate) async fn record(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), TokenRefused> {
        let jti = match &self.proof {
            PresentedProof::Assertion(jti) => jti,
            PresentedProof::Secret(id) => return Ok(tx.note_secret_use(*id, now).await?),
            PresentedProof::None => return Ok(()),
        };
        let subject = format!("{} {jti}", self.app.id);
        if tx.take("assertion", &subject, ONCE, now).await?.is_allowed() {
            return Ok(());
        }
        Err(refused(false, "the assertion was used before").into())
    }
}

fn refused(by_header: bool, cause: &str) -> OAuthError {
    OAuthError::invalid_client("The app could not be authenticated", by_header).cause(cause)
}

/// Authenticates the app of a back-channel request.
pub(crate) async fn authenticate(
    core: &Core,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<Authenticated, TokenRefused> {
    let credentials = read(headers, form)?;
    let by_header = matches!(credentials, Credentials::Basic(..));
    let client_id = match &credentials {
        Credentials::Basic(id, _) | Credentials::Post(id, _) | Credentials::None(id) => id.clone(),
        Credentials::Assertion(jwt) => {
            issuer_of(jwt).ok_or_else(|| refused(false, "the assertion cannot be read"))?
        }
    };
    let unknown = || refused(by_header, "no such app").named(&printable(&client_id));
    // No database text can hold a zero.
    if client_id.contains('\0') {
        return Err(unknown().into());
    }
    let known = core.store.known_client(&client_id).await?;
    let known = known.ok_or_else(unknown)?;
    match prove(core, &known, &credentials) {
        Ok(proof) => Ok(Authenticated {
            app: known.app.clone(),
            proof,
        }),
        Err(error) => Err(error.told(&known.app)),
    }
}

/// What a log may show of an unknown name.
fn printable(client_id: &str) -> String {
    client_id.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn prove(core: &Core, known: &KnownApp, credentials: &Credentials) -> Result<PresentedProof, TokenRefused> {
    let app = &known.app;
    let by_header = matches!(credentials, Credentials::Basic(..));
    if app.disabled_at.is_some() {
        return Err(refused(by_header, "the app is switched off").into());
    }
    let other_way = || {
        let cause = format!("the app is registered for {}", app.authentication.name());
        Err(refused(by_header, &cause).into())
    };
    match (credentials, &app.authentication) {
        (Credentials::Basic(_, given) | Credentials::Post(_, given), AppAuthentication::Secret(method)) => {
            if !method.takes(by_header) {
                return other_way();
            }
            let hash = given.hash();
            let known = known.secrets.iter().find(|secret| hash.matches(&secret.hash));
            let known = known.ok_or_else(|| refused(by_header, "the secret is wrong"))?;
            let is_noted = known.is_use_noted(core.now());
            Ok(if is_noted {
                PresentedProof::Secret(known.id)
            } else {
                PresentedProof::None
            })
        }
        (Credentials::Assertion(jwt), AppAuthentication::PrivateKeyJwt { jwks, .. }) => {
            let checked = check_assertion(jwt, app, jwks, &core.settings.issuer, core.now());
            let jti = checked.map_err(|cause| refused(false, &cause))?;
            Ok(PresentedProof::Assertion(jti))
        }
        (Credentials::None(_), AppAuthentication::None) => Ok(PresentedProof::None),
        // Some libraries send the header for public clients too, with nothing behind the colon.
        (Credentials::Basic(_, secret), AppAuthentication::None) if secret.expose().is_empty() => {
            Ok(PresentedProof::None)
        }
        (Credentials::None(_), AppAuthentication::Secret(_)) => {
            Err(refused(false, "no secret was sent").into())
        }
        _ => other_way(),
    }
}

/// Finds the one method that a request uses.
fn read(headers: &HeaderMap, form: &Parameters) -> Result<Credentials, OAuthError> {
    let basic = match headers.get(header::AUTHORIZATION) {
        None => None,
        Some(value) => Some(
            basic(value.to_str().unwrap_or_default())
                .ok_or_else(|| refused(true, "the header cannot be read"))?,
        ),
    };
    let (secret, assertion) = (form.get("client_secret"), form.get("client_assertion"));
    if usize::from(basic.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
        return Err(OAuthError::invalid_request(
            "More than one way of authenticating the app was used",
        ));
    }
    let client_id = form.get("client_id");
    if let Some((id, secret)) = basic {
        if client_id.is_some_and(|named| named != id) {
            return Err(OAuthError::invalid_request(
                "client_id differs from the authenticated app",
            ));
        }
        return Ok(Credentials::Basic(id, secret));
    }
    if let Some(jwt) = assertion {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(refused(false, "client_assertion_type is missing or unknown"));
        }
        if client_id.is_some_and(|named| issuer_of(jwt).is_none_or(|issuer| issuer != named)) {
            return Err(refused(false, "client_id differs from the assertion"));
        }
        return Ok(Credentials::Assertion(jwt.to_owned()));
    }
    match (client_id, secret) {
        (Some(id), Some(secret)) => Ok(Credentials::Post(id.to_owned(), Secret::presented(secret))),
        (Some(id), None) => Ok(Credentials::None(id.to_owned())),
        (None, _) => Err(refused(false, "no app was named")),
    }
}

/// `Basic`, user and password form-urlencoded before base64 (RFC 6749 §2.3.1).
fn basic(value: &str) -> Option<(String, Secret)> {
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(rest.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decode(id)?, Secret::presented(form_decode(secret)?)))
}

fn form_decode(text: &str) -> Option<String> {
    // One name without a value: `=` and `&` are encoded in what was sent.
    if text.contains(['=', '&']) {
        return Some(text.to_owned());
    }
    let pair = format!("{text}=");
    let (name, _) = form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(name.into_owned())
}

/// The `iss` of an assertion, to find the app whose keys verify it.
fn issuer_of(jwt: &str) -> Option<String> {
    let claims = jose::parse(jwt).ok()?;
    claims.claim("iss")?.as_str().map(str::to_owned)
}

/// Checks an assertion (RFC 7523 §3): signature by a registered key, `iss` and `sub` are the app, `aud` is us, not expired,
/// not made for long, a `jti`.
fn check_assertion(
    jwt: &str,
    app: &App,
    jwks: &str,
    issuer: &Issuer,
    now: DateTime<Utc>,
) -> Result<String, String> {
    let parsed = jose::parse(jwt).map_err(|error| error.to_string())?;
    let algorithm = parsed.algorithm().ok_or("the algorithm is not supported")?;
    let keys = jose::candidates(jwks, parsed.kid(), algorithm);
    let claims = keys
        .iter()
        .find_map(|key| verified(jwt, algorithm, key))
        .ok_or("no registered key of the app made the signature")?;
    if let Some(typ) = parsed.typ()?
        && !["JWT", "client-authentication+jwt"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(typ))
    {
        return Err(format!("a token of type {typ} is no assertion"));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(&app.client_id) || text("sub") != Some(&app.client_id) {
        return Err("iss and sub must be the client_id".into());
    }
    let strict = app.authentication.is_strict();
    let for_us = if strict {
        text("aud") == Some(issuer.as_str())
    } else {
        is_for_us(&claims, issuer)
    };
    if !for_us {
        let as_text = if strict {
            " as a string (the app is strict)"
        } else {
            ""
        };
        return Err(format!("aud must be the issuer{as_text}"));
    }
    let time = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_i64)
            .and_then(|at| DateTime::from_timestamp(at, 0))
    };
    let expires_at = time("exp").ok_or("exp is missing")?;
    if expires_at + SKEW <= now {
        return Err("the assertion has expired".into());
    }
    let longest = if strict { STRICT_MAX } else { ASSERTION_MAX };
    if expires_at - now > longest + SKEW {
        return Err(format!(
            "exp lies more than {} seconds ahead",
            longest.num_seconds()
        ));
    }
    for name in ["nbf", "iat"] {
        if claims.contains_key(name) && time(name).is_none_or(|at| at > now + SKEW) {
            return Err(format!("{name} lies in the future"));
        }
    }
    let jti = text("jti")
        .filter(|jti| !jti.is_empty() && jti.len() <= 255)
        .ok_or("jti is missing")?;
    Ok(jti.to_owned())
}

fn verified(jwt: &str, algorithm: SigningAlgorithm, key: &str) -> Option<Map<String, Value>> {
    jose::parse(jwt).ok()?.verify(algorithm, key).ok()
}

/// The issuer, or as a courtesy to older libraries the token endpoint; one of several audiences is none.
fn is_for_us(claims: &Map<String, Value>, issuer: &Issuer) -> bool {
    let endpoint = issuer.at(routes::TOKEN);
    let audience = match claims.get("aud") {
        Some(Value::Array(list)) if list.len() == 1 => list[0].as_str(),
        Some(value) => value.as_str(),
        None => None,
    };
    audience.is_some_and(|audience| audience == issuer.as_str() || audience == endpoint)
}

#[cfg(test)]
mod tests;
