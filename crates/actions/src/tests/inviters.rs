//! Who may invite without an operator account, at the moment at which they do.

use domain::{EmailAddress, inviter::Inviters};
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
    for refused in [own, by_operator] {
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
