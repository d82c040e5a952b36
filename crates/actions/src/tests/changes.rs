//! Tenants and providers as operators change them.

use domain::{
    domain_claim::Proof,
    guest::Guest,
    method::Method,
    session::Means,
    upstream::{Account, Connection, Declaration, Declared, OidcConnection, UpstreamKind},
};
use method_resolution::Policy;
use store::SeenAs;
use test_support::samples;

use super::*;

fn fabrikam(domains: &[&str]) -> Declaration {
    Declaration {
        name: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        enabled: true,
        domains: domains.iter().map(|&domain| domain.into()).collect(),
        domain_proof: Proof::Operator,
        addresses: Vec::new(),
        connection: Some(samples::connection("https://login.fabrikam.test")),
    }
}

async fn method_of(world: &World, address: &str) -> &'static str {
    let explained = explain_route(&world.core, address, None).await.unwrap();
    explained.preview.method
}

/// A guest who is held to a method and is signed in by it.
async fn signed_in_by(world: &World, address: &str, method: Method) -> Guest {
    let guest = Guest {
        method: Some(method),
        ..samples::active_guest(address)
    };
    let mut session = samples::session(&guest);
    session.authentication.means = Means::of(method, false);
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    guest
}

#[tokio::test]
async fn a_tenant_is_added_changed_and_removed_and_each_is_recorded_without_its_secret() {
    for world in World::each().await {
        let core = &world.core;
        let added = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&["fabrikam.test"]))
            .await
            .unwrap();
        assert!(!added.declared, "{}", world.name);
        assert_eq!(method_of(&world, "anna@fabrikam.test").await, "federation");

        let rename = |there: &mut Declaration| {
            there.display_name = "Fabrikam AG".into();
            there.domains = vec!["fabrikam.example".into()];
            Ok(())
        };
        let fields = change_upstream(core, lee(), (UpstreamKind::Tenant, "fabrikam"), rename)
            .await
            .unwrap();
        assert_eq!(fields, ["display_name", "domains"], "{}", world.name);
        assert_eq!(method_of(&world, "anna@fabrikam.test").await, "passcode");
        assert_eq!(method_of(&world, "anna@fabrikam.example").await, "federation");
        let same = change_upstream(core, lee(), (UpstreamKind::Tenant, "fabrikam"), |_| Ok(()))
            .await
            .unwrap();
        assert!(same.is_empty(), "{}: {same:?}", world.name);

        switch_off(core, lee(), (UpstreamKind::Tenant, "fabrikam"), true)
            .await
            .unwrap();
        assert_eq!(method_of(&world, "anna@fabrikam.example").await, "passcode");
        assert_eq!(core.store.reader().upstream(added.id).await.unwrap(), None);

        let records = world.audit().await;
        let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
        assert_eq!(
            actions,
            ["tenant.added", "tenant.changed", "tenant.removed"],
            "{}",
            world.name
        );
        assert!(
            records[1].details.contains(r#""domains_was":"fabrikam.test""#),
            "{}",
            records[1].details
        );
        for record in &records {
            assert_eq!(record.actor.as_deref(), Some("lee"));
            assert!(!record.details.contains("hunter2"), "{}", record.details);
        }
    }
}

