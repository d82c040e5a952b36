//! Guests and what they may use, by HTTP.

use super::*;

const ANNA: &str = "/api/v1/guests/anna@contoso.test";

#[tokio::test]
async fn a_guest_is_shown_blocked_and_unblocked() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
            .await;
        let shown = api.get(ANNA).await;
        assert_eq!(
            (shown.status, &shown.body["status"]),
            (StatusCode::OK, &json!("invited"))
        );
        let by_id = format!("/api/v1/guests/{}", shown.body["id"].as_str().unwrap());
        assert_eq!(api.get(&by_id).await.body, shown.body);

        let block = format!("{ANNA}/block");
        for _ in 0..2 {
            let blocked = api.ask("POST", &block, json!({ "reason": "left" })).await;
            assert_eq!(
                (blocked.status, &blocked.body["status"]),
                (StatusCode::OK, &json!("blocked"))
            );
        }
        let unblocked = api.ask("POST", &format!("{ANNA}/unblock"), Value::Null).await;
        assert_eq!(unblocked.body["status"], "invited");

        let wrong = api.ask("POST", &block, json!({ "because": "left" })).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for nobody in [
            "eve@contoso.test",
            "eve",
            "018f2f6e-0000-7000-8000-000000000000",
            "%00",
        ] {
            let answer = api.get(&format!("/api/v1/guests/{nobody}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nobody}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_assignment_is_made_listed_and_ended() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
            .await;
        let path = format!("{ANNA}/assignments/notes");
        let wish = json!({ "ends_at": "2027-06-01T00:00:00Z", "reason": "kickoff", "sponsor": "Lee" });
        let made = api.ask("PUT", &path, wish).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        assert_eq!(made.body["email"], "anna@contoso.test");
        assert_eq!(made.body["active"], true);
        assert_eq!(made.body["starts_at"], "2027-03-01T09:00:00Z");
        let listed = api
            .get("/api/v1/assignments?guest=anna@contoso.test&app=notes")
            .await;
        assert_eq!(listed.body, json!({ "assignments": [made.body], "next": null }));

        for _ in 0..2 {
            let ended = api
                .ask("DELETE", &format!("{path}?reason=over"), Value::Null)
                .await;
            assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
        }
        let listed = api.get("/api/v1/assignments").await;
        assert_eq!(listed.body["assignments"][0]["ends_at"], "2027-03-01T09:00:00Z");
        assert_eq!(listed.body["assignments"][0]["active"], false);
        // The invitation went with it.
        let invitations = api.get("/api/v1/invitations").await;
        assert_eq!(invitations.body["invitations"][0]["state"], "revoked");

        let backwards = api
            .ask("PUT", &path, json!({ "ends_at": "2020-01-01T00:00:00Z" }))
            .await;
        assert_eq!(backwards.status, StatusCode::UNPROCESSABLE_ENTITY);
        for (method, nowhere) in [
            ("PUT", format!("{ANNA}/assignments/files")),
            ("DELETE", format!("{ANNA}/assignments/files")),
            ("PUT", "/api/v1/guests/eve/assignments/notes".to_owned()),
            ("GET", "/api/v1/assignments?app=files".to_owned()),
            ("GET", "/api/v1/assignments?guest=eve".to_owned()),
        ] {
            let body = if method == "PUT" { json!({}) } else { Value::Null };
            let answer = api.ask(method, &nowhere, body).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {nowhere}");
        }
    }
}

#[tokio::test]
async fn assignments_come_page_by_page() {
    let api = Api::new().await;
    for number in 0..5 {
        let email = format!("guest{number}@contoso.test");
        api.invite(json!({ "email": email, "app": "notes" }), None).await;
        let path = format!("/api/v1/guests/{email}/assignments/notes");
        assert_eq!(api.ask("PUT", &path, json!({})).await.status, StatusCode::OK);
    }
    let (mut after, mut pages) = (String::new(), Vec::new());
    loop {
        let answer = api
            .get(&format!("/api/v1/assignments?app=notes&limit=2{after}"))
            .await;
        let emails = answer.body["assignments"].as_array().unwrap().iter();
        pages.push(
            emails
                .map(|one| one["email"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
        );
        let Some(next) = answer.body["next"].as_str() else {
            break;
        };
        after = format!("&after={next}");
    }
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    let mut all = pages.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 5, "each once");
    for wrong in ["after=2", "after=a.b", "limit=0", "limit=1001", "over=1"] {
        let answer = api.get(&format!("/api/v1/assignments?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn a_guest_is_removed_restored_converted_and_erased() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
            .await;
        let id = api.get(ANNA).await.body["id"].clone();
        let state = async || api.get(ANNA).await.body["status"].clone();

        let early = api.ask("POST", &format!("{ANNA}/erase"), json!({})).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.body);
        let removed = format!("{ANNA}?reason=left");
        for _ in 0..2 {
            let answer = api.ask("DELETE", &removed, Value::Null).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        }
        assert_eq!(state().await, "removed");
        let restored = api.ask("POST", &format!("{ANNA}/restore"), Value::Null).await;
        assert_eq!(restored.body["status"], "invited", "{}", restored.body);
        let converted = api
            .ask("POST", &format!("{ANNA}/convert"), json!({ "reason": "hired" }))
            .await;
        assert_eq!(converted.body["status"], "converted", "{}", converted.body);
        let blocked = api.ask("POST", &format!("{ANNA}/block"), json!({})).await;
        assert_eq!(blocked.status, StatusCode::CONFLICT, "{}", blocked.body);

        api.ask("DELETE", &removed, Value::Null).await;
        let erased = api
            .ask("POST", &format!("{ANNA}/erase"), json!({ "reason": "asked" }))
            .await;
        assert_eq!(erased.status, StatusCode::NO_CONTENT, "{}", erased.body);
        for gone in [
            ANNA.to_owned(),
            format!("/api/v1/guests/{}", id.as_str().unwrap()),
        ] {
            assert_eq!(api.get(&gone).await.status, StatusCode::NOT_FOUND, "{gone}");
        }
    }
}

#[tokio::test]
async fn the_end_of_a_guests_access_is_set_and_taken_away() {
    let api = Api::on(test_support::sqlite().await).await;
    api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
        .await;
    let path = format!("{ANNA}/expiry");
    let set = api
        .ask("PUT", &path, json!({ "valid_until": "2027-06-01T00:00:00Z" }))
        .await;
    assert_eq!(set.body["valid_until"], "2027-06-01T00:00:00Z", "{}", set.body);
    let never = api.ask("DELETE", &path, Value::Null).await;
    assert_eq!(
        (never.status, &never.body["valid_until"]),
        (StatusCode::OK, &Value::Null)
    );
    for wrong in [
        json!({}),
        json!({ "valid_until": "soon" }),
        json!({ "valid_until": null }),
    ] {
        let answer = api.ask("PUT", &path, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    }
}

/// A question of Anna's for the app.
async fn question(api: &Api) -> String {
    api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
        .await;
    let core = &api.core;
    let reader = core.store.reader();
    let email = domain::EmailAddress::parse("anna@contoso.test").unwrap();
    let guest = reader.guest_by_email(&email).await.unwrap().unwrap();
    let app = domain::app::App {
        owner: Some(domain::EmailAddress::parse("lee@acme.test").unwrap()),
        ..reader.app_by_client_id("notes").await.unwrap().unwrap()
    };
    let refusal = domain::access::AccessRefusal::AssignmentEnded;
    sign_in::access_request::ask(
        core,
        domain::audit::Actor::Guest(guest.id),
        guest.id,
        &app,
        refusal,
    )
    .await
    .unwrap();
    let listed = api.get("/api/v1/access-requests?state=pending&app=notes").await;
    assert_eq!(
        listed.body["access_requests"][0]["asked_of"], "lee@acme.test",
        "{}",
        listed.body
    );
    listed.body["access_requests"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_question_for_access_is_approved_or_refused_once() {
    for database in databases().await {
        let api = Api::on(database).await;
        let path = format!("/api/v1/access-requests/{}", question(&api).await);
        let past = json!({ "until": "2027-03-01T09:00:00Z" });
        let wrong = api.ask("POST", &format!("{path}/approve"), past).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
        let approved = api
            .ask(
                "POST",
                &format!("{path}/approve"),
                json!({ "until": "2027-06-01T00:00:00Z" }),
            )
            .await;
        assert_eq!(approved.body["state"], "approved", "{}", approved.body);
        let late = api.ask("POST", &format!("{path}/refuse"), Value::Null).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
        let assignments = api.get("/api/v1/assignments?guest=anna@contoso.test").await;
        assert_eq!(assignments.body["assignments"][0]["until"], Value::Null);
        assert_eq!(
            assignments.body["assignments"][0]["ends_at"], "2027-06-01T00:00:00Z",
            "{}",
            assignments.body
        );
        for nothing in ["eve", "018f2f6e-0000-7000-8000-000000000000"] {
            let answer = api
                .ask(
                    "POST",
                    &format!("/api/v1/access-requests/{nothing}/refuse"),
                    Value::Null,
                )
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
        }
        let wrong = api.get("/api/v1/access-requests?state=open").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    }
}

#[tokio::test]
async fn the_rules_and_whom_they_are_about() {
    let api = Api::on(test_support::sqlite().await).await;
    let none = api.get("/api/v1/guest-rules").await;
    assert_eq!(none.body, json!({ "rules": [], "due": [] }));
    let wrong = api.get("/api/v1/guest-rules?limit=0").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
}

#[tokio::test]
async fn how_a_guest_signs_in_is_pinned_reset_and_given_another_address() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.invite(json!({ "email": "anna@contoso.test", "app": "notes" }), None)
            .await;
        let id = api.get(ANNA).await.body["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/guests/{id}");
        let pin = format!("{path}/pin");
        for (wish, status) in [
            (json!({ "pin": "passcode" }), StatusCode::OK),
            (json!({ "pin": "letter" }), StatusCode::UNPROCESSABLE_ENTITY),
            (json!({ "pin": "tenant:nobody" }), StatusCode::NOT_FOUND),
        ] {
            let answer = api.ask("PUT", &pin, wish).await;
            assert_eq!(answer.status, status, "{}", answer.body);
        }
        assert_eq!(api.get(&path).await.body["pinned_method"], "passcode");
        let free = api.ask("DELETE", &pin, Value::Null).await;
        assert_eq!(free.body["pinned_method"], Value::Null, "{}", free.body);

        let reset = api
            .ask("POST", &format!("{path}/reset-method"), Value::Null)
            .await;
        assert_eq!(
            (reset.status, &reset.body["method"]),
            (StatusCode::OK, &Value::Null)
        );
        let address = format!("{path}/address");
        for (wish, status) in [
            (json!({ "address": "anna@fabrikam.test" }), StatusCode::OK),
            (json!({ "address": "anna@fabrikam.test" }), StatusCode::CONFLICT),
            (json!({ "address": "anna" }), StatusCode::UNPROCESSABLE_ENTITY),
            (json!({ "address": "anna@gmai1.com" }), StatusCode::CONFLICT),
            (
                json!({ "address": "anna@gmai1.com", "look_alike_is_meant": true }),
                StatusCode::OK,
            ),
        ] {
            let answer = api.ask("PUT", &address, wish.clone()).await;
            assert_eq!(answer.status, status, "{wish}: {}", answer.body);
        }

        let passkeys = api.get(&format!("{path}/passkeys")).await;
        assert_eq!(passkeys.body, json!({ "passkeys": [] }));
        for nothing in ["x", "018f2f6e-0000-7000-8000-000000000000"] {
            let gone = api
                .ask("DELETE", &format!("{path}/passkeys/{nothing}"), Value::Null)
                .await;
            assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.body);
        }
        let codes = "/api/v1/addresses/anna@contoso.test/reset-codes";
        assert_eq!(
            api.ask("POST", codes, Value::Null).await.status,
            StatusCode::NO_CONTENT
        );
        let wrong = api
            .ask("POST", "/api/v1/addresses/anna/reset-codes", Value::Null)
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);

        // Of one who is out there is no way in to decide about.
        api.ask("DELETE", &path, Value::Null).await;
        let reset = api
            .ask("POST", &format!("{path}/reset-method"), Value::Null)
            .await;
        assert_eq!(reset.status, StatusCode::CONFLICT, "{}", reset.body);
    }
}
