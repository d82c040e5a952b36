//! The rules of a guest's life, applied.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    guest::{Guest, GuestStatus},
    guest_rule::{Due, GuestRule, RuleAct, RuleCondition},
};
use store::MailKind;
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