#[tokio::test]
async fn what_the_configuration_declares_is_not_changed_here() {
    for world in World::each().await {
        let core = &world.core;
        let declared = Declared {
            tenants: vec![fabrikam(&["fabrikam.test"])],
            providers: Vec::new(),
        };
        declare_upstreams(core, &declared).await.unwrap();
        let change = change_upstream(core, lee(), (UpstreamKind::Tenant, "fabrikam"), |_| Ok(())).await;
        let off = switch_off(core, lee(), (UpstreamKind::Tenant, "fabrikam"), false).await;
        for refused in [change.map(|_| ()), off.map(|_| ())] {
            let said = refused.unwrap_err().to_string();
            assert!(
                said.contains("declares the tenant") && said.contains("[[tenant]]"),
                "{said}"
            );
        }
        assert_eq!(world.actions().await, ["tenant.added"], "{}", world.name);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_stays() {
    for world in World::each().await {
        let core = &world.core;
        let bad = Declaration {
            name: "Fabrikam AG".into(),
            display_name: " ".into(),
            ..fabrikam(&["gmail.com"])
        };
        let result = add_upstream(core, lee(), UpstreamKind::Tenant, &bad).await;
        assert_eq!(
            fields(result),
            ["name", "display_name", "domains"],
            "{}",
            world.name
        );
        let mut oidc = samples::oidc_connection("http://login.fabrikam.test");
        oidc.client_id.clear();
        oidc.claims.subject.clear();
        let bad = Declaration {
            connection: Some(Connection::Oidc(oidc)),
            ..fabrikam(&[])
        };
        let result = add_upstream(core, lee(), UpstreamKind::Provider, &bad).await;
        assert_eq!(
            fields(result),
            ["subject_claims", "client_id", "issuer"],
            "{}",
            world.name
        );

        let _ = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&["fabrikam.test"]))
            .await
            .unwrap();
        let again = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&[])).await;
        assert!(
            matches!(again, Err(ActionError::Conflict(_))),
            "{}: {again:?}",
            world.name
        );
        let other = Declaration {
            name: "other".into(),
            ..fabrikam(&["fabrikam.test"])
        };
        let taken = add_upstream(core, lee(), UpstreamKind::Tenant, &other).await;
        let said = taken.unwrap_err().to_string();
        assert!(
            said.contains("belongs to another tenant"),
            "{}: {said}",
            world.name
        );
        let unknown = switch_off(core, lee(), (UpstreamKind::Provider, "fabrikam"), false).await;
        assert!(
            matches!(unknown, Err(ActionError::NotFound { what: "provider", .. })),
            "{}: {unknown:?}",
            world.name
        );
        assert_eq!(world.actions().await, ["tenant.added"], "{}", world.name);
    }
}

#[tokio::test]
async fn whom_it_hits_is_whom_the_sign_in_would_refuse() {
    for world in World::each().await {
        let core = &world.core;
        let tenant = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&["fabrikam.test"]))
            .await
            .unwrap();
        let held = tenant.method();
        // More than a page, so that the second one is read as well.
        let tx = core.store.begin().await.unwrap();
        for number in 0..501 {
            let guest = Guest {
                method: Some(held),
                last_sign_in_at: (number == 7).then(|| core.now()),
                ..samples::active_guest(&format!("g{number}@fabrikam.test"))
            };
            tx.insert_guest(&guest).await.unwrap();
        }
        let blocked = Guest {
            method: Some(held),
            status: domain::guest::GuestStatus::Blocked,
            ..samples::active_guest("blocked@fabrikam.test")
        };
        let pinned = Guest {
            pinned_method: Some(held),
            ..samples::guest("pinned@elsewhere.test")
        };
        let by_code = samples::active_guest("code@fabrikam.test");
        let new = samples::guest("new@fabrikam.test");
        for guest in [&blocked, &pinned, &by_code, &new] {
            tx.insert_guest(guest).await.unwrap();
        }
        tx.commit().await.unwrap();

        let found = impact(core, &tenant, &quiet).await.unwrap();
        let hit = |address: &str| found.guests.iter().any(|guest| guest.email.as_str() == address);
        assert_eq!(found.guests.len(), 502, "{}", world.name);
        assert_eq!(found.lately, 1, "{}", world.name);
        assert!(
            hit("pinned@elsewhere.test") && hit("g500@fabrikam.test"),
            "{}",
            world.name
        );
        assert!(
            !hit("blocked@fabrikam.test"),
            "{}: had no way in before",
            world.name
        );
        assert!(
            !hit("code@fabrikam.test") && !hit("new@fabrikam.test"),
            "{}",
            world.name
        );

        // Where codes are off, nothing is left for those either who have never signed in.
        let mut settings = (*core.settings).clone();
        settings.resolution = Policy {
            codes: false,
            ..Policy::default()
        }
        .into();
        let strict = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let found = impact(&strict, &tenant, &quiet).await.unwrap();
        let hit = |address: &str| found.guests.iter().any(|guest| guest.email.as_str() == address);
        assert!(hit("new@fabrikam.test"), "{}", world.name);
        assert!(!hit("code@fabrikam.test"), "{}: had no way in before", world.name);
        assert_eq!(found.guests.len(), 503, "{}", world.name);
    }
}

