use domain::upstream::{Connection, Declared, Upstream};
use method_resolution::Moving;
use test_support::samples;

use super::*;

#[tokio::test]
async fn strangers_guests_and_the_access_of_an_app() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let stranger = explain_route(core, " Anna@Contoso.test ", Some("notes"))
            .await
            .unwrap();
        assert!(stranger.guest.is_none());
        assert_eq!(stranger.email.as_str(), "Anna@contoso.test");
        assert_eq!(
            stranger.preview.text,
            "This person will sign in with an email code."
        );
        assert_eq!(stranger.preview.method, "passcode");
        assert_eq!(stranger.access, Some(Err("not_invited")));
        assert!(!stranger.resolution.trace.is_empty());

        let invited = world.invite("anna@contoso.test").await.unwrap().guest;
        let known = explain_route(core, "anna@contoso.test", Some("notes"))
            .await
            .unwrap();
        assert_eq!(known.access, Some(Ok(())));
        assert!(known.guest.is_some());

        block_guest(core, lee(), invited.id, None).await.unwrap();
        let blocked = explain_route(core, "anna@contoso.test", Some("notes"))
            .await
            .unwrap();
        assert_eq!(blocked.preview.method, "refused");
        assert_eq!(
            blocked.preview.text,
            "This person cannot sign in: they are blocked."
        );
        assert_eq!(blocked.access, Some(Err("blocked")), "{}", world.name);
        assert_eq!(
            explain_route(core, "anna@contoso.test", None)
                .await
                .unwrap()
                .access,
            None
        );
    }
}

#[tokio::test]
async fn partners_and_personal_accounts_by_their_names() {
    for world in World::each().await {
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&samples::tenant("contoso", &["contoso.test"]))
            .await
            .unwrap();
        tx.insert_upstream(&samples::provider("outlook", &["outlook.test"]))
            .await
            .unwrap();
        let connected = domain::upstream::Upstream {
            connection: Some(domain::upstream::Connection::Oidc(samples::oidc_connection(
                "https://accounts.mypass.test",
            ))),
            ..samples::provider("mypass", &["mypass.test"])
        };
        tx.insert_upstream(&connected).await.unwrap();
        tx.commit().await.unwrap();
        for (address, method, text) in [
            (
                "anna@contoso.test",
                "federation",
                "This person will sign in with CONTOSO, their own organisation. That way in is not connected yet: until it \
                 is, they cannot sign in.",
            ),
            (
                "anna@outlook.test",
                "personal_account",
                "This person will sign in with their OUTLOOK account. That way in is not connected yet: until it is, they \
                 cannot sign in.",
            ),
            (
                "anna@mypass.test",
                "personal_account",
                "This person will sign in with their MYPASS account.",
            ),
        ] {
            let preview = explain_route(&world.core, address, None).await.unwrap().preview;
            assert_eq!(
                (preview.method, preview.text.as_str()),
                (method, text),
                "{}",
                world.name
            );
        }
    }
}

#[tokio::test]
async fn nonsense_is_refused() {
    let world = World::sqlite().await;
    assert_eq!(
        fields(explain_route(&world.core, "anna", None).await),
        ["address"]
    );
    let nowhere = explain_route(&world.core, "anna@contoso.test", Some("nowhere")).await;
    assert!(matches!(nowhere, Err(ActionError::NotFound { what: "app", .. })));
}

/// A move that the sign-in offers or requires is said with the way.
#[tokio::test]
async fn a_move_is_said_with_the_way() {
    for world in World::each().await {
        let tenant = domain::upstream::Upstream {
            connection: Some(samples::connection("https://login.contoso.test")),
            ..samples::tenant("contoso", &["contoso.test"])
        };
        let anna = domain::guest::Guest {
            method: Some(domain::method::Method::Passcode),
            ..samples::active_guest("anna@contoso.test")
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&tenant).await.unwrap();
        tx.insert_guest(&anna).await.unwrap();
        tx.commit().await.unwrap();
        let said = async |moving| {
            let mut settings = (*world.core.settings).clone();
            settings.resolution.usual.moving = moving;
            let core = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
            let explained = explain_route(&core, "anna@contoso.test", None).await.unwrap();
            explained.preview.text
        };
        let by_code = "This person will sign in with an email code.";
        assert_eq!(said(Moving::Keep).await, by_code, "{}", world.name);
        let name = &tenant.display_name;
        assert_eq!(
            said(Moving::Offer).await,
            format!("{by_code} In that sign-in they are offered {name}, their own organisation instead.")
        );
        assert_eq!(
            said(Moving::RequireFrom(world.core.now())).await,
            format!("{by_code} In that sign-in they must move to {name}, their own organisation.")
        );
    }
}

/// A tenant by SAML where SAML is switched off: explain and impact say that no guest gets in.
#[tokio::test]
async fn saml_that_is_switched_off_is_said() {
    for world in World::each().await {
        let saml = samples::saml_connection("https://idp.contoso.test");
        let tenant = Upstream {
            connection: Some(Connection::Saml(saml)),
            ..samples::tenant("contoso", &["contoso.test"])
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&tenant).await.unwrap();
        tx.insert_guest(&samples::guest("anna@contoso.test"))
            .await
            .unwrap();
        tx.insert_guest(&samples::guest("bob@elsewhere.test"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for (saml, shut_out) in [(true, 0), (false, 1)] {
            let mut settings = (*world.core.settings).clone();
            settings.saml = saml;
            let core = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
            let explained = explain_route(&core, "anna@contoso.test", None).await.unwrap();
            assert_eq!(
                explained.preview.text.contains("SAML is switched off"),
                !saml,
                "{}",
                world.name
            );
            let impact = impact_of_configuration(&core, &Declared::default(), &quiet)
                .await
                .unwrap();
            assert_eq!(impact.guests.len(), shut_out, "{}", world.name);
        }
    }
}
