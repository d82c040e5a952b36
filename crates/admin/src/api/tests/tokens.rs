//! Tokens, and mails, by the API.

use super::*;

/// Nobody gives what they do not have: a token that may make tokens is not one that may do everything.
#[tokio::test]
async fn a_token_gives_no_scope_that_it_lacks() {
    let api = Api::new().await;
    let body = json!({ "name": "maker", "scopes": ["tokens:write", "guests:write"] });
    let made = api.ask("POST", "/api/v1/tokens", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let maker = Api {
        token: made.body["token"].as_str().unwrap().to_owned(),
        ..api
    };
    for (scopes, expected) in [
        (json!(["guests:read"]), StatusCode::CREATED),
        (json!(["guests:write", "tokens:read"]), StatusCode::CREATED),
        (json!(["apps:read"]), StatusCode::FORBIDDEN),
        (json!(["guests:read", "audit:read"]), StatusCode::FORBIDDEN),
        (json!(["everything"]), StatusCode::UNPROCESSABLE_ENTITY),
        (json!([]), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let body = json!({ "name": scopes.to_string(), "scopes": scopes });
        let answer = maker.ask("POST", "/api/v1/tokens", body.clone()).await;
        assert_eq!(answer.status, expected, "{body}: {}", answer.body);
        if expected == StatusCode::FORBIDDEN {
            let said = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
            assert!(said.contains("insufficient_scope"), "{said}");
        }
    }
    let list = maker.get("/api/v1/tokens").await;
    let tokens = list.body["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 4, "{}", list.body);
    assert!(tokens.iter().all(|token| token["token"].is_null()), "shown once");

    let again = json!({ "name": "maker", "scopes": ["guests:read"] });
    let answer = maker.ask("POST", "/api/v1/tokens", again).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let gone = maker.ask("DELETE", "/api/v1/tokens/nobody", Value::Null).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let revoked = maker.ask("DELETE", "/api/v1/tokens/maker", Value::Null).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(maker.get("/api/v1/tokens").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn mails_say_where_they_stand() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        assert_eq!(api.invite(body, None).await.status, StatusCode::CREATED);
        let list = api.get("/api/v1/mails").await;
        let mail = &list.body["mails"][0];
        assert_eq!(
            (mail["kind"].as_str(), mail["to"].as_str()),
            (Some("invitation"), Some("anna@contoso.test"))
        );
        assert_eq!(list.body["down_since"], Value::Null);
        for (query, status) in [
            ("state=sent", StatusCode::OK),
            ("state=given-up&limit=1", StatusCode::OK),
            ("state=lost", StatusCode::UNPROCESSABLE_ENTITY),
            ("limit=0", StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            let answer = api.get(&format!("/api/v1/mails?{query}")).await;
            assert_eq!(answer.status, status, "{query}");
            if status == StatusCode::OK {
                assert_eq!(answer.body["mails"], json!([]), "{query}");
            }
        }
    }
}
