//! The outbox as operators look at it.

use chrono::{DateTime, Utc};
use domain::{Id, invitation::Invitation};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{MailState, OutboxMail, OutboxRow, to_domain};
use crate::{Db, StoreError, row::select, value};

/// A mail of a list, with what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMail {
    /// The mail.
    pub mail: OutboxMail,
    /// When it was sent or given up.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the mail server said last, or why it was given up.
    pub last_error: Option<String>,
}

#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    mail: OutboxRow,
    ended_at: Option<i64>,
    last_error: Option<String>,
}

/// Both walk a partial index.
const WAIT: &str = "state = 'pending' ORDER BY due_at LIMIT $1";
const ENDED: &str = "ended_at IS NOT NULL AND state = $2 ORDER BY ended_at DESC LIMIT $1";

fn list(which: &str) -> String {
    let columns = [OutboxRow::COLUMNS, &["ended_at", "last_error"]].concat();
    select(&columns, &format!("outbox WHERE {which}"))
}

const WAITING: &str =
    "SELECT id FROM outbox WHERE state = 'pending' AND kind = 'invitation' AND subject = $1 LIMIT 1";
impl<C: ConnectionTrait> Db<C> {
    /// The mails that stand so: those that wait in the order of their time, the others newest first. Suppressed mails are left out.
    pub async fn mails(&self, state: MailState, max: u64) -> Result<Vec<ListedMail>, StoreError> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let rows = match state {
            MailState::Suppressed => Vec::new(),
            MailState::Pending => self.all::<Listed>(&list(WAIT), [max.into()]).await?,
            MailState::Sent | MailState::GivenUp => {
                self.all::<Listed>(&list(ENDED), [max.into(), state.word().into()])
                    .await?
            }
        };
        rows.into_iter()
            .map(|row| {
                Ok(ListedMail {
                    ended_at: value::opt_from_millis(row.ended_at),
                    last_error: row.last_error,
                    mail: to_domain(row.mail)?,
                })
            })
            .collect()
    }

    /// Whether the mail of an invitation waits to be sent.
    pub async fn is_invitation_mail_waiting(&self, invitation: Id<Invitation>) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct Waiting {
            #[expect(dead_code, reason = "that there is a row is what counts")]
            id: Uuid,
        }
        let waiting = self.one::<Waiting>(WAITING, [value::id(invitation)]).await?;
        Ok(waiting.is_some())
    }
}
