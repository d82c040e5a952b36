//! Invitations.

use chrono::TimeDelta;
use domain::{
    invitation::{Invitation, InvitationState, InvitationTerms, Standing},
    master_key::{MasterKey, MasterKeys},
};
use store::{InvitationFilter, invitation_token};
use test_support::{databases, samples};

use crate::{app_and_guest, assert_conflict, assert_corrupt, begin};

#[tokio::test]
async fn comes_back_as_it_went_in_and_is_found_by_its_token() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let full = Invitation {
            terms: InvitationTerms {
                access_until: Some(samples::now() + TimeDelta::days(90)),
                ..samples::invitation(&guest, &app).terms
            },
            ..samples::invitation(&guest, &app)
        };
        let bare = Invitation {
            state: InvitationState::Revoked,
            terms: InvitationTerms {
                reply_to: None,
                about: None,
                message: None,
                language: None,
                ..samples::invitation(&guest, &app).terms
            },
            ..samples::invitation(&guest, &app)
        };
        let tx = begin(&db).await;
        for invitation in [full, bare] {
            let token = invitation_token(tx.master_keys(), invitation.id);
            tx.insert_invitation(&invitation, &token.hash()).await.unwrap();
            let found = tx.invitation_by_token(&token.hash()).await.unwrap();
            assert_eq!(found.as_ref(), Some(&invitation), "{}", db.name);
            assert_eq!(
                tx.invitation(invitation.id).await.unwrap(),
                Some(invitation),
                "{}",
                db.name
            );
        }
        let unknown = samples::secret().hash();
        assert_eq!(
            tx.invitation_by_token(&unknown).await.unwrap(),
            None,
            "{}",
            db.name
        );
    }
}

#[test]
fn a_token_follows_from_the_key_and_the_invitation() {
    let (one, other) = (samples::id(), samples::id());
    let keys = samples::master_keys();
    let token = invitation_token(&keys, one);
    assert!(token.matches(&invitation_token(&keys, one)));
    assert!(!token.matches(&invitation_token(&keys, other)));
    let foreign = MasterKeys::new(MasterKey::new([9; 32]), vec![]);
    assert!(!token.matches(&invitation_token(&foreign, one)));
    assert_eq!(token.expose().len(), 43);
}

#[tokio::test]
async fn the_newest_one_counts_and_lists_are_newest_first() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let other = samples::guest("bea@contoso.test");
        let tx = begin(&db).await;
        tx.insert_guest(&other).await.unwrap();
        let at = |hours, invitation: Invitation| Invitation {
            created_at: samples::now() + TimeDelta::hours(hours),
            ..invitation
        };
        let newest = at(2, samples::invitation(&guest, &app));
        let oldest = at(0, samples::invitation(&guest, &app));
        let others = at(3, samples::invitation(&other, &app));
        for invitation in [&newest, &oldest, &others] {
            tx.insert_invitation(invitation, &samples::secret().hash())
                .await
                .unwrap();
        }
        let found = tx.newest_invitation(guest.id, app.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&newest), "{}", db.name);
        assert_eq!(tx.newest_invitation(guest.id, samples::id()).await.unwrap(), None);

        let list = async |guest, app, limit| {
            let filter = InvitationFilter {
                guest,
                app,
                sponsor: None,
                standing: None,
                after: None,
                limit,
            };
            tx.invitations(&filter).await.unwrap()
        };
        let all = [others.clone(), newest.clone(), oldest.clone()];
        assert_eq!(list(None, None, 9).await, all, "{}", db.name);
        assert_eq!(list(None, Some(app.id), 2).await, all[..2], "{}", db.name);
        assert_eq!(
            list(Some(guest.id), None, 9).await,
            [newest, oldest],
            "{}",
            db.name
        );
        assert_eq!(list(None, Some(samples::id()), 9).await, [], "{}", db.name);
    }
}

