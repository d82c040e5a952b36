//! Turning an invitation down. Whoever has the link may: it costs the inviter another invitation. A box must be ticked, because mail
//! scanners open every link and send every form as it is.

use askama::Template;
use axum::{
    Form as Body,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    audit::{Action, Actor, AuditEvent},
    invitation::Invitation,
};
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use sign_in::Core;
use web::{
    Failure, Frame, Page,
    csrf::{self, Form},
    routes, see_other,
    texts::{Markup, Part},
};

use super::{Opened, open};

/// What the form carries.
#[derive(Default, Deserialize)]
pub(crate) struct DeclineBody {
    #[serde(default)]
    csrf: String,
    /// Whether the box was ticked.
    #[serde(default)]
    decline: String,
}

/// `GET /invitation/{token}/decline`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    Ok(match open(&core, &token, &uri, &headers).await? {
        Ok(opened) if opened.invitation.is_open(core.now()) => {
            Page::new(DeclinePage::new(opened, &token, false)).into_response()
        }
        // The invitation's page says why there is nothing to decline.
        Ok(_) => see_other(&routes::invitation(&token)),
        Err(unknown) => unknown,
    })
}

/// `POST /invitation/{token}/decline`.
pub(crate) async fn submit(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<DeclineBody>, FormRejection>,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let opened = match open(&core, &token, &uri, &headers).await? {
        Ok(opened) => opened,
        Err(unknown) => return Ok(unknown),
    };
    // What cannot be read has no token.
    let form = body.map(|Body(form)| form).unwrap_or_default();
    if let Err(forged) = csrf::check(&headers, &core.settings.issuer, [csrf::token(&token)], &form.csrf) {
        return Ok(forged.into_response());
    }
    if form.decline != "yes" && opened.invitation.is_open(core.now()) {
        let page = DeclinePage::new(opened, &token, true);
        return Ok(Page::new(page)
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    }
    if form.decline == "yes" {
        decline(&core, &opened.invitation).await?;
    }
    Ok(see_other(&routes::invitation(&token)))
}

/// Turns it down, unless it is over by now.
async fn decline(core: &Core, invitation: &Invitation) -> Result<(), Failure> {
    let now = core.now();
    let tx = core.store.begin().await?;
    if tx.decline_invitation(invitation.id, now).await? {
        let event = AuditEvent::new(Action::InvitationDeclined, Actor::Visitor)
            .guest(invitation.guest)
            .app(invitation.app)
            .detail("invitation", invitation.id.to_string());
        tx.record(event, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// `templates/sign_in/decline.html`.
#[derive(Template)]
#[template(path = "sign_in/decline.html")]
pub(crate) struct DeclinePage {
    frame: Frame,
    app: String,
    lead: Markup,
    form: Form,
    error: Option<&'static str>,
    back: String,
}

impl DeclinePage {
    fn new(opened: Opened, token: &Secret, is_unticked: bool) -> Self {
        let Opened {
            frame,
            invitation,
            app,
            ..
        } = opened;
        let t = &frame.t.invitation;
        let parts = [
            ("inviter", Part::Text(&invitation.terms.invited_by)),
            ("app", Part::Text(&app.name)),
        ];
        Self {
            lead: frame.mark(t.decline_lead, &parts),
            form: Form::new(token, routes::decline_invitation(token)),
            error: is_unticked.then_some(t.decline_unticked),
            back: routes::invitation(token),
            app: app.name,
            frame,
        }
    }

    /// As it comes, and after it was sent without the box.
    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use test_support::samples;

        let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
        let of = |is_unticked| {
            let opened = Opened {
                frame: frame.clone(),
                invitation: samples::invitation(&guest, &app),
                guest: guest.clone(),
                app: app.clone(),
            };
            Self::new(opened, &Secret::presented("token"), is_unticked)
        };
        vec![of(false), of(true)]
    }
}
