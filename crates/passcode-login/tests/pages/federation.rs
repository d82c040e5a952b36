//! The way to the guest's own organisation and back.

mod accounts;
mod answers;
mod domains;
mod hints;
mod in_the_wild;
mod logouts;
mod moves;
mod outages;
mod tokens;
mod tries;

use chrono::TimeDelta;
use domain::{
    Id,
    guest::GuestStatus,
    sign_in::SignIn,
    upstream::{ClientAuthentication, Connection, OidcConnection, Upstream},
};
use http::StatusCode;
use serde_json::json;
use test_support::{TestUpstream, samples};
use url::Url;
use web::routes;

use crate::world::{ANNA, Browser, Page, World, open_to_all};

/// A world in which contoso.test is a federated tenant.
pub(crate) struct Partner {
    pub(crate) world: World,
    pub(crate) upstream: TestUpstream,
    pub(crate) tenant: Upstream,
}

impl Partner {
    pub(crate) async fn of(world: World) -> Self {
        Self::with(world, |_| ()).await
    }

    pub(crate) async fn with(world: World, change: impl FnOnce(&mut OidcConnection)) -> Self {
        let upstream = TestUpstream::start(world.clock.clone()).await;
        let mut connection = samples::oidc_connection(&upstream.issuer);
        change(&mut connection);
        let tenant = Upstream {
            display_name: "Contoso".into(),
            connection: Some(Connection::Oidc(connection)),
            ..samples::tenant("contoso", &["contoso.test"])
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&tenant).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            world,
            upstream,
            tenant,
        }
    }

    pub(crate) async fn each() -> Vec<Self> {
        let mut partners = Vec::new();
        for world in World::on_each().await {
            partners.push(Self::of(world).await);
        }
        partners
    }

    /// To the tenant's authorization endpoint, by the address: where the browser is sent.
    pub(crate) async fn leave(&self, browser: &mut Browser, id: Id<SignIn>) -> String {
        let page = browser.get(&routes::identify(id)).await;
        let answer = browser.submit(&page, "email", &[("email", ANNA)]).await;
        assert_eq!(answer.goes_to(), routes::leave(id), "{}", answer.body);
        // Nothing is unavailable to them.
        let answer = browser.get(&routes::unavailable(id)).await;
        assert_eq!(answer.goes_to(), routes::leave(id), "{}", answer.body);
        let page = browser.get(&routes::leave(id)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.text("main").contains("Continue to Contoso"), "{}", page.body);
        self.away(browser, id).await
    }

    pub(crate) async fn away(&self, browser: &mut Browser, id: Id<SignIn>) -> String {
        let answer = browser.get(&routes::away(id)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.goes_to()
    }

    /// Back from where the tenant sends the browser.
    pub(crate) async fn arrive(&self, browser: &mut Browser, back: &Url) -> Page {
        browser
            .get(&format!("{}?{}", back.path(), back.query().unwrap_or_default()))
            .await
    }

    /// There and back again.
    pub(crate) async fn round(&self, browser: &mut Browser, id: Id<SignIn>) -> Page {
        let url = self.leave(browser, id).await;
        self.arrive(browser, &self.upstream.sign_in(&url)).await
    }
}

async fn partner() -> Partner {
    Partner::of(World::new().await).await
}

fn says(page: &Page, status: StatusCode, text: &str) {
    assert_eq!(page.status, status, "{}", page.body);
    assert!(page.text("main").contains(text), "{}", page.text("main"));
    assert!(
        !page.headers.contains_key("set-cookie") || !page.body.contains("session"),
        "nobody is signed in"
    );
}

