//! `/dev`, through its real router and the layers around it.

use std::sync::Arc;

use axum::{Router, body::Body};
use chrono::TimeDelta;
use domain::Id;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use store::{MailKind, OutboxMail};
use test_support::{FakeClock, databases, samples};
use tower::ServiceExt as _;
use web::{Core, Help, texts::Language};

use super::{DevState, Faults, ShiftedClock};
use crate::{
    config::settings,
    mail::{
        Mail, MailError, Mailbox, Mailer as _, Recipient, Sender,
        messages::{CodeMail, Content, House, InvitationMail},
    },
};

const ANNA: &str = "anna@contoso.test";

struct World {
    core: Core,
    clock: Arc<ShiftedClock>,
    mailbox: Arc<Mailbox>,
    faults: Arc<Faults>,
    router: Router,
    _database: test_support::TestDatabase,
}

async fn world() -> World {
    world_on(databases().await.remove(0)).await
}

async fn world_on(database: test_support::TestDatabase) -> World {
    let clock = Arc::new(ShiftedClock::new(Arc::new(FakeClock::new())));
    let mut core = test_support::core(database.store.clone(), FakeClock::new());
    core.clock = clock.clone();
    let mailbox = Arc::new(Mailbox::new(clock.clone()));
    let faults = Arc::new(Faults::default());
    let state = DevState::new(core.clone(), mailbox.clone(), clock.clone(), faults.clone());
    let router = web::layers::apply(super::router(state), core.clone());
    World {
        core,
        clock,
        mailbox,
        faults,
        router,
        _database: database,
    }
}

impl World {
    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.ask(Request::get(path).body(Body::empty()).unwrap()).await;
        (answer.status(), text(answer).await)
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = self
            .ask(request.body(Body::from(body.to_string())).unwrap())
            .await;
        (
            answer.status(),
            serde_json::from_str(&text(answer).await).unwrap(),
        )
    }

    /// Lets a code mail arrive; its digits.
    async fn mail_code(&self, to: &str, number: u8) -> String {
        let digits = format!("4820157{number}");
        let code = domain::passcode::Passcode::read(&digits).unwrap();
        let (help, to) = (Help::default(), samples::email(to));
        let content = CodeMail {
            house: house(&help),
            app: "Acme Notes",
            address: &to,
            code: &code,
            reference: "K7QF",
            opened_at: self.core.now(),
            issued_at: self.core.now(),
            lifetime: TimeDelta::minutes(30),
            code_first: true,
        };
        self.mailbox
            .send(&self.compose(&to, content.content().unwrap()))
            .await
            .unwrap();
        digits
    }

    async fn mail_invitation(&self) {
        let (help, to) = (Help::default(), samples::email(ANNA));
        let content = InvitationMail {
            house: house(&help),
            address: &to,
            app: "Acme Notes",
            known_hosts: &[],
            invited_by: "Lee",
            answerable: false,
            about: Some("Q3 kickoff notes"),
            message: Some("<script>alert(1)</script>"),
            link: "https://login.acme.example/invitation/abc",
            expires_at: self.core.now() + TimeDelta::days(30),
            access_until: None,
        };
        self.mailbox
            .send(&self.compose(&to, content.content().unwrap()))
            .await
            .unwrap();
    }

    fn compose(&self, to: &domain::EmailAddress, content: Content) -> Mail {
        let now = self.core.now();
        let kind = MailKind::Passcode {
            challenge: samples::id(),
            send: 1,
        };
        let row = OutboxMail::new(Id::new(now, &samples::entropy()), kind, None, now, now);
        let from = settings::Mailbox {
            name: Some("Acme".into()),
            address: samples::email("signin@acme.test"),
        };
        let reply_to = Some(settings::Mailbox {
            name: None,
            address: samples::email("helpdesk@acme.test"),
        });
        let settings = settings::Mail {
            from,
            reply_to,
            code_in_subject: true,
            smtp: None,
            dkim: None,
        };
        let sender = Sender::new(&settings, "Acme").unwrap();
        let recipient = Recipient { to, reply_to: None };
        sender
            .compose(&row, recipient, content, now + TimeDelta::minutes(30))
            .unwrap()
    }
}

fn house(help: &Help) -> House<'_> {
    House {
        language: Language::En,
        organisation: "Acme",
        help,
        host: "login.acme.example",
    }
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

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
    let rung = tokio::time::timeout(std::time::Duration::from_secs(1), world.core.mail_wake.notified());
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
    let mailer = world.faults.around(world.mailbox.clone());
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
    assert_eq!(world.mailbox.all().len(), 2);

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
        assert!(store.ping().await.unwrap_err().is_unavailable());
        assert!(store.reader().apps().await.unwrap_err().is_unavailable());
        assert!(store.reader().next_mail_due().await.unwrap_err().is_unavailable());
        assert!(store.begin().await.unwrap_err().is_unavailable());
        world.post("/dev/fault", json!({ "db": "up" })).await;
        store.ping().await.unwrap();
        assert!(store.reader().apps().await.unwrap().is_empty());
        store.begin().await.unwrap().commit().await.unwrap();
    }
}

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
