//! Groups: what comes of them, and what goes with them.

use chrono::TimeDelta;
use domain::{Id, app::App, grant::Grant, guest::Guest};
use serde_json::{Value, json};
use test_support::samples;

use super::*;

impl World {
    /// A guest in the directory, of whom `notes` and `files` hold something; and what they hold.
    async fn held(&self, email: &str) -> (Guest, [Id<Grant>; 2]) {
        let guest = samples::active_guest(email);
        let session = samples::session(&guest);
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        let token = samples::authorization_code();
        tx.insert_session(&session, &token.hash, &store::SeenAs::default())
            .await
            .unwrap();
        let mut grants = Vec::new();
        for client_id in ["notes", "files"] {
            let app: App = tx.app_by_client_id(client_id).await.unwrap().unwrap();
            let grant = samples::grant(&app, &session);
            let code = samples::authorization_code();
            tx.insert_grant(&grant, &code, None, session.expires_at)
                .await
                .unwrap();
            grants.push(grant.id);
        }
        tx.commit().await.unwrap();
        (guest, [grants[0], grants[1]])
    }

    async fn add_files(&self) {
        let new = NewApp {
            client_id: Some("files".into()),
            ..NewApp::new("Files", "https://files.example/callback")
        };
        register_app(&self.core, lee(), new).await.unwrap();
    }

    async fn are_live(&self, grants: [Id<Grant>; 2]) -> [bool; 2] {
        let reader = self.core.store.reader();
        let [notes, files] = grants.map(|id| reader.grant(id));
        [notes.await, files.await].map(|grant| grant.unwrap().unwrap().revoked_at.is_none())
    }

    async fn last_details(&self) -> (String, Value) {
        let event = self.audit().await.pop().unwrap();
        (event.action, serde_json::from_str(&event.details).unwrap())
    }
}

fn into(guest: &Guest, group: &str) -> NewGroupAssignment {
    NewGroupAssignment {
        guest: guest.id,
        group: group.into(),
        ends_at: None,
        reason: Some("kickoff".into()),
        sponsor: Some("Lee".into()),
    }
}

fn apps(clients: &[&str]) -> Vec<String> {
    clients.iter().map(|client| (*client).to_owned()).collect()
}

#[tokio::test]
async fn who_leaves_a_group_keeps_what_they_have_otherwise() {
    for world in World::each_with_app().await {
        let core = &world.core;
        world.add_files().await;
        add_group(core, lee(), "auditors", &apps(&["notes", "files"]))
            .await
            .unwrap();
        let (anna, held) = world.held("anna@contoso.test").await;
        assign_to_group(core, lee(), into(&anna, "auditors"))
            .await
            .unwrap();
        let reader = core.store.reader();
        let notes = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let own = NewAssignment {
            guest: anna.id,
            app: notes.id,
            starts_at: None,
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        assign(core, lee(), own).await.unwrap();

        let why = Some("project is over");
        assert!(
            unassign_from_group(core, lee(), anna.id, "auditors", why)
                .await
                .unwrap()
        );
        assert_eq!(world.are_live(held).await, [true, false], "{}", world.name);
        let event = world.audit().await.pop().unwrap();
        assert_eq!(
            (event.action.as_str(), event.reason.as_deref()),
            ("assignment.ended", why)
        );
        assert_eq!(event.guest, Some(anna.id));
        let said = json!({ "group": "auditors", "grants_revoked": "1" });
        assert_eq!(world.last_details().await.1, said);
        let again = unassign_from_group(core, lee(), anna.id, "auditors", None).await;
        assert!(!again.unwrap(), "once");
    }
}

#[tokio::test]
async fn an_app_that_leaves_a_group_and_a_group_that_goes_cut_off_whom_they_let_in() {
    for world in World::each_with_app().await {
        let core = &world.core;
        world.add_files().await;
        add_group(core, lee(), "auditors", &apps(&["notes", "files", "notes"]))
            .await
            .unwrap();
        add_group(core, lee(), "readers", &apps(&["notes"]))
            .await
            .unwrap();
        let (anna, of_anna) = world.held("anna@contoso.test").await;
        let (bob, of_bob) = world.held("bob@fabrikam.test").await;
        let (_, of_carl) = world.held("carl@fabrikam.test").await;
        for (guest, group) in [(&anna, "auditors"), (&bob, "auditors"), (&bob, "readers")] {
            assign_to_group(core, lee(), into(guest, group)).await.unwrap();
        }
        let change = GroupChange {
            name: Some("reviewers".into()),
            add_apps: Vec::new(),
            remove_apps: apps(&["notes"]),
        };
        let group = change_group(core, lee(), "auditors", change.clone())
            .await
            .unwrap();
        assert_eq!((group.name.as_str(), group.apps.len()), ("reviewers", 1));
        assert_eq!(world.are_live(of_anna).await, [false, true], "{}", world.name);
        assert_eq!(world.are_live(of_bob).await, [true, true], "{}", world.name);
        let said = json!({ "group": "auditors", "name": "auditors → reviewers", "apps_removed": "notes", "grants_revoked": "1" });
        assert_eq!(world.last_details().await, ("group.changed".into(), said));
        // Nothing to change, and nothing to note.
        let before = world.actions().await.len();
        let none = GroupChange {
            name: Some("reviewers".into()),
            ..change
        };
        change_group(core, lee(), "reviewers", none).await.unwrap();
        assert_eq!(world.actions().await.len(), before);

        remove_group(core, lee(), "reviewers").await.unwrap();
        assert_eq!(world.are_live(of_anna).await, [false, false], "{}", world.name);
        assert_eq!(world.are_live(of_bob).await, [true, false], "{}", world.name);
        assert_eq!(world.are_live(of_carl).await, [true, true], "not in the group");
        let said = json!({ "group": "reviewers", "grants_revoked": "2" });
        assert_eq!(world.last_details().await, ("group.removed".into(), said));
    }
}

#[tokio::test]
async fn who_was_sent_away_stays_away_until_they_come_into_a_group() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    let reader = core.store.reader();
    add_group(core, lee(), "auditors", &[]).await.unwrap();
    let anna = world.invite("anna@contoso.test").await.unwrap().guest;
    assign_to_group(core, lee(), into(&anna, "auditors"))
        .await
        .unwrap();
    let notes = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
    let access = async || {
        let guest = reader.guest(anna.id).await.unwrap().unwrap();
        let access = reader.access_of(notes, &guest, core.now()).await.unwrap();
        access == domain::access::Access::Allow
    };
    let with_notes = GroupChange {
        add_apps: apps(&["notes"]),
        ..GroupChange::default()
    };
    change_group(core, lee(), "auditors", with_notes.clone())
        .await
        .unwrap();
    assert!(access().await);
    assert!(unassign(core, lee(), anna.id, notes, None).await.unwrap());
    assert!(!access().await);
    let without = GroupChange {
        remove_apps: apps(&["notes"]),
        ..GroupChange::default()
    };
    change_group(core, lee(), "auditors", without).await.unwrap();
    change_group(core, lee(), "auditors", with_notes).await.unwrap();
    assert!(!access().await, "the group has it again, and they stay out");
    // Said again of who is in it, it lets nobody in by the way: programs say it every night.
    world.clock.advance(TimeDelta::days(1));
    let placed = assign_to_group(core, lee(), into(&anna, "auditors"))
        .await
        .unwrap();
    assert!(placed.starts_at < core.now(), "they are in it since before");
    assert!(!access().await);
    unassign_from_group(core, lee(), anna.id, "auditors", None)
        .await
        .unwrap();
    assign_to_group(core, lee(), into(&anna, "auditors"))
        .await
        .unwrap();
    assert!(access().await);
    // What is given to somebody who was sent away has the end that it is given, whatever their groups.
    assert!(unassign(core, lee(), anna.id, notes, None).await.unwrap());
    let new = NewAssignment {
        guest: anna.id,
        app: notes,
        starts_at: None,
        ends_at: Some(core.now() + TimeDelta::days(1)),
        reason: None,
        sponsor: None,
    };
    assign(core, lee(), new).await.unwrap();
    assert!(access().await);
    world.clock.advance(TimeDelta::days(1));
    assert!(!access().await);
}

