//! For tests only (feature `testing`): statements that bypass the rules, and the plans of the hot queries.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Backend, Store, StoreError, apps, guests, invitations, upstreams};

/// A query that must use an index however large its table grows.
#[derive(Debug)]
pub struct HotQuery {
    /// What it is for.
    pub name: &'static str,
    sql: String,
    values: Vec<Value>,
}

impl HotQuery {
    pub(crate) fn new(name: &'static str, sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self {
            name,
            sql: sql.into(),
            values,
        }
    }
}

/// The hot queries of every aggregate.
pub fn hot_queries() -> Vec<HotQuery> {
    let id = || Value::from(Uuid::nil());
    let hash = || Value::from(vec![0_u8; 32]);
    vec![
        HotQuery::new("app by client_id", apps::BY_CLIENT_ID, vec!["notes".into()]),
        HotQuery::new("guest by id", guests::BY_ID, vec![id()]),
        HotQuery::new(
            "guest by address",
            guests::BY_EMAIL,
            vec!["anna@contoso.test".into()],
        ),
        HotQuery::new("guest by subject", guests::BY_SUBJECT, vec!["abc".into()]),
        HotQuery::new("invitation by token", invitations::BY_TOKEN, vec![hash()]),
        HotQuery::new("newest invitation", invitations::NEWEST, vec![id(), id()]),
        HotQuery::new("assignment", crate::access::ASSIGNMENT, vec![id(), id()]),
        HotQuery::new(
            "tenant of a domain",
            upstreams::TENANT_OF_DOMAIN,
            vec!["contoso.test".into()],
        ),
        HotQuery::new(
            "provider of a domain",
            upstreams::PROVIDER_OF_DOMAIN,
            vec!["outlook.com".into()],
        ),
        HotQuery::new(
            "provider of an address",
            upstreams::PROVIDER_OF_ADDRESS,
            vec!["a@b.test".into()],
        ),
        HotQuery::new("sign-in", "SELECT id FROM sign_ins WHERE id = $1", vec![id()]),
        HotQuery::new(
            "sign-ins of a browser",
            "SELECT id FROM sign_ins WHERE browser = $1 AND expires_at > 0 ORDER BY started_at DESC LIMIT 5",
            vec![hash()],
        ),
        HotQuery::new(
            "challenge",
            "SELECT id FROM passcode_challenges WHERE id = $1",
            vec![id()],
        ),
        HotQuery::new(
            "sends",
            "SELECT number FROM passcode_sends WHERE challenge = $1 ORDER BY number",
            vec![id()],
        ),
        HotQuery::new(
            "session by token",
            "SELECT id FROM sessions WHERE token_hash = $1",
            vec![hash()],
        ),
        HotQuery::new(
            "sessions of a guest",
            "SELECT id FROM sessions WHERE guest = $1",
            vec![id()],
        ),
        HotQuery::new("grant", "SELECT id FROM grants WHERE id = $1", vec![id()]),
        HotQuery::new(
            "grants of a session",
            "SELECT id FROM grants WHERE session = $1",
            vec![id()],
        ),
        HotQuery::new(
            "codes of a sign-in",
            "SELECT c.redeemed_at FROM grants g JOIN authorization_codes c ON c.grant_id = g.id WHERE g.sign_in = $1",
            vec![id()],
        ),
        HotQuery::new(
            "code",
            "UPDATE authorization_codes SET redeemed_at = 1 WHERE hash = $1",
            vec![hash()],
        ),
        HotQuery::new(
            "access token",
            "SELECT grant_id FROM access_tokens WHERE hash = $1",
            vec![hash()],
        ),
        HotQuery::new(
            "refresh token",
            "UPDATE refresh_tokens SET spent_at = 1 WHERE hash = $1",
            vec![hash()],
        ),
        HotQuery::new(
            "consent",
            "SELECT scopes FROM consents WHERE guest = $1 AND app = $2",
            vec![id(), id()],
        ),
        HotQuery::new("limit", "SELECT count FROM limits WHERE key = $1", vec![hash()]),
        HotQuery::new(
            "device",
            "SELECT seen_at FROM devices WHERE token_hash = $1 AND mailbox = $2",
            vec![hash(), hash()],
        ),
        HotQuery::new(
            "mail that is due",
            "SELECT id FROM outbox WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at LIMIT 4",
            vec![1_i64.into()],
        ),
    ]
}

/// Also the shape of any other query for one text.
#[derive(FromQueryResult)]
struct SqlitePlan {
    detail: String,
}

#[derive(FromQueryResult)]
struct PostgresPlan {
    #[sea_orm(from_alias = "QUERY PLAN")]
    line: String,
}

impl Store {
    /// Runs statements as they are, past every rule of this crate.
    pub async fn run_raw(&self, sql: &str) -> Result<(), StoreError> {
        self.writer().execute_unprepared(sql).await?;
        Ok(())
    }

    /// The database's plan for a query, one line a step. PostgreSQL is told to avoid sequential scans, which it
    /// would prefer on the few rows of a test.
    pub async fn plan(&self, query: &HotQuery) -> Result<Vec<String>, StoreError> {
        let tx = self.begin().await?;
        let connection = &tx.connection;
        let backend = connection.get_database_backend();
        let explain = |keyword: &str| {
            let sql = format!("{keyword} {}", query.sql);
            Statement::from_sql_and_values(backend, sql, query.values.clone())
        };
        if self.backend() == Backend::Postgres {
            connection
                .execute_unprepared("SET LOCAL enable_seqscan = off")
                .await?;
            let rows = connection.query_all_raw(explain("EXPLAIN")).await?;
            let lines = rows.iter().map(|row| PostgresPlan::from_query_result(row, ""));
            return Ok(lines
                .map(|row| row.map(|row| row.line))
                .collect::<Result<_, _>>()?);
        }
        let rows = connection.query_all_raw(explain("EXPLAIN QUERY PLAN")).await?;
        let lines = rows.iter().map(|row| SqlitePlan::from_query_result(row, ""));
        Ok(lines
            .map(|row| row.map(|row| row.detail))
            .collect::<Result<_, _>>()?)
    }

    /// The names of SQLite's tables.
    pub async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT name AS detail FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let rows = self.reader().all::<SqlitePlan>(sql, []).await?;
        Ok(rows.into_iter().map(|row| row.detail).collect())
    }

    /// Tries to write over a connection for reads.
    pub async fn write_over_reader(&self) -> Result<(), StoreError> {
        let reader = self.reader();
        reader.connection.execute_unprepared("DELETE FROM apps").await?;
        Ok(())
    }
}
