//! The authorization code flow (RFC 6749 §4.1) at providers that are no OpenID provider: who somebody is says an API of
//! their own, asked with the access token.
//!
//! There is no ID token and no nonce. In their place: PKCE (RFC 7636) binds the code to what this browser took along,
//! `state` binds the answer to it, and each provider has a redirect URI of its own, so that none can answer for another
//! (RFC 9700 §4.4.2.2). The access token comes from the token endpoint by TLS, is used at once and never kept. None of
//! them says when the guest proved themselves: where an app asks for that, the guest is not sent there.

mod profile;

use domain::{
    Secret,
    upstream::{Arrival, Oauth2Connection, Oauth2Kind},
};
use http::{Method, header};
use openidconnect::{HttpRequest, PkceCodeChallenge, PkceCodeVerifier};
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    CodeAnswer, Departure, Discovered, UpstreamError, Upstreams,
    answer::answered,
    error::{invalid, not_answered, printable, tame},
};

/// What is asked for: to read who somebody is, and no more.
fn scope(kind: Oauth2Kind) -> &'static str {
    match kind {
        Oauth2Kind::GitHub => "read:user user:email",
        Oauth2Kind::Facebook => "public_profile,email",
    }
}

impl Upstreams {
    /// The address to send a browser to.
    pub(crate) fn depart_by_oauth2(
        &self,
        connection: &Oauth2Connection,
        departure: &Departure,
    ) -> Result<Url, UpstreamError> {
        if departure.max_age.is_some() || departure.prompt_login {
            let text = "an app asks for a fresh proof, and it cannot say when somebody proved themselves";
            return Err(UpstreamError::Misconfigured(text.to_owned()));
        }
        let mut url = endpoint(&connection.endpoints.authorization)?;
        let verifier = PkceCodeVerifier::new(departure.verifier.expose().to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &connection.client_id)
            .append_pair("redirect_uri", departure.redirect_uri.as_str())
            .append_pair("scope", scope(connection.kind))
            .append_pair("state", departure.state.expose())
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        if departure.ask_anew {
            let (name, value) = match connection.kind {
                Oauth2Kind::GitHub => ("prompt", "select_account"),
                Oauth2Kind::Facebook => ("auth_type", "reauthenticate"),
            };
            url.query_pairs_mut().append_pair(name, value);
        }
        self.http.check(&url).map_err(|error| {
            UpstreamError::Misconfigured(tame(&format!("the authorization endpoint: {error}")))
        })?;
        Ok(url)
    }

    /// Exchanges what the browser brought back for what the API says of its person.
    pub(crate) async fn arrive_by_oauth2(
        &self,
        connection: &Oauth2Connection,
        departure: &Departure,
        answer: CodeAnswer,
    ) -> Result<Arrival, UpstreamError> {
        let code = answered(answer)?;
        let token = self.token(connection, departure, &code).await?;
        match connection.kind {
            Oauth2Kind::GitHub => {
                let user = self.ask(connection, "/user", &token).await?;
                let emails = self.ask(connection, "/user/emails", &token).await?;
                profile::github(connection, &user, &emails, departure.expected.as_deref())
            }
            Oauth2Kind::Facebook => {
                let proof = profile::app_secret_proof(&connection.client_secret, &token);
                let path = format!("/me?fields=id,name,email&appsecret_proof={proof}");
                let user = self.ask(connection, &path, &token).await?;
                profile::facebook(connection, &user)
            }
        }
    }

    /// Asks whether the client and its secret are known there, as far as a provider says so without a person.
    pub(crate) async fn test_oauth2(
        &self,
        connection: &Oauth2Connection,
    ) -> Result<Discovered, UpstreamError> {
        let mut remarks = Vec::new();
        let form = [
            ("client_id", connection.client_id.as_str()),
            ("client_secret", connection.client_secret.expose()),
            match connection.kind {
                // Refused in other words than a client that is not known.
                Oauth2Kind::GitHub => ("code", "a code that nobody was given"),
                Oauth2Kind::Facebook => ("grant_type", "client_credentials"),
            },
        ];
        let answer = self.post(&connection.endpoints.token, &form).await?;
        match (connection.kind, answer.error()) {
            (_, None) => {}
            (Oauth2Kind::GitHub, Some(error)) if error == "bad_verification_code" => {}
            (_, Some(error)) => remarks.push(format!("its token endpoint says {error}")),
        }
        Ok(Discovered {
            authorization_endpoint: connection.endpoints.authorization.clone(),
            token_endpoint: Some(connection.endpoints.token.clone()),
            keys: 0,
            certificates: Vec::new(),
            remarks,
        })
    }

