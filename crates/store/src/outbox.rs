//! Mail waiting to leave. Rows carry ids only: what a mail says is put together when it is sent.

pub(crate) mod list;
mod mail;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{EmailAddress, Id, guest_rule::RuleCondition, merge::MergeRole, time::from_millis};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    value::{self, Place},
};

pub use list::ListedMail;
pub use mail::{MailKind, MailLease, MailState, MethodChange, OutboxMail};

row! {
    struct OutboxRow {
        id: Uuid,
        kind: String,
        subject: Uuid,
        number: i64,
        language: Option<String>,
        state: String,
        attempts: i64,
        due_at: i64,
        deadline: i64,
        created_at: i64,
        recipient: Option<String>,
    }
}

/// How many overdue mails one transaction gives up, each with a record in the audit log.
const GIVE_UP_AT_ONCE: i64 = 500;

const HOLDERS: &str = "SELECT DISTINCT leased_by FROM outbox WHERE state = 'pending' AND leased_by IS NOT NULL \
     AND leased_until > $1";
const RELEASE: &str = "UPDATE outbox SET due_at = $2, leased_until = NULL, leased_by = NULL \
     WHERE leased_by = $1 AND state = 'pending' AND leased_until > $2";
const RELEASE_ONE: &str = "UPDATE outbox SET due_at = $2, leased_until = NULL, leased_by = NULL \
     WHERE id = $1 AND state = 'pending'";

/// Hot: asked by every turn of the job that sends mail.
pub(crate) const WAITING: &str = "SELECT (SELECT MIN(due_at) FROM outbox WHERE state = 'pending') AS due_at, \
     (SELECT MIN(deadline) FROM outbox WHERE state = 'pending') AS deadline, \
     (SELECT down_since FROM mail_transport WHERE id = 1) AS down_since";

/// What waits in the outbox, and whether mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailWaiting {
    /// When the next mail is due, or the claim on it ends; `None` when nothing waits.
    pub due_at: Option<DateTime<Utc>>,
    /// When the first of those that wait is not worth sending any more.
    pub deadline: Option<DateTime<Utc>>,
    /// Since when no mail leaves at all; `None` while it does.
    pub down_since: Option<DateTime<Utc>>,
}
pub(crate) const END: &str = "UPDATE outbox SET state = $2, ended_at = $3, leased_until = NULL, \
     last_error = COALESCE($4, last_error) WHERE id = $1 AND state = 'pending'";
pub(crate) const RETRY: &str = "UPDATE outbox SET due_at = $2, leased_until = NULL, last_error = $3 \
     WHERE id = $1 AND state = 'pending'";

/// A claim moves `due_at` to its own end, so that what others hold is not in the way of what is due.
pub(crate) fn claim(postgres: bool) -> String {
    change_some(
        "due_at = $2, leased_until = $2, leased_by = $4, attempts = attempts + 1",
        "state = 'pending' AND due_at <= $1 AND deadline > $1 ORDER BY due_at LIMIT $3",
        postgres,
    )
}

pub(crate) fn give_up(postgres: bool) -> String {
    change_some(
        "state = 'given_up', ended_at = $1, leased_until = NULL, last_error = COALESCE(last_error, 'too late')",
        "state = 'pending' AND deadline <= $1 AND (leased_until IS NULL OR leased_until <= $1) \
         ORDER BY deadline LIMIT $2",
        postgres,
    )
}

/// Changes a limited number of rows that no other transaction is changing. The array makes PostgreSQL choose them once: of a
/// plain `IN` it may evaluate the subquery, with its LIMIT and its locks, again and again.
fn change_some(set: &str, which: &str, postgres: bool) -> String {
    let some = format!("SELECT id FROM outbox WHERE {which}");
    let among = if postgres {
        format!("= ANY(ARRAY({some} FOR UPDATE SKIP LOCKED))")
    } else {
        format!("IN ({some})")
    };
    let columns = OutboxRow::COLUMNS.join(", ");
    format!("UPDATE outbox SET {set} WHERE id {among} RETURNING {columns}")
}

