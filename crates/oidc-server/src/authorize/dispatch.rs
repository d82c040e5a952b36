//! `GET /authorize/{sign_in}`: where every step returns to. Looks only at what is stored, asks
//! `domain::sign_in::next_step`, and sends the browser there. Nothing else decides.

use axum::{
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{
    access::Access,
    audit::{Action, Actor, AuditEvent},
    sign_in::{Interaction, Progress, SignIn, Step},
};
use sign_in::{
    Core, Position, Situation,
    issue::{self, CodeToIssue, Issued},
    my_access, next_page,
};
use web::{CurrentSignIn, ErrorKind, ErrorPage, Failure, routes, see_other, texts::fill};

use super::callback::{AppAnswer, Callback, GoOn};
use crate::{error::OAuthError, state::State};

/// The dispatcher.
pub(crate) async fn resume(Extract(state): Extract<State>, current: CurrentSignIn) -> Response {
    go_on(&state, &current)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn go_on(state: &State, current: &CurrentSignIn) -> Result<Response, Failure> {
    let core = &state.core;
    let CurrentSignIn { app, language, .. } = current;
    if app.is_my_access() {
        return my_access(core, current).await;
    }
    // A sign-in may be a day old, and an operator may have taken the address away since.
    let asked = current.sign_in.request.redirect_uri.as_str();
    if app.redirect_uri(asked).is_none() {
        let page = ErrorPage::new(ErrorKind::BadRedirectUri).app(app);
        return Ok(page
            .detail("redirect_uri: It is no longer registered")
            .into_response());
    }
    let now = core.now();
    let mut sign_in = current.sign_in.clone();
    let callback = Callback::of(core, app, &sign_in.request);
    if let Some(code) = issue::repeat(core, &sign_in, current.cookies.session.as_ref(), now).await? {
        return Ok(callback.page(core, *language, AppAnswer::Code(&code)));
    }
    // Twice: in another tab an invitation may be redeemed, or the guest may say no, between the decision and
    // the write.
    for _ in 0..2 {
        let situation = Situation::load(core, app, &sign_in, current.cookies.session.as_ref(), now).await?;
        let step = situation.step(&sign_in, now);
        if let Some(error) = error_of(step) {
            if step == Step::Deny {
                deny(core, &sign_in, &situation, now).await?;
            }
            return Ok(callback.page(core, *language, AppAnswer::Error(&error)));
        }
        let answering = (&situation.session, &current.cookies.session, situation.access);
        let (Step::Issue, (Some((session, guest)), Some(secret), Some(access))) = (step, answering) else {
            return Ok(match step {
                Step::Expired => ErrorPage::new(ErrorKind::StartAgain).app(app).into_response(),
                step => see_other(&page_of(step, &sign_in)),
            });
        };
        let answer = CodeToIssue {
            core,
            app,
            sign_in: &sign_in,
            session,
            secret,
            guest,
            access,
            now,
        };
        match answer.issue(true).await? {
            Issued::Code(code) => return Ok(callback.page(core, *language, AppAnswer::Code(&code))),
            Issued::Already => return Ok(already(state, current)),
            Issued::Changed => {
                let again = core.store.reader().sign_in(sign_in.id).await?;
                sign_in = again.unwrap_or(sign_in);
            }
        }
    }
    Err(Failure::unavailable("a sign-in kept changing"))
}

/// The same for My access: it is ours, so that there is no code, and the browser goes on to the page that it came from.
async fn my_access(core: &Core, current: &CurrentSignIn) -> Result<Response, Failure> {
    let now = core.now();
    let mut sign_in = current.sign_in.clone();
    for _ in 0..2 {
        let secret = current.cookies.session.as_ref();
        let situation = Situation::load(core, &current.app, &sign_in, secret, now).await?;
        let step = situation.step(&sign_in, now);
        if error_of(step).is_some() {
            return Ok(see_other(routes::HOME));
        }
        let (Step::Issue, Some(entering)) = (step, &situation.session) else {
            return Ok(see_other(&page_of(step, &sign_in)));
        };
        if my_access::enter(core, &sign_in, entering, now).await? {
            return Ok(see_other(sign_in.request.redirect_uri.as_str()));
        }
        let again = core.store.reader().sign_in(sign_in.id).await?;
        sign_in = again.unwrap_or(sign_in);
    }
    Err(Failure::unavailable("a sign-in kept changing"))
}

/// Notes, once, that the app is told no. That a guest may not enter is on record already; that they did not agree
/// is not.
async fn deny(
    core: &Core,
    sign_in: &SignIn,
    situation: &Situation,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if sign_in.progress.is_answered() {
        return Ok(());
    }
    let tx = core.store.begin().await?;
    let Some(mut current) = tx.lock_sign_in(sign_in.id).await? else {
        return Ok(());
    };
    if let Progress::Denied {
        answered_at: answered_at @ None,
        ..
    } = &mut current.progress
    {
        *answered_at = Some(now);
        tx.save_sign_in(&current).await?;
        if !matches!(situation.access, Some(Access::Refuse(_))) {
            tx.record(denied(sign_in, situation), now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn denied(sign_in: &SignIn, situation: &Situation) -> AuditEvent {
    let event = |actor| {
        AuditEvent::new(Action::ConsentDenied, actor)
            .app(sign_in.app)
            .sign_in(sign_in.id)
    };
    match &situation.session {
        Some((_, guest)) => event(Actor::Guest(guest.id)).guest(guest.id),
        None => event(Actor::Visitor),
    }
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
    let position = Position {
        step,
        sign_in,
        way: None,
        after_form: false,
    };
    routes::page(next_page(&position), sign_in.id)
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
