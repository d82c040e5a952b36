//! What the next step depends on, loaded for one request.

use chrono::{DateTime, Utc};
use domain::{
    access::Access,
    app::App,
    guest::Guest,
    session::Session,
    sign_in::{Facts, Offer, SignIn, Step, may_be_offered, next_step},
};
use method_resolution::resolve;
use web::{Cookies, Core, Failure};

/// Loaded facts.
pub(super) struct Loaded {
    pub(super) session: Option<(Session, Guest)>,
    pub(super) access: Option<Access>,
    offer: Option<Offer>,
    consent_missing: bool,
}

impl Loaded {
    /// Loads what there is to know of the browser, its guest and the app. Reads only.
    pub(super) async fn load(
        core: &Core,
        app: &App,
        sign_in: &SignIn,
        cookies: &Cookies,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let reader = core.store.reader();
        let session = match &cookies.session {
            Some(secret) => reader
                .session_by_token(&secret.hash())
                .await?
                .filter(|(session, _)| session.is_live(now)),
            None => None,
        };
        let Some((proven, guest)) = &session else {
            return Ok(Self {
                session,
                access: None,
                offer: None,
                consent_missing: false,
            });
        };
        let access = reader.access_of(app, guest, now).await?;
        let asked = app.granted(&sign_in.request.scopes);
        let consent_missing = if app.asks_consent {
            let given = reader.consent(guest.id, app.id).await?;
            given.is_none_or(|consent| !asked.is_subset(&consent.scopes))
        } else {
            false
        };
        let policies = &core.settings.resolution;
        let required = policies.of(&guest.email).requires_moves(now);
        let offer = if may_be_offered(sign_in, proven, guest, required) {
            let facts = reader
                .method_facts(&guest.email, Some(guest), policies, now)
                .await?;
            resolve(&facts).to_move().map(|(_, offer)| offer)
        } else {
            None
        };
        Ok(Self {
            access: Some(access),
            offer,
            consent_missing,
            session,
        })
    }

    /// What comes next.
    pub(super) fn step(&self, sign_in: &SignIn, now: DateTime<Utc>) -> Step {
        let session = self.session.as_ref().map(|(session, guest)| (session, guest));
        let facts = Facts {
            sign_in,
            session,
            access: self.access,
            offer: self.offer,
            consent_missing: self.consent_missing,
        };
        next_step(&facts, now)
    }
}
