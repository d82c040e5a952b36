//! Two guests who are one person: asked by an operator, and both say so behind a sign-in of their own.

use actions::{ask_merge, block_guest, restore_guest, take_back_merge};
use chrono::TimeDelta;
use dev::browser::{BrowserPage, TextBrowser};
use domain::{
    Id,
    guest::GuestStatus,
    merge::{Merge, MergeState},
};

use crate::{
    rp::{Rp, answered_at, param, until_app},
    world::{World, browser, operator, worlds},
};

/// The address that stays.
const NEW: &str = "anna@new.test";
const OLD: &str = "anna@contoso.test";

/// Anna is in the notes by her old address, and was invited to the board by her new one; Lee's people ask whether she is one person.
async fn asked(world: &World) -> (Rp, Rp, Id<Merge>) {
    let (notes, board) = (world.app("notes").await, world.app("board").await);
    world.invite(OLD, "notes").await;
    world.invite(NEW, "board").await;
    world.sign_in(&mut browser(), &notes, OLD).await;
    world.sign_in(&mut browser(), &board, NEW).await;
    let (kept, other) = (world.guest(NEW).await.id, world.guest(OLD).await.id);
    let merge = ask_merge(&world.core, operator(), kept, other, Some("changed employer"))
        .await
        .unwrap();
    world.deliver().await;
    (notes, board, merge.id)
}

async fn state(world: &World, merge: Id<Merge>) -> MergeState {
    let reader = world.core.store.reader();
    reader.merge(merge).await.unwrap().unwrap().state
}

/// Opens the page with nobody signed in, and proves to be that guest.
async fn opens(world: &World, anna: &mut TextBrowser, address: &str) -> BrowserPage {
    let page = anna.get(&format!("{}/me/merge", world.issuer())).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", address)]).await.unwrap();
    let code = world.code(address).await;
    anna.submit(&page, "code", &[("code", &code)]).await.unwrap()
}

/// From there on as the other guest.
async fn goes_on_as(world: &World, anna: &mut TextBrowser, page: &BrowserPage, address: &str) -> BrowserPage {
    let button = format!("Sign in as {address}");
    let page = anna.submit(page, &button, &[]).await.unwrap();
    let page = anna.submit(&page, "Email me a code", &[]).await.unwrap();
    let code = world.code(address).await;
    anna.submit(&page, "code", &[("code", &code)]).await.unwrap()
}

/// Each of the two has got one mail with these words in its subject.
async fn both_read(world: &World, subject: &str) {
    world.deliver().await;
    for address in [NEW, OLD] {
        let mails = mailed(world, address, subject);
        assert_eq!(mails.len(), 1, "{}: {address}", world.database.name);
    }
}

fn mailed(world: &World, address: &str, subject: &str) -> Vec<String> {
    let mails = world.inbox.to(address);
    let ours = mails.iter().filter(|mail| mail.subject.contains(subject));
    ours.map(|mail| mail.text.clone()).collect()
}

async fn enters(guest: &mut TextBrowser, rp: &Rp) -> Result<(), String> {
    let page = until_app(guest, &rp.authorize(&[]), &rp.redirect_uri).await;
    if !page.url.as_str().starts_with(&rp.redirect_uri) {
        return Err(page.all_text());
    }
    answered_at(&page, &rp.redirect_uri);
    Ok(())
}

