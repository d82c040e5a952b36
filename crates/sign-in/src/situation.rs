//! Who this browser is, and what that means for the app of its sign-in: everything that the next step depends on.

use chrono::{DateTime, Utc};
use domain::{
    Secret,
    access::Access,
    app::App,
    guest::Guest,
    method::Method,
    session::Session,
    sign_in::{Offer, Progress, SignIn, SignInFacts, Step, may_be_offered, next_step},
};
use method_resolution::resolve;
use store::{Db, Reads, StoreError, Tx};

use crate::{complete::Completed, core::Core, method::Found, visit::Visit};

/// What was loaded for one request.
#[derive(Debug)]
pub struct Situation {
    /// The live session of the browser, and its guest.
    pub session: Option<(Session, Guest)>,
    /// Whether that guest may enter the app.
    pub access: Option<Access>,
    /// The better method that is open to the guest of this very sign-in.
    pub offer: Option<(Method, Offer)>,
    consent_missing: bool,
}

impl Situation {
    /// Loads it, for the session of the secret that the browser holds. Reads only.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn load(
        core: &Core,
        app: &App,
        sign_in: &SignIn,
        session: Option<&Secret>,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let reader = core.store.reader();
        let found = match session {
            Some(secret) => reader.session_for_app(&secret.hash(), app.id).await?,
            None => None,
        };
        let found = found.filter(|(session, ..)| session.is_live(now));
        let mut situation = Self {
            access: found
                .as_ref()
                .map(|(_, guest, admission)| admission.access(guest, now)),
            session: found.map(|(session, guest, _)| (session, guest)),
            offer: None,
            consent_missing: false,
        };
        if let Some((session, guest)) = &situation.session {
            situation.consent_missing = consent_missing(&reader, app, sign_in, guest).await?;
            let policies = &core.settings.resolution;
            let required = policies.of(&guest.email).requires_moves(now);
            if may_be_offered(sign_in, session, guest, required) {
                let facts = reader
                    .method_facts(&guest.email, Some(guest), policies, now)
                    .await?;
                situation.offer = resolve(&facts).to_move();
            }
        }
        Ok(situation)
    }

    /// The same for a session that begins in this transaction, and for the guest and the leads of its proof.
    pub(crate) async fn after(
        visit: &Visit,
        tx: &Tx,
        sign_in: &SignIn,
        completed: &Completed,
        found: &Found,
    ) -> Result<Self, StoreError> {
        let Completed {
            session,
            guest,
            access,
            ..
        } = completed;
        let required = visit
            .core
            .settings
            .resolution
            .of(&guest.email)
            .requires_moves(visit.now);
        let may_be_offered = may_be_offered(sign_in, session, guest, required);
        Ok(Self {
            access: Some(*access),
            offer: may_be_offered.then(|| found.offer(guest)).flatten(),
            consent_missing: consent_missing(tx, &visit.app, sign_in, guest).await?,
            session: Some((session.clone(), guest.clone())),
        })
    }

    /// What comes next for `sign_in`.
    pub fn step(&self, sign_in: &SignIn, now: DateTime<Utc>) -> Step {
        let facts = SignInFacts {
            sign_in,
            session: self.session.as_ref().map(|(session, guest)| (session, guest)),
            access: self.access,
            offer: self.offer.map(|(_, offer)| offer),
            consent_missing: self.consent_missing,
        };
        next_step(&facts, now)
    }

    /// The session that the guest may choose to go on with: one that would be enough if the app had not asked who
    /// they want to be. A fresh proof that the app asked for is not given this way (O08).
    pub fn to_continue_with(&self, sign_in: &SignIn, now: DateTime<Utc>) -> Option<&(Session, Guest)> {
        let mut chosen = sign_in.clone();
        chosen.request.prompt.select_account = false;
        chosen.email = None;
        if !chosen.progress.is_denied() {
            chosen.progress = Progress::Begun;
        }
        match self.step(&chosen, now) {
            Step::Identify | Step::Expired | Step::Deny | Step::Interrupt(_) => None,
            Step::Move | Step::MakePasskey | Step::Consent | Step::Issue | Step::Refuse(_) => {
                self.session.as_ref()
            }
        }
    }
}

impl Visit {
    /// Who the browser is, and what that means for the app.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn situation(&self) -> Result<Situation, StoreError> {
        let session = self.browser.session.as_ref();
        Situation::load(&self.core, &self.app, &self.sign_in, session, self.now).await
    }
}

/// Whether the app asks for more than this guest has agreed to.
async fn consent_missing<C: Reads>(
    db: &Db<C>,
    app: &App,
    sign_in: &SignIn,
    guest: &Guest,
) -> Result<bool, StoreError> {
    if !app.asks_consent {
        return Ok(false);
    }
    let asked = app.granted(&sign_in.request.scopes);
    let given = db.consent(guest.id, app.id).await?;
    Ok(given.is_none_or(|consent| !asked.is_subset(&consent.scopes)))
}
