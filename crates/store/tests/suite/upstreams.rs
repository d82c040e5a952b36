//! Federated tenants and personal-account providers.

use chrono::TimeDelta;
use domain::{
    Secret,
    method::Method,
    upstream::{
        Account, AssertionAudience, ClientAuthentication, ClientKey, Connection, Oauth2Connection,
        Oauth2Kind, OidcConnection, Upstream, UpstreamKind,
    },
};
use method_resolution::{CodesWhenFederationFails, Policy};
use test_support::{databases, samples};

use crate::{assert_conflict, begin};

#[tokio::test]
async fn come_back_as_they_went_in() {
    for db in databases().await {
        let tx = begin(&db).await;
        let fabrikam = samples::tenant("fabrikam", &[]);
        let contoso = Upstream {
            connection: Some(samples::connection("https://login.contoso.test")),
            ..samples::tenant("contoso", &["contoso.de", "contoso.test"])
        };
        let microsoft = Upstream {
            declared: true,
            addresses: vec![samples::email("anna@a.test"), samples::email("bob@a.test")],
            ..samples::provider("microsoft", &["hotmail.com", "outlook.com"])
        };
        let google = samples::provider("google", &["gmail.com"]);
        for tenant in [&fabrikam, &contoso] {
            tx.insert_upstream(tenant).await.unwrap();
            assert_eq!(
                tx.upstream(tenant.id).await.unwrap().as_ref(),
                Some(tenant),
                "{}",
                db.name
            );
        }
        for provider in [&microsoft, &google] {
            tx.insert_upstream(provider).await.unwrap();
            let found = tx.upstream(provider.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(provider), "{}", db.name);
        }
        assert_eq!(
            tx.upstreams().await.unwrap(),
            [contoso, fabrikam, google, microsoft],
            "{}",
            db.name
        );
        let contoso = tx
            .upstream_named(UpstreamKind::Tenant, "contoso")
            .await
            .unwrap()
            .unwrap();
        let Some(Connection::Oidc(OidcConnection {
            client_auth: secret, ..
        })) = contoso.connection
        else {
            panic!("{}: no connection by OpenID Connect", db.name);
        };
        assert_eq!(secret.secret().unwrap().expose(), "hunter2", "{}", db.name);
        assert_eq!(
            tx.upstream_named(UpstreamKind::Tenant, "Contoso").await.unwrap(),
            None,
            "{}",
            db.name
        );
        assert_eq!(tx.upstream(samples::id()).await.unwrap(), None, "{}", db.name);
        let method = Method::Upstream(UpstreamKind::Tenant, contoso.id);
        let found = tx.upstream_of(method).await.unwrap().unwrap();
        assert_eq!(found.id, contoso.id, "{}", db.name);
        assert_eq!(
            tx.upstream_of(Method::Passcode).await.unwrap(),
            None,
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn a_domain_leads_to_one_of_each() {
    for db in databases().await {
        let tx = begin(&db).await;
        tx.insert_upstream(&samples::tenant("a", &["a.test"]))
            .await
            .unwrap();
        tx.insert_upstream(&samples::provider("p", &["a.test"]))
            .await
            .unwrap();
        assert_conflict(tx.insert_upstream(&samples::tenant("b", &["a.test"])).await);
        drop(tx);
        let tx = begin(&db).await;
        tx.insert_upstream(&samples::provider("p", &["a.test"]))
            .await
            .unwrap();
        assert_conflict(tx.insert_upstream(&samples::provider("q", &["a.test"])).await);
        drop(tx);
        let tx = begin(&db).await;
        tx.insert_upstream(&samples::tenant("a", &[])).await.unwrap();
        assert_conflict(tx.insert_upstream(&samples::tenant("a", &[])).await);
    }
}

#[tokio::test]
async fn what_is_saved_lets_go_of_what_it_had() {
    for db in databases().await {
        let tx = begin(&db).await;
        let (a, b) = (
            samples::tenant("a", &["a.test"]),
            samples::tenant("b", &["b.test"]),
        );
        let p = Upstream {
            addresses: vec![samples::email("anna@a.test")],
            ..samples::provider("p", &["p.test"])
        };
        for tenant in [&a, &b] {
            tx.insert_upstream(tenant).await.unwrap();
        }
        tx.insert_upstream(&p).await.unwrap();
        let changed = Upstream {
            display_name: "Another".into(),
            enabled: false,
            declared: true,
            domains: vec!["c.test".into(), "d.test".into()],
            connection: Some(Connection::Oidc(OidcConnection {
                client_auth: ClientAuthentication::None,
                ..samples::oidc_connection("https://a.test")
            })),
            ..a
        };
        tx.save_upstream(&changed, samples::now()).await.unwrap();
        let other = Upstream {
            domains: vec!["q.test".into()],
            addresses: vec![samples::email("bob@a.test")],
            connection: Some(Connection::Oidc(OidcConnection {
                client_auth: ClientAuthentication::PrivateKeyJwt(ClientKey {
                    pem: Secret::presented("-----BEGIN PRIVATE KEY-----"),
                    key_id: Some("2026".into()),
                    certificate_sha256: None,
                    audience: AssertionAudience::TokenEndpoint,
                }),
                ..samples::oidc_connection("https://accounts.q.test")
            })),
            ..p
        };
        tx.save_upstream(&other, samples::now()).await.unwrap();
        assert_eq!(
            tx.upstreams().await.unwrap(),
            [changed.clone(), b.clone(), other.clone()],
            "{}",
            db.name
        );

        tx.release_upstream(changed.id).await.unwrap();
        tx.release_upstream(other.id).await.unwrap();
        let domains = vec!["b.test".into(), "c.test".into()];
        tx.save_upstream(&Upstream { domains, ..b }, samples::now())
            .await
            .unwrap();
        let none = Upstream {
            domains: Vec::new(),
            ..changed.clone()
        };
        tx.save_upstream(&none, samples::now()).await.unwrap();
        assert_eq!(tx.upstream(changed.id).await.unwrap().unwrap().domains, [""; 0]);
        let next = Upstream {
            addresses: vec![samples::email("BOB@a.test")],
            ..samples::provider("next", &["q.test"])
        };
        tx.insert_upstream(&next).await.unwrap();
        let found = tx.upstream(next.id).await.unwrap().unwrap();
        assert_eq!(
            found.addresses[0].as_str(),
            "bob@a.test",
            "{}: by its key",
            db.name
        );
    }
}

#[tokio::test]
async fn a_secret_is_in_no_row_and_opens_in_its_own() {
    for db in databases().await {
        let tx = begin(&db).await;
        for (name, domain) in [("a", "a.test"), ("b", "b.test")] {
            let tenant = Upstream {
                connection: Some(samples::connection("https://a.test")),
                ..samples::tenant(name, &[domain])
            };
            tx.insert_upstream(&tenant).await.unwrap();
        }
        tx.commit().await.unwrap();
        let move_secret = "UPDATE upstreams SET client_secret = \
            (SELECT client_secret FROM upstreams WHERE name = 'b') WHERE name = 'a'";
        db.store.run_raw(move_secret).await.unwrap();
        let reader = db.store.reader();
        let moved = reader
            .upstream_named(UpstreamKind::Tenant, "a")
            .await
            .unwrap_err();
        assert!(
            moved.to_string().contains("cannot be unsealed"),
            "{}: {moved}",
            db.name
        );
        assert!(reader.upstream_named(UpstreamKind::Tenant, "b").await.is_ok());
    }
}

#[tokio::test]
async fn an_account_is_one_guests_at_one_upstream() {
    for db in databases().await {
        let (anna, bob) = (samples::guest("anna@a.test"), samples::guest("bob@a.test"));
        let (at, elsewhere) = (samples::id(), samples::id());
        let account = |subject: &str| Account {
            issuer: "https://a.test".into(),
            subject: subject.into(),
        };
        let tx = begin(&db).await;
        for guest in [&anna, &bob] {
            tx.insert_guest(guest).await.unwrap();
        }
        let now = samples::now();
        tx.insert_account(anna.id, at, &account("7"), now).await.unwrap();
        tx.insert_account(bob.id, elsewhere, &account("7"), now)
            .await
            .unwrap();
        tx.use_account(at, &account("7"), now).await.unwrap();
        for (at, subject, owner) in [
            (at, "7", Some(anna.id)),
            (elsewhere, "7", Some(bob.id)),
            (at, "7 ", None),
            (samples::id(), "7", None),
        ] {
            let found = tx.owner_of_account(at, &account(subject)).await.unwrap();
            assert_eq!(found, owner, "{}: {at:?} {subject}", db.name);
        }
        assert!(tx.has_account(anna.id, at).await.unwrap());
        assert!(!tx.has_account(anna.id, elsewhere).await.unwrap());
        assert_conflict(tx.insert_account(bob.id, at, &account("7"), now).await);
    }
}

#[tokio::test]
async fn a_value_is_spent_once() {
    for db in databases().await {
        let hash = samples::secret().hash();
        let ends_at = samples::now();
        let racers = (0..8).map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let tx = store.begin().await.unwrap();
                let first = tx.spend(&hash, ends_at).await.unwrap();
                tx.commit().await.unwrap();
                first
            })
        });
        let mut firsts = 0;
        for racer in racers.collect::<Vec<_>>() {
            firsts += u32::from(racer.await.unwrap());
        }
        assert_eq!(firsts, 1, "{}", db.name);
        let tx = begin(&db).await;
        assert_eq!(tx.sweep(ends_at, 10).await.unwrap(), 1, "{}", db.name);
        assert!(tx.spend(&hash, ends_at).await.unwrap());
    }
}

