//! The clock and the faults.

use axum::body::Body;
use chrono::TimeDelta;
use http::{Request, StatusCode, header};
use serde_json::json;
use test_support::{databases, samples};

use super::{ANNA, world, world_on};
use crate::mail::{MailError, Mailer as _, messages::Content};

#[tokio::test]
async fn the_clock_moves_for_everybody_and_rings_for_mail() {
    let world = world().await;
    assert_eq!(
        world.json("/dev/clock").await,
        json!({ "now": "2027-03-01T09:00:00.000Z", "shifted_by": "0s" })
    );
    let (status, shown) = world.post("/dev/clock", json!({ "advance": "31m" })).await;
    assert_eq!(
        (status, &shown["now"]),
        (StatusCode::OK, &json!("2027-03-01T09:31:00.000Z"))
    );
    assert_eq!(world.core.now(), samples::now() + TimeDelta::minutes(31));
    let rung = tokio::time::timeout(std::time::Duration::from_secs(1), world.core.outgoing.woken());
    assert!(rung.await.is_ok());
    let (_, shown) = world.post("/dev/clock", json!({ "advance": "-1d" })).await;
    assert_eq!(shown["shifted_by"], "-23h29m");
    let (_, shown) = world.post("/dev/clock", json!({ "reset": true })).await;
    assert_eq!(shown["shifted_by"], "0s");
    let (_, shown) = world
        .post("/dev/clock", json!({ "reset": true, "advance": "1h" }))
        .await;
    assert_eq!(shown["shifted_by"], "1h");
    for refused in [
        json!({}),
        json!({ "reset": false }),
        json!({ "advance": "soon" }),
        json!({ "advance": "999999d" }),
        json!({ "advance": 31 }),
        json!({ "forward": "31m" }),
    ] {
        let (status, problem) = world.post("/dev/clock", refused.clone()).await;
        assert!(status.is_client_error(), "{refused}");
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
    }
    assert_eq!(
        world.clock.shift(),
        TimeDelta::hours(1),
        "what is refused changes nothing"
    );
}

#[tokio::test]
async fn other_sites_cannot_post_here() {
    let world = world().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = Request::post("/dev/clock").header(header::CONTENT_TYPE, content_type);
        let answer = world
            .ask(request.body(Body::from("{\"advance\":\"31m\"}")).unwrap())
            .await;
        assert_eq!(
            answer.status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
    }
    assert_eq!(world.clock.shift(), TimeDelta::zero());
}

#[tokio::test]
async fn mail_servers_fail_on_request() {
    let world = world().await;
    let mailer = super::FaultyMailer::new(world.faults.clone(), world.inbox.clone());
    let to = samples::email(ANNA);
    let mail = world.compose(
        &to,
        Content {
            language: "en",
            subject: "x".into(),
            text: "x".into(),
            html: "x".into(),
        },
    );
    assert_eq!(
        world.json("/dev/fault").await,
        json!({ "smtp": "up", "db": "up" })
    );

    let (status, shown) = world.post("/dev/fault", json!({ "smtp": "down" })).await;
    assert_eq!((status, &shown["smtp"]), (StatusCode::OK, &json!("down")));
    assert!(matches!(mailer.send(&mail).await, Err(MailError::Transport(_))));
    world.post("/dev/fault", json!({ "smtp": "greylist" })).await;
    assert!(matches!(mailer.send(&mail).await, Err(MailError::Transient(_))));
    mailer.send(&mail).await.unwrap();
    let (_, shown) = world.post("/dev/fault", json!({ "smtp": "slow:30s" })).await;
    assert_eq!(shown["smtp"], "slow:30s");
    let slow = tokio::time::timeout(std::time::Duration::from_millis(50), mailer.send(&mail));
    assert!(slow.await.is_err());
    world.post("/dev/fault", json!({ "smtp": "up" })).await;
    mailer.send(&mail).await.unwrap();
    assert_eq!(world.inbox.all().len(), 2);

    for refused in [
        "", "sideways", "slow", "slow:", "slow:30", "slow:-1s", "slow:2d", "DOWN",
    ] {
        let (status, problem) = world
            .post("/dev/fault", json!({ "smtp": refused, "db": "down" }))
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            ["up", "down", "greylist", "slow:30s"]
                .iter()
                .all(|known| detail.contains(known)),
            "{detail}"
        );
    }
    let (status, problem) = world.post("/dev/fault", json!({ "db": "sideways" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["detail"], "db must be \"up\" or \"down\"");
    for refused in [json!({}), json!({ "disk": "full" })] {
        assert!(world.post("/dev/fault", refused).await.0.is_client_error());
    }
    assert_eq!(
        world.json("/dev/fault").await,
        json!({ "smtp": "up", "db": "up" }),
        "all of it or nothing"
    );
}

#[tokio::test]
async fn the_database_fails_on_request_and_comes_back() {
    for database in databases().await {
        let world = world_on(database).await;
        let store = &world.core.store;
        let (_, shown) = world.post("/dev/fault", json!({ "db": "down" })).await;
        assert_eq!(shown["db"], "down");
        assert!(store.reader().apps().await.unwrap_err().is_unavailable());
        assert!(store.reader().mail_waiting().await.unwrap_err().is_unavailable());
        assert!(store.begin().await.unwrap_err().is_unavailable());
        world.post("/dev/fault", json!({ "db": "up" })).await;
        assert!(store.reader().apps().await.unwrap().is_empty());
        store.begin().await.unwrap().commit().await.unwrap();
    }
}
