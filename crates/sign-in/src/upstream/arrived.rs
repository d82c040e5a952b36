//! Somebody who came back from an upstream with an account: whose it is, and what follows, in one transaction.

use chrono::TimeDelta;
use domain::{
    EmailAddress, Id, Secret,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
    session::{Means, Session},
    sign_in::{SignIn, may_move},
    upstream::{Arrival, Link, Linked, Mismatch, Unconfirmed, Upstream, link},
};
use method_resolution::Decision;
use store::{MailKind, OutboxMail, StoreError, Tx};

use super::{account::AccountToKeep, health};
use crate::{
    complete::{Proven, SignedIn, complete},
    issue,
    method::{self, Found},
    visit::Visit,
};

/// How long the mail about a move is worth sending.
const MAIL_FOR: TimeDelta = TimeDelta::days(7);

/// How long an account waits for a code: long enough for a slow mail and another one.
const CONFIRM_WITHIN: TimeDelta = TimeDelta::hours(2);

/// How the way back ended.
pub enum ArrivalOutcome {
    /// The guest is signed in.
    SignedIn(Box<SignedIn>),
    /// A code has to confirm the address first.
    Unconfirmed,
    /// The sign-in goes on elsewhere: its method changed meanwhile, or it is over.
    Changed,
    /// The account is not the guest's. Its address may be shown, since this browser has just proven it.
    Mismatch(Mismatch, Option<EmailAddress>),
    /// It is, and they are not invited.
    NotInvited,
}

/// Somebody who came back.
pub struct Arrived<'a> {
    /// The request.
    pub visit: &'a Visit,
    /// Where they come from.
    pub upstream: &'a Upstream,
    /// The address of the sign-in.
    pub email: &'a EmailAddress,
    /// Whether the upstream is believed about second factors.
    pub trusts_mfa: bool,
    /// What it says of them.
    pub arrival: &'a Arrival,
    /// What the browser will hold.
    pub secret: &'a Secret,
}

