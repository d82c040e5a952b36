//! Invitations: the offer to an address.

use chrono::{DateTime, Utc};

use crate::{Id, app::App, guest::Guest};

/// The longest message an inviter may write, in characters.
pub const MESSAGE_MAX: usize = 500;

/// Who invited whom to what, until when. The mailed link authenticates nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its row.
    pub id: Id<Invitation>,
    /// Whom.
    pub guest: Id<Guest>,
    /// To what.
    pub app: Id<App>,
    /// Who, as the mail says it: `Lee`.
    pub invited_by: String,
    /// Where answers to the mail go.
    pub reply_to: Option<String>,
    /// What the invitation is about, as the mail says it: `Q3 kickoff notes`.
    pub about: Option<String>,
    /// A plain-text message, at most [`MESSAGE_MAX`] characters.
    pub message: Option<String>,
    /// The mail's language, BCP 47.
    pub language: Option<String>,
    /// Where it stands.
    pub state: InvitationState,
    /// When the access it gives ends; `None` is «until someone ends it».
    pub access_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
}

impl Invitation {
    /// Whether it can still be redeemed.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == InvitationState::Pending && now < self.expires_at
    }
}

/// Where an invitation stands. Lapsing needs no change of state: `expires_at` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// Waiting for the guest.
    Pending,
    /// The guest's sign-in was completed.
    Redeemed,
    /// Taken back.
    Revoked,
}

impl InvitationState {
    /// The word that rows, the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed => "redeemed",
            Self::Revoked => "revoked",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Redeemed, Self::Revoked]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Which guest may use which app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Who.
    pub guest: Id<Guest>,
    /// What.
    pub app: Id<App>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when; `None` is «until someone ends it».
    pub ends_at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
    /// The person answerable; by default who invited.
    pub sponsor: Option<String>,
}

impl Assignment {
    /// Whether it counts now.
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }
}
