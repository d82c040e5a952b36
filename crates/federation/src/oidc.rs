//! The authorization code flow with PKCE (OpenID Connect Core §3.1), from the other side.

mod claims;

use chrono::{DateTime, TimeDelta, Utc};
use domain::upstream::{Arrival, ClientAuthentication, OidcConnection};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, LoginHint, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse as _,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreTokenResponse},
};
use url::Url;

use crate::{Answer, Departure, UpstreamError, Upstreams, error::tame, metadata::Metadata};

/// How far an upstream's clock may be off.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// How long all answers of one arrival may take together: shorter than a request of ours may.
const ARRIVE_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);

/// Signatures that are believed: asymmetric ones, none of them SHA-1. What a token says of itself does not widen it.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What an upstream says of itself, for an operator who tests a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: Option<String>,
    /// How many keys it publishes.
    pub keys: usize,
    /// What an operator should know, in sentences.
    pub remarks: Vec<String>,
}

impl Upstreams {
    /// The address to send a browser to.
    pub async fn depart(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        now: DateTime<Utc>,
    ) -> Result<Url, UpstreamError> {
        let metadata = self.metadata(&connection.issuer, now).await?;
        let client = client(&metadata, connection, departure);
        let verifier = PkceCodeVerifier::new(departure.verifier.expose().to_owned());
        let (state, nonce) = (departure.state.clone(), departure.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state.expose().to_owned()),
                move || Nonce::new(nonce.expose().to_owned()),
            )
            // The library adds `openid`.
            .add_scopes(
                connection
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .map(|scope| Scope::new(scope.clone())),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(hint) = &departure.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.clone()));
        }
        if let Some(seconds) = departure.max_age {
            request = request.add_extra_param("max_age", seconds.to_string());
        }
        if departure.prompt_login {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        let url = request.url().0;
        // It goes to the browser; what we would not fetch is no place to send a guest to either.
        self.http.check(&url).map_err(|error| {
            UpstreamError::Misconfigured(tame(&format!("the authorization endpoint: {error}")))
        })?;
        Ok(url)
    }

    /// Whether its discovery can be fetched now: what a browser brought may have made another endpoint fail.
    pub async fn answers(&self, connection: &OidcConnection) -> bool {
        self.discover(&connection.issuer).await.is_ok()
    }

    /// Exchanges what the browser brought back for what the upstream says of its person. The caller has compared
    /// `state`, and sees to it that it counts once.
    pub async fn arrive(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<Arrival, UpstreamError> {
        let arrival = self.arrive_in_time(connection, departure, answer, now);
        tokio::time::timeout(ARRIVE_WITHIN, arrival)
            .await
            .unwrap_or_else(|_| {
                Err(UpstreamError::Unreachable(
                    "its answers together took too long".into(),
                ))
            })
    }

    async fn arrive_in_time(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<Arrival, UpstreamError> {
        let metadata = self.metadata(&connection.issuer, now).await?;
        // Before anything else in the answer is believed, errors included (RFC 9207 §2.4).
        response_issuer(answer.iss.as_deref(), &metadata)?;
        if let Some(error) = answer.error {
            return Err(match error.as_str() {
                "server_error" | "temporarily_unavailable" => UpstreamError::Busy(error),
                "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => {
                    UpstreamError::Misconfigured(format!("it answered {error}"))
                }
                _ => UpstreamError::Refused(printable(&error)),
            });
        }
        let code = answer
            .code
            .ok_or_else(|| invalid("neither a code nor an error"))?;
        let tokens = self
            .exchange(&metadata, connection, departure, code.expose())
            .await?;
        self.verify(&metadata, connection, departure, &tokens, now)
            .await?;
        // Signed, and by whom it should be: from here on the payload is theirs.
        let id_token = tokens.id_token().ok_or_else(|| invalid("no ID token"))?;
        let mut payload = claims::payload(&id_token.to_string())?;
        claims::check(&payload, &connection.client_id, departure, now)?;
        if payload.get(&connection.claims.email).is_none()
            && let Some(endpoint) = metadata.userinfo_endpoint()
        {
            let more = self
                .user_info(endpoint.url(), tokens.access_token(), &payload)
                .await?;
            // Whether it is verified is said where it is said; else what was signed goes before what was fetched.
            payload.remove("email_verified");
            for (name, value) in more {
                payload.entry(name).or_insert(value);
            }
        }
        claims::arrival(&payload, connection)
    }

    /// Asks an upstream what it is, and says what does not fit.
    pub async fn test(&self, connection: &OidcConnection) -> Result<Discovered, UpstreamError> {
        let metadata = self.discover(&connection.issuer).await?;
        let mut remarks = Vec::new();
        let methods = metadata.token_endpoint_auth_methods_supported();
        let method = connection.client_auth.name();
        if let Some(methods) = methods
            && !methods.iter().any(|known| known.as_ref() == method)
        {
            remarks.push(format!(
                "it does not list {method} among the ways to prove a client"
            ));
        }
        if !metadata
            .id_token_signing_alg_values_supported()
            .iter()
            .any(|algorithm| ALGORITHMS.contains(algorithm))
        {
            remarks.push("it signs ID tokens by no algorithm that is believed here".into());
        }
        if metadata.token_endpoint().is_none() {
            remarks.push("it has no token endpoint".into());
        }
        if metadata.jwks().keys().is_empty() {
            remarks.push("it publishes no keys".into());
        }
        Ok(Discovered {
            authorization_endpoint: metadata.authorization_endpoint().to_string(),
            token_endpoint: metadata.token_endpoint().map(ToString::to_string),
            keys: metadata.jwks().keys().len(),
            remarks,
        })
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        connection: &OidcConnection,
        departure: &Departure,
        code: &str,
    ) -> Result<CoreTokenResponse, UpstreamError> {
        let client = client(metadata, connection, departure);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| UpstreamError::Misconfigured("it has no token endpoint".into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(departure.verifier.expose().to_owned()));
        request
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(cause) => not_answered(&cause),
                RequestTokenError::ServerResponse(error) => {
                    let error = printable(error.error().as_ref());
                    match error.as_str() {
                        "invalid_grant" => invalid("the token endpoint refused the code"),
                        _ => UpstreamError::Misconfigured(format!("the token endpoint answered {error}")),
                    }
                }
                // The body may hold tokens.
                RequestTokenError::Parse(error, _) => invalid(&format!(
                    "the token endpoint's answer cannot be read, at {}",
                    error.path()
                )),
                RequestTokenError::Other(_) => invalid("the token endpoint's answer is none"),
            })
    }

    /// Checks an ID token; a key that nobody knows makes us ask for the keys again.
    async fn verify(
        &self,
        metadata: &Metadata,
        connection: &OidcConnection,
        departure: &Departure,
        tokens: &CoreTokenResponse,
        now: DateTime<Utc>,
    ) -> Result<(), UpstreamError> {
        match verified(metadata, connection, departure, tokens, now) {
            Err(Unverified::UnknownKey) => {}
            other => return other.map_err(UpstreamError::from),
        }
        match self.metadata_again(&connection.issuer, now).await? {
            Some(again) => Ok(verified(&again, connection, departure, tokens, now)?),
            None => Err(Unverified::UnknownKey.into()),
        }
    }

    /// OpenID Connect Core §5.3: of the same person, or it is not believed.
    async fn user_info(
        &self,
        endpoint: &Url,
        token: &AccessToken,
        payload: &claims::Payload,
    ) -> Result<claims::Payload, UpstreamError> {
        let request = http::Request::get(endpoint.as_str())
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::AUTHORIZATION, format!("Bearer {}", token.secret()))
            .body(Vec::new())
            .map_err(|_| UpstreamError::Misconfigured("its UserInfo endpoint is no address".into()))?;
        let answer = openidconnect::AsyncHttpClient::call(&self.http, request)
            .await
            .map_err(|error| not_answered(&error))?;
        if !answer.status().is_success() {
            let text = format!("UserInfo was answered with {}", answer.status());
            return Err(UpstreamError::Misconfigured(text));
        }
        let more: claims::Payload =
            serde_json::from_slice(answer.body()).map_err(|_| invalid("UserInfo is no JSON object"))?;
        if more.get("sub") == payload.get("sub") {
            Ok(more)
        } else {
            Err(invalid("UserInfo is about somebody else"))
        }
    }
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