fn to_domain(row: OutboxRow) -> Result<OutboxMail, StoreError> {
    let place = Place::new("outbox", row.id);
    let kind = match row.kind.as_str() {
        "passcode" => MailKind::Passcode {
            challenge: Id::from_uuid(row.subject),
            send: place.count("number", row.number)?,
        },
        "no_code" => MailKind::NoCode {
            challenge: Id::from_uuid(row.subject),
            send: place.count("number", row.number)?,
        },
        "invitation" => MailKind::Invitation {
            invitation: Id::from_uuid(row.subject),
        },
        "access_request" => MailKind::AccessRequest {
            request: Id::from_uuid(row.subject),
        },
        "access_answer" => MailKind::AccessAnswer {
            request: Id::from_uuid(row.subject),
        },
        "inviter_link" => MailKind::InviterLink {
            link: Id::from_uuid(row.subject),
        },
        "merge_asked" => MailKind::MergeAsked {
            merge: Id::from_uuid(row.subject),
            to: merge_role(&place, row.number)?,
        },
        "guest_merged" => MailKind::GuestMerged {
            merge: Id::from_uuid(row.subject),
            to: merge_role(&place, row.number)?,
        },
        "guest_unmerged" => MailKind::GuestUnmerged {
            merge: Id::from_uuid(row.subject),
            to: merge_role(&place, row.number)?,
        },
        "guest_notice" => MailKind::GuestNotice {
            guest: Id::from_uuid(row.subject),
            rule: place.require(
                "number",
                (0..)
                    .zip(RuleCondition::ALL)
                    .find_map(|(number, rule)| (number == row.number).then_some(rule)),
            )?,
        },
        "method_changed" => MailKind::MethodChanged {
            guest: Id::from_uuid(row.subject),
            change: place.require(
                "number",
                MethodChange::ALL
                    .into_iter()
                    .find(|change| i64::from(change.number()) == row.number),
            )?,
        },
        _ => return Err(place.corrupt("kind")),
    };
    let states = [
        MailState::Pending,
        MailState::Sent,
        MailState::GivenUp,
        MailState::Suppressed,
    ];
    let recipient = row
        .recipient
        .map(|text| place.require("recipient", EmailAddress::stored(&text).ok()));
    let recipient = recipient.transpose()?;
    let state = states.into_iter().find(|state| state.word() == row.state);
    Ok(OutboxMail {
        id: Id::from_uuid(row.id),
        kind,
        language: row.language,
        state: place.require("state", state)?,
        attempts: place.count("attempts", row.attempts)?,
        due_at: from_millis(row.due_at),
        deadline: from_millis(row.deadline),
        created_at: from_millis(row.created_at),
        recipient,
    })
}

fn merge_role(place: &Place, number: i64) -> Result<MergeRole, StoreError> {
    let mut roles = (0..).zip(MergeRole::ALL);
    let role = roles.find_map(|(known, role)| (known == number).then_some(role));
    place.require("number", role)
}

/// A column: since when no mail leaves at all.
pub(crate) const DOWN_SINCE: &str = "(SELECT down_since FROM mail_transport WHERE id = 1) AS down_since";

impl<C: Reads> Db<C> {
    /// What waits, and whether mail leaves.
    pub async fn mail_waiting(&self) -> Result<MailWaiting, StoreError> {
        row! {
            struct Waiting {
                due_at: Option<i64>,
                deadline: Option<i64>,
                down_since: Option<i64>,
            }
        }
        let row = self.one::<Waiting>(WAITING, []).await?;
        let at = |of: fn(&Waiting) -> Option<i64>| value::opt_from_millis(row.as_ref().and_then(of));
        Ok(MailWaiting {
            due_at: at(|row| row.due_at),
            deadline: at(|row| row.deadline),
            down_since: at(|row| row.down_since),
        })
    }

