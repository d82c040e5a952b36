//! Signing keys by the API, through the real router.

use actions::create_api_token;
use domain::api_scope::ApiScope;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{World, operator, worlds};

async fn ask(world: &World, token: &str, method: Method, path: &str) -> (StatusCode, Value) {
    let url = format!("{}{path}", world.issuer());
    let request = reqwest::Client::new().request(method, url).bearer_auth(token);
    let answer = request.json(&json!({})).send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn keys_are_listed_rotated_and_revoked() {
    for world in worlds().await {
        let (_, secret) = create_api_token(&world.core, operator(), "keys", &[ApiScope::KeysWrite])
            .await
            .unwrap();
        let token = secret.expose();
        let (_, before) = ask(&world, token, Method::GET, "/api/v1/keys").await;
        let active = |keys: &Value, algorithm: &str| {
            let keys = keys["keys"].as_array().unwrap().iter();
            keys.filter(|key| key["state"] == "active" && key["algorithm"] == algorithm)
                .map(|key| key["kid"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let old = active(&before, "ES256").pop().unwrap();

        let (status, rotated) = ask(&world, token, Method::POST, "/api/v1/keys/rotate").await;
        assert_eq!(status, StatusCode::OK, "{rotated}");
        let steps = rotated["steps"].as_array().unwrap();
        assert!(
            !steps.is_empty() && steps.iter().all(|step| step["state"] == "pending"),
            "{rotated}"
        );

        let (status, revoked) = ask(&world, token, Method::POST, &format!("/api/v1/keys/{old}/revoke")).await;
        assert_eq!(status, StatusCode::OK, "{revoked}");
        let (_, after) = ask(&world, token, Method::GET, "/api/v1/keys").await;
        let new = active(&after, "ES256");
        assert!(new.len() == 1 && new[0] != old, "{after}");
        let (status, _) = ask(&world, token, Method::POST, "/api/v1/keys/nobody/revoke").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = ask(&world, token, Method::GET, "/api/v1/tokens").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}
