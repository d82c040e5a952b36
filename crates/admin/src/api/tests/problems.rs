//! What is refused, and how the answer says it (RFC 9457).

use super::*;

#[tokio::test]
async fn nobody_comes_in_without_a_live_token() {
    let api = Api::new().await;
    let paths = [
        "/api/v1/guests",
        "/api/v1/invitations",
        "/api/v1/route?address=a%40b.test",
    ];
    for authorization in [
        None,
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer wrong"),
        Some("Basic eDp5"),
    ] {
        for path in paths {
            let mut request = Request::get(path);
            if let Some(value) = authorization {
                request = request.header(header::AUTHORIZATION, value);
            }
            let answer = api.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{path} {authorization:?}"
            );
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(answer.body["status"], 401);
        }
    }
    let before = api.get("/api/v1/guests").await;
    revoke_api_token(&api.core, lee(), "notes-backend").await.unwrap();
    let after = api.get("/api/v1/guests").await;
    assert_eq!(
        (before.status, after.status),
        (StatusCode::OK, StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    for database in databases().await {
        let api = Api::on(database).await;
        let core = &api.core;
        let with = async |name: &str, scopes: &[ApiScope]| {
            let (_, secret) = create_api_token(core, lee(), name, scopes).await.unwrap();
            secret.expose().to_owned()
        };
        let (reads, invites) = (
            with("reads", &[ApiScope::GuestsRead]).await,
            with("invites", &[ApiScope::InvitationsWrite, ApiScope::AuditRead]).await,
        );
        let ask = async |token: &str, method: &str, path: &str| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header(header::CONTENT_TYPE, "application/json");
            api.send(request.body(Body::from("{}")).unwrap()).await
        };
        for (token, method, path, lacks) in [
            (&reads, "GET", "/api/v1/guests", None),
            (&reads, "GET", "/api/v1/assignments", None),
            (&reads, "GET", "/api/v1/apps", Some("apps:read")),
            (&reads, "GET", "/api/v1/audit", Some("audit:read")),
            (&reads, "POST", "/api/v1/guests/x/block", Some("guests:write")),
            (&reads, "POST", "/api/v1/invitations", Some("invitations:write")),
            (&invites, "GET", "/api/v1/invitations", None),
            (&invites, "GET", "/api/v1/audit", None),
            (&invites, "DELETE", "/api/v1/apps/notes", Some("apps:write")),
            (&invites, "GET", "/api/v1/guests", Some("guests:read")),
        ] {
            let answer = ask(token, method, path).await;
            let Some(lacks) = lacks else {
                assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
                continue;
            };
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
            let told = format!("Bearer error=\"insufficient_scope\", scope=\"{lacks}\"");
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], told);
            assert!(answer.body["detail"].as_str().unwrap().contains(lacks));
        }
        let none = create_api_token(core, lee(), "none", &[]).await;
        assert!(matches!(none, Err(actions::ActionError::Invalid(_))));
    }
}

#[tokio::test]
async fn problems_say_what_is_wrong() {
    let api = Api::new().await;
    let wrong = api
        .invite(
            json!({ "email": "anna", "app": "notes", "message": "x".repeat(501) }),
            None,
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&str> = wrong.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["email", "message"]);
    assert_eq!(wrong.body["type"], "urn:vestibule:problem:invalid");

    for (body, status) in [
        (
            json!({ "email": "a@b.test", "app": "nowhere" }),
            StatusCode::NOT_FOUND,
        ),
        (json!({ "email": "a@b.test" }), StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({ "email": "a@b.test", "app": "notes", "colour": "red" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "email": "a@b.test", "app": "notes", "access_until": "soon" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!("text"), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = api.invite(body.clone(), None).await;
        assert_eq!(answer.status, status, "{body} → {}", answer.body);
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{body}"
        );
    }
    for path in [
        "/api/v1/invitations?guest=anna",
        "/api/v1/invitations?app=nowhere",
        "/api/v1/assignments?app=nowhere",
        "/api/v1/access-requests?guest=anna",
        "/api/v1/audit?app=nowhere",
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} → {}", answer.body);
    }
    for path in [
        "/api/v1/guests?status=asleep",
        "/api/v1/guests?limit=0",
        "/api/v1/guests?colour=red",
        "/api/v1/route?address=anna",
        "/api/v1/route",
    ] {
        let answer = api.get(path).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} → {}",
            answer.body
        );
        assert!(
            answer.body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{path}"
        );
    }
    let nowhere = api.get("/api/v1/route?address=a%40b.test&app=nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_blocked_guest_and_a_used_up_quota() {
    let api = Api::new().await;
    let invited = api
        .invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
        .await;
    let guest = api.get("/api/v1/guests").await.body["guests"][0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    block_guest(&api.core, lee(), guest, None).await.unwrap();
    assert_eq!(invited.status, StatusCode::CREATED);
    let blocked = api
        .invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
        .await;
    assert_eq!(blocked.status, StatusCode::CONFLICT);
    for n in 2..50 {
        let body = json!({ "email": format!("guest{n}@contoso.test"), "app": "notes" });
        assert_eq!(api.invite(body, None).await.status, StatusCode::CREATED, "{n}");
    }
    // The refused invitation of a blocked guest was rolled back, and its count with it.
    let last = api
        .invite(json!({ "email": "last@contoso.test", "app": "notes" }), None)
        .await;
    assert_eq!(last.status, StatusCode::CREATED);
    let over = api
        .invite(json!({ "email": "over@contoso.test", "app": "notes" }), None)
        .await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(over.headers[header::RETRY_AFTER], "86400");
}
