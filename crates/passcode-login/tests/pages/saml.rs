//! Guests of a tenant that speaks SAML (threats S01 to S12, where pages and database have their part).

mod answers;
mod logouts;
mod outages;

use std::sync::LazyLock;

use domain::{
    Id,
    guest::GuestStatus,
    sign_in::SignIn,
    upstream::{Connection, SamlConnection, SamlMetadata, ServiceKey, Upstream},
};
use federation::saml::new_service_key;
use http::StatusCode;
use test_support::{
    saml::{Posted, TestSaml},
    samples,
};
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

/// A world in which contoso.test is a tenant that speaks SAML.
struct Partner {
    world: World,
    upstream: TestSaml,
    tenant: Upstream,
}

/// Vestibule's own key, made once: it takes long to find, and every world would look for its own.
fn service_key() -> &'static ServiceKey {
    static MADE: LazyLock<ServiceKey> =
        LazyLock::new(|| new_service_key(samples::now(), &samples::entropy()).unwrap());
    &MADE
}

impl Partner {
    async fn with(world: World, change: impl FnOnce(&mut SamlConnection)) -> Self {
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_service_key(service_key(), world.now()).await.unwrap();
        tx.commit().await.unwrap();
        Self::without_key(world, change).await
    }

    /// The key is made where it is first needed.
    async fn without_key(world: World, change: impl FnOnce(&mut SamlConnection)) -> Self {
        let upstream = TestSaml::start(world.clock.clone()).await;
        let mut connection = SamlConnection {
            entity_id: upstream.entity_id.clone(),
            metadata: SamlMetadata::Url(upstream.metadata_url.clone()),
            subject: None,
            email: None,
            name: None,
            trusts_mfa: false,
            mfa_contexts: domain::upstream::usual_mfa_contexts(),
            encryption: true,
        };
        change(&mut connection);
        let tenant = Upstream {
            display_name: "Contoso".into(),
            connection: Some(Connection::Saml(connection)),
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

    async fn new() -> Self {
        Self::with(World::new().await, |_| ()).await
    }

    async fn each() -> Vec<Self> {
        let mut partners = Vec::new();
        for world in World::on_each().await {
            partners.push(Self::with(world, |_| ()).await);
        }
        partners
    }

    /// A sign-in of Anna's, up to the button that leads to the tenant.
    async fn begin(&self, browser: &mut Browser) -> Id<SignIn> {
        let id = browser.begin(&self.world).await;
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", ANNA)]).await;
        id
    }

    /// There: what the identity provider makes the browser post.
    async fn there(&self, browser: &mut Browser, id: Id<SignIn>) -> Posted {
        let ours = browser.get(&routes::federation_metadata("contoso")).await;
        assert_eq!(ours.status, StatusCode::OK, "{}", ours.body);
        let answer = browser.get(&routes::away(id)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.upstream.sign_in(&answer.goes_to(), &ours.body)
    }

    /// There and back again.
    async fn round(&self, browser: &mut Browser, id: Id<SignIn>) -> Page {
        let posted = self.there(browser, id).await;
        back(browser, &posted).await
    }

    /// What the audit log says of the newest failure.
    async fn reason(&self) -> String {
        let events = self.world.events("guest.signin.federation.failed").await;
        let newest = events.first().and_then(|event| event.reason.clone());
        newest.unwrap_or_default()
    }
}

/// As a browser posts from another site: without its `Lax` cookies.
async fn post(browser: &Browser, posted: &Posted) -> Page {
    let mut elsewhere = browser.clone();
    elsewhere.cookies.clear();
    let fields = [
        ("SAMLResponse", &*posted.response),
        ("RelayState", &posted.relay_state),
    ];
    elsewhere.post(posted.acs.path(), &fields).await
}

/// Posted, and fetched with the cookie.
async fn back(browser: &mut Browser, posted: &Posted) -> Page {
    let page = post(browser, posted).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    assert!(!page.headers.contains_key("set-cookie"), "{:?}", page.headers);
    browser.get(&page.goes_to()).await
}

/// An address that is not shown still says which of several that come is the guest's.
#[tokio::test]
async fn the_invited_address_counts_among_several_however_the_guest_came() {
    for partner in Partner::each().await {
        partner.upstream.behave(|upstream| {
            upstream.assertion = |assertion| {
                let name = assertion.attributes[0].0.clone();
                assertion.attributes[0].1 = "alias@contoso.test".into();
                assertion.attributes.push((name, ANNA.into()));
            };
        });
        let world = &partner.world;
        let reader = world.core.store.reader();
        let invitation = reader
            .newest_invitation(world.guest.id, world.app.id)
            .await
            .unwrap()
            .unwrap();
        let mut browser = world.browser();
        let id = browser
            .begin_with(world, |sign_in| {
                sign_in.email = Some(samples::email(ANNA));
                sign_in.invitation = Some(invitation.id);
            })
            .await;
        let page = browser.get(&routes::leave(id)).await;
        assert!(!page.body.contains(ANNA), "{}", page.body);
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert_eq!(world.count("session.started").await, 1);
    }
}

/// Where SAML is switched off the page says so, and not that an answer was wrong that never came.
#[tokio::test]
async fn a_guest_is_told_that_saml_is_off() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    browser.without_saml(&partner.world);
    let page = browser.get(&routes::away(id)).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.body);
    assert!(
        page.text("h1")
            .contains("isn't used for signing in here any more"),
        "{}",
        page.body
    );
    assert_eq!(partner.reason().await, "switched_off");
}

#[tokio::test]
async fn whose_metadata_lies_at_an_address() {
    let partner = Partner::new().await;
    let upstreams = test_support::upstreams();
    let found = upstreams.entity_ids_at(&partner.upstream.metadata_url).await;
    assert_eq!(found.unwrap(), [partner.upstream.entity_id.as_str()]);
    let nowhere = format!("{}/nothing-here", partner.upstream.metadata_url);
    assert!(upstreams.entity_ids_at(&nowhere).await.is_err());
}

#[tokio::test]
async fn a_guest_comes_in_by_saml_and_it_sticks() {
    for world in World::on_each().await {
        let partner = Partner::without_key(world, |_| ()).await;
        let world = &partner.world;
        let mut browser = world.browser();
        let id = partner.begin(&mut browser).await;
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let guest = world.stored_guest().await;
        assert_eq!(guest.status, GuestStatus::Active);
        assert_eq!(guest.method, Some(partner.tenant.method()));
        let linked = &world.events("guest.account.linked").await[0];
        assert!(linked.details.contains("contoso"), "{}", linked.details);
        assert_eq!(world.count("saml.key_made").await, 1);
        // The next time the account is the key, whatever address it has there.
        partner
            .upstream
            .behave(|upstream| upstream.assertion = |assertion| assertion.attributes.clear());
        let mut another = world.browser();
        let id = partner.begin(&mut another).await;
        assert_eq!(
            partner.round(&mut another, id).await.goes_to(),
            routes::resume(id)
        );
        assert_eq!(world.count("guest.account.linked").await, 1);
    }
}

/// S12: an account is who it is, and not what its address is.
#[tokio::test]
async fn another_account_with_the_same_address_is_not_the_guest() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    partner.round(&mut browser, id).await;
    partner
        .upstream
        .behave(|upstream| upstream.assertion = |assertion| assertion.name_id = "anna-2".into());
    let mut another = partner.world.browser();
    let id = partner.begin(&mut another).await;
    let page = partner.round(&mut another, id).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert_eq!(partner.reason().await, "another_account");
}

