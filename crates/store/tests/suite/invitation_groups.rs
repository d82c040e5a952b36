//! The groups that invitations name.

use domain::{Id, group::Group, invitation::Invitation};
use test_support::{databases, samples};

use crate::{app_and_guest, assert_conflict, begin};

fn group(name: &str) -> Group {
    Group {
        id: samples::id(),
        name: name.to_owned(),
        apps: Vec::new(),
        created_at: samples::now(),
    }
}

#[tokio::test]
async fn they_are_named_once_and_go_with_the_group_the_app_or_the_guest() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let [mut auditors, board] = [group("auditors"), group("board")];
        let (invitation, other): (Invitation, Invitation) = (
            samples::invitation(&guest, &app),
            samples::invitation(&guest, &app),
        );
        let tx = begin(&db).await;
        auditors.apps = vec![app.id];
        for group in [&board, &auditors] {
            tx.insert_group(group).await.unwrap();
            tx.add_group_apps(group.id, &group.apps).await.unwrap();
        }
        for (invitation, groups) in [
            (&invitation, &[board.clone(), auditors.clone()][..]),
            (&other, std::slice::from_ref(&board)),
        ] {
            let token = samples::secret().hash();
            tx.insert_invitation(invitation, &token).await.unwrap();
            tx.add_invitation_groups(invitation.id, groups).await.unwrap();
        }
        tx.commit().await.unwrap();
        for gone in [board.clone(), group("gone")] {
            let twice = begin(&db).await;
            assert_conflict(twice.add_invitation_groups(invitation.id, &[gone]).await);
        }

        let reader = db.store.reader();
        let names = async |id: Id<Invitation>| {
            let groups = reader.groups_of_invitation(id).await.unwrap().into_iter();
            groups.map(|group| group.name).collect::<Vec<_>>()
        };
        let found = reader.groups_of_invitation(invitation.id).await.unwrap();
        assert_eq!(found, [auditors.clone(), board.clone()], "{}: by name", db.name);
        let tx = begin(&db).await;
        assert_eq!(tx.hold_groups_of_invitation(invitation.id).await.unwrap(), found);
        tx.remove_group(board.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(names(invitation.id).await, ["auditors"], "{}", db.name);
        assert!(names(other.id).await.is_empty(), "{}", db.name);
        let tx = begin(&db).await;
        tx.remove_app(app.id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(names(invitation.id).await.is_empty(), "{}", db.name);
    }
}
