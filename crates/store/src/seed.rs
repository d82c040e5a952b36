//! Made-up guests in any number (feature `seed`), for the bench and for the tests of plans. Each was invited and has signed in:
//! there is an invitation, an assignment, a consent and three audit records. One in ten is signed in still, and has a session, a
//! device, and a grant with its tokens, and is in the one group.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Id, app::App};

use crate::{Backend, Store, StoreError};

/// The statements, with words in braces.
const STATEMENTS: &str = include_str!("seed.sql");
/// A guest came in with every second that passed since so long ago.
const SINCE: TimeDelta = TimeDelta::days(365);
/// How the guests' addresses spread: `guest7@partner7.test`.
const DOMAINS: u32 = 1000;
/// What hashes are of, and whether that is dated by the sign-in. No two rows of a table may have the same.
const HASHED: [(&str, bool); 7] = [
    ("access", true),
    ("code", true),
    ("device", true),
    ("invitation", false),
    ("mailbox", false),
    ("refresh", true),
    ("session", true),
];

impl Store {
    /// Adds the guests with these numbers, in one transaction. A number that is there already is a conflict.
    pub async fn seed_guests(
        &self,
        app: Id<App>,
        numbers: RangeInclusive<u32>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut words = words(self.backend(), app, now);
        let (first, last) = numbers.into_inner();
        words.push((
            "seeds".to_owned(),
            format!(
                "WITH RECURSIVE seeds(i) AS \
                 (SELECT CAST({first} AS bigint) UNION ALL SELECT i + 1 FROM seeds WHERE i < {last})"
            ),
        ));
        let mut sql = STATEMENTS.to_owned();
        for (word, meant) in words {
            sql = sql.replace(&format!("{{{word}}}"), &meant);
        }
        let tx = self.begin().await?;
        for statement in sql.split_terminator(";\n") {
            tx.run(statement, []).await?;
        }
        tx.commit().await
    }

    /// Lets PostgreSQL count its rows now, and not when it next finds the time. SQLite chooses its plans without.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        if self.backend() == Backend::Postgres {
            let tx = self.begin().await?;
            tx.run("SET LOCAL statement_timeout = 0", []).await?;
            tx.run("ANALYZE", []).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// What the words in braces mean to a database.
fn words(backend: Backend, app: Id<App>, now: DateTime<Utc>) -> Vec<(String, String)> {
    let now = now.timestamp_millis();
    let came_in = format!("({} + i * 1000)", now - SINCE.num_milliseconds());
    // Within the last twenty hours, so that a session of a day has still some time.
    let signed_in = format!("({now} - i % 72000 * 1000)");
    let app = app.uuid().simple();
    // A UUIDv7 of that moment; `kind` keeps the ids of several rows of a guest apart.
    let id = |at: &str, kind: u8| match backend {
        Backend::Sqlite => format!("unhex(format('%012x7000800{kind}%012x', {at}, i))"),
        Backend::Postgres => format!(
            "CAST(lpad(to_hex({at}), 12, '0') || '7000800{kind}' || lpad(to_hex(i), 12, '0') AS uuid)"
        ),
    };
    let mut words = vec![
        ("is signed in", "i % 10 = 0".to_owned()),
        ("day", "86400000".to_owned()),
        ("month", "2592000000".to_owned()),
        (
            "address",
            format!("'guest' || i || '@partner' || (i % {DOMAINS}) || '.test'"),
        ),
        ("guest", id(&came_in, 0)),
        ("session", id(&signed_in, 1)),
        ("grant", id(&signed_in, 2)),
        ("invited", id(&came_in, 3)),
        ("proven", id(&signed_in, 4)),
        ("issued", id(&signed_in, 5)),
        (
            "app",
            match backend {
                Backend::Sqlite => format!("unhex('{app}')"),
                Backend::Postgres => format!("CAST('{app}' AS uuid)"),
            },
        ),
        ("came in", came_in),
        ("signed in", signed_in.clone()),
    ]
    .into_iter()
    .map(|(word, meant)| (word.to_owned(), meant))
    .collect::<Vec<_>>();
    words.extend(HASHED.map(|(of, is_dated)| {
        let sha256 = format!("sha256(convert_to('{of}' || i, 'UTF8'))");
        let bytes = match (backend, is_dated) {
            (Backend::Sqlite, false) => "randomblob(32)".to_owned(),
            (Backend::Sqlite, true) => format!("unhex(format('%012x', {signed_in}) || hex(randomblob(26)))"),
            (Backend::Postgres, false) => sha256,
            (Backend::Postgres, true) => {
                format!("decode(lpad(to_hex({signed_in}), 12, '0'), 'hex') || substr({sha256}, 7)")
            }
        };
        (format!("hash of {of}"), bytes)
    }));
    words
}