/// Who was in a group has no less than who never was: an app that is open to them is so still.
#[tokio::test]
async fn a_place_in_a_group_that_is_over_shuts_nobody_out() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    let open = AppChange {
        access: Some(domain::app::AccessRule::AnyGuest),
        ..AppChange::default()
    };
    change_app(core, lee(), "notes", open).await.unwrap();
    add_group(core, lee(), "auditors", &apps(&["notes"]))
        .await
        .unwrap();
    let (anna, held) = {
        world.add_files().await;
        world.held("anna@contoso.test").await
    };
    assign_to_group(core, lee(), into(&anna, "auditors"))
        .await
        .unwrap();
    assert!(
        unassign_from_group(core, lee(), anna.id, "auditors", None)
            .await
            .unwrap()
    );
    assert_eq!(world.are_live(held).await, [true, true]);
    let reader = core.store.reader();
    let notes = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
    assert!(unassign(core, lee(), anna.id, notes, None).await.unwrap());
    assert_eq!(world.are_live(held).await, [false, true]);
}

#[tokio::test]
async fn what_is_wrong_about_a_group_is_said() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    for name in ["", "Auditors", "-x", "the auditors", &"x".repeat(65)] {
        assert_eq!(
            fields(add_group(core, lee(), name, &[]).await),
            ["name"],
            "{name}"
        );
    }
    add_group(core, lee(), "auditors", &apps(&["notes"]))
        .await
        .unwrap();
    add_group(core, lee(), "board", &[]).await.unwrap();
    let taken = add_group(core, lee(), "auditors", &[]).await;
    assert!(matches!(taken, Err(ActionError::Conflict(_))));
    let renamed = |name: &str| GroupChange {
        name: Some(name.into()),
        ..GroupChange::default()
    };
    let taken = change_group(core, lee(), "board", renamed("auditors")).await;
    assert!(matches!(taken, Err(ActionError::Conflict(_))));
    assert_eq!(
        fields(change_group(core, lee(), "board", renamed("B")).await),
        ["name"]
    );
    let both = GroupChange {
        add_apps: apps(&["notes"]),
        remove_apps: apps(&["notes"]),
        ..GroupChange::default()
    };
    assert_eq!(
        fields(change_group(core, lee(), "board", both).await),
        ["remove_apps"]
    );
    let unknown = add_group(core, lee(), "other", &apps(&["wiki"])).await;
    assert!(matches!(unknown, Err(ActionError::NotFound { what: "app", .. })));
    let nowhere = remove_group(core, lee(), "other").await;
    assert!(matches!(
        nowhere,
        Err(ActionError::NotFound { what: "group", .. })
    ));

    let anna = world.invite("anna@contoso.test").await.unwrap().guest;
    let mut new = into(&anna, "auditors");
    (new.ends_at, new.reason) = (Some(core.now()), Some("x".repeat(201)));
    assert_eq!(
        fields(assign_to_group(core, lee(), new).await),
        ["reason", "ends_at"]
    );
    let nowhere = assign_to_group(core, lee(), into(&anna, "other")).await;
    assert!(matches!(
        nowhere,
        Err(ActionError::NotFound { what: "group", .. })
    ));
    let reader = core.store.reader();
    assert_eq!(reader.groups().await.unwrap().len(), 2);
}