#[tokio::test]
async fn both_say_yes_and_one_of_them_opens_everything() {
    for world in worlds().await {
        let (notes, board, merge) = asked(&world).await;
        let mut old = browser();
        world.sign_in(&mut old, &notes, OLD).await;
        let page = until_app(&mut old, &notes.authorize(&[]), &notes.redirect_uri).await;
        let code = param(&answered_at(&page, &notes.redirect_uri), "code").unwrap();
        for address in [NEW, OLD] {
            let mails = mailed(&world, address, "Are both of these addresses yours?");
            assert_eq!(mails.len(), 1, "{}: {address}", world.database.name);
            let link = format!("{}/me/merge", world.issuer());
            assert!(mails[0].contains(&link) && mails[0].contains(NEW) && mails[0].contains(OLD));
        }

        let mut anna = browser();
        let page = opens(&world, &mut anna, NEW).await;
        assert_eq!(page.url.path(), "/me/merge", "{}", page.body);
        assert_eq!(
            page.text("h1").as_deref(),
            Some("Is anna@contoso.test yours as well?")
        );
        let page = anna.submit(&page, "Yes, both are mine", &[]).await.unwrap();
        assert!(
            page.all_text().contains("You have said yes as anna@new.test"),
            "{}",
            page.body
        );
        assert_eq!(state(&world, merge).await, MergeState::Asked);
        assert_eq!(world.guest(OLD).await.status, GuestStatus::Active);

        let page = goes_on_as(&world, &mut anna, &page, OLD).await;
        assert_eq!(
            page.text("h1").as_deref(),
            Some("Is anna@new.test yours as well?")
        );
        let page = anna.submit(&page, "Yes, both are mine", &[]).await.unwrap();
        assert_eq!(page.url.path(), "/me/done/merged", "{}", page.body);
        assert_eq!(state(&world, merge).await, MergeState::Merged);
        assert_eq!(world.guest(OLD).await.status, GuestStatus::Removed);

        // What the old address held is worth nothing; the new one opens both.
        let tokens = notes.exchange(&code).await;
        assert_eq!(tokens.body["error"], "invalid_grant", "{}", world.database.name);
        let mut anna = browser();
        world.sign_in(&mut anna, &board, NEW).await;
        enters(&mut anna, &notes).await.unwrap();
        both_read(&world, "are one guest now").await;
        for (action, times) in [
            ("guest.merge_asked", 2),
            ("guest.merge_asked_mailed", 2),
            ("guest.merge_agreed", 2),
            ("guest.merged", 1),
            ("guest.merged_mailed", 2),
            ("guest.removed", 1),
        ] {
            assert_eq!(
                world.count(action).await,
                times,
                "{}: {action}",
                world.database.name
            );
        }
        let page = anna.get(&format!("{}/me", world.issuer())).await.unwrap();
        assert!(
            page.all_text().contains("You said that two addresses are yours"),
            "{}",
            page.body
        );

        // The old one is told which to use.
        let mut old = browser();
        let asked_for = old.get(&notes.authorize(&[])).await.unwrap();
        let page = old.submit(&asked_for, "email", &[("email", OLD)]).await.unwrap();
        let code = world.code(OLD).await;
        let page = old.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(
            page.all_text().contains("sign in as a•••@n•••.test instead"),
            "{}",
            page.body
        );

        // By itself the old one does not come back; with the merge taken back it does, and the new one opens its own.
        let old = world.guest(OLD).await.id;
        let refused = restore_guest(&world.core, operator(), old).await.unwrap_err();
        assert!(refused.to_string().contains(&merge.to_string()), "{refused}");
        let taken = take_back_merge(&world.core, operator(), merge)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((taken.taken, taken.stay), (1, 0), "{}", world.database.name);
        both_read(&world, "are two guests again").await;
        assert_eq!(world.count("guest.unmerged_mailed").await, 2);
        assert_eq!(world.guest(OLD).await.status, GuestStatus::Active);
        assert!(
            enters(&mut anna, &notes).await.is_err(),
            "{}",
            world.database.name
        );
        enters(&mut anna, &board).await.unwrap();
        let mut again = browser();
        world.sign_in(&mut again, &notes, OLD).await;
    }
}

