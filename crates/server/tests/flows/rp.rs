//! An app of the tests: builds authorization requests, exchanges codes, reads tokens. Not a client to trust,
//! only one that says exactly what the test wants said.

use data_encoding::BASE64URL_NOPAD;
use dev::browser::{BrowserPage, TextBrowser};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

/// The PKCE verifier of every request (RFC 7636 appendix B).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A registered app, with its secret.
#[derive(Clone)]
pub(crate) struct Rp {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) http: reqwest::Client,
}

/// An answer of a back-channel endpoint.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Rp {
    /// The authorization request, with `more` added or replaced (`None` leaves a parameter out).
    pub(crate) fn authorize(&self, more: &[(&str, Option<&str>)]) -> String {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER.as_bytes()));
        let mut params: Vec<(&str, String)> = vec![
            ("response_type", "code".into()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("scope", "openid email".into()),
            ("state", "state-1".into()),
            ("nonce", "nonce-1".into()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".into()),
        ];
        for (name, value) in more {
            params.retain(|(known, _)| known != name);
            if let Some(value) = value {
                params.push((name, (*value).to_owned()));
            }
        }
        let mut url = Url::parse(&format!("{}/authorize", self.issuer)).unwrap();
        url.query_pairs_mut().extend_pairs(params);
        url.to_string()
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        let redirect_uri = self.redirect_uri.clone();
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("/token", form).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut form: Vec<(&str, &str)> = form.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        match &self.secret {
            Some(secret) => request = request.basic_auth(&self.client_id, Some(secret)),
            None => form.push(("client_id", &self.client_id)),
        }
        answer(request.form(&form).send().await.unwrap()).await
    }

    pub(crate) async fn userinfo(&self, access_token: &str) -> Answer {
        let request = self
            .http
            .get(format!("{}/userinfo", self.issuer))
            .bearer_auth(access_token);
        answer(request.send().await.unwrap()).await
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// The claims of a JWT, its signature unchecked: foreign clients check those.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap()
}

/// A parameter of the address that the app was answered at.
pub(crate) fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// The address at which the app receives its answer: where page G4 leads, or where a silent answer went.
pub(crate) fn answered_at(visit: &BrowserPage, redirect_uri: &str) -> Url {
    if visit.url.as_str().starts_with(redirect_uri) {
        return visit.url.clone();
    }
    let link = visit
        .attribute("main a[href]", "href")
        .unwrap_or_else(|| panic!("no answer on «{}»: {}", visit.title(), visit.body));
    assert!(
        link.starts_with(redirect_uri),
        "the page leads to {link}: {}",
        visit.all_text()
    );
    Url::parse(&link).unwrap()
}

/// Opens an address without following it to the app, at whose address nothing listens.
pub(crate) async fn until_app(browser: &mut TextBrowser, url: &str, redirect_uri: &str) -> BrowserPage {
    let mut url = Url::parse(url).unwrap();
    loop {
        let visit = browser.once(&url, None).await.unwrap();
        let Some(location) = visit
            .headers
            .get("location")
            .and_then(|value| value.to_str().ok())
        else {
            return visit;
        };
        let next = url.join(location).unwrap();
        if next.as_str().starts_with(redirect_uri) {
            return BrowserPage { url: next, ..visit };
        }
        url = next;
    }
}
