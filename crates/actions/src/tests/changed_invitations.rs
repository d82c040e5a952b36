//! Invitations that are sent again, extended and taken back.

use chrono::TimeDelta;
use domain::{
    Id,
    invitation::{Invitation, Standing},
    limits::LimitName,
};
use store::{MailState, OutboxMail};
use test_support::samples;

use super::*;

impl World {
    async fn standing(&self, id: Id<Invitation>) -> Standing {
        let found = self.core.store.reader().invitation(id).await.unwrap();
        found.unwrap().standing(self.core.now())
    }

    async fn waiting(&self) -> Vec<Id<OutboxMail>> {
        let mails = self.core.store.reader().mails(MailState::Pending, 100).await;
        mails.unwrap().into_iter().map(|listed| listed.mail.id).collect()
    }

    /// The mail server takes what waits.
    async fn send_mail(&self) {
        let tx = self.core.store.begin().await.unwrap();
        for id in self.waiting().await {
            assert!(tx.mail_sent(id, self.core.now()).await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    async fn redeem(&self, id: Id<Invitation>) {
        let tx = self.core.store.begin().await.unwrap();
        assert!(tx.redeem_invitation(id, self.core.now()).await.unwrap().is_some());
        tx.commit().await.unwrap();
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, ActionError>) -> String {
    match result {
        Err(error @ (ActionError::Conflict(_) | ActionError::Invalid(_))) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_is_sent_again_once_the_first_has_left() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let id = world.invite("anna@contoso.test").await.unwrap().invitation.id;
        let said = refusal(resend_invitation(core, lee(), id).await);
        assert!(said.contains("waits to be sent"), "{said}");
        world.send_mail().await;
        resend_invitation(core, lee(), id).await.unwrap();
        assert_eq!(world.waiting().await.len(), 1, "{}", world.name);
        assert_eq!(
            world.actions().await,
            [
                "app.added",
                "guest.added",
                "invitation.created",
                "invitation.resent"
            ]
        );
        // It counts as an invitation of its inviter.
        let limit = core.settings.limits[LimitName::InvitationsPerInviterDay].max;
        for _ in 2..limit {
            world.send_mail().await;
            resend_invitation(core, lee(), id).await.unwrap();
        }
        world.send_mail().await;
        let over = resend_invitation(core, lee(), id).await;
        assert!(matches!(over, Err(ActionError::TooMany { .. })), "{over:?}");
        assert_eq!(world.waiting().await, []);
    }
}

#[tokio::test]
async fn more_time_also_where_it_was_over() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let invitation = world.invite("anna@contoso.test").await.unwrap().invitation;
        let id = invitation.id;
        for (until, wrong) in [
            (Some(core.now()), "lies in the past"),
            (Some(invitation.expires_at), "no later than it expires already"),
            (None, "no later than it expires already"),
        ] {
            let said = refusal(extend_invitation(core, lee(), id, until).await);
            assert!(said.contains(wrong), "{said}");
        }
        let later = invitation.expires_at + TimeDelta::days(5);
        let extended = extend_invitation(core, lee(), id, Some(later)).await.unwrap();
        assert_eq!(extended.expires_at, later);
        world
            .clock
            .advance(core.settings.invitation_lifetime + TimeDelta::days(5));
        assert_eq!(world.standing(id).await, Standing::Expired, "{}", world.name);
        world.send_mail().await;
        let said = refusal(resend_invitation(core, lee(), id).await);
        assert!(said.contains("extend it first"), "{said}");
        let extended = extend_invitation(core, lee(), id, None).await.unwrap();
        assert_eq!(
            extended.expires_at,
            core.now() + core.settings.invitation_lifetime
        );
        assert_eq!(world.standing(id).await, Standing::Pending);
        resend_invitation(core, lee(), id).await.unwrap();
        let audit = world.audit().await;
        let record = audit.iter().find(|event| event.action == "invitation.extended");
        assert!(record.unwrap().details.contains(" → "), "{record:?}");
    }
}

#[tokio::test]
async fn an_invitation_is_taken_back_until_the_guest_comes() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let id = world.invite("anna@contoso.test").await.unwrap().invitation.id;
        assert!(
            revoke_invitation(core, lee(), id, Some("the wrong Anna"))
                .await
                .unwrap()
        );
        assert!(
            !revoke_invitation(core, lee(), id, None).await.unwrap(),
            "{}",
            world.name
        );
        assert_eq!(world.standing(id).await, Standing::Revoked);
        let audit = world.audit().await;
        let revoked: Vec<_> = audit
            .iter()
            .filter(|event| event.action == "invitation.revoked")
            .collect();
        assert_eq!(revoked.len(), 1);
        assert_eq!(revoked[0].reason.as_deref(), Some("the wrong Anna"));
        let reader = core.store.reader();
        let app = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let guest = reader.guest(revoked[0].guest.unwrap()).await.unwrap().unwrap();
        assert_ne!(
            reader.access_of(app.id, &guest, core.now()).await.unwrap(),
            domain::access::Access::Allow
        );
        // Also one whose time is over, and never one that was redeemed.
        let over = world.invite("bob@contoso.test").await.unwrap().invitation.id;
        let redeemed = world.invite("carl@contoso.test").await.unwrap().invitation.id;
        world.redeem(redeemed).await;
        world.clock.advance(core.settings.invitation_lifetime);
        assert!(revoke_invitation(core, lee(), over, None).await.unwrap());
        let said = refusal(revoke_invitation(core, lee(), redeemed, None).await);
        assert!(said.contains("end their access"), "{said}");
        let nowhere = revoke_invitation(core, lee(), samples::id(), None).await;
        assert!(
            matches!(nowhere, Err(ActionError::NotFound { .. })),
            "{nowhere:?}"
        );
    }
}

