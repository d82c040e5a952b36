//! What a row becomes: the right mail in the right language, or none.

use std::sync::Arc;

use chrono::TimeDelta;
use dev::{CapturedMail, Inbox};
use domain::{
    guest::{Guest, GuestStatus},
    invitation::Invitation,
    master_key::{MasterKey, MasterKeys},
    method::Method,
    passcode::PasscodeChallenge,
    sign_in::SignIn,
};
use method_resolution::Policy;
use store::{MailKind, OutboxMail, invitation_token};
use test_support::{FakeClock, samples};

use super::{ANNA, World, run, worlds};

async fn deliver(world: &World) -> Vec<Arc<CapturedMail>> {
    let inbox = Arc::new(Inbox::new(Arc::new(FakeClock::new())));
    run(&world.worker(inbox.clone())).await;
    inbox.all()
}

impl World {
    async fn invite(&self, change: impl FnOnce(&mut Invitation)) -> Invitation {
        let mut invitation = samples::invitation(&self.guest, &self.app);
        change(&mut invitation);
        let token = invitation_token(self.core.store.master_keys(), invitation.id);
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_invitation(&invitation, &token.hash()).await.unwrap();
        tx.commit().await.unwrap();
        self.enqueue_invitation(&invitation).await;
        invitation
    }

    async fn enqueue_invitation(&self, invitation: &Invitation) {
        let invitation = invitation.id;
        self.enqueue(MailKind::Invitation { invitation }, TimeDelta::days(30))
            .await;
    }

