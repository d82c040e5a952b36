//! What the link of an inviter opens, and the forms of its page.

use actions::apps_of_inviter;
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Path, Request},
    response::{IntoResponse, Response},
};
use domain::{Secret, app::App, inviter::InviterLink};
use http::request::Parts;
use serde::{Deserialize, de::DeserializeOwned};
use sign_in::Core;
use web::{Failure, Frame, csrf};

use super::unknown_link::UnknownLinkPage;

/// Somebody who may invite, by the link that was mailed to them. It opens while there is an app to which they may; else a page says that
/// it opens nothing.
pub(crate) struct Inviting {
    pub(super) frame: Frame,
    pub(super) link: InviterLink,
    pub(super) token: Secret,
    pub(super) apps: Vec<App>,
}

impl FromRequestParts<Core> for Inviting {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Response> {
        let path = Path::<String>::from_request_parts(parts, core).await;
        let Path(token) = path.map_err(IntoResponse::into_response)?;
        let token = Secret::presented(token);
        let language = web::language::of_request(parts, &[], core.settings.default_language);
        let frame = Frame::new(core, language);
        let failed = |error| Failure::from(error).into_response();
        let reader = core.store.reader();
        let link = reader.inviter_link_by_token(&token.hash()).await;
        let Some(link) = link.map_err(failed)?.filter(|link| link.is_open(core.now())) else {
            return Err(UnknownLinkPage::unknown(frame));
        };
        let apps = apps_of_inviter(&reader, core, &link.inviter).await;
        let apps = apps.map_err(failed)?;
        if apps.is_empty() {
            return Err(UnknownLinkPage::no_apps(frame));
        }
        Ok(Self {
            frame,
            link,
            token,
            apps,
        })
    }
}

/// A form of the page that a link opens, sent from that page; anything else is refused.
pub(crate) struct LinkForm<T> {
    pub(super) opened: Inviting,
    pub(super) form: T,
}

/// A form that holds its token and nothing more.
#[derive(Default, Deserialize)]
pub(crate) struct EndForm {}

#[derive(Default, Deserialize)]
struct TokenAnd<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: Default + DeserializeOwned> FromRequest<Core> for LinkForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, core: &Core) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let opened = Inviting::from_request_parts(&mut parts, core).await?;
        let headers = parts.headers.clone();
        let read = Form::<TokenAnd<T>>::from_request(Request::from_parts(parts, body), core).await;
        // What cannot be read has no token.
        let Form(sent) = read.unwrap_or_default();
        let expected = [csrf::token(&opened.token)];
        csrf::check(&headers, &core.settings.issuer, expected, &sent.csrf)
            .map_err(IntoResponse::into_response)?;
        Ok(Self {
            opened,
            form: sent.form,
        })
    }
}
