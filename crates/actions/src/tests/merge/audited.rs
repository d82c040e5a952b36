//! What the audit log says that a merge gave and took: each app and each group by name.

use domain::time::rfc3339;
use serde_json::{Value, json};

use super::*;

/// What happened to the guest's access since so many events: what, to which app, why, and the details.
async fn access_events(world: &World, of: &Guest, since: usize) -> Vec<(String, Option<String>, Value)> {
    let audit = world.audit().await;
    let apps = world.core.store.reader().apps().await.unwrap();
    let of_access = audit[since..]
        .iter()
        .filter(|event| event.action.starts_with("assignment.") && event.guest == Some(of.id));
    let mut told: Vec<_> = of_access
        .map(|event| {
            let app = apps.iter().find(|app| Some(app.id) == event.app);
            let mut details: Value = serde_json::from_str(&event.details).unwrap();
            details["reason"] = json!(event.reason);
            (
                event.action.clone(),
                app.map(|app| app.client_id.clone()),
                details,
            )
        })
        .collect();
    // All of one moment.
    told.sort_by_key(|(action, app, _)| (app.clone(), action.clone()));
    told
}

async fn wiki(world: &World) {
    let new = NewApp {
        client_id: Some("wiki".into()),
        ..NewApp::new("Acme Wiki", "https://wiki.example/callback")
    };
    register_app(&world.core, lee(), new).await.unwrap();
}

async fn in_wiki_and_auditors(world: &World, guest: &Guest) {
    let wiki = world.core.store.reader().app_by_client_id("wiki").await.unwrap();
    let new = NewAssignment {
        guest: guest.id,
        app: wiki.unwrap().id,
        starts_at: None,
        ends_at: None,
        reason: Some("Q3 audit".into()),
        sponsor: None,
    };
    assign(&world.core, lee(), new).await.unwrap();
    add_group(&world.core, lee(), "auditors", &[]).await.unwrap();
    let member = NewGroupAssignment {
        guest: guest.id,
        group: "auditors".into(),
        ends_at: None,
        reason: None,
        sponsor: Some("kim@acme.test".into()),
    };
    assign_to_group(&world.core, lee(), member).await.unwrap();
}

/// A grant that an app holds of a guest.
async fn grant(world: &World, guest: &Guest, app: &str) {
    let app = world.core.store.reader().app_by_client_id(app).await.unwrap();
    let session = samples::session(guest);
    let grant = samples::grant(&app.unwrap(), &session);
    let code = samples::authorization_code();
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_session(&session, &samples::secret().hash(), &store::SeenAs::default())
        .await
        .unwrap();
    tx.insert_grant(&grant, &code, None, session.expires_at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_app_and_group_is_named() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        wiki(&world).await;
        let day = |days| world.core.now() + TimeDelta::days(days);
        let (soon, late) = (day(5), day(30));
        assign_until(&world, &new, soon).await;
        assign_until(&world, &old, late).await;
        in_wiki_and_auditors(&world, &old).await;
        let from = rfc3339(world.core.now());

        let since = world.audit().await.len();
        let merge = merged(&world, &new, &old).await;
        let id = merge.id.to_string();
        let given = access_events(&world, &new, since).await;
        let kim = "kim@acme.test";
        let in_auditors =
            json!({ "group": "auditors", "from": from, "sponsor": kim, "merge": id, "reason": null });
        let notes =
            json!({ "from": from, "until": rfc3339(late), "sponsor": kim, "merge": id, "reason": null });
        let wiki = json!({ "from": from, "merge": id, "reason": "Q3 audit" });
        let added =
            |app: Option<&str>, details| ("assignment.added".to_owned(), app.map(str::to_owned), details);
        let expected = [
            added(None, in_auditors),
            added(Some("notes"), notes),
            added(Some("wiki"), wiki),
        ];
        assert_eq!(given, expected, "{}", world.name);

        grant(&world, &new, "wiki").await;
        let since = world.audit().await.len();
        take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        let taken = access_events(&world, &new, since).await;
        let ended =
            |app: Option<&str>, details| ("assignment.ended".to_owned(), app.map(str::to_owned), details);
        let auditors =
            json!({ "grants_revoked": "0", "group": "auditors", "merge": id, "reason": "unmerged" });
        let notes = json!({ "from": from, "until": rfc3339(soon), "sponsor": kim, "merge": id, "reason": "unmerged" });
        let wiki = json!({ "grants_revoked": "1", "merge": id, "reason": "unmerged" });
        let expected = [
            ended(None, auditors),
            added(Some("notes"), notes),
            ended(Some("wiki"), wiki),
        ];
        assert_eq!(taken, expected, "{}", world.name);
        assert_eq!(
            unmerged(&world, &new).await,
            ("3".into(), "0".into(), "1".into()),
            "{}",
            world.name
        );
    }
}

/// How much was taken back, how much stays, and how many grants were revoked.
async fn unmerged(world: &World, of: &Guest) -> (String, String, String) {
    let audit = world.audit().await;
    let event = audit
        .iter()
        .find(|event| event.action == "guest.unmerged" && event.guest == Some(of.id));
    let details: Value = serde_json::from_str(&event.unwrap().details).unwrap();
    let said = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    (said("taken"), said("stay"), said("grants_revoked"))
}

#[tokio::test]
async fn what_stays_is_not_said_to_end() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let day = |days| world.core.now() + TimeDelta::days(days);
        assign_until(&world, &old, day(30)).await;
        let merge = merged(&world, &new, &old).await;
        assign_until(&world, &new, day(50)).await;
        let since = world.audit().await.len();
        take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        assert_eq!(access_events(&world, &new, since).await, [], "{}", world.name);
        assert_eq!(
            unmerged(&world, &new).await,
            ("0".into(), "1".into(), "0".into()),
            "{}",
            world.name
        );
    }
}
