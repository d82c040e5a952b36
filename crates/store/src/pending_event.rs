//! An event of the audit log on its way into the database: its values, and its line in the log.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    audit::{Action, AuditEvent},
};
use sea_orm::Value;
use uuid::Uuid;

use crate::value;

/// The columns that an event has a value for. The reference goes along, because the sign-in is swept long before the event.
const COLUMNS: &str =
    "id, at, action, actor_kind, actor, guest, app, sign_in, reason, details, mailbox, reference";
const VALUES: usize = 11;
/// The place of `sign_in` among the values, from 1.
const SIGN_IN: usize = 8;

/// An event that was recorded and is not written yet.
pub(crate) struct PendingEvent {
    id: Uuid,
    action: Action,
    guest: Option<Uuid>,
    app: Option<Uuid>,
    reason: Option<String>,
    details: serde_json::Map<String, serde_json::Value>,
    /// The actor's kind and name, the sign-in, the mailbox's hash and the moment.
    rest: [Value; 5],
}

impl PendingEvent {
    pub(crate) fn new(id: Uuid, event: AuditEvent, mailbox: Option<SecretHash>, now: DateTime<Utc>) -> Self {
        let details = event.details.into_iter();
        Self {
            id,
            action: event.action,
            guest: event.guest.map(Id::uuid),
            app: event.app.map(Id::uuid),
            rest: [
                event.actor.kind().into(),
                event.actor.name().into(),
                event.sign_in.map(Id::uuid).into(),
                mailbox.map(|hash| hash.0.to_vec()).into(),
                value::at(now),
            ],
            reason: event.reason,
            details: details
                .map(|(name, text)| (name.to_owned(), text.into()))
                .collect(),
        }
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Its values, in the order of [`COLUMNS`].
    pub(crate) fn values(&self) -> [Value; VALUES] {
        let [actor_kind, actor, sign_in, mailbox, at] = self.rest.clone();
        [
            self.id.into(),
            at,
            self.action.name().into(),
            actor_kind,
            actor,
            self.guest.into(),
            self.app.into(),
            sign_in,
            self.reason.clone().into(),
            serde_json::Value::Object(self.details.clone()).to_string().into(),
            mailbox,
        ]
    }

    /// One line for each outcome, in words that the audit log has too; no detail that may be an address.
    pub(crate) fn log(&self, reference: Option<&str>) {
        let detail = |name: &str| self.details.get(name).and_then(serde_json::Value::as_str);
        tracing::info!(
            sign_in = reference,
            guest = self.guest.map(tracing::field::display),
            app = self.app.map(tracing::field::display),
            reason = self.reason,
            mailed = detail("mailed"),
            because = detail("because"),
            tries_left = detail("left"),
            kid = detail("kid"),
            alg = detail("alg"),
            "{}",
            self.action.name()
        );
    }
}

/// The statement that writes so many events, and answers with the id and the reference of each.
pub(crate) fn insertion(events: usize) -> String {
    let rows: Vec<String> = (0..events)
        .map(|event| {
            let first = event * VALUES;
            let numbers: Vec<String> = (1..=VALUES).map(|place| format!("${}", first + place)).collect();
            format!(
                "({}, (SELECT reference FROM sign_ins WHERE id = ${}))",
                numbers.join(", "),
                first + SIGN_IN
            )
        })
        .collect();
    format!(
        "INSERT INTO audit ({COLUMNS}) VALUES {} RETURNING id, reference",
        rows.join(", ")
    )
}