/// Neither a mail nor more time for what leads nowhere.
#[tokio::test]
async fn what_leads_nowhere_stays_as_it_is() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let [redeemed, revoked, declined, blocked, older] = [
            world.invite("anna@contoso.test").await.unwrap().invitation.id,
            world.invite("bob@contoso.test").await.unwrap().invitation.id,
            world.invite("fred@contoso.test").await.unwrap().invitation.id,
            world.invite("carl@contoso.test").await.unwrap().invitation.id,
            world.invite("dora@contoso.test").await.unwrap().invitation.id,
        ];
        world.redeem(redeemed).await;
        revoke_invitation(core, lee(), revoked, None).await.unwrap();
        let tx = core.store.begin().await.unwrap();
        assert!(tx.decline_invitation(declined, core.now()).await.unwrap());
        tx.commit().await.unwrap();
        let taken_back = refusal(revoke_invitation(core, lee(), declined, None).await);
        assert!(taken_back.contains("has declined"), "{taken_back}");
        let guest = core
            .store
            .reader()
            .invitation(blocked)
            .await
            .unwrap()
            .unwrap()
            .guest;
        block_guest(core, lee(), guest, None).await.unwrap();
        world.clock.advance(TimeDelta::seconds(1));
        let newest = world.invite("dora@contoso.test").await.unwrap().invitation.id;
        world.send_mail().await;
        let later = core.now() + TimeDelta::days(400);
        for (id, why) in [
            (redeemed, "redeemed".to_owned()),
            (revoked, "revoked".to_owned()),
            (declined, "has declined".to_owned()),
            (blocked, "unblock them first".to_owned()),
            (older, newest.to_string()),
        ] {
            let resent = refusal(resend_invitation(core, lee(), id).await);
            assert!(resent.contains(&why), "{why}: {resent}");
            let extended = refusal(extend_invitation(core, lee(), id, Some(later)).await);
            assert!(extended.contains(&why), "{why}: {extended}");
        }
        let restored = world.invite("emil@contoso.test").await.unwrap().invitation.id;
        world.send_mail().await;
        let tx = core.store.begin().await.unwrap();
        tx.end_everything(core.now()).await.unwrap();
        tx.commit().await.unwrap();
        let ended = refusal(resend_invitation(core, lee(), restored).await);
        assert!(ended.contains("invite the guest anew"), "{ended}");
        disable_app(core, lee(), "notes").await.unwrap();
        let off = refusal(resend_invitation(core, lee(), newest).await);
        assert!(off.contains("switched off"), "{off}");
        assert_eq!(world.waiting().await, [], "{}", world.name);
    }
}

/// A mail that waits, because no mail leaves, has as long as its invitation.
#[tokio::test]
async fn the_waiting_mail_is_extended_as_well() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let invitation = world.invite("anna@contoso.test").await.unwrap().invitation;
        let later = invitation.expires_at + TimeDelta::days(5);
        extend_invitation(core, lee(), invitation.id, Some(later))
            .await
            .unwrap();
        let mails = core.store.reader().mails(MailState::Pending, 10).await.unwrap();
        assert_eq!(mails[0].mail.deadline, later, "{}", world.name);
    }
}

/// Two operators at once: one mail.
#[tokio::test]
async fn two_who_send_again_at_once_send_one() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let id = world.invite("anna@contoso.test").await.unwrap().invitation.id;
        world.send_mail().await;
        let racers: Vec<_> = (0..8)
            .map(|n| {
                let core = core.clone();
                let by = Actor::Operator(format!("operator-{n}"));
                tokio::spawn(async move { resend_invitation(&core, by, id).await.is_ok() })
            })
            .collect();
        let mut sent = 0;
        for racer in racers {
            sent += usize::from(racer.await.unwrap());
        }
        assert_eq!((sent, world.waiting().await.len()), (1, 1), "{}", world.name);
    }
}

/// No mail is sent to an address of a domain that is refused.
#[tokio::test]
async fn a_refused_domain_is_not_mailed_again() {
    for world in World::each_with_app().await {
        let id = world.invite("anna@contoso.test").await.unwrap().invitation.id;
        world.send_mail().await;
        let mut settings = (*world.core.settings).clone();
        settings.resolution.usual.refused_domains = vec!["contoso.test".into()];
        let strict = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let said = refusal(resend_invitation(&strict, lee(), id).await);
        assert!(said.contains("refused_domains"), "{}: {said}", world.name);
    }
}
