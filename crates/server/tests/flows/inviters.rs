//! An app's owner and a sponsor invite without an operator account, from the link in a mail.

use actions::{AppChange, change_app, remove_sponsor};
use chrono::TimeDelta;
use dev::browser::{BrowserPage, TextBrowser};
use domain::{inviter::Inviters, limits::LimitName};

use crate::{
    rp::{answered_at, until_app},
    world::{World, browser, operator, worlds, worlds_with},
};

const LEE: &str = "lee@acme.test";
const KIM: &str = "kim@acme.test";
const ANNA: &str = "anna@contoso.test";
const BEN: &str = "ben@contoso.test";

/// The board, to which those may invite, and which Lee owns.
async fn board(world: &World, inviters: Inviters) -> crate::rp::Rp {
    let change = |app: &mut actions::NewApp| {
        app.name = "Acme Board".into();
        app.owner = Some(LEE.into());
        app.inviters = inviters;
    };
    world.app_with("board", change).await
}

/// Asks for a link, and reads what the page says.
async fn ask(world: &World, address: &str) -> BrowserPage {
    let mut somebody = browser();
    let page = somebody
        .get(&world.core.settings.issuer.at("/invite"))
        .await
        .unwrap();
    somebody
        .submit(&page, "Continue", &[("email", address)])
        .await
        .unwrap()
}

fn mailed(world: &World, address: &str) -> Vec<String> {
    let mails = world.inbox.to(address);
    let ours = mails
        .iter()
        .filter(|mail| mail.subject.starts_with("Invite guests"));
    ours.filter_map(|mail| {
        mail.text
            .lines()
            .find(|line| line.starts_with("http"))
            .map(str::to_owned)
    })
    .collect()
}

/// The form to which the newest link leads.
async fn opened(world: &World, address: &str) -> (TextBrowser, BrowserPage) {
    ask(world, address).await;
    world.deliver().await;
    let link = mailed(world, address).pop().unwrap();
    let mut inviter = browser();
    let page = inviter.get(&link).await.unwrap();
    (inviter, page)
}

async fn invite(inviter: &mut TextBrowser, page: &BrowserPage, more: &[(&str, &str)]) -> BrowserPage {
    let mut fields = vec![("app", "board"), ("your_name", "Lee")];
    fields.extend(more);
    inviter
        .submit(page, "Send the invitation", &fields)
        .await
        .unwrap()
}

async fn board_id(world: &World) -> domain::Id<domain::app::App> {
    let reader = world.core.store.reader();
    reader.app_by_client_id("board").await.unwrap().unwrap().id
}

async fn invitations(world: &World) -> usize {
    let all = store::InvitationFilter {
        guest: None,
        app: None,
        sponsor: None,
        standing: None,
        after: None,
        limit: 99,
    };
    world.core.store.reader().invitations(&all).await.unwrap().len()
}

#[tokio::test]
async fn an_owner_invites_and_their_guest_comes_in_and_is_theirs() {
    for world in worlds().await {
        let rp = board(&world, Inviters::Owner).await;
        let (mut lee, page) = opened(&world, LEE).await;
        assert!(
            page.all_text().contains("You invite as lee@acme.test"),
            "{}",
            page.body
        );

        // Mail scanners open links, and send forms as they are.
        let scanned = lee.submit(&page, "Send the invitation", &[]).await.unwrap();
        assert!(scanned.title().starts_with("Error: "), "{}", scanned.title());
        assert_eq!(invitations(&world).await, 0, "{}", world.database.name);

        let last_day = (world.now() + TimeDelta::days(30)).format("%Y-%m-%d").to_string();
        let fields = [
            ("guest", ANNA),
            ("until", &*last_day),
            ("message", "See you there."),
        ];
        let done = invite(&mut lee, &page, &fields).await;
        assert!(
            done.all_text()
                .contains("anna@contoso.test is invited to Acme Board"),
            "{}",
            done.body
        );
        // Sent twice, it is one invitation.
        invite(&mut lee, &page, &fields).await;
        assert_eq!(invitations(&world).await, 1, "{}", world.database.name);
        // Sent again by way of the Back button with another address, it is another.
        let other = invite(&mut lee, &page, &[("guest", BEN)]).await;
        let says = "ben@contoso.test is invited to Acme Board";
        assert!(other.all_text().contains(says), "{}", other.body);
        assert_eq!(invitations(&world).await, 2, "{}", world.database.name);

        world.deliver().await;
        let mail = world.inbox.to(ANNA).pop().unwrap();
        assert_eq!(mail.subject, "Lee invited you to Acme Board at Acme");
        assert!(mail.text.contains("See you there."), "{}", mail.text);

        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        let guest = world.guest(ANNA).await;
        let held = world.core.store.reader().assignments_of(guest.id).await.unwrap();
        assert_eq!(held[0].sponsor.as_deref(), Some(LEE));
        let end = domain::time::end_of_day(&last_day);
        assert_eq!(held[0].ends_at, end, "{}", world.database.name);
        let page = until_app(&mut anna, &rp.authorize(&[]), &rp.redirect_uri).await;
        answered_at(&page, &rp.redirect_uri);
        for (action, times) in [
            ("inviter.link_asked", 1),
            ("inviter.link_mailed", 1),
            ("invitation.created", 2),
        ] {
            assert_eq!(
                world.count(action).await,
                times,
                "{}: {action}",
                world.database.name
            );
        }
    }
}

