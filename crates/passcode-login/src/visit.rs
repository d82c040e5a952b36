//! One request of a guest: the sign-in it belongs to, who sends it, and when; and the form it carries.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{Id, Secret, sign_in::SignIn};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use sign_in::{Core, Situation};
use store::{SeenAs, StoreError};
use web::{ClientIp, CurrentSignIn, ErrorKind, ErrorPage, Frame, csrf};

use crate::again::{self, Again};

/// A request within a sign-in.
pub(crate) struct Visit {
    pub(crate) core: Core,
    pub(crate) current: CurrentSignIn,
    /// The network that limits count under.
    pub(crate) network: String,
    /// The site around it, which has a larger limit of its own.
    pub(crate) site: Option<String>,
    /// What the browser calls itself, shortened.
    pub(crate) user_agent: Option<String>,
    /// What the form before this page was answered with.
    pub(crate) again: Option<Again>,
    /// The present moment, read once.
    pub(crate) now: DateTime<Utc>,
}

impl Visit {
    /// The frame of its page.
    pub(crate) fn frame(&self) -> Frame {
        self.current.frame(&self.core)
    }

    /// Who the browser is, and what that means for the app.
    pub(crate) async fn situation(&self) -> Result<Situation, StoreError> {
        let CurrentSignIn {
            app,
            sign_in,
            cookies,
            ..
        } = &self.current;
        Situation::load(&self.core, app, sign_in, cookies.session.as_ref(), self.now).await
    }

    /// A secret that this browser is given when it has proven something: always the same for the same proof, so that a
    /// repeated request repeats its answer. It follows from the server's key as well: the browser's cookie is there
    /// before anyone has signed in, and must not be enough (threat O07).
    pub(crate) fn secret_of(&self, purpose: &str, proof: &[u8]) -> Secret {
        let server = self
            .core
            .store
            .master_keys()
            .current()
            .purpose("secrets of browsers");
        let context = [&server[..], proof].concat();
        self.current.browser.derive(purpose, &context)
    }

    /// Whether the browser holds that session's secret already.
    pub(crate) fn holds(&self, secret: &Secret) -> bool {
        self.current.cookies.session.as_ref() == Some(secret)
    }

    /// What the session's row says of the browser.
    pub(crate) fn seen_as(&self) -> SeenAs {
        SeenAs {
            user_agent: self.user_agent.clone(),
            network: Some(self.network.clone()),
        }
    }
}

impl FromRequestParts<Core> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let current = CurrentSignIn::from_request_parts(parts, core).await?;
        Ok(Self::in_sign_in(current, parts, core).await)
    }
}

impl Visit {
    /// A request within the sign-in of that id, which its path does not name.
    pub(crate) async fn of(id: Id<SignIn>, parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let current = CurrentSignIn::of(id, parts, core).await?;
        Ok(Self::in_sign_in(current, parts, core).await)
    }

    async fn in_sign_in(current: CurrentSignIn, parts: &mut Parts, core: &Core) -> Self {
        let ip = match ClientIp::from_request_parts(parts, core).await {
            Ok(ip) => ip,
            Err(never) => match never {},
        };
        let again = again::read(&parts.headers, core, &current);
        Self {
            core: core.clone(),
            current,
            again,
            network: ip.network(),
            site: ip.site(),
            user_agent: user_agent(&parts.headers),
            now: core.now(),
        }
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(200).collect())
}

/// A form of ours, sent from a page of this sign-in in this browser; anything else is refused before it is read
/// further.
pub(crate) struct Posted<T> {
    pub(crate) visit: Visit,
    pub(crate) form: T,
}

#[derive(Deserialize)]
struct Wire<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<Core> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, core).await?;
        let headers = parts.headers.clone();
        let read = Form::<Wire<T>>::from_request(Request::from_parts(parts, body), core).await;
        let Form(wire) = read.map_err(|rejection| {
            let kind = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ErrorKind::TooLarge
            } else {
                ErrorKind::BadRequest
            };
            ErrorPage::new(kind)
                .app(&visit.current.app)
                .detail(rejection.to_string())
                .into_response()
        })?;
        csrf::check(
            &headers,
            &core.settings.issuer,
            &visit.current.csrf_token(),
            &wire.csrf,
        )
        .map_err(|page| page.app(&visit.current.app).into_response())?;
        Ok(Self {
            visit,
            form: wire.form,
        })
    }
}
