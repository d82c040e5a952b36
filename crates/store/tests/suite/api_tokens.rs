//! Tokens of the admin API.

use store::ApiToken;
use test_support::{databases, samples};

use crate::{assert_conflict, begin};

fn token(name: &str) -> ApiToken {
    ApiToken {
        id: samples::id(),
        name: name.to_owned(),
        scopes: vec![domain::api_scope::ApiScope::GuestsRead],
        created_at: samples::now(),
        revoked_at: None,
    }
}

#[tokio::test]
async fn is_found_by_its_hash_and_says_when_it_was_revoked() {
    for db in databases().await {
        let (ci, hash) = (token("ci"), samples::secret().hash());
        let tx = begin(&db).await;
        tx.insert_api_token(&ci, &hash).await.unwrap();
        assert_eq!(
            tx.api_token(&hash).await.unwrap(),
            Some(ci.clone()),
            "{}",
            db.name
        );
        let unknown = samples::secret().hash();
        assert_eq!(tx.api_token(&unknown).await.unwrap(), None, "{}", db.name);
        let now = samples::now();
        assert!(tx.revoke_api_token("ci", now).await.unwrap());
        assert!(!tx.revoke_api_token("ci", now).await.unwrap(), "only once");
        let revoked = ApiToken {
            revoked_at: Some(now),
            ..ci
        };
        assert_eq!(
            tx.api_token(&hash).await.unwrap().as_ref(),
            Some(&revoked),
            "{}",
            db.name
        );
        // The name is free again.
        let next = token("ci");
        tx.insert_api_token(&next, &samples::secret().hash())
            .await
            .unwrap();
        let mut all = tx.api_tokens().await.unwrap();
        all.sort_by_key(|token| token.revoked_at.is_some());
        assert_eq!(all, [next, revoked], "{}", db.name);
    }
}

#[tokio::test]
async fn a_name_in_use_is_a_conflict() {
    for db in databases().await {
        let tx = begin(&db).await;
        tx.insert_api_token(&token("ci"), &samples::secret().hash())
            .await
            .unwrap();
        assert_conflict(tx.insert_api_token(&token("ci"), &samples::secret().hash()).await);
    }
}
