use chrono::TimeDelta;
use domain::{
    guest::GuestStatus,
    invitation::{InvitationState, InvitationTerms},
    master_key::{MasterKey, MasterKeys},
};
use store::{InvitationFilter, invitation_token};
use test_support::{samples, sqlite};

use super::*;

#[tokio::test]
async fn an_invitation_is_a_guest_a_row_a_mail_and_a_record() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let invited = invite_guest(
            core,
            lee(),
            Invite {
                name: Some("Anna Berg".into()),
                terms: InvitationTerms {
                    about: Some("Q3 kickoff notes".into()),
                    message: Some("Dear Anna,\r\n\r\nhere they are.".into()),
                    language: Some("de-AT".into()),
                    reply_to: Some("lee@acme.test".into()),
                    ..invite("Anna@Contoso.test").terms
                },
                ..invite("Anna@Contoso.test")
            },
        )
        .await
        .unwrap();
        assert!(invited.is_new);
        assert_eq!(invited.preview.method, "passcode");
        assert_eq!(invited.invitation.expires_at, core.now() + TimeDelta::days(30));
        assert_eq!(
            invited.invitation.terms.message.as_deref(),
            Some("Dear Anna,\n\nhere they are.")
        );

        let reader = core.store.reader();
        let guest = reader
            .guest_by_email(&samples::email("anna@contoso.test"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (guest.name.as_deref(), guest.status),
            (Some("Anna Berg"), GuestStatus::Invited)
        );
        assert_eq!(guest.language.as_deref(), Some("de-AT"));
        let token = invitation_token(core.store.master_keys(), invited.invitation.id);
        let found = reader.invitation_by_token(&token.hash()).await.unwrap().unwrap();
        assert_eq!(found, invited.invitation, "{}", world.name);

        let tx = core.store.begin().await.unwrap();
        let mails = tx
            .claim_mail(core.now(), TimeDelta::minutes(1), 10, None)
            .await
            .unwrap();
        assert_eq!(mails.len(), 1, "{}", world.name);
        tx.commit().await.unwrap();

        let audit = world.audit().await;
        let actions: Vec<&str> = audit.iter().map(|record| record.action.as_str()).collect();
        assert_eq!(actions, ["app.added", "guest.added", "invitation.created"]);
        assert_eq!(audit[2].guest, Some(guest.id));
        assert_eq!(audit[2].app, Some(invited.app.id));
        assert!(!format!("{audit:?}").contains(token.expose()));
    }
}

