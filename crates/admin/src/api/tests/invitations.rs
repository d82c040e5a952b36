//! What can be done with an invitation by HTTP.

use super::*;

#[tokio::test]
async fn without_a_mail_the_answer_has_the_link() {
    for database in databases().await {
        let api = Api::on(database).await;
        let wish = json!({ "email": "anna@contoso.test", "app": "notes", "mail": false });
        let made = api.invite(wish.clone(), Some("once")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let link = made.body["link"].as_str().unwrap();
        let token = link
            .strip_prefix("https://login.acme.example/invitation/")
            .unwrap();
        let reader = api.core.store.reader();
        let found = reader
            .invitation_by_token(&domain::Secret::presented(token).hash())
            .await
            .unwrap();
        assert_eq!(found.unwrap().id.to_string(), made.body["id"].as_str().unwrap());
        assert!(
            !reader
                .is_invitation_mail_waiting(made.body["id"].as_str().unwrap().parse().unwrap())
                .await
                .unwrap()
        );
        // A lost answer is repeated whole.
        let again = api.invite(wish, Some("once")).await;
        assert_eq!(
            (again.status, &again.body["link"]),
            (StatusCode::OK, &made.body["link"])
        );
        let mailed = api
            .invite(json!({ "email": "bob@contoso.test", "app": "notes" }), None)
            .await;
        assert!(mailed.body.get("link").is_none(), "{}", mailed.body);
        // Its mail may be sent later.
        let resend = format!("/api/v1/invitations/{}/resend", made.body["id"].as_str().unwrap());
        assert_eq!(api.ask("POST", &resend, Value::Null).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn invitations_are_listed_by_who_answers_for_them() {
    let api = Api::new().await;
    for (email, reply_to) in [
        ("anna@contoso.test", Some("Lee@ACME.test")),
        ("bob@contoso.test", Some("kim@acme.test")),
        ("carl@contoso.test", None),
    ] {
        let wish = json!({ "email": email, "app": "notes", "invited_by": "Lee", "reply_to": reply_to });
        assert_eq!(api.invite(wish, None).await.status, StatusCode::CREATED);
    }
    let listed = api.get("/api/v1/invitations?sponsor=lee@acme.test").await;
    let listed = listed.body["invitations"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["email"], "anna@contoso.test");
    let wrong = api.get("/api/v1/invitations?sponsor=lee").await;
    assert_eq!(wrong.body["errors"][0]["field"], "sponsor", "{}", wrong.body);
}

#[tokio::test]
async fn an_invitation_names_groups_and_is_shown_with_them() {
    for database in databases().await {
        let api = Api::on(database).await;
        api.ask("POST", "/api/v1/groups", json!({ "name": "auditors" }))
            .await;
        let wish = |group: &str| json!({ "email": "anna@contoso.test", "app": "notes", "groups": [group] });
        let refused = api.invite(wish("board"), None).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body["errors"][0]["field"], "groups", "{}", refused.body);
        let made = api.invite(wish("auditors"), None).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let path = format!("/api/v1/invitations/{}", made.body["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.body["groups"], json!(["auditors"]));
        let revoke = format!("{path}/revoke");
        let after = api.ask("POST", &revoke, json!({})).await;
        assert_eq!(after.body["groups"], json!(["auditors"]), "{}", after.body);
        let listed = api.get("/api/v1/invitations").await;
        assert!(listed.body["invitations"][0].get("groups").is_none());
    }
}

#[tokio::test]
async fn an_invitation_lives_its_whole_life() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes" });
        let made = api.invite(body, None).await;
        let path = format!("/api/v1/invitations/{}", made.body["id"].as_str().unwrap());
        let shown = api.get(&path).await;
        assert_eq!(
            (shown.status, &shown.body["state"]),
            (StatusCode::OK, &json!("pending"))
        );
        assert_eq!(shown.body["email"], "anna@contoso.test");

        let act = async |what: &str, body: Value| api.ask("POST", &format!("{path}/{what}"), body).await;
        assert_eq!(
            act("resend", json!({})).await.status,
            StatusCode::CONFLICT,
            "its mail waits"
        );
        let wrong = act("extend", json!({ "expires_at": "tomorrow" })).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
        assert_eq!(wrong.body["errors"][0]["field"], "expires_at");
        let extended = act("extend", json!({ "expires_at": "2028-01-01T00:00:00Z" })).await;
        assert_eq!(extended.status, StatusCode::OK, "{}", extended.body);
        assert_eq!(extended.body["expires_at"], "2028-01-01T00:00:00Z");
        let revoked = act("revoke", json!({ "reason": "the wrong Anna" })).await;
        assert_eq!(
            (revoked.status, &revoked.body["state"]),
            (StatusCode::OK, &json!("revoked"))
        );
        assert_eq!(
            act("revoke", json!({})).await.status,
            StatusCode::OK,
            "as it is already"
        );
        assert_eq!(act("extend", json!({})).await.status, StatusCode::CONFLICT);

        for (state, count) in [("revoked", 1), ("pending", 0), ("expired", 0), ("redeemed", 0)] {
            let list = api.get(&format!("/api/v1/invitations?state={state}")).await;
            assert_eq!(
                list.body["invitations"].as_array().unwrap().len(),
                count,
                "{state}"
            );
        }
        let wrong = api.get("/api/v1/invitations?state=open").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
        for nowhere in ["019aab7e-6a80-7fa4-b9fd-728003642653", "nothing"] {
            let path = format!("/api/v1/invitations/{nowhere}");
            assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND);
            let revoked = api.ask("POST", &format!("{path}/revoke"), json!({})).await;
            assert_eq!(revoked.status, StatusCode::NOT_FOUND);
        }
    }
}

/// In the words of the mail server.
#[tokio::test]
async fn an_invitation_says_what_became_of_its_mail() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        let invited = api.invite(body, None).await;
        let at = format!("/api/v1/invitations/{}", invited.body["id"].as_str().unwrap());
        let shown = api.get(&at).await;
        assert_eq!(
            (&shown.body["mail"], &shown.body["opened_at"]),
            (&json!("queued"), &Value::Null)
        );
        let reader = api.core.store.reader();
        let waiting = reader.mails(store::MailState::Pending, 9).await.unwrap();
        let tx = api.core.store.begin().await.unwrap();
        let said = "450 4.2.0 try again later";
        let due = api.core.now() + chrono::TimeDelta::minutes(5);
        tx.mail_retry(waiting[0].mail.id, due, said).await.unwrap();
        tx.commit().await.unwrap();
        let shown = api.get(&at).await;
        assert_eq!(shown.body["mail"], "deferred", "{}", shown.body);
        assert_eq!(shown.body["mail_said"], said);
        let body = json!({ "email": "ben@contoso.test", "app": "notes", "invited_by": "Lee", "mail": false });
        let invited = api.invite(body, None).await;
        let at = format!("/api/v1/invitations/{}", invited.body["id"].as_str().unwrap());
        assert_eq!(api.get(&at).await.body["mail"], "none");
    }
}
