//! What is kept of an account at an upstream, beside the session that came of it.

use domain::{
    audit::{Action, Actor, AuditEvent},
    session::Session,
    upstream::{Account, Linked, Upstream},
};
use store::{StoreError, Tx};

use super::health;
use crate::{
    method::{self, Found},
    visit::Visit,
};

/// An account, and what the upstream said of its person.
pub(crate) struct AccountToKeep<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) account: &'a Account,
    pub(crate) name: Option<&'a String>,
    pub(crate) locale: Option<&'a String>,
    pub(crate) session: Option<&'a String>,
}

impl AccountToKeep<'_> {
    /// Keeps it, in the transaction in which the session began. `linked` is none for somebody who may not enter: they
    /// have redeemed nothing, and fix no account.
    pub(crate) async fn beside(
        &self,
        visit: &Visit,
        tx: &Tx,
        found: &Found,
        session: &Session,
        linked: Option<Linked>,
    ) -> Result<(), StoreError> {
        let at = self.upstream.id;
        let event = |action| {
            AuditEvent::new(action, Actor::Guest(session.guest))
                .guest(session.guest)
                .app(visit.sign_in.app)
                .sign_in(visit.sign_in.id)
                .detail(self.upstream.kind.name(), self.upstream.name.as_str())
        };
        match linked {
            None => {}
            Some(Linked::Known) => tx.use_account(at, self.account, visit.now).await?,
            Some(linked) => {
                tx.insert_account(session.guest, at, self.account, visit.now)
                    .await?;
                let confirmed = linked == Linked::Unconfirmed;
                let by = if confirmed { "code" } else { "upstream" };
                let linked = event(Action::AccountLinked).detail("address_proven_by", by);
                tx.record(linked, visit.now).await?;
            }
        }
        let confirmed = linked == Some(Linked::Unconfirmed);
        self.describe(visit, tx, session, confirmed).await?;
        if let Some(sid) = self.session {
            tx.name_upstream_session(session.id, sid).await?;
        }
        health::up(tx, self.upstream, visit).await?;
        let mut ok = event(self.upstream.kind.actions().signed_in);
        ok.details.extend(method::in_words(&found.resolution));
        tx.record(ok, visit.now).await
    }

    /// The name and the language, where the directory has none; and whether a code has just proven the mailbox.
    async fn describe(
        &self,
        visit: &Visit,
        tx: &Tx,
        session: &Session,
        confirmed: bool,
    ) -> Result<(), StoreError> {
        let Some(mut guest) = tx.lock_guest(session.guest).await? else {
            return Ok(());
        };
        let before = guest.clone();
        guest.name = guest.name.or_else(|| self.name.cloned());
        guest.language = guest.language.or_else(|| self.locale.cloned());
        if confirmed {
            guest.email_proven_at = Some(visit.now);
        }
        if guest != before {
            guest.updated_at = visit.now;
            tx.save_guest(&guest).await?;
        }
        Ok(())
    }
}
