//! Conditional requests: who changes what they have read does not undo what another did meanwhile.

use chrono::TimeDelta;
use domain::time::rfc3339;

use super::*;

const NOTES: &str = "/api/v1/apps/notes";

impl Api {
    /// Asks on a condition: the header's name, and its value.
    async fn ask_if(&self, method: &str, path: &str, condition: (&str, &str), body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(condition.0, condition.1);
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn etag(&self, path: &str) -> String {
        let shown = self.get(path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}: {}", shown.body);
        shown.headers[header::ETAG].to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn what_a_reader_has_is_not_told_again() {
    let api = Api::new().await;
    let tag = api.etag(NOTES).await;
    for (known, expected) in [
        (tag.as_str(), StatusCode::NOT_MODIFIED),
        (&format!("W/{tag}"), StatusCode::NOT_MODIFIED),
        (&format!("\"other\", {tag}"), StatusCode::NOT_MODIFIED),
        ("*", StatusCode::NOT_MODIFIED),
        ("\"other\"", StatusCode::OK),
        (tag.trim_matches('"'), StatusCode::OK),
    ] {
        let answer = api
            .ask_if("GET", NOTES, ("if-none-match", known), Value::Null)
            .await;
        assert_eq!(answer.status, expected, "{known}");
        assert_eq!(answer.headers[header::ETAG], tag, "{known}");
        assert_eq!(answer.body.is_null(), expected == StatusCode::NOT_MODIFIED);
    }
}

/// Where something is shown and changed: each with a change that changes something.
#[tokio::test]
async fn what_has_changed_since_is_not_changed() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.ask("POST", "/api/v1/groups", json!({ "name": "auditors" }))
            .await;
        for (path, one, other) in [
            (
                "/api/v1/groups/auditors",
                json!({ "add_apps": ["notes"] }),
                json!({ "remove_apps": ["notes"] }),
            ),
            (
                NOTES,
                // Two addresses of one domain.
                json!({ "owner": "lee@acme.test" }),
                json!({ "owner": "kim@acme.test" }),
            ),
        ] {
            let seen = api.etag(path).await;
            let saw = ("if-match", seen.as_str());
            let done = api.ask_if("PATCH", path, saw, one.clone()).await;
            assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.body);
            let now = api.etag(path).await;
            assert_ne!(now, seen, "{path}");
            for stale in [seen.as_str(), "\"other\"", &format!("W/{now}"), "other"] {
                let late = api
                    .ask_if("PATCH", path, ("if-match", stale), other.clone())
                    .await;
                assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{path}: {stale}");
                assert_eq!(late.body["type"], "urn:vestibule:problem:changed");
                let late = api.ask_if("DELETE", path, ("if-match", stale), Value::Null).await;
                assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{path}: {stale}");
            }
            assert_eq!(api.etag(path).await, now, "{path}: it stays");
            let any = api.ask_if("PATCH", path, ("if-match", "*"), other).await;
            assert_eq!(any.status, StatusCode::OK, "{path}");
            assert_ne!(api.etag(path).await, now, "{path}");
            let now = api.etag(path).await;
            let several = format!("\"other\", {now}");
            let gone = api
                .ask_if("DELETE", path, ("if-match", &several), Value::Null)
                .await;
            assert_eq!(gone.status, StatusCode::NO_CONTENT, "{path}");
        }
    }
}

