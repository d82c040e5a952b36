//! What whoever has an invitation's link may do with it. A box must be ticked for it, because mail scanners open every link and send
//! every form as it is.

use askama::Template;
use axum::{
    Form as Body,
    extract::rejection::FormRejection,
    response::{IntoResponse, Response},
};
use domain::Secret;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use sign_in::Core;
use web::{
    Frame, Page,
    csrf::{self, Form},
    routes,
    texts::{Markup, Part, fill, invitation::InvitationTexts},
};

use super::Opened;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It is turned down.
    Decline,
    /// Another one is asked for, in place of one that has expired.
    AskAgain,
    /// Being invited is allowed again.
    Allow,
}

impl Act {
    fn path(self, token: &Secret) -> String {
        match self {
            Self::Decline => routes::decline_invitation(token),
            Self::AskAgain => routes::ask_for_invitation(token),
            Self::Allow => routes::allow_invitations(token),
        }
    }

    fn texts(self, t: &'static InvitationTexts) -> ActTexts {
        match self {
            Self::Decline => ActTexts {
                title: t.decline_title,
                lead: t.decline_lead,
                tick: t.decline_box,
                also: Some(t.decline_all_box),
                button: t.decline_button,
                unticked: t.decline_unticked,
            },
            Self::AskAgain => ActTexts {
                title: t.again_title,
                lead: t.again_lead,
                tick: t.again_box,
                also: None,
                button: t.again_button,
                unticked: t.again_unticked,
            },
            Self::Allow => ActTexts {
                title: t.allow_title,
                lead: t.allow_lead,
                tick: t.allow_box,
                also: None,
                button: t.allow_button,
                unticked: t.allow_unticked,
            },
        }
    }
}

struct ActTexts {
    title: &'static str,
    lead: &'static str,
    tick: &'static str,
    /// What else may be ticked.
    also: Option<&'static str>,
    button: &'static str,
    unticked: &'static str,
}

/// What the form carries.
#[derive(Default, Deserialize)]
pub(crate) struct TickedBody {
    #[serde(default)]
    csrf: String,
    /// Whether the box was ticked.
    #[serde(default)]
    ticked: String,
    /// Whether the other one was, where there is one.
    #[serde(default)]
    also: String,
}

/// What a form of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticked {
    /// That it is meant.
    pub(super) is_meant: bool,
    /// That the other box is ticked as well.
    pub(super) also: bool,
}

/// What was ticked in a form of ours; else the answer that refuses it.
pub(super) fn ticked(
    core: &Core,
    token: &Secret,
    headers: &HeaderMap,
    body: Result<Body<TickedBody>, FormRejection>,
) -> Result<Ticked, Response> {
    // What cannot be read has no token.
    let form = body.map(|Body(form)| form).unwrap_or_default();
    csrf::check(headers, &core.settings.issuer, [csrf::token(token)], &form.csrf)
        .map_err(IntoResponse::into_response)?;
    Ok(Ticked {
        is_meant: form.ticked == "yes",
        also: form.also == "yes",
    })
}

/// `templates/sign_in/ticked.html`.
#[derive(Template)]
#[template(path = "sign_in/ticked.html")]
pub(crate) struct TickedPage {
    frame: Frame,
    app: String,
    lead: Markup,
    form: Form,
    texts: ActTexts,
    also: Option<String>,
    is_unticked: bool,
    back: String,
}

impl TickedPage {
    pub(super) fn new(act: Act, opened: Opened, token: &Secret) -> Self {
        let Opened {
            frame,
            invitation,
            app,
            ..
        } = opened;
        let texts = act.texts(&frame.t.invitation);
        let parts = [
            ("inviter", Part::Text(&invitation.terms.invited_by)),
            ("app", Part::Text(&app.name)),
            ("organisation", Part::Text(&frame.organisation)),
        ];
        Self {
            lead: frame.mark(texts.lead, &parts),
            also: texts
                .also
                .map(|also| fill(also, &[("organisation", &frame.organisation)])),
            form: Form::new(token, act.path(token)),
            texts,
            is_unticked: false,
            back: routes::invitation(token),
            app: app.name,
            frame,
        }
    }

    /// The same once it was sent without the tick.
    pub(super) fn unticked(self) -> Response {
        let page = Self {
            is_unticked: true,
            ..self
        };
        Page::new(page)
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response()
    }

    /// Of each act, as it comes and after it was sent without the tick.
    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use test_support::samples;

        let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
        let of = |act, is_unticked| {
            let opened = Opened {
                frame: frame.clone(),
                invitation: samples::invitation(&guest, &app),
                guest: guest.clone(),
                app: app.clone(),
            };
            Self {
                is_unticked,
                ..Self::new(act, opened, &Secret::presented("token"))
            }
        };
        vec![
            of(Act::Decline, false),
            of(Act::Decline, true),
            of(Act::AskAgain, false),
            of(Act::AskAgain, true),
            of(Act::Allow, false),
            of(Act::Allow, true),
        ]
    }
}