    /// Since when no mail leaves at all, whoever it is for; `None` while it does.
    pub async fn mail_transport_down_since(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = format!("SELECT {DOWN_SINCE}");
        let down_since = self.row(&sql, [], |row| row.get("", "down_since")).await?;
        Ok(value::opt_from_millis(down_since.flatten()))
    }
}

impl Tx {
    /// Puts a mail into the outbox; says since when no mail leaves at all, as [`Db::mail_transport_down_since`] does.
    pub async fn enqueue(&self, mail: &OutboxMail) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.insert_mail(mail, MailState::Pending, None).await
    }

    /// The same for a mail that this process holds at once, as if it had claimed it; and the mail as it stands then.
    pub async fn enqueue_held(
        &self,
        mail: &OutboxMail,
        lease: &MailLease,
    ) -> Result<(OutboxMail, Option<DateTime<Utc>>), StoreError> {
        let held = OutboxMail {
            due_at: lease.until,
            attempts: mail.attempts + 1,
            ..mail.clone()
        };
        let down_since = self.insert_mail(&held, MailState::Pending, Some(lease)).await?;
        Ok((held, down_since))
    }

    /// Does the work of [`Self::enqueue`] for a mail that is never sent.
    pub async fn enqueue_suppressed(&self, mail: &OutboxMail) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.insert_mail(mail, MailState::Suppressed, None).await
    }

    async fn insert_mail(
        &self,
        mail: &OutboxMail,
        state: MailState,
        lease: Option<&MailLease>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (subject, number) = match mail.kind {
            MailKind::Passcode { challenge, send } | MailKind::NoCode { challenge, send } => {
                (challenge.uuid(), send)
            }
            MailKind::Invitation { invitation } => (invitation.uuid(), 0),
            MailKind::AccessRequest { request } | MailKind::AccessAnswer { request } => (request.uuid(), 0),
            MailKind::InviterLink { link } => (link.uuid(), 0),
            MailKind::MergeAsked { merge, to }
            | MailKind::GuestMerged { merge, to }
            | MailKind::GuestUnmerged { merge, to } => {
                let number = (0..).zip(MergeRole::ALL).find(|(_, known)| *known == to);
                (merge.uuid(), number.map_or(0, |(number, _)| number))
            }
            MailKind::GuestNotice { guest, rule } => {
                let number = (0..).zip(RuleCondition::ALL).find(|(_, known)| *known == rule);
                (guest.uuid(), number.map_or(0, |(number, _)| number))
            }
            MailKind::MethodChanged { guest, change } => (guest.uuid(), change.number()),
        };
        let ended = (state == MailState::Suppressed).then_some(mail.created_at);
        let recipient = mail.recipient.as_ref().map(|email| email.as_str().to_owned());
        let cells = [
            ("id", value::id(mail.id)),
            ("kind", mail.kind.name().into()),
            ("subject", subject.into()),
            ("number", i64::from(number).into()),
            ("language", mail.language.clone().into()),
            ("state", state.word().into()),
            ("attempts", i64::from(mail.attempts).into()),
            ("due_at", value::at(mail.due_at)),
            ("deadline", value::at(mail.deadline)),
            ("created_at", value::at(mail.created_at)),
            ("ended_at", value::opt_millis(ended).into()),
            ("recipient", recipient.into()),
            (
                "leased_until",
                value::opt_millis(lease.map(|lease| lease.until)).into(),
            ),
            ("leased_by", lease.and_then(|lease| lease.holder.clone()).into()),
        ];
        let down_since = self
            .insert_and_read("outbox", cells, DOWN_SINCE, |row| row.get("", "down_since"))
            .await?;
        Ok(value::opt_from_millis(down_since.flatten()))
    }

    /// Takes up to `max` mails that are due, for as long as `lease`: no other process gets them, and if the process
    /// that is called `holder` ends they come back, at once where [`Self::release_mail_of`] is told so. Mails past their deadline stay behind; see [`Self::give_up_overdue`].
    pub async fn claim_mail(
        &self,
        now: DateTime<Utc>,
        lease: TimeDelta,
        max: u64,
        holder: Option<&str>,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        let rows = self
            .all::<OutboxRow>(
                &claim(self.is_postgres()),
                [
                    value::at(now),
                    value::at(now + lease),
                    i64::try_from(max).unwrap_or(i64::MAX).into(),
                    holder.map(str::to_owned).into(),
                ],
            )
            .await?;
        let mut mails: Vec<OutboxMail> = rows.into_iter().map(to_domain).collect::<Result<_, _>>()?;
        mails.sort_by_key(|mail| (mail.created_at, mail.id));
        Ok(mails)
    }

    /// The processes that hold mail now.
    pub async fn mail_holders(&self, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        row! {
            struct HolderRow {
                leased_by: String,
            }
        }
        let rows = self.all::<HolderRow>(HOLDERS, [value::at(now)]).await?;
        Ok(rows.into_iter().map(|row| row.leased_by).collect())
    }

    /// Lets go of the mail of a process that has ended; says how many.
    pub async fn release_mail_of(&self, holder: &str, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.run(RELEASE, [holder.into(), value::at(now)]).await
    }

    /// Lets go of one mail, if it is there: it is due at once.
    pub async fn release_mail(&self, id: Id<OutboxMail>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = self.run(RELEASE_ONE, [value::id(id), value::at(now)]).await?;
        Ok(changed == 1)
    }

    /// The mail server accepted it; says whether it was still waiting.
    pub async fn mail_sent(&self, id: Id<OutboxMail>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.end_mail(id, MailState::Sent, now, None).await
    }

    /// It is not tried again; says whether it was still waiting.
    pub async fn mail_given_up(
        &self,
        id: Id<OutboxMail>,
        now: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        self.end_mail(id, MailState::GivenUp, now, Some(error)).await
    }

    async fn end_mail(
        &self,
        id: Id<OutboxMail>,
        state: MailState,
        now: DateTime<Utc>,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                END,
                [
                    value::id(id),
                    state.word().into(),
                    value::at(now),
                    error.map(str::to_owned).into(),
                ],
            )
            .await?;
        Ok(changed == 1)
    }

    /// The mail server has answered to this mail, and not taken it: what it said is kept by [`Self::mail_retry`] or [`Self::mail_given_up`].
    pub async fn mail_answered(&self, id: Id<OutboxMail>, answer: &'static str) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET answer = $2 WHERE id = $1 AND state = 'pending'";
        self.run(sql, [value::id(id), answer.into()]).await?;
        Ok(())
    }

    /// It is tried again later. The lease is given back.
    pub async fn mail_retry(
        &self,
        id: Id<OutboxMail>,
        due_at: DateTime<Utc>,
        error: &str,
    ) -> Result<(), StoreError> {
        self.run(RETRY, [value::id(id), value::at(due_at), error.to_owned().into()])
            .await?;
        Ok(())
    }

    /// Gives up what would arrive too late, so many at a time; says what that was. What a worker holds is left to it.
    pub async fn give_up_overdue(&self, now: DateTime<Utc>) -> Result<Vec<OutboxMail>, StoreError> {
        let rows = self
            .all::<OutboxRow>(
                &give_up(self.is_postgres()),
                [value::at(now), GIVE_UP_AT_ONCE.into()],
            )
            .await?;
        rows.into_iter().map(to_domain).collect()
    }

    /// Notes whether mail leaves at all; says whether that changed.
    pub async fn set_mail_transport(&self, down: bool, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = if down {
            let since = [value::at(now)];
            self.run(
                "UPDATE mail_transport SET down_since = $1 WHERE id = 1 AND down_since IS NULL",
                since,
            )
            .await?
        } else {
            self.run(
                "UPDATE mail_transport SET down_since = NULL WHERE id = 1 AND down_since IS NOT NULL",
                [],
            )
            .await?
        };
        Ok(changed == 1)
    }
}