#[tokio::test]
async fn one_no_and_nobody_is_merged() {
    for world in worlds().await {
        let (_, _, merge) = asked(&world).await;
        let mut anna = browser();
        let page = opens(&world, &mut anna, OLD).await;
        // My access asks as well.
        let mine = anna.get(&format!("{}/me", world.issuer())).await.unwrap();
        assert!(mine.link("Answer that").is_ok(), "{}", mine.body);
        assert!(
            page.all_text().contains("No, anna@new.test isn't mine"),
            "{}",
            page.body
        );
        let no = [("answer", "no")];
        let page = anna.submit(&page, "Yes, both are mine", &no).await.unwrap();
        assert_eq!(page.url.path(), "/me/done/not-merged", "{}", page.body);
        assert_eq!(state(&world, merge).await, MergeState::Declined);
        let page = anna.get(&format!("{}/me/merge", world.issuer())).await.unwrap();
        assert_eq!(page.url.path(), "/me/done/merge-over");
        let page = opens(&world, &mut browser(), NEW).await;
        assert_eq!(page.url.path(), "/me/done/merge-over", "{}", page.body);
        assert_eq!(world.guest(OLD).await.status, GuestStatus::Active);
        let refused = take_back_merge(&world.core, operator(), merge).await.unwrap_err();
        assert!(refused.to_string().contains("said no"), "{refused}");
    }
}

#[tokio::test]
async fn nobody_answers_for_another_or_too_late_or_without_a_fresh_proof() {
    for world in worlds().await {
        let (_, _, merge) = asked(&world).await;
        world.invite("ben@contoso.test", "board").await;
        let page = opens(&world, &mut browser(), "ben@contoso.test").await;
        assert_eq!(page.url.path(), "/me/done/merge-over", "{}", page.body);

        // The question was taken back and put anew since the page was read: what is answered is what is shown.
        let mut anna = browser();
        let page = opens(&world, &mut anna, NEW).await;
        take_back_merge(&world.core, operator(), merge).await.unwrap();
        world.advance(TimeDelta::minutes(1));
        let (kept, other) = (world.guest(OLD).await.id, world.guest(NEW).await.id);
        let again = ask_merge(&world.core, operator(), kept, other, None)
            .await
            .unwrap();
        let shown = anna.submit(&page, "Yes, both are mine", &[]).await.unwrap();
        assert_eq!(shown.url.path(), "/me/merge", "{}", shown.body);
        assert!(
            shown
                .all_text()
                .contains("you sign in with anna@contoso.test from then on"),
            "{}",
            shown.body
        );
        assert_eq!(
            world.count("guest.merge_agreed").await,
            0,
            "{}",
            world.database.name
        );
        take_back_merge(&world.core, operator(), again.id).await.unwrap();
        world.advance(TimeDelta::minutes(1));
        let merge = ask_merge(&world.core, operator(), other, kept, None)
            .await
            .unwrap()
            .id;

        // Signed in hours ago: the form leads to another proof.
        let mut anna = browser();
        let page = opens(&world, &mut anna, NEW).await;
        world.advance(TimeDelta::hours(2));
        let page = anna.submit(&page, "Yes, both are mine", &[]).await.unwrap();
        assert!(page.form("Email me a code").is_ok(), "{}", page.body);
        assert_eq!(world.count("guest.merge_agreed").await, 0);

        // Whoever is shut out meanwhile does not come in by the other.
        let kept = world.guest(NEW).await.id;
        let mut old = browser();
        let page = opens(&world, &mut old, OLD).await;
        block_guest(&world.core, operator(), kept, None).await.unwrap();
        let page = old.submit(&page, "Yes, both are mine", &[]).await.unwrap();
        assert_eq!(page.url.path(), "/me/done/merge-over", "{}", page.body);
        assert_eq!(
            world.count("guest.merge_agreed").await,
            0,
            "{}",
            world.database.name
        );
        actions::unblock_guest(&world.core, operator(), kept)
            .await
            .unwrap();

        world.advance(TimeDelta::days(7));
        let page = opens(&world, &mut browser(), OLD).await;
        assert_eq!(page.url.path(), "/me/done/merge-over", "{}", page.body);
        assert_eq!(state(&world, merge).await, MergeState::Asked);
    }
}