#[tokio::test]
async fn whoever_asks_reads_the_same_and_only_who_may_is_mailed() {
    for world in worlds().await {
        board(&world, Inviters::Owner).await;
        let (lee, kim) = (ask(&world, LEE).await, ask(&world, KIM).await);
        assert_eq!(lee.body.replace(LEE, KIM), kim.body, "{}", world.database.name);
        world.deliver().await;
        assert_eq!((mailed(&world, LEE).len(), mailed(&world, KIM).len()), (1, 0));
        // One mailbox gets five in an hour.
        for _ in 0..9 {
            ask(&world, LEE).await;
        }
        world.deliver().await;
        assert_eq!(mailed(&world, LEE).len(), 5, "{}", world.database.name);
        world.advance(TimeDelta::hours(1));
        ask(&world, LEE).await;
        world.deliver().await;
        assert_eq!(mailed(&world, LEE).len(), 6, "{}", world.database.name);
    }
    let name = LimitName::MailsPerNetworkHour;
    for world in worlds_with(|settings| settings.limits[name].max = 2).await {
        board(&world, Inviters::Owner).await;
        ask(&world, KIM).await;
        ask(&world, KIM).await;
        let page = ask(&world, LEE).await;
        assert!(page.all_text().contains("Too many emails"), "{}", page.body);
        world.deliver().await;
        assert!(mailed(&world, LEE).is_empty(), "{}", world.database.name);
    }
}

#[tokio::test]
async fn a_sponsor_invites_where_the_app_lets_them_and_until_they_leave() {
    for world in worlds().await {
        let rp = board(&world, Inviters::Owner).await;
        let (mut lee, page) = opened(&world, LEE).await;
        invite(&mut lee, &page, &[("guest", ANNA)]).await;
        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        let guest = world.guest(ANNA).await;
        let new = actions::NewAssignment {
            guest: guest.id,
            app: board_id(&world).await,
            starts_at: None,
            ends_at: None,
            reason: None,
            sponsor: Some(KIM.into()),
        };
        actions::assign(&world.core, operator(), new).await.unwrap();

        // Kim answers for Anna; the app is not open to sponsors.
        ask(&world, KIM).await;
        world.deliver().await;
        assert!(mailed(&world, KIM).is_empty(), "{}", world.database.name);
        let change = AppChange {
            inviters: Some(Inviters::Sponsors),
            ..AppChange::default()
        };
        change_app(&world.core, operator(), "board", change)
            .await
            .unwrap();
        let (mut kim, page) = opened(&world, KIM).await;
        let done = invite(&mut kim, &page, &[("guest", BEN)]).await;
        assert!(
            done.all_text().contains("ben@contoso.test is invited"),
            "{}",
            done.body
        );
        // Of the invitations they see their own.
        assert!(!done.all_text().contains(ANNA), "{}", done.body);

        remove_sponsor(&world.core, operator(), KIM, None).await.unwrap();
        let refused = invite(&mut kim, &page, &[("guest", "carl@contoso.test")]).await;
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert!(!refused.all_text().contains(BEN), "{}", refused.body);
        assert_eq!(invitations(&world).await, 2, "{}", world.database.name);
    }
}

