//! Signing out at the request of an app (RP-Initiated Logout 1.0): who is asked, who is sent back, and by what.

use url::Url;

use crate::{
    rp::{Rp, answered_at, param},
    world::{World, browser, worlds},
};

const ANNA: &str = "anna@contoso.test";
const BYE: &str = "https://notes.example/bye";
const BACK: &str = "https://notes.example/bye?state=s1";

async fn notes(world: &World) -> Rp {
    let rp = world
        .app_with("notes", |app| app.post_logout_redirect_uris = vec![BYE.into()])
        .await;
    world.invite(ANNA, "notes").await;
    rp
}

fn logout(world: &World, more: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&format!("{}/logout", world.issuer())).unwrap();
    let asked = [("post_logout_redirect_uri", BYE), ("state", "s1")];
    url.query_pairs_mut().extend_pairs(asked).extend_pairs(more);
    url
}

/// The session is over already, and the app sends no hint.
#[tokio::test]
async fn who_is_signed_out_already_finds_the_way_back() {
    for world in worlds().await {
        notes(&world).await;
        let by_name = [("client_id", "notes")];
        let page = browser().once(&logout(&world, &by_name), None).await.unwrap();
        assert_eq!(page.status.as_u16(), 200);
        assert_eq!(page.attribute("a.button", "href").as_deref(), Some(BACK));
        // It is unknown who asked for it: the browser stays until the guest takes the link.
        assert_eq!(page.attribute("a.button", "data-go"), None);

        for nothing in [
            &[][..],
            &[("client_id", "nobody")],
            &[("client_id", "notes"), ("id_token_hint", "x.y.z")],
        ] {
            let page = browser().get(logout(&world, nothing).as_str()).await.unwrap();
            assert_eq!(page.url.path(), "/signed-out", "{nothing:?}");
            assert_eq!(page.attribute("a.button", "href"), None, "{nothing:?}");
        }
    }
}

#[tokio::test]
async fn a_hint_leads_back_at_once_and_a_guest_without_one_is_asked_first() {
    for world in worlds().await {
        let rp = notes(&world).await;
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await.body;
        let hint = [("id_token_hint", tokens["id_token"].as_str().unwrap())];

        let asked = anna
            .get(logout(&world, &[("client_id", "notes")]).as_str())
            .await
            .unwrap();
        assert_eq!(asked.attribute("a.button", "href"), None);
        assert_eq!(
            rp.userinfo(tokens["access_token"].as_str().unwrap()).await.status,
            200
        );
        let done = anna.submit(&asked, "Sign out", &[]).await.unwrap();
        assert_eq!(done.attribute("a.button", "href").as_deref(), Some(BACK));
        assert!(done.attribute("a.button", "data-go").is_some());
        assert_eq!(
            rp.userinfo(tokens["access_token"].as_str().unwrap()).await.status,
            401
        );

        // The session is over: the hint still says who asks.
        let answer = anna.once(&logout(&world, &hint), None).await.unwrap();
        assert_eq!(answer.status.as_u16(), 303);
        assert_eq!(answer.headers["location"], BACK);
    }
}
