//! Guests who are held to a way of signing in.

use domain::{method::Method, upstream::UpstreamKind};
use test_support::samples;

use super::{resets::employee, *};

#[tokio::test]
async fn a_guest_is_pinned_where_they_can_come_back_from() {
    for world in World::each().await {
        let guest = employee(&world, "anna@contoso.test").await;
        let core = &world.core;
        let pinned = |method| pin_method(core, lee(), guest.id, method);
        assert!(pinned(Some(Method::Passcode)).await.unwrap());
        assert!(!pinned(Some(Method::Passcode)).await.unwrap(), "once");
        let route = || async { explain_route(core, "anna@contoso.test", None).await.unwrap() };
        assert_eq!(route().await.preview.method, "passcode", "{}", world.name);
        assert_eq!(route().await.resolution.because.name(), "pinned");
        let record = world.audit().await.pop().unwrap();
        assert_eq!(record.action, "guest.method.pinned");
        assert!(
            record.details.contains(r#""sessions_ended":"1""#),
            "{}",
            record.details
        );

        assert!(pinned(None).await.unwrap());
        assert_eq!(route().await.preview.method, "federation");

        let fabrikam = samples::tenant("fabrikam", &["fabrikam.test"]);
        let tx = core.store.begin().await.unwrap();
        tx.insert_upstream(&fabrikam).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(fields(pinned(Some(fabrikam.method())).await), ["tenant"]);
        let unknown = Method::Upstream(UpstreamKind::Tenant, samples::id());
        assert_eq!(fields(pinned(Some(unknown)).await), ["tenant"]);
        assert!(pinned(guest.method).await.unwrap());
        assert_eq!(route().await.resolution.because.name(), "pinned");
    }
}

#[tokio::test]
async fn an_invitation_holds_a_new_guest_to_a_method() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let google = samples::provider("google", &["gmail.test"]);
        let contoso = samples::tenant("contoso", &["contoso.test"]);
        let tx = core.store.begin().await.unwrap();
        tx.insert_upstream(&google).await.unwrap();
        tx.insert_upstream(&contoso).await.unwrap();
        tx.commit().await.unwrap();
        let held = |email: &str, pin: &str| Invite {
            pin: Some(pin.parse().unwrap()),
            ..invite(email)
        };

        // The preview knows it already.
        let pinned = held("anna@fabrikam.test", "provider:google");
        let invited = invite_guest(core, lee(), pinned.clone()).await.unwrap();
        assert_eq!(invited.preview.method, "personal_account", "{}", world.name);
        let email = samples::email("anna@fabrikam.test");
        let guest = core.store.reader().guest_by_email(&email).await.unwrap().unwrap();
        assert_eq!(guest.pinned_method, Some(google.method()));
        let recorded = world.actions().await;
        assert!(
            recorded.iter().any(|action| action == "guest.method.pinned"),
            "{recorded:?}"
        );

        // Held to codes although a tenant has the domain.
        let invited = invite_guest(core, lee(), held("bo@contoso.test", "passcode"))
            .await
            .unwrap();
        assert_eq!(invited.preview.method, "passcode", "{}", world.name);

        let unknown = invite_guest(core, lee(), held("cy@contoso.test", "tenant:nobody")).await;
        assert!(
            matches!(unknown, Err(ActionError::NotFound { what: "tenant", .. })),
            "{unknown:?}"
        );
        let foreign = invite_guest(core, lee(), held("cy@fabrikam.test", "tenant:contoso")).await;
        assert_eq!(fields(foreign), ["tenant"], "{}", world.name);
        for nobody in ["cy@contoso.test", "cy@fabrikam.test"] {
            let found = core
                .store
                .reader()
                .guest_by_email(&samples::email(nobody))
                .await
                .unwrap();
            assert!(found.is_none(), "{}: {nobody} was not invited", world.name);
        }
    }
}

#[tokio::test]
async fn an_invitation_ends_nobodys_sessions() {
    for world in World::each_with_app().await {
        let guest = employee(&world, "anna@contoso.test").await;
        let elsewhere = Invite {
            pin: Some(Pin::Passcode),
            ..invite("anna@contoso.test")
        };
        let refused = invite_guest(&world.core, lee(), elsewhere).await;
        assert!(matches!(refused, Err(ActionError::Conflict(_))), "{refused:?}");
        let same = Invite {
            pin: Some(Pin::Upstream(UpstreamKind::Tenant, "contoso".into())),
            ..invite("anna@contoso.test")
        };
        invite_guest(&world.core, lee(), same).await.unwrap();
        let after = world.core.store.reader().guest(guest.id).await.unwrap().unwrap();
        assert_eq!(after.pinned_method, guest.method, "{}", world.name);
    }
}

#[test]
fn a_method_is_named_as_it_is_written() {
    for (text, pin) in [
        ("passcode", Some(Pin::Passcode)),
        (
            "tenant:contoso",
            Some(Pin::Upstream(UpstreamKind::Tenant, "contoso".into())),
        ),
        (
            "provider:google",
            Some(Pin::Upstream(UpstreamKind::Provider, "google".into())),
        ),
        ("", None),
        ("tenant:", None),
        ("provider", None),
        ("passcode:", None),
        ("Passcode", None),
    ] {
        assert_eq!(text.parse::<Pin>().ok(), pin, "{text}");
    }
}