    /// Whether its API answers at all, with whatever.
    pub(crate) async fn oauth2_answers(&self, connection: &Oauth2Connection) -> bool {
        match endpoint(&connection.endpoints.api) {
            Ok(url) => self.http.get(&url).await.is_ok(),
            Err(_) => false,
        }
    }

    async fn token(
        &self,
        connection: &Oauth2Connection,
        departure: &Departure,
        code: &Secret,
    ) -> Result<Secret, UpstreamError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", connection.client_id.as_str()),
            ("client_secret", connection.client_secret.expose()),
            ("code", code.expose()),
            ("redirect_uri", departure.redirect_uri.as_str()),
            ("code_verifier", departure.verifier.expose()),
        ];
        let answer = self.post(&connection.endpoints.token, &form).await?;
        if let Some(error) = answer.error() {
            return Err(match error.as_str() {
                "bad_verification_code" | "invalid_grant" | "OAuthException 100" => {
                    invalid("the token endpoint refused the code")
                }
                _ => UpstreamError::Misconfigured(format!("the token endpoint answered {error}")),
            });
        }
        let bearer = answer
            .token_type
            .as_deref()
            .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        match answer.access_token {
            Some(token) if bearer && !token.is_empty() => Ok(Secret::presented(token)),
            _ => Err(invalid("the token endpoint answered without a bearer token")),
        }
    }

    async fn post(&self, address: &str, form: &[(&str, &str)]) -> Result<TokenAnswer, UpstreamError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = http::Request::builder()
            .method(Method::POST)
            .uri(endpoint(address)?.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())
            .map_err(|_| UpstreamError::Misconfigured("its token endpoint is no address".into()))?;
        let body = self.fetch(request).await?.1;
        serde_json::from_slice(&body).map_err(|_| invalid("the token endpoint's answer cannot be read"))
    }

    /// What the API says below its address; an answer that is none of success is an error.
    async fn ask(
        &self,
        connection: &Oauth2Connection,
        path: &str,
        token: &Secret,
    ) -> Result<Value, UpstreamError> {
        let url = endpoint(&format!("{}{path}", connection.endpoints.api))?;
        let mut request = http::Request::builder()
            .uri(url.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
        request = match connection.kind {
            Oauth2Kind::GitHub => request
                .header(header::ACCEPT, "application/vnd.github+json")
                .header("x-github-api-version", "2022-11-28"),
            Oauth2Kind::Facebook => request.header(header::ACCEPT, "application/json"),
        };
        let request = request
            .body(Vec::new())
            .map_err(|_| UpstreamError::Misconfigured("its API is no address".into()))?;
        let (status, body) = self.fetch(request).await?;
        if !status.is_success() {
            let status = status.as_u16();
            let hint = match (connection.kind, path, status) {
                (Oauth2Kind::GitHub, "/user/emails", 403 | 404) => {
                    ": a GitHub App needs the account permission \"Email addresses\" (read-only)"
                }
                _ => "",
            };
            let path = path.split('?').next().unwrap_or(path);
            return Err(UpstreamError::Misconfigured(format!(
                "its API answered {path} with {status}{hint}"
            )));
        }
        serde_json::from_slice(&body).map_err(|_| invalid("its API's answer is no JSON"))
    }

    async fn fetch(&self, request: HttpRequest) -> Result<(http::StatusCode, Vec<u8>), UpstreamError> {
        let answer = openidconnect::AsyncHttpClient::call(&self.http, request)
            .await
            .map_err(|error| not_answered(&error))?;
        Ok((answer.status(), answer.into_body()))
    }
}

/// What a token endpoint says (RFC 6749 §5.1, §5.2), whatever the status: GitHub answers errors with 200.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    token_type: Option<String>,
    error: Option<Value>,
}

impl TokenAnswer {
    /// The error code, fit for a log. Facebook says an object.
    fn error(&self) -> Option<String> {
        Some(match self.error.as_ref()? {
            Value::String(code) => printable(code),
            Value::Object(error) => {
                let kind = error.get("type").and_then(Value::as_str).unwrap_or("error");
                let code = error.get("code").and_then(Value::as_u64).unwrap_or_default();
                format!("{} {code}", printable(kind))
            }
            _ => "an error".to_owned(),
        })
    }
}

fn endpoint(address: &str) -> Result<Url, UpstreamError> {
    Url::parse(address).map_err(|_| UpstreamError::Misconfigured("one of its addresses is none".into()))
}