/// Guests and invitations: each change that can be made of them, on what was seen before another.
#[tokio::test]
async fn a_guest_or_an_invitation_that_has_changed_since_is_left_as_it_is() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        let invited = api.ask("POST", "/api/v1/invitations", body).await;
        let invitation = format!("/api/v1/invitations/{}", invited.body["id"].as_str().unwrap());
        let guest = "/api/v1/guests/anna@contoso.test";
        for (path, first, changes) in [
            (
                guest,
                ("PUT", "/expiry", json!({ "valid_until": "2099-01-01T00:00:00Z" })),
                vec![
                    ("POST", "/block", json!({})),
                    ("POST", "/unblock", Value::Null),
                    ("POST", "/convert", json!({})),
                    ("POST", "/restore", Value::Null),
                    ("POST", "/erase", json!({})),
                    ("POST", "/reset-method", Value::Null),
                    ("PUT", "/address", json!({ "address": "anna@new.test" })),
                    ("PUT", "/pin", json!({ "pin": "passcode" })),
                    ("DELETE", "/pin", Value::Null),
                    ("PUT", "/expiry", json!({ "valid_until": "2098-01-01T00:00:00Z" })),
                    ("DELETE", "/expiry", Value::Null),
                    ("DELETE", "", Value::Null),
                ],
            ),
            (
                &invitation,
                ("POST", "/extend", json!({ "expires_at": "2099-01-01T00:00:00Z" })),
                vec![
                    ("POST", "/resend", Value::Null),
                    ("POST", "/extend", json!({ "expires_at": "2099-02-01T00:00:00Z" })),
                    ("POST", "/revoke", json!({})),
                ],
            ),
        ] {
            let seen = api.etag(path).await;
            let again = api
                .ask_if("GET", path, ("if-none-match", &seen), Value::Null)
                .await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
            let (method, what, body) = first;
            let done = api
                .ask_if(method, &format!("{path}{what}"), ("if-match", &seen), body)
                .await;
            assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.body);
            let now = api.etag(path).await;
            assert_ne!(now, seen, "{path}");
            for (method, what, body) in changes {
                let late = api
                    .ask_if(method, &format!("{path}{what}"), ("if-match", &seen), body)
                    .await;
                let status = StatusCode::PRECONDITION_FAILED;
                assert_eq!(late.status, status, "{method} {path}{what}: {}", late.body);
            }
            assert_eq!(api.etag(path).await, now, "{path}: it stays");
        }
        let seen = api.etag(&invitation).await;
        let revoke = format!("{invitation}/revoke");
        let done = api.ask_if("POST", &revoke, ("if-match", &seen), json!({})).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        let seen = api.etag(guest).await;
        let done = api
            .ask_if("DELETE", guest, ("if-match", &seen), Value::Null)
            .await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    }
}

/// A tenant: each change on what was seen before another, and a secret that is another one by now is a change.
#[tokio::test]
async fn a_tenant_that_has_changed_since_is_left_as_it_is() {
    for database in databases().await {
        let api = Api::on(database).await;
        let at = "/api/v1/upstreams/tenant/contoso";
        let untested = format!("{at}?untested=true");
        let body = json!({
            "domains": ["contoso.test"], "domain_proof": "operator",
            "issuer": "https://login.contoso.test", "client_id": "acme", "client_secret": "hunter2",
        });
        let added = api.ask("POST", &untested, body).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);
        let seen = api.etag(at).await;
        let known = ("if-none-match", seen.as_str());
        let again = api.ask_if("GET", at, known, Value::Null).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);

        let secret = json!({ "client_secret": "hunter3" });
        let done = api.ask_if("PATCH", &untested, ("if-match", &seen), secret).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        let now = api.etag(at).await;
        assert_ne!(now, seen);
        for (method, path, body) in [
            ("PATCH", untested.clone(), json!({ "display_name": "Other" })),
            (
                "PATCH",
                format!("{untested}&dry_run=true"),
                json!({ "domains": [] }),
            ),
            ("POST", format!("{at}/enable"), Value::Null),
            ("POST", format!("{at}/disable"), Value::Null),
            ("DELETE", at.to_owned(), Value::Null),
        ] {
            let late = api.ask_if(method, &path, ("if-match", &seen), body).await;
            let status = StatusCode::PRECONDITION_FAILED;
            assert_eq!(late.status, status, "{method} {path}: {}", late.body);
        }
        assert_eq!(api.etag(at).await, now, "it stays");
        let enable = format!("{at}/enable");
        let done = api.ask_if("POST", &enable, ("if-match", &now), Value::Null).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        let now = api.etag(at).await;
        // Where its domains stand is shown as well.
        let domain = "/api/v1/domains/contoso.test/tenants/contoso";
        assert_eq!(
            api.ask("DELETE", domain, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        let late = api.ask_if("DELETE", at, ("if-match", &now), Value::Null).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{}", late.body);
        let now = api.etag(at).await;
        let done = api.ask_if("DELETE", at, ("if-match", &now), Value::Null).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    }
}