#[tokio::test]
async fn what_a_tenant_says_of_domains_that_are_not_its_own_counts_for_nothing() {
    let partner = Partner::new().await;
    partner.upstream.behave(|upstream| {
        upstream.assertion = |assertion| assertion.attributes[0].1 = "anna@fabrikam.test".into();
    });
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let page = partner.round(&mut browser, id).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert_eq!(partner.reason().await, "somebody_else");
}

#[tokio::test]
async fn a_second_factor_counts_where_the_tenant_is_trusted_with_it() {
    for (trusts_mfa, amr) in [(false, false), (true, true)] {
        let partner = Partner::with(World::new().await, |saml| saml.trusts_mfa = trusts_mfa).await;
        partner.upstream.behave(|upstream| {
            upstream.assertion = |assertion| assertion.context = "https://refeds.org/profile/mfa".into();
        });
        let mut browser = partner.world.browser();
        let id = partner.begin(&mut browser).await;
        partner.round(&mut browser, id).await;
        let secret = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
        let reader = partner.world.core.store.reader();
        let (session, _) = reader.session_by_token(&secret.hash()).await.unwrap().unwrap();
        assert_eq!(session.authentication.means.mfa(), amr, "{trusts_mfa}");
    }
}

#[tokio::test]
async fn our_metadata_is_there_before_theirs_is() {
    let world = World::new().await;
    let tenant = Upstream {
        connection: None,
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let oidc = Upstream {
        connection: Some(Connection::Oidc(samples::oidc_connection(
            "https://login.fabrikam.test",
        ))),
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.insert_upstream(&oidc).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = world.browser();
    let page = browser.get(&routes::federation_metadata("contoso")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.headers["content-type"], "application/samlmetadata+xml");
    let again = browser.get(&routes::federation_metadata("contoso")).await;
    assert_eq!(page.body, again.body, "one key for good");
    for other in ["fabrikam", "nobody"] {
        let page = browser.get(&routes::federation_metadata(other)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{other}");
    }
}
