//! How many invitations an inviter sends in a day.

use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, AuditEvent},
    limits::LimitName,
    rate::Taken,
};
use sign_in::Core;
use store::Tx;

use super::ActionError;

/// Counts one more invitation of this inviter. A refusal is counted and recorded as well.
pub(super) async fn take_quota(
    core: &Core,
    tx: Tx,
    by: &Actor,
    invited_by: &str,
    now: DateTime<Utc>,
) -> Result<Tx, ActionError> {
    let inviter = match by {
        // Whatever name they give.
        Actor::Sponsor(address) => address.key(),
        _ => format!("{}/{invited_by}", by.name().unwrap_or_default()),
    };
    let name = LimitName::InvitationsPerInviterDay;
    let limit = core.settings.limits[name];
    match tx.take(name.name(), &inviter, limit, now).await? {
        Taken::Allowed { .. } => Ok(tx),
        Taken::Refused { until } => {
            let event = AuditEvent::new(Action::LimitReached, by.clone()).reason(name.name());
            tx.record(event, now).await?;
            tx.commit().await?;
            Err(ActionError::TooMany {
                what: format!("{invited_by} has sent {} invitations today", limit.max),
                until,
            })
        }
    }
}