#[tokio::test]
async fn failures_in_a_row_are_known_to_all_until_one_success() {
    for db in databases().await {
        let tenant = samples::tenant("contoso", &["contoso.test"]);
        let tx = begin(&db).await;
        tx.insert_upstream(&tenant).await.unwrap();
        tx.commit().await.unwrap();
        let racers = (0..3).map(|_| {
            let (store, id) = (db.store.clone(), tenant.id);
            tokio::spawn(async move {
                let tx = store.begin().await.unwrap();
                let health = tx.note_failure(id, samples::now()).await.unwrap();
                tx.commit().await.unwrap();
                health.has_opened()
            })
        });
        let mut opened = 0;
        for racer in racers.collect::<Vec<_>>() {
            opened += u32::from(racer.await.unwrap());
        }
        assert_eq!(opened, 1, "{}", db.name);
        let down = |policy: Policy, minutes: i64| {
            let store = db.store.clone();
            async move {
                let now = samples::now() + TimeDelta::minutes(minutes);
                let email = samples::email("anna@contoso.test");
                let facts = store
                    .reader()
                    .method_facts(&email, None, &policy.clone().into(), now)
                    .await
                    .unwrap();
                facts.tenant.unwrap().down
            }
        };
        let stand_in = Policy {
            codes_when_federation_fails: CodesWhenFederationFails::WhileDown,
            ..Policy::default()
        };
        assert!(down(Policy::default(), 0).await && !down(Policy::default(), 1).await);
        assert!(down(stand_in.clone(), 29).await && !down(stand_in, 30).await);
        let tx = begin(&db).await;
        assert!(
            tx.note_success(tenant.id).await.unwrap(),
            "{}: it had been down",
            db.name
        );
        assert!(!tx.note_success(tenant.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!down(Policy::default(), 0).await);
    }
}

#[tokio::test]
async fn every_kind_of_connection_is_kept_whole_and_its_secret_sealed() {
    let key = |pem: &str| ClientKey {
        pem: Secret::presented(pem),
        key_id: Some("2026".into()),
        certificate_sha256: Some("digest".into()),
        audience: AssertionAudience::TokenEndpoint,
    };
    let secret = || Secret::presented("hunter2");
    let by = |client_auth| {
        Connection::Oidc(OidcConnection {
            client_auth,
            ..samples::oidc_connection("https://accounts.test")
        })
    };
    let connections = [
        by(ClientAuthentication::SecretBasic(secret())),
        by(ClientAuthentication::SecretPost(secret())),
        by(ClientAuthentication::PrivateKeyJwt(key("hunter2"))),
        by(ClientAuthentication::AppleSecret {
            key: key("hunter2"),
            team: "TEAM".into(),
        }),
        by(ClientAuthentication::None),
        Connection::Oauth2(Oauth2Connection {
            kind: Oauth2Kind::GitHub,
            endpoints: Oauth2Kind::Facebook.endpoints(),
            client_id: "acme".into(),
            client_secret: secret(),
        }),
    ];
    for db in databases().await {
        for connection in &connections {
            let provider = Upstream {
                connection: Some(connection.clone()),
                ..samples::provider(&samples::id::<Upstream>().to_string(), &[])
            };
            let tx = begin(&db).await;
            tx.insert_upstream(&provider).await.unwrap();
            tx.commit().await.unwrap();
            let kept = db.store.reader().upstream(provider.id).await.unwrap().unwrap();
            assert_eq!(kept, provider, "{}", db.name);
        }
    }
}

/// A session that begins while its tenant is switched off is either refused, or there to be ended.
#[tokio::test]
async fn an_upstream_is_not_switched_off_under_a_session_that_begins() {
    for db in databases().await {
        let tenant = samples::tenant("contoso", &["contoso.test"]);
        let method = tenant.method();
        let tx = begin(&db).await;
        tx.insert_upstream(&tenant).await.unwrap();
        tx.commit().await.unwrap();

        let first = begin(&db).await;
        assert!(first.hold_upstream(method).await.unwrap(), "{}", db.name);
        let off = Upstream {
            enabled: false,
            ..tenant.clone()
        };
        let second = async {
            let tx = begin(&db).await;
            tx.save_upstream(&off, samples::now()).await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::pin!(second);
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(200), &mut second).await;
        assert!(waiting.is_err(), "{}: it did not wait", db.name);
        first.commit().await.unwrap();
        second.await;

        let tx = begin(&db).await;
        assert!(!tx.hold_upstream(method).await.unwrap(), "{}: disabled", db.name);
        tx.remove_upstream(tenant.id).await.unwrap();
        assert!(!tx.hold_upstream(method).await.unwrap(), "{}: removed", db.name);
        assert!(tx.hold_upstream(Method::Passcode).await.unwrap(), "{}", db.name);
    }
}
