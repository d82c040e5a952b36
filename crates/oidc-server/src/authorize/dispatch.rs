//! `GET /authorize/{sign_in}`: where every step returns to. Looks only at what is stored, asks
//! `domain::sign_in::next_step`, and sends the browser there. Nothing else decides.

use axum::{
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use domain::{
    audit::{Action, Actor, AuditEvent},
    sign_in::{Interaction, SignIn, Step},
};
use web::{CurrentSignIn, ErrorKind, ErrorPage, Failure, routes, see_other, texts::fill};

use super::{
    callback::{Answer, Callback, GoOn},
    facts::Loaded,
    issue::{self, Issued},
};
use crate::{State, error::OAuthError};

/// The dispatcher.
pub(crate) async fn resume(Extract(state): Extract<State>, current: CurrentSignIn) -> Response {
    go_on(&state, &current)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn go_on(state: &State, current: &CurrentSignIn) -> Result<Response, Failure> {
    let core = &state.core;
    let CurrentSignIn {
        sign_in,
        app,
        language,
        ..
    } = current;
    let now = core.now();
    let callback = Callback::of(core, app, &sign_in.request);
    // Twice: an invitation may be redeemed in another tab between the decision and the write.
    for _ in 0..2 {
        let loaded = Loaded::load(core, app, sign_in, &current.cookies, now).await?;
        let step = loaded.step(sign_in, now);
        if let Some(error) = error_of(step) {
            if step == Step::Deny {
                deny(state, current).await?;
            }
            return Ok(callback.page(core, *language, Answer::Error(&error)));
        }
        let (Step::Issue, Some(who), Some(access)) = (step, &loaded.session, loaded.access) else {
            return Ok(match step {
                Step::Expired => ErrorPage::new(ErrorKind::StartAgain).app(app).into_response(),
                step => see_other(&page_of(step, sign_in)),
            });
        };
        match issue::issue(core, app, sign_in, true, who, access, now).await? {
            Issued::Code(code) => return Ok(callback.page(core, *language, Answer::Code(&code))),
            Issued::Already => return Ok(already(state, current)),
            Issued::Changed => {}
        }
    }
    Err(Failure::unavailable("an invitation kept changing"))
}

/// Notes that the guest did not agree, once.
async fn deny(state: &State, current: &CurrentSignIn) -> Result<(), Failure> {
    let now = state.core.now();
    let tx = state.core.store.begin().await?;
    if let Some(mut sign_in) = tx.lock_sign_in(current.sign_in.id).await?
        && sign_in.answered_at.is_none()
    {
        sign_in.answered_at = Some(now);
        tx.save_sign_in(&sign_in).await?;
        let event = AuditEvent::new(Action::ConsentDenied, Actor::Visitor)
            .app(sign_in.app)
            .sign_in(sign_in.id);
        tx.record(event, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The app has its answer: the back button, or a second tab. The way on is the app's front page.
fn already(state: &State, current: &CurrentSignIn) -> Response {
    let home = current.app.home.clone();
    let frame = current.frame(&state.core);
    let page = GoOn {
        label: fill(frame.t.go_on.go_on, &[("app", &current.app.name)]),
        frame,
        signed_in: true,
        link: home.as_ref().map(ToString::to_string),
        action: String::new(),
        fields: Vec::new(),
    };
    web::Page::new(page).into_response()
}

/// The page of a step.
pub(super) fn page_of(step: Step, sign_in: &SignIn) -> String {
    match step {
        Step::Consent => routes::consent(sign_in.id),
        Step::Refuse(_) => routes::refused(sign_in.id),
        // An address that was given is confirmed first: a GET sends no mail.
        _ if sign_in.email.is_some() && sign_in.challenge.is_none() && !sign_in.email_typed => {
            routes::send(sign_in.id)
        }
        _ => routes::identify(sign_in.id),
    }
}

/// The error of a step that tells the app.
pub(super) fn error_of(step: Step) -> Option<OAuthError> {
    Some(match step {
        Step::Deny => OAuthError::new("access_denied", "The guest did not agree, or went back"),
        Step::Interrupt(Interaction::Login) => OAuthError::new("login_required", "The guest must sign in"),
        Step::Interrupt(Interaction::Consent) => {
            OAuthError::new("consent_required", "The guest must be asked for consent")
        }
        Step::Interrupt(Interaction::Access(refusal)) => {
            OAuthError::new("access_denied", "The guest may not use this app").cause(refusal.name())
        }
        _ => return None,
    })
}
