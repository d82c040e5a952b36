//! The operations: what one client asks, and what must come back.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64URL_NOPAD;
use form_urlencoded::Serializer;
use sha2::{Digest, Sha256};

use crate::{
    guest_browser::{GuestBrowser, path_of},
    http::{BenchConnection, HttpAnswer, HttpAsk},
    target::Target,
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Discovery,
    Keys,
    Page,
    UserInfo,
    Introspection,
    Refresh,
    SilentFlow,
    EmailedSignIn,
}

impl Operation {
    pub(crate) const ALL: [Self; 8] = [
        Self::Discovery,
        Self::Keys,
        Self::Page,
        Self::UserInfo,
        Self::Introspection,
        Self::Refresh,
        Self::SilentFlow,
        Self::EmailedSignIn,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Keys => "JWK Set",
            Self::Page => "page, compressed",
            Self::UserInfo => "UserInfo",
            Self::Introspection => "introspection",
            Self::Refresh => "refresh",
            Self::SilentFlow => "silent code flow",
            Self::EmailedSignIn => "emailed sign-in",
        }
    }

    /// Whether the server can do it: the ceiling has no pages and mails nothing.
    pub(crate) fn is_for(self, target: &Target) -> bool {
        !matches!(self, Self::Page | Self::EmailedSignIn) || target.mailboxes.is_some()
    }
}

/// One client: a connection, a session, and the tokens that it was given last.
pub(crate) struct LoadClient {
    target: Rc<Target>,
    connection: BenchConnection,
    session: String,
    access: String,
    refresh: String,
    /// The path of a page, and the headers with which it is asked for.
    page: Option<(String, String)>,
    /// This process, which client it is, and how often it has signed in: new addresses follow from them.
    run: u32,
    number: usize,
    turn: usize,
}

impl LoadClient {
    /// A client with tokens of its own.
    pub(crate) async fn new(target: Rc<Target>, number: usize) -> Result<Self> {
        let session = target
            .sessions
            .get(number)
            .context("more clients than sessions")?;
        let mut client = Self {
            connection: BenchConnection::new(target.port(number)),
            session: session.clone(),
            target,
            access: String::new(),
            refresh: String::new(),
            page: None,
            run: std::process::id(),
            number,
            turn: 0,
        };
        client.flow().await?;
        Ok(client)
    }

    /// One operation, checked.
    pub(crate) async fn once(&mut self, operation: Operation) -> Result<()> {
        match operation {
            Operation::Discovery => self.document("/.well-known/openid-configuration").await,
            Operation::Keys => self.document("/jwks").await,
            Operation::Page => self.page().await,
            Operation::UserInfo => {
                let headers = format!("authorization: Bearer {}\r\n", self.access);
                let answer = self.get("/userinfo", &headers).await?;
                answer.text("email").map(drop)
            }
            Operation::Introspection => {
                let form = Serializer::new(String::new())
                    .append_pair("token", &self.access)
                    .finish();
                let answer = self.as_app("/introspect", &form).await?;
                answer.text("sub").map(drop)
            }
            Operation::Refresh => {
                let form = Serializer::new(String::new())
                    .append_pair("grant_type", "refresh_token")
                    .append_pair("refresh_token", &self.refresh)
                    .finish();
                let answer = self.as_app("/token", &form).await?;
                self.keep(&answer)
            }
            Operation::SilentFlow => self.flow().await,
            Operation::EmailedSignIn => {
                self.turn += 1;
                let address = format!("new{}.{}.{}@contoso.test", self.run, self.number, self.turn);
                let mut visitor = GuestBrowser::new(self.target.port(self.number));
                let location = visitor.sign_in(&self.target, &address).await?;
                ensure!(location.contains("code="), "no code in {location}");
                Ok(())
            }
        }
    }

    async fn get(&mut self, path: &str, headers: &str) -> Result<HttpAnswer> {
        let ask = HttpAsk {
            path,
            headers,
            form: None,
        };
        self.connection.ask(ask).await
    }

    /// A form that the app sends, with its proof of itself.
    async fn as_app(&mut self, path: &str, form: &str) -> Result<HttpAnswer> {
        let ask = HttpAsk {
            path,
            headers: &self.target.basic,
            form: Some(form),
        };
        self.connection.ask(ask).await
    }

    async fn document(&mut self, path: &str) -> Result<()> {
        let answer = self.get(path, "").await?;
        ensure!(
            answer.status == 200 && answer.body.first() == Some(&b'{'),
            "{path}: {}",
            answer.status
        );
        Ok(())
    }

    /// The page that asks for the address, as a browser asks for it; the sign-in has begun before.
    async fn page(&mut self) -> Result<()> {
        if self.page.is_none() {
            let (path, _) = authorization(&self.target)?;
            let answer = self.get(&path, "").await?;
            let location = answer.location.context("no way to the page")?;
            let path = path_of(&location).to_owned();
            let headers = format!(
                "cookie: {}\r\naccept-encoding: gzip, deflate, br, zstd\r\n",
                answer.cookies.join("; ")
            );
            self.page = Some((path, headers));
        }
        let (path, headers) = self.page.clone().unwrap_or_default();
        let answer = self.get(&path, &headers).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(())
    }

    /// `/authorize` with a session, and `/token`.
    async fn flow(&mut self) -> Result<()> {
        let (path, request) = authorization(&self.target)?;
        let headers = format!("cookie: {}\r\n", self.session);
        let answer = self.get(&path, &headers).await?;
        let location = answer
            .location
            .with_context(|| format!("{path}: {}", answer.status))?;
        let code = parameter(&location, "code").with_context(|| format!("no code in {location}"))?;
        ensure!(
            parameter(&location, "state").as_ref() == Some(&request.state),
            "another state"
        );
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", &code)
            .append_pair("redirect_uri", self.target.redirect_uri)
            .append_pair("code_verifier", &request.verifier)
            .finish();
        let answer = self.as_app("/token", &form).await?;
        let id_token = answer.text("id_token")?;
        let payload = id_token.split('.').nth(1).context("no payload")?;
        let claims: serde_json::Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes())?)?;
        ensure!(claims["nonce"] == *request.nonce, "another nonce");
        self.keep(&answer)
    }

    fn keep(&mut self, answer: &HttpAnswer) -> Result<()> {
        self.access = answer.text("access_token")?;
        self.refresh = answer.text("refresh_token")?;
        Ok(())
    }
}

/// What an app keeps of a request of its own.
pub(crate) struct AppRequest {
    state: String,
    nonce: String,
    verifier: String,
}

/// A new request for authorization: its path, and what is kept of it.
pub(crate) fn authorization(target: &Target) -> Result<(String, AppRequest)> {
    let random = || -> Result<String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(BASE64URL_NOPAD.encode(&bytes))
    };
    let request = AppRequest {
        state: random()?,
        nonce: random()?,
        verifier: random()?,
    };
    let query = Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", target.client_id)
        .append_pair("redirect_uri", target.redirect_uri)
        .append_pair("scope", "openid email offline_access")
        .append_pair("state", &request.state)
        .append_pair("nonce", &request.nonce)
        .append_pair(
            "code_challenge",
            &BASE64URL_NOPAD.encode(&Sha256::digest(&request.verifier)),
        )
        .append_pair("code_challenge_method", "S256")
        .finish();
    Ok((format!("/authorize?{query}"), request))
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let (_, query) = location.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