#[tokio::test]
async fn is_redeemed_once_in_time_and_while_pending() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        let insert = async || {
            let invitation = samples::invitation(&guest, &app);
            tx.insert_invitation(&invitation, &samples::secret().hash())
                .await
                .unwrap();
            invitation
        };
        let state =
            async |invitation: &Invitation| tx.invitation(invitation.id).await.unwrap().unwrap().state;
        let now = samples::now();

        let redeemed = insert().await;
        assert!(tx.redeem_invitation(redeemed.id, now).await.unwrap().is_some());
        assert!(
            tx.redeem_invitation(redeemed.id, now).await.unwrap().is_none(),
            "only once"
        );
        assert!(!tx.revoke_invitation(redeemed.id, now).await.unwrap(), "too late");
        assert_eq!(state(&redeemed).await, InvitationState::Redeemed, "{}", db.name);

        let revoked = insert().await;
        assert!(tx.revoke_invitation(revoked.id, now).await.unwrap());
        assert!(!tx.revoke_invitation(revoked.id, now).await.unwrap(), "only once");
        assert!(
            tx.redeem_invitation(revoked.id, now).await.unwrap().is_none(),
            "taken back"
        );
        assert_eq!(state(&revoked).await, InvitationState::Revoked, "{}", db.name);

        let extended = insert().await;
        let later = extended.expires_at + TimeDelta::days(1);
        assert!(tx.extend_invitation(extended.id, later).await.unwrap());
        assert!(!tx.extend_invitation(redeemed.id, later).await.unwrap());
        assert!(!tx.extend_invitation(revoked.id, later).await.unwrap());
        let at = extended.expires_at;
        for (standing, ids) in [
            (Standing::Pending, vec![extended.id]),
            (Standing::Expired, vec![]),
            (Standing::Redeemed, vec![redeemed.id]),
            (Standing::Revoked, vec![revoked.id]),
        ] {
            let filter = InvitationFilter {
                guest: None,
                app: None,
                sponsor: None,
                standing: Some((standing, at)),
                after: None,
                limit: 9,
            };
            let found: Vec<_> = tx.invitations(&filter).await.unwrap();
            assert_eq!(
                found.iter().map(|found| found.id).collect::<Vec<_>>(),
                ids,
                "{standing:?} {}",
                db.name
            );
        }
        assert!(
            tx.redeem_invitation(extended.id, at).await.unwrap().is_some(),
            "its new time counts"
        );

        let lapsed = insert().await;
        assert!(
            tx.redeem_invitation(lapsed.id, lapsed.expires_at)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(state(&lapsed).await, InvitationState::Pending, "{}", db.name);
        let last_moment = lapsed.expires_at - TimeDelta::milliseconds(1);
        assert!(
            tx.redeem_invitation(lapsed.id, last_moment)
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn belongs_to_a_guest_and_an_app_that_exist() {
    for db in databases().await {
        let (app, _) = app_and_guest(&db).await;
        let stranger = samples::guest("eve@contoso.test");
        let tx = begin(&db).await;
        let invitation = samples::invitation(&stranger, &app);
        let inserted = tx.insert_invitation(&invitation, &samples::secret().hash()).await;
        assert_conflict(inserted);
    }
}

#[tokio::test]
async fn a_token_opens_one_invitation() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let token = samples::secret().hash();
        let tx = begin(&db).await;
        tx.insert_invitation(&samples::invitation(&guest, &app), &token)
            .await
            .unwrap();
        assert_conflict(
            tx.insert_invitation(&samples::invitation(&guest, &app), &token)
                .await,
        );
    }
}

#[tokio::test]
async fn illegal_rows_are_named() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let invitation = samples::invitation(&guest, &app);
        let tx = begin(&db).await;
        tx.insert_invitation(&invitation, &samples::secret().hash())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        db.store
            .run_raw("UPDATE invitations SET state = 'lost'")
            .await
            .unwrap();
        assert_corrupt(
            db.store.reader().invitation(invitation.id).await,
            ("invitations", "state"),
        );
    }
}
