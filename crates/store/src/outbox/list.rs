//! The outbox as operators look at it, and guests who wait.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    guest::Guest,
    invitation::Invitation,
    passcode::{PasscodeChallenge, Undelivered},
};

use super::{MailState, OutboxMail, OutboxRow, to_domain};
use crate::{
    Db, Reads, StoreError,
    columns::{AnyRow, FromRow, row},
    row::select,
    value,
};

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

row! {
    struct EndRow {
        ended_at: Option<i64>,
        last_error: Option<String>,
    }
}

/// Both walk a partial index.
const WAIT: &str = "state = 'pending' ORDER BY due_at LIMIT $1";
const ENDED: &str = "ended_at IS NOT NULL AND state = $2 ORDER BY ended_at DESC LIMIT $1";

fn list(which: &str) -> String {
    let columns = [OutboxRow::COLUMNS, EndRow::COLUMNS].concat();
    select(&columns, &format!("outbox WHERE {which}"))
}

const NOTICE_WAITING: &str =
    "SELECT id FROM outbox WHERE state = 'pending' AND kind = 'guest_notice' AND subject = $1 LIMIT 1";
const WAITING: &str =
    "SELECT id FROM outbox WHERE state = 'pending' AND kind = 'invitation' AND subject = $1 LIMIT 1";
const DEFERRED: &str = "SELECT ended_at, last_error FROM outbox WHERE state = 'pending' AND kind = 'invitation' AND subject = $1 \
     AND last_error IS NOT NULL LIMIT 1";

/// The newest mail of a challenge, and whether the mail server has answered to it.
pub(crate) const CODE_MAIL: &str = "SELECT state, answer FROM outbox WHERE subject = $1 \
     AND kind IN ('passcode', 'no_code') ORDER BY number DESC LIMIT 1";

impl<C: Reads> Db<C> {
    /// What the mail server answered to the newest mail of a challenge that is not in its mailbox: `None` where it took it, was not asked
    /// yet, or could not be reached.
    pub async fn undelivered(
        &self,
        challenge: Id<PasscodeChallenge>,
    ) -> Result<Option<Undelivered>, StoreError> {
        let read = |row: &AnyRow<'_>| {
            let state = row.get::<String>("", "state")?;
            Ok((state, row.get::<Option<String>>("", "answer")?))
        };
        let Some((state, Some(_))) = self.row(CODE_MAIL, [value::id(challenge)], read).await? else {
            return Ok(None);
        };
        Ok(match state.as_str() {
            "pending" => Some(Undelivered::Deferred),
            "given_up" => Some(Undelivered::Refused),
            _ => None,
        })
    }

    /// The mails that stand so: those that wait in the order of their time, the others newest first. Suppressed mails are left out.
    pub async fn mails(&self, state: MailState, max: u64) -> Result<Vec<ListedMail>, StoreError> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let (which, values) = match state {
            MailState::Suppressed => return Ok(Vec::new()),
            MailState::Pending => (WAIT, vec![max.into()]),
            MailState::Sent | MailState::GivenUp => (ENDED, vec![max.into(), state.word().into()]),
        };
        self.rows(&list(which), values, |row| {
            let end = EndRow::from_row(row, "")?;
            Ok(ListedMail {
                ended_at: value::opt_from_millis(end.ended_at),
                last_error: end.last_error,
                mail: to_domain(OutboxRow::from_row(row, "")?)?,
            })
        })
        .await
    }

    /// Whether a mail about a rule waits to be sent to the guest.
    pub async fn is_notice_waiting(&self, guest: Id<Guest>) -> Result<bool, StoreError> {
        let waiting = self.row(NOTICE_WAITING, [value::id(guest)], |_| Ok(())).await?;
        Ok(waiting.is_some())
    }

    /// What the mail server said last to the mail of an invitation that waits to be tried again; `None` where none waits for that.
    pub async fn invitation_mail_deferred(
        &self,
        invitation: Id<Invitation>,
    ) -> Result<Option<String>, StoreError> {
        let read = |row: &AnyRow<'_>| Ok(EndRow::from_row(row, "")?.last_error);
        let row = self.row(DEFERRED, [value::id(invitation)], read).await?;
        Ok(row.flatten())
    }

    /// Whether the mail of an invitation waits to be sent.
    pub async fn is_invitation_mail_waiting(&self, invitation: Id<Invitation>) -> Result<bool, StoreError> {
        let waiting = self.row(WAITING, [value::id(invitation)], |_| Ok(())).await?;
        Ok(waiting.is_some())
    }
}
