//! Personal accounts: proven by their provider where it owns the address, confirmed once by a code elsewhere.

mod choice;
mod oauth2;
mod webfinger;

use chrono::TimeDelta;
use domain::{
    Id, Secret,
    method::Method,
    sign_in::SignIn,
    upstream::{AssertionAudience, ClientAuthentication, ClientKey, Connection, Upstream},
};
use http::StatusCode;
use serde_json::{Value, json};
use test_support::{TestUpstream, samples};
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

/// A provider that owns `contoso.test`, as Google owns `gmail.com`.
struct Accounts {
    world: World,
    upstream: TestUpstream,
    provider: Upstream,
}

impl Accounts {
    async fn of(world: World) -> Self {
        Self::with(world, |_| ()).await
    }

    async fn with(world: World, change: impl FnOnce(&mut Upstream)) -> Self {
        let upstream = TestUpstream::start(world.clock.clone()).await;
        let mut provider = Upstream {
            display_name: "Google".into(),
            connection: Some(samples::connection(&upstream.issuer)),
            ..samples::provider("google", &["contoso.test"])
        };
        change(&mut provider);
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
            all.push(Self::of(world).await);
        }
        all
    }

    fn claims(&self, claims: Value) {
        self.upstream.behave(|upstream| upstream.claims = claims);
    }

    /// From the address to the provider and back.
    async fn round(&self, browser: &mut Browser, id: Id<SignIn>) -> Page {
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", ANNA)]).await;
        let page = browser.get(&routes::leave(id)).await;
        assert!(
            page.text("main").contains("with your Google account"),
            "{}",
            page.body
        );
        self.there_and_back(browser, id).await
    }

    async fn there_and_back(&self, browser: &mut Browser, id: Id<SignIn>) -> Page {
        let there = browser.get(&routes::away(id)).await.goes_to();
        assert!(
            there.contains("%2Fpersonal-account%2Fgoogle%2Fcallback"),
            "{there}"
        );
        let back = self.upstream.sign_in(&there);
        browser
            .get(&format!("{}?{}", back.path(), back.query().unwrap()))
            .await
    }

    /// To the page that takes the code which confirms the address.
    async fn until_code(&self, browser: &mut Browser) -> Id<SignIn> {
        let id = browser.begin(&self.world).await;
        let page = self.round(browser, id).await;
        assert_eq!(page.goes_to(), routes::send(id), "{}", page.body);
        let page = browser.get(&routes::send(id)).await;
        assert!(
            page.text("main").contains("You have signed in with Google"),
            "{}",
            page.body
        );
        let page = browser.submit(&page, "Email me a code", &[]).await;
        assert_eq!(page.goes_to(), routes::passcode(id), "{}", page.body);
        id
    }

    /// Whether it is left alone for a while.
    async fn down(&self, down: bool) {
        let tx = self.world.core.store.begin().await.unwrap();
        let id = self.provider.id;
        if down {
            for _ in 0..3 {
                tx.note_failure(id, self.world.now()).await.unwrap();
            }
        } else {
            tx.note_success(id).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    fn method(&self) -> Method {
        self.provider.method()
    }

    async fn linked(&self) -> usize {
        self.world.count("guest.account.linked").await
    }
}

#[tokio::test]
async fn the_owner_of_the_domain_proves_the_address() {
    for accounts in Accounts::each().await {
        let world = &accounts.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let page = accounts.round(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let guest = world.stored_guest().await;
        assert_eq!(guest.method, Some(accounts.method()));
        assert_eq!(guest.email_proven_at, None, "no code was mailed");
        assert_eq!(world.mails().await, 0);
        let ok = &world.events("guest.signin.personal_account").await[0];
        assert_eq!(ok.action, "guest.signin.personal_account.ok");
        assert!(ok.details.contains("google"), "{}", ok.details);
    }
}

/// R01: what the provider does not own, has not verified or does not say, the mailbox must.
#[tokio::test]
async fn a_code_confirms_the_address_once_and_the_account_is_the_key() {
    let unproven = [
        json!({ "email_verified": false }),
        json!({ "email_verified": null }),
        json!({ "email": "anna.berg@gmail.test" }),
        json!({ "email": null }),
    ];
    for (round, claims) in unproven.iter().enumerate() {
        for accounts in Accounts::each().await {
            let world = &accounts.world;
            accounts.claims(claims.clone());
            let mut browser = world.browser();
            let id = accounts.until_code(&mut browser).await;
            assert_eq!(accounts.linked().await, 0, "nothing before the code");
            assert_eq!(world.count("session.started").await, 0);
            let page = browser.try_code(id, &world.code(id).await).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            let guest = world.stored_guest().await;
            assert_eq!(guest.method, Some(accounts.method()), "{claims}");
            assert_eq!(guest.email_proven_at, Some(world.now()));
            assert_eq!(accounts.linked().await, 1);
            let linked = &world.events("guest.account.linked").await[0];
            assert!(linked.details.contains("code"), "{}", linked.details);

            // From now on no code is asked for.
            let codes = world.count("guest.signin.code.requested").await;
            assert_eq!(codes, 1);
            world.advance(TimeDelta::hours(25));
            let mut other = world.browser();
            let id = other.begin(world).await;
            let page = accounts.round(&mut other, id).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{round}: {}", page.body);
            assert_eq!(world.count("guest.signin.code.requested").await, codes);
            assert_eq!(accounts.linked().await, 1);
        }
    }
}

/// A rule may send any address there; the provider owns none of those domains.
#[tokio::test]
async fn an_address_that_a_rule_names_is_confirmed_by_a_code() {
    let by_rule = |provider: &mut Upstream| {
        provider.domains.clear();
        provider.addresses = vec![samples::email(ANNA)];
    };
    let accounts = Accounts::with(World::new().await, by_rule).await;
    let mut browser = accounts.world.browser();
    let id = accounts.until_code(&mut browser).await;
    let code = accounts.world.code(id).await;
    assert_eq!(browser.try_code(id, &code).await.goes_to(), routes::resume(id));
    assert_eq!(
        accounts.world.stored_guest().await.method,
        Some(accounts.method())
    );
}

#[tokio::test]
async fn the_page_says_which_account_and_lets_them_bring_another() {
    let accounts = Accounts::of(World::new().await).await;
    accounts.claims(json!({ "email": "somebody@gmail.test" }));
    let mut browser = accounts.world.browser();
    let id = accounts.until_code(&mut browser).await;
    let page = browser.get(&routes::send(id)).await;
    assert!(page.text("main").contains("somebody@gmail.test"), "{}", page.body);
    let again = browser.get(&format!("{}?again=1", routes::away(id))).await;
    assert!(again.goes_to().contains("prompt=login"), "{}", again.body);
    // Now with the right one: no code is needed, and the one that waited is not kept.
    accounts.claims(json!({ "sub": "anna-8" }));
    let back = accounts.upstream.sign_in(&again.goes_to());
    let page = browser
        .get(&format!("{}?{}", back.path(), back.query().unwrap()))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    assert_eq!(accounts.linked().await, 1);
}

/// R05: both proofs belong to one sign-in of one browser, and the account waits no longer than it may.
#[tokio::test]
async fn an_account_that_waits_is_of_one_sign_in_and_not_for_ever() {
    let accounts = Accounts::of(World::new().await).await;
    let world = &accounts.world;
    accounts.claims(json!({ "email_verified": false }));
    let mut thief = world.browser();
    accounts.until_code(&mut thief).await;

    // Anna's own sign-in knows nothing of it: she is sent to the provider.
    let mut anna = world.browser();
    let id = anna.begin(world).await;
    let page = anna.get(&routes::identify(id)).await;
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await;
    assert_eq!(page.goes_to(), routes::leave(id));
    assert_eq!(
        anna.get(&routes::unavailable(id)).await.goes_to(),
        routes::leave(id)
    );

    // Two hours later the account must be proven anew.
    let id = accounts.until_code(&mut anna).await;
    world.advance(TimeDelta::minutes(119));
    let page = anna.get(&routes::send(id)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    world.advance(TimeDelta::minutes(1));
    assert_eq!(anna.get(&routes::send(id)).await.goes_to(), routes::away(id));
}

#[tokio::test]
async fn eight_codes_at_once_make_one_account() {
    for accounts in Accounts::each().await {
        let world = &accounts.world;
        accounts.claims(json!({ "email_verified": false }));
        let mut browser = world.browser();
        let id = accounts.until_code(&mut browser).await;
        let code = world.code(id).await;
        let racers = (0..8).map(|_| {
            let (mut browser, code) = (browser.clone(), code.clone());
            tokio::spawn(async move { browser.try_code(id, &code).await.goes_to() })
        });
        for racer in racers.collect::<Vec<_>>() {
            assert_eq!(racer.await.unwrap(), routes::resume(id), "the same answer to all");
        }
        assert_eq!(
            (accounts.linked().await, world.count("session.started").await),
            (1, 1)
        );
    }
}

/// One account is one guest's, whatever a code would confirm.
#[tokio::test]
async fn an_account_of_somebody_else_is_not_taken_over() {
    for accounts in Accounts::each().await {
        let world = &accounts.world;
        let bob = samples::guest("bob@contoso.test");
        world.add(&bob).await;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        assert_eq!(
            accounts.round(&mut browser, id).await.goes_to(),
            routes::resume(id)
        );
        // Bob, with Anna's account.
        let mut other = world.browser();
        let id = other.begin(world).await;
        let page = other.get(&routes::identify(id)).await;
        other
            .submit(&page, "email", &[("email", "bob@contoso.test")])
            .await;
        let page = accounts.there_and_back(&mut other, id).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        assert!(page.text("main").contains("different account"), "{}", page.body);

        // Anna, with a second account of hers: an operator must reset her first.
        accounts.claims(json!({ "sub": "anna-8", "email": "anna@gmail.test" }));
        let mut third = world.browser();
        let id = third.begin(world).await;
        let page = accounts.round(&mut third, id).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        assert_eq!(accounts.linked().await, 1);
    }
}

/// An account that became another guest's while it waited is not given to a second one.
#[tokio::test]
async fn an_account_that_was_taken_meanwhile_is_gone() {
    let accounts = Accounts::of(World::new().await).await;
    let world = &accounts.world;
    let bob = samples::guest("bob@contoso.test");
    world.add(&bob).await;
    accounts.claims(json!({ "email_verified": false }));
    let mut anna = world.browser();
    let id = accounts.until_code(&mut anna).await;
    let tx = world.core.store.begin().await.unwrap();
    let account = domain::upstream::Account {
        issuer: accounts.upstream.issuer.clone(),
        subject: "anna-7".into(),
    };
    tx.insert_account(bob.id, accounts.provider.id, &account, world.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = anna.try_code(id, &world.code(id).await).await;
    assert_eq!(page.goes_to(), routes::leave(id), "{}", page.body);
    assert_eq!(world.stored_guest().await.method, None);
    assert_eq!(world.count("session.started").await, 0);
}

/// No page tells whether an address is invited.
#[tokio::test]
async fn strangers_see_the_same_and_get_no_mail() {
    let accounts = Accounts::of(World::new().await).await;
    let world = &accounts.world;
    accounts.claims(json!({ "email": null }));
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    let page = browser.get(&routes::identify(id)).await;
    browser
        .submit(&page, "email", &[("email", "carol@contoso.test")])
        .await;
    let page = accounts.there_and_back(&mut browser, id).await;
    assert_eq!(page.goes_to(), routes::send(id), "{}", page.body);
    let page = browser.get(&routes::send(id)).await;
    let page = browser.submit(&page, "Email me a code", &[]).await;
    assert_eq!(page.goes_to(), routes::passcode(id), "{}", page.body);
    assert_eq!(world.mails().await, 0);
}

#[tokio::test]
async fn a_provider_that_is_down_or_off_lets_nobody_in() {
    let accounts = Accounts::of(World::new().await).await;
    let world = &accounts.world;
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    let page = browser.get(&routes::identify(id)).await;
    browser.submit(&page, "email", &[("email", ANNA)]).await;
    let there = browser.get(&routes::away(id)).await.goes_to();
    let back = accounts.upstream.sign_in(&there);
    let tx = world.core.store.begin().await.unwrap();
    for _ in 0..3 {
        tx.note_failure(accounts.provider.id, world.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let path = format!("{}?{}", back.path(), back.query().unwrap());
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.body);

    let there = {
        world.advance(TimeDelta::minutes(2));
        browser.get(&routes::away(id)).await.goes_to()
    };
    let back = accounts.upstream.sign_in(&there);
    let tx = world.core.store.begin().await.unwrap();
    let off = Upstream {
        enabled: false,
        ..accounts.provider.clone()
    };
    tx.save_upstream(&off, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = browser
        .get(&format!("{}?{}", back.path(), back.query().unwrap()))
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.body);
    assert_eq!(world.count("session.started").await, 0);
}

/// G6: the code that was typed a moment ago confirms the address, so the move asks for no other.
#[tokio::test]
async fn a_guest_of_codes_moves_to_their_account() {
    for world in World::on_each().await {
        world.browser().come_in(&world, ANNA).await;
        let before = world.stored_guest().await;
        world.advance(TimeDelta::hours(25));
        let accounts = Accounts::of(world).await;
        let world = &accounts.world;
        accounts.claims(json!({ "email_verified": false }));
        let mut browser = world.browser();
        let id = browser.come_in(world, ANNA).await;
        let page = browser.get(&routes::offer(id)).await;
        assert!(
            page.text("main")
                .contains("You can sign in with Google from now on"),
            "{}",
            page.body
        );
        let page = accounts.there_and_back(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let after = world.stored_guest().await;
        assert_eq!(after.method, Some(accounts.method()));
        assert_eq!(after.subject, before.subject);
        assert_eq!(world.count("guest.method.moved").await, 1);
    }
}

/// Sign in with Apple: a client secret that is made anew for each request.
#[tokio::test]
async fn an_account_at_apple() {
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxgNSkBwAUBcRkYZM\n\
        zwJd89Jy2Om5Qn9FkpqPMqhdPVKhRANCAATL25cZyiI6d2/m/BCLggrfPTDQatzP\n\
        P9KlJqsb14b4Z2P87EcGKqTzJeU/aWVFaWszjGMIvd8jmkrqwjW4CdTX\n\
        -----END PRIVATE KEY-----\n";
    let world = World::new().await;
    let accounts = Accounts::with(world, |provider| {
        let Some(Connection::Oidc(oidc)) = &mut provider.connection else {
            panic!("another protocol");
        };
        oidc.client_auth = ClientAuthentication::AppleSecret {
            key: ClientKey {
                pem: Secret::presented(KEY),
                key_id: Some("ABC123DEFG".into()),
                certificate_sha256: None,
                audience: AssertionAudience::Issuer,
            },
            team: "TEAM".into(),
        };
    })
    .await;
    // Apple's own documentation: `email_verified` may be a text, which proves nothing here.
    accounts.upstream.behave(|upstream| {
        upstream.takes_secret = Some(|secret| secret.starts_with("ey") && secret.split('.').count() == 3);
        upstream.claims = json!({ "email_verified": "true" });
    });
    let mut browser = accounts.world.browser();
    let id = accounts.until_code(&mut browser).await;
    let code = accounts.world.code(id).await;
    let page = browser.try_code(id, &code).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    assert_eq!(accounts.linked().await, 1);
}
