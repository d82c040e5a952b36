//! Who may invite without an operator account, at the moment at which they do.

use chrono::TimeDelta;
use domain::{EmailAddress, inviter::Inviters, limits::LimitName};
use test_support::samples;

use super::*;

async fn set(world: &World, inviters: Inviters, owner: &str) {
    let change = AppChange {
        inviters: Some(inviters),
        owner: Some(owner.into()),
        ..AppChange::default()
    };
    change_app(&world.core, super::lee(), "notes", change)
        .await
        .unwrap();
}

fn invite_of(email: &str) -> Invite {
    Invite {
        email: email.into(),
        app: "notes".into(),
        terms: InvitationTerms::by("Lee"),
        ..Invite::default()
    }
}

async fn apps(world: &World, address: &EmailAddress) -> Vec<String> {
    let reader = world.core.store.reader();
    let apps = apps_of_inviter(&reader, &world.core, address).await.unwrap();
    apps.into_iter().map(|app| app.client_id).collect()
}

/// Who of those without an operator account has done it, each time.
async fn by_sponsors(world: &World, action: &str) -> Vec<String> {
    let all = world.audit().await.into_iter();
    let theirs = all.filter(|record| record.action == action && record.actor_kind == "sponsor");
    theirs.filter_map(|record| record.actor).collect()
}

#[tokio::test]
async fn the_transaction_asks_once_more_whether_they_may() {
    for world in World::each_with_app().await {
        let owner = samples::email("lee@acme.test");
        for (inviters, owned_by, may) in [
            (Inviters::Operators, "Lee@ACME.test", false),
            (Inviters::Owner, "Lee@ACME.test", true),
            (Inviters::Sponsors, "Lee@ACME.test", true),
            (Inviters::Sponsors, "kim@acme.test", false),
        ] {
            set(&world, inviters, owned_by).await;
            let expected: &[&str] = if may { &["notes"] } else { &[] };
            assert_eq!(
                apps(&world, &owner).await,
                expected,
                "{}: {inviters:?}",
                world.name
            );
            let address =
                format!("{}-{owned_by}@contoso.test", inviters.name()).replacen("@ACME.test", "", 1);
            let address = address.replacen("@acme.test", "", 1);
            let result = invite_as(&world.core, &owner, invite_of(&address)).await;
            match result {
                Ok(invited) => {
                    assert!(may, "{}: {inviters:?}", world.name);
                    assert_eq!(invited.invitation.terms.sponsor(), "lee@acme.test");
                }
                Err(ActionError::Conflict(why)) => {
                    assert!(!may && why.contains("may not invite"), "{}: {why}", world.name);
                }
                Err(error) => panic!("{}: {error}", world.name),
            }
        }
        let events = by_sponsors(&world, "invitation.created").await;
        assert_eq!(events.len(), 2, "{}", world.name);
        assert!(
            events.iter().all(|by| by == "lee@acme.test"),
            "{}: {events:?}",
            world.name
        );
    }
}

