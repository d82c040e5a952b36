//! The way back to an app: the only builder of addresses and forms that carry an answer there. Made from a
//! [`RedirectUri`], which only a registered app's own matching makes.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{
    Language, Secret,
    app::{App, RedirectUri},
    authorization::{AuthorizationRequest, ResponseMode},
};
use sign_in::Core;
use url::Url;
use web::{Frame, Page, see_other, texts::fill};

use crate::error::OAuthError;

/// Where and how an app is answered.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    redirect_uri: RedirectUri,
    mode: ResponseMode,
    state: Option<String>,
    issuer: String,
    app: String,
    client_id: String,
}

/// `templates/sign_in/continue.html`, page G4: says how it ended, and leads to the app. A page and no redirect,
/// because Chrome applies `form-action` to everything that follows a form.
#[derive(Template)]
#[template(path = "sign_in/continue.html")]
pub(crate) struct GoOn {
    pub(crate) frame: Frame,
    /// What the way on is called: «Continue to Acme Notes».
    pub(crate) label: String,
    /// Whether the guest is signed in, or turned away.
    pub(crate) signed_in: bool,
    /// Where the link leads, for answers in the query.
    pub(crate) link: Option<String>,
    /// Where the form posts to, for answers by form.
    pub(crate) action: String,
    /// What the form holds.
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl GoOn {
    /// A page for the gallery and the tests.
    #[cfg(test)]
    pub(crate) fn sample(mode: ResponseMode) -> Self {
        let fields = vec![("code", "c".into()), ("state", "\"><script>".into())];
        let link = (mode == ResponseMode::Query).then(|| "https://notes.acme.example/callback?code=c".into());
        Self {
            frame: Frame::sample(),
            label: "Continue to Acme Notes".into(),
            signed_in: true,
            link,
            action: "https://notes.acme.example/callback".into(),
            fields,
        }
    }
}

impl Callback {
    /// The way back for a request that has not been read further yet.
    pub(crate) fn new(
        core: &Core,
        app: &App,
        redirect_uri: RedirectUri,
        mode: ResponseMode,
        state: Option<String>,
    ) -> Self {
        let issuer = core.settings.issuer.as_str().to_owned();
        Self {
            redirect_uri,
            mode,
            state,
            issuer,
            app: app.name.clone(),
            client_id: app.client_id.clone(),
        }
    }

    /// The way back for a request that passed every rule.
    pub(crate) fn of(core: &Core, app: &App, request: &AuthorizationRequest) -> Self {
        Self::new(
            core,
            app,
            request.redirect_uri.clone(),
            request.response_mode,
            request.state.clone(),
        )
    }

    /// Success (RFC 6749 §4.1.2, RFC 9207 §2).
    fn success(&self, code: &Secret) -> Vec<(&'static str, String)> {
        self.with_state(vec![("code", code.expose().to_owned())])
    }

    /// Failure (RFC 6749 §4.1.2.1, RFC 9207 §2).
    fn failure(&self, error: &OAuthError) -> Vec<(&'static str, String)> {
        self.with_state(vec![
            ("error", error.code.into()),
            ("error_description", error.description.to_string()),
        ])
    }

    fn with_state(&self, mut fields: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        fields.push(("iss", self.issuer.clone()));
        fields
    }

    /// Answers at once: no page was shown.
    pub(crate) fn redirect(&self, core: &Core, language: Language, answer: AppAnswer<'_>) -> Response {
        match self.mode {
            ResponseMode::Query => see_other(address(&self.redirect_uri, &self.fields(&answer)).as_str()),
            ResponseMode::FormPost => self.page(core, language, answer),
        }
    }

    /// Answers by page G4, after pages were shown, or because the app wants a form.
    pub(crate) fn page(&self, core: &Core, language: Language, answer: AppAnswer<'_>) -> Response {
        let fields = self.fields(&answer);
        let link =
            (self.mode == ResponseMode::Query).then(|| address(&self.redirect_uri, &fields).to_string());
        let frame = Frame::new(core, language);
        let signed_in = matches!(answer, AppAnswer::Code(_));
        let label = if signed_in {
            frame.t.go_on.go_on
        } else {
            frame.t.go_on.go_back
        };
        let template = GoOn {
            label: fill(label, &[("app", &self.app)]),
            frame,
            signed_in,
            link,
            action: self.redirect_uri.as_str().to_owned(),
            fields,
        };
        Page::new(template)
            .form_action(self.redirect_uri.url())
            .into_response()
    }

    fn fields(&self, answer: &AppAnswer<'_>) -> Vec<(&'static str, String)> {
        match answer {
            AppAnswer::Code(code) => self.success(code),
            AppAnswer::Error(error) => {
                (*error)
                    .clone()
                    .named(&self.client_id)
                    .log("authorization request rejected");
                self.failure(error)
            }
        }
    }
}

/// A registered address with more added to its own query (RFC 6749 §3.1.2).
pub(crate) fn address(uri: &RedirectUri, fields: &[(&'static str, String)]) -> Url {
    let mut url = uri.url().clone();
    // Even an empty list of pairs would leave a question mark behind.
    if !fields.is_empty() {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url
}

/// What an app is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AppAnswer<'a> {
    /// An authorization code.
    Code(&'a Secret),
    /// An error.
    Error(&'a OAuthError),
}

#[cfg(test)]
mod tests;
