//! Who is in My access: the guest of this browser's session, else a sign-in begins; and the forms of its pages.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Language, Secret, guest::Guest, my_access::admits, session::Session, upstream::Connection,
};
use http::{HeaderMap, Method, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};
use sign_in::{
    Core,
    my_access::{WantedProof, begin, is_proof_fresh},
};
use store::Reader;
use web::{ClientIp, Cookies, ErrorKind, ErrorPage, Failure, Frame, Page, csrf, routes, see_other};

use super::last_page::DonePage;

/// A request of a guest to a page of My access.
pub(crate) struct GuestHere {
    pub(super) core: Core,
    pub(super) guest: Guest,
    pub(super) session: Session,
    secret: Secret,
    cookies: Cookies,
    ip: ClientIp,
    pub(super) language: Language,
    pub(super) now: DateTime<Utc>,
}

impl GuestHere {
    pub(super) fn reader(&self) -> Reader {
        self.core.store.reader()
    }

    /// The frame of its page.
    pub(super) fn frame(&self) -> Frame {
        Frame::new(&self.core, self.language)
    }

    /// Whether the proof is of the last minutes (threat R15).
    pub(super) async fn is_fresh(&self) -> Result<bool, Failure> {
        let Some(browser) = &self.cookies.browser else {
            return Ok(false);
        };
        Ok(is_proof_fresh(&self.core, &self.session, browser).await?)
    }

    /// Sends them to prove again who they are, and then back to that page, unless they did in the last minutes. Where they sign in
    /// with an account that cannot be asked anew, a page says who can help.
    pub(super) async fn proves_again(&self, path: &str) -> Result<Option<Response>, Failure> {
        if self.is_fresh().await? {
            return Ok(None);
        }
        if let Some(upstream) = self
            .reader()
            .upstream_of(self.session.authentication.method())
            .await?
            && matches!(upstream.connection, Some(Connection::Oauth2(_)))
        {
            let page = DonePage::unproven(self.frame(), &upstream.display_name);
            return Ok(Some(Page::new(page).into_response()));
        }
        Ok(Some(self.signs_in_anew(path).await))
    }

    /// Sends them to sign in once more, whatever they have proven before, and then to that page.
    pub(super) async fn signs_in_anew(&self, path: &str) -> Response {
        self.signs_in_as(&self.guest.email, path).await
    }

    /// Sends them to sign in as another guest who they are as well, and then to that page.
    pub(super) async fn signs_in_as(&self, guest: &EmailAddress, path: &str) -> Response {
        let wanted = WantedProof {
            path,
            guest: Some(guest),
            anew: true,
        };
        signs_in(&self.core, &self.cookies, self.ip, &wanted).await
    }

    /// A form of its page, sent to that path.
    pub(super) fn form(&self, action: &str) -> csrf::Form {
        csrf::Form::of_session(&self.secret, action)
    }
}

impl FromRequestParts<Core> for GuestHere {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let cookies = Cookies::read(&parts.headers, &core.settings.issuer);
        let ip = match ClientIp::from_request_parts(parts, core).await {
            Ok(ip) => ip,
            Err(never) => match never {},
        };
        let now = core.now();
        let found = match &cookies.session {
            Some(secret) => {
                let reader = core.store.reader();
                let found = reader.session_by_token(&secret.hash()).await;
                found.map_err(|error| Failure::from(error).into_response())?
            }
            None => None,
        };
        let admitted = found.filter(|(session, guest)| session.is_live(now) && admits(guest, now));
        let (Some((session, guest)), Some(secret)) = (admitted, cookies.session.clone()) else {
            // What a form wanted is asked again on the page.
            let path = if parts.method == Method::GET {
                parts.uri.path()
            } else {
                routes::MY_ACCESS
            };
            let wanted = WantedProof {
                path,
                guest: None,
                // The other pages ask for a fresh proof: an upstream is not to answer from a session of its own.
                anew: path != routes::MY_ACCESS,
            };
            return Err(signs_in(core, &cookies, ip, &wanted).await);
        };
        let asked: Vec<String> = guest.language.iter().cloned().collect();
        let language = web::language::of_request(parts, &asked, core.settings.default_language);
        Ok(Self {
            core: core.clone(),
            guest,
            session,
            secret,
            cookies,
            ip,
            language,
            now,
        })
    }
}

/// Sends the browser to sign in, and then to that page.
async fn signs_in(core: &Core, cookies: &Cookies, ip: ClientIp, wanted: &WantedProof<'_>) -> Response {
    let browser = cookies.browser_or_new(core.entropy.as_ref());
    match begin(core, wanted, &browser, &ip.network()).await {
        Ok(Some(sign_in)) => {
            let mut response = see_other(&routes::resume(sign_in.id));
            cookies.keep_browser(&mut response, &core.settings.issuer, &browser);
            response
        }
        Ok(None) => ErrorPage::new(ErrorKind::TooMany).into_response(),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// A form of a page of My access, sent from a page of this session; anything else is refused before it is read further.
pub(crate) struct PostedHere<T> {
    pub(super) here: GuestHere,
    pub(super) form: T,
}

/// A form that holds its token and nothing more.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
struct OwnForm<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<Core> for PostedHere<T> {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let here = GuestHere::from_request_parts(&mut parts, core).await?;
        let headers: HeaderMap = parts.headers.clone();
        let read = Form::<OwnForm<T>>::from_request(Request::from_parts(parts, body), core).await;
        let Form(own) = read.map_err(|rejection| {
            ErrorPage::new(ErrorKind::BadRequest)
                .detail(rejection.to_string())
                .into_response()
        })?;
        let token = csrf::session_token(&here.secret);
        csrf::check(&headers, &core.settings.issuer, [token], &own.csrf)
            .map_err(IntoResponse::into_response)?;
        Ok(Self { here, form: own.form })
    }
}
