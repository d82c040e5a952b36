//! A personal account that waited for this code to confirm the address: from now on the account is the key, and no
//! code is asked for.

use domain::{
    session::Session,
    sign_in::SignIn,
    upstream::{Linked, Unconfirmed, Upstream},
};
use store::{StoreError, Tx};

use super::account::AccountToKeep;
use crate::{method::Found, visit::Visit};

/// An account whose address has just been confirmed.
pub(crate) struct Confirmed {
    pub(crate) upstream: Upstream,
    account: Unconfirmed,
}

/// Takes the account that waits in this sign-in. `None` when it is gone, too old, or became somebody's meanwhile.
pub(crate) async fn take(
    visit: &Visit,
    tx: &Tx,
    sign_in: &SignIn,
    found: &Found,
) -> Result<Option<Confirmed>, StoreError> {
    let Some(account) = tx.take_unconfirmed(sign_in.id).await? else {
        return Ok(None);
    };
    let owner = tx.owner_of_account(account.upstream, &account.account).await?;
    let has_another = match &found.guest {
        Some(guest) => tx.has_account(guest.id, account.upstream).await?,
        None => false,
    };
    if owner.is_some() || has_another || visit.now >= account.until {
        return Ok(None);
    }
    let upstream = tx.upstream(account.upstream).await?;
    Ok(upstream
        .filter(|upstream| upstream.enabled)
        .map(|upstream| Confirmed { upstream, account }))
}

impl Confirmed {
    /// Keeps it beside the session that the code began.
    pub(crate) async fn keep(
        &self,
        visit: &Visit,
        tx: &Tx,
        found: &Found,
        session: &Session,
        admitted: bool,
    ) -> Result<(), StoreError> {
        let kept = AccountToKeep {
            upstream: &self.upstream,
            account: &self.account.account,
            name: self.account.name.as_ref(),
            locale: self.account.locale.as_ref(),
            session: self.account.session.as_ref(),
        };
        let linked = admitted.then_some(Linked::Unconfirmed);
        kept.beside(visit, tx, found, session, linked).await
    }
}
