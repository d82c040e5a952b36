//! Personal accounts at providers that speak OAuth 2 alone: GitHub and Facebook.

use domain::{
    Id,
    authorization::Prompts,
    sign_in::SignIn,
    upstream::{Connection, Oauth2Kind, Upstream},
};
use http::StatusCode;
use serde_json::{Value, json};
use test_support::{Oauth2Behaviour, TestOauth2, samples};
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

struct Hub {
    world: World,
    upstream: TestOauth2,
    provider: Upstream,
}

impl Hub {
    async fn of(world: World, kind: Oauth2Kind) -> Self {
        let upstream = TestOauth2::start().await;
        let provider = Upstream {
            display_name: kind.display_name().into(),
            addresses: vec![samples::email(ANNA)],
            connection: Some(Connection::Oauth2(upstream.connection(kind))),
            ..samples::provider("hub", &["contoso.test"])
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&provider).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            world,
            upstream,
            provider,
        }
    }

    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for world in World::on_each().await {
            all.push(Self::of(world, Oauth2Kind::GitHub).await);
        }
        all
    }

    async fn leave(&self, browser: &mut Browser) -> (Id<SignIn>, String) {
        let id = browser.begin(&self.world).await;
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", ANNA)]).await;
        (id, browser.get(&routes::away(id)).await.goes_to())
    }

    async fn round(&self, browser: &mut Browser) -> (Id<SignIn>, Page) {
        let (id, there) = self.leave(browser).await;
        let back = self.upstream.sign_in(&there);
        let page = browser
            .get(&format!("{}?{}", back.path(), back.query().unwrap()))
            .await;
        (id, page)
    }

    /// In by a code that confirms the address.
    async fn come_in(&self, browser: &mut Browser) {
        let (id, page) = self.round(browser).await;
        assert_eq!(page.goes_to(), routes::send(id), "{}", page.body);
        let page = browser.get(&routes::send(id)).await;
        browser.submit(&page, "Email me a code", &[]).await;
        let code = self.world.code(id).await;
        let page = browser.try_code(id, &code).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    }
}

/// Its domains may be written here, but it owns none: it says of a mailbox of others that it has looked into it once.
#[tokio::test]
async fn a_code_confirms_the_address_once_and_then_the_number_is_the_key() {
    for kind in [Oauth2Kind::GitHub, Oauth2Kind::Facebook] {
        for world in World::on_each().await {
            let hub = Hub::of(world, kind).await;
            if kind == Oauth2Kind::Facebook {
                let user = json!({ "id": "10158", "name": "Anna", "email": "anna@contoso.test", "email_verified": true });
                hub.upstream.behave(|behaviour| behaviour.user = user);
            }
            hub.come_in(&mut hub.world.browser()).await;
            let reader = hub.world.core.store.reader();
            let guest = reader
                .guest_by_email(&samples::email(ANNA))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(guest.method, Some(hub.provider.method()));

            // Another address there, another name, the same account.
            hub.upstream.behave(|behaviour| {
                behaviour.user["login"] = "somebody-else".into();
                behaviour.user["email"] = "new@elsewhere.test".into();
                behaviour.emails = json!([]);
            });
            let mut again = hub.world.browser();
            let (id, page) = hub.round(&mut again).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{kind:?}: {}", page.body);
            assert!(again.cookies.contains_key("__Host-vestibule-session"));
            // Another account with the address is another one.
            hub.upstream.behave(|behaviour| {
                behaviour.user["id"] = if kind == Oauth2Kind::GitHub {
                    json!(7)
                } else {
                    json!("7")
                };
                behaviour.emails =
                    json!([{ "email": "anna@contoso.test", "primary": true, "verified": true }]);
            });
            let (_, page) = hub.round(&mut hub.world.browser()).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
            assert_eq!(hub.world.count("guest.account.linked").await, 1);
        }
    }
}

#[tokio::test]
async fn what_is_asked_is_what_they_document() {
    let hub = Hub::each().await.remove(0);
    let (_, there) = hub.leave(&mut hub.world.browser()).await;
    assert!(there.contains("scope=read%3Auser+user%3Aemail"), "{there}");
    hub.round(&mut hub.world.browser()).await;
    assert_eq!(hub.upstream.requests(), ["/token", "/user", "/user/emails"]);

    let book = Hub::of(World::new().await, Oauth2Kind::Facebook).await;
    book.upstream
        .behave(|behaviour| behaviour.user = json!({ "id": "10158" }));
    book.round(&mut book.world.browser()).await;
    let requests = book.upstream.requests();
    assert_eq!(requests[0], "/token");
    assert!(
        requests[1].starts_with("/me?fields=id,name,email&appsecret_proof=") && requests[1].len() == 41 + 64,
        "{requests:?}"
    );
}

