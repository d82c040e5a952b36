//! The audit log: written in the transaction of the change itself, searched newest first.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use domain::{
    EmailAddress, Id, Secret, SecretHash,
    app::App,
    audit::{AuditEvent, AuditRecord},
    entropy::random,
    guest::Guest,
    master_key::MasterKey,
    sign_in::SignIn,
    time::from_millis,
    upstream::UpstreamKind,
};
use uuid::{Builder, Uuid};

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    pending_event::{self, PendingEvent},
    search::{Search, literal},
    value,
};

/// What to search for. Every part that is set narrows the search.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Actions that begin with this: `guest.signin`, or `guest.signin.code.wrong`.
    pub action: Option<String>,
    /// Concerning this guest.
    pub guest: Option<Id<Guest>>,
    /// Concerning this app.
    pub app: Option<Id<App>>,
    /// Within this sign-in.
    pub sign_in: Option<Id<SignIn>>,
    /// Within the sign-ins that a page or a mail called so: two people may have been given the same four letters.
    pub reference: Option<String>,
    /// Within the sign-ins in which this address was typed, whoever it belongs to.
    pub mailbox: Option<EmailAddress>,
    /// From this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Until before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Those that are behind this one, in the order of the list.
    pub after: Option<Id<AuditRecord>>,
    /// At most so many; 0 means 100.
    pub limit: u64,
}

row! {
    struct EventRow {
        id: Uuid,
        at: i64,
        action: String,
        actor_kind: String,
        actor: Option<String>,
        guest: Option<Uuid>,
        app: Option<Uuid>,
        sign_in: Option<Uuid>,
        reason: Option<String>,
        details: String,
        reference: Option<String>,
    }
}

impl<C: Reads> Db<C> {
    /// The records that match, newest first.
    pub async fn audit_search(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        if query
            .action
            .as_deref()
            .is_some_and(|prefix| !value::is_text(prefix))
        {
            return Ok(Vec::new());
        }
        let limit = if query.limit == 0 { 100 } else { query.limit };
        let mut search = Search::of(EventRow::COLUMNS, "audit");
        if let Some(prefix) = &query.action {
            // A range, not LIKE: it needs no escaping and uses the index on both databases.
            let end = format!("{prefix}\u{10ffff}");
            search.only("action >= ? AND action < ?", [prefix.as_str().into(), end.into()]);
        }
        if let Some(guest) = query.guest {
            // Before the proof the visitor is not known to be the guest: what was typed wrong stands within the sign-in alone.
            search.only(
                "guest = ? OR guest IS NULL AND sign_in IN (SELECT sign_in FROM audit WHERE guest = ? \
                 AND sign_in IS NOT NULL)",
                [value::id(guest), value::id(guest)],
            );
        }
        if let Some(email) = &query.mailbox {
            let hashes = || {
                self.master_keys()
                    .all()
                    .map(|key| value::hash(&mailbox(key, email)))
            };
            let some = hashes().map(|_| "?").collect::<Vec<_>>().join(", ");
            let typed = format!("mailbox IN ({some})");
            search.only(
                &format!(
                    "{typed} OR sign_in IN (SELECT sign_in FROM audit WHERE {typed} AND sign_in IS NOT NULL)"
                ),
                hashes().chain(hashes()),
            );
        }
        if let Some(reference) = &query.reference {
            if !value::is_text(reference) {
                return Ok(Vec::new());
            }
            search.is("reference", reference.as_str());
        }
        if let Some(app) = query.app {
            search.is("app", app.uuid());
        }
        if let Some(sign_in) = query.sign_in {
            search.is("sign_in", sign_in.uuid());
        }
        // The ids begin with the time, so the primary key serves as the index by time.
        if let Some(since) = query.since {
            search.only("id >= ?", [first_id(since).into()]);
        }
        if let Some(until) = query.until {
            search.only("id < ?", [first_id(until).into()]);
        }
        if let Some(after) = query.after {
            search.only("id < ?", [value::id(after)]);
        }
        let rows = self.find::<EventRow>(search.ordered("id DESC", limit)).await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }
}

