//! What comes next in a sign-in, for the pages that only exist at their own step.

use domain::{
    access::Access,
    guest::Guest,
    method::Method,
    session::Session,
    sign_in::{Facts, Offer, SignIn, Step, may_be_offered, next_step},
};
use method_resolution::resolve;
use store::StoreError;

use crate::visit::Visit;

/// Who this browser is, and what that means for the app of the sign-in.
pub(crate) struct Standing {
    /// The live session of the browser.
    pub(crate) session: Option<(Session, Guest)>,
    access: Option<Access>,
    /// The better method that is open to the guest of this very sign-in.
    pub(crate) offer: Option<(Method, Offer)>,
    consent_missing: bool,
}

impl Standing {
    /// Loads it. Reads only.
    pub(crate) async fn load(visit: &Visit) -> Result<Self, StoreError> {
        let reader = visit.core.store.reader();
        let app = &visit.current.app;
        let session = match &visit.current.cookies.session {
            Some(secret) => reader.session_by_token(&secret.hash()).await?,
            None => None,
        };
        let session = session.filter(|(session, _)| session.is_live(visit.now));
        let Some((proven, guest)) = &session else {
            return Ok(Self {
                session: None,
                access: None,
                offer: None,
                consent_missing: false,
            });
        };
        let access = reader.access_of(app, guest, visit.now).await?;
        let consent_missing = if app.asks_consent {
            let asked = app.granted(&visit.current.sign_in.request.scopes);
            let given = reader.consent(guest.id, app.id).await?;
            given.is_none_or(|consent| !asked.is_subset(&consent.scopes))
        } else {
            false
        };
        let policies = &visit.core.settings.resolution;
        let required = policies.of(&guest.email).requires_moves(visit.now);
        let offer = if may_be_offered(&visit.current.sign_in, proven, guest, required) {
            let facts = reader
                .method_facts(&guest.email, Some(guest), policies, visit.now)
                .await?;
            resolve(&facts).to_move()
        } else {
            None
        };
        Ok(Self {
            session,
            access: Some(access),
            offer,
            consent_missing,
        })
    }

    /// What comes next for `sign_in`.
    pub(crate) fn step(&self, visit: &Visit, sign_in: &SignIn) -> Step {
        let facts = Facts {
            sign_in,
            session: self.session.as_ref().map(|(session, guest)| (session, guest)),
            access: self.access,
            offer: self.offer.map(|(_, offer)| offer),
            consent_missing: self.consent_missing,
        };
        next_step(&facts, visit.now)
    }

    /// The session that the guest may choose to go on with: one that would be enough if the app had not asked who
    /// they want to be. A fresh proof that the app asked for is not given this way (O08).
    pub(crate) fn to_continue_with(&self, visit: &Visit, sign_in: &SignIn) -> Option<&(Session, Guest)> {
        let mut chosen = sign_in.clone();
        chosen.request.prompt.select_account = false;
        chosen.email = None;
        chosen.session = None;
        match self.step(visit, &chosen) {
            Step::Identify | Step::Expired | Step::Deny | Step::Interrupt(_) => None,
            Step::Move | Step::MakePasskey | Step::Consent | Step::Issue | Step::Refuse(_) => {
                self.session.as_ref()
            }
        }
    }
}
