//! Groups, and what they let their guests into.

use chrono::TimeDelta;
use domain::{
    Id,
    access::{Access, AccessRefusal},
    app::App,
    assignment::Assignment,
    group::{Group, GroupAssignment},
    guest::Guest,
};
use store::{AssignmentFilter, GroupAssignmentFilter, Tx};
use test_support::{databases, samples};

use crate::{app_and_guest, assert_conflict, begin};

const ENDED: Access = Access::Refuse(AccessRefusal::AssignmentEnded);

fn group(name: &str, id: u128, apps: &[&App]) -> Group {
    Group {
        id: Id::from_uuid(uuid::Uuid::from_u128(id)),
        name: name.to_owned(),
        apps: apps.iter().map(|app| app.id).collect(),
        created_at: samples::now(),
    }
}

async fn add(tx: &Tx, group: &Group) {
    tx.insert_group(group).await.unwrap();
    tx.add_group_apps(group.id, &group.apps).await.unwrap();
}

fn place(guest: &Guest, group: &Group, days: Option<i64>) -> GroupAssignment {
    GroupAssignment {
        guest: guest.id,
        group: group.id,
        starts_at: samples::now(),
        ends_at: days.map(|days| samples::now() + TimeDelta::days(days)),
        reason: Some("kickoff".into()),
        sponsor: Some("Lee".into()),
    }
}

#[tokio::test]
async fn groups_come_back_and_change() {
    for db in databases().await {
        let (notes, _) = app_and_guest(&db).await;
        let mut files = samples::app();
        (files.id, files.client_id) = (samples::id(), "files".into());
        let tx = begin(&db).await;
        tx.insert_app(&files).await.unwrap();
        let mut auditors = group("auditors", 1, &[&files, &notes]);
        add(&tx, &auditors).await;
        let none = group("board", 2, &[]);
        tx.insert_group(&none).await.unwrap();
        tx.commit().await.unwrap();
        assert_conflict(begin(&db).await.insert_group(&group("board", 3, &[])).await);

        let tx = begin(&db).await;
        assert_eq!(tx.group_named("auditors").await.unwrap(), Some(auditors.clone()));
        assert_eq!(tx.group_named("nobody\0").await.unwrap(), None);
        assert_eq!(tx.groups().await.unwrap(), [auditors.clone(), none.clone()]);
        (auditors.name, auditors.apps) = ("reviewers".into(), vec![notes.id]);
        tx.rename_group(auditors.id, "reviewers").await.unwrap();
        tx.remove_group_apps(auditors.id, &[files.id]).await.unwrap();
        assert_eq!(tx.lock_group("auditors").await.unwrap(), None);
        assert_eq!(tx.lock_group("reviewers").await.unwrap(), Some(auditors.clone()));
        // An app that goes leaves its groups.
        tx.remove_app(notes.id).await.unwrap();
        auditors.apps.clear();
        assert_eq!(tx.groups().await.unwrap(), [none.clone(), auditors.clone()]);
        tx.remove_group(none.id).await.unwrap();
        assert_eq!(tx.groups().await.unwrap(), [auditors], "{}", db.name);
    }
}

