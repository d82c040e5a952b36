//! What has lived its time, removed in bounded batches. Nothing here decides: every row was worthless before.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{StoreError, Tx, value};

/// One table's rule: rows whose `column` lies further back than `kept_for` go.
struct Rule {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    kept_for: TimeDelta,
}

/// In this order, so that rows that others refer to go last.
const RULES: [Rule; 14] = [
    // Sends and challenges go with their sign-in, which ends long after the last of its codes.
    Rule {
        table: "sign_ins",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "access_tokens",
        key: "hash",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    // Codes and refresh tokens go with their grant: until then a reuse is recognised.
    Rule {
        table: "grants",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::days(1),
    },
    Rule {
        table: "sessions",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::days(60),
    },
    Rule {
        table: "limits",
        key: "key",
        column: "ends_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "spent",
        key: "hash",
        column: "ends_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "test_sign_ins",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "saml_answers",
        key: "hash",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "webfinger",
        key: "mailbox",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "access_requests",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::days(90),
    },
    // Two who are one go with the first of them that is erased: until then it can be taken back.
    Rule {
        table: "merges",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::days(90),
    },
    Rule {
        table: "inviter_links",
        key: "id",
        column: "expires_at",
        kept_for: TimeDelta::zero(),
    },
    Rule {
        table: "outbox",
        key: "id",
        column: "ended_at",
        kept_for: TimeDelta::days(7),
    },
    Rule {
        table: "devices",
        key: "token_hash, mailbox",
        column: "seen_at",
        kept_for: TimeDelta::days(180),
    },
];

impl Rule {
    fn statement(&self) -> String {
        let Rule {
            table, key, column, ..
        } = self;
        // A session goes only when no grant refers to it any more.
        let unless = match *table {
            "sessions" => " AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.session = sessions.id)",
            "merges" => " AND state <> 'merged'",
            _ => "",
        };
        format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {column} <= $1{unless} \
             ORDER BY {column} LIMIT $2)"
        )
    }
}

/// Every statement of a sweep, with its table.
#[cfg(feature = "testing")]
pub(crate) fn statements() -> impl Iterator<Item = (&'static str, String)> {
    RULES.iter().map(|rule| (rule.table, rule.statement()))
}

impl Tx {
    /// Removes up to `batch` rows of every table; says how many went. Less than `batch` is: nothing is left to do.
    pub async fn sweep(&self, now: DateTime<Utc>, batch: u64) -> Result<u64, StoreError> {
        let mut removed = 0;
        for rule in &RULES {
            let limit = i64::try_from(batch).unwrap_or(i64::MAX);
            let before = value::at(now - rule.kept_for);
            removed += self.run(&rule.statement(), [before, limit.into()]).await?;
        }
        Ok(removed)
    }
}
