//! An invitation that brings its guest into groups.

use actions::{
    GroupChange, Invite, NewAssignment, add_group, assign, change_group, invite_guest, remove_group,
    revoke_invitation, unassign, unassign_from_group,
};
use chrono::TimeDelta;
use dev::browser::TextBrowser;
use domain::{assignment::Assignment, invitation::InvitationTerms};
use serde_json::Value;
use store::AuditQuery;

use crate::{
    rp::{Rp, until_app},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

/// Two apps that are in one group, and Anna's invitation to the first into that group.
async fn invited(world: &World) -> ([Rp; 2], domain::invitation::Invitation) {
    let apps = [world.app("notes").await, world.app("files").await];
    let both = ["notes".to_owned(), "files".to_owned()];
    add_group(&world.core, operator(), "auditors", &both)
        .await
        .unwrap();
    let invited = invite_guest(&world.core, operator(), into_auditors(world)).await;
    (apps, invited.unwrap().invitation)
}

fn into_auditors(world: &World) -> Invite {
    Invite {
        email: ANNA.into(),
        app: "notes".into(),
        groups: vec!["auditors".into()],
        terms: InvitationTerms {
            access_until: Some(world.now() + TimeDelta::days(9)),
            ..InvitationTerms::by("Lee")
        },
        ..Invite::default()
    }
}

async fn held(world: &World) -> Vec<Assignment> {
    let guest = world.guest(ANNA).await;
    let held = world.core.store.reader().assignments_of(guest.id).await;
    held.unwrap()
}

/// Whether the app lets in who is signed in already.
async fn opens(anna: &mut TextBrowser, app: &Rp) -> bool {
    let page = until_app(anna, &app.authorize(&[]), &app.redirect_uri).await;
    page.url.as_str().starts_with(&app.redirect_uri)
}

#[tokio::test]
async fn who_redeems_it_opens_all_apps_of_the_group_until_they_are_taken_out() {
    for world in worlds().await {
        let ([notes, files], invitation) = invited(&world).await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        assert!(opens(&mut anna, &files).await);
        let held = held(&world).await;
        assert_eq!(held.len(), 2, "{held:?}");
        for held in held {
            assert!(held.group.is_some(), "none beside the group: {held:?}");
            assert_eq!(held.ends_at, invitation.terms.access_until);
        }
        let query = AuditQuery {
            action: Some("assignment.added".into()),
            guest: Some(invitation.guest),
            ..AuditQuery::default()
        };
        let events = world.core.store.reader().audit_search(&query).await.unwrap();
        let [event] = &events[..] else {
            panic!("{events:?}")
        };
        let details: Value = serde_json::from_str(&event.details).unwrap();
        assert_eq!(details["group"], "auditors");
        assert_eq!(details["invitation"], invitation.id.to_string());
        assert!(event.sign_in.is_some() && event.actor_kind == "guest");

        unassign_from_group(&world.core, operator(), invitation.guest, "auditors", None)
            .await
            .unwrap();
        for app in [&notes, &files] {
            assert!(!opens(&mut anna, app).await, "{}", app.client_id);
        }
    }
}

/// Only what is redeemed counts: the earlier invitation, which was taken back, puts nobody into a group.
#[tokio::test]
async fn what_is_revoked_brings_nobody_into_a_group() {
    for world in worlds().await {
        let ([notes, files], invitation) = invited(&world).await;
        revoke_invitation(&world.core, operator(), invitation.id, None)
            .await
            .unwrap();
        world.advance(TimeDelta::minutes(1));
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        assert!(!opens(&mut anna, &files).await);
        let held = held(&world).await;
        assert!(held.iter().all(|held| held.group.is_none()), "{held:?}");
    }
}

/// While it waits, the group goes, or the app leaves it: then the guest has the app of their own.
#[tokio::test]
async fn a_group_that_changes_meanwhile_shuts_nobody_out() {
    for goes in [true, false] {
        for world in worlds().await {
            let ([notes, files], _) = invited(&world).await;
            if goes {
                remove_group(&world.core, operator(), "auditors").await.unwrap();
            } else {
                let change = GroupChange {
                    remove_apps: vec!["notes".into()],
                    ..GroupChange::default()
                };
                change_group(&world.core, operator(), "auditors", change)
                    .await
                    .unwrap();
            }
            let mut anna = browser();
            world.sign_in(&mut anna, &notes, ANNA).await;
            assert_eq!(opens(&mut anna, &files).await, !goes);
        }
    }
}

/// Whoever is in the group and was sent away from the app is invited to it for good, not for one sign-in: of their own, as without a group.
#[tokio::test]
async fn who_was_sent_away_within_the_group_gets_the_app_of_their_own() {
    for world in worlds().await {
        let ([notes, files], invitation) = invited(&world).await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        let app = world.core.store.reader().app_by_client_id("notes").await;
        let app = app.unwrap().unwrap().id;
        unassign(&world.core, operator(), invitation.guest, app, None)
            .await
            .unwrap();
        assert!(!opens(&mut anna, &notes).await);
        world.advance(TimeDelta::minutes(1));
        invite_guest(&world.core, operator(), into_auditors(&world))
            .await
            .unwrap();
        for app in [&notes, &files, &notes] {
            assert!(opens(&mut anna, app).await, "{}", app.client_id);
        }
        let held = held(&world).await;
        let own: Vec<_> = held.iter().filter(|held| held.group.is_none()).collect();
        let [own] = own[..] else { panic!("{held:?}") };
        assert!(own.app == app && own.stands_alone, "{own:?}");
    }
}

/// As when an operator puts them into it: whose access to one of its apps was ended comes in again.
#[tokio::test]
async fn it_lets_in_again_who_was_sent_away_before() {
    for world in worlds().await {
        world.app("wiki").await;
        world.invite(ANNA, "wiki").await;
        let ([notes, files], invitation) = invited(&world).await;
        let app = world.core.store.reader().app_by_client_id("files").await;
        let app = app.unwrap().unwrap().id;
        let new = NewAssignment {
            guest: invitation.guest,
            app,
            starts_at: None,
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        assign(&world.core, operator(), new).await.unwrap();
        unassign(&world.core, operator(), invitation.guest, app, None)
            .await
            .unwrap();
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        assert!(opens(&mut anna, &files).await);
    }
}
