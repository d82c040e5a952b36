//! The back channel: how the app itself talks to the provider.

use std::{future::Future, pin::Pin, time::Duration};

use anyhow::Context;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

/// An HTTP client without redirects, with a timeout and a limit on the size of answers.
#[derive(Clone)]
pub(crate) struct HttpClient(reqwest::Client);

/// The longest answer that is read, in bytes. Discovery, keys and tokens stay far below.
const ANSWER_MAX: usize = 256 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// No connection, no answer in time, or a broken one.
    #[error("no answer from the provider")]
    Transport(#[from] reqwest::Error),
    /// More than [`ANSWER_MAX`].
    #[error("an answer of more than {ANSWER_MAX} bytes")]
    TooLong,
}

impl HttpClient {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            // No endpoint of OpenID Connect redirects; following one would let the provider's answer choose whom
            // we talk to, with our secret in hand.
            .redirect(Policy::none())
            // The demo's provider is on this machine, whatever HTTP_PROXY says.
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10))
            .user_agent("acme-notes")
            .build();
        Ok(Self(client.context("building the HTTP client")?))
    }

    /// A POST that carries JSON and a bearer token.
    pub(crate) fn post_json(
        &self,
        url: &str,
        bearer: &str,
        body: &impl serde::Serialize,
    ) -> Result<reqwest::Request, HttpError> {
        Ok(self.0.post(url).bearer_auth(bearer).json(body).build()?)
    }

    /// A DELETE that carries a bearer token.
    pub(crate) fn delete(&self, url: &str, bearer: &str) -> Result<reqwest::Request, HttpError> {
        Ok(self.0.delete(url).bearer_auth(bearer).build()?)
    }

    /// Sends a request and reads the answer whole.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<HttpResponse, HttpError> {
        // An address of the API may name a guest, and errors are logged.
        let unnamed = reqwest::Error::without_url;
        let mut response = self.0.execute(request).await.map_err(unnamed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unnamed)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// What `openidconnect` asks for.
impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { self.send(request.try_into()?).await })
    }
}
