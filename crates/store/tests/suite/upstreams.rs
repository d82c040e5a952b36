//! Federated tenants and personal-account providers.

use domain::upstream::{Provider, Tenant};
use test_support::{databases, samples};

use crate::{assert_conflict, begin};

#[tokio::test]
async fn come_back_as_they_went_in() {
    for db in databases().await {
        let tx = begin(&db).await;
        let fabrikam = samples::tenant("fabrikam", &[]);
        let contoso = samples::tenant("contoso", &["contoso.de", "contoso.test"]);
        let microsoft = Provider {
            declared: true,
            addresses: vec![samples::email("anna@a.test"), samples::email("bob@a.test")],
            ..samples::provider("microsoft", &["hotmail.com", "outlook.com"])
        };
        let google = samples::provider("google", &["gmail.com"]);
        for tenant in [&fabrikam, &contoso] {
            tx.insert_tenant(tenant).await.unwrap();
            assert_eq!(
                tx.tenant(tenant.id).await.unwrap().as_ref(),
                Some(tenant),
                "{}",
                db.name
            );
        }
        for provider in [&microsoft, &google] {
            tx.insert_provider(provider).await.unwrap();
            let found = tx.provider(provider.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(provider), "{}", db.name);
        }
        assert_eq!(tx.tenants().await.unwrap(), [contoso, fabrikam], "{}", db.name);
        assert_eq!(tx.providers().await.unwrap(), [google, microsoft], "{}", db.name);
        assert_eq!(tx.tenant(samples::id()).await.unwrap(), None, "{}", db.name);
        assert_eq!(tx.provider(samples::id()).await.unwrap(), None, "{}", db.name);
    }
}

#[tokio::test]
async fn a_domain_leads_to_one_of_each() {
    for db in databases().await {
        let tx = begin(&db).await;
        tx.insert_tenant(&samples::tenant("a", &["a.test"]))
            .await
            .unwrap();
        tx.insert_provider(&samples::provider("p", &["a.test"]))
            .await
            .unwrap();
        assert_conflict(tx.insert_tenant(&samples::tenant("b", &["a.test"])).await);
        drop(tx);
        let tx = begin(&db).await;
        tx.insert_provider(&samples::provider("p", &["a.test"]))
            .await
            .unwrap();
        assert_conflict(tx.insert_provider(&samples::provider("q", &["a.test"])).await);
        drop(tx);
        let tx = begin(&db).await;
        tx.insert_tenant(&samples::tenant("a", &[])).await.unwrap();
        assert_conflict(tx.insert_tenant(&samples::tenant("a", &[])).await);
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
        let p = Provider {
            addresses: vec![samples::email("anna@a.test")],
            ..samples::provider("p", &["p.test"])
        };
        for tenant in [&a, &b] {
            tx.insert_tenant(tenant).await.unwrap();
        }
        tx.insert_provider(&p).await.unwrap();
        let changed = Tenant {
            display_name: "Another".into(),
            enabled: false,
            declared: true,
            domains: vec!["c.test".into(), "d.test".into()],
            ..a
        };
        tx.save_tenant(&changed).await.unwrap();
        let other = Provider {
            domains: vec!["q.test".into()],
            addresses: vec![samples::email("bob@a.test")],
            ..p
        };
        tx.save_provider(&other).await.unwrap();
        assert_eq!(
            tx.tenants().await.unwrap(),
            [changed.clone(), b.clone()],
            "{}",
            db.name
        );
        let providers = tx.providers().await.unwrap();
        assert_eq!(providers, std::slice::from_ref(&other), "{}", db.name);

        tx.release_tenant(changed.id).await.unwrap();
        tx.release_provider(other.id).await.unwrap();
        let domains = vec!["b.test".into(), "c.test".into()];
        tx.save_tenant(&Tenant { domains, ..b }).await.unwrap();
        assert_eq!(tx.tenant(changed.id).await.unwrap().unwrap().domains, [""; 0]);
        let next = Provider {
            addresses: vec![samples::email("BOB@a.test")],
            ..samples::provider("next", &["q.test"])
        };
        tx.insert_provider(&next).await.unwrap();
        let found = tx.provider(next.id).await.unwrap().unwrap();
        assert_eq!(
            found.addresses[0].as_str(),
            "bob@a.test",
            "{}: by its key",
            db.name
        );
    }
}
