//! The authorization code: minted once the last step is done, in one transaction with everything that follows
//! from it. Where a proof was the last step, that is its own transaction, and the dispatcher finds the code.

use chrono::{DateTime, Utc};
use domain::{
    Id, Secret,
    access::Access,
    app::App,
    assignment_event::{assigned, assigned_to_group},
    audit::{Action, Actor, AuditEvent},
    grant::{AuthorizationCode, CODE_LIFETIME, Grant},
    guest::{Guest, GuestStatus},
    invitation::Invitation,
    session::Session,
    sign_in::{SignIn, Step},
};
use method_resolution::resolve;
use store::{CodeState, GrantFamily, GroupAssignmentFilter, StoreError, Tx};

use crate::{
    complete::Completed, core::Core, guest_life::enter_group, method::Found, settings::TokenLifetimes,
    situation::Situation, visit::Visit,
};

/// How an issue ended.
pub enum Issued {
    /// With a code.
    Code(Secret),
    /// The app has redeemed a code of this sign-in already: there is nothing left to answer.
    Already,
    /// What was decided upon changed meanwhile: the invitation that admits the guest, or their own word.
    Changed,
}

/// What a code is minted of.
pub struct CodeToIssue<'a> {
    /// What every handler needs.
    pub core: &'a Core,
    /// The app.
    pub app: &'a App,
    /// The sign-in that is answered.
    pub sign_in: &'a SignIn,
    /// The browser's session.
    pub session: &'a Session,
    /// Its secret, which the code follows from.
    pub secret: &'a Secret,
    /// Its guest.
    pub guest: &'a Guest,
    /// Why they may enter the app.
    pub access: Access,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// Ends the transaction of a proof: where no page is left to show, the app is answered in it. Saves the sign-in.
pub(crate) async fn go_on(
    visit: &Visit,
    tx: &Tx,
    sign_in: &mut SignIn,
    completed: &Completed,
    secret: &Secret,
    found: &Found,
) -> Result<(), StoreError> {
    let situation = Situation::after(visit, tx, sign_in, completed, found).await?;
    // That an address is no longer registered is for the dispatcher to say.
    let is_registered = visit
        .app
        .redirect_uri(sign_in.request.redirect_uri.as_str())
        .is_some();
    if is_registered && situation.step(sign_in, visit.now) == Step::Issue {
        let answer = CodeToIssue {
            core: &visit.core,
            app: &visit.app,
            sign_in,
            session: &completed.session,
            secret,
            guest: &completed.guest,
            access: completed.access,
            now: visit.now,
        };
        let minted = answer.mint(tx, true).await?;
        if minted.is_some()
            && let Some(said) = sign_in.progress.go_on_with(completed.session.id)
        {
            said.answered_at = Some(visit.now);
        }
    }
    tx.save_sign_in(sign_in).await
}

impl CodeToIssue<'_> {
    /// Mints a code. `saved`: the sign-in has a row, because pages were shown.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn issue(&self, saved: bool) -> Result<Issued, StoreError> {
        let (core, sign_in, now) = (self.core, self.sign_in, self.now);
        let tx = core.store.begin().await?;
        if saved {
            let Some(mut current) = tx.lock_sign_in(sign_in.id).await? else {
                return Ok(Issued::Already);
            };
            // A code that was issued has answered the sign-in.
            if current.progress.is_answered() {
                match tx.code_state_of_sign_in(sign_in.id).await? {
                    CodeState::Redeemed => return Ok(Issued::Already),
                    // It is too old to be repeated, or was for another session: they get another.
                    CodeState::Unredeemed => {
                        if tx.revoke_unredeemed_codes(sign_in.id, now).await? == 0 {
                            // The app was faster.
                            return Ok(Issued::Already);
                        }
                    }
                    CodeState::None => {}
                }
            }
            if current.agreed != sign_in.agreed {
                return Ok(Issued::Changed);
            }
            let Some(said) = current.progress.go_on_with(self.session.id) else {
                return Ok(Issued::Changed);
            };
            said.answered_at = Some(now);
            tx.save_sign_in(&current).await?;
        }
        if matches!(self.access, Access::AllowByInvitation(_)) {
            // In the order of a proof: the guest, then their invitation.
            tx.lock_guest(self.guest.id).await?;
        }
        let Some(code) = self.mint(&tx, saved).await? else {
            return Ok(Issued::Changed);
        };
        tx.commit().await?;
        Ok(Issued::Code(code))
    }

    /// Keeps the grant and its code, and what follows from the guest's entry. `None`, and nothing is written, when the invitation
    /// that admits them changed meanwhile.
    async fn mint(&self, tx: &Tx, saved: bool) -> Result<Option<Secret>, StoreError> {
        let Self {
            core,
            app,
            sign_in,
            session,
            guest,
            now,
            ..
        } = *self;
        if let Access::AllowByInvitation(invitation) = self.access
            && !redeem(tx, invitation, app, guest, sign_in, now).await?
        {
            return Ok(None);
        }
        if guest.status == GuestStatus::Invited {
            first_entry(core, tx, session, guest, now).await?;
        }
        let grant = Grant {
            id: Id::new(now, core.entropy.as_ref()),
            guest: guest.id,
            app: app.id,
            session: session.id,
            scopes: app.granted(&sign_in.request.scopes),
            authentication: session.authentication.clone(),
            nonce: sign_in.request.nonce.clone(),
            created_at: now,
            revoked_at: None,
        };
        let ends_at = last_use(&grant, session, &core.settings.tokens);
        let code = code_of(core, self.secret, &grant);
        let kept = AuthorizationCode {
            hash: code.hash(),
            redirect_uri: sign_in.request.redirect_uri.as_str().to_owned(),
            challenge: sign_in.request.challenge.clone(),
            expires_at: now + CODE_LIFETIME,
        };
        tx.insert_grant(&grant, &kept, saved.then_some(sign_in.id), ends_at)
            .await?;
        let event = AuditEvent::new(Action::CodeIssued, Actor::Guest(guest.id))
            .guest(guest.id)
            .app(app.id)
            .sign_in(sign_in.id)
            .detail("scope", grant.scopes.to_string());
        tx.record(event, now).await?;
        Ok(Some(code))
    }
}

