//! Refresh tokens: rotation, reuse, races, and their end.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    rp::{Rp, answered_at, claims, param},
    world::{World, browser, worlds, worlds_with},
};

const ANNA: &str = "anna@contoso.test";

/// A sign-in with `offline_access`; the token response.
async fn tokens(world: &World, rp: &Rp) -> serde_json::Value {
    let mut anna = browser();
    let scope = [
        ("scope", Some("openid email offline_access")),
        ("prompt", Some("consent")),
    ];
    let page = anna.get(&rp.authorize(&scope)).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let code = world.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    let answer = answered_at(&page, &rp.redirect_uri);
    rp.exchange(&param(&answer, "code").unwrap()).await.body
}

#[tokio::test]
async fn a_refresh_token_works_once_and_reuse_ends_the_family() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let first = tokens(&world, &rp).await;
        let token = first["refresh_token"].as_str().unwrap();
        let id = claims(first["id_token"].as_str().unwrap());

        world.advance(TimeDelta::minutes(20));
        let second = rp.refresh(token).await;
        assert_eq!(second.status, 200, "{second:?}");
        let refreshed = claims(second.body["id_token"].as_str().unwrap());
        for claim in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(refreshed[claim], id[claim], "{claim}");
        }
        assert!(refreshed["iat"].as_i64() > id["iat"].as_i64());

        world.advance(TimeDelta::seconds(31));
        let reused = rp.refresh(token).await;
        assert_eq!(
            (reused.status, &reused.body["error"]),
            (400, &json!("invalid_grant"))
        );
        let next = second.body["refresh_token"].as_str().unwrap();
        assert_eq!(rp.refresh(next).await.body["error"], json!("invalid_grant"));
        let access = second.body["access_token"].as_str().unwrap();
        assert_eq!(rp.userinfo(access).await.status, 401);
        assert!(world.count("grant.reused").await >= 1);
    }
}

#[tokio::test]
async fn a_new_proof_takes_the_grants_along_and_signing_out_ends_them() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let answer = answered_at(&page, &rp.redirect_uri);
        let first = rp.exchange(&param(&answer, "code").unwrap()).await.body;
        let access = first["access_token"].as_str().unwrap();
        let host = "localhost";
        let copied = anna.cookie(host, "vestibule-session").unwrap().to_owned();

        world.advance(TimeDelta::minutes(2));
        let login = rp.authorize(&[("prompt", Some("login"))]);
        let page = anna.get(&login).await.unwrap();
        world.finish(&mut anna, &rp, page, ANNA).await;
        assert_eq!(rp.userinfo(access).await.status, 200, "the app notices nothing");
        let silent = rp.authorize(&[("prompt", Some("none"))]);
        let mut thief = browser();
        thief.set_cookie(host, "vestibule-session", &copied);
        let answer = crate::rp::until_app(&mut thief, &silent, &rp.redirect_uri).await;
        assert_eq!(param(&answer.url, "error").as_deref(), Some("login_required"));

        let page = anna.get(&format!("{}/logout", world.issuer())).await.unwrap();
        anna.submit(&page, "Sign out", &[]).await.unwrap();
        assert_eq!(rp.userinfo(access).await.status, 401);
    }
}

