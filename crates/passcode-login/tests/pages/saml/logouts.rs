//! Who signs out there is signed out here (S09).

use http::StatusCode;
use test_support::saml::{LogoutRequest, PERSISTENT, Pair, Signing};
use web::routes;

use super::Partner;
use crate::world::Browser;

const SLO: &str = "https://login.acme.example/federation/contoso/slo";

async fn come_in(partner: &Partner) -> Browser {
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let page = partner.round(&mut browser, id).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    browser
}

async fn is_signed_in(partner: &Partner, browser: &Browser) -> bool {
    let secret = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
    let reader = partner.world.core.store.reader();
    let (session, _) = reader.session_by_token(&secret.hash()).await.unwrap().unwrap();
    session.is_live(partner.world.now())
}

fn path(url: &str) -> &str {
    url.strip_prefix("https://login.acme.example").unwrap()
}

#[tokio::test]
async fn who_signs_out_there_is_signed_out_here() {
    for partner in Partner::each().await {
        let browser = come_in(&partner).await;
        // An escaped name is not the one that is signed, and does not come back under our signature.
        let url = partner.upstream.sign_out(SLO, |_| ()) + "&Relay%53tate=elsewhere";
        // No cookie is needed: the request says who it is about.
        let answer = partner.world.browser().get(path(&url)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let back = answer.goes_to();
        assert!(back.contains("/slo?SAMLResponse="), "{back}");
        assert!(back.contains("&RelayState=there&SigAlg="), "{back}");
        assert!(!is_signed_in(&partner, &browser).await);
        let ended = &partner.world.events("session.ended").await[0];
        assert_eq!(ended.reason.as_deref(), Some("signed_out_upstream"));
        // The same request again does not end the next session.
        let next = come_in(&partner).await;
        partner.world.browser().get(path(&url)).await;
        assert!(is_signed_in(&partner, &next).await);
    }
}

#[tokio::test]
async fn without_a_session_all_of_the_account_end() {
    let partner = Partner::new().await;
    let (one, two) = (come_in(&partner).await, come_in(&partner).await);
    let url = partner.upstream.sign_out(SLO, |request| request.sessions.clear());
    partner.world.browser().get(path(&url)).await;
    assert!(!is_signed_in(&partner, &one).await && !is_signed_in(&partner, &two).await);
}

#[tokio::test]
async fn by_a_form_as_well() {
    let partner = Partner::new().await;
    let browser = come_in(&partner).await;
    let request = LogoutRequest {
        id: "_form".into(),
        issuer: partner.upstream.entity_id.clone(),
        destination: SLO.into(),
        issued_at: partner.world.now(),
        not_on_or_after: None,
        name_id: "anna-1".into(),
        name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
        sessions: vec!["_session".into()],
    };
    let message = Signing::by(Pair::first()).sign(&request.xml(), "_form");
    let packed = data_encoding::BASE64.encode(message.as_bytes());
    let page = partner
        .world
        .browser()
        .post(path(SLO), &[("SAMLRequest", &packed)])
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    assert!(!page.goes_to().contains("RelayState"), "{}", page.goes_to());
    assert!(!is_signed_in(&partner, &browser).await);
}

#[tokio::test]
async fn a_request_that_is_not_believed_ends_nothing() {
    let partner = Partner::new().await;
    let browser = come_in(&partner).await;
    let good = partner.upstream.sign_out(SLO, |_| ());
    let (unsigned, _) = good.split_once("&Signature=").unwrap();
    let elsewhere = partner
        .upstream
        .sign_out(&SLO.replace("contoso", "fabrikam"), |_| ());
    let (_, query) = elsewhere.split_once('?').unwrap();
    for url in [
        unsigned,
        &*format!("{SLO}?{query}"),
        SLO,
        &good.replace("RelayState=there", "RelayState=here"),
    ] {
        let page = partner.world.browser().get(path(url)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{url}: {}", page.body);
    }
    let page = partner
        .world
        .browser()
        .get(&path(&good).replace("contoso", "nobody"))
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(is_signed_in(&partner, &browser).await);
}

/// Somebody else's session of the same number is another one.
#[tokio::test]
async fn another_persons_logout_ends_nobody_elses_session() {
    let partner = Partner::new().await;
    let browser = come_in(&partner).await;
    let url = partner
        .upstream
        .sign_out(SLO, |request| request.name_id = "bob-1".into());
    let page = partner.world.browser().get(path(&url)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    assert!(is_signed_in(&partner, &browser).await);
}
