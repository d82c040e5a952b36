//! G1b: several methods fit.

use domain::{limits::LimitName, method::Method, rate::Limit, upstream::Upstream};
use http::StatusCode;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::Accounts;
use crate::world::{ANNA, World};

/// What the form calls a way in.
fn value(method: Method) -> String {
    method
        .upstream()
        .map_or_else(|| method.kind().to_owned(), |id| id.uuid().simple().to_string())
}

/// Worlds in which a code may be chosen in place of a personal account.
async fn free() -> Vec<Accounts> {
    let mut all = Vec::new();
    let may =
        |settings: &mut sign_in::Settings| settings.resolution.usual.codes_beside_personal_accounts = true;
    for world in World::on_each_with(may).await {
        all.push(Accounts::of(world).await);
    }
    all
}

#[tokio::test]
async fn a_guest_chooses_once_and_it_sticks() {
    for accounts in free().await {
        let world = &accounts.world;
        for (button, method) in [
            ("Email me a sign-in code", Method::Passcode),
            ("Continue with Google", accounts.method()),
        ] {
            world.change_guest(|guest| guest.method = None).await;
            let mut browser = world.browser();
            let id = browser.begin(world).await;
            let page = browser.get(&routes::identify(id)).await;
            let page = browser.submit(&page, "email", &[("email", ANNA)]).await;
            assert_eq!(page.goes_to(), routes::choose(id));
            assert_eq!(
                browser.get(&routes::unavailable(id)).await.goes_to(),
                routes::choose(id)
            );
            let page = browser.get(&routes::choose(id)).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            let page = browser.submit(&page, button, &[("method", &value(method))]).await;
            if method == Method::Passcode {
                assert_eq!(
                    page.goes_to(),
                    routes::passcode(id),
                    "the button said so: {}",
                    page.body
                );
                let code = world.code(id).await;
                assert_eq!(browser.try_code(id, &code).await.goes_to(), routes::resume(id));
            } else {
                assert_eq!(page.goes_to(), routes::leave(id), "{}", page.body);
                assert_eq!(
                    browser.get(&routes::unavailable(id)).await.goes_to(),
                    routes::leave(id)
                );
                let page = accounts.there_and_back(&mut browser, id).await;
                assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            }
            assert_eq!(world.stored_guest().await.method, Some(method));

            // Never again.
            let mut other = world.browser();
            let id = other.begin(world).await;
            let page = other.get(&routes::identify(id)).await;
            let page = other.submit(&page, "email", &[("email", ANNA)]).await;
            let next = if method == Method::Passcode {
                routes::passcode(id)
            } else {
                routes::leave(id)
            };
            assert_eq!(page.goes_to(), next, "{}", page.body);
            assert_ne!(browser.get(&routes::unavailable(id)).await.status, StatusCode::OK);
            world.advance(chrono::TimeDelta::hours(2));
        }
    }
}

#[tokio::test]
async fn strangers_are_asked_the_same() {
    let accounts = free().await.remove(0);
    let world = &accounts.world;
    let mut pages = Vec::new();
    for address in [ANNA, "carol@contoso.test"] {
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", address)]).await;
        let page = browser.get(&routes::choose(id)).await;
        pages.push(page.text("main").replace(address, "ADDRESS"));
    }
    assert_eq!(pages[0], pages[1]);
}

/// Only what was offered can be chosen, and only for this address.
#[tokio::test]
async fn a_choice_that_was_not_offered_is_none() {
    let accounts = free().await.remove(0);
    let world = &accounts.world;
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    let page = browser.get(&routes::identify(id)).await;
    browser.submit(&page, "email", &[("email", ANNA)]).await;
    let page = browser.get(&routes::choose(id)).await;
    for method in ["0", "-1", "", "federation", "00000000000000000000000000000000"] {
        let answer = browser
            .submit(&page, "Continue with Google", &[("method", method)])
            .await;
        assert_eq!(answer.goes_to(), routes::choose(id), "{method}");
        assert_eq!(world.sign_in(id).await.chosen, None, "{method}");
    }
    assert_eq!(world.mails().await, 0);
    browser
        .submit(&page, "Email me a sign-in code", &[("method", "passcode")])
        .await;
    assert_eq!(world.sign_in(id).await.chosen, Some(Method::Passcode));
    // Another address is another question.
    let page = browser.get(&routes::identify(id)).await;
    browser
        .submit(&page, "email", &[("email", "carol@contoso.test")])
        .await;
    assert_eq!(world.sign_in(id).await.chosen, None);
    assert_eq!(browser.get(&routes::choose(id)).await.status, StatusCode::OK);
}

