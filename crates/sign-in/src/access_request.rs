//! A refused guest asks for access, and the person answerable says yes or no. No operator account is needed for either.

use domain::{
    Id,
    access::AccessRefusal,
    access_request::{
        ANSWERABLE_FOR, AccessAnswer, AccessRequest, AccessRequestState, Answerable, Asking, approved, asking,
    },
    app::App,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    time::rfc3339,
};
use store::{Db, MailKind, OutboxMail, Reads, StoreError};

use crate::Core;

/// How long the mail with the answer is worth sending.
const ANSWER_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It counts.
    Now,
    /// The question was answered before, or its time is over.
    TooLate,
    /// The guest is shut out: only an operator can let them in.
    ShutOut,
}

/// What a guest who is refused at the app can do about it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn may_ask<C: Reads>(
    db: &Db<C>,
    core: &Core,
    (guest, app): (&Guest, &App),
    refusal: AccessRefusal,
) -> Result<Asking, StoreError> {
    let assignments = db.assignments_of(guest.id).await?;
    let assignment = assignments.iter().find(|assignment| assignment.app == app.id);
    let invitation = db.newest_invitation(guest.id, app.id).await?;
    let newest = db.newest_access_request(guest.id, app.id).await?;
    let answerable = Answerable {
        assignment,
        invitation: invitation.as_ref(),
        owner: app.owner.as_ref(),
    };
    Ok(asking(refusal, &answerable, newest.as_ref(), core.now()))
}

/// Asks whoever is answerable, by mail, unless that was done a short while ago. `by`: the guest, or a visitor who has the link of their
/// invitation.
///
/// # Errors
///
/// When the database does not answer.
pub async fn ask(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    app: &App,
    refusal: AccessRefusal,
) -> Result<(), StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Locked, so that of two who press the button at once one asks.
    let Some(guest) = tx.lock_guest(guest).await? else {
        return Ok(());
    };
    let Asking::Of(asked_of) = may_ask(&tx, core, (&guest, app), refusal).await? else {
        return Ok(());
    };
    let request = AccessRequest {
        id: Id::new(now, core.entropy.as_ref()),
        guest: guest.id,
        app: app.id,
        proven: matches!(by, Actor::Guest(_)),
        asked_of: asked_of.clone(),
        state: AccessRequestState::Pending,
        created_at: now,
        expires_at: now + ANSWERABLE_FOR,
    };
    tx.insert_access_request(&request).await?;
    let kind = MailKind::AccessRequest { request: request.id };
    let mail = OutboxMail {
        recipient: Some(asked_of),
        ..OutboxMail::new(
            Id::new(now, core.entropy.as_ref()),
            kind,
            None,
            now,
            request.expires_at,
        )
    };
    tx.enqueue(&mail).await?;
    let event = AuditEvent::new(Action::AccessRequested, by)
        .guest(guest.id)
        .app(app.id)
        .reason(refusal.name())
        .detail("request", request.id.to_string())
        .detail("asked_of", request.asked_of.as_str());
    tx.record(event, now).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(())
}

/// Answers a question: of any number who do so at once one counts. The guest is told by mail.
///
/// # Errors
///
/// When the database does not answer.
pub async fn answer(
    core: &Core,
    by: Actor,
    request: &AccessRequest,
    answer: AccessAnswer,
) -> Result<AnswerOutcome, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let Some(guest) = tx.lock_guest(request.guest).await? else {
        return Ok(AnswerOutcome::TooLate);
    };
    let state = match answer {
        AccessAnswer::Approve(_) if !guest.status.is_in() || guest.is_expired(now) => {
            return Ok(AnswerOutcome::ShutOut);
        }
        AccessAnswer::Approve(_) => AccessRequestState::Approved,
        AccessAnswer::Refuse => AccessRequestState::Refused,
    };
    if !tx.answer_access_request(request.id, state, now).await? {
        return Ok(AnswerOutcome::TooLate);
    }
    let of = |action| {
        AuditEvent::new(action, by.clone())
            .guest(guest.id)
            .app(request.app)
            .detail("request", request.id.to_string())
    };
    let action = match answer {
        AccessAnswer::Approve(until) => {
            let held = tx.assignments_of(guest.id).await?;
            // What an operator gave meanwhile is not shortened.
            if !held
                .iter()
                .any(|held| held.app == request.app && held.is_active(now))
            {
                tx.put_assignment(&approved(request, until, &by, now)).await?;
                let mut event = of(Action::AssignmentAdded).detail("from", rfc3339(now));
                if let Some(until) = until {
                    event = event.detail("until", rfc3339(until));
                }
                tx.record(event, now).await?;
            }
            Action::AccessApproved
        }
        AccessAnswer::Refuse => Action::AccessNotApproved,
    };
    tx.record(of(action), now).await?;
    let id = Id::new(now, core.entropy.as_ref());
    let kind = MailKind::AccessAnswer { request: request.id };
    let mail = OutboxMail::new(id, kind, guest.language.clone(), now, now + ANSWER_FOR);
    tx.enqueue(&mail).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(AnswerOutcome::Now)
}
