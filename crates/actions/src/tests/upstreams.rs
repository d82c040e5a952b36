use domain::{
    domain_claim::Proof,
    upstream::{Declaration, Declared, UpstreamKind},
};
use test_support::samples;

use super::*;

fn contoso(domains: &[&str]) -> Declaration {
    Declaration {
        name: "contoso".into(),
        display_name: "Contoso".into(),
        enabled: true,
        domains: domains.iter().map(|&domain| domain.into()).collect(),
        domain_proof: Proof::Operator,
        addresses: Vec::new(),
        connection: None,
    }
}

fn called(name: &str, declaration: Declaration) -> Declaration {
    Declaration {
        name: name.into(),
        ..declaration
    }
}

fn tenants(tenants: impl Into<Vec<Declaration>>) -> Declared {
    Declared {
        tenants: tenants.into(),
        providers: Vec::new(),
    }
}

async fn method_of(world: &World, address: &str) -> &'static str {
    let explained = explain_route(&world.core, address, None).await.unwrap();
    explained.preview.method
}

#[tokio::test]
async fn the_configuration_comes_into_force_once_and_is_recorded() {
    for world in World::each().await {
        let declared = Declared {
            providers: vec![Declaration {
                domain_proof: Proof::Operator,
                addresses: vec![samples::email("boss@fabrikam.test")],
                ..called("microsoft", contoso(&["outlook.test"]))
            }],
            ..tenants([contoso(&["contoso.test"])])
        };
        assert_eq!(declare_upstreams(&world.core, &declared).await.unwrap(), 2);
        let before = world.core.store.write_transactions();
        assert_eq!(declare_upstreams(&world.core, &declared).await.unwrap(), 0);
        assert_eq!(world.core.store.write_transactions(), before, "nothing to write");
        for (address, method) in [
            ("anna@contoso.test", "federation"),
            ("anna@outlook.test", "personal_account"),
            ("boss@fabrikam.test", "personal_account"),
            ("anna@fabrikam.test", "passcode"),
        ] {
            assert_eq!(
                method_of(&world, address).await,
                method,
                "{}: {address}",
                world.name
            );
        }
        assert_eq!(world.actions().await, ["tenant.added", "provider.added"]);

        let none = Declared::default();
        assert_eq!(declare_upstreams(&world.core, &none).await.unwrap(), 2);
        assert_eq!(method_of(&world, "anna@contoso.test").await, "passcode");
        assert_eq!(method_of(&world, "boss@fabrikam.test").await, "passcode");
        let records = world.audit().await;
        assert_eq!(records[2].action, "tenant.dropped");
        assert_eq!(records[3].action, "provider.dropped");
        assert_eq!(records[2].actor.as_deref(), Some("configuration"));
        assert!(
            records[3]
                .details
                .contains(r#""addresses_was":"boss@fabrikam.test""#),
            "{}",
            records[3].details
        );
        assert!(
            records[0].details.contains("contoso.test"),
            "{}",
            records[0].details
        );
    }
}

#[tokio::test]
async fn a_domain_moves_in_either_direction() {
    for world in World::each().await {
        let with =
            |first: &[&str], second: &[&str]| tenants([contoso(first), called("fabrikam", contoso(second))]);
        for declared in [
            with(&["a.test"], &[]),
            with(&[], &["a.test"]),
            with(&["a.test"], &[]),
        ] {
            declare_upstreams(&world.core, &declared).await.unwrap();
            assert_eq!(
                method_of(&world, "anna@a.test").await,
                "federation",
                "{}",
                world.name
            );
        }
        let changed = world.audit().await.pop().unwrap();
        assert_eq!(changed.action, "tenant.changed");
        assert!(
            changed.details.contains(r#""domains_was":"a.test""#),
            "{}",
            changed.details
        );
        assert!(
            changed.details.contains(r#""fields":"domains""#),
            "{}",
            changed.details
        );
    }
}

/// Declared under its name, it goes on as the same row. A domain of it that another one would have is refused, and said
/// before the start.
#[tokio::test]
async fn what_an_operator_added_is_adopted_and_robbed_by_nobody() {
    for world in World::each().await {
        let theirs = samples::tenant("contoso", &["contoso.test"]);
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&theirs).await.unwrap();
        tx.commit().await.unwrap();
        declare_upstreams(&world.core, &Declared::default())
            .await
            .unwrap();
        assert_eq!(world.actions().await, [""; 0], "nothing happened");

        let robber = tenants([called("other", contoso(&["contoso.test"]))]);
        let refused = declare_upstreams(&world.core, &robber).await.unwrap_err();
        assert!(
            refused.to_string().contains("belongs to another tenant"),
            "{refused}"
        );
        let foreseen = planned_changes(&world.core, &robber).await.unwrap_err();
        assert!(
            foreseen
                .to_string()
                .contains("contoso.test would lead to two tenants"),
            "{foreseen}"
        );

        // A claim that is not proven takes the domain from no other tenant.
        let claims = tenants([Declaration {
            domain_proof: Proof::Dns,
            ..called("other", contoso(&["contoso.test"]))
        }]);
        assert_eq!(planned_changes(&world.core, &claims).await.unwrap().len(), 1);

        let declared = tenants([contoso(&["contoso.test"])]);
        let lines = planned_changes(&world.core, &declared).await.unwrap();
        assert!(lines[0].contains("which an operator added"), "{lines:?}");
        assert_eq!(declare_upstreams(&world.core, &declared).await.unwrap(), 1);
        let adopted = world
            .core
            .store
            .reader()
            .upstream_named(UpstreamKind::Tenant, "contoso")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (adopted.id, adopted.declared),
            (theirs.id, true),
            "{}",
            world.name
        );
        assert_eq!(planned_changes(&world.core, &declared).await.unwrap(), [""; 0]);
        assert_eq!(method_of(&world, "anna@contoso.test").await, "federation");
    }
}

/// What left the file is the operators' again: they can enable, change and remove it.
#[tokio::test]
async fn what_left_the_configuration_is_the_operators() {
    for world in World::each().await {
        let core = &world.core;
        let declared = tenants([contoso(&["contoso.test"])]);
        declare_upstreams(core, &declared).await.unwrap();
        let changed = change_upstream(core, lee(), (UpstreamKind::Tenant, "contoso"), |_| Ok(())).await;
        assert!(matches!(changed, Err(ActionError::Conflict(_))), "{changed:?}");
        declare_upstreams(core, &Declared::default()).await.unwrap();
        assert_eq!(declare_upstreams(core, &Declared::default()).await.unwrap(), 0);
        let enable = |there: &mut Declaration| {
            there.enabled = true;
            there.domains = vec!["contoso.test".into()];
            Ok(())
        };
        change_upstream(core, lee(), (UpstreamKind::Tenant, "contoso"), enable)
            .await
            .unwrap();
        assert_eq!(
            method_of(&world, "anna@contoso.test").await,
            "federation",
            "{}",
            world.name
        );
        declare_upstreams(core, &Declared::default()).await.unwrap();
        assert_eq!(
            method_of(&world, "anna@contoso.test").await,
            "federation",
            "and it stays"
        );
        switch_off(core, lee(), (UpstreamKind::Tenant, "contoso"), true)
            .await
            .unwrap();
        assert_eq!(core.store.reader().upstreams().await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn replicas_that_start_together_agree() {
    for world in World::each().await {
        let declared = tenants([contoso(&["contoso.test"])]);
        let starts = (0..8).map(|_| {
            let (core, declared) = (world.core.clone(), declared.clone());
            tokio::spawn(async move { declare_upstreams(&core, &declared).await.unwrap() })
        });
        let mut changed = 0;
        for start in starts.collect::<Vec<_>>() {
            changed += start.await.unwrap();
        }
        assert_eq!(changed, 1, "{}", world.name);
        assert_eq!(world.actions().await, ["tenant.added"]);
    }
}

/// What only the other kind has is refused, and would be nothing.
#[tokio::test]
async fn what_the_other_kind_has_is_refused() {
    let world = World::sqlite().await;
    let core = &world.core;
    let declaration = |domain_proof, addresses: &[&str]| Declaration {
        domain_proof,
        addresses: addresses.iter().map(|address| samples::email(address)).collect(),
        ..contoso(&["contoso.test"])
    };
    for (kind, declaration, field) in [
        (
            UpstreamKind::Tenant,
            declaration(Proof::Dns, &["anna@contoso.test"]),
            "addresses",
        ),
        (
            UpstreamKind::Provider,
            declaration(Proof::Dns, &[]),
            "domain_proof",
        ),
    ] {
        let Err(ActionError::Invalid(faults)) = add_upstream(core, lee(), kind, &declaration).await else {
            panic!("{kind:?} was added");
        };
        assert_eq!(
            faults.iter().map(|fault| fault.field).collect::<Vec<_>>(),
            [field]
        );
    }
    assert_eq!(core.store.reader().upstreams().await.unwrap().len(), 0);
}
