//! Federated tenants and personal-account providers.

use test_support::{databases, samples};

use crate::{assert_conflict, begin};

#[tokio::test]
async fn come_back_as_they_went_in() {
    for db in databases().await {
        let tx = begin(&db).await;
        let fabrikam = samples::tenant("fabrikam", &[]);
        let contoso = samples::tenant("contoso", &["contoso.de", "contoso.test"]);
        let microsoft = samples::provider("microsoft", &["hotmail.com", "outlook.com"]);
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