/// What is changed about the provider.
type Change = Box<dyn FnOnce(&mut Oauth2Behaviour)>;

fn token(status: u16, answer: Value) -> Change {
    Box::new(move |behaviour| behaviour.token = Some((status, answer)))
}

fn user(user: Value) -> Change {
    Box::new(move |behaviour| behaviour.user = user)
}

/// Answers that are none, and what the guest is answered.
fn hostile() -> Vec<(&'static str, Change, StatusCode)> {
    let error = |code: &str| json!({ "error": code, "error_description": "hunter2 gho_an-access-token" });
    let facebooks = json!({ "error": { "type": "OAuthException", "code": 1 } });
    let no = StatusCode::BAD_GATEWAY;
    vec![
        ("refused code", token(200, error("bad_verification_code")), no),
        (
            "wrong secret",
            token(200, error("incorrect_client_credentials")),
            no,
        ),
        ("an error as an object", token(400, facebooks), no),
        ("no token", token(200, json!({})), no),
        ("an empty one", token(200, json!({ "access_token": "" })), no),
        (
            "another kind",
            token(200, json!({ "access_token": "x", "token_type": "mac" })),
            no,
        ),
        ("no JSON object", token(200, json!("x")), no),
        (
            "out of order",
            token(503, json!({})),
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        ("no number", user(json!({ "login": "anna" })), no),
        ("zero", user(json!({ "id": 0 })), no),
        ("text", user(json!({ "id": "583231" })), no),
        ("nothing", user(json!(null)), no),
        ("long", user(json!({ "id": 1, "name": "x".repeat(300_000) })), no),
        (
            "no addresses",
            Box::new(|b| b.emails = json!({ "message": "Not Found" })),
            no,
        ),
        ("not for us", Box::new(|b| b.api_fails_with = Some(403)), no),
        ("elsewhere", Box::new(|b| b.api_fails_with = Some(302)), no),
    ]
}

/// Whatever it answers, no session begins, and no secret is told.
#[tokio::test]
async fn hostile_answers_let_nobody_in() {
    let hub = Hub::of(World::new().await, Oauth2Kind::GitHub).await;
    for (what, change, status) in hostile() {
        hub.upstream.behave(|behaviour| {
            *behaviour = Oauth2Behaviour::default();
            change(behaviour);
        });
        let mut browser = hub.world.browser();
        let (_, page) = hub.round(&mut browser).await;
        assert_eq!(page.status, status, "{what}: {}", page.body);
        assert!(
            !browser.cookies.contains_key("__Host-vestibule-session"),
            "{what}"
        );
        assert!(
            !page.body.contains("hunter2") && !page.body.contains("gho_"),
            "{what}"
        );
    }
    let query = store::AuditQuery {
        limit: 1_000,
        ..store::AuditQuery::default()
    };
    let reader = hub.world.core.store.reader();
    for record in reader.audit_search(&query).await.unwrap() {
        assert!(
            !record.details.contains("hunter2") && !record.details.contains("gho_"),
            "{}",
            record.details
        );
    }
}

/// A code cannot be injected: it is bound to the verifier of the browser that left.
#[tokio::test]
async fn a_code_of_another_browser_opens_nothing() {
    for hub in Hub::each().await {
        let (mut victim, mut attacker) = (hub.world.browser(), hub.world.browser());
        let (_, theirs) = hub.leave(&mut attacker).await;
        let stolen = hub.upstream.sign_in(&theirs);
        let code = stolen
            .query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .into_owned();
        let (_, there) = hub.leave(&mut victim).await;
        let mut back = hub.upstream.sign_in(&there);
        let state = back
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        back.query_pairs_mut()
            .clear()
            .append_pair("code", &code)
            .append_pair("state", &state);
        let page = victim
            .get(&format!("{}?{}", back.path(), back.query().unwrap()))
            .await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
        assert!(!victim.cookies.contains_key("__Host-vestibule-session"));
    }
}

/// It says nothing of when somebody proved themselves: an app that asks is not told a story.
#[tokio::test]
async fn nobody_is_sent_there_for_a_fresh_proof() {
    let hub = Hub::each().await.remove(0);
    for (max_age, prompt) in [(Some(60), "consent"), (None, "login")] {
        let mut browser = hub.world.browser();
        let asks = |sign_in: &mut SignIn| {
            sign_in.request.max_age = max_age;
            sign_in.request.prompt = Prompts::parse(prompt).unwrap();
        };
        let id = browser.begin_with(&hub.world, asks).await;
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", ANNA)]).await;
        let page = browser.get(&routes::away(id)).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{prompt}: {}", page.body);
    }
}
