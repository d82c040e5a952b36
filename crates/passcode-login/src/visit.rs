//! One request of a guest: the sign-in it belongs to, who sends it, and when; and the form it carries.

use std::ops::{Deref, DerefMut};

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use domain::{
    Id,
    passcode::PasscodeChallenge,
    sign_in::{SignIn, Step},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use sign_in::{Browser, Core, Position, Visit, Way, next_page};
use web::{ClientIp, CurrentSignIn, ErrorKind, ErrorPage, Failure, Frame, csrf, routes, see_other};

use crate::{
    answered,
    flash::{self, Flash},
};

/// A request within a sign-in that a page or a form of ours answers.
pub(crate) struct PageVisit {
    visit: Visit,
    /// What the form before this page was answered with.
    pub(crate) flash: Option<Flash>,
}

impl Deref for PageVisit {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl DerefMut for PageVisit {
    fn deref_mut(&mut self) -> &mut Visit {
        &mut self.visit
    }
}

impl PageVisit {
    /// The frame of its page.
    pub(crate) fn frame(&self) -> Frame {
        Frame::new(&self.core, self.language).at(&self.app)
    }

    /// A form of its page, sent to that path.
    pub(crate) fn form(&self, action: String) -> csrf::Form {
        csrf::Form::new(&self.sign_in_secret(), action)
    }
}

impl FromRequestParts<Core> for PageVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let current = CurrentSignIn::from_request_parts(parts, core).await?;
        Ok(Self::in_sign_in(current, parts, core).await)
    }
}

impl PageVisit {
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
        let flash = flash::read(&parts.headers, core, current.sign_in.id);
        let CurrentSignIn {
            sign_in,
            app,
            browser,
            cookies,
            language,
        } = current;
        Self {
            visit: Visit {
                core: core.clone(),
                app,
                sign_in,
                browser: Browser {
                    secret: browser,
                    session: cookies.session,
                    device: cookies.device,
                    network: ip.network(),
                    site: ip.site(),
                    user_agent: user_agent(&parts.headers),
                },
                language,
                now: core.now(),
            },
            flash,
        }
    }
}

/// Off to the page that a browser belongs to whose address leads that way.
pub(crate) fn onward(sign_in: &SignIn, way: Way, after_form: bool) -> Response {
    let position = Position {
        step: Step::Identify,
        sign_in,
        way: Some(way),
        after_form,
    };
    see_other(&routes::page(next_page(&position), sign_in.id))
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(200).collect())
}

/// A form of ours, sent from a page of this sign-in in this browser; anything else is refused before it is read
/// further.
pub(crate) struct Posted<T> {
    pub(crate) visit: PageVisit,
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
        let visit = PageVisit::from_request_parts(&mut parts, core).await?;
        let headers = parts.headers.clone();
        let read = Form::<Wire<T>>::from_request(Request::from_parts(parts, body), core).await;
        let Form(wire) = read.map_err(|rejection| {
            let kind = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ErrorKind::TooLarge
            } else {
                ErrorKind::BadRequest
            };
            ErrorPage::new(kind)
                .app(&visit.app)
                .detail(rejection.to_string())
                .into_response()
        })?;
        let tokens = visit.sign_in_secrets().map(|secret| csrf::token(&secret));
        csrf::check(&headers, &core.settings.issuer, tokens, &wire.csrf)
            .map_err(|page| page.app(&visit.app).into_response())?;
        Ok(Self {
            visit,
            form: wire.form,
        })
    }
}

/// A visit to the page that takes a code: what it shows is read with the sign-in.
pub(crate) struct CodeVisit {
    pub(crate) visit: PageVisit,
    pub(crate) challenge: Option<PasscodeChallenge>,
    /// Whether no mail leaves at all.
    pub(crate) down: bool,
}

impl FromRequestParts<Core> for CodeVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let id = CurrentSignIn::named(parts).await?;
        let browser = CurrentSignIn::browser(parts, core)?;
        let read = core.store.reader().sign_in_and_challenge(id).await;
        let read = read.map_err(|error| Failure::from(error).into_response())?;
        let (sign_in, challenge, down) = match read {
            Some(read) => (Some(read.sign_in), read.challenge, read.down_since.is_some()),
            None => (None, None, false),
        };
        let current = CurrentSignIn::found(sign_in, browser, parts, core).await?;
        let visit = PageVisit::in_sign_in(current, parts, core).await;
        answered::refuse(&visit).await?;
        Ok(Self {
            visit,
            challenge,
            down,
        })
    }
}

/// What is only for a sign-in whose app has no answer yet: a visit, or a form. After the end the page that says so comes in its
/// place.
pub(crate) struct UnderWay<T>(pub(crate) T);

impl FromRequestParts<Core> for UnderWay<PageVisit> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let visit = PageVisit::from_request_parts(parts, core).await?;
        answered::refuse(&visit).await?;
        Ok(Self(visit))
    }
}

impl<T: DeserializeOwned + Send> FromRequest<Core> for UnderWay<Posted<T>> {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Response> {
        let Posted { visit, form } = Posted::<T>::from_request(request, core).await?;
        answered::refuse(&visit).await?;
        Ok(Self(Posted { visit, form }))
    }
}