/// What is kept of an address that somebody typed: it can be looked for, and not read.
fn mailbox(key: &MasterKey, email: &EmailAddress) -> SecretHash {
    let key = Secret::presented(HEXLOWER.encode(&key.purpose("mailboxes in the audit log")[..]));
    key.derive("mailbox", email.key().as_bytes()).hash()
}

row! {
    struct WrittenRow {
        id: Uuid,
        reference: Option<String>,
    }
}

const REMOVE: &str =
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT $2)";

impl Tx {
    /// Takes an address out of the events that do not name a guest: its hash, whoever typed it, and what is said of trips to an
    /// upstream that ended badly, where it stands in clear.
    pub(crate) async fn forget_mailbox(&self, email: &EmailAddress) -> Result<(), StoreError> {
        for key in self.master_keys().all() {
            let sql = "UPDATE audit SET mailbox = NULL WHERE mailbox = $1";
            self.run(sql, [value::hash(&mailbox(key, email))]).await?;
        }
        let said = format!("%{}%", literal(&email.key()));
        for kind in UpstreamKind::ALL {
            let sql =
                r"UPDATE audit SET details = '{}' WHERE action = $1 AND lower(details) LIKE $2 ESCAPE '\'";
            let failed = kind.actions().failed.name();
            self.run(sql, [failed.into(), said.as_str().into()]).await?;
        }
        Ok(())
    }

    /// Removes at most `batch` events from before a time, the oldest first; says how many went.
    pub async fn remove_events(&self, before: DateTime<Utc>, batch: u64) -> Result<u64, StoreError> {
        let limit = i64::try_from(batch).unwrap_or(i64::MAX);
        self.run(REMOVE, [first_id(before).into(), limit.into()]).await
    }

    /// Keeps an event, with the others of this transaction by one statement before it commits. Events of one millisecond keep
    /// their order.
    pub async fn record(&self, event: AuditEvent, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mailbox = event
            .mailbox
            .as_ref()
            .map(|email| mailbox(self.master_keys().current(), email));
        let id = self.next_audit_id(now);
        let are_many = self
            .connection
            .keep_event(PendingEvent::new(id, event, mailbox, now));
        if are_many {
            self.write_events().await?;
        }
        Ok(())
    }

    /// Writes the events that were recorded, and a line of the log for each.
    pub(crate) async fn write_events(&self) -> Result<(), StoreError> {
        let events = self.connection.take_events();
        if events.is_empty() {
            return Ok(());
        }
        let sql = pending_event::insertion(events.len());
        let values = events.iter().flat_map(PendingEvent::values);
        let written = self.all::<WrittenRow>(&sql, values).await?;
        for event in &events {
            let row = written.iter().find(|row| row.id == event.id());
            event.log(row.and_then(|row| row.reference.as_deref()));
        }
        Ok(())
    }

    /// An id whose 12 bits behind the time are a counter (RFC 9562 §6.2, method 1), the rest random.
    fn next_audit_id(&self, now: DateTime<Utc>) -> Uuid {
        let count = self.shared.audited.fetch_add(1, Ordering::Relaxed);
        let mut bytes: [u8; 10] = random(&*self.shared.entropy);
        // The builder puts the version over the first four bits.
        bytes[..2].copy_from_slice(&(count & 0x0fff).to_be_bytes());
        Builder::from_unix_timestamp_millis(unix_millis(now), &bytes).into_uuid()
    }
}

/// The smallest id of that millisecond.
fn first_id(at: DateTime<Utc>) -> Uuid {
    Builder::from_unix_timestamp_millis(unix_millis(at), &[0; 10]).into_uuid()
}

fn unix_millis(at: DateTime<Utc>) -> u64 {
    u64::try_from(value::millis(at)).unwrap_or(0)
}

fn to_domain(row: EventRow) -> AuditRecord {
    AuditRecord {
        id: Id::from_uuid(row.id),
        at: from_millis(row.at),
        action: row.action,
        actor_kind: row.actor_kind,
        actor: row.actor,
        guest: row.guest.map(Id::from_uuid),
        app: row.app.map(Id::from_uuid),
        sign_in: row.sign_in.map(Id::from_uuid),
        reference: row.reference,
        reason: row.reason,
        details: row.details,
    }
}
