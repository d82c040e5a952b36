//! Actions on real databases.

mod addresses;
mod alike;
mod apps;
mod assignments;
mod changed_invitations;
mod changes;
mod groups;
mod guest_life;
mod guest_rules;
mod guests;
mod invitations;
mod invited_groups;
mod inviters;
mod listed;
mod look_alikes;
mod merge;
mod passkeys;
mod pins;
mod resets;
mod routes;
mod switched_off;
mod tokens;
mod upstreams;

use domain::{
    audit::{Actor, AuditRecord},
    invitation::InvitationTerms,
};
use sign_in::Core;
use store::AuditQuery;
use test_support::{FakeClock, TestDatabase, databases, sqlite};

use super::*;

/// For previews that nobody waits for.
fn quiet(_: usize) {}

/// A provider on one database, and its clock.
struct World {
    core: Core,
    clock: FakeClock,
    name: &'static str,
    database: TestDatabase,
}

impl World {
    /// One on every kind of database.
    async fn each() -> Vec<Self> {
        databases().await.into_iter().map(Self::on).collect()
    }

    /// On SQLite, for what no database can change.
    async fn sqlite() -> Self {
        Self::on(sqlite().await)
    }

    fn on(database: TestDatabase) -> Self {
        let clock = FakeClock::new();
        Self {
            core: test_support::core(database.store.clone(), clock.clone()),
            clock,
            name: database.name,
            database,
        }
    }

    /// With an app called `notes`.
    async fn each_with_app() -> Vec<Self> {
        let worlds = Self::each().await;
        for world in &worlds {
            world.add_app().await;
        }
        worlds
    }

    async fn sqlite_with_app() -> Self {
        let world = Self::sqlite().await;
        world.add_app().await;
        world
    }

    async fn add_app(&self) {
        let new = NewApp {
            client_id: Some("notes".into()),
            ..NewApp::new("Acme Notes", "https://notes.example/callback")
        };
        register_app(&self.core, lee(), new).await.unwrap();
    }

    /// What the audit log holds, oldest first.
    async fn audit(&self) -> Vec<AuditRecord> {
        let query = AuditQuery {
            limit: 1000,
            ..AuditQuery::default()
        };
        let mut records = self.core.store.reader().audit_search(&query).await.unwrap();
        records.reverse();
        records
    }

    async fn actions(&self) -> Vec<String> {
        self.audit()
            .await
            .into_iter()
            .map(|record| record.action)
            .collect()
    }

    async fn invite(&self, email: &str) -> Result<Invited, ActionError> {
        invite_guest(&self.core, lee(), invite(email)).await
    }
}

/// The operator of these tests.
fn lee() -> Actor {
    Actor::Operator("lee".into())
}

fn invite(email: &str) -> Invite {
    Invite {
        email: email.into(),
        app: "notes".into(),
        terms: InvitationTerms::by("Lee"),
        ..Invite::default()
    }
}

/// The fields that were found wrong.
fn fields<T: std::fmt::Debug>(result: Result<T, ActionError>) -> Vec<&'static str> {
    match result {
        Err(ActionError::Invalid(faults)) => faults.iter().map(|fault| fault.field).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}
