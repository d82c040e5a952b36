//! The authorization code flow with PKCE (OpenID Connect Core §3.1), from the other side.

mod assertion;
mod claims;
mod logout_token;
mod verify;

use chrono::{DateTime, TimeDelta, Utc};
use domain::upstream::{Arrival, ClientAuthentication, OidcConnection};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LoginHint, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse as _,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreTokenResponse},
};
use url::Url;

pub(crate) use self::claims::line;
use self::verify::{ALGORITHMS, Unverified, verified};
pub use self::{assertion::check_client_key, logout_token::LoggedOut};
use crate::{
    CodeAnswer, Departure, Discovered, UpstreamError, Upstreams,
    error::{answered, invalid, not_answered, printable, tame},
    metadata::Metadata,
};

/// How far an upstream's clock may be off.
const SKEW: TimeDelta = TimeDelta::seconds(60);

impl Upstreams {
    /// The address to send a browser to.
    pub(crate) async fn depart_by_oidc(
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
        if departure.prompt_login || departure.ask_anew {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        let url = request.url().0;
        // It goes to the browser; what we would not fetch is no place to send a guest to either.
        self.http.check(&url).map_err(|error| {
            UpstreamError::Misconfigured(tame(&format!("the authorization endpoint: {error}")))
        })?;
        Ok(url)
    }

    /// Exchanges what the browser brought back for what the upstream says of its person.
    pub(crate) async fn arrive_by_oidc(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        answer: CodeAnswer,
        now: DateTime<Utc>,
    ) -> Result<Arrival, UpstreamError> {
        let metadata = self.metadata(&connection.issuer, now).await?;
        // Before anything else in the answer is believed, errors included (RFC 9207 §2.4).
        response_issuer(answer.iss.as_deref(), &metadata)?;
        let code = answered(answer)?;
        let tokens = self
            .exchange(&metadata, connection, departure, code.expose(), now)
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
    pub(crate) async fn test_oidc(&self, connection: &OidcConnection) -> Result<Discovered, UpstreamError> {
        let metadata = self.discover(&connection.issuer).await?;
        let mut remarks = Vec::new();
        let methods = metadata.token_endpoint_auth_methods_supported();
        let method = match &connection.client_auth {
            ClientAuthentication::AppleSecret { .. } => "client_secret_post",
            method => method.name(),
        };
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
        now: DateTime<Utc>,
    ) -> Result<CoreTokenResponse, UpstreamError> {
        let mut client = client(metadata, connection, departure);
        if let ClientAuthentication::AppleSecret { key, team } = &connection.client_auth {
            let secret = assertion::apple_secret(key, team, &connection.client_id, metadata, now)?;
            client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
        }
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| UpstreamError::Misconfigured("it has no token endpoint".into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(departure.verifier.expose().to_owned()));
        if let ClientAuthentication::PrivateKeyJwt(key) = &connection.client_auth {
            // A code is exchanged once, so this is said once.
            let jti = departure.state.derive("client assertion", b"");
            let assertion = assertion::assertion(key, &connection.client_id, metadata, &jti, now)?;
            request = request
                .add_extra_param("client_assertion_type", assertion::KIND)
                .add_extra_param("client_assertion", assertion.expose().to_owned());
        }
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
        let unverified = match verified(metadata, connection, departure, tokens, now) {
            Err(key @ (Unverified::UnknownKey | Unverified::OtherKey)) => key,
            other => return other.map_err(UpstreamError::from),
        };
        match self.metadata_again(&connection.issuer, now).await? {
            Some(again) => Ok(verified(&again, connection, departure, tokens, now)?),
            None => Err(unverified.into()),
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
    let secret = match &connection.client_auth {
        ClientAuthentication::SecretBasic(secret) | ClientAuthentication::SecretPost(secret) => Some(secret),
        ClientAuthentication::PrivateKeyJwt(_)
        | ClientAuthentication::AppleSecret { .. }
        | ClientAuthentication::None => None,
    };
    CoreClient::from_provider_metadata(
        metadata.clone(),
        ClientId::new(connection.client_id.clone()),
        secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
    )
    .set_auth_type(match connection.client_auth {
        ClientAuthentication::SecretBasic(_) => AuthType::BasicAuth,
        ClientAuthentication::SecretPost(_)
        | ClientAuthentication::PrivateKeyJwt(_)
        | ClientAuthentication::AppleSecret { .. }
        | ClientAuthentication::None => AuthType::RequestBody,
    })
    .set_redirect_uri(RedirectUrl::from_url(departure.redirect_uri.clone()))
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
