//! Apps by HTTP.

use super::*;

const FILES: &str = "/api/v1/apps/files";

#[tokio::test]
async fn an_app_lives_its_whole_life() {
    for database in databases().await {
        let api = Api::on(database).await;
        let wish =
            json!({ "client_id": "files", "name": "Files", "redirect_uris": ["https://files.example/cb"] });
        let made = api.ask("POST", "/api/v1/apps", wish.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body["authentication"], "client_secret");
        assert_eq!(made.body["client_secret"].as_str().unwrap().len(), 43);
        let again = api.ask("POST", "/api/v1/apps", wish).await;
        assert_eq!(again.status, StatusCode::CONFLICT);

        let shown = api.get(FILES).await;
        assert_eq!(shown.body["name"], "Files");
        assert!(shown.body.get("client_secret").is_none(), "{}", shown.body);
        assert_eq!(
            api.get("/api/v1/apps").await.body["apps"]
                .as_array()
                .unwrap()
                .len(),
            2
        );

        let change = json!({ "pkce": "optional", "id_token_claims": true, "enabled": false,
            "access": "domain", "access_domains": ["contoso.test"] });
        let changed = api.ask("PATCH", FILES, change).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
        assert_eq!(
            (&changed.body["pkce"], &changed.body["access_domains"]),
            (&json!("optional"), &json!(["contoso.test"]))
        );
        assert!(changed.body["disabled_at"].is_string());
        let on = api.ask("PATCH", FILES, json!({ "enabled": true })).await;
        assert!(on.body["disabled_at"].is_null());

        let secrets = format!("{FILES}/secrets");
        let second = api.ask("POST", &secrets, Value::Null).await;
        assert_eq!(second.status, StatusCode::CREATED);
        assert_eq!(
            api.ask("POST", &secrets, Value::Null).await.status,
            StatusCode::CONFLICT
        );
        let listed = api.get(&secrets).await.body["secrets"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        let one = format!("{secrets}/{}", listed[0]["id"].as_str().unwrap());
        assert_eq!(
            api.ask("DELETE", &one, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(
            api.ask("DELETE", &one, Value::Null).await.status,
            StatusCode::NOT_FOUND
        );

        assert_eq!(
            api.ask("DELETE", FILES, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(api.get(FILES).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_app_is_said_by_its_field() {
    let api = Api::new().await;
    for (method, path, wish, field) in [
        ("POST", "/api/v1/apps", json!({}), "name"),
        (
            "POST",
            "/api/v1/apps",
            json!({ "name": "Files" }),
            "redirect_uris",
        ),
        (
            "POST",
            "/api/v1/apps",
            json!({ "name": "Files", "enabled": false }),
            "enabled",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "client_id": "x" }),
            "client_id",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "access": "everyone" }),
            "access",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "access_domains": ["a.test"] }),
            "access_domains",
        ),
        ("PATCH", "/api/v1/apps/notes", json!({ "pkce": "never" }), "pkce"),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "pkce": "optional", "authentication": "none" }),
            "pkce",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "signing_algorithm": "none" }),
            "signing_algorithm",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "authentication": "magic" }),
            "authentication",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "authentication": "private_key_jwt" }),
            "jwks",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "jwks": { "keys": [] } }),
            "jwks",
        ),
        (
            "PATCH",
            "/api/v1/apps/notes",
            json!({ "redirect_uris": ["https://a.test/*"] }),
            "redirect_uris",
        ),
    ] {
        let answer = api.ask(method, path, wish.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wish}: {}",
            answer.body
        );
        assert!(answer.body.to_string().contains(field), "{wish}: {}", answer.body);
    }
    let unknown = api
        .ask("PATCH", "/api/v1/apps/notes", json!({ "colour": "red" }))
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nobody = api.ask("PATCH", "/api/v1/apps/nobody", json!({})).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_app_has_a_logo_and_a_contact() {
    for database in databases().await {
        let api = Api::on(database).await;
        let notes = "/api/v1/apps/notes";
        let contact = json!({ "contact": "notes@acme.test" });
        let changed = api.ask("PATCH", notes, contact).await;
        assert_eq!(changed.body["contact"], "notes@acme.test", "{}", changed.body);
        let path = format!("{notes}/logo");
        // The first eight bytes of every PNG.
        let given = api.ask("PUT", &path, json!({ "logo": "iVBORw0KGgo=" })).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.body);
        let logo = given.body["logo"].as_str().unwrap().to_owned();
        assert!(logo.starts_with("/app-logo/notes/"), "{logo}");
        for (wrong, said) in [
            ("PHN2Zz48L3N2Zz4=", "is not a PNG, JPEG or WebP picture"),
            ("", "is not a PNG, JPEG or WebP picture"),
            ("not base64", "is not base64"),
        ] {
            let refused = api.ask("PUT", &path, json!({ "logo": wrong })).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
            let error = &refused.body["errors"][0];
            assert_eq!(error["field"], "logo");
            assert!(error["detail"].as_str().unwrap().contains(said), "{error}");
        }
        assert_eq!(api.get(notes).await.body["logo"], *logo, "it stays");
        for _ in 0..2 {
            let gone = api.ask("DELETE", &path, Value::Null).await;
            assert_eq!(gone.status, StatusCode::NO_CONTENT);
        }
        let shown = api.ask("PATCH", notes, json!({ "contact": "" })).await.body;
        assert_eq!((&shown["logo"], &shown["contact"]), (&Value::Null, &Value::Null));
        let events = api.get("/api/v1/audit?action=app.changed").await.body["events"].clone();
        let said: Vec<String> = events
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["details"].to_string())
            .collect();
        let file = logo.rsplit('/').next().unwrap();
        assert_eq!(
            said,
            [
                r#"{"contact":"notes@acme.test → "}"#.to_owned(),
                format!(r#"{{"logo":"{file} → "}}"#),
                format!(r#"{{"logo":" → {file}"}}"#),
                r#"{"contact":" → notes@acme.test"}"#.to_owned(),
            ],
            "newest first; what changes nothing is not noted"
        );
    }
}
