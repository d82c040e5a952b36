//! Recent activity, and «this was not me».

use super::*;

/// Guests know no groups: they read which apps it was about.
#[tokio::test]
async fn what_a_group_gives_and_takes_is_told_by_the_names_of_its_apps() {
    for world in worlds().await {
        let mut names = vec!["notes".to_owned()];
        world.app("notes").await;
        for (client_id, name) in [
            ("files", "Acme Files"),
            ("chat", "Acme Chat"),
            ("wiki", "Acme Wiki"),
        ] {
            let new = actions::NewApp {
                client_id: Some(client_id.into()),
                ..actions::NewApp::new(name, "https://app.acme.example/callback")
            };
            actions::register_app(&world.core, operator(), new).await.unwrap();
            names.push(client_id.into());
        }
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        enters(&world, &mut anna, "/me").await;
        let guest = world.guest(ANNA).await.id;
        for (group, apps) in [("few", &names[1..3]), ("many", &names[..])] {
            actions::add_group(&world.core, operator(), group, apps)
                .await
                .unwrap();
            let new = actions::NewGroupAssignment {
                guest,
                group: group.into(),
                ends_at: None,
                reason: None,
                sponsor: None,
            };
            actions::assign_to_group(&world.core, operator(), new)
                .await
                .unwrap();
        }
        actions::unassign_from_group(&world.core, operator(), guest, "few", None)
            .await
            .unwrap();
        let text = anna.get(&at(&world, "/me")).await.unwrap().all_text();
        for said in [
            "You were given access to Acme Chat, Acme Files",
            "Your access to Acme Chat, Acme Files ended",
            "You were given access to Acme Chat, Acme Files, Acme Notes, …",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}

#[tokio::test]
async fn this_was_not_me_ends_everything_and_takes_the_passkeys() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let (mut anna, mut somebody) = (browser(), browser());
        world.sign_in(&mut anna, &notes, ANNA).await;
        world.sign_in(&mut somebody, &notes, ANNA).await;
        let token = holds(&mut somebody, &notes).await;
        let guest = world.guest(ANNA).await;
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_passkey(&samples::passkey(&guest)).await.unwrap();
        tx.commit().await.unwrap();
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        let text = page.all_text();
        assert!(
            text.contains("You opened Acme Notes") && text.contains("You signed in"),
            "{text}"
        );
        let page = anna.submit(&page, "This wasn't me", &[]).await.unwrap();
        assert_eq!(page.text("h1").as_deref(), Some("Thank you for telling us"));
        assert_eq!(notes.userinfo(&token).await.status, 401);
        for who in [&mut anna, &mut somebody] {
            let page = who.get(&at(&world, "/me")).await.unwrap();
            assert!(page.form("email").is_ok(), "{}", page.body);
        }
        let reader = world.core.store.reader();
        assert!(reader.passkeys_of(guest.id).await.unwrap().is_empty());
        assert_eq!(world.count("guest.activity_disputed").await, 1);
    }
}
