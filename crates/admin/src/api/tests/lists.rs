//! Lists, page by page.

use std::collections::BTreeSet;

use super::*;

/// Everybody once, however short the pages are, and although nobody's clock has moved between two of them.
#[tokio::test]
async fn lists_are_read_page_by_page_to_their_end() {
    for database in databases().await {
        let api = Api::on(database).await;
        let group = json!({ "name": "auditors", "apps": ["notes"] });
        api.ask("POST", "/api/v1/groups", group).await;
        for n in 0..5 {
            let email = format!("guest.{n}@contoso.test");
            let body = json!({ "email": email, "app": "notes", "invited_by": "Lee" });
            assert_eq!(api.invite(body, None).await.status, StatusCode::CREATED);
            let assigned = json!({});
            let path = format!("/api/v1/guests/{email}/assignments/notes");
            assert!(api.ask("PUT", &path, assigned.clone()).await.status.is_success());
            let path = format!("/api/v1/guests/{email}/groups/auditors");
            assert!(api.ask("PUT", &path, assigned).await.status.is_success());
        }
        for (path, field, key, least) in [
            ("/api/v1/guests?status=invited", "guests", "id", 5),
            ("/api/v1/invitations?app=notes", "invitations", "id", 5),
            ("/api/v1/assignments?app=notes", "assignments", "", 10),
            ("/api/v1/assignments?group=auditors", "assignments", "guest", 5),
            ("/api/v1/groups/auditors/guests?", "guests", "guest", 5),
            ("/api/v1/audit?action=invitation", "events", "id", 5),
            ("/api/v1/access-requests?app=notes", "access_requests", "id", 0),
        ] {
            let mut seen = BTreeSet::new();
            let mut after = String::new();
            loop {
                let page = api.get(&format!("{path}&limit=2{after}")).await;
                assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
                let rows = page.body[field].as_array().unwrap();
                assert!(rows.len() <= 2, "{path}");
                for row in rows {
                    // Without a key the whole row is it.
                    let row = row.get(key).unwrap_or(row);
                    assert!(seen.insert(row.to_string()), "{path}: {row} comes twice");
                }
                let Some(next) = page.body["next"].as_str() else {
                    break;
                };
                after = format!("&after={next}");
            }
            assert_eq!(seen.len(), least, "{path}");
            let whole = api.get(path).await;
            assert_eq!(whole.body["next"], Value::Null, "{path}");
            assert_eq!(whole.body[field].as_array().unwrap().len(), least, "{path}");
            let wrong = api.get(&format!("{path}&after=elsewhere!")).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            assert_eq!(wrong.body["errors"][0]["field"], "after", "{path}");
        }
    }
}
