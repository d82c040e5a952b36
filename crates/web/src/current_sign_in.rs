//! The sign-in that the path names and this browser owns.

use std::collections::HashMap;

use axum::{
    extract::{FromRef, FromRequestParts, Path},
    response::{IntoResponse, Response},
};
use domain::{Id, Language, Secret, app::App, sign_in::SignIn};
use http::request::Parts;
use sign_in::Core;

use crate::{
    cookies::Cookies,
    error_kind::ErrorKind,
    failure::Failure,
    page::{ErrorPage, Frame},
    texts,
};

/// A sign-in under way. Extracting it fails with page G9 when it is over, unknown, or another browser's: the
/// three look the same, and G9 names the app only to the browser that owns the sign-in.
pub struct CurrentSignIn {
    /// The sign-in, as it was when the request came: read it again under lock before changing it.
    pub sign_in: SignIn,
    /// Its app.
    pub app: App,
    /// The browser's secret.
    pub browser: Secret,
    /// All cookies of the request.
    pub cookies: Cookies,
    /// The language to answer in.
    pub language: Language,
}

impl CurrentSignIn {
    /// The frame of its pages.
    pub fn frame(&self, core: &Core) -> Frame {
        Frame::new(core, self.language).at(&self.app)
    }

    async fn load(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let id = Self::named(parts).await?;
        Self::of(id, parts, core).await
    }

    /// The id that the path names.
    pub async fn named(parts: &mut Parts) -> Result<Id<SignIn>, Response> {
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, &())
            .await
            .map_err(IntoResponse::into_response)?;
        let id = path.get("sign_in").and_then(|text| text.parse().ok());
        id.ok_or_else(|| ErrorPage::new(ErrorKind::StartAgain).into_response())
    }

    /// The sign-in of that id, which the path does not name: an upstream sends the browser back with it.
    pub async fn of(id: Id<SignIn>, parts: &Parts, core: &Core) -> Result<Self, Response> {
        let browser = Self::browser(parts, core)?;
        let sign_in = core.store.reader().sign_in(id).await;
        let sign_in = sign_in.map_err(|error| Failure::from(error).into_response())?;
        Self::found(sign_in, browser, parts, core).await
    }

    /// The cookies of a browser that holds a secret, and that secret: for another browser nothing is read.
    pub fn browser(parts: &Parts, core: &Core) -> Result<(Cookies, Secret), Response> {
        let cookies = Cookies::read(&parts.headers, &core.settings.issuer);
        let browser = cookies.browser.clone();
        browser
            .map(|browser| (cookies, browser))
            .ok_or_else(|| ErrorPage::new(ErrorKind::StartAgain).into_response())
    }

    /// The sign-in that was read for that browser, if there is one.
    pub async fn found(
        sign_in: Option<SignIn>,
        (cookies, browser): (Cookies, Secret),
        parts: &Parts,
        core: &Core,
    ) -> Result<Self, Response> {
        let start_again = || ErrorPage::new(ErrorKind::StartAgain);
        let (presented, now) = (browser.hash(), core.now());
        let sign_in = sign_in
            .filter(|sign_in| sign_in.belongs_to(&presented, now) || sign_in.belonged_to(&presented))
            .ok_or_else(|| start_again().into_response())?;
        let app = core
            .store
            .known_app(sign_in.app)
            .await
            .map_err(|error| Failure::from(error).into_response())?;
        let app = app.ok_or_else(|| start_again().into_response())?.app.clone();
        let locales = sign_in.request.ui_locales.as_slice();
        let language = crate::language::of_request(parts, locales, core.settings.default_language);
        let app = texts::named(app, &core.settings.issuer, language);
        if now >= sign_in.expires_at || !sign_in.belongs_to(&presented, now) {
            return Err(start_again().app(&app).into_response());
        }
        Ok(Self {
            sign_in,
            app,
            browser,
            cookies,
            language,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentSignIn
where
    Core: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        Self::load(parts, &Core::from_ref(state)).await
    }
}