/// A session that begins in that moment holds its tenant: switching off waits for it, and ends it as well.
#[tokio::test]
async fn switching_off_ends_a_session_that_begins_meanwhile() {
    for remove in [false, true] {
        for world in World::each().await {
            let core = &world.core;
            let tenant = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&["fabrikam.test"]))
                .await
                .unwrap();
            let method = tenant.method();
            let guest = samples::active_guest("anna@fabrikam.test");
            let mut session = samples::session(&guest);
            session.authentication.means = Means::of(method, false);
            let tx = core.store.begin().await.unwrap();
            assert!(tx.hold_upstream(method).await.unwrap());
            tx.insert_guest(&guest).await.unwrap();
            tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
                .await
                .unwrap();
            let off = switch_off(core, lee(), (UpstreamKind::Tenant, "fabrikam"), remove);
            tokio::pin!(off);
            let waiting = tokio::time::timeout(std::time::Duration::from_millis(200), &mut off).await;
            assert!(waiting.is_err(), "{}: it did not wait", world.name);
            tx.commit().await.unwrap();
            assert_eq!(off.await.unwrap(), 1, "{}: remove {remove}", world.name);
            let ended = core.store.reader().session(session.id).await.unwrap().unwrap();
            assert!(!ended.is_live(core.now()), "{}: remove {remove}", world.name);
        }
    }
}

