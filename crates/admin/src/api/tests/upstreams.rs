//! Tenants, providers and domains by the API.

use domain::{
    domain_claim::{Proof, record_name},
    guest::Guest,
    method::Method,
    upstream::Upstream,
};
use test_support::{NameServer, TestUpstream, samples};

use super::*;

/// Contoso, with a guest who signs in there.
async fn contoso(api: &Api) -> (Upstream, Guest) {
    let tenant = Upstream {
        domain_proof: Proof::Dns,
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let mut guest = samples::active_guest("anna@contoso.test");
    guest.method = Some(Method::Upstream(tenant.kind, tenant.id));
    let tx = api.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.commit().await.unwrap();
    (tenant, guest)
}

#[tokio::test]
async fn a_tenant_is_shown_foreseen_switched_off_and_removed() {
    for database in databases().await {
        let api = Api::on(database).await;
        let (_, guest) = contoso(&api).await;
        let list = api.get("/api/v1/upstreams").await;
        assert_eq!(list.body["tenants"][0]["name"], "contoso", "{}", list.body);
        assert_eq!(list.body["providers"], json!([]));
        let none = api.get("/api/v1/upstreams?kind=provider").await;
        assert_eq!(none.body["tenants"], json!([]));
        assert_eq!(
            api.get("/api/v1/upstreams?kind=other").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );

        let at = "/api/v1/upstreams/tenant/contoso";
        let shown = api.get(at).await;
        assert_eq!(shown.body["claims"][0]["state"], "pending", "{}", shown.body);
        assert!(
            shown.body["redirect_uri"]
                .as_str()
                .unwrap()
                .ends_with("/federation/contoso/callback")
        );
        assert!(
            shown.body.to_string().find("secret\":").is_none(),
            "{}",
            shown.body
        );
        for nowhere in [
            "/api/v1/upstreams/provider/contoso",
            "/api/v1/upstreams/realm/contoso",
        ] {
            assert_eq!(api.get(nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
        }

        let foreseen = api.get(&format!("{at}/impact")).await;
        assert_eq!(foreseen.body["guests_affected"], 1, "{}", foreseen.body);
        assert_eq!(foreseen.body["guests"][0]["email"], "anna@contoso.test");
        let off = api
            .ask("POST", &format!("{at}/disable?reset=true"), Value::Null)
            .await;
        assert_eq!(
            off.body,
            json!({ "locked_out": 0, "reset": 1, "sessions_ended": 0 })
        );
        let reader = api.core.store.reader();
        assert_eq!(reader.guest(guest.id).await.unwrap().unwrap().method, None);
        assert_eq!(api.get(at).await.body["enabled"], false);
        for _ in 0..2 {
            let on = api.ask("POST", &format!("{at}/enable"), Value::Null).await;
            assert_eq!(on.body["enabled"], true, "{}", on.body);
        }
        let gone = api.ask("DELETE", at, Value::Null).await;
        assert_eq!(gone.body["locked_out"], 0, "{}", gone.body);
        assert_eq!(api.get(at).await.status, StatusCode::NOT_FOUND);
    }
}

/// What the configuration declares, the API does not change.
#[tokio::test]
async fn a_declared_tenant_is_the_configurations_to_change() {
    let api = Api::new().await;
    let tenant = Upstream {
        declared: true,
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let tx = api.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.commit().await.unwrap();
    let at = "/api/v1/upstreams/tenant/contoso";
    for (method, path) in [
        ("POST", format!("{at}/enable")),
        ("POST", format!("{at}/disable")),
        ("DELETE", at.to_owned()),
        ("PUT", "/api/v1/domains/other.test/tenants/contoso".to_owned()),
    ] {
        let answer = api.ask(method, &path, Value::Null).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.body);
        assert!(
            answer.body["detail"]
                .as_str()
                .unwrap()
                .contains("configuration declares")
        );
    }
}

#[tokio::test]
async fn a_domain_is_claimed_proven_and_let_go() {
    for database in databases().await {
        let zone = NameServer::start().await;
        let mut api = Api::on(database).await;
        let mut settings = (*api.core.settings).clone();
        settings.name_servers = vec![zone.address()];
        api.core.settings = std::sync::Arc::new(settings);
        contoso(&api).await;
        let claim = "/api/v1/domains/Mail.Contoso.test/tenants/contoso";
        for _ in 0..2 {
            let claimed = api.ask("PUT", claim, Value::Null).await;
            assert_eq!(claimed.body["domain"], "mail.contoso.test", "{}", claimed.body);
            assert_eq!(claimed.body["state"], "pending");
        }
        let shown = api.get("/api/v1/domains/MAIL.contoso.test").await;
        let record = shown.body["domains"][0]["record_text"].as_str().unwrap();
        let check = "/api/v1/domains/mail.contoso.test/check";
        let checked = api.ask("POST", check, Value::Null).await;
        assert_eq!(
            checked.body["domains"][0]["answer"], "nothing",
            "{}",
            checked.body
        );
        zone.texts(&record_name("mail.contoso.test"), &[record]);
        let checked = api.ask("POST", check, Value::Null).await;
        assert_eq!(checked.body["domains"][0]["state"], "proven", "{}", checked.body);
        assert_eq!(
            api.get("/api/v1/domains").await.body["domains"]
                .as_array()
                .unwrap()
                .len(),
            2
        );

        for _ in 0..2 {
            let gone = api.ask("DELETE", claim, Value::Null).await;
            assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
        }
        let left = api.get("/api/v1/upstreams/tenant/contoso").await;
        assert_eq!(left.body["domains"], json!(["contoso.test"]));
        assert_eq!(
            api.get("/api/v1/domains/else.test").await.status,
            StatusCode::NOT_FOUND
        );
        let bad = api
            .ask("PUT", "/api/v1/domains/no%20domain/tenants/contoso", Value::Null)
            .await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bad.body);
    }
}

/// Nothing answers at the sample's address, and a tenant of which nothing is said has none.
#[tokio::test]
async fn a_test_says_what_is_wrong_with_the_connection() {
    let api = Api::new().await;
    let (mut tenant, _) = contoso(&api).await;
    let at = "/api/v1/upstreams/tenant/contoso/test";
    let answer = api.ask("POST", at, json!({})).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    tenant.connection = Some(samples::connection("http://127.0.0.1:9"));
    let tx = api.core.store.begin().await.unwrap();
    tx.save_upstream(&tenant, api.core.now()).await.unwrap();
    tx.commit().await.unwrap();
    let answer = api.ask("POST", at, json!({ "as": "anna@contoso.test" })).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.body);
    assert_eq!(answer.body["type"], "urn:vestibule:problem:upstream");
    let answer = api.ask("POST", at, json!({ "as": "nobody" })).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// What the command line can say of one, the API can: it asks whether the connection fits, and never shows a secret.
#[tokio::test]
async fn a_tenant_is_added_and_changed_once_its_connection_answers() {
    for database in databases().await {
        let mut api = Api::on(database).await;
        // Only where our own address is plain http may a partner's be.
        api.core.settings = std::sync::Arc::new(test_support::settings("http://localhost:8080"));
        let partner = TestUpstream::start(FakeClock::new()).await;
        let at = "/api/v1/upstreams/tenant/contoso";
        let body = json!({
            "display_name": "Contoso", "domains": ["Contoso.test"], "domain_proof": "operator",
            "issuer": partner.issuer, "client_id": "acme", "client_secret": "hunter2",
        });
        let added = api.ask("POST", at, body.clone()).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
        assert_eq!(added.body["domains"], json!(["contoso.test"]));
        assert_eq!(added.body["enabled"], false, "somebody tries a sign-in first");
        assert_eq!(added.body["client_auth"], "client_secret_basic");
        assert!(!added.body.to_string().contains("hunter2"), "{}", added.body);
        assert_eq!(api.ask("POST", at, body).await.status, StatusCode::CONFLICT);
        let tested = api
            .ask(
                "POST",
                &format!("{at}/test"),
                json!({ "as": "anna@contoso.test" }),
            )
            .await;
        assert_eq!(tested.status, StatusCode::OK, "{}", tested.body);
        assert!(tested.body["link"].as_str().unwrap().contains("/test-sign-in/"));

        let foreseen = api
            .ask("PATCH", &format!("{at}?dry_run=true"), json!({ "domains": [] }))
            .await;
        assert_eq!(foreseen.body["impact"]["guests_affected"], 0, "{}", foreseen.body);
        assert_eq!(
            foreseen.body["upstream"]["domains"],
            json!(["contoso.test"]),
            "nothing is changed"
        );
        let changed = api
            .ask(
                "PATCH",
                at,
                json!({ "trust_mfa": true, "scopes": ["openid", "email"] }),
            )
            .await;
        assert_eq!(changed.body["upstream"]["trust_mfa"], true, "{}", changed.body);
        assert_eq!(changed.body["upstream"]["scopes"], json!(["openid", "email"]));
        assert_eq!(
            changed.body["upstream"]["domains"],
            json!(["contoso.test"]),
            "what is not said stays"
        );

        for (body, field) in [
            (
                json!({ "issuer": "ftp://contoso.test", "client_secret": "x" }),
                "issuer",
            ),
            (json!({ "domains": ["no domain"] }), "domains"),
            (json!({ "domains": ["gmail.com"] }), "domains"),
            (json!({ "domain_proof": "hearsay" }), "domain_proof"),
            (json!({ "client_auth": "client_secret_post" }), "client_auth"),
            (
                json!({ "client_secret": "x", "client_auth": "none" }),
                "client_auth",
            ),
            (json!({ "client_key": "no key" }), "client_key"),
            (json!({ "id_token_alg": "none" }), "id_token_alg"),
            (
                json!({ "saml": { "metadata_url": "not an address" } }),
                "metadata_url",
            ),
            (
                json!({ "saml": { "subject_attribute": "mail" } }),
                "subject_attribute",
            ),
        ] {
            let answer = api
                .ask("PATCH", &format!("{at}?untested=true"), body.clone())
                .await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{body}: {}",
                answer.body
            );
            assert_eq!(
                answer.body["errors"][0]["field"], field,
                "{body}: {}",
                answer.body
            );
        }
    }
}

/// Who reads and changes upstreams reads and changes no guests by that.
#[tokio::test]
async fn guests_are_named_and_reset_by_who_may() {
    let api = Api::new().await;
    contoso(&api).await;
    let scopes = [ApiScope::UpstreamsWrite];
    let (_, secret) = create_api_token(&api.core, lee(), "upstreams", &scopes)
        .await
        .unwrap();
    let api = Api {
        token: secret.expose().to_owned(),
        ..api
    };
    let at = "/api/v1/upstreams/tenant/contoso";
    let foreseen = api.get(&format!("{at}/impact")).await;
    assert_eq!(foreseen.body["guests_affected"], 1);
    assert_eq!(foreseen.body["guests"], json!([]));
    for (method, path, body) in [
        ("POST", format!("{at}/disable?reset=true"), Value::Null),
        ("DELETE", format!("{at}?reset=true"), Value::Null),
        ("PATCH", format!("{at}?reset=true"), json!({})),
        (
            "DELETE",
            "/api/v1/domains/contoso.test/tenants/contoso?reset=true".into(),
            Value::Null,
        ),
    ] {
        let answer = api.ask(method, &path, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    for body in [json!({ "scopes": ["openid"] }), json!({ "trust_email": true })] {
        let answer = api.ask("PATCH", at, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    }
}

/// The secret of one partner goes to no other, and another secret is sent as the one before was.
#[tokio::test]
async fn a_secret_goes_where_it_was_meant_to_go() {
    let mut api = Api::new().await;
    api.core.settings = std::sync::Arc::new(test_support::settings("http://localhost:8080"));
    let partner = TestUpstream::start(FakeClock::new()).await;
    let at = "/api/v1/upstreams/tenant/contoso";
    let body = json!({ "issuer": partner.issuer, "client_id": "acme", "client_secret": "hunter2" });
    assert_eq!(api.ask("POST", at, body).await.status, StatusCode::CREATED);
    let elsewhere = json!({ "issuer": "http://127.0.0.1:9" });
    let answer = api.ask("PATCH", &format!("{at}?untested=true"), elsewhere).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert_eq!(answer.body["errors"][0]["field"], "client_secret");
    for (body, auth) in [
        (
            json!({ "client_secret": "b", "client_auth": "client_secret_post" }),
            "client_secret_post",
        ),
        (json!({ "client_secret": "c" }), "client_secret_post"),
    ] {
        let changed = api.ask("PATCH", at, body).await;
        assert_eq!(changed.body["upstream"]["client_auth"], auth, "{}", changed.body);
    }
    let elsewhere = json!({ "issuer": "http://127.0.0.1:9", "client_secret": "d" });
    let answer = api.ask("PATCH", at, elsewhere).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.body);
    assert_eq!(api.get(at).await.body["issuer"], partner.issuer.as_str());
}
