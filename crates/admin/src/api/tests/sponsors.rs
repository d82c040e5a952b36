//! Sponsors, by the API.

use super::*;

#[tokio::test]
async fn a_sponsor_is_listed_handed_over_removed_and_restored() {
    for database in databases().await {
        let api = Api::on(database).await;
        let body = json!({ "email": "anna@contoso.test", "app": "notes", "invited_by": "Lee" });
        api.invite(body, None).await;
        let place = "/api/v1/guests/anna@contoso.test/assignments/notes";
        let placed = api.ask("PUT", place, json!({ "sponsor": "Lee@Acme.test" })).await;
        assert_eq!(placed.status, StatusCode::OK, "{}", placed.body);
        let owned = json!({ "owner": "lee@acme.test" });
        api.ask("PATCH", "/api/v1/apps/notes", owned).await;

        let sponsor = |address: &str, assignments, apps, removed_at: Option<&str>| json!({ "address": address, "assignments": assignments, "apps": apps, "removed_at": removed_at });
        let list = api.get("/api/v1/sponsors").await;
        assert_eq!(
            list.body["sponsors"],
            json!([sponsor("lee@acme.test", 1, 1, None)])
        );
        let over = api
            .ask(
                "POST",
                "/api/v1/sponsors/lee@acme.test/hand-over",
                json!({ "to": "kim@acme.test" }),
            )
            .await;
        assert_eq!(over.body, sponsor("kim@acme.test", 1, 1, None), "{}", over.status);
        let removed = api
            .ask("POST", "/api/v1/sponsors/kim@acme.test/remove", json!({}))
            .await;
        assert_eq!(removed.status, StatusCode::OK, "{}", removed.body);
        assert!(removed.body["removed_at"].is_string());
        let list = api.get("/api/v1/sponsors?removed=true&limit=1").await;
        assert_eq!(
            (&list.body["sponsors"], &list.body["next"]),
            (&json!([removed.body]), &json!(null))
        );
        let behind = api.get("/api/v1/sponsors?after=kim@acme.test").await;
        assert_eq!(behind.body["sponsors"], json!([]));
        let restored = api
            .ask("POST", "/api/v1/sponsors/kim@acme.test/restore", json!({}))
            .await;
        assert_eq!(restored.body, sponsor("kim@acme.test", 1, 1, None));
        let nobody = api.ask("POST", "/api/v1/sponsors/kim/remove", json!({})).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", nobody.body);
        let cursor = api.get("/api/v1/sponsors?after=%00").await;
        assert_eq!(cursor.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", cursor.body);
    }
}
