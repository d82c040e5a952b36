//! Who was erased is nowhere any more: a copy of the database does not have their address.

use actions::remove_guest;
use chrono::TimeDelta;
use domain::{
    audit::{Actor, AuditEvent},
    upstream::UpstreamKind,
};
use store::{AuditQuery, Backend};
use test_support::samples;

use crate::world::{World, browser, operator, worlds};

const ANNA: &str = "anna.to-be-erased@contoso.test";

#[tokio::test]
async fn nothing_of_an_erased_guest_is_left() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        let guest = world.guest(ANNA).await;
        // A trip to an upstream that ended badly names the address in clear, and no guest.
        let typed = samples::email("Anna.To-Be-Erased@contoso.test");
        let failed = AuditEvent::new(UpstreamKind::Tenant.actions().failed, Actor::Visitor)
            .mailbox(&typed)
            .detail("expected", typed.as_str());
        let tx = world.core.store.begin().await.unwrap();
        tx.record(failed, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        remove_guest(&world.core, operator(), guest.id, None)
            .await
            .unwrap();
        assert!(has(&world, ANNA).await.unwrap_or(true), "removed, not erased");

        world.advance(TimeDelta::days(30));
        world.deliverer.sweep().await.unwrap();
        let reader = world.core.store.reader();
        let of_mailbox = AuditQuery {
            mailbox: Some(samples::email(ANNA)),
            limit: 9,
            ..AuditQuery::default()
        };
        let named = reader.audit_search(&of_mailbox).await.unwrap();
        assert!(named.is_empty(), "{}: {named:?}", world.database.name);
        let left = reader.tombstone(guest.id).await.unwrap().unwrap();
        assert_eq!(left.subject, guest.subject);
        assert_eq!(reader.guest_by_email(&samples::email(ANNA)).await.unwrap(), None);
        assert!(!has(&world, ANNA).await.unwrap_or(false));
        let tombstone = has(&world, guest.subject.as_str()).await;
        assert!(tombstone.unwrap_or(true));
    }
}

/// Whether a copy of the database holds the text. PostgreSQL, which runs the same statements, makes no such copy.
async fn has(world: &World, text: &str) -> Option<bool> {
    if world.core.store.backend() != Backend::Sqlite {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy");
    world.core.store.back_up(&file).await.unwrap();
    let bytes = std::fs::read(file).unwrap().to_ascii_lowercase();
    Some(bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}
