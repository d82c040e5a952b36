//! A refused guest asks for access, and the person answerable says yes or no. No operator account is needed for either.

mod hand_on;
mod renewal;

use chrono::TimeDelta;
use domain::{
    Id,
    access::AccessRefusal,
    access_request::{
        ANSWERABLE_FOR, AccessAnswer, AccessRequest, AccessRequestState, Answerable, Asking, approved,
        asking, renewed, still_ends,
    },
    app::App,
    assignment::Assignment,
    assignment_event::{assigned, unassigned},
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    invitation::Invitation,
};
use store::{Db, MailKind, OutboxMail, Reads, StoreError, Tx};

use crate::Core;

pub use hand_on::{hand_on_all, hand_on_found, may_still_answer};
pub use renewal::ask_renewals;

/// How long the mail with the answer is worth sending.
const ANSWER_FOR: TimeDelta = TimeDelta::days(7);

/// How many questions of guests one person gets in a day.
const MOST_A_DAY: u64 = 20;

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It counts.
    Now,
    /// The question was answered before, or its time is over.
    TooLate,
    /// The access that it was asked about was changed, or taken away, since: nothing is done, and the question is closed.
    Changed,
    /// The guest is shut out: only an operator can let them in.
    ShutOut,
}

/// What it depends on who is asked, loaded.
struct KnownAnswerers {
    assignment: Option<Assignment>,
    invitation: Option<Invitation>,
    unanswerable: Vec<String>,
}

impl KnownAnswerers {
    fn facts<'a>(&'a self, core: &Core, guest: &'a Guest, app: &'a App) -> Answerable<'a> {
        Answerable {
            assignment: self.assignment.as_ref(),
            invitation: self.invitation.as_ref(),
            owner: app.owner.as_ref(),
            guest: &guest.email,
            unanswerable: &self.unanswerable,
            notice: core.settings.renewal_notice,
        }
    }
}

async fn answerable<C: Reads>(
    db: &Db<C>,
    core: &Core,
    guest: &Guest,
    app: &App,
) -> Result<KnownAnswerers, StoreError> {
    let assignments = db.assignments_of(guest.id).await?;
    let mut known = KnownAnswerers {
        assignment: Assignment::deciding_at(&assignments, app.id, core.now()).cloned(),
        invitation: db.newest_invitation(guest.id, app.id).await?,
        unanswerable: Vec::new(),
    };
    let facts = known.facts(core, guest, app);
    let named: Vec<String> = facts.named().map(|named| named.key()).collect();
    known.unanswerable = db.unanswerable(&named, core.now()).await?;
    Ok(known)
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
    let found = answerable(db, core, guest, app).await?;
    let newest = db.newest_access_request(guest.id, app.id).await?;
    Ok(asking(
        refusal,
        &found.facts(core, guest, app),
        newest.as_ref(),
        core.now(),
    ))
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
    // Nobody's mailbox is flooded by people who come with one address after the other.
    if tx.asked_of_since(&asked_of, now - TimeDelta::days(1)).await? >= MOST_A_DAY {
        return Ok(());
    }
    let request = AccessRequest {
        id: Id::new(now, core.entropy.as_ref()),
        guest: guest.id,
        app: app.id,
        renews: None,
        proven: matches!(by, Actor::Guest(_)),
        asked_of,
        state: AccessRequestState::Pending,
        created_at: now,
        expires_at: now + ANSWERABLE_FOR,
    };
    let event = AuditEvent::new(Action::AccessRequested, by).reason(refusal.name());
    send_question(core, &tx, &request, event).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(())
}

/// Keeps a question, puts its mail into the outbox, and completes its event.
async fn send_question(
    core: &Core,
    tx: &Tx,
    request: &AccessRequest,
    event: AuditEvent,
) -> Result<(), StoreError> {
    let now = request.created_at;
    tx.insert_access_request(request).await?;
    let kind = MailKind::AccessRequest { request: request.id };
    let id = Id::new(now, core.entropy.as_ref());
    let mail = OutboxMail {
        recipient: Some(request.asked_of.clone()),
        ..OutboxMail::new(id, kind, None, now, request.expires_at)
    };
    tx.enqueue(&mail).await?;
    let event = event
        .guest(request.guest)
        .app(request.app)
        .detail("request", request.id.to_string())
        .detail("asked_of", request.asked_of.as_str());
    tx.record(event, now).await
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
        AccessAnswer::Refuse | AccessAnswer::End => AccessRequestState::Refused,
    };
    let asked = tx.access_request(request.id).await?;
    if !asked.is_some_and(|asked| asked.is_open(now)) {
        return Ok(AnswerOutcome::TooLate);
    }
    if let Actor::Sponsor(_) = by
        && let Some(app) = tx.app(request.app).await?
        && !may_still_answer(core, &tx, request, (&guest, &app)).await?
    {
        drop(tx);
        hand_on::hand_on(core, request).await?;
        return Ok(AnswerOutcome::TooLate);
    }
    let all = tx.assignments_of(guest.id).await?;
    let held = Assignment::deciding_at(&all, request.app, now).filter(|held| !held.is_over(now));
    let own = all
        .iter()
        .find(|own| own.app == request.app && own.group.is_none() && !own.is_over(now));
    if request.renews.is_some() && !still_ends(request, held) {
        tx.close_access_requests(guest.id, Some(request.app), now).await?;
        tx.commit().await?;
        return Ok(AnswerOutcome::Changed);
    }
    if !tx.answer_access_request(request.id, state, now).await? {
        return Ok(AnswerOutcome::TooLate);
    }
    let asked = |event: AuditEvent| event.detail("request", request.id.to_string());
    let of = |action| {
        let event = AuditEvent::new(action, by.clone()).guest(guest.id);
        asked(event.app(request.app))
    };
    let made = match (answer, held) {
        // What an operator gave meanwhile is not shortened: only what was asked about is made longer.
        (AccessAnswer::Approve(until), Some(held)) => renewed(request, held, own, until),
        (AccessAnswer::Approve(until), None) => Some(approved(request, until, now)),
        (AccessAnswer::Refuse | AccessAnswer::End, _) => None,
    };
    if let Some(made) = &made {
        tx.put_assignment(made).await?;
        tx.record(asked(assigned(by.clone(), made)), now).await?;
    }
    if answer == AccessAnswer::End
        && let Some(ended) = tx.end_access(&guest, request.app, now).await?
    {
        for invitation in ended.invitations {
            let event = of(Action::InvitationRevoked).detail("invitation", invitation.to_string());
            tx.record(event, now).await?;
        }
        let event = unassigned(by.clone(), guest.id, request.app, ended.grants);
        tx.record(asked(event), now).await?;
    }
    let action = match (answer, request.renews) {
        (AccessAnswer::Approve(_), None) => Action::AccessApproved,
        (AccessAnswer::Approve(_), Some(_)) => Action::AccessRenewed,
        (AccessAnswer::Refuse | AccessAnswer::End, None) => Action::AccessNotApproved,
        (AccessAnswer::Refuse | AccessAnswer::End, Some(_)) => Action::AccessNotRenewed,
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
