//! Access to one app: given, and taken back.

use chrono::TimeDelta;
use domain::{
    access::{Access, AccessRefusal},
    app::{AccessRule, App},
    guest::Guest,
    invitation::Standing,
};
use serde_json::{Value, json};
use test_support::samples;

use super::*;

impl World {
    /// A guest in the directory, and the app.
    async fn bob(&self) -> (Guest, App) {
        let guest = samples::active_guest("bob@fabrikam.test");
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        tx.commit().await.unwrap();
        let app = self.core.store.reader().app_by_client_id("notes").await;
        (guest, app.unwrap().unwrap())
    }

    async fn access(&self, guest: &Guest, app: &App) -> Access {
        let reader = self.core.store.reader();
        reader.access_of(app.id, guest, self.core.now()).await.unwrap()
    }
}

fn until(guest: &Guest, app: &App, ends_at: Option<DateTime<Utc>>) -> NewAssignment {
    NewAssignment {
        guest: guest.id,
        app: app.id,
        starts_at: None,
        ends_at,
        reason: Some("kickoff".into()),
        sponsor: Some("Lee".into()),
    }
}

fn details(event: &AuditRecord) -> Value {
    serde_json::from_str(&event.details).unwrap()
}

const ENDED: Access = Access::Refuse(AccessRefusal::AssignmentEnded);

#[tokio::test]
async fn an_assignment_admits() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let (guest, app) = world.bob().await;
        let mut new = until(&guest, &app, Some(core.now() + TimeDelta::days(1)));
        assign(core, lee(), new.clone()).await.unwrap();
        assert_eq!(world.access(&guest, &app).await, Access::Allow);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(world.access(&guest, &app).await, ENDED);

        assert_eq!(
            fields(assign(core, lee(), new.clone()).await),
            ["ends_at"],
            "it lies in the past now"
        );
        new.ends_at = None;
        new.app = samples::id();
        let nowhere = assign(core, lee(), new).await;
        assert!(
            matches!(nowhere, Err(ActionError::NotFound { what: "app", .. })),
            "{}",
            world.name
        );
        let audit = world.audit().await;
        let event = audit.last().unwrap();
        assert_eq!(event.action, "assignment.added");
        assert_eq!(event.reason.as_deref(), Some("kickoff"));
        assert_eq!(
            details(event),
            json!({ "from": "2027-03-01T09:00:00Z", "until": "2027-03-02T09:00:00Z", "sponsor": "Lee" })
        );
    }
}

#[tokio::test]
async fn access_is_taken_back_from_one_app_alone() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let (guest, app) = world.bob().await;
        assign(core, lee(), until(&guest, &app, None)).await.unwrap();
        let files = App {
            client_id: "files".into(),
            access: AccessRule::AnyGuest,
            ..samples::app()
        };
        let session = samples::session(&guest);
        let mut grants = Vec::new();
        let tx = core.store.begin().await.unwrap();
        tx.insert_app(&files).await.unwrap();
        tx.insert_session(&session, &samples::secret().hash(), &store::SeenAs::default())
            .await
            .unwrap();
        for app in [&app, &files] {
            let grant = samples::grant(app, &session);
            let code = samples::authorization_code();
            tx.insert_grant(&grant, &code, None, session.expires_at)
                .await
                .unwrap();
            grants.push(grant.id);
        }
        tx.commit().await.unwrap();
        // An invitation that waits would let them in again.
        let invited = world.invite("bob@fabrikam.test").await.unwrap();

        let reason = Some("left the project");
        assert!(unassign(core, lee(), guest.id, app.id, reason).await.unwrap());

        let (reader, now) = (core.store.reader(), core.now());
        assert_eq!(world.access(&guest, &app).await, ENDED, "{}", world.name);
        let [notes, elsewhere] = [grants[0], grants[1]].map(|id| reader.grant(id));
        assert_eq!(notes.await.unwrap().unwrap().revoked_at, Some(now));
        assert_eq!(elsewhere.await.unwrap().unwrap().revoked_at, None);
        assert_eq!(reader.sessions_of(guest.id, now).await.unwrap().len(), 1);
        let invitation = reader.invitation(invited.invitation.id).await.unwrap().unwrap();
        assert_eq!(invitation.standing(now), Standing::Revoked);
        let audit = world.audit().await;
        let event = audit.last().unwrap();
        assert_eq!(
            (event.action.as_str(), event.guest),
            ("assignment.ended", Some(guest.id))
        );
        assert_eq!((event.app, event.reason.as_deref()), (Some(app.id), reason));
        assert_eq!(details(event), json!({ "grants_revoked": "1" }));

        let revoked = &audit[audit.len() - 2];
        assert_eq!(revoked.action, "invitation.revoked");
        assert_eq!(
            details(revoked),
            json!({ "invitation": invited.invitation.id.to_string() })
        );
        assert!(
            !unassign(core, lee(), guest.id, app.id, None).await.unwrap(),
            "once"
        );
        assert_eq!(world.audit().await.len(), audit.len());
        // An app that is for every guest shuts out whom it was told to.
        assert_eq!(world.access(&guest, &files).await, Access::Allow);
        assert!(unassign(core, lee(), guest.id, files.id, None).await.unwrap());
        assert_eq!(world.access(&guest, &files).await, ENDED);

        // They may be given it again, by an assignment or by an invitation.
        assign(core, lee(), until(&guest, &files, None)).await.unwrap();
        assert_eq!(world.access(&guest, &files).await, Access::Allow);
        world.clock.advance(TimeDelta::seconds(1));
        let again = world.invite("bob@fabrikam.test").await.unwrap();
        assert_eq!(
            world.access(&guest, &app).await,
            Access::AllowByInvitation(again.invitation.id)
        );
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_taken_back() {
    let world = World::sqlite_with_app().await;
    let (guest, app) = world.bob().await;
    assert!(
        !unassign(&world.core, lee(), guest.id, app.id, None)
            .await
            .unwrap(),
        "they never had it"
    );
    let nobody = unassign(&world.core, lee(), samples::id(), app.id, None).await;
    assert!(matches!(nobody, Err(ActionError::NotFound { what: "guest", .. })));
    let reason = "x".repeat(201);
    assert_eq!(
        fields(unassign(&world.core, lee(), guest.id, app.id, Some(&reason)).await),
        ["reason"]
    );
    assert_eq!(world.actions().await, ["app.added"]);
}
