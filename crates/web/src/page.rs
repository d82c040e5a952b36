//! Pages: a template becomes a response with its policy; what goes wrong becomes G8 or G9.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{Language, app::App};
use http::{HeaderValue, StatusCode, header};
use sign_in::Core;
use url::Url;

use crate::{
    error_kind::ErrorKind,
    failure::Failure,
    routes,
    texts::{self, Markup, Part, Texts},
};

/// What the common frame of every page shows.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's language.
    pub language: Language,
    /// Every text in that language.
    pub t: &'static Texts,
    /// The organisation's name.
    pub organisation: String,
    /// Where guests find help.
    pub help: sign_in::Help,
    /// The path of the logo of the app that the page is about.
    pub logo: Option<String>,
}

impl Frame {
    /// The frame of a page in `language`.
    pub fn new(core: &Core, language: Language) -> Self {
        Self {
            language,
            t: Texts::of(language),
            organisation: core.settings.organisation.clone(),
            help: core.settings.help.clone(),
            logo: None,
        }
    }

    /// The frame of a page that is about an app: its logo, and its contact where it has one.
    #[must_use]
    pub fn at(self, app: &App) -> Self {
        Self {
            help: self.help.at(app),
            logo: routes::logo_of(app),
            ..self
        }
    }

    /// A text with something set off in it.
    pub fn mark(&self, text: &str, parts: &[(&str, Part<'_>)]) -> Markup {
        texts::mark(self.t, text, parts)
    }

    /// Whom a guest asks.
    pub fn contact(&self) -> Part<'_> {
        texts::contact(&self.help, &self.organisation)
    }

    /// A frame for samples.
    pub fn sample() -> Self {
        Self {
            language: Language::En,
            t: Texts::of(Language::En),
            organisation: "Acme".into(),
            help: sign_in::Help {
                name: Some("Acme helpdesk".into()),
                email: Some("helpdesk@acme.example".into()),
                ..sign_in::Help::default()
            },
            logo: None,
        }
    }
}

/// A rendered page.
pub struct Page<T> {
    template: T,
    status: StatusCode,
    form_action: Option<String>,
}

impl<T: Template> Page<T> {
    /// A page with status 200.
    pub fn new(template: T) -> Self {
        Self {
            template,
            status: StatusCode::OK,
            form_action: None,
        }
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Lets a form of this page post to the origin of `target` as well: an app's redirect URI. Chrome applies
    /// `form-action` to redirects after the post, too.
    #[must_use]
    pub fn form_action(mut self, target: &Url) -> Self {
        self.form_action = Some(match target.origin() {
            origin @ url::Origin::Tuple(..) => origin.ascii_serialization(),
            url::Origin::Opaque(_) => format!("{}:", target.scheme()),
        });
        self
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let body = match self.template.render() {
            Ok(body) => body,
            Err(error) => return Failure::from(error).into_response(),
        };
        let mut response = (
            self.status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            body,
        )
            .into_response();
        let policy = content_security_policy(self.form_action.as_deref());
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// The policy of a page whose forms may post to `form_action` besides ourselves.
pub(crate) fn content_security_policy(form_action: Option<&str>) -> String {
    let also = form_action.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'{also}; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// 303 to a path of ours or an address that [`crate::routes`] or the authorization server built (RFC 9700 §4.12).
pub fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Failure::internal("a location was built that no header can carry").into_response(),
    }
}

/// A link back to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppLink {
    /// Its name.
    pub name: String,
    /// Its front page.
    pub home: Option<Url>,
}

/// What went wrong, for a person to read (G8, G9). The text comes from the catalogue; the layer renders it in
/// the visitor's language, with a reference that stands in the log as well.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// What went wrong; the page's words follow from it.
    pub kind: ErrorKind,
    /// The way back, when the app is known.
    pub app: Option<AppLink>,
    /// For the log, and for the page of an app under development.
    pub detail: Option<String>,
    /// Whether the page shows the detail.
    pub show_detail: bool,
}

impl ErrorPage {
    /// A page of that kind.
    pub fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            app: None,
            detail: None,
            show_detail: false,
        }
    }

    /// With the way back to an app.
    #[must_use]
    pub fn app(mut self, app: &domain::app::App) -> Self {
        self.app = Some(AppLink {
            name: app.name.clone(),
            home: app.home.clone(),
        });
        self.show_detail = app.dev;
        self
    }

    /// Showing its detail to everyone: it helps the operator, and says nothing that is not public.
    #[must_use]
    pub fn shown(mut self) -> Self {
        self.show_detail = true;
        self
    }

    /// With a detail for the log.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// `templates/error.html`.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorTemplate {
    /// The frame.
    pub frame: Frame,
    /// What happened: the heading.
    pub title: &'static str,
    /// What the visitor can do.
    pub advice: String,
    /// The way back to the app: what it is called, and where it leads.
    pub back: Option<(String, Url)>,
    /// What the page at `/` is called, where no way back is known and that page helps.
    pub start: Option<String>,
    /// «Reference ERR-7KQ2…», which the log repeats.
    pub reference: String,
    /// Details, for an app under development.
    pub detail: Option<String>,
}

impl ErrorTemplate {
    pub(crate) fn new(frame: Frame, error: &ErrorPage, reference: &str) -> Self {
        let (title, advice) = frame.t.error.of(error.kind);
        let app_name = error.app.as_ref().map_or("", |app| &app.name);
        let back = error.app.as_ref().and_then(|app| {
            Some((
                crate::texts::fill(frame.t.error.back_to_app, &[("app", &app.name)]),
                app.home.clone()?,
            ))
        });
        Self {
            title,
            advice: crate::texts::fill(
                advice,
                &[("app", app_name), ("organisation", &frame.organisation)],
            ),
            start: (back.is_none() && error.kind.leads_to_the_start())
                .then(|| crate::texts::fill(frame.t.home.title, &[("organisation", &frame.organisation)])),
            back,
            reference: crate::texts::fill(frame.t.error.reference, &[("reference", reference)]),
            detail: error.detail.clone().filter(|_| error.show_detail),
            frame,
        }
    }
}
