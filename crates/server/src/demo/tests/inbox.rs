//! The inbox for people.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;
use test_support::samples;

use super::{ANNA, text, world};

#[tokio::test]
async fn the_inbox_shows_mail_and_runs_nothing_of_it() {
    let world = world().await;
    assert!(world.get("/dev/inbox").await.1.contains("Nothing was mailed"));
    world.mail_invitation().await;
    let code = world.mail_code(ANNA, 1).await;
    let (status, page) = world.get("/dev/inbox").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.find("/dev/inbox/2").unwrap() < page.find("/dev/inbox/1").unwrap(),
        "newest first"
    );
    assert!(
        page.contains(&format!("<p class=\"code\"><bdi>{code}</bdi></p>")) && page.contains("is good until")
    );

    let invitation = world
        .ask(Request::get("/dev/inbox/1").body(Body::empty()).unwrap())
        .await;
    let policy = invitation.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    let page = text(invitation).await;
    assert!(page.contains("<a href=\"https://login.acme.example/invitation/abc\">"));
    assert!(!page.contains("<script"), "{page}");

    let mail = world
        .ask(Request::get("/dev/inbox/1/html").body(Body::empty()).unwrap())
        .await;
    let policy = mail.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("sandbox ")
            && !policy.contains("allow-scripts")
            && !policy.contains("same-origin")
    );
    assert_eq!(mail.headers()["x-frame-options"], "SAMEORIGIN");
    assert!(
        text(mail)
            .await
            .contains("<a target=\"_blank\" href=\"https://login.acme.example/")
    );

    world.post("/dev/clock", json!({ "advance": "31m" })).await;
    assert!(world.get("/dev/inbox").await.1.contains("code over"));
    assert_eq!(world.get("/dev/inbox/99").await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/dev/inbox/99/html").await.0, StatusCode::NOT_FOUND);
    assert!(world.get("/dev/style.css").await.1.contains(".code"));
}

/// The commonest first mistake is said where one looks.
#[tokio::test]
async fn the_inbox_says_why_there_is_no_code() {
    let world = world().await;
    let (app, stranger) = (samples::app(), "me@elsewhere.test");
    let sign_in = samples::sign_in(&app);
    let suppressed = domain::passcode::PasscodeChallenge {
        suppressed: true,
        ..samples::challenge(&sign_in, stranger)
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_app(&app).await.unwrap();
    tx.insert_sign_in(&sign_in).await.unwrap();
    tx.insert_challenge(&suppressed).await.unwrap();
    tx.commit().await.unwrap();
    let (_, page) = world.get("/dev/inbox").await;
    for words in [
        stranger,
        "not invited to the app",
        "vestibule invite send me@elsewhere.test --app",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