    async fn change_guest(&self, change: impl FnOnce(&mut Guest)) {
        let mut guest = self.guest.clone();
        change(&mut guest);
        let tx = self.core.store.begin().await.unwrap();
        tx.save_guest(&guest).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn assert_nothing_waits_and_nothing_failed(&self) {
        assert_eq!(
            self.core.store.reader().mail_waiting().await.unwrap().due_at,
            None,
            "{}",
            self.database.name
        );
        assert_eq!(self.events("mail.failed").await.len(), 0);
    }
}

#[tokio::test]
async fn an_invitation_brings_the_link_that_its_row_knows() {
    for world in worlds().await {
        let invitation = world.invite(|_| ()).await;
        let mails = deliver(&world).await;
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert_eq!(
            mail.subject,
            "Lee invited you to “Q3 kickoff notes” in Acme Notes at Acme"
        );
        assert_eq!(
            mail.reply_to.as_ref().unwrap().address,
            samples::email("lee@acme.test")
        );
        let link = mail
            .text
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        let token = link
            .strip_prefix("https://login.acme.example/invitation/")
            .unwrap();
        let hash = domain::Secret::presented(token).hash();
        let found = world
            .core
            .store
            .reader()
            .invitation_by_token(&hash)
            .await
            .unwrap();
        assert_eq!(found.map(|found| found.id), Some(invitation.id));
        let events = world.events("invitation.mailed").await;
        assert_eq!(events.len(), 1);
        assert_eq!(
            (events[0].guest, events[0].app),
            (Some(world.guest.id), Some(world.app.id))
        );
    }
}

#[tokio::test]
async fn an_app_that_another_process_has_just_switched_on_costs_no_invitation() {
    for world in worlds().await {
        let other = world.database.reopen(samples::master_keys()).await.unwrap();
        let set = async |store: &store::Store, app: &domain::app::App| {
            let tx = store.begin().await.unwrap();
            tx.update_app(app).await.unwrap();
            tx.commit().await.unwrap();
        };
        let off = domain::app::App {
            disabled_at: Some(world.core.now()),
            ..world.app.clone()
        };
        set(&world.core.store, &off).await;
        let held = world.core.store.known_app(world.app.id).await.unwrap().unwrap();
        assert!(held.app.disabled_at.is_some(), "in memory it is off");
        set(&other, &world.app).await;
        world.invite(|_| ()).await;
        assert_eq!(deliver(&world).await.len(), 1, "{}", world.database.name);
    }
}

/// Whom a mail names for questions: the organisation's help, or the app's own.
#[tokio::test]
async fn a_mail_about_an_app_names_its_contact() {
    for world in worlds().await {
        world.invite(|_| ()).await;
        let of_the_house = deliver(&world).await[0].text.clone();
        assert!(!of_the_house.contains("notes@acme.test"), "{of_the_house}");
        let tx = world.core.store.begin().await.unwrap();
        let app = domain::app::App {
            contact: Some(samples::email("notes@acme.test")),
            ..world.app.clone()
        };
        tx.update_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        world.invite(|_| ()).await;
        let of_the_app = deliver(&world).await[0].text.clone();
        assert!(of_the_app.contains("notes@acme.test"), "{of_the_app}");
    }
}

#[tokio::test]
async fn an_invitation_promises_no_code_to_whom_none_is_sent() {
    for world in worlds().await {
        world.invite(|_| ()).await;
        let mails = deliver(&world).await;
        assert!(mails[0].text.contains("we'll email a code"), "{}", mails[0].text);

        let tx = world.core.store.begin().await.unwrap();
        let tenant = samples::tenant("contoso", &[world.guest.email.domain()]);
        tx.insert_upstream(&tenant).await.unwrap();
        tx.commit().await.unwrap();
        world.invite(|_| ()).await;
        let mails = deliver(&world).await;
        for body in [&mails[0].text, &mails[0].html] {
            assert!(body.contains("sign in with CONTOSO"), "{body}");
            assert!(!body.contains("code"), "{body}");
        }
    }
}

#[tokio::test]
async fn invitations_that_became_pointless_are_not_mailed() {
    for world in worlds().await {
        let now = world.core.now();
        let revoked = world.invite(|_| ()).await;
        let redeemed = world.invite(|_| ()).await;
        world.invite(|lapsed| lapsed.expires_at = now).await;
        let tx = world.core.store.begin().await.unwrap();
        assert!(tx.revoke_invitation(revoked.id, now).await.unwrap());
        assert!(tx.redeem_invitation(redeemed.id, now).await.unwrap().is_some());
        tx.commit().await.unwrap();
        assert_eq!(deliver(&world).await.len(), 0);
        world.assert_nothing_waits_and_nothing_failed().await;

        world.invite(|_| ()).await;
        world
            .change_guest(|guest| guest.status = GuestStatus::Blocked)
            .await;
        assert_eq!(deliver(&world).await.len(), 0, "{}: blocked", world.database.name);
        world.change_guest(|guest| guest.valid_until = Some(now)).await;
        world.invite(|_| ()).await;
        assert_eq!(deliver(&world).await.len(), 0, "{}: expired", world.database.name);
        world.change_guest(|_| ()).await;
        let mut app = world.app.clone();
        app.disabled_at = Some(now);
        let tx = world.core.store.begin().await.unwrap();
        tx.update_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        world.invite(|_| ()).await;
        assert_eq!(
            deliver(&world).await.len(),
            0,
            "{}: switched off",
            world.database.name
        );
        world.assert_nothing_waits_and_nothing_failed().await;
    }
}

#[tokio::test]
async fn codes_that_became_pointless_are_not_mailed() {
    for world in worlds().await {
        let (used, dead) = (world.challenge().await, world.challenge().await);
        for challenge in [&used, &dead] {
            world.enqueue_code(challenge).await;
        }
        let now = world.core.now();
        let tx = world.core.store.begin().await.unwrap();
        assert!(tx.consume_challenge(used.id, now).await.unwrap());
        assert!(tx.kill_challenge(dead.id, now).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(deliver(&world).await.len(), 0);
        world.assert_nothing_waits_and_nothing_failed().await;
    }
}

#[tokio::test]
async fn a_blocked_guest_still_gets_codes() {
    for world in worlds().await {
        world
            .change_guest(|guest| guest.status = GuestStatus::Blocked)
            .await;
        world.ask_for_code().await;
        assert_eq!(
            deliver(&world).await.len(),
            1,
            "only the holder of the mailbox learns where they stand"
        );
    }
}

#[tokio::test]
async fn the_row_of_a_suppressed_challenge_is_never_sent() {
    for world in worlds().await {
        let suppressed = PasscodeChallenge {
            suppressed: true,
            ..samples::challenge(&world.sign_in, "nobody@contoso.example")
        };
        let now = world.core.now();
        let kind = MailKind::Passcode {
            challenge: suppressed.id,
            send: 1,
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_challenge(&suppressed).await.unwrap();
        let mail = OutboxMail::new(samples::id(), kind, None, now, now + suppressed.lifetime);
        tx.enqueue_suppressed(&mail).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(deliver(&world).await.len(), 0);
        // Nor would it be, if somebody put it there by mistake.
        world.enqueue_code(&suppressed).await;
        assert_eq!(deliver(&world).await.len(), 0, "{}", world.database.name);
    }
}

/// A known guest whose way of signing in is off is told, in place of a code. Why is judged when the
/// letter leaves.
#[tokio::test]
async fn the_letter_in_place_of_a_code() {
    type Case = (fn(&mut Policy), GuestStatus, Option<&'static str>);
    let off = |policy: &mut Policy| policy.codes = false;
    let refused = |policy: &mut Policy| policy.refused_domains = vec!["contoso.example".into()];
    let open = |_: &mut Policy| ();
    let cases: [Case; 5] = [
        (off, GuestStatus::Active, Some("switched off")),
        (refused, GuestStatus::Active, Some("doesn't let anyone sign in")),
        (refused, GuestStatus::Blocked, Some("doesn't let anyone sign in")),
        // On again since it was asked for, or somebody who gets a code.
        (open, GuestStatus::Active, None),
        (off, GuestStatus::Blocked, None),
    ];
    for (policy, status, said) in cases {
        for mut world in worlds().await {
            let mut settings = (*world.core.settings).clone();
            policy(&mut settings.resolution.usual);
            world.core.settings = Arc::new(settings);
            world
                .change_guest(|guest| {
                    (guest.status, guest.method) = (status, Some(Method::Passcode));
                })
                .await;
            let challenge = PasscodeChallenge {
                suppressed: true,
                ..samples::challenge(&world.sign_in, ANNA)
            };
            let kind = MailKind::NoCode {
                challenge: challenge.id,
                send: 1,
            };
            let tx = world.core.store.begin().await.unwrap();
            tx.insert_challenge(&challenge).await.unwrap();
            tx.commit().await.unwrap();
            world.enqueue(kind, challenge.lifetime).await;
            let mails = deliver(&world).await;
            assert_eq!(
                mails.len(),
                usize::from(said.is_some()),
                "{}",
                world.database.name
            );
            let (Some(mail), Some(said)) = (mails.first(), said) else {
                world.assert_nothing_waits_and_nothing_failed().await;
                continue;
            };
            assert!(mail.text.contains(said), "{said}: {}", mail.text);
            assert!(
                mail.text.contains(world.sign_in.reference.as_str()),
                "{}",
                mail.text
            );
            let code = challenge.code(&samples::master_keys().current().code_key(), &challenge.sends[0]);
            assert!(
                !mail.text.contains(code.expose()) && !mail.html.contains(code.expose()),
                "no code"
            );
        }
    }
}

#[tokio::test]
async fn a_code_whose_master_key_is_gone_is_given_up_and_recorded() {
    for world in worlds().await {
        let challenge = PasscodeChallenge {
            key_id: "0123456789ab".into(),
            ..samples::challenge(&world.sign_in, ANNA)
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_challenge(&challenge).await.unwrap();
        tx.commit().await.unwrap();
        world.enqueue_code(&challenge).await;
        assert_eq!(deliver(&world).await.len(), 0);
        assert_eq!(world.failure().await, "master_key_missing");
    }
}

#[tokio::test]
async fn a_field_that_no_mail_may_carry_is_given_up_and_recorded() {
    for world in worlds().await {
        world
            .invite(|invitation| invitation.terms.invited_by = "Lee\r\nBcc: victim@contoso.example".into())
            .await;
        assert_eq!(deliver(&world).await.len(), 0);
        assert_eq!(world.failure().await, "unfit");
    }
}

#[tokio::test]
async fn a_link_stays_what_it_was_when_the_master_key_changes() {
    let (old, new) = (samples::master_keys().current().clone(), MasterKey::new([8; 32]));
    for mut world in worlds().await {
        let invitation = world.invite(|_| ()).await;
        let token = invitation_token(&samples::master_keys(), invitation.id);
        let keys = MasterKeys::new(new.clone(), vec![old.clone()]);
        world.core.store = world.database.reopen(keys).await.unwrap();
        let mails = deliver(&world).await;
        assert!(mails[0].text.contains(token.expose()), "{}", mails[0].text);

        // The old key is forgotten, with mail still under way.
        world.enqueue_invitation(&invitation).await;
        world.core.store = world
            .database
            .reopen(MasterKeys::new(new.clone(), vec![]))
            .await
            .unwrap();
        assert_eq!(deliver(&world).await.len(), 0);
        assert_eq!(world.failure().await, "master_key");
    }
}

#[tokio::test]
async fn each_of_several_sends_has_its_own_code() {
    for world in worlds().await {
        let challenge = world.challenge().await;
        let key = samples::master_keys().current().code_key();
        world.enqueue_code(&challenge).await;
        let first = deliver(&world).await;
        world.advance(60);
        let resend = domain::passcode::Send {
            number: 2,
            issued_at: world.core.now(),
            alphabet: domain::passcode::Alphabet::Letters,
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.add_send(&challenge, resend).await.unwrap();
        tx.commit().await.unwrap();
        world
            .enqueue(
                MailKind::Passcode {
                    challenge: challenge.id,
                    send: 2,
                },
                challenge.lifetime,
            )
            .await;
        let second = deliver(&world).await;
        assert_eq!((first.len(), second.len()), (1, 1), "{}", world.database.name);
        assert_eq!(
            first[0].code(),
            Some(challenge.code(&key, &challenge.sends[0]).expose())
        );
        assert_eq!(second[0].code(), Some(challenge.code(&key, &resend).expose()));
        assert_ne!(first[0].code(), second[0].code());
        // The reader's time zone is unknown: the mail says how long, and names no time of day.
        let text = second[0].text.replace('\n', " ");
        assert!(text.contains("works for 30 minutes"), "{text}");
        assert!(!text.contains("UTC"), "{text}");
    }
}

#[tokio::test]
async fn who_decides_the_language() {
    let de = || Some("de-AT".to_owned());
    for (invitation, guest, app, page, german) in [
        (None, None, None, None, false),
        (None, None, None, de(), true),
        (None, None, de(), Some("en".into()), true),
        (None, Some("en".to_owned()), de(), de(), false),
        (None, de(), Some("en".to_owned()), Some("en".to_owned()), true),
        (Some("en".to_owned()), de(), de(), de(), false),
        (de(), Some("en".to_owned()), None, None, true),
        (Some("xx".to_owned()), None, de(), None, true),
    ] {
        let case = format!("{invitation:?} {guest:?} {app:?} {page:?}");
        let world = worlds().await.remove(0);
        let invitation = {
            let mut made = samples::invitation(&world.guest, &world.app);
            made.terms.language = invitation;
            made
        };
        let mut request = samples::request();
        request.ui_locales = app.into_iter().collect();
        let sign_in = SignIn {
            request,
            invitation: Some(invitation.id),
            ..samples::sign_in(&world.app)
        };
        let challenge = samples::challenge(&sign_in, ANNA);
        world.change_guest(|known| known.language = guest).await;
        let now = world.core.now();
        let kind = MailKind::Passcode {
            challenge: challenge.id,
            send: 1,
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_invitation(&invitation, &samples::secret().hash())
            .await
            .unwrap();
        tx.insert_sign_in(&sign_in).await.unwrap();
        tx.insert_challenge(&challenge).await.unwrap();
        tx.enqueue(&OutboxMail::new(
            samples::id(),
            kind,
            page,
            now,
            now + challenge.lifetime,
        ))
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let mails = deliver(&world).await;
        assert_eq!(mails[0].subject.contains("Anmeldecode"), german, "{case}");
    }
}