#[tokio::test]
async fn eight_racers_on_one_refresh_token_have_one_winner() {
    for world in worlds_with(|settings| settings.tokens.refresh_repeat = TimeDelta::zero()).await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let first = tokens(&world, &rp).await;
        let token = first["refresh_token"].as_str().unwrap().to_owned();
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (rp, token) = (rp.clone(), token.clone());
                tokio::spawn(async move { rp.refresh(&token).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for racer in racers {
            statuses.push(racer.await.unwrap());
        }
        assert_eq!(
            statuses.iter().filter(|status| **status == 200).count(),
            1,
            "{statuses:?}"
        );
        assert!(
            statuses.iter().all(|status| [200, 400].contains(status)),
            "{statuses:?}"
        );
    }
}

/// An access token that was given back stays over, and a repeated refresh brings another.
#[tokio::test]
async fn a_repeated_refresh_revives_no_access_token() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let first = tokens(&world, &rp).await;
        let token = first["refresh_token"].as_str().unwrap();
        let given_back = rp.refresh(token).await.body["access_token"].clone();
        let given_back = given_back.as_str().unwrap();
        let answer = rp.post("/revoke", &[("token", given_back)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let again = rp.refresh(token).await;
        assert_eq!(again.status, 200, "{again:?}");
        let other = again.body["access_token"].as_str().unwrap();
        assert_ne!(other, given_back);
        assert_eq!(rp.userinfo(given_back).await.status, 401);
        assert_eq!(rp.userinfo(other).await.status, 200);
    }
}

/// Clients that ask several times at once, or whose answer was lost, keep their session.
#[tokio::test]
async fn a_repeated_refresh_repeats_its_answer() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let first = tokens(&world, &rp).await;
        let token = first["refresh_token"].as_str().unwrap().to_owned();
        let racers: Vec<_> = (0..4)
            .map(|_| {
                let (rp, token) = (rp.clone(), token.clone());
                tokio::spawn(async move { rp.refresh(&token).await })
            })
            .collect();
        let mut answers = Vec::new();
        for racer in racers {
            let answer = racer.await.unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
            answers.push(answer.body);
        }
        let next = answers[0]["refresh_token"].as_str().unwrap();
        let access = answers[0]["access_token"].as_str().unwrap();
        for answer in &answers {
            assert_eq!(
                (&answer["refresh_token"], &answer["access_token"]),
                (&json!(next), &json!(access))
            );
        }
        assert_eq!(rp.userinfo(access).await.status, 200);
        world.advance(TimeDelta::seconds(30));
        let late = rp.refresh(&token).await;
        assert_eq!((late.status, &late.body["refresh_token"]), (200, &json!(next)));
        assert_eq!(late.body["expires_in"], json!(570), "what is left of it");

        // With fewer scopes it is another access token, and the same family.
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &*token),
            ("scope", "openid"),
        ];
        let fewer = rp.token(&form).await;
        assert_eq!((fewer.status, &fewer.body["scope"]), (200, &json!("openid")));
        assert_ne!(fewer.body["access_token"], json!(access));
        assert_eq!(fewer.body["refresh_token"], json!(next));

        // Once somebody has used what follows, who comes with the older one is a thief.
        assert_eq!(rp.refresh(next).await.status, 200);
        let reused = rp.refresh(&token).await;
        assert_eq!(
            (reused.status, &reused.body["error"]),
            (400, &json!("invalid_grant"))
        );
        assert_eq!(rp.userinfo(access).await.status, 401, "the family is over");
        assert!(world.count("grant.reused").await >= 1);
    }
}

#[tokio::test]
async fn a_late_repetition_ends_the_family_and_zero_switches_it_off() {
    for (within, after) in [(30, 31), (0, 0)] {
        let change = |settings: &mut sign_in::Settings| {
            settings.tokens.refresh_repeat = TimeDelta::seconds(within);
        };
        for world in worlds_with(change).await {
            let rp = world.app_with("notes", |app| app.offline_access = true).await;
            world.invite(ANNA, "notes").await;
            let first = tokens(&world, &rp).await;
            let token = first["refresh_token"].as_str().unwrap();
            let second = rp.refresh(token).await;
            world.advance(TimeDelta::seconds(after));
            assert_eq!(rp.refresh(token).await.status, 400, "{within}");
            let next = second.body["refresh_token"].as_str().unwrap();
            assert_eq!(rp.refresh(next).await.status, 400, "{within}");
        }
    }
}

#[tokio::test]
async fn a_blocked_guest_is_out_everywhere_at_once() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.offline_access = true).await;
        world.invite(ANNA, "notes").await;
        let first = tokens(&world, &rp).await;
        let guest = world.guest(ANNA).await;
        actions::block_guest(&world.core, crate::world::operator(), guest.id, None)
            .await
            .unwrap();
        let refreshed = rp.refresh(first["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.body["error"], json!("invalid_grant"));
        assert_eq!(
            rp.userinfo(first["access_token"].as_str().unwrap()).await.status,
            401
        );

        // She may still prove her mailbox, and only then learns where she stands.
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(page.url.path().ends_with("/refused"), "{}", page.url);
    }
}