#[tokio::test]
async fn a_group_lets_its_guests_in() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        let short = group("short", 1, &[&app]);
        let long = group("long", 2, &[&app]);
        let elsewhere = group("elsewhere", 3, &[]);
        for group in [&short, &long, &elsewhere] {
            add(&tx, group).await;
        }
        let access = async |days| {
            let then = samples::now() + TimeDelta::days(days);
            tx.access_of(app.id, &guest, then).await.unwrap()
        };
        tx.put_group_assignment(&place(&guest, &elsewhere, None))
            .await
            .unwrap();
        assert_eq!(access(0).await, Access::Refuse(AccessRefusal::NotInvited));
        tx.put_group_assignment(&place(&guest, &short, Some(1)))
            .await
            .unwrap();
        assert_eq!((access(0).await, access(1).await), (Access::Allow, ENDED));
        // Of two groups the one that lasts longer counts, and one without an end for longest.
        tx.put_group_assignment(&place(&guest, &long, Some(9)))
            .await
            .unwrap();
        assert_eq!((access(8).await, access(9).await), (Access::Allow, ENDED));
        tx.put_group_assignment(&place(&guest, &short, None))
            .await
            .unwrap();
        assert_eq!(access(9).await, Access::Allow, "{}", db.name);

        // What is ended for a guest is ended; what they have of their own since then counts alone, until groups count again.
        assert!(
            tx.end_access(&guest, app.id, samples::now())
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!((access(0).await, access(8).await), (ENDED, ENDED));
        assert!(
            tx.end_access(&guest, app.id, samples::now())
                .await
                .unwrap()
                .is_none()
        );
        let through = tx.assignments_of(guest.id).await.unwrap();
        assert_eq!(through.len(), 1, "what does not count is not listed");
        let own = Assignment {
            ends_at: Some(samples::now() + TimeDelta::days(2)),
            ..samples::assignment(&guest, &app)
        };
        tx.put_assignment(&own).await.unwrap();
        assert_eq!((access(1).await, access(2).await), (Access::Allow, ENDED));
        tx.count_groups(guest.id, elsewhere.id).await.unwrap();
        assert_eq!(access(2).await, ENDED, "that group has nothing to do with it");
        tx.count_groups(guest.id, long.id).await.unwrap();
        assert_eq!(access(9).await, Access::Allow, "{}", db.name);

        tx.end_group_assignment(guest.id, short.id, samples::now())
            .await
            .unwrap();
        assert_eq!((access(8).await, access(9).await), (Access::Allow, ENDED));
        tx.remove_group(long.id).await.unwrap();
        assert_eq!((access(1).await, access(2).await), (Access::Allow, ENDED));
    }
}

#[tokio::test]
async fn assignments_are_listed_with_those_through_groups() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        let other = samples::guest("bob@contoso.test");
        tx.insert_guest(&other).await.unwrap();
        let groups = [group("one", 1, &[&app]), group("two", 2, &[&app])];
        for group in &groups {
            add(&tx, group).await;
            for guest in [&guest, &other] {
                tx.put_group_assignment(&place(guest, group, Some(3)))
                    .await
                    .unwrap();
            }
        }
        tx.put_assignment(&samples::assignment(&guest, &app))
            .await
            .unwrap();
        let mut filter = AssignmentFilter {
            guest: None,
            app: Some(app.id),
            group: None,
            after: None,
            limit: 1,
        };
        let mut seen = Vec::new();
        while let [found] = &tx.assignments(&filter).await.unwrap()[..] {
            filter.after = Some((found.guest, found.app, found.group));
            seen.push((found.guest, found.group));
        }
        let through = |guest: &Guest| groups.clone().map(|group| (guest.id, Some(group.id)));
        let mut wanted: Vec<_> = through(&guest).into_iter().chain(through(&other)).collect();
        wanted.push((guest.id, None));
        wanted.sort_unstable();
        assert_eq!(seen, wanted, "{}", db.name);
        (filter.after, filter.limit) = (None, 9);
        filter.group = Some(groups[0].id);
        assert_eq!(tx.assignments(&filter).await.unwrap().len(), 2);

        let ends = samples::now() + TimeDelta::days(3);
        let soon = tx
            .assignments_ending(samples::now(), ends, None, 9)
            .await
            .unwrap();
        assert_eq!(soon.len(), 4, "{}", db.name);
        let mut of = GroupAssignmentFilter {
            group: Some(groups[0].id),
            limit: 1,
            ..GroupAssignmentFilter::default()
        };
        let mut guests = Vec::new();
        while let [found] = &tx.group_assignments(&of).await.unwrap()[..] {
            of.after = Some(found.guest);
            guests.push(found.guest);
        }
        let mut wanted = vec![guest.id, other.id];
        wanted.sort_unstable();
        assert_eq!(guests, wanted, "{}", db.name);
        assert_conflict(
            tx.put_group_assignment(&place(&samples::guest("eve@a.test"), &groups[0], None))
                .await,
        );
    }
}
