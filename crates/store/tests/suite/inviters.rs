//! Links of inviters, and whose guests they answer for.

use chrono::TimeDelta;
use domain::{
    group::{Group, GroupAssignment},
    guest::GuestStatus,
    inviter::InviterLink,
    master_key::MasterKeys,
};
use store::InvitationFilter;
use test_support::{databases, samples};

use crate::begin;

#[tokio::test]
async fn a_link_is_found_by_its_token_and_goes_when_its_time_is_over() {
    for db in databases().await {
        let now = samples::now();
        let link = InviterLink::new(samples::id(), samples::email("Lee@acme.test"), now);
        let tx = begin(&db).await;
        tx.insert_inviter_link(&link).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        let token = reader.token_of_inviter_link(link.id).await.unwrap().unwrap();
        let found = reader.inviter_link_by_token(&token.hash()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&link), "{}", db.name);
        assert_eq!(reader.inviter_link(link.id).await.unwrap(), found, "{}", db.name);
        let other = samples::secret().hash();
        assert_eq!(reader.inviter_link_by_token(&other).await.unwrap(), None);

        for (after, is_there) in [
            (TimeDelta::hours(24) - TimeDelta::seconds(1), true),
            (TimeDelta::hours(25), false),
        ] {
            let tx = begin(&db).await;
            tx.sweep(now + after, 100).await.unwrap();
            tx.commit().await.unwrap();
            let found = reader.inviter_link(link.id).await.unwrap();
            assert_eq!(found.is_some(), is_there, "{}: {after}", db.name);
        }
    }
}

#[tokio::test]
async fn whoever_answers_for_access_that_has_not_ended() {
    for db in databases().await {
        let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
        let now = samples::now();
        let sponsor = samples::email("kim@acme.test");
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        let mut assignment = samples::assignment(&guest, &app);
        assignment.sponsor = Some("Kim@ACME.test".into());
        assignment.ends_at = Some(now + TimeDelta::days(1));
        tx.put_assignment(&assignment).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        for (address, after, expected) in [
            (&sponsor, 0, vec![app.id]),
            (&sponsor, 2, vec![]),
            (&samples::email("lee@acme.test"), 0, vec![]),
        ] {
            let found = reader.sponsored_apps(address, now + TimeDelta::days(after)).await;
            assert_eq!(found.unwrap(), expected, "{}: {after}", db.name);
        }

        // Through a group as well.
        let group = Group {
            id: samples::id(),
            name: "auditors".into(),
            apps: Vec::new(),
            created_at: now,
        };
        let tx = begin(&db).await;
        tx.insert_group(&group).await.unwrap();
        tx.add_group_apps(group.id, &[app.id]).await.unwrap();
        let member = GroupAssignment {
            guest: guest.id,
            group: group.id,
            starts_at: now,
            ends_at: None,
            reason: None,
            sponsor: Some("Pat@ACME.test".into()),
        };
        tx.put_group_assignment(&member).await.unwrap();
        tx.commit().await.unwrap();
        let pat = samples::email("pat@acme.test");
        assert_eq!(
            reader.sponsored_apps(&pat, now).await.unwrap(),
            [app.id],
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn who_is_out_answers_for_nobody() {
    for db in databases().await {
        let now = samples::now();
        let tx = begin(&db).await;
        let gone = samples::email("gone@acme.test");
        assert!(tx.remove_sponsor(&gone, now).await.unwrap());
        let mut asked = vec![gone.key()];
        let ends = |days| Some(now + TimeDelta::days(days));
        for (address, status, valid_until) in [
            ("blocked@acme.test", GuestStatus::Blocked, None),
            ("expired@acme.test", GuestStatus::Active, ends(0)),
            ("invited@acme.test", GuestStatus::Invited, ends(-1)),
            ("removed@acme.test", GuestStatus::Removed, None),
            // From here on they answer.
            ("active@acme.test", GuestStatus::Active, ends(1)),
            // Who became a member has no date any more that counts.
            ("member@acme.test", GuestStatus::Converted, ends(-1)),
        ] {
            let mut guest = samples::guest(address);
            guest.status = status;
            guest.valid_until = valid_until;
            tx.insert_guest(&guest).await.unwrap();
            asked.push(guest.email.key());
        }
        asked.push("stranger@acme.test".into());
        tx.commit().await.unwrap();
        let mut found = db.store.reader().unanswerable(&asked, now).await.unwrap();
        found.sort_unstable();
        let expected =
            ["blocked", "expired", "gone", "invited", "removed"].map(|name| format!("{name}@acme.test"));
        assert_eq!(found, expected, "{}", db.name);
    }
}

#[tokio::test]
async fn invitations_are_listed_by_who_answers_for_them() {
    for db in databases().await {
        let (app, guest) = (samples::app(), samples::guest("anna@contoso.test"));
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        for (invited_by, reply_to) in [
            ("Lee", Some("lee@acme.test")),
            ("LEE@acme.test", None),
            ("Lee", None),
        ] {
            let mut invitation = samples::invitation(&guest, &app);
            invitation.terms.invited_by = invited_by.into();
            invitation.terms.reply_to = reply_to.map(Into::into);
            let token = store::invitation_token(&MasterKeys::clone(db.store.master_keys()), invitation.id);
            tx.insert_invitation(&invitation, &token.hash()).await.unwrap();
        }
        tx.commit().await.unwrap();
        for (address, count) in [("lee@ACME.test", 2), ("kim@acme.test", 0)] {
            let filter = InvitationFilter {
                guest: None,
                app: None,
                sponsor: Some(samples::email(address)),
                standing: None,
                after: None,
                limit: 9,
            };
            let found = db.store.reader().invitations(&filter).await.unwrap();
            assert_eq!(found.len(), count, "{}: {address}", db.name);
        }
    }
}
