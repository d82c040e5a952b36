//! Asking for the link with which one invites. Whoever asks reads the same, so that nobody learns who may invite.

use actions::{AskedFrom, LinkAsked, ask_inviter_link};
use askama::Template;
use axum::{
    Form as Body,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use domain::EmailAddress;
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use sign_in::Core;
use web::{
    ClientIp, Failure, Frame, Page, csrf, routes,
    texts::{Markup, Part},
};

use crate::identify;

/// What the form carries.
#[derive(Default, Deserialize)]
pub(crate) struct AskBody {
    #[serde(default)]
    email: String,
}

/// `templates/sign_in/inviter_ask.html`.
#[derive(Template)]
#[template(path = "sign_in/inviter_ask.html")]
pub(crate) struct AskPage {
    frame: Frame,
    lead: Markup,
    hint: Markup,
    typed: String,
    error: Option<Markup>,
    /// Whether the address is to blame for it.
    at_field: bool,
    /// What comes next, after the form.
    asked: Option<[Markup; 2]>,
}

impl AskPage {
    fn new(frame: Frame) -> Self {
        let t = &frame.t.inviter;
        let parts = [("organisation", Part::Text(&frame.organisation))];
        Self {
            lead: frame.mark(t.ask_lead, &parts),
            hint: frame.mark(t.ask_hint, &parts),
            typed: String::new(),
            error: None,
            at_field: false,
            asked: None,
            frame,
        }
    }

    fn wrong(frame: Frame, typed: String, error: Markup, at_field: bool) -> Self {
        Self {
            typed,
            error: Some(error),
            at_field,
            ..Self::new(frame)
        }
    }

    fn asked(frame: Frame, email: &EmailAddress) -> Self {
        let t = &frame.t.inviter;
        let asked = frame.mark(t.asked, &[("email", Part::Address(email.as_str()))]);
        let nothing = frame.mark(t.asked_nothing, &[("contact", frame.contact())]);
        Self {
            asked: Some([asked, nothing]),
            ..Self::new(frame)
        }
    }
}

/// `GET /invite`.
pub(crate) async fn show(State(core): State<Core>, uri: Uri, headers: HeaderMap) -> Response {
    Page::new(AskPage::new(frame(&core, &uri, &headers))).into_response()
}

/// `POST /invite`.
pub(crate) async fn submit(
    State(core): State<Core>,
    ip: ClientIp,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<AskBody>, FormRejection>,
) -> Result<Response, Failure> {
    if let Err(forged) = csrf::check_origin(&headers, &core.settings.issuer) {
        return Ok(forged.into_response());
    }
    let frame = frame(&core, &uri, &headers);
    let typed = body.map(|Body(form)| form.email).unwrap_or_default();
    let email = match EmailAddress::parse_typed(&typed) {
        Ok(email) => email,
        Err(error) => {
            let says = frame.mark(identify::message(&frame, error), &[]);
            let page = AskPage::wrong(frame, typed, says, true);
            return Ok(Page::new(page)
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .into_response());
        }
    };
    let (network, site) = (ip.network(), ip.site());
    let from = AskedFrom {
        network: &network,
        site: site.as_deref(),
    };
    Ok(
        match ask_inviter_link(&core, &email, from, frame.language.tag()).await? {
            LinkAsked::Heard => Page::new(AskPage::asked(frame, &email)).into_response(),
            LinkAsked::TooMany => {
                let says = frame.mark(frame.t.inviter.too_many_links, &[]);
                Page::new(AskPage::wrong(frame, typed, says, false))
                    .status(StatusCode::TOO_MANY_REQUESTS)
                    .into_response()
            }
        },
    )
}

fn frame(core: &Core, uri: &Uri, headers: &HeaderMap) -> Frame {
    let language = web::language::negotiate(uri.query(), headers, &[], core.settings.default_language);
    Frame::new(core, language)
}

#[cfg(test)]
impl AskPage {
    /// Empty, with a wrong address, with too many, and asked.
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let email = test_support::samples::email("lee@acme.test");
        let wrong = frame.mark(frame.t.identify.no_at, &[]);
        let many = frame.mark(frame.t.inviter.too_many_links, &[]);
        vec![
            Self::new(frame.clone()),
            Self::wrong(frame.clone(), "<script>".into(), wrong, true),
            Self::wrong(frame.clone(), "lee@acme.test".into(), many, false),
            Self::asked(frame.clone(), &email),
        ]
    }
}
