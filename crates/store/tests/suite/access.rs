//! Assignments, and whether a guest may enter.

use chrono::TimeDelta;
use domain::{
    access::{Access, AccessRefusal},
    assignment::Assignment,
};
use test_support::{databases, samples};

use crate::{app_and_guest, assert_conflict, begin};

#[tokio::test]
async fn an_assignment_comes_back_and_is_replaced() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        assert_eq!(tx.assignments_of(guest.id).await.unwrap(), [], "{}", db.name);
        let first = samples::assignment(&guest, &app);
        tx.put_assignment(&first).await.unwrap();
        assert_eq!(tx.assignments_of(guest.id).await.unwrap(), [first], "{}", db.name);
        let second = Assignment {
            guest: guest.id,
            app: app.id,
            starts_at: samples::now() + TimeDelta::days(1),
            ends_at: Some(samples::now() + TimeDelta::days(2)),
            reason: None,
            sponsor: None,
            stands_alone: true,
            group: None,
        };
        tx.put_assignment(&second).await.unwrap();
        assert_eq!(
            tx.assignments_of(guest.id).await.unwrap(),
            [second],
            "{}",
            db.name
        );
        assert_eq!(tx.assignments_of(samples::id()).await.unwrap(), [], "{}", db.name);
    }
}

#[tokio::test]
async fn an_assignment_needs_a_guest_and_an_app() {
    for db in databases().await {
        let (app, _) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        let stranger = samples::guest("eve@contoso.test");
        assert_conflict(tx.put_assignment(&samples::assignment(&stranger, &app)).await);
    }
}

#[tokio::test]
async fn access_follows_from_the_rows() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let now = samples::now();
        let tx = begin(&db).await;
        let access = async || tx.access_of(app.id, &guest, now).await.unwrap();
        assert_eq!(
            access().await,
            Access::Refuse(AccessRefusal::NotInvited),
            "{}",
            db.name
        );

        let invitation = samples::invitation(&guest, &app);
        tx.insert_invitation(&invitation, &samples::secret().hash())
            .await
            .unwrap();
        assert_eq!(
            access().await,
            Access::AllowByInvitation(invitation.id),
            "{}",
            db.name
        );

        tx.redeem_invitation(invitation.id, now).await.unwrap();
        let mut assignment = samples::assignment(&guest, &app);
        tx.put_assignment(&assignment).await.unwrap();
        assert_eq!(access().await, Access::Allow, "{}", db.name);

        assignment.ends_at = Some(now);
        tx.put_assignment(&assignment).await.unwrap();
        assert_eq!(
            access().await,
            Access::Refuse(AccessRefusal::AssignmentEnded),
            "{}",
            db.name
        );
    }
}