#[tokio::test]
async fn switching_off_ends_the_sessions_that_began_there() {
    for world in World::each().await {
        let core = &world.core;
        let tenant = add_upstream(core, lee(), UpstreamKind::Tenant, &fabrikam(&["fabrikam.test"]))
            .await
            .unwrap();
        let anna = signed_in_by(&world, "anna@fabrikam.test", tenant.method()).await;
        let bob = signed_in_by(&world, "bob@fabrikam.test", Method::Passcode).await;
        let live = async |guest: &Guest| {
            let sessions = core.store.reader().sessions_of(guest.id, core.now()).await;
            sessions.unwrap().len()
        };
        let ended = switch_off(core, lee(), (UpstreamKind::Tenant, "fabrikam"), false)
            .await
            .unwrap();
        assert_eq!(ended, 1, "{}", world.name);
        assert_eq!((live(&anna).await, live(&bob).await), (0, 1), "{}", world.name);
        let records = world.audit().await;
        let session = records
            .iter()
            .find(|record| record.action == "session.ended")
            .unwrap();
        assert_eq!(session.guest, Some(anna.id), "{}", world.name);
        let last = records.last().unwrap();
        assert!(
            last.action == "tenant.changed" && last.details.contains(r#""sessions_ended":"1""#),
            "{}: {last:?}",
            world.name
        );
        assert!(
            !core
                .store
                .reader()
                .upstream(tenant.id)
                .await
                .unwrap()
                .unwrap()
                .declaration()
                .enabled
        );
    }
}

#[tokio::test]
async fn what_a_configuration_would_do_is_known_before_it_is_in_force() {
    for world in World::each().await {
        let core = &world.core;
        let declared = |tenants: &[&Declaration]| Declared {
            tenants: tenants.iter().map(|&tenant| tenant.clone()).collect(),
            providers: Vec::new(),
        };
        let contoso = Declaration {
            name: "contoso".into(),
            ..fabrikam(&["contoso.test"])
        };
        let fabrikam = fabrikam(&["fabrikam.test"]);
        declare_upstreams(core, &declared(&[&contoso, &fabrikam]))
            .await
            .unwrap();
        let tenants = core.store.reader().upstreams().await.unwrap();
        let at = |name: &str| {
            Method::Upstream(
                UpstreamKind::Tenant,
                tenants.iter().find(|its| its.name == name).unwrap().id,
            )
        };
        signed_in_by(&world, "anna@contoso.test", at("contoso")).await;
        signed_in_by(&world, "bo@fabrikam.test", at("fabrikam")).await;
        signed_in_by(&world, "cy@elsewhere.test", Method::Passcode).await;
        let before = world.actions().await;

        let mut settings = (*core.settings).clone();
        settings.resolution.usual.codes = false;
        let without_codes =
            test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        for (core, tenants, expected) in [
            (core, vec![&contoso, &fabrikam], vec![]),
            (core, vec![&fabrikam], vec!["anna@contoso.test"]),
            (
                &without_codes,
                vec![&contoso, &fabrikam],
                vec!["cy@elsewhere.test"],
            ),
            (
                &without_codes,
                vec![&contoso],
                vec!["bo@fabrikam.test", "cy@elsewhere.test"],
            ),
        ] {
            let tenants = declared(&tenants);
            let impact = impact_of_configuration(core, &tenants, &quiet).await.unwrap();
            let hit: Vec<&str> = impact.guests.iter().map(|guest| guest.email.as_str()).collect();
            assert_eq!(hit, expected, "{}", world.name);
            assert_eq!(impact.lately, hit.len(), "{}", world.name);
        }
        let after = world.actions().await;
        assert_eq!(after, before, "{}: nothing was changed", world.name);
    }
}

/// Another name for every account there locks out whoever has one, as switching off does; so does a domain that leads there
/// no more, where nothing else is left. Other changes lock out no guest.
#[tokio::test]
async fn renaming_accounts_is_shown_as_what_it_is() {
    for world in World::each().await {
        let core = &world.core;
        let declaration = fabrikam(&["fabrikam.test"]);
        let tenant = add_upstream(core, lee(), UpstreamKind::Tenant, &declaration)
            .await
            .unwrap();
        let held = tenant.method();
        let anna = signed_in_by(&world, "anna@fabrikam.test", held).await;
        // Came before without an account here, or by a code: nothing of theirs is named there.
        signed_in_by(&world, "bo@fabrikam.test", held).await;
        signed_in_by(&world, "cy@fabrikam.test", Method::Passcode).await;
        let account = Account {
            issuer: "https://login.fabrikam.test".into(),
            subject: "anna-1".into(),
        };
        let tx = core.store.begin().await.unwrap();
        tx.insert_account(anna.id, tenant.id, &account, core.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();

        let with = |change: fn(&mut OidcConnection)| {
            let mut oidc = samples::oidc_connection("https://login.fabrikam.test");
            change(&mut oidc);
            Declaration {
                connection: Some(Connection::Oidc(oidc)),
                ..declaration.clone()
            }
        };
        let cases = [
            (with(|_| ()), vec![]),
            (with(|oidc| oidc.client_id = "other".into()), vec![]),
            (with(|oidc| oidc.trusts_mfa = true), vec![]),
            (
                with(|oidc| oidc.issuer = "https://id.fabrikam.test".into()),
                vec!["anna@fabrikam.test"],
            ),
            (
                with(|oidc| oidc.claims.subject = vec!["oid".into()]),
                vec!["anna@fabrikam.test"],
            ),
        ];
        for (after, expected) in cases {
            let found = impact_of_change(core, &tenant, &after, &quiet).await.unwrap();
            let hit: Vec<&str> = found.guests.iter().map(|guest| guest.email.as_str()).collect();
            assert_eq!(hit, expected, "{}: {after:?}", world.name);
            let declared = Declared {
                tenants: vec![after],
                providers: vec![],
            };
            let found = impact_of_configuration(core, &declared, &quiet).await.unwrap();
            assert_eq!(found.guests.len(), expected.len(), "{}", world.name);
        }
        let mut settings = (*core.settings).clone();
        settings.resolution.usual.codes = false;
        let strict = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let tx = core.store.begin().await.unwrap();
        tx.insert_guest(&samples::guest("new@fabrikam.test"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let moved = Declaration {
            domains: vec!["fabrikam.example".into()],
            ..declaration.clone()
        };
        let found = impact_of_change(&strict, &tenant, &moved, &quiet).await.unwrap();
        let hit: Vec<&str> = found.guests.iter().map(|guest| guest.email.as_str()).collect();
        assert_eq!(hit, ["new@fabrikam.test"], "{}", world.name);

        // A provider's domain and address lead as well; and what is switched off may be on again.
        let provider = Declaration {
            addresses: vec![samples::email("vip@elsewhere.test")],
            ..Declaration {
                name: "mail".into(),
                ..fabrikam(&["mail.test"])
            }
        };
        let added = add_upstream(core, lee(), UpstreamKind::Provider, &provider)
            .await
            .unwrap();
        let tx = core.store.begin().await.unwrap();
        for address in ["dora@mail.test", "vip@elsewhere.test"] {
            tx.insert_guest(&samples::guest(address)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let nothing = Declaration {
            domains: vec![],
            addresses: vec![],
            ..provider.clone()
        };
        let found = impact_of_change(&strict, &added, &nothing, &quiet).await.unwrap();
        let hit: Vec<&str> = found.guests.iter().map(|guest| guest.email.as_str()).collect();
        assert_eq!(hit, ["dora@mail.test", "vip@elsewhere.test"], "{}", world.name);

        change_upstream(core, lee(), (UpstreamKind::Tenant, "fabrikam"), |there| {
            there.enabled = false;
            Ok(())
        })
        .await
        .unwrap();
        let off = core.store.reader().upstream(tenant.id).await.unwrap().unwrap();
        let renamed = with(|oidc| oidc.issuer = "https://id.fabrikam.test".into());
        let found = impact_of_change(core, &off, &renamed, &quiet).await.unwrap();
        assert_eq!(found.guests.len(), 1, "{}", world.name);
    }
}