impl Arrived<'_> {
    /// Ends the sign-in, in one transaction.
    ///
    /// # Errors
    ///
    /// When the database does not answer; a conflict when two first sign-ins of one guest met, and the second turn will find
    /// the guest.
    pub async fn sign_in(&self) -> Result<ArrivalOutcome, StoreError> {
        let visit = self.visit;
        let tx = visit.core.store.begin().await?;
        let Some((mut sign_in, others)) = visit.lock(&tx).await? else {
            return Ok(ArrivalOutcome::Changed);
        };
        // From here on no other transaction resets, blocks or moves them.
        if let Some(guest) = tx.guest_by_email(self.email).await? {
            tx.lock_guest(guest.id).await?;
        }
        // What was decided when they left may no longer hold (threat R11).
        let found = method::find(visit, &tx, self.email).await?;
        let moving = self.moving(&tx, &sign_in, &found).await?;
        let (moving, by_passkey) = moving.map_or((None, false), |(session, guest)| {
            (Some(guest), session.authentication.means.passkey().is_some())
        });
        let same = !sign_in.progress.is_answered() && sign_in.email.as_ref() == Some(self.email);
        if !same || !(self.is_their_upstream(&found) || moving.is_some()) {
            return Ok(ArrivalOutcome::Changed);
        }
        let linked = match self.link(&tx, &found).await? {
            // The code that was typed a moment ago, in this sign-in, has confirmed the address; a passkey confirms none.
            Ok(Linked::Unconfirmed) if moving.is_some() => {
                if by_passkey {
                    return self.mismatch(&tx, Mismatch::Unverified).await;
                }
                Linked::New
            }
            Ok(linked) => linked,
            Err(mismatch) => return self.mismatch(&tx, mismatch).await,
        };
        if let Some(challenge) = sign_in.challenge.take() {
            tx.kill_challenge(challenge, visit.now).await?;
        }
        if linked == Linked::Unconfirmed {
            return self.wait(tx, &sign_in).await;
        }
        let proof = Proven {
            // RFC 8176 §2: several factors were used.
            means: Means::of(
                self.upstream.method(),
                self.trusts_mfa && self.arrival.amr.iter().any(|word| word == "mfa"),
            ),
            email: self.email,
            guest: None,
            secret: self.secret,
            ends_with_browser: false,
            // Where they prove themselves is where it is known when they did.
            at: self.arrival.auth_time.map_or(visit.now, |at| at.min(visit.now)),
            fixes: true,
        };
        if let Some(guest) = moving {
            self.move_here(&tx, guest).await?;
        }
        let Some(completed) = complete(visit, &tx, &mut sign_in, &others, &proof).await? else {
            return Ok(ArrivalOutcome::NotInvited);
        };
        // Who may not enter has redeemed nothing, and fixes no account.
        let linked = Some(linked).filter(|linked| completed.is_admitted() || *linked == Linked::Known);
        let kept = AccountToKeep {
            upstream: self.upstream,
            account: &self.arrival.account,
            name: self.arrival.name.as_ref(),
            locale: self.arrival.locale.as_ref(),
            session: self.arrival.session.as_ref(),
        };
        kept.beside(visit, &tx, &found, &completed.session, linked)
            .await?;
        issue::go_on(visit, &tx, &mut sign_in, &completed, self.secret, &found).await?;
        tx.commit().await?;
        Ok(ArrivalOutcome::SignedIn(Box::new(SignedIn {
            session: completed.session,
            secret: self.secret.clone(),
            browser: Some(completed.browser),
            device: None,
        })))
    }

    async fn mismatch(&self, tx: &Tx, mismatch: Mismatch) -> Result<ArrivalOutcome, StoreError> {
        let owner = tx
            .owner_of_account(self.upstream.id, &self.arrival.account)
            .await?;
        let owner = match owner {
            Some(owner) => tx.guest(owner).await?.map(|guest| guest.email),
            None => None,
        };
        Ok(ArrivalOutcome::Mismatch(mismatch, owner))
    }

    /// Keeps the account with the sign-in until a code confirms the address.
    async fn wait(&self, tx: Tx, sign_in: &SignIn) -> Result<ArrivalOutcome, StoreError> {
        let waiting = Unconfirmed {
            upstream: self.upstream.id,
            account: self.arrival.account.clone(),
            email: self.arrival.email.clone(),
            name: self.arrival.name.clone(),
            locale: self.arrival.locale.clone(),
            session: self.arrival.session.clone(),
            until: self.visit.now + CONFIRM_WITHIN,
        };
        tx.keep_unconfirmed(sign_in.id, &waiting).await?;
        tx.save_sign_in(sign_in).await?;
        health::up(&tx, self.upstream, self.visit).await?;
        tx.commit().await?;
        Ok(ArrivalOutcome::Unconfirmed)
    }

    /// The guest who moves here: this browser has just proven the method that sticks, in this sign-in, and the better
    /// one is this upstream's.
    async fn moving(
        &self,
        tx: &Tx,
        sign_in: &SignIn,
        found: &Found,
    ) -> Result<Option<(Session, Guest)>, StoreError> {
        let here = self.upstream.method();
        let (Some(secret), Some((offered, _))) = (&self.visit.browser.session, found.resolution.to_move())
        else {
            return Ok(None);
        };
        let proven = tx.session_by_token(&secret.hash()).await?;
        Ok(proven.filter(|(session, guest)| {
            offered == here
                && session.is_live(self.visit.now)
                && may_move(sign_in, session, guest)
                && found.guest.as_ref().is_some_and(|found| found.id == guest.id)
        }))
    }

    /// The method sticks here from now on. What came of the old one ends: sessions and tokens, this sign-in's own
    /// first session among them (threat R04).
    async fn move_here(&self, tx: &Tx, guest: Guest) -> Result<(), StoreError> {
        let now = self.visit.now;
        let Some(mut guest) = tx.lock_guest(guest.id).await? else {
            return Ok(());
        };
        let from = guest.method.map_or("none", Method::kind);
        guest.method = Some(self.upstream.method());
        guest.updated_at = now;
        tx.save_guest(&guest).await?;
        let sessions = tx.end_sessions_of(guest.id, now).await?;
        tx.revoke_grants_of_guest(guest.id, now).await?;
        // They stood for the codes that are no longer sent.
        let passkeys = tx.remove_passkeys_of(guest.id).await?;
        let event = AuditEvent::new(Action::MethodMoved, Actor::Guest(guest.id))
            .guest(guest.id)
            .sign_in(self.visit.sign_in.id)
            .detail("from", from)
            .detail("to", self.upstream.method().kind())
            .detail(self.upstream.kind.name(), self.upstream.name.as_str())
            .detail("sessions_ended", sessions.len().to_string())
            .detail("passkeys_removed", passkeys.to_string());
        let kind = MailKind::MethodChanged {
            guest: guest.id,
            change: store::MethodChange::Moved,
        };
        let id = Id::new(now, self.visit.core.entropy.as_ref());
        let mail = OutboxMail::new(id, kind, guest.language.clone(), now, now + MAIL_FOR);
        tx.enqueue(&mail).await?;
        tx.record(event, now).await
    }

    /// Whether the address is sent to this upstream still. One who is shut out themselves may prove who they are
    /// and learn of it.
    fn is_their_upstream(&self, found: &Found) -> bool {
        let here = Decision::Use(self.upstream.method());
        let admitted = match &found.resolution.decision {
            Decision::Refuse(refusal) => refusal.is_of_the_guest(),
            decision => *decision == here,
        };
        admitted && found.told == here
    }

    async fn link(&self, tx: &Tx, found: &Found) -> Result<Result<Linked, Mismatch>, StoreError> {
        let at = self.upstream.id;
        let guest = match &found.guest {
            Some(guest) => Some((guest.id, tx.has_account(guest.id, at).await?)),
            None => None,
        };
        let known = Link {
            wanted: self.email,
            upstream: self.upstream,
            guest,
            owner: tx.owner_of_account(at, &self.arrival.account).await?,
        };
        Ok(link(self.arrival, &known))
    }
}