#[tokio::test]
async fn nobody_answers_for_themselves_whoever_invites() {
    let world = World::sqlite_with_app().await;
    let owner = samples::email("lee@acme.test");
    set(&world, Inviters::Owner, owner.as_str()).await;
    let own = invite_as(&world.core, &owner, invite_of("LEE@acme.test")).await;
    let mut by_operator = invite_of("lee@acme.test");
    by_operator.terms.reply_to = Some("Lee@acme.test".into());
    let by_operator = invite_guest(&world.core, super::lee(), by_operator).await;
    // Also where only the inviter's name is an address, and by a tag.
    let mut by_name = invite_of("lee@acme.test");
    by_name.terms.invited_by = " Lee@acme.test ".into();
    let by_name = invite_guest(&world.core, super::lee(), by_name).await;
    let by_tag = invite_as(&world.core, &owner, invite_of("lee+guest@acme.test")).await;
    for refused in [own, by_operator, by_name, by_tag] {
        let Err(ActionError::Invalid(faults)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(faults[0].field, "email");
        assert!(faults[0].message.contains("nobody answers for themselves"));
    }
}

#[tokio::test]
async fn what_is_taken_back_is_theirs() {
    for world in World::each_with_app().await {
        let owner = samples::email("lee@acme.test");
        set(&world, Inviters::Owner, owner.as_str()).await;
        let theirs = invite_as(&world.core, &owner, invite_of("anna@contoso.test"))
            .await
            .unwrap();
        let other = invite_guest(&world.core, super::lee(), invite_of("ben@contoso.test"))
            .await
            .unwrap();
        let taken = async |id| withdraw_as(&world.core, &owner, id).await;
        assert!(matches!(
            taken(other.invitation.id).await,
            Err(ActionError::NotFound { .. })
        ));
        assert!(taken(theirs.invitation.id).await.unwrap(), "{}", world.name);
        assert!(
            !taken(theirs.invitation.id).await.unwrap(),
            "{}: twice",
            world.name
        );
        let events = by_sponsors(&world, "invitation.revoked").await;
        assert_eq!(events.len(), 1, "{}", world.name);
    }
}

async fn assigned(world: &World, address: &str, sponsor: Option<&str>) -> Invited {
    let invited = invite_guest(&world.core, super::lee(), invite_of(address))
        .await
        .unwrap();
    revoke_invitation(&world.core, super::lee(), invited.invitation.id, None)
        .await
        .unwrap();
    let new = NewAssignment {
        guest: invited.guest.id,
        app: invited.app.id,
        starts_at: None,
        ends_at: None,
        reason: None,
        sponsor: sponsor.map(str::to_owned),
    };
    assign(&world.core, super::lee(), new).await.unwrap();
    invited
}

#[tokio::test]
async fn what_somebody_else_gave_or_offered_stays_as_it_is() {
    for world in World::each_with_app().await {
        set(&world, Inviters::Sponsors, "lee@acme.test").await;
        let kim = samples::email("kim@acme.test");
        let own = assigned(&world, "own@contoso.test", Some("Kim@acme.test")).await;
        assigned(&world, "lees@contoso.test", Some("lee@acme.test")).await;
        assigned(&world, "operators@contoso.test", None).await;
        let lee = samples::email("lee@acme.test");
        let offered = invite_as(&world.core, &lee, invite_of("offered@contoso.test"))
            .await
            .unwrap();
        let by_kim = async |address: &str| {
            let mut invite = invite_of(address);
            invite.name = Some("Not their name".into());
            invite_as(&world.core, &kim, invite).await
        };
        for address in ["lees", "operators", "offered"] {
            let refused = by_kim(&format!("{address}@contoso.test")).await.unwrap_err();
            assert!(
                refused.to_string().contains("somebody else answers"),
                "{}: {address}: {refused}",
                world.name
            );
        }
        let still = world
            .core
            .store
            .reader()
            .invitation(offered.invitation.id)
            .await
            .unwrap()
            .unwrap();
        assert!(still.is_open(world.core.now()), "{}", world.name);
        // Lee's is not Kim's to take back, nor can it be told from none.
        let refused = withdraw_as(&world.core, &kim, offered.invitation.id)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, ActionError::NotFound { .. }),
            "{}: {refused}",
            world.name
        );

        // Their own guest they may invite anew; a name that a directory lacks is not theirs to give.
        let again = by_kim("own@contoso.test").await.unwrap();
        assert_eq!(
            (again.guest.id, again.guest.name),
            (own.guest.id, None),
            "{}",
            world.name
        );
        unassign(&world.core, super::lee(), own.guest.id, own.app.id, None)
            .await
            .unwrap();
        let refused = by_kim("own@contoso.test").await.unwrap_err();
        assert!(
            refused.to_string().contains("may not invite"),
            "{}: {refused}",
            world.name
        );
    }
}

#[tokio::test]
async fn what_is_refused_counts_as_a_try() {
    for world in World::each_with_app().await {
        set(&world, Inviters::Owner, "lee@acme.test").await;
        let lee = samples::email("lee@acme.test");
        let most = world.core.settings.limits[LimitName::InvitationsPerInviterDay].max * 2 + 20;
        for _ in 0..most {
            let refused = invite_as(&world.core, &lee, invite_of("no address")).await;
            assert!(matches!(refused, Err(ActionError::Invalid(_))), "{}", world.name);
        }
        let refused = invite_as(&world.core, &lee, invite_of("anna@contoso.test")).await;
        assert!(
            matches!(refused, Err(ActionError::TooMany { .. })),
            "{}",
            world.name
        );
        world.clock.advance(TimeDelta::days(1));
        invite_as(&world.core, &lee, invite_of("anna@contoso.test"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_site_counts_and_whoever_asks_costs_the_same() {
    for mut world in World::each_with_app().await {
        set(&world, Inviters::Owner, "lee@acme.test").await;
        let mut settings = (*world.core.settings).clone();
        settings.limits[LimitName::MailsPerSiteHour].max = 3;
        world.core = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let ask = async |address: &str, network: &str| {
            let from = AskedFrom {
                network,
                site: Some("2001:db8:1::/48"),
            };
            ask_inviter_link(&world.core, &samples::email(address), from, "en")
                .await
                .unwrap()
        };
        let counted = async |address: &str, network: &str| {
            world.database.store.take_statements();
            assert_eq!(ask(address, network).await, LinkAsked::Heard, "{}", world.name);
            world.database.store.take_statements().len()
        };
        let owner = counted("lee@acme.test", "one").await;
        let nobody = counted("nobody@acme.test", "two").await;
        assert_eq!(owner, nobody, "{}", world.name);
        ask("lee@acme.test", "three").await;
        assert_eq!(
            ask("lee@acme.test", "four").await,
            LinkAsked::TooMany,
            "{}",
            world.name
        );
        let asked = world
            .audit()
            .await
            .into_iter()
            .filter(|event| event.action == "inviter.link_asked");
        let reasons: Vec<_> = asked.map(|event| event.reason).collect();
        assert_eq!(
            reasons,
            [None, Some("may_not_invite".to_owned()), None],
            "{}",
            world.name
        );
    }
}