fn client(metadata: &Metadata, connection: &OidcConnection, departure: &Departure) -> Client {
    let secret = connection.client_auth.secret();
    CoreClient::from_provider_metadata(
        metadata.clone(),
        ClientId::new(connection.client_id.clone()),
        secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
    )
    .set_auth_type(match connection.client_auth {
        ClientAuthentication::SecretBasic(_) => AuthType::BasicAuth,
        ClientAuthentication::SecretPost(_) | ClientAuthentication::None => AuthType::RequestBody,
    })
    .set_redirect_uri(RedirectUrl::from_url(departure.redirect_uri.clone()))
}

/// Why an ID token is not believed.
enum Unverified {
    UnknownKey,
    Rule(String),
}

impl From<ClaimsVerificationError> for Unverified {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            other => Self::Rule(words(&other).to_owned()),
        }
    }
}

/// The rule that was broken. The library's own texts repeat the nonce and other values.
fn words(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "`aud` does not name us, or names others as well",
        ClaimsVerificationError::InvalidIssuer(_) => "`iss` names another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "`nonce` belongs to another question",
        ClaimsVerificationError::InvalidSubject(_) => "`sub` is somebody else's",
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::AmbiguousKeyId(_) => "several keys fit its signature",
            SignatureVerificationError::DisallowedAlg(_) | SignatureVerificationError::UnsupportedAlg(_) => {
                "it is signed by an algorithm that is not believed"
            }
            SignatureVerificationError::NoSignature => "it is not signed",
            SignatureVerificationError::InvalidKey(_) => "the key of its signature is of another kind",
            _ => "its signature is not good",
        },
        _ => "a time in it is wrong, or its type is not one of ID tokens",
    }
}