/// What the audit log says of the newest failure.
async fn reason(partner: &Partner) -> String {
    let events = partner.world.events("guest.signin.federation.failed").await;
    events
        .first()
        .and_then(|event| event.reason.clone())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_guest_comes_in_by_their_own_organisation_and_it_sticks() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let writes = world.writes();
        let url = partner.leave(&mut browser, id).await;
        assert_eq!(
            world.writes() - writes,
            1,
            "the form; the way there writes nothing"
        );
        assert!(url.contains("login_hint=anna%40contoso.test"), "{url}");
        assert!(
            url.contains("redirect_uri=https%3A%2F%2Flogin.acme.example%2Ffederation%2Fcontoso%2Fcallback"),
            "{url}"
        );
        let back = partner.upstream.sign_in(&url);
        let mut left = browser.clone();
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);

        let guest = world.stored_guest().await;
        assert_eq!(guest.method, Some(partner.tenant.method()));
        assert_eq!(guest.status, GuestStatus::Active);
        assert_eq!(guest.email_proven_at, None, "no code was mailed");
        let session = world.session_of(&browser).await;
        assert_eq!(
            world.sign_in(id).await.progress.session().unwrap().to_string(),
            session
        );
        assert_eq!(world.mails().await, 0, "no code");
        let ok = &world.events("guest.signin.federation").await[0];
        assert_eq!(
            (ok.action.as_str(), ok.guest),
            ("guest.signin.federation.ok", Some(guest.id))
        );
        assert!(ok.details.contains("federated_domain"), "{}", ok.details);
        assert_eq!(world.count("guest.account.linked").await, 1);

        // The same answer again: the page was loaded anew, or our answer was lost.
        let again = partner.arrive(&mut left, &back).await;
        assert_eq!(again.goes_to(), routes::resume(id));
        assert_eq!(
            (world.session_of(&left).await, left.secret()),
            (session, browser.secret()),
            "the same session once more"
        );
        assert_eq!(world.count("guest.signin.federation.ok").await, 1);
        world.advance(TimeDelta::seconds(61));
        left.cookies.remove("__Host-vestibule-session");
        let late = partner.arrive(&mut left, &back).await;
        assert_eq!(
            late.set_cookie("__Host-vestibule-session="),
            None,
            "spent for good"
        );

        // Tomorrow, from another browser: the account is known.
        world.advance(TimeDelta::hours(25));
        let mut other = world.browser();
        let id = other.begin(world).await;
        partner.upstream.behave(|upstream| {
            upstream.claims = json!({ "email": "anna.berg@contoso.test", "email_verified": null });
        });
        let page = partner.round(&mut other, id).await;
        assert_eq!(
            page.goes_to(),
            routes::resume(id),
            "the account is the key: {}",
            page.body
        );
        assert_eq!(world.count("guest.account.linked").await, 1);
        assert_eq!(world.stored_guest().await.subject, guest.subject);
    }
}

#[tokio::test]
async fn an_address_that_was_given_goes_there_at_once() {
    let partner = Partner::of(World::new().await).await;
    let world = &partner.world;
    let mut browser = world.browser();
    let id = browser
        .begin_with(world, |sign_in| sign_in.email = Some(samples::email(ANNA)))
        .await;
    let answer = browser.get(&routes::send(id)).await;
    assert_eq!(answer.goes_to(), routes::away(id));
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
}

#[tokio::test]
async fn what_the_app_asks_is_asked_of_the_tenant() {
    let partner = Partner::of(World::new().await).await;
    let world = &partner.world;
    let mut browser = world.browser();
    let begin = |sign_in: &mut SignIn| {
        sign_in.request.prompt.login = true;
        sign_in.request.max_age = Some(300);
    };
    let id = browser.begin_with(world, begin).await;
    let url = partner.leave(&mut browser, id).await;
    assert!(
        url.contains("prompt=login") && url.contains("max_age=300"),
        "{url}"
    );
    // Core §3.1.2.1: who is asked for `max_age` says when.
    let long_ago = world.now().timestamp() - 500;
    for (auth_time, good) in [
        (json!(null), false),
        (json!(long_ago), false),
        (json!(long_ago + 400), false),
        (json!(long_ago + 470), true),
    ] {
        partner
            .upstream
            .behave(|upstream| upstream.claims = json!({ "auth_time": auth_time }));
        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(
            page.status == StatusCode::SEE_OTHER,
            good,
            "{auth_time}: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn names_and_addresses_where_the_tenant_keeps_them() {
    // In UserInfo, as many providers do it.
    let partner = Partner::of(World::with(|_| (), |_| ()).await).await;
    let world = &partner.world;
    world.change_guest(|guest| guest.name = None).await;
    partner.upstream.behave(|upstream| {
        upstream.claims = json!({ "email": null, "email_verified": null, "name": null });
        upstream.user_info =
            json!({ "email": ANNA, "email_verified": true, "name": "Anna Berg", "locale": "de" });
    });
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id)
    );
    let guest = world.stored_guest().await;
    assert_eq!(
        (guest.name.as_deref(), guest.language.as_deref()),
        (Some("Anna Berg"), Some("de"))
    );

    // Microsoft Entra ID: `tid` and `oid` name the account, and there is no `email_verified`.
    let entra = |connection: &mut OidcConnection| {
        connection.claims.subject = vec!["tid".into(), "oid".into()];
        connection.claims.email = "preferred_username".into();
        connection.trusts_email = true;
    };
    let partner = Partner::with(World::new().await, entra).await;
    let world = &partner.world;
    let user = |sub: &str, oid: &str| {
        json!({ "sub": sub, "tid": "t1", "oid": oid, "preferred_username": ANNA, "email": null,
            "email_verified": null })
    };
    for sub in ["pairwise-1", "pairwise-2"] {
        partner
            .upstream
            .behave(|upstream| upstream.claims = user(sub, "o1"));
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{sub}: {}", page.body);
    }
}