#[tokio::test]
async fn it_is_one_write() {
    for world in World::each_with_app().await {
        let before = world.core.store.write_transactions();
        world.invite("anna@contoso.test").await.unwrap();
        assert_eq!(
            world.core.store.write_transactions(),
            before + 1,
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn the_worker_is_woken() {
    let world = World::sqlite_with_app().await;
    world.invite("anna@contoso.test").await.unwrap();
    let woken = world.core.outgoing.woken();
    tokio::time::timeout(std::time::Duration::from_secs(1), woken)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_known_guest_is_invited_again_and_keeps_their_sub() {
    for world in World::each_with_app().await {
        let first = world.invite("anna@contoso.test").await.unwrap();
        world.clock.advance(TimeDelta::days(40));
        let second = invite_guest(
            &world.core,
            lee(),
            Invite {
                name: Some("Somebody Else".into()),
                ..invite("ANNA@contoso.test")
            },
        )
        .await
        .unwrap();
        assert_eq!(first.guest.subject, second.guest.subject);
        assert_ne!(first.invitation.id, second.invitation.id);
        let app = second.app.id;
        let newest = world
            .core
            .store
            .reader()
            .newest_invitation(second.guest.id, app)
            .await
            .unwrap();
        assert_eq!(newest.unwrap().id, second.invitation.id, "{}", world.name);
        assert_eq!(
            second.guest.name.as_deref(),
            Some("Somebody Else"),
            "they had no name before"
        );
        let third = invite_guest(
            &world.core,
            lee(),
            Invite {
                name: Some("Yet Another".into()),
                ..invite("anna@contoso.test")
            },
        )
        .await
        .unwrap();
        assert_eq!(
            third.guest.name.as_deref(),
            Some("Somebody Else"),
            "a name that is known stays"
        );
    }
}

#[tokio::test]
async fn who_cannot_be_invited() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let guest = world.invite("anna@contoso.test").await.unwrap().guest;
        block_guest(core, lee(), guest.id, None).await.unwrap();
        let mut expired = samples::active_guest("old@contoso.test");
        expired.valid_until = Some(core.now());
        let tx = core.store.begin().await.unwrap();
        tx.insert_guest(&expired).await.unwrap();
        tx.commit().await.unwrap();
        for (address, why) in [
            ("anna@contoso.test", "blocked"),
            ("old@contoso.test", "ended by date"),
        ] {
            match world.invite(address).await {
                Err(ActionError::Conflict(text)) => assert!(text.contains(why), "{text}"),
                other => panic!("{}: {other:?}", world.name),
            }
        }
        let nowhere = invite_guest(
            core,
            lee(),
            Invite {
                app: "nowhere".into(),
                ..invite("a@b.test")
            },
        )
        .await;
        assert!(matches!(nowhere, Err(ActionError::NotFound { what: "app", .. })));
        let all = InvitationFilter {
            standing: None,
            guest: None,
            app: None,
            sponsor: None,
            after: None,
            limit: 10,
        };
        assert_eq!(core.store.reader().invitations(&all).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_domain_leaves_no_trace_in_the_directory() {
    for (refused, allowed) in [(vec!["rival.test"], vec![]), (vec![], vec!["contoso.test"])] {
        leaves_no_trace(refused, allowed).await;
    }
}

async fn leaves_no_trace(refused: Vec<&str>, allowed: Vec<&str>) {
    let database = sqlite().await;
    let mut settings = test_support::settings("https://login.acme.example");
    let usual = &mut settings.resolution.usual;
    usual.refused_domains = refused.into_iter().map(Into::into).collect();
    usual.allowed_domains = allowed.into_iter().map(Into::into).collect();
    let core = test_support::core_with(database.store.clone(), FakeClock::new(), settings);
    register_app(
        &core,
        lee(),
        NewApp {
            client_id: Some("notes".into()),
            ..NewApp::new("Notes", "https://n.example/")
        },
    )
    .await
    .unwrap();
    let refused = invite_guest(&core, lee(), invite("eve@rival.test")).await;
    assert!(matches!(refused, Err(ActionError::Conflict(_))), "{refused:?}");
    let email = samples::email("eve@rival.test");
    assert!(
        core.store
            .reader()
            .guest_by_email(&email)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_invite() {
    let world = World::sqlite_with_app().await;
    let now = world.core.now();
    let good = || invite("anna@contoso.test");
    let said = |change: fn(&mut InvitationTerms)| {
        let mut invite = good();
        change(&mut invite.terms);
        invite
    };
    let cases: Vec<(Invite, &[&str])> = vec![
        (invite("anna"), &["email"]),
        (said(|terms| terms.invited_by = String::new()), &["invited_by"]),
        (
            said(|terms| terms.invited_by = "Lee\r\nBcc: x".into()),
            &["invited_by"],
        ),
        (said(|terms| terms.about = Some("a\nb".into())), &["about"]),
        (said(|terms| terms.message = Some("x".repeat(501))), &["message"]),
        (
            said(|terms| terms.message = Some("bell\u{7}".into())),
            &["message"],
        ),
        (
            said(|terms| terms.message = Some("line\u{2028}separator".into())),
            &["message"],
        ),
        (said(|terms| terms.reply_to = Some("lee".into())), &["reply_to"]),
        (
            said(|terms| terms.language = Some("english please".into())),
            &["language"],
        ),
        (
            Invite {
                terms: InvitationTerms {
                    access_until: Some(now),
                    ..good().terms
                },
                ..good()
            },
            &["access_until"],
        ),
        (
            Invite {
                idempotency_key: Some("x".repeat(256)),
                ..good()
            },
            &["Idempotency-Key"],
        ),
        (
            Invite {
                email: "anna".into(),
                ..said(|terms| terms.invited_by = String::new())
            },
            &["email", "invited_by"],
        ),
    ];
    for (invite, expected) in cases {
        let shown = format!("{invite:?}");
        assert_eq!(
            fields(invite_guest(&world.core, lee(), invite).await),
            expected,
            "{shown}"
        );
    }
    let longest = Invite {
        terms: InvitationTerms {
            message: Some("ü".repeat(500)),
            ..good().terms
        },
        ..good()
    };
    assert!(
        invite_guest(&world.core, lee(), longest).await.is_ok(),
        "500 characters, not bytes"
    );
}

#[tokio::test]
async fn an_inviter_has_fifty_a_day() {
    for world in World::each_with_app().await {
        let core = &world.core;
        for n in 0..50 {
            world.invite(&format!("guest{n}@contoso.test")).await.unwrap();
        }
        let refused = world.invite("guest50@contoso.test").await;
        let Err(ActionError::TooMany { until, .. }) = refused else {
            panic!("{}: {refused:?}", world.name);
        };
        assert_eq!(until, core.now() + TimeDelta::days(1));
        let record = world.audit().await.pop().unwrap();
        assert_eq!(record.action, "limit.reached");
        let email = samples::email("guest50@contoso.test");
        assert!(
            core.store
                .reader()
                .guest_by_email(&email)
                .await
                .unwrap()
                .is_none()
        );

        let other = Invite {
            terms: InvitationTerms {
                invited_by: "Kim".into(),
                ..invite("guest50@contoso.test").terms
            },
            ..invite("guest50@contoso.test")
        };
        assert!(
            invite_guest(core, lee(), other).await.is_ok(),
            "another inviter has their own"
        );
        world.clock.advance(TimeDelta::days(1));
        assert!(world.invite("guest51@contoso.test").await.is_ok(), "tomorrow");
    }
}

#[tokio::test]
async fn a_repeated_request_of_the_same_name_is_the_same_invitation() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let named = |email: &str, key: &str| Invite {
            idempotency_key: Some(key.into()),
            ..invite(email)
        };
        let first = invite_guest(core, lee(), named("anna@contoso.test", "1"))
            .await
            .unwrap();
        let again = invite_guest(core, lee(), named("anna@contoso.test", "1"))
            .await
            .unwrap();
        assert_eq!(first.invitation, again.invitation, "{}", world.name);
        assert!(first.is_new && !again.is_new);
        let other_key = invite_guest(core, lee(), named("anna@contoso.test", "2"))
            .await
            .unwrap();
        assert_ne!(first.invitation.id, other_key.invitation.id);
        let kim = Actor::Operator("kim".into());
        let other_caller = invite_guest(core, kim, named("anna@contoso.test", "1"))
            .await
            .unwrap();
        assert_ne!(first.invitation.id, other_caller.invitation.id);
        let abused = invite_guest(core, lee(), named("bob@contoso.test", "1")).await;
        assert!(
            matches!(abused, Err(ActionError::Conflict(_))),
            "{}: {abused:?}",
            world.name
        );
        let created = world
            .actions()
            .await
            .iter()
            .filter(|action| *action == "invitation.created")
            .count();
        assert_eq!(created, 3);
        assert_eq!(again.invitation.state, InvitationState::Pending);

        let older = vec![samples::master_keys().current().clone()];
        let keys = MasterKeys::new(MasterKey::new([8; 32]), older);
        let core = Core {
            store: world.database.reopen(keys).await.unwrap(),
            ..core.clone()
        };
        let rotated = invite_guest(&core, lee(), named("anna@contoso.test", "1"))
            .await
            .unwrap();
        assert_eq!(
            rotated.invitation, first.invitation,
            "under a new master key, too"
        );
    }
}

#[tokio::test]
async fn eight_at_once_make_one_guest_and_one_invitation_of_a_name() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let racers = |key: Option<&'static str>, email: &'static str| async move {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let core = core.clone();
                tasks.spawn(async move {
                    let invite = Invite {
                        idempotency_key: key.map(str::to_owned),
                        ..invite(email)
                    };
                    invite_guest(&core, lee(), invite).await.unwrap()
                });
            }
            tasks.join_all().await
        };
        let invited = racers(None, "anna@contoso.test").await;
        let guests: std::collections::HashSet<_> = invited.iter().map(|invited| invited.guest.id).collect();
        assert_eq!(guests.len(), 1, "{}", world.name);
        let named = racers(Some("k"), "bob@contoso.test").await;
        let ids: std::collections::HashSet<_> = named.iter().map(|invited| invited.invitation.id).collect();
        assert_eq!(ids.len(), 1, "{}", world.name);
        assert_eq!(
            named.iter().filter(|invited| invited.is_new).count(),
            1,
            "{}",
            world.name
        );
        let all = InvitationFilter {
            standing: None,
            guest: None,
            app: None,
            sponsor: None,
            after: None,
            limit: 100,
        };
        assert_eq!(core.store.reader().invitations(&all).await.unwrap().len(), 9);
    }
}
