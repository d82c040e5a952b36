//! The store's suite: every test runs on SQLite, and on PostgreSQL when `TEST_DATABASE_URL` names a server.
#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

mod access;
mod api_tokens;
mod apps;
mod audit;
mod backup;
mod domain_claims;
mod faults;
mod grants;
mod groups;
mod guests;
mod invitation_groups;
mod invitations;
mod inviters;
mod keys;
mod known_apps;
mod leases;
mod limits;
mod merges;
mod method_facts;
mod opening;
mod outbox;
mod passkeys;
mod plans;
mod power;
mod saml;
mod sign_ins;
mod sweep;
mod transactions;
mod upstreams;

use store::{StoreError, Tx};
use test_support::{TestDatabase, samples};

/// Opens the transaction of a test's preparation.
pub(crate) async fn begin(db: &TestDatabase) -> Tx {
    db.store.begin().await.unwrap()
}

/// Asserts that an illegal value is named by its table and column.
#[track_caller]
pub(crate) fn assert_corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>, place: (&str, &str)) {
    match result {
        Err(StoreError::Corrupt { table, column, .. }) => assert_eq!((table, column), place),
        other => panic!("{place:?}: {other:?}"),
    }
}

/// Asserts that a change was refused because of what is stored.
#[track_caller]
pub(crate) fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(error) if error.is_conflict() => {}
        other => panic!("{other:?}"),
    }
}

/// An app and a guest, stored.
pub(crate) async fn app_and_guest(db: &TestDatabase) -> (domain::app::App, domain::guest::Guest) {
    let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
    let tx = begin(db).await;
    tx.insert_app(&app).await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.commit().await.unwrap();
    (app, guest)
}