#[tokio::test]
async fn what_an_inviter_gets_wrong_is_said_and_nothing_is_lost() {
    for world in worlds_with(|settings| settings.limits[LimitName::InvitationsPerInviterDay].max = 2).await {
        board(&world, Inviters::Owner).await;
        let (mut lee, page) = opened(&world, LEE).await;
        for (field, value, says) in [
            ("guest", "", "Enter the guest's email address"),
            ("guest", LEE, "This is your own address"),
            ("until", "2020-01-01", "Enter a day that is still to come"),
            ("your_name", " ", "Enter your name"),
            ("app", "notes", "Choose what you invite to"),
        ] {
            let mut fields = vec![("guest", ANNA), ("message", "Hello!")];
            fields.retain(|(name, _)| *name != field);
            fields.push((field, value));
            let wrong = invite(&mut lee, &page, &fields).await;
            assert_eq!(wrong.status, 422, "{field}: {}", wrong.body);
            assert!(wrong.all_text().contains(says), "{field}: {}", wrong.all_text());
            assert!(wrong.body.contains("Hello!"), "{field}: {}", wrong.body);
        }
        // A guest who is shut out is not told apart from one who does not want to be invited.
        invite(&mut lee, &page, &[("guest", ANNA)]).await;
        let guest = world.guest(ANNA).await;
        actions::block_guest(&world.core, operator(), guest.id, None)
            .await
            .unwrap();
        let (mut lee, page) = opened(&world, LEE).await;
        let refused = invite(&mut lee, &page, &[("guest", ANNA), ("your_name", "Another Lee")]).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert!(
            refused.all_text().contains("can't be invited"),
            "{}",
            refused.body
        );
        // The quota is the address's, whatever name they give.
        invite(&mut lee, &page, &[("guest", BEN)]).await;
        let (mut lee, page) = opened(&world, LEE).await;
        let over = invite(
            &mut lee,
            &page,
            &[("guest", "carl@contoso.test"), ("your_name", "L.")],
        )
        .await;
        assert_eq!(over.status, 429, "{}", over.body);
        assert!(
            over.all_text().contains("as many invitations as you can"),
            "{}",
            over.body
        );
    }
}

#[tokio::test]
async fn an_invitation_is_taken_back_and_a_link_lasts_for_a_day() {
    for world in worlds().await {
        board(&world, Inviters::Owner).await;
        world.invite(BEN, "board").await;
        let (mut lee, page) = opened(&world, LEE).await;
        let page = invite(&mut lee, &page, &[("guest", ANNA)]).await;
        let unchosen = lee
            .submit(&page, "Take back the chosen invitation", &[])
            .await
            .unwrap();
        assert_eq!(unchosen.status, 422, "{}", unchosen.body);

        let reader = world.core.store.reader();
        let app = board_id(&world).await;
        let of = async |address: &str| {
            let guest = world.guest(address).await.id;
            reader.newest_invitation(guest, app).await.unwrap().unwrap()
        };
        // An operator's is not theirs to take back.
        let bens = of(BEN).await.id.to_string();
        let refused = lee
            .submit(&page, "Take back the chosen invitation", &[("invitation", &bens)])
            .await
            .unwrap();
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert!(of(BEN).await.is_open(world.now()));

        let annas = of(ANNA).await.id.to_string();
        let done = lee
            .submit(
                &page,
                "Take back the chosen invitation",
                &[("invitation", &annas)],
            )
            .await
            .unwrap();
        assert!(done.all_text().contains("is taken back"), "{}", done.body);
        assert!(!of(ANNA).await.is_open(world.now()), "{}", world.database.name);
        assert!(done.form("Take back the chosen invitation").is_err());

        world.advance(TimeDelta::hours(24));
        let link = mailed(&world, LEE).pop().unwrap();
        let over = lee.get(&link).await.unwrap();
        assert_eq!(over.status, 404, "{}", over.body);
        assert!(over.all_text().contains("Ask for a new link"), "{}", over.body);
    }
}

/// The token of the page, for what a form of it would send.
fn token(page: &BrowserPage) -> String {
    let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn their_links_end_by_their_own_hand_and_when_they_leave() {
    for world in worlds().await {
        board(&world, Inviters::Owner).await;
        let (mut lee, page) = opened(&world, LEE).await;
        // A form that is none of the page's does nothing.
        let forged = lee
            .submit(&page, "End my links", &[("csrf", "another")])
            .await
            .unwrap();
        assert_eq!(forged.status, 403, "{}", forged.body);
        let forged = invite(
            &mut lee,
            &page,
            &[("guest", ANNA), ("csrf", &format!("{}x", token(&page)))],
        )
        .await;
        assert_eq!(forged.status, 403, "{}", forged.body);
        let (mut other, other_page) = opened(&world, LEE).await;
        let ended = lee.submit(&page, "End my links", &[]).await.unwrap();
        assert_eq!(ended.status, 404, "{}", ended.body);
        let refused = invite(&mut other, &other_page, &[("guest", ANNA)]).await;
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert_eq!(invitations(&world).await, 0, "{}", world.database.name);
        assert_eq!(world.count("inviter.links_ended").await, 1);

        let (mut lee, page) = opened(&world, LEE).await;
        remove_sponsor(&world.core, operator(), LEE, None).await.unwrap();
        actions::restore_sponsor(&world.core, operator(), LEE)
            .await
            .unwrap();
        let refused = invite(&mut lee, &page, &[("guest", ANNA)]).await;
        assert_eq!(refused.status, 404, "{}", refused.body);
    }
}
