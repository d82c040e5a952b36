//! Registering a passkey, in the sign-in that has just proven the mailbox by a code.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    passkey::{CeremonyPurpose, MOST, Passkey, PasskeyRefused},
    session::Session,
    sign_in::{Progress, SignIn, may_make_passkey},
};
use store::{MailKind, MethodChange, OutboxMail, StoreError, Tx};

use super::{
    ceremony::{ceremony, refused},
    trouble::PasskeyTrouble,
    webauthn::{CannotAsk, RelyingParty, Verified},
};
use crate::visit::Visit;

/// How long the mail about it is worth sending.
const MAIL_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// What the guest answered.
#[derive(Clone, Copy, Debug)]
pub enum GuestAnswer<'a> {
    /// They would rather not.
    NotNow,
    /// Nothing yet: they ask for a challenge.
    Begin,
    /// What the authenticator answered to it, as JSON.
    Credential(&'a str),
}

/// How it ended.
pub enum PasskeyMade {
    /// It is made, or given up: the sign-in goes on.
    Done,
    /// A challenge waits for the authenticator.
    Begun,
    /// The page again.
    Again(PasskeyTrouble),
    /// A challenge could not be made.
    CannotAsk(CannotAsk),
}

/// After a code with the box ticked: the sign-in goes through one more step, if a passkey may be registered at all. The caller
/// saves it.
pub(crate) async fn offer(
    visit: &Visit,
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
        tx.keep_ceremony(sign_in.id, &ceremony(visit, CeremonyPurpose::Make, begun))
            .await?;
    }
    if let Some(said) = sign_in.progress.go_on_with(session.id) {
        said.makes_passkey = true;
    }
    Ok(())
}

/// Takes what the guest answered.
///
/// # Errors
///
/// When the database does not answer.
pub async fn make(visit: &Visit, answer: GuestAnswer<'_>) -> Result<PasskeyMade, StoreError> {
    let id = visit.sign_in.id;
    let Some((tx, sign_in)) = visit.begin().await? else {
        return Ok(PasskeyMade::Done);
    };
    let party = RelyingParty::of(&visit.core);
    let guest = whose(visit, &tx, &sign_in).await?;
    let (Some(party), Some(guest)) = (party, guest) else {
        return end(tx, sign_in).await;
    };
    match answer {
        GuestAnswer::NotNow => end(tx, sign_in).await,
        GuestAnswer::Begin => {
            let have = tx.passkeys_of(guest.id).await?;
            let begun = match party.begin_make(&guest, &have) {
                Ok(begun) => begun,
                Err(error) => return Ok(PasskeyMade::CannotAsk(error)),
            };
            tx.keep_ceremony(id, &ceremony(visit, CeremonyPurpose::Make, begun))
                .await?;
            tx.commit().await?;
            Ok(PasskeyMade::Begun)
        }
        GuestAnswer::Credential(answer) => {
            match verify(visit, &tx, &party, &sign_in, &guest, answer).await? {
                Ok(verified) => {
                    keep(visit, &tx, &sign_in, &guest, verified).await?;
                    let made = end(tx, sign_in).await?;
                    visit.core.outgoing.wake();
                    Ok(made)
                }
                Err(why) => {
                    // Without a challenge nothing was tried: requests alone must not fill the log.
                    if why != PasskeyRefused::NoChallenge {
                        let event = refused(&sign_in, CeremonyPurpose::Make, why).guest(guest.id);
                        tx.record(event, visit.now).await?;
                    }
                    tx.commit().await?;
                    Ok(PasskeyMade::Again(why.into()))
                }
            }
        }
    }
}

/// The sign-in goes on without another word of passkeys.
async fn end(tx: Tx, mut sign_in: SignIn) -> Result<PasskeyMade, StoreError> {
    if let Progress::InSession(said) = &mut sign_in.progress {
        said.makes_passkey = false;
    }
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    Ok(PasskeyMade::Done)
}

/// The guest who may register one now, locked against being reset, blocked or moved. A session that ended since
/// registers nothing.
async fn whose(visit: &Visit, tx: &Tx, sign_in: &SignIn) -> Result<Option<Guest>, StoreError> {
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
    let said = sign_in.progress.within(session.id);
    let may = said.is_some_and(|said| said.makes_passkey && said.answered_at.is_none())
        && session.is_live(visit.now)
        && may_make_passkey(sign_in, &session, &guest);
    Ok(may.then_some(guest))
}

/// Takes the challenge, once, and holds the answer against it.
async fn verify(
    visit: &Visit,
    tx: &Tx,
    party: &RelyingParty,
    sign_in: &SignIn,
    guest: &Guest,
    answer: &str,
) -> Result<Result<Verified, PasskeyRefused>, StoreError> {
    let Some(waiting) = tx.take_ceremony(sign_in.id, CeremonyPurpose::Make).await? else {
        return Ok(Err(PasskeyRefused::NoChallenge));
    };
    if visit.now >= waiting.ends_at {
        return Ok(Err(PasskeyRefused::Late));
    }
    let verified = match party.finish_make(&waiting.state, answer) {
        Ok(verified) => verified,
        Err(why) => return Ok(Err(why)),
    };
    if tx.passkeys_of(guest.id).await?.len() >= MOST {
        return Ok(Err(PasskeyRefused::TooMany));
    }
    if tx.passkey(&verified.credential_id).await?.is_some() {
        return Ok(Err(PasskeyRefused::NotTheirs));
    }
    Ok(Ok(verified))
}

/// The passkey, its event, and the mail that tells the guest.
async fn keep(
    visit: &Visit,
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
    tx.enqueue(&mail).await?;
    Ok(())
}
