//! The rules of a guest's life, applied.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    guest::{Guest, GuestStatus},
    guest_rule::{Due, GuestRule, RuleAct, RuleCondition},
};
use store::{MailKind, SponsorFilter};
use test_support::samples;

use super::*;

fn rule(when: RuleCondition, after: i64, notice: i64, act: RuleAct) -> GuestRule {
    GuestRule {
        when,
        after: TimeDelta::days(after),
        notice: TimeDelta::days(notice),
        act,
    }
}

/// The same world with these rules.
fn with(world: &World, rules: &[GuestRule]) -> Core {
    let mut settings = (*world.core.settings).clone();
    settings.guest_rules = rules.to_vec();
    Core {
        settings: Arc::new(settings),
        ..world.core.clone()
    }
}

async fn apply(core: &Core) -> (usize, usize) {
    let applied = apply_guest_rules(core, || false).await.unwrap();
    (applied.noticed, applied.acted)
}

async fn active(world: &World, address: &str) -> Guest {
    let guest = samples::active_guest(address);
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.commit().await.unwrap();
    guest
}

async fn status(core: &Core, guest: &Guest) -> GuestStatus {
    let reader = core.store.reader();
    reader.guest(guest.id).await.unwrap().unwrap().status
}

#[tokio::test]
async fn who_does_not_come_for_long_is_told_and_then_removed() {
    for world in World::each_with_app().await {
        let core = with(&world, &[rule(RuleCondition::Inactive, 100, 14, RuleAct::Remove)]);
        let (anna, bob) = (
            active(&world, "anna@contoso.test").await,
            active(&world, "bob@contoso.test").await,
        );
        world
            .clock
            .advance(TimeDelta::days(86) - TimeDelta::milliseconds(1));
        assert_eq!(apply(&core).await, (0, 0), "{}", world.name);
        assert!(due_guests(&core, 9).await.unwrap().is_empty());
        world.clock.advance(TimeDelta::milliseconds(1));
        let due = due_guests(&core, 9).await.unwrap();
        let on = core.now() + TimeDelta::days(14);
        assert_eq!(
            due.iter().map(|due| due.due).collect::<Vec<_>>(),
            [Due::Notice(on); 2],
            "a dry run"
        );
        assert_eq!(due_guests(&core, 1).await.unwrap().len(), 1);
        assert_eq!(apply(&core).await, (2, 0));
        assert_eq!(apply(&core).await, (0, 0), "told once");
        let mails = core
            .store
            .reader()
            .mails(store::MailState::Pending, 9)
            .await
            .unwrap();
        let kinds: Vec<_> = mails.iter().map(|mail| mail.mail.kind).collect();
        for guest in [&anna, &bob] {
            let rule = RuleCondition::Inactive;
            let kind = MailKind::GuestNotice {
                guest: guest.id,
                rule,
            };
            assert!(kinds.contains(&kind));
        }
        // Their mail has left.
        let tx = core.store.begin().await.unwrap();
        for guest in [&anna, &bob] {
            tx.put_guest_notice(guest.id, RuleCondition::Inactive, core.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        // Bob comes back; Anna does not.
        let back = Guest {
            last_sign_in_at: Some(core.now() + TimeDelta::days(1)),
            ..bob.clone()
        };
        let tx = core.store.begin().await.unwrap();
        tx.save_guest(&back).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(TimeDelta::days(14));
        let (one, other) = tokio::join!(apply(&core), apply(&core));
        assert_eq!(one.1 + other.1, 1, "two replicas, once");
        assert_eq!(status(&core, &anna).await, GuestStatus::Removed);
        assert_eq!(status(&core, &bob).await, GuestStatus::Active);
        let event = world.audit().await.pop().unwrap();
        assert_eq!(
            (
                event.action.as_str(),
                event.reason.as_deref(),
                event.actor_kind.as_str(),
                event.guest
            ),
            ("guest.removed", Some("inactive"), "system", Some(anna.id))
        );
        // Restored, they have all the time again.
        restore_guest(&core, lee(), anna.id).await.unwrap();
        assert_eq!(apply(&core).await, (0, 0));
    }
}

#[tokio::test]
async fn who_never_came_and_who_has_no_app_left() {
    for world in World::each_with_app().await {
        let core = with(
            &world,
            &[
                rule(RuleCondition::NeverRedeemed, 40, 0, RuleAct::Remove),
                rule(RuleCondition::Unassigned, 20, 0, RuleAct::Block),
            ],
        );
        let never = world.invite("never@contoso.test").await.unwrap().guest;
        let reader = core.store.reader();
        let app = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let over = active(&world, "over@contoso.test").await;
        let stays = active(&world, "stays@contoso.test").await;
        let none = active(&world, "none@contoso.test").await;
        // The same through a group: until a day, without an end, and through a group of no apps.
        let with_apps = ["notes".to_owned()];
        for (group, apps) in [("auditors", &with_apps[..]), ("board", &[])] {
            add_group(&core, lee(), group, apps).await.unwrap();
        }
        let left = active(&world, "left@contoso.test").await;
        let member = active(&world, "member@contoso.test").await;
        let idle = active(&world, "idle@contoso.test").await;
        for (guest, group, ends) in [
            (&left, "auditors", Some(1)),
            (&member, "auditors", None),
            (&idle, "board", None),
        ] {
            let new = NewGroupAssignment {
                guest: guest.id,
                group: group.into(),
                ends_at: ends.map(|days| core.now() + TimeDelta::days(days)),
                reason: None,
                sponsor: None,
            };
            assign_to_group(&core, lee(), new).await.unwrap();
        }
        for (guest, ends) in [(&over, Some(1)), (&stays, None)] {
            let new = NewAssignment {
                guest: guest.id,
                app: app.id,
                starts_at: None,
                ends_at: ends.map(|days| core.now() + TimeDelta::days(days)),
                reason: None,
                sponsor: None,
            };
            assign(&core, lee(), new).await.unwrap();
        }
        world.clock.advance(TimeDelta::days(20));
        assert_eq!(apply(&core).await, (0, 0), "{}", world.name);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(apply(&core).await, (0, 2));
        assert_eq!(status(&core, &over).await, GuestStatus::Blocked);
        assert_eq!(status(&core, &left).await, GuestStatus::Blocked);
        world.clock.advance(TimeDelta::days(19));
        assert_eq!(apply(&core).await, (0, 1));
        assert_eq!(status(&core, &never).await, GuestStatus::Removed);
        for guest in [&stays, &none, &member, &idle] {
            assert_eq!(status(&core, guest).await, GuestStatus::Active);
        }
    }
}

async fn to_notes(core: &Core, guest: &Guest, sponsor: &str, days: Option<i64>) {
    let notes = core.store.reader().app_by_client_id("notes").await.unwrap();
    let new = NewAssignment {
        guest: guest.id,
        app: notes.unwrap().id,
        starts_at: None,
        ends_at: days.map(|days| core.now() + TimeDelta::days(days)),
        reason: None,
        sponsor: Some(sponsor.into()),
    };
    assign(core, lee(), new).await.unwrap();
}

async fn into_auditors(core: &Core, guest: &Guest, sponsor: Option<&str>) {
    let new = NewGroupAssignment {
        guest: guest.id,
        group: "auditors".into(),
        ends_at: None,
        reason: None,
        sponsor: sponsor.map(Into::into),
    };
    assign_to_group(core, lee(), new).await.unwrap();
}

/// Whose sponsors have all left is blocked; who has another, and who was handed over in time, is not.
#[tokio::test]
async fn whose_sponsors_have_left() {
    for world in World::each_with_app().await {
        let core = with(&world, &[rule(RuleCondition::SponsorGone, 20, 0, RuleAct::Block)]);
        let files = NewApp {
            client_id: Some("files".into()),
            ..NewApp::new("Acme Files", "https://files.example/callback")
        };
        register_app(&core, lee(), files).await.unwrap();
        add_group(&core, lee(), "auditors", &["files".to_owned()])
            .await
            .unwrap();
        let orphan = active(&world, "orphan@contoso.test").await;
        to_notes(&core, &orphan, "Kim@Acme.test", None).await;
        let grouped = active(&world, "grouped@contoso.test").await;
        into_auditors(&core, &grouped, Some("kim@acme.test")).await;
        let other = active(&world, "other@contoso.test").await;
        to_notes(&core, &other, "kim@acme.test", None).await;
        into_auditors(&core, &other, None).await;
        let over = active(&world, "over@contoso.test").await;
        to_notes(&core, &over, "kim@acme.test", Some(1)).await;
        let invited = active(&world, "invited@contoso.test").await;
        to_notes(&core, &invited, "kim@acme.test", None).await;
        let named = active(&world, "named@contoso.test").await;
        to_notes(&core, &named, "Kim", None).await;

        world.clock.advance(TimeDelta::days(2));
        let removed = remove_sponsor(&core, lee(), "kim@acme.test", None).await.unwrap();
        // To notes: the orphan's, the other's, the invited one's; into the group: one.
        assert_eq!((removed.assignments, removed.apps), (4, 0), "{}", world.name);
        let filter = SponsorFilter {
            removed: true,
            after: None,
            limit: 9,
        };
        let reader = core.store.reader();
        assert_eq!(reader.sponsors(&filter, core.now()).await.unwrap(), [removed]);
        world.clock.advance(TimeDelta::days(19));
        let mut app_too = invite("invited@contoso.test");
        app_too.app = "files".into();
        invite_guest(&core, lee(), app_too).await.unwrap();
        assert_eq!(apply(&core).await, (0, 0), "{}", world.name);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(apply(&core).await, (0, 2), "{}", world.name);
        for (guest, wanted) in [
            (&orphan, GuestStatus::Blocked),
            (&grouped, GuestStatus::Blocked),
            (&other, GuestStatus::Active),
            (&over, GuestStatus::Active),
            (&invited, GuestStatus::Active),
            (&named, GuestStatus::Active),
        ] {
            assert_eq!(status(&core, guest).await, wanted, "{}", guest.email.as_str());
        }
        // Unblocked, and handed over before the time is over again.
        unblock_guest(&core, lee(), orphan.id).await.unwrap();
        let successor = hand_over(&core, lee(), "kim@acme.test", "lee@acme.test")
            .await
            .unwrap();
        assert_eq!(successor.assignments, 4);
        world.clock.advance(TimeDelta::days(40));
        assert_eq!(apply(&core).await, (0, 0));
        let none_left = SponsorFilter {
            removed: false,
            ..filter
        };
        let listed = core
            .store
            .reader()
            .sponsors(&none_left, core.now())
            .await
            .unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|one| (one.address.as_str(), one.assignments))
            .collect();
        assert_eq!(listed, [("kim@acme.test", 0), ("lee@acme.test", 4)]);
    }
}

/// What names somebody who had left, an invitation redeemed since, gives the time that the rule says; and nobody is handed over to themselves.
#[tokio::test]
async fn who_comes_by_a_sponsor_who_had_left_has_all_the_time() {
    for world in World::each_with_app().await {
        let core = with(&world, &[rule(RuleCondition::SponsorGone, 20, 0, RuleAct::Block)]);
        let guest = active(&world, "anna@contoso.test").await;
        to_notes(&core, &guest, "kim@acme.test", None).await;
        remove_sponsor(&core, lee(), "kim@acme.test", None).await.unwrap();
        world.clock.advance(TimeDelta::days(19));
        let mut held = core.store.reader().assignments_of(guest.id).await.unwrap();
        held[0].starts_at = core.now();
        let tx = core.store.begin().await.unwrap();
        tx.put_assignment(&held[0]).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(TimeDelta::days(19));
        assert_eq!(apply(&core).await, (0, 0), "{}", world.name);
        let anna = hand_over(&core, lee(), "kim@acme.test", "anna@contoso.test").await;
        assert_eq!(anna.unwrap().assignments, 0, "{}", world.name);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(apply(&core).await, (0, 1), "{}", world.name);
    }
}

#[tokio::test]
async fn nobody_is_handed_over_to_who_cannot_answer() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    remove_sponsor(core, lee(), "kim@acme.test", None).await.unwrap();
    let blocked = active(&world, "blocked@contoso.test").await;
    block_guest(core, lee(), blocked.id, None).await.unwrap();
    let guest = active(&world, "anna@contoso.test").await;
    let app = core
        .store
        .reader()
        .app_by_client_id("notes")
        .await
        .unwrap()
        .unwrap();
    for (to, says) in [
        ("kim@acme.test", "removed as a sponsor"),
        ("Blocked@contoso.test", "a guest who is blocked"),
        ("LEE@acme.test", "the same person"),
        ("lee", "needs exactly one @"),
    ] {
        let refused = hand_over(core, lee(), "lee@acme.test", to).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    for (sponsor, says) in [
        ("Kim@acme.test", Some("removed as a sponsor")),
        ("Kim <kim@acme.test>", Some("contains a space")),
        ("ANNA@contoso.test", Some("nobody answers for themselves")),
        ("Kim", None),
    ] {
        let new = NewAssignment {
            guest: guest.id,
            app: app.id,
            starts_at: None,
            ends_at: None,
            reason: None,
            sponsor: Some(sponsor.into()),
        };
        let got = assign(core, lee(), new).await.map_err(|error| error.to_string());
        match (got, says) {
            (Err(error), Some(says)) => assert!(error.contains(says), "{error}"),
            (got, says) => assert_eq!((got.is_ok(), says), (true, None), "{sponsor}"),
        }
    }
    for field in ["reply_to", "invited_by"] {
        let mut said = invite("bob@contoso.test");
        match field {
            "reply_to" => said.terms.reply_to = Some("kim@acme.test".into()),
            _ => said.terms = InvitationTerms::by("Kim@acme.test"),
        }
        let foreseen = foresee(core, &said).await.unwrap_err();
        let refused = invite_guest(core, lee(), said).await.unwrap_err();
        for error in [foreseen, refused] {
            assert!(error.to_string().contains(field), "{error}");
        }
    }
}

/// More guests than are looked at at once.
#[tokio::test]
async fn every_guest_is_looked_at() {
    let world = World::sqlite_with_app().await;
    let core = with(&world, &[rule(RuleCondition::Inactive, 10, 0, RuleAct::Block)]);
    let tx = core.store.begin().await.unwrap();
    for number in 0..1_201 {
        let guest = samples::active_guest(&format!("guest{number}@contoso.test"));
        tx.insert_guest(&guest).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.clock.advance(TimeDelta::days(10));
    assert_eq!(due_guests(&core, usize::MAX).await.unwrap().len(), 1_201);
    assert_eq!(
        apply_guest_rules(&core, || true).await.unwrap().acted,
        0,
        "it is over"
    );
    assert_eq!(apply(&core).await, (0, 1_201));
    assert_eq!(apply(&core).await, (0, 0));
}