/// Assignments, to an app and to a group: made, changed and ended only as they were seen.
#[tokio::test]
async fn an_assignment_that_has_changed_since_is_left_as_it_is() {
    const CHANGED: StatusCode = StatusCode::PRECONDITION_FAILED;
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        api.ask("POST", "/api/v1/invitations", body).await;
        let group = json!({ "name": "auditors", "apps": ["notes"] });
        api.ask("POST", "/api/v1/groups", group).await;
        let until = |year: i32| json!({ "ends_at": format!("{year}-01-01T00:00:00Z") });
        for path in [
            "/api/v1/guests/anna@contoso.test/assignments/notes",
            "/api/v1/guests/anna@contoso.test/groups/auditors",
        ] {
            // Nothing is there that somebody could have seen.
            assert_eq!(api.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
            for (method, seen) in [("PUT", "*"), ("PUT", "\"other\""), ("DELETE", "*")] {
                let early = api.ask_if(method, path, ("if-match", seen), until(2098)).await;
                assert_eq!(early.status, CHANGED, "{method} {path} {seen}: {}", early.body);
            }
            assert_eq!(api.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
            let made = api.ask("PUT", path, until(2098)).await;
            assert_eq!(made.status, StatusCode::OK, "{path}: {}", made.body);
            assert_eq!(api.get(path).await.body, made.body, "{path}");

            let seen = api.etag(path).await;
            let known = ("if-none-match", seen.as_str());
            let again = api.ask_if("GET", path, known, Value::Null).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
            let done = api.ask_if("PUT", path, ("if-match", &seen), until(2099)).await;
            assert_eq!(done.status, StatusCode::OK, "{path}: {}", done.body);
            let now = api.etag(path).await;
            assert_ne!(now, seen, "{path}");
            for method in ["PUT", "DELETE"] {
                let late = api.ask_if(method, path, ("if-match", &seen), until(2098)).await;
                assert_eq!(late.status, CHANGED, "{method} {path}: {}", late.body);
            }
            assert_eq!(api.etag(path).await, now, "{path}: it stays");
            let any = api.ask_if("PUT", path, ("if-match", "*"), until(2098)).await;
            assert_eq!(any.status, StatusCode::OK, "{path}: {}", any.body);
            let now = api.etag(path).await;
            let done = api.ask_if("DELETE", path, ("if-match", &now), Value::Null).await;
            assert_eq!(done.status, StatusCode::NO_CONTENT, "{path}: {}", done.body);
            let ended = api.get(path).await;
            assert_eq!(ended.body["active"], false, "{path}: it is shown still");
        }
    }
}

/// Whether it counts is shown: the clock changes an assignment as well.
#[tokio::test]
async fn an_assignment_that_ended_meanwhile_has_changed() {
    let api = Api::new().await;
    let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
    api.ask("POST", "/api/v1/invitations", body).await;
    let path = "/api/v1/guests/anna@contoso.test/assignments/notes";
    let ends_at = rfc3339(api.core.now() + TimeDelta::hours(1));
    api.ask("PUT", path, json!({ "ends_at": ends_at })).await;
    let seen = api.etag(path).await;
    api.clock.advance(TimeDelta::hours(2));
    assert_ne!(api.etag(path).await, seen);
    let late = api.ask_if("PUT", path, ("if-match", &seen), json!({})).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{}", late.body);
}

#[tokio::test]
async fn of_two_who_change_at_once_one_does() {
    for database in databases().await {
        let api = Api::on(database).await;
        let seen = api.etag(NOTES).await;
        let saw = ("if-match", seen.as_str());
        let (one, other) = tokio::join!(
            api.ask_if("PATCH", NOTES, saw, json!({ "name": "One" })),
            api.ask_if("PATCH", NOTES, saw, json!({ "name": "Two" })),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::PRECONDITION_FAILED]);
        let name = api.get(NOTES).await.body["name"].clone();
        let of_the_first = if one.status == StatusCode::OK {
            "One"
        } else {
            "Two"
        };
        assert_eq!(name, of_the_first);
    }
}

/// A condition that nobody looks at would let its sender believe in it.
#[tokio::test]
async fn a_condition_is_refused_where_nobody_looks_at_it() {
    let api = Api::new().await;
    let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
    let refused = api
        .ask_if("POST", "/api/v1/invitations", ("if-match", "\"x\""), body)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["errors"][0]["field"], "If-Match");
    // None that changes something looks at this one, not even where it takes `If-Match`.
    let refused = api
        .ask_if("DELETE", NOTES, ("if-none-match", "*"), Value::Null)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["errors"][0]["field"], "If-None-Match");
    assert_eq!(api.get(NOTES).await.status, StatusCode::OK);
    // Where there is no such operation, that is what is said.
    let none = ("if-match", "\"x\"");
    for (method, path) in [
        ("PUT", "/api/v1/guests"),
        ("POST", "/api/v1/guests/anna@contoso.test/pin"),
    ] {
        let refused = api.ask_if(method, path, none, json!({})).await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
    }
    assert_eq!(api.get("/api/v1/guests").await.body["guests"], json!([]));
}
