//! The hot queries use an index, on both databases.

use domain::{EmailAddress, app::App, guest::GuestStatus, invitation::InvitationState};
use store::{AuditQuery, Backend, testing::hot_queries};
use test_support::{TestDatabase, databases, samples};

use crate::begin;

#[tokio::test]
async fn every_hot_query_uses_an_index() {
    let mut bad = Vec::new();
    for db in databases().await {
        for query in hot_queries(db.store.backend()) {
            let plan = db.store.plan_by_index(&query).await.unwrap();
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

/// The tables that grow with the guests, as the seed fills them. The others hold as many rows as an organisation has apps and
/// upstreams, or are swept.
const LARGE: [&str; 11] = [
    "access_tokens",
    "assignments",
    "audit",
    "consents",
    "devices",
    "grants",
    "group_assignments",
    "guests",
    "invitations",
    "refresh_tokens",
    "sessions",
];

/// So many guests of an app.
async fn seeded(db: &TestDatabase, guests: u32) -> App {
    let app = samples::app();
    let tx = begin(db).await;
    tx.insert_app(&app).await.unwrap();
    tx.commit().await.unwrap();
    let seeded = db.store.seed_guests(app.id, 1..=guests, samples::now());
    seeded.await.unwrap();
    app
}

/// PostgreSQL chooses by what it has counted; SQLite, which is never told to count, as on an empty table.
#[tokio::test]
async fn postgres_chooses_an_index_among_twenty_thousand_guests() {
    let mut bad = Vec::new();
    for db in databases().await {
        if db.store.backend() == Backend::Sqlite {
            continue;
        }
        seeded(&db, 20_000).await;
        db.store.analyze().await.unwrap();
        for query in hot_queries(db.store.backend()) {
            let plan = db.store.plan(&query).await.unwrap();
            let scans = plan.iter().filter(|step| {
                step.split_once("Seq Scan on ")
                    .and_then(|(_, table)| table.split_whitespace().next())
                    .is_some_and(|table| LARGE.contains(&table))
            });
            if scans.count() > 0 {
                bad.push(format!("{}: {}:\n{}", db.name, query.name, plan.join("\n")));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// What the seed makes is read like what sign-ins leave, so that a measurement with it says something.
#[tokio::test]
async fn made_up_guests_are_read_like_others() {
    for db in databases().await {
        let app = seeded(&db, 30).await;
        let reader = db.store.reader();
        let address = EmailAddress::parse("guest20@partner20.test").unwrap();
        let guest = reader.guest_by_email(&address).await.unwrap().unwrap();
        assert_eq!(guest.status, GuestStatus::Active, "{}", db.name);
        let invitation = reader.newest_invitation(guest.id, app.id).await.unwrap();
        assert_eq!(
            invitation.unwrap().state,
            InvitationState::Redeemed,
            "{}",
            db.name
        );
        assert_eq!(
            reader.assignments_of(guest.id).await.unwrap().len(),
            2,
            "{}: their own, and through the group",
            db.name
        );
        let sessions = reader.sessions_of(guest.id, samples::now()).await.unwrap();
        assert_eq!(sessions.len(), 1, "{}", db.name);
        let grants = reader.live_grants(None, 10, samples::now()).await.unwrap();
        assert_eq!(grants.len(), 3, "{}", db.name);
        let of_guest = AuditQuery {
            guest: Some(guest.id),
            limit: 10,
            ..AuditQuery::default()
        };
        assert_eq!(
            reader.audit_search(&of_guest).await.unwrap().len(),
            3,
            "{}",
            db.name
        );
    }
}
