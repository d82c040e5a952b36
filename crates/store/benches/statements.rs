//! What a statement costs in each of the two languages that sea-orm speaks: built from an entity, or written as SQL and sent
//! through the same connection. CPU time of this process (on SQLite the database's work is in it), by turns in one run.
//!
//! `cargo bench -p store --bench statements`; with `TEST_DATABASE_URL` on PostgreSQL as well. See `docs/decisions/sea-orm.md`.
#![expect(clippy::expect_used, reason = "a benchmark that meets an error ends")]
#![expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests' variable says where PostgreSQL is"
)]

use std::{env, fs, process};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, Statement, Value,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

/// A table like ours: an id, a key that is looked for, and columns of every kind.
mod thing {
    #![expect(unreachable_pub, reason = "the derive makes `pub` items around the model")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "things")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub hash: Vec<u8>,
        pub label: Option<String>,
        pub list: String,
        pub enabled: bool,
        pub tries: i64,
        pub method: Option<Uuid>,
        pub ended_at: Option<i64>,
        pub created_at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const TABLE: &str = "CREATE TABLE things (id uuid NOT NULL PRIMARY KEY, name text NOT NULL UNIQUE, hash bytea NOT NULL, \
     label text, list text NOT NULL, enabled boolean NOT NULL, tries bigint NOT NULL, method uuid, ended_at bigint, \
     created_at bigint NOT NULL)";
const READ: &str = "SELECT id, name, hash, label, list, enabled, tries, method, ended_at, created_at FROM things \
     WHERE name = $1";
const CHANGE: &str = "UPDATE things SET tries = tries + 1 WHERE id = $1 AND ended_at IS NULL RETURNING tries";
const INSERT: &str = "INSERT INTO things (id, name, hash, label, list, enabled, tries, method, ended_at, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Statements of one turn, and turns of each.
const STATEMENTS: u32 = 4_000;
const TURNS: usize = 7;

fn sample(n: u128) -> thing::Model {
    thing::Model {
        id: Uuid::from_u128(n),
        name: format!("thing-{n}"),
        hash: vec![7; 32],
        label: Some("a label".into()),
        list: "[\"https://notes.example/callback\"]".into(),
        enabled: true,
        tries: 0,
        method: None,
        ended_at: None,
        created_at: 1_700_000_000_000,
    }
}

#[derive(FromQueryResult)]
struct Tries {
    tries: i64,
}

/// One of the kinds of statement, in one of the languages.
#[derive(Clone, Copy)]
enum Kind {
    Read,
    Change,
    Insert,
}

struct Bench {
    connection: DatabaseConnection,
    inserted: u128,
}

impl Bench {
    async fn sql(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Option<sea_orm::QueryResult> {
        let statement = Statement::from_sql_and_values(self.connection.get_database_backend(), sql, values);
        let answer = self.connection.query_one_raw(statement).await;
        answer.expect("the statement runs")
    }

    async fn by_sql(&mut self, kind: Kind) {
        match kind {
            Kind::Read => {
                let row = self.sql(READ, ["thing-1".into()]).await.expect("it is there");
                let row = thing::Model::from_query_result(&row, "").expect("it is whole");
                assert!(row.enabled);
            }
            Kind::Change => {
                let row = self.sql(CHANGE, [Uuid::from_u128(1).into()]).await;
                let row = Tries::from_query_result(&row.expect("it is open"), "").expect("it is whole");
                assert!(row.tries > 0);
            }
            Kind::Insert => {
                self.inserted += 1;
                let row = sample(self.inserted);
                let values: [Value; 10] = [
                    row.id.into(),
                    row.name.into(),
                    row.hash.into(),
                    row.label.into(),
                    row.list.into(),
                    row.enabled.into(),
                    row.tries.into(),
                    row.method.into(),
                    row.ended_at.into(),
                    row.created_at.into(),
                ];
                self.sql(INSERT, values).await;
            }
        }
    }

    async fn by_entity(&mut self, kind: Kind) {
        let connection = &self.connection;
        match kind {
            Kind::Read => {
                let found = thing::Entity::find()
                    .filter(thing::Column::Name.eq("thing-1"))
                    .one(connection)
                    .await;
                assert!(found.expect("it runs").expect("it is there").enabled);
            }
            Kind::Change => {
                let changed = thing::Entity::update_many()
                    .col_expr(thing::Column::Tries, Expr::col(thing::Column::Tries).add(1))
                    .filter(thing::Column::Id.eq(Uuid::from_u128(1)))
                    .filter(thing::Column::EndedAt.is_null())
                    .exec_with_returning(connection)
                    .await;
                assert_eq!(changed.expect("it runs").len(), 1);
            }
            Kind::Insert => {
                self.inserted += 1;
                let mut row = sample(self.inserted).into_active_model();
                row.tries = Set(0);
                thing::Entity::insert(row)
                    .exec_without_returning(connection)
                    .await
                    .expect("it runs");
            }
        }
    }
}

/// CPU time of this process so far, in clock ticks of 10 ms.
fn cpu_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux says");
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let at = |place: usize| {
        fields
            .get(place)
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or(0)
    };
    at(11) + at(12)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

async fn run(name: &str, url: &str) {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("the database is there");
    let run = |sql: &'static str| connection.execute_unprepared(sql);
    run("DROP TABLE IF EXISTS things").await.expect("it runs");
    run(TABLE).await.expect("it runs");
    if name == "SQLite" {
        // The disk is not what is measured.
        run("PRAGMA journal_mode = WAL").await.expect("it runs");
        run("PRAGMA synchronous = OFF").await.expect("it runs");
    }
    let mut bench = Bench {
        connection,
        inserted: 0,
    };
    bench.by_sql(Kind::Insert).await;
    for (what, kind) in [
        ("read one row of ten columns", Kind::Read),
        ("conditional UPDATE … RETURNING", Kind::Change),
        ("insert a row of ten columns", Kind::Insert),
    ] {
        let (mut entity, mut sql) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let before = cpu_ticks();
            for _ in 0..STATEMENTS {
                bench.by_entity(kind).await;
            }
            let between = cpu_ticks();
            for _ in 0..STATEMENTS {
                bench.by_sql(kind).await;
            }
            let micros =
                |ticks: u64| f64::from(u32::try_from(ticks).unwrap_or(0)) * 10_000.0 / f64::from(STATEMENTS);
            entity.push(micros(between - before));
            sql.push(micros(cpu_ticks() - between));
        }
        let (entity, sql) = (median(entity), median(sql));
        println!(
            "{name:10} {what:32} entity {entity:6.1} µs   SQL {sql:6.1} µs   ratio {:.2}",
            entity / sql
        );
    }
    let dropped = bench.connection.execute_unprepared("DROP TABLE things").await;
    dropped.expect("it runs");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let file = env::temp_dir().join(format!("statements-{}.db", process::id()));
    run("SQLite", &format!("sqlite:{}?mode=rwc", file.display())).await;
    for end in ["", "-wal", "-shm"] {
        // What is not there need not go.
        let _ = fs::remove_file(format!("{}{end}", file.display()));
    }
    if let Ok(url) = env::var("TEST_DATABASE_URL") {
        run("PostgreSQL", &url).await;
    }
}