/// The code that the sign-in was answered with, for the browser that holds `secret` and while the app may still redeem it: it
/// was minted with the proof, or the answer that carried it was lost. Reads only.
///
/// # Errors
///
/// When the database does not answer.
pub async fn repeat(
    core: &Core,
    sign_in: &SignIn,
    secret: Option<&Secret>,
    now: DateTime<Utc>,
) -> Result<Option<Secret>, StoreError> {
    let Some(secret) = secret.filter(|_| sign_in.progress.is_answered()) else {
        return Ok(None);
    };
    let Some(issued) = core.store.reader().issued_code(sign_in.id).await? else {
        return Ok(None);
    };
    let GrantFamily {
        grant,
        session,
        guest,
        admission,
    } = &issued.family;
    let code = code_of(core, secret, grant);
    let is_theirs = issued.hash.matches(&code.hash()) && sign_in.progress.within(session.id).is_some();
    let may_enter = !matches!(admission.access(guest, now), Access::Refuse(_));
    let repeats = is_theirs && now < issued.expires_at && session.is_live(now) && may_enter;
    Ok(repeats.then_some(code))
}

/// The code of a grant: always the same in one session, so that no row needs to hold it. It follows from the server's key as
/// well as from the session's secret.
fn code_of(core: &Core, secret: &Secret, grant: &Grant) -> Secret {
    let keys = core.store.master_keys();
    let server = keys.current().purpose("authorization codes");
    let context = [&server[..], grant.id.uuid().as_bytes()].concat();
    secret
        .derive("authorization code", &context)
        .dated(grant.created_at)
}

/// When nothing that comes of a grant can live any more: the code is redeemed at the last moment, and so on.
fn last_use(grant: &Grant, session: &Session, lifetimes: &TokenLifetimes) -> DateTime<Utc> {
    let redeemed_by = grant.created_at + CODE_LIFETIME;
    if grant.is_offline() {
        redeemed_by + lifetimes.refresh_token + lifetimes.access_token
    } else {
        session.expires_at.max(redeemed_by) + lifetimes.access_token
    }
}

/// A guest whom another app turned away, and who enters with that session: this is their redemption, and fixes
/// their method. A code that stood in for a tenant's sign-in fixes none.
async fn first_entry(
    core: &Core,
    tx: &Tx,
    session: &Session,
    guest: &Guest,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(mut guest) = tx.lock_guest(guest.id).await? else {
        return Ok(());
    };
    if guest.status == GuestStatus::Invited {
        let policies = &core.settings.resolution;
        let facts = tx.method_facts(&guest.email, Some(&guest), policies, now).await?;
        let proven = session.authentication.method();
        guest.enter(proven, resolve(&facts).fixes(proven), now);
        tx.save_guest(&guest).await?;
    }
    Ok(())
}

/// Redeems the invitation that admits the guest, and assigns them to the app and to the groups that it names.
async fn redeem(
    tx: &Tx,
    invitation: Id<Invitation>,
    app: &App,
    guest: &Guest,
    sign_in: &SignIn,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(offer) = tx.redeem_invitation(invitation, now).await? else {
        return Ok(false);
    };
    let groups = tx.hold_groups_of_invitation(invitation).await?;
    let held = if groups.is_empty() {
        Vec::new()
    } else {
        tx.group_assignments(&GroupAssignmentFilter::of(guest.id)).await?
    };
    let given = offer.gives(&groups, &held, now);
    let by = || Actor::Guest(guest.id);
    let redeemed = AuditEvent::new(Action::InvitationRedeemed, by());
    let mut events = vec![redeemed.guest(guest.id).app(app.id)];
    if let Some(own) = &given.own {
        tx.put_assignment(own).await?;
        events.push(assigned(by(), own));
    }
    for (held, group) in given.groups.into_iter().zip(&groups) {
        let held = enter_group(tx, held, now).await?;
        events.push(assigned_to_group(by(), &held, &group.name));
    }
    for event in events {
        let event = event
            .sign_in(sign_in.id)
            .detail("invitation", invitation.to_string());
        tx.record(event, now).await?;
    }
    Ok(true)
}
