//! Groups, by the API.

use super::*;

#[tokio::test]
async fn a_group_is_made_filled_changed_and_removed() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        api.invite(body, None).await;
        let made = api
            .ask(
                "POST",
                "/api/v1/groups",
                json!({ "name": "auditors", "apps": ["notes"] }),
            )
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body["apps"], json!(["notes"]));
        let place = "/api/v1/guests/anna@contoso.test/groups/auditors";
        let placed = api
            .ask(
                "PUT",
                place,
                json!({ "ends_at": "2999-01-01T00:00:00Z", "sponsor": "Lee" }),
            )
            .await;
        assert_eq!(placed.status, StatusCode::OK, "{}", placed.body);
        assert_eq!(
            (&placed.body["group"], &placed.body["active"]),
            (&json!("auditors"), &json!(true))
        );
        let guests = api.get("/api/v1/groups/auditors/guests").await;
        assert_eq!(guests.body["guests"], json!([placed.body]));
        let groups = api.get("/api/v1/guests/anna@contoso.test/groups").await;
        assert_eq!(groups.body["groups"], json!([placed.body]));
        let held = api.get("/api/v1/assignments?group=auditors").await;
        let held = &held.body["assignments"][0];
        assert_eq!(
            (&held["app"], &held["group"]),
            (&json!("notes"), &json!("auditors"))
        );

        let renamed = api
            .ask(
                "PATCH",
                "/api/v1/groups/auditors",
                json!({ "name": "board", "remove_apps": ["notes"] }),
            )
            .await;
        assert_eq!(
            (renamed.status, &renamed.body["apps"]),
            (StatusCode::OK, &json!([]))
        );
        let list = api.get("/api/v1/groups").await;
        assert_eq!(list.body["groups"], json!([renamed.body]));
        assert_eq!(api.get("/api/v1/groups/board").await.body, renamed.body);
        assert_eq!(
            api.get("/api/v1/groups/auditors").await.status,
            StatusCode::NOT_FOUND
        );

        let place = "/api/v1/guests/anna@contoso.test/groups/board?reason=over";
        for _ in 0..2 {
            let out = api.ask("DELETE", place, Value::Null).await;
            assert_eq!(out.status, StatusCode::NO_CONTENT, "{}", out.body);
        }
        let guests = api.get("/api/v1/groups/board/guests").await;
        assert_eq!(guests.body["guests"][0]["active"], json!(false));
        for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
            let gone = api.ask("DELETE", "/api/v1/groups/board", Value::Null).await;
            assert_eq!(gone.status, expected);
        }
    }
}
