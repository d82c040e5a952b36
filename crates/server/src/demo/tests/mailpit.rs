//! The inbox for programs.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{ANNA, text, world};

#[tokio::test]
async fn the_api_has_mailpits_shape() {
    let world = world().await;
    let empty = world.json("/dev/api/v1/messages").await;
    assert_eq!((&empty["total"], &empty["messages"]), (&json!(0), &json!([])));
    world.mail_code(ANNA, 1).await;
    let code = world.mail_code("ben@contoso.test", 2).await;

    let list = world.json("/dev/api/v1/messages").await;
    for (name, value) in [
        ("total", 2),
        ("unread", 2),
        ("count", 2),
        ("messages_count", 2),
        ("messages_unread", 2),
        ("start", 0),
    ] {
        assert_eq!(list[name], json!(value), "{name}");
    }
    assert_eq!(list["tags"], json!([]));
    let newest = &list["messages"][0];
    assert_eq!(newest["ID"], "2");
    assert_eq!(
        newest["From"],
        json!({ "Name": "Acme", "Address": "signin@acme.test" })
    );
    assert_eq!(
        newest["To"],
        json!([{ "Name": "", "Address": "ben@contoso.test" }])
    );
    assert_eq!(
        newest["ReplyTo"],
        json!([{ "Name": "", "Address": "helpdesk@acme.test" }])
    );
    assert_eq!(
        newest["Subject"],
        json!(format!("{code} is your Acme sign-in code"))
    );
    assert_eq!(newest["Created"], "2027-03-01T09:00:00.000Z");
    assert!(newest["MessageID"].as_str().unwrap().ends_with("@acme.test"));
    let snippet = newest["Snippet"].as_str().unwrap();
    assert!(snippet.starts_with(&code) && snippet.chars().count() <= 250 && !snippet.contains('\n'));
    assert!(newest["Size"].as_u64().unwrap() > 500);
    for name in ["Read", "Cc", "Bcc", "Tags", "Username", "Attachments"] {
        assert!(!newest[name].is_null(), "{name}");
    }
    let second = world.json("/dev/api/v1/messages?start=1&limit=1").await;
    assert_eq!(
        (second["messages"][0]["ID"].as_str(), &second["count"]),
        (Some("1"), &json!(1))
    );

    let one = world.json("/dev/api/v1/message/1").await;
    assert!(
        one["Text"].as_str().unwrap().contains("K7QF") && one["HTML"].as_str().unwrap().contains("<strong")
    );
    for name in ["ReturnPath", "Date", "Inline", "Attachments", "ListUnsubscribe"] {
        assert!(!one[name].is_null(), "{name}");
    }
    assert_eq!(world.json("/dev/api/v1/message/latest").await["ID"], "2");
    assert_eq!(
        world
            .json("/dev/api/v1/message/latest?to=ANNA@contoso.test")
            .await["ID"],
        "1"
    );
    assert_eq!(
        world
            .json("/dev/api/v1/message/latest?query=to:anna@contoso.test")
            .await["ID"],
        "1"
    );
    let found = world
        .json("/dev/api/v1/search?query=to:%22anna@contoso.test%22")
        .await;
    assert_eq!(
        (&found["total"], &found["messages_count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        world.get("/dev/api/v1/search?query=subject:x").await.0,
        StatusCode::BAD_REQUEST
    );
    let headers = world.json("/dev/api/v1/message/1/headers").await;
    assert_eq!(headers["Auto-Submitted"], json!(["auto-generated"]));
    assert!(
        world
            .get("/dev/api/v1/message/1/raw")
            .await
            .1
            .starts_with("From: ")
    );
    assert_eq!(world.get("/dev/api/v1/message/9").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn mails_are_deleted_one_by_one_or_all() {
    let world = world().await;
    for number in 1..=3 {
        world.mail_code(ANNA, number).await;
    }
    let delete = async |body: &str| {
        let request = Request::delete("/dev/api/v1/messages")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = world.ask(request).await;
        (answer.status(), text(answer).await)
    };
    assert_eq!(delete("{\"IDs\":[\"2\"]}").await, (StatusCode::OK, "ok".into()));
    assert_eq!(world.json("/dev/api/v1/messages").await["total"], 2);
    assert_eq!(delete("nonsense").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(delete("").await.0, StatusCode::OK);
    assert_eq!(world.json("/dev/api/v1/messages").await["total"], 0);
}

#[tokio::test]
async fn the_newest_code_for_an_address() {
    let world = world().await;
    let (status, body) = world.get(&format!("/dev/api/code?to={ANNA}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap()["status"],
        404,
        "a problem document: {body}"
    );
    assert_eq!(world.get("/dev/api/code").await.0, StatusCode::BAD_REQUEST);
    world.mail_code(ANNA, 1).await;
    let code = world.mail_code(ANNA, 2).await;
    world.mail_code("ben@contoso.test", 3).await;
    world.mail_invitation().await;
    let answer = world.json(&format!("/dev/api/code?to={ANNA}")).await;
    assert_eq!(
        answer,
        json!({ "code": code, "expires_at": "2027-03-01T09:30:00.000Z" })
    );
}
