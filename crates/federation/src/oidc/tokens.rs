//! The token request (OpenID Connect Core §3.1.3.1). Of the answer the two tokens are read and nothing else: what is not
//! used cannot be wrong.

use std::{fmt, pin::Pin};

use chrono::{DateTime, Utc};
use domain::upstream::{ClientAuthentication, OidcConnection};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EmptyAdditionalClaims,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse,
    IdTokenFields, OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::assertion;
use crate::{
    Departure, UpstreamError, Upstreams,
    error::{invalid, not_answered, printable},
    metadata::Metadata,
};

/// The ID token as it was sent: the library would read claims that are not used here.
#[derive(Deserialize, Serialize)]
pub(super) struct AsSent {
    sent: Option<String>,
}

impl fmt::Debug for AsSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsSent").finish_non_exhaustive()
    }
}

impl ExtraTokenFields for AsSent {}

type Fields = IdTokenFields<
    EmptyAdditionalClaims,
    AsSent,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What a token endpoint answered.
pub(super) struct Tokens(StandardTokenResponse<Fields, CoreTokenType>);

impl Tokens {
    pub(super) fn access_token(&self) -> &AccessToken {
        self.0.access_token()
    }

    pub(super) fn id_token(&self) -> Result<&str, UpstreamError> {
        let sent = self.0.extra_fields().extra_fields().sent.as_deref();
        sent.ok_or_else(|| invalid("the token endpoint's answer has no ID token"))
    }
}

type OidcClient = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Vestibule as a client of the upstream.
pub(super) fn client(metadata: &Metadata, connection: &OidcConnection, departure: &Departure) -> OidcClient {
    let secret = match &connection.client_auth {
        ClientAuthentication::SecretBasic(secret) | ClientAuthentication::SecretPost(secret) => Some(secret),
        ClientAuthentication::PrivateKeyJwt(_)
        | ClientAuthentication::AppleSecret { .. }
        | ClientAuthentication::None => None,
    };
    OidcClient::from_provider_metadata(
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

impl Upstreams {
    /// Exchanges a code for tokens.
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        connection: &OidcConnection,
        departure: &Departure,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Tokens, UpstreamError> {
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
        let answered = request.request_async(&OnlyWhatIsUsed(&self.http)).await;
        answered.map(Tokens).map_err(|error| match error {
            RequestTokenError::Request(cause) => not_answered(&cause),
            RequestTokenError::ServerResponse(error) => {
                let error = printable(error.error().as_ref());
                match error.as_str() {
                    "invalid_grant" => invalid("the token endpoint refused the code (invalid_grant)"),
                    "invalid_client" | "unauthorized_client" => UpstreamError::Misconfigured(format!(
                        "the token endpoint answered {error}: look at the client ID, its secret or key, and how it is \
                         sent ({})",
                        connection.client_auth.name()
                    )),
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
}

/// A client that leaves of a token endpoint's answer what is used. Others write `expires_in` as text, or leave out
/// `token_type`, which could only be `Bearer`.
struct OnlyWhatIsUsed<'a>(&'a egress::Client);

impl<'c> AsyncHttpClient<'c> for OnlyWhatIsUsed<'_> {
    type Error = egress::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, egress::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut answer = self.0.call(request).await?;
            if let Ok(said) = egress::json::object(answer.body()) {
                *answer.body_mut() = used(&said).to_string().into_bytes();
                let json = http::HeaderValue::from_static("application/json");
                answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
            }
            Ok(answer)
        })
    }
}

fn used(said: &Map<String, Value>) -> Value {
    let text = |name: &str| said.get(name).filter(|value| value.is_string());
    match text("error") {
        Some(error) => json!({ "error": error }),
        None => json!({
            "access_token": said.get("access_token"),
            "token_type": "Bearer",
            "sent": text("id_token"),
        }),
    }
}
