//! What SAML needs kept.

use chrono::TimeDelta;
use domain::{
    Secret,
    upstream::{Connection, SamlConnection, SamlMetadata, ServiceKey, Upstream},
};
use store::SamlAnswer;
use test_support::{databases, samples};

use crate::begin;

fn key(pem: &str) -> ServiceKey {
    ServiceKey {
        pem: Secret::presented(pem),
        certificate: vec![1, 2, 3],
    }
}

#[tokio::test]
async fn there_is_one_key_however_many_make_one() {
    for db in databases().await {
        assert_eq!(
            db.store.reader().service_key().await.unwrap(),
            None,
            "{}",
            db.name
        );
        let racers: Vec<_> = (0..8)
            .map(|n| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let tx = store.begin().await.unwrap();
                    let made = key(&format!("very secret {n}"));
                    let kept = tx.insert_service_key(&made, samples::now()).await.unwrap();
                    tx.commit().await.unwrap();
                    kept.then_some(made)
                })
            })
            .collect();
        let mut kept = Vec::new();
        for racer in racers {
            kept.extend(racer.await.unwrap());
        }
        assert_eq!(kept.len(), 1, "{}: one of them", db.name);
        let found = db.store.reader().service_key().await.unwrap().unwrap();
        assert_eq!(found, kept[0], "{}", db.name);
        assert!(!format!("{found:?}").contains("secret"), "{}", db.name);
    }
}

#[tokio::test]
async fn the_database_file_does_not_hold_the_private_half() {
    for db in databases().await {
        let Some(path) = db.settings().url.strip_prefix("sqlite:").map(str::to_owned) else {
            continue;
        };
        let tx = begin(&db).await;
        tx.insert_service_key(&key("a very secret key"), samples::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(std::fs::read(format!("{path}-wal")).unwrap());
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(holds(&[1, 2, 3]) && !holds(b"very secret"));
    }
}

#[tokio::test]
async fn an_answer_is_kept_once_and_goes_when_its_time_is_over() {
    for db in databases().await {
        let (tx, now) = (begin(&db).await, samples::now());
        let handle = Secret::presented("handle").hash();
        let answer = SamlAnswer {
            upstream: samples::id(),
            state: "state".into(),
            answer: "{}".into(),
            expires_at: now + TimeDelta::minutes(5),
        };
        tx.insert_saml_answer(&handle, &answer).await.unwrap();
        let other = SamlAnswer {
            answer: "[]".into(),
            ..answer.clone()
        };
        tx.insert_saml_answer(&handle, &other).await.unwrap();
        assert_eq!(
            tx.saml_answer(&handle).await.unwrap(),
            Some(answer),
            "{}",
            db.name
        );
        let elsewhere = Secret::presented("another").hash();
        assert_eq!(tx.saml_answer(&elsewhere).await.unwrap(), None, "{}", db.name);
        assert_eq!(tx.sweep(now, 100).await.unwrap(), 0, "{}", db.name);
        assert_eq!(
            tx.sweep(now + TimeDelta::minutes(5), 100).await.unwrap(),
            1,
            "{}",
            db.name
        );
        assert_eq!(tx.saml_answer(&handle).await.unwrap(), None, "{}", db.name);
    }
}

#[tokio::test]
async fn connections_come_back_as_they_went_in() {
    for db in databases().await {
        let tx = begin(&db).await;
        let by_url = SamlConnection {
            entity_id: "https://login.contoso.test/saml".into(),
            metadata: SamlMetadata::Url("https://login.contoso.test/metadata".into()),
            subject: None,
            email: None,
            name: None,
            trusts_mfa: false,
            mfa_contexts: domain::upstream::usual_mfa_contexts(),
            encryption: true,
        };
        let by_document = SamlConnection {
            metadata: SamlMetadata::Document("<EntityDescriptor/>".into()),
            subject: Some("number".into()),
            email: Some("mail".into()),
            name: Some("cn".into()),
            trusts_mfa: true,
            ..by_url.clone()
        };
        for (name, connection) in [("contoso", by_url), ("fabrikam", by_document)] {
            let tenant = Upstream {
                connection: Some(Connection::Saml(connection)),
                ..samples::tenant(name, &[])
            };
            tx.insert_upstream(&tenant).await.unwrap();
            assert_eq!(tx.upstream(tenant.id).await.unwrap(), Some(tenant), "{}", db.name);
        }
    }
}