#[tokio::test]
async fn an_app_that_admits_anyone_admits_who_the_tenant_knows() {
    let partner = Partner::of(World::with(|_| (), open_to_all).await).await;
    let world = &partner.world;
    let bob = "bob@contoso.test";
    partner
        .upstream
        .behave(|upstream| upstream.claims = json!({ "sub": "bob-8", "email": bob }));
    let mut browser = world.browser();
    let id = browser
        .begin_with(world, |sign_in| sign_in.email = Some(samples::email(bob)))
        .await;
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    let reader = world.core.store.reader();
    let guest = reader
        .guest_by_email(&samples::email(bob))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(guest.method, Some(partner.tenant.method()));
}

#[tokio::test]
async fn keys_change_and_the_metadata_is_kept() {
    let partner = Partner::of(World::new().await).await;
    let world = &partner.world;
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    partner.away_twice(&mut browser, id).await;
    let discovered = partner.upstream.requests();
    assert_eq!(
        discovered
            .iter()
            .filter(|path| path.contains("openid-configuration"))
            .count(),
        1,
        "asked once: {discovered:?}"
    );
    // A moment later it signs with a key that our copy does not have.
    partner.upstream.behave(|upstream| {
        upstream.key = test_support::upstream::Key::Second;
        upstream.published = vec![
            test_support::upstream::Key::First,
            test_support::upstream::Key::Second,
        ];
    });
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    assert_eq!(
        page.goes_to(),
        routes::resume(id),
        "the keys were asked for again: {}",
        page.body
    );
}

impl Partner {
    async fn away_twice(&self, browser: &mut Browser, id: Id<SignIn>) {
        self.leave(browser, id).await;
        self.away(browser, id).await;
    }
}

#[tokio::test]
async fn a_public_client_and_a_secret_in_the_body() {
    for (auth, good) in [
        (ClientAuthentication::None, false),
        (
            ClientAuthentication::SecretPost(domain::Secret::presented("hunter2")),
            false,
        ),
        (
            ClientAuthentication::SecretBasic(domain::Secret::presented("wrong")),
            false,
        ),
        (
            ClientAuthentication::SecretBasic(domain::Secret::presented("hunter2")),
            true,
        ),
    ] {
        // This upstream takes nothing but the header.
        let method = auth.name();
        let partner = Partner::with(World::new().await, |connection| connection.client_auth = auth).await;
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        let page = partner.round(&mut browser, id).await;
        assert_eq!(
            page.status == StatusCode::SEE_OTHER,
            good,
            "{method}: {}",
            page.body
        );
    }
}

/// R13.
#[tokio::test]
async fn a_second_factor_counts_where_the_tenant_is_trusted_with_it() {
    let acr = |context: &str| json!({ "amr": ["pwd"], "acr": context });
    for (trusted, claims, expected) in [
        (false, json!({ "amr": ["pwd", "mfa"] }), &["fed"][..]),
        (true, json!({ "amr": ["pwd"] }), &["fed"]),
        (true, json!({ "amr": ["MFA"] }), &["fed"]),
        (true, json!({ "amr": ["pwd", "mfa"] }), &["fed", "mfa"]),
        (false, acr("https://refeds.org/profile/mfa"), &["fed"]),
        (true, acr("https://refeds.org/profile/mfa"), &["fed", "mfa"]),
        (true, acr("https://refeds.org/profile/sfa"), &["fed"]),
    ] {
        let partner = Partner::with(World::new().await, |connection| connection.trusts_mfa = trusted).await;
        partner
            .upstream
            .behave(|upstream| upstream.claims = claims.clone());
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        assert_eq!(
            partner.round(&mut browser, id).await.goes_to(),
            routes::resume(id)
        );
        let session = world.sign_in(id).await.progress.session().unwrap();
        let session = world.core.store.reader().session(session).await.unwrap().unwrap();
        assert_eq!(session.authentication.amr(), expected, "{trusted} {claims}");
    }
}

/// `acr` is one string (OpenID Connect Core §2): said otherwise it is no second factor, and no reason to refuse who came.
#[tokio::test]
async fn a_second_factor_that_is_said_in_another_form_counts_for_nothing() {
    for acr in [json!(["https://refeds.org/profile/mfa"]), json!(2)] {
        let partner = Partner::with(World::new().await, |connection| connection.trusts_mfa = true).await;
        partner
            .upstream
            .behave(|upstream| upstream.claims = json!({ "acr": acr }));
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        assert_eq!(
            partner.round(&mut browser, id).await.goes_to(),
            routes::resume(id)
        );
        let session = world.sign_in(id).await.progress.session().unwrap();
        let session = world.core.store.reader().session(session).await.unwrap().unwrap();
        assert!(!session.authentication.amr().contains(&"mfa"), "{acr}");
    }
}
