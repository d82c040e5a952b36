//! Registering a passkey, in the sign-in that has just proven the mailbox by a code.

use axum::response::Response;
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    passkey::{MOST, Passkey, Purpose, Refused},
    session::Session,
    sign_in::{SignIn, Step, may_make_passkey},
};
use serde::Deserialize;
use store::{MailKind, MethodChange, OutboxMail, StoreError, Tx};
use web::{Failure, routes, see_other};

use super::{
    Trouble, ceremony,
    page::{self, page},
    refused,
    webauthn::{RelyingParty, Verified},
};
use crate::visit::{PageVisit, Posted, UnderWay};

/// How long the mail about it is worth sending.
const MAIL_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// What the form carries: nothing asks for another challenge.
#[derive(Deserialize)]
pub(crate) struct MakeForm {
    #[serde(default)]
    credential: String,
    /// Present when the guest would rather not.
    not_now: Option<String>,
}

/// After a code with the box ticked: the sign-in goes through one more step, if a passkey may be registered at all.
pub(crate) async fn offer(
    visit: &PageVisit,
    tx: &Tx,
    sign_in: &mut SignIn,
    session: &Session,
) -> Result<(), StoreError> {
    let Some(party) = RelyingParty::of(&visit.core) else {
        return Ok(());
    };
    let Some(guest) = tx.guest(session.guest).await? else {
        return Ok(());
    };
    let have = tx.passkeys_of(guest.id).await?;
    if !may_make_passkey(sign_in, session, &guest) || have.len() >= MOST {
        return Ok(());
    }
    // Without a challenge the page asks for one.
    if let Ok(begun) = party.begin_make(&guest, &have) {
        tx.keep_ceremony(sign_in.id, &ceremony(visit, Purpose::Make, begun))
            .await?;
    }
    sign_in.makes_passkey = true;
    tx.save_sign_in(sign_in).await
}

/// `GET /signin/{sign_in}/new-passkey`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    if situation.step(sign_in, visit.now) != Step::MakePasskey {
        return Ok(see_other(&routes::resume(sign_in.id)));
    }
    let reader = visit.core.store.reader();
    let ceremony = reader.ceremony(sign_in.id, Purpose::Make).await?;
    Ok(page(&visit, Purpose::Make, ceremony))
}

/// `POST /signin/{sign_in}/new-passkey`.
pub(crate) async fn submit(posted: Posted<MakeForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let tx = visit.core.store.begin().await?;
    let Some(mut sign_in) = tx.lock_sign_in(id).await? else {
        return Ok(see_other(&routes::resume(id)));
    };
    let party = RelyingParty::of(&visit.core).filter(|_| form.not_now.is_none());
    let guest = whose(&visit, &tx, &sign_in).await?;
    let (Some(party), Some(guest)) = (party, guest) else {
        sign_in.makes_passkey = false;
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
        return Ok(see_other(&routes::resume(id)));
    };
    if form.credential.is_empty() {
        let have = tx.passkeys_of(guest.id).await?;
        let begun = party.begin_make(&guest, &have)?;
        tx.keep_ceremony(id, &ceremony(&visit, Purpose::Make, begun))
            .await?;
        tx.commit().await?;
        return Ok(see_other(&routes::new_passkey(id)));
    }
    match verify(&visit, &tx, &party, &sign_in, &guest, &form.credential).await? {
        Ok(verified) => {
            keep(&visit, &tx, &sign_in, &guest, verified).await?;
            sign_in.makes_passkey = false;
            tx.save_sign_in(&sign_in).await?;
            tx.commit().await?;
            visit.core.mail_wake.notify_one();
            Ok(see_other(&routes::resume(id)))
        }
        Err(why) => {
            // Without a challenge nothing was tried: nobody fills the log by asking.
            if why != Refused::NoChallenge {
                let event = refused(&sign_in, Purpose::Make, why).guest(guest.id);
                tx.record(event, visit.now).await?;
            }
            tx.commit().await?;
            Ok(page::again(&visit, Purpose::Make, Trouble::from(why)))
        }
    }
}

/// The guest who may register one now, and nobody resets, blocks or moves them meanwhile. A session that ended since
/// registers nothing.
async fn whose(visit: &PageVisit, tx: &Tx, sign_in: &SignIn) -> Result<Option<Guest>, StoreError> {
    let Some(secret) = &visit.browser.session else {
        return Ok(None);
    };
    let Some((named, _)) = tx.session_by_token(&secret.hash()).await? else {
        return Ok(None);
    };
    let Some(guest) = tx.lock_guest(named.guest).await? else {
        return Ok(None);
    };
    let Some(session) = tx.session(named.id).await? else {
        return Ok(None);
    };
    let may = sign_in.makes_passkey
        && sign_in.answered_at.is_none()
        && session.is_live(visit.now)
        && may_make_passkey(sign_in, &session, &guest);
    Ok(may.then_some(guest))
}

/// Takes the challenge, once, and holds the answer against it.
async fn verify(
    visit: &PageVisit,
    tx: &Tx,
    party: &RelyingParty,
    sign_in: &SignIn,
    guest: &Guest,
    answer: &str,
) -> Result<Result<Verified, Refused>, StoreError> {
    let Some(waiting) = tx.take_ceremony(sign_in.id, Purpose::Make).await? else {
        return Ok(Err(Refused::NoChallenge));
    };
    if visit.now >= waiting.ends_at {
        return Ok(Err(Refused::Late));
    }
    let verified = match party.finish_make(&waiting.state, answer) {
        Ok(verified) => verified,
        Err(why) => return Ok(Err(why)),
    };
    if tx.passkeys_of(guest.id).await?.len() >= MOST {
        return Ok(Err(Refused::TooMany));
    }
    if tx.passkey(&verified.credential_id).await?.is_some() {
        return Ok(Err(Refused::NotTheirs));
    }
    Ok(Ok(verified))
}

/// The passkey, its event, and the mail that tells the guest.
async fn keep(
    visit: &PageVisit,
    tx: &Tx,
    sign_in: &SignIn,
    guest: &Guest,
    verified: Verified,
) -> Result<(), StoreError> {
    let now = visit.now;
    let passkey = Passkey {
        id: Id::new(now, visit.core.entropy.as_ref()),
        guest: guest.id,
        credential_id: verified.credential_id,
        credential: verified.credential,
        kind: verified.kind,
        created_at: now,
        used_at: None,
    };
    tx.insert_passkey(&passkey).await?;
    let event = AuditEvent::new(Action::PasskeyAdded, Actor::Guest(guest.id))
        .guest(guest.id)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .detail("passkey", passkey.id.to_string())
        .detail("kind", passkey.kind.name());
    tx.record(event, now).await?;
    let kind = MailKind::MethodChanged {
        guest: guest.id,
        change: MethodChange::PasskeyAdded,
    };
    let id = Id::new(now, visit.core.entropy.as_ref());
    let language = guest
        .language
        .clone()
        .or_else(|| Some(visit.language.tag().to_owned()));
    let mail = OutboxMail::new(id, kind, language, now, now + MAIL_FOR);
    tx.enqueue(&mail).await
}
