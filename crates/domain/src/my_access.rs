//! My access: where guests see what they can open and who let them in, and where they give it back.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Id,
    access::{Access, AccessFacts, AccessRefusal, evaluate},
    app::{AccessRule, App, AppAuthentication, Pkce, SigningAlgorithm},
    assignment::Assignment,
    guest::Guest,
    invitation::Invitation,
    session::{Means, Session},
};

/// How old the proof may be with which a guest takes their data along, leaves, or is erased: a session that somebody left open is
/// too little.
pub const FRESH_FOR: TimeDelta = TimeDelta::minutes(15);

/// Whether a guest may look at what is theirs.
pub fn admits(guest: &Guest, now: DateTime<Utc>) -> bool {
    let facts = AccessFacts {
        rule: &AccessRule::InDirectory,
        is_app_disabled: false,
        guest,
        assignment: None,
        invitation: None,
    };
    evaluate(&facts, now) == Access::Allow
}

/// Whether a proof is one of the last minutes. A code, or a passkey, was asked for when it was given. An upstream may answer from a
/// session of its own without asking anybody: its word counts if it was asked anew, at that moment.
pub fn is_fresh(session: &Session, asked_anew_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let at = match session.authentication.means {
        Means::Code | Means::Passkey(_) => Some(session.authentication.at),
        Means::Upstream { .. } => asked_anew_at,
    };
    at.is_some_and(|at| now - at < FRESH_FOR)
}

/// The row that a sign-in to My access refers to. It is an app to the steps of a sign-in and to nobody else: no `client_id` finds it.
pub fn app(now: DateTime<Utc>) -> App {
    App {
        id: app_id(),
        client_id: "/me".into(),
        name: "My access".into(),
        authentication: AppAuthentication::None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access: AccessRule::InDirectory,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: crate::inviter::Inviters::Operators,
        pkce: Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at: None,
        created_at: now,
    }
}

/// Its id, the same everywhere.
pub fn app_id() -> Id<App> {
    Id::from_uuid(Uuid::from_u128(1))
}

impl App {
    /// Whether it stands for My access.
    pub fn is_my_access(&self) -> bool {
        self.access == AccessRule::InDirectory
    }
}

/// How a guest stands to an app that is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// From when, where it has not begun.
    pub from: Option<DateTime<Utc>>,
    /// Until when; `None`: until somebody ends it.
    pub until: Option<DateTime<Utc>>,
    /// Whether an invitation waits for them, and that is its end.
    pub is_invited: bool,
    /// Who let them in, as it was written: an address, or an operator's name.
    pub by: Option<String>,
}

/// What a guest can open, or will be able to: `None` for an app that is not theirs.
pub fn reach(
    app: &App,
    guest: &Guest,
    assignment: Option<&Assignment>,
    invitation: Option<&Invitation>,
    now: DateTime<Utc>,
) -> Option<Reach> {
    let facts = AccessFacts {
        rule: &app.access,
        is_app_disabled: app.disabled_at.is_some(),
        guest,
        assignment,
        invitation,
    };
    let ends = |ends_at: Option<DateTime<Utc>>| ends_at.into_iter().chain(guest.valid_until).min();
    // Where the sponsor is who invited them, by the name that the invitation said.
    let sponsor_of = |assignment: Option<&Assignment>| {
        let sponsor = assignment?.sponsor.as_deref()?;
        let terms = invitation.map(|invitation| &invitation.terms);
        let named = terms.filter(|terms| terms.sponsor() == sponsor);
        Some(named.map_or(sponsor, |terms| &terms.invited_by).to_owned())
    };
    match evaluate(&facts, now) {
        Access::Allow => {
            let active = assignment.filter(|assignment| assignment.is_active(now));
            Some(Reach {
                from: None,
                until: ends(active.and_then(|assignment| assignment.ends_at)),
                is_invited: false,
                // Nobody, where the app is open to them anyhow.
                by: sponsor_of(active),
            })
        }
        Access::AllowByInvitation(_) => invitation.map(|invitation| Reach {
            from: None,
            until: Some(invitation.expires_at),
            is_invited: true,
            by: Some(invitation.terms.invited_by.clone()),
        }),
        Access::Refuse(AccessRefusal::AssignmentNotBegun) => assignment.map(|assignment| Reach {
            from: Some(assignment.starts_at),
            until: ends(assignment.ends_at),
            is_invited: false,
            by: sponsor_of(Some(assignment)),
        }),
        Access::Refuse(_) => None,
    }
}

#[cfg(test)]
mod tests;
