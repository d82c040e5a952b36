//! Signing in to My access, and what guests do there to what is theirs.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret,
    app::{App, RedirectUri},
    audit::{Action, Actor, AuditEvent},
    authorization::{AuthorizationRequest, Prompts, ResponseMode, Scopes},
    guest::{Guest, GuestStatus},
    life::{CutOff, GuestAct},
    my_access::{app, app_id, is_fresh},
    session::{Means, Session},
    sign_in::SignIn,
};
use store::StoreError;

use crate::{
    begin,
    core::Core,
    end_session::{EndedFrom, end_session},
    guest_life::{Because, end_access, forget_method, undergo},
};

/// What a page of My access asks of whoever opens it.
pub struct WantedProof<'a> {
    /// Its path: the browser comes back to it.
    pub path: &'a str,
    /// The guest whose page it is, where one has signed in.
    pub guest: Option<&'a EmailAddress>,
    /// Whether they prove themselves anew, whatever was proven before, here or at an upstream.
    pub anew: bool,
}

/// Begins a sign-in to My access in a browser. `None`: its network has begun too many.
///
/// # Errors
///
/// When the database does not answer.
pub async fn begin(
    core: &Core,
    wanted: &WantedProof<'_>,
    browser: &Secret,
    network: &str,
) -> Result<Option<SignIn>, StoreError> {
    let now = core.now();
    let issuer = &core.settings.issuer;
    // A path that is no part of an address is of no page of ours.
    let page = RedirectUri::stored(&issuer.at(wanted.path)).or_else(|| RedirectUri::stored(issuer.as_str()));
    let Some(page) = page else {
        return Ok(None);
    };
    let request = AuthorizationRequest {
        redirect_uri: page,
        response_mode: ResponseMode::Query,
        scopes: Scopes::default(),
        state: None,
        nonce: None,
        challenge: None,
        prompt: Prompts {
            login: wanted.anew,
            ..Prompts::default()
        },
        max_age: None,
        login_hint: wanted.guest.map(|email| email.as_str().to_owned()),
        domain_hint: None,
        idp_hint: None,
        hinted_subject: None,
        ui_locales: Vec::new(),
    };
    let sign_in = SignIn::begin(app_id(), request, browser.hash(), now, core.entropy.as_ref());
    let tx = core.store.begin().await?;
    tx.keep_my_access(&app(now)).await?;
    let kept = begin::keep(core, &tx, &sign_in, network, None).await?;
    tx.commit().await?;
    Ok(kept.then_some(sign_in))
}

/// Whether the proof of this browser's session is one of the last minutes: [`is_fresh`].
///
/// # Errors
///
/// When the database does not answer.
pub async fn is_proof_fresh(core: &Core, session: &Session, browser: &Secret) -> Result<bool, StoreError> {
    let asked_anew_at = match session.authentication.means {
        Means::Code | Means::Passkey(_) => None,
        Means::Upstream { .. } => {
            let reader = core.store.reader();
            let here = reader
                .sign_ins_of_session(&browser.hash(), session.id, app_id())
                .await?;
            let asked_anew = here.iter().filter(|sign_in| sign_in.request.prompt.login);
            asked_anew
                .filter_map(|sign_in| sign_in.progress.answered_at())
                .max()
        }
    };
    Ok(is_fresh(session, asked_anew_at, core.now()))
}

