use domain::EmailAddress;
use test_support::samples;

use super::*;

#[tokio::test]
async fn an_address_that_looks_like_one_of_a_partner_is_asked_about_once() {
    for world in World::each_with_app().await {
        let (core, name) = (&world.core, world.name);
        let partner = samples::tenant("contoso", &["contoso.test"]);
        let tx = core.store.begin().await.unwrap();
        tx.insert_upstream(&partner).await.unwrap();
        tx.commit().await.unwrap();

        let refused = world.invite("anna@c0ntoso.test").await.unwrap_err();
        let said = "anna@c0ntoso.test looks like an address at contoso.test, and is at another domain";
        assert_eq!(refused.to_string(), said, "{name}");
        let unknown = EmailAddress::parse("anna@c0ntoso.test").unwrap();
        let guest = core.store.reader().guest_by_email(&unknown).await.unwrap();
        assert_eq!(guest, None, "{name}");

        let meant = Invite {
            look_alike_is_meant: true,
            ..invite("anna@c0ntoso.test")
        };
        invite_guest(core, lee(), meant).await.unwrap();
        let records = world.audit().await;
        let added = records
            .iter()
            .find(|record| record.action == "invitation.created")
            .unwrap();
        assert!(
            added.details.contains("contoso.test"),
            "{name}: {}",
            added.details
        );
        // Now the directory knows whom it means.
        world.invite("anna@c0ntoso.test").await.unwrap();

        for (address, of) in [
            ("anna@xn--80ak6aa92e.example", "apple.example"),
            ("anna@grnail.com", "gmail.com"),
            ("anna@acme.exarnple", "acme.example"),
        ] {
            let refused = world.invite(address).await.unwrap_err();
            assert!(
                matches!(&refused, ActionError::LookAlike { of: found, .. } if found == of),
                "{name}: {refused}"
            );
        }
        world.invite("anna@mail.contoso.test").await.unwrap();

        // Who came in by themselves was asked about nowhere.
        let tx = core.store.begin().await.unwrap();
        tx.insert_guest(&samples::guest("bo@c0ntoso.test")).await.unwrap();
        tx.commit().await.unwrap();
        let refused = world.invite("bo@c0ntoso.test").await.unwrap_err();
        assert!(
            matches!(refused, ActionError::LookAlike { .. }),
            "{name}: {refused}"
        );
    }
}
