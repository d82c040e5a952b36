//! Every check that stands between an answer of the provider and a session here.
//!
//! A [`Check`] is made where the check is made, and only after it has passed: the list that the app shows is the
//! list of what really happened.

use data_encoding::BASE64URL_NOPAD;
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, ClientId, JsonWebKey, Nonce,
    OAuth2TokenResponse, SignatureVerificationError, SigningError, SubjectIdentifier, TokenResponse,
    UserInfoClaims,
    core::{CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreTokenResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One check that was made and passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// What was checked.
    pub(crate) name: &'static str,
    /// How, and against what.
    pub(crate) detail: String,
}

impl Check {
    pub(crate) fn passed(name: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { name, detail }
    }
}

/// Why the sign-in is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// RFC 9207: the mix-up attack.
    #[error("the answer says it is from `{found}`, and `{expected}` was asked")]
    AnotherIssuer { found: String, expected: String },
    #[error("the answer has no `iss`, although the provider promises one (RFC 9207)")]
    NoIssuer,
    #[error("the token endpoint answered without an ID token; was the scope `openid` asked for?")]
    NoIdToken,
    #[error("the ID token does not hold")]
    IdToken(#[from] ClaimsVerificationError),
    #[error("the ID token's signature does not hold")]
    Signature(#[from] SignatureVerificationError),
    #[error("the access token's hash cannot be made")]
    Hash(#[from] SigningError),
    #[error("the ID token was issued with another access token (`at_hash` differs)")]
    AnotherAccessToken,
    #[error("the ID token was issued to another app (`azp` differs)")]
    AnotherParty,
    #[error("`max_age` was asked for, and the ID token has no `auth_time`")]
    NoAuthTime,
    #[error("the guest signed in {age} seconds before the ID token was issued; {max_age} were allowed")]
    TooLongAgo { age: i64, max_age: u32 },
    #[error("the ID token's payload is no JSON object")]
    Payload,
}

impl Refusal {
    /// Whether the provider may have changed its keys since they were fetched.
    pub(crate) fn is_unknown_key(&self) -> bool {
        use SignatureVerificationError::NoMatchingKey;
        matches!(
            self,
            Self::Signature(NoMatchingKey)
                | Self::IdToken(ClaimsVerificationError::SignatureVerification(NoMatchingKey))
        )
    }
}

/// The `iss` parameter of an authorization response (RFC 9207 §2.4). Compared as text, as the RFC says.
pub(crate) fn response_issuer(
    found: Option<&str>,
    expected: &str,
    promised: bool,
) -> Result<Option<Check>, Refusal> {
    match found {
        Some(found) if found == expected => Ok(Some(Check::passed(
            "iss parameter",
            format!("the answer came from {expected} (RFC 9207)"),
        ))),
        Some(found) => Err(Refusal::AnotherIssuer {
            found: found.to_owned(),
            expected: expected.to_owned(),
        }),
        None if promised => Err(Refusal::NoIssuer),
        None => Ok(None),
    }
}

/// What was asked for, and must be in the ID token.
pub(crate) struct Expected {
    pub(crate) client_id: ClientId,
    pub(crate) nonce: Nonce,
    /// How long ago the guest may have signed in, in seconds, if that was asked for.
    pub(crate) max_age: Option<u32>,
}

/// An ID token that holds.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) id_token: CoreIdToken,
    /// Who it is about: with the issuer, the one name of the guest that never changes.
    pub(crate) subject: SubjectIdentifier,
    pub(crate) claims: Map<String, Value>,
    pub(crate) checks: Vec<Check>,
}

/// Checks the ID token of a token response (OpenID Connect Core §3.1.3.7 and §3.1.3.8).
pub(crate) fn id_token(
    verifier: &CoreIdTokenVerifier<'_>,
    tokens: &CoreTokenResponse,
    expected: &Expected,
) -> Result<Proof, Refusal> {
    let id_token = tokens.id_token().ok_or(Refusal::NoIdToken)?;
    // The library checks signature, `iss`, `aud`, `exp` and `nonce` in this one call.
    let claims = id_token.claims(verifier, &expected.nonce)?;
    let algorithm = id_token.signing_alg()?;
    let key = id_token.signing_key(verifier)?;
    let kid = key.key_id().map_or("without a name", |kid| kid.as_str());
    let mut checks = vec![
        Check::passed("signature", format!("{}, key {kid}", word(algorithm))),
        Check::passed(
            "iss",
            format!("the ID token is from {}", claims.issuer().as_str()),
        ),
        Check::passed("aud", format!("it is for this app alone, {}", audience(claims))),
        Check::passed(
            "exp",
            format!("it is valid until {}", claims.expiration().format("%H:%M:%S UTC")),
        ),
        Check::passed("nonce", "it answers the request that this browser made"),
    ];

    if let Some(hash) = claims.access_token_hash() {
        if *hash != AccessTokenHash::from_token(tokens.access_token(), algorithm, key)? {
            return Err(Refusal::AnotherAccessToken);
        }
        checks.push(Check::passed(
            "at_hash",
            "the access token was issued together with it",
        ));
    }
    if let Some(party) = claims.authorized_party() {
        if *party != expected.client_id {
            return Err(Refusal::AnotherParty);
        }
        checks.push(Check::passed("azp", "it was issued to this app"));
    }
    if let Some(max_age) = expected.max_age {
        checks.push(auth_time(claims, max_age)?);
    }

    Ok(Proof {
        id_token: id_token.clone(),
        subject: claims.subject().clone(),
        claims: payload(id_token)?,
        checks,
    })
}

/// `max_age` counts when the provider answers; the answer may then wait for the guest to press a button, at most
/// as long as an authorization code lives.
const CODE_LIFETIME: i64 = 60;

/// Both times are the provider's, so that its clock and ours need not agree.
fn auth_time(claims: &CoreIdTokenClaims, max_age: u32) -> Result<Check, Refusal> {
    let auth_time = claims.auth_time().ok_or(Refusal::NoAuthTime)?;
    let age = (claims.issue_time() - auth_time).num_seconds();
    if age > i64::from(max_age) + CODE_LIFETIME {
        return Err(Refusal::TooLongAgo { age, max_age });
    }
    let detail = format!("the guest signed in {age} seconds before; {max_age} were asked for");
    Ok(Check::passed("auth_time", detail))
}

fn audience(claims: &CoreIdTokenClaims) -> String {
    claims
        .audiences()
        .iter()
        .map(|audience| audience.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// A name of the protocol as it is written: `RS256`.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}

/// The claims of a token that was verified: all of them, also those for which the library has no name (`sid`).
fn payload(id_token: &CoreIdToken) -> Result<Map<String, Value>, Refusal> {
    let compact = id_token.to_string();
    let part = compact.split('.').nth(1).ok_or(Refusal::Payload)?;
    let bytes = BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| Refusal::Payload)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Payload)
}

/// Claims for which the library has no name, kept as they are.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

/// What the UserInfo endpoint answers.
pub(crate) type UserInfo = UserInfoClaims<OtherClaims, CoreGenderClaim>;

/// What is known of a guest, all of it verified.
#[derive(Clone)]
pub(crate) struct Claims {
    pub(crate) id_token: Map<String, Value>,
    pub(crate) user_info: Map<String, Value>,
}

impl Claims {
    /// Of a verified ID token, and of a UserInfo answer about the same subject.
    pub(crate) fn new(id_token: Map<String, Value>, user_info: Option<&UserInfo>) -> Self {
        let user_info = match user_info.map(serde_json::to_value) {
            Some(Ok(Value::Object(claims))) => claims,
            _ => Map::new(),
        };
        Self { id_token, user_info }
    }

    /// A claim. What is signed counts more than what is not.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.id_token.get(name).or_else(|| self.user_info.get(name))
    }

    /// Every claim once.
    pub(crate) fn all(&self) -> Map<String, Value> {
        let mut all = self.user_info.clone();
        all.extend(self.id_token.clone());
        all
    }

    /// The guest's address, if the provider vouches for it. It is what Lee wrote on the invitation, so it may
    /// decide what was shared with whom; what a guest owns here should hang on `iss` and `sub`, because addresses
    /// change hands and `sub` does not.
    pub(crate) fn verified_email(&self) -> Option<&str> {
        // Address and flag from one place, or the flag might speak of another address.
        let said = [&self.id_token, &self.user_info]
            .into_iter()
            .find(|claims| claims.contains_key("email"))?;
        let verified = said
            .get("email_verified")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        said.get("email").and_then(Value::as_str).filter(|_| verified)
    }

    /// How the app calls the guest.
    pub(crate) fn label(&self) -> &str {
        let subject = || self.get("sub").and_then(Value::as_str).unwrap_or_default();
        self.verified_email().unwrap_or_else(subject)
    }
}

#[cfg(test)]
mod tests;
