//! What became of an invitation's newest mail, as the mail server said.

use chrono::{DateTime, Utc};
use domain::{audit::Action, invitation::Invitation};
use store::{AuditQuery, Db, Reads, StoreError};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It waits to be sent.
    Queued,
    /// The mail server asked us to try again: what it said.
    Deferred(String),
    /// The mail server took it.
    Accepted(DateTime<Utc>),
    /// It did not leave, or the mail server refused it: when, and why.
    Bounced(DateTime<Utc>, String),
    /// There was to be none: whoever invited hands the link on.
    Unmailed,
    /// The audit log does not reach back so far.
    Unknown,
}

impl DeliveryStatus {
    /// The word that the API uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Deferred(_) => "deferred",
            Self::Accepted(_) => "accepted",
            Self::Bounced(..) => "bounced",
            Self::Unmailed => "none",
            Self::Unknown => "unknown",
        }
    }

    /// Reads it, from the outbox where it waits and else from the audit log.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn of<C: Reads>(db: &Db<C>, invitation: &Invitation) -> Result<Self, StoreError> {
        if let Some(said) = db.invitation_mail_deferred(invitation.id).await? {
            return Ok(Self::Deferred(said));
        }
        if db.is_invitation_mail_waiting(invitation.id).await? {
            return Ok(Self::Queued);
        }
        let query = AuditQuery {
            guest: Some(invitation.guest),
            app: Some(invitation.app),
            since: Some(invitation.created_at),
            limit: 1000,
            ..AuditQuery::default()
        };
        let id = invitation.id.to_string();
        let records = db.audit_search(&query).await?;
        let about_it = records.into_iter().filter(|record| record.details.contains(&id));
        let known = about_it.into_iter().find_map(|record| {
            let action = Action::ALL.iter().find(|action| action.name() == record.action)?;
            match action {
                Action::InvitationMailed => Some(Self::Accepted(record.at)),
                Action::InvitationCreated if record.details.contains(r#""mail":"none""#) => {
                    Some(Self::Unmailed)
                }
                Action::MailFailed => Some(Self::Bounced(record.at, record.reason.unwrap_or_default())),
                _ => None,
            }
        });
        Ok(known.unwrap_or(Self::Unknown))
    }
}
