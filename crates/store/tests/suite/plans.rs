//! The hot queries use an index, on both databases.

use store::{Backend, testing::hot_queries};
use test_support::databases;

#[tokio::test]
async fn every_hot_query_uses_an_index() {
    let mut bad = Vec::new();
    for db in databases().await {
        for query in hot_queries(db.store.backend()) {
            let plan = db.store.plan(&query).await.unwrap();
            let text = plan.join("\n");
            let uses_an_index = match db.store.backend() {
                Backend::Sqlite => {
                    plan.iter()
                        .any(|step| step.starts_with("SEARCH") && step.contains(" USING "))
                        && !plan.iter().any(|step| step.contains("SCAN") && !is_derived(step))
                        && !text.contains("TEMP B-TREE")
                }
                Backend::Postgres => text.contains("Index") && !text.contains("Seq Scan"),
            };
            if !uses_an_index {
                bad.push(format!("{}: {}:\n{text}", db.name, query.name));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// A scan of rows that other steps of the same query found, and of no table.
fn is_derived(step: &str) -> bool {
    ["SCAN lead", "SCAN others", "SCAN CONSTANT ROW"].contains(&step)
}

/// The index by app alone would do for the test above, and would read every invitation to a popular app.
/// PostgreSQL chooses by the table's size, which a test does not have.
#[tokio::test]
async fn the_newest_invitation_is_found_by_guest_and_app_together() {
    for db in databases().await {
        if db.store.backend() == Backend::Postgres {
            continue;
        }
        let queries = hot_queries(db.store.backend());
        let query = queries.iter().find(|query| query.name == "newest invitation");
        let plan = db.store.plan(query.unwrap()).await.unwrap().join("\n");
        assert!(plan.contains("(guest=? AND app=?)"), "{plan}");
    }
}