impl From<Unverified> for UpstreamError {
    fn from(error: Unverified) -> Self {
        Self::Invalid(match error {
            Unverified::UnknownKey => {
                "the ID token is signed with a key that the upstream does not publish".into()
            }
            Unverified::Rule(text) => format!("ID token: {text}"),
        })
    }
}

/// Signature, issuer, audience, authorized party, nonce and times (Core §3.1.3.7), and that the access token belongs
/// to it (§3.1.3.8).
fn verified(
    metadata: &Metadata,
    connection: &OidcConnection,
    departure: &Departure,
    tokens: &CoreTokenResponse,
    now: DateTime<Utc>,
) -> Result<(), Unverified> {
    let rule = |text: &str| Unverified::Rule(text.to_owned());
    let id_token = tokens.id_token().ok_or_else(|| rule("there is none"))?;
    let offered = metadata.id_token_signing_alg_values_supported();
    let client = client(metadata, connection, departure);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS.into_iter().filter(|known| offered.contains(known)))
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |issued| {
            if issued > now + SKEW {
                Err("it was issued in the future".to_owned())
            } else {
                Ok(())
            }
        });
    let nonce = Nonce::new(departure.nonce.expose().to_owned());
    let claims = id_token.claims(&verifier, &nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(|error| rule(&error.to_string()))?;
        let key = id_token
            .signing_key(&verifier)
            .map_err(|error| rule(&error.to_string()))?;
        let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| rule(&error.to_string()))?;
        if hash != *expected {
            return Err(rule("`at_hash` names another access token"));
        }
    }
    Ok(())
}

/// RFC 9207 §2.4: another issuer's answer is nobody's.
fn response_issuer(iss: Option<&str>, metadata: &Metadata) -> Result<(), UpstreamError> {
    let promised = metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss == metadata.issuer().as_str() => Ok(()),
        Some(_) => Err(invalid("`iss` names another issuer")),
        None if promised => Err(invalid("`iss` is missing, and the upstream promises it")),
        None => Ok(()),
    }
}

/// A request that was not answered: because nobody is there, or because we may not ask there.
fn not_answered(error: &egress::Error) -> UpstreamError {
    match error {
        egress::Error::Transport { .. } | egress::Error::Failing { .. } => {
            UpstreamError::Unreachable(tame(&error.to_string()))
        }
        egress::Error::NotHttps(_) | egress::Error::NotPublic(_) | egress::Error::TooLong(_) => {
            UpstreamError::Misconfigured(tame(&error.to_string()))
        }
    }
}

fn invalid(text: &str) -> UpstreamError {
    UpstreamError::Invalid(text.to_owned())
}

/// An error code of theirs, fit for a log: RFC 6749 §5.2 allows little more than letters.
fn printable(code: &str) -> String {
    code.chars().filter(char::is_ascii_graphic).take(64).collect()
}
