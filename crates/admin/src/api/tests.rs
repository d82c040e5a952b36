//! The API as programs meet it.

mod apps;
mod description;
mod etags;
mod groups;
mod guests;
mod invitations;
mod lists;
mod problems;
mod sponsors;
mod tokens;
mod upstreams;

use actions::{NewApp, block_guest, create_api_token, register_app, revoke_api_token};
use axum::body::Body;
use domain::{api_scope::ApiScope, audit::Actor};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use test_support::{FakeClock, TestDatabase, databases, sqlite};
use tower::ServiceExt as _;

use super::*;

struct Api {
    core: Core,
    clock: FakeClock,
    token: String,
    _database: TestDatabase,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl Api {
    async fn new() -> Self {
        Self::on(sqlite().await).await
    }

    async fn on(database: TestDatabase) -> Self {
        let clock = FakeClock::new();
        let core = test_support::core(database.store.clone(), clock.clone());
        let new = NewApp {
            client_id: Some("notes".into()),
            ..NewApp::new("Acme Notes", "https://notes.example/callback")
        };
        register_app(&core, lee(), new).await.unwrap();
        let (_, secret) = create_api_token(&core, lee(), "notes-backend", &ApiScope::ALL)
            .await
            .unwrap();
        Self {
            core,
            clock,
            token: secret.expose().to_owned(),
            _database: database,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let router = router(self.core.clone(), test_support::upstreams(), KEYS);
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn invite(&self, body: Value, key: Option<&str>) -> Answer {
        let mut request = Request::post("/api/v1/invitations")
            .header(header::AUTHORIZATION, format!("bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }
}

/// Signing keys are the authorization server's: the flows of the binary rotate and revoke them.
const KEYS: KeyActs = KeyActs {
    rotate: |_, _, _| Box::pin(async { Ok(Vec::new()) }),
    revoke: |_, _, _| Box::pin(async { Ok(Vec::new()) }),
};

fn lee() -> Actor {
    Actor::Operator("lee".into())
}

#[tokio::test]
async fn an_app_invites_and_lists() {
    let api = Api::new().await;
    let body = json!({
        "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee", "about": "Q3 kickoff notes",
        "access_until": "2027-06-01T00:00:00+02:00",
    });
    let answer = api.invite(body, None).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.body["email"], "anna@contoso.test");
    assert_eq!(answer.body["app"], "notes");
    assert_eq!(answer.body["expires_at"], "2027-03-31T09:00:00Z");
    assert_eq!(
        answer.body["method_preview"],
        json!({ "method": "passcode", "text": "This person will sign in with an email code." })
    );

    let list = api.get("/api/v1/invitations?app=notes").await;
    assert_eq!(list.status, StatusCode::OK);
    let row = &list.body["invitations"][0];
    assert_eq!(row["id"], answer.body["id"]);
    assert_eq!(row["state"], "pending");
    assert_eq!(row["invited_by"], "Lee");
    assert_eq!(row["access_until"], "2027-05-31T22:00:00Z");

    let guests = api.get("/api/v1/guests?search=CONTOSO&status=invited").await;
    assert_eq!(guests.body["guests"][0]["email"], "anna@contoso.test");
    assert_eq!(guests.body["guests"][0]["id"], row["guest"]);
    let of_guest = api
        .get(&format!(
            "/api/v1/invitations?guest={}",
            row["guest"].as_str().unwrap()
        ))
        .await;
    assert_eq!(of_guest.body["invitations"].as_array().unwrap().len(), 1);
    let none = api.get("/api/v1/guests?status=blocked").await;
    assert_eq!(none.body, json!({ "guests": [], "next": null }));
}

#[tokio::test]
async fn a_repeated_request_is_answered_again() {
    let api = Api::new().await;
    let body = json!({ "email": "anna@contoso.test", "app": "notes" });
    let first = api.invite(body.clone(), Some("k1")).await;
    let again = api.invite(body, Some("k1")).await;
    assert_eq!(
        (first.status, again.status),
        (StatusCode::CREATED, StatusCode::OK)
    );
    assert_eq!(first.body["id"], again.body["id"]);
}

#[tokio::test]
async fn the_route_of_an_address() {
    let api = Api::new().await;
    let answer = api
        .get("/api/v1/route?address=anna%40contoso.test&app=notes")
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["because"], "fallback");
    assert_eq!(answer.body["known"], false);
    assert_eq!(
        answer.body["access"],
        json!({ "allowed": false, "reason": "not_invited" })
    );
    let trace = answer.body["trace"].as_array().unwrap();
    assert_eq!(trace.iter().filter(|step| step["decided"] == true).count(), 1);
    assert_eq!(
        api.get("/api/v1/route?address=anna%40contoso.test").await.body["access"],
        Value::Null
    );
}

#[tokio::test]
async fn the_audit_log_is_searched() {
    let api = Api::new().await;
    api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
        .await;
    let all = api.get("/api/v1/audit").await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.body);
    let actions = |answer: &Answer| -> Vec<String> {
        let events = answer.body["events"].as_array().unwrap().iter();
        events
            .map(|event| event["action"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        actions(&all),
        [
            "invitation.created",
            "guest.added",
            "api_token.created",
            "app.added",
        ]
    );
    let newest = &all.body["events"][0];
    assert_eq!(newest["actor"], "notes-backend");
    assert_eq!(newest["actor_kind"], "operator");
    let at = newest["at"].as_str().unwrap();
    assert!(newest["details"].is_object());
    let guest = newest["guest"].as_str().unwrap();

    for (query, expected) in [
        ("action=guest".to_owned(), vec!["guest.added"]),
        ("action=app&app=notes".into(), vec!["app.added"]),
        (format!("guest={guest}&limit=1"), vec!["invitation.created"]),
        (format!("until={at}"), vec![]),
        (format!("since={at}&action=api_token"), vec!["api_token.created"]),
        ("sign_in=018f2f6e-0000-7000-8000-000000000000".into(), vec![]),
    ] {
        assert_eq!(
            actions(&api.get(&format!("/api/v1/audit?{query}")).await),
            expected,
            "{query}"
        );
    }
    for query in [
        "guest=anna",
        "sign_in=x",
        "since=yesterday",
        "until=1",
        "limit=0",
        "limit=1001",
        "wher=1",
    ] {
        let answer = api.get(&format!("/api/v1/audit?{query}")).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{query}: {}",
            answer.body
        );
        let (field, _) = query.split_once('=').unwrap();
        assert!(
            answer.body["detail"].as_str().unwrap().contains(field),
            "{query}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn what_no_database_can_hold_is_nowhere() {
    for database in databases().await {
        let api = Api::on(database).await;
        for (path, status) in [
            ("/api/v1/audit?action=%00", StatusCode::OK),
            ("/api/v1/audit?app=%00", StatusCode::NOT_FOUND),
            ("/api/v1/guests?search=%00", StatusCode::OK),
            ("/api/v1/invitations?app=%00", StatusCode::NOT_FOUND),
            ("/api/v1/route?address=a@x.example&app=%00", StatusCode::NOT_FOUND),
            (
                "/api/v1/route?address=a%00@x.example",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
        ] {
            assert_eq!(api.get(path).await.status, status, "{path}");
        }
        let revoked = api.ask("DELETE", "/api/v1/tokens/%00", Value::Null).await;
        assert_eq!(revoked.status, StatusCode::NOT_FOUND);
        for body in [
            json!({ "email": "anna@contoso.test", "app": "no\0tes" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "name": "a\0b" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "a\0b" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "about": "a\0b" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "message": "a\0b" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "language": "a\0b" }),
            json!({ "email": "anna@contoso.test", "app": "notes", "reply_to": "a\0b@x.test" }),
        ] {
            let answer = api.invite(body.clone(), None).await;
            assert!(
                answer.status.is_client_error(),
                "{body}: {} {}",
                answer.status,
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn an_invitation_may_hold_its_guest_to_a_method() {
    let api = Api::new().await;
    let body =
        |pin: &str| json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee", "pin": pin });
    let unread = api.invite(body("codes"), None).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        unread.body["errors"][0],
        json!({ "field": "pin", "detail": "must be passcode, tenant:NAME or provider:NAME" }),
        "{}",
        unread.body
    );
    let unknown = api.invite(body("tenant:contoso"), None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.body);
    let invited = api.invite(body("passcode"), None).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{}", invited.body);
    let route = api.get("/api/v1/route?address=anna%40contoso.test").await;
    assert_eq!(route.body["because"], "pinned", "{}", route.body);
}