/// An address that only an invitation's link knows is masked wherever the choice leads, a refused mail included.
#[tokio::test]
async fn a_choice_shows_no_address_that_only_the_invitation_knows() {
    let few = |settings: &mut sign_in::Settings| {
        settings.resolution.usual.codes_beside_personal_accounts = true;
        settings.limits[LimitName::MailsPerAddressHour] = Limit::per_hour(0);
    };
    for world in World::on_each_with(few).await {
        let accounts = Accounts::of(world).await;
        let world = &accounts.world;
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
        let page = browser.get(&routes::choose(id)).await;
        assert!(
            page.text("main").contains("a•••@c•••.test") && !page.body.contains(ANNA),
            "{}",
            page.body
        );
        let place = [("method", "passcode")];
        let refused = browser.submit(&page, "Email me a sign-in code", &place).await;
        assert!(refused.body.contains("too many codes"), "{}", refused.body);
        assert!(!refused.body.contains(ANNA), "{}", refused.body);
        let typing = browser.get(&routes::identify(id)).await;
        assert!(!typing.body.contains(ANNA), "{}", typing.body);
    }
}

/// R06: a personal account is chosen beside the guest's own organisation only where a rule names the address, and a
/// code never.
#[tokio::test]
async fn beside_a_tenant_no_code_is_offered() {
    for accounts in free().await {
        let world = &accounts.world;
        let tenant = Upstream {
            display_name: "Contoso".into(),
            connection: accounts.provider.connection.clone(),
            ..samples::tenant("contoso", &["contoso.test"])
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&tenant).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let page = browser.get(&routes::identify(id)).await;
        browser.submit(&page, "email", &[("email", ANNA)]).await;
        let page = browser.get(&routes::choose(id)).await;
        let said = page.text("main");
        assert!(
            said.contains("Continue with Contoso") && said.contains("Continue with Google"),
            "{said}"
        );
        assert!(!said.contains("sign-in code"), "{said}");
    }
}

/// An app may choose between methods that fit, and nothing else.
#[tokio::test]
async fn a_hint_of_the_app_chooses_among_methods_that_fit() {
    let accounts = free().await.remove(0);
    let world = &accounts.world;
    for (hint, next) in [("google", true), ("contoso", false)] {
        let mut browser = world.browser();
        let id = browser
            .begin_with(world, |sign_in| {
                sign_in.email = Some(samples::email(ANNA));
                sign_in.request.idp_hint = Some(hint.into());
            })
            .await;
        let answer = browser.get(&routes::send(id)).await;
        let expected = if next {
            routes::away(id)
        } else {
            routes::choose(id)
        };
        assert_eq!(answer.goes_to(), expected, "{hint}");
    }
}

/// A provider that owns no domain, as GitHub owns none, is the guest's own choice; a code confirms the address once. A stranger
/// is asked the same and gets no mail.
#[tokio::test]
async fn any_provider_may_be_chosen_in_place_of_a_code() {
    let may =
        |settings: &mut sign_in::Settings| settings.resolution.usual.personal_accounts_beside_codes = true;
    for world in World::on_each_with(may).await {
        let accounts = Accounts::with(world, |provider| provider.domains.clear()).await;
        let world = &accounts.world;
        accounts.claims(json!({ "email": "anna.berg@gmail.test" }));
        let mut asked = Vec::new();
        for (address, method) in [("carol@contoso.test", None), (ANNA, Some(accounts.method()))] {
            let mut browser = world.browser();
            let id = browser.begin(world).await;
            let page = browser.get(&routes::identify(id)).await;
            browser.submit(&page, "email", &[("email", address)]).await;
            let page = browser.get(&routes::choose(id)).await;
            asked.push(page.text("main").replace(address, "ADDRESS"));
            let google = value(accounts.method());
            let page = browser
                .submit(&page, "Continue with Google", &[("method", &google)])
                .await;
            assert_eq!(page.goes_to(), routes::leave(id), "{}", page.body);
            let page = accounts.there_and_back(&mut browser, id).await;
            assert_eq!(page.goes_to(), routes::send(id), "{}", page.body);
            let page = browser.get(&routes::send(id)).await;
            browser.submit(&page, "Email me a code", &[]).await;
            let Some(method) = method else {
                assert_eq!(world.mails().await, 0);
                continue;
            };
            assert_eq!(accounts.linked().await, 0, "nothing before the code");
            // What was chosen stays chosen, also while its provider cannot be reached for a moment.
            let code = world.code(id).await;
            accounts.down(true).await;
            let page = browser.try_code(id, &code).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            assert_eq!(world.stored_guest().await.method, Some(method));
            assert_eq!(accounts.linked().await, 1);
            accounts.down(false).await;
        }
        assert_eq!(asked[0], asked[1]);

        // From now on the account alone.
        world.advance(chrono::TimeDelta::hours(25));
        let mut other = world.browser();
        let id = other.begin(world).await;
        let page = accounts.round(&mut other, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    }
}