/// Ends a sign-in to My access whose last step is done: there is no code, the browser goes on to the page. `false` when the guest
/// said no in another tab meanwhile.
///
/// # Errors
///
/// When the database does not answer.
pub async fn enter(
    core: &Core,
    sign_in: &SignIn,
    (session, guest): &(Session, Guest),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    let Some(mut current) = tx.lock_sign_in(sign_in.id).await? else {
        return Ok(false);
    };
    if current.progress.is_answered() {
        return Ok(true);
    }
    let Some(said) = current.progress.go_on_with(session.id) else {
        return Ok(false);
    };
    said.answered_at = Some(now);
    tx.save_sign_in(&current).await?;
    let event = AuditEvent::new(Action::MyAccessEntered, Actor::Guest(guest.id))
        .guest(guest.id)
        .sign_in(sign_in.id);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends one session of a guest and everything that came of it, unless it is somebody else's or has ended. Whether it did.
///
/// # Errors
///
/// When the database does not answer.
pub async fn sign_out_there(core: &Core, guest: Id<Guest>, session: Id<Session>) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    let is_theirs = tx
        .session(session)
        .await?
        .is_some_and(|found| found.guest == guest);
    if !is_theirs || !end_session(&tx, (session, guest), EndedFrom::Elsewhere, core.now()).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Ends every session of a guest, and every grant with its tokens.
///
/// # Errors
///
/// When the database does not answer.
pub async fn sign_out_everywhere(core: &Core, guest: Id<Guest>) -> Result<(), StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    if tx.lock_guest(guest).await?.is_none() {
        return Ok(());
    }
    let went = tx.cut_off(guest, CutOff::HOLDINGS, now).await?;
    let event = AuditEvent::new(Action::SessionEnded, Actor::Guest(guest))
        .guest(guest)
        .reason("signed_out_everywhere")
        .detail("sessions_ended", went.sessions.to_string());
    tx.record(event, now).await?;
    tx.commit().await
}

/// A guest says that something was not them: as by a reset of their method. Every session and grant ends; passkeys and accounts at
/// upstreams go, for they may be somebody else's; their address decides anew, unless an operator pinned them.
///
/// # Errors
///
/// When the database does not answer.
pub async fn dispute_activity(core: &Core, guest: Id<Guest>) -> Result<(), StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let Some(mut guest) = tx.lock_guest(guest).await? else {
        return Ok(());
    };
    let by = Actor::Guest(guest.id);
    let forgotten = forget_method(&tx, &mut guest, Action::ActivityDisputed, by, now).await?;
    // Another of their browsers may have said so a moment ago.
    let Some(event) = forgotten else {
        return Ok(());
    };
    tx.save_guest(&guest).await?;
    tx.record(event, now).await?;
    tx.commit().await
}

/// A guest gives up their access to one app. Whether they had any.
///
/// # Errors
///
/// When the database does not answer.
pub async fn leave_app(core: &Core, guest: Id<Guest>, app: Id<App>) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    let Some(guest) = tx.lock_guest(guest).await? else {
        return Ok(false);
    };
    let by = Actor::Guest(guest.id);
    let because = Because {
        by: &by,
        reason: Some("given_up"),
    };
    if !end_access(&tx, because, &guest, app, core.now()).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// A guest leaves the organisation: everything ends, and they can be restored for a while, or with `erased` they are forgotten at
/// once and for ever. Whether they did: a guest who is blocked stays so.
///
/// # Errors
///
/// When the database does not answer.
pub async fn leave(core: &Core, guest: Id<Guest>, erased: bool) -> Result<bool, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let may = |guest: &Guest| matches!(guest.status, GuestStatus::Invited | GuestStatus::Active);
    let Some(mut guest) = tx.lock_guest(guest).await?.filter(may) else {
        return Ok(false);
    };
    let by = Actor::Guest(guest.id);
    let because = Because {
        by: &by,
        reason: None,
    };
    let mut acts = vec![(GuestAct::Remove, Action::GuestLeft)];
    acts.extend(erased.then_some((GuestAct::Erase, Action::GuestErased)));
    for act in acts {
        undergo(&tx, because, &mut guest, act, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Notes that a guest took a copy of their data.
///
/// # Errors
///
/// When the database does not answer.
pub async fn note_data_taken(core: &Core, guest: Id<Guest>) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    let event = AuditEvent::new(Action::DataTaken, Actor::Guest(guest)).guest(guest);
    tx.record(event, core.now()).await?;
    tx.commit().await
}
