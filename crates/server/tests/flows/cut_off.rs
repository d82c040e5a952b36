//! The cut-off matrix: whatever is taken away between whichever two steps of a sign-in, on another replica, the guest does not get in,
//! and is told by a page.

use actions::{
    block_guest, convert_guest, disable_app, remove_guest, revoke_invitation, set_expiry, switch_off,
    unassign,
};
use dev::browser::{BrowserPage, TextBrowser};
use domain::upstream::UpstreamKind;
use sign_in::Core;
use store::InvitationFilter;
use test_support::{TestUpstream, samples};
use url::Url;

use crate::{
    federation::federate,
    rp::{Rp, param},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    GuestBlocked,
    GuestRemoved,
    GuestConverted,
    GuestExpired,
    AppDisabled,
    AccessEnded,
    InvitationRevoked,
}

const CUTS: [Cut; 7] = [
    Cut::GuestBlocked,
    Cut::GuestRemoved,
    Cut::GuestConverted,
    Cut::GuestExpired,
    Cut::AppDisabled,
    Cut::AccessEnded,
    Cut::InvitationRevoked,
];

/// Where a guest stands in a sign-in.
enum At {
    /// Nothing was done yet.
    Start,
    /// The page that asks for the address.
    Address(BrowserPage),
    /// The page that asks for the code.
    Code(BrowserPage),
    /// The app has an authorization code.
    Answered(String),
    /// The app has an access token.
    Token(String),
    /// The app was told who the guest is.
    In,
    /// A page that says no, or the app was told no: the status.
    Out(u16, String),
}

async fn next(world: &World, rp: &Rp, anna: &mut TextBrowser, at: At) -> At {
    let out = |page: &BrowserPage| At::Out(page.status.into(), page.all_text());
    match at {
        At::Start => {
            let page = anna.get(&rp.authorize(&[])).await.unwrap();
            if page.form("email").is_ok() {
                At::Address(page)
            } else {
                out(&page)
            }
        }
        At::Address(page) => {
            let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
            if page.form("code").is_ok() {
                At::Code(page)
            } else {
                out(&page)
            }
        }
        At::Code(page) => {
            world.deliver().await;
            if world.inbox.to(ANNA).is_empty() {
                return out(&page);
            }
            let code = world.code_mailed_to(ANNA);
            let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
            let link = page.attribute("main a[href]", "href").unwrap_or_default();
            match Url::parse(&link).ok().and_then(|link| param(&link, "code")) {
                Some(code) if link.starts_with(&rp.redirect_uri) => At::Answered(code),
                _ => out(&page),
            }
        }
        At::Answered(code) => {
            let answer = rp.exchange(&code).await;
            match answer.body["access_token"].as_str() {
                Some(token) => At::Token(token.to_owned()),
                None => At::Out(answer.status, answer.body.to_string()),
            }
        }
        At::Token(token) => {
            let answer = rp.userinfo(&token).await;
            if answer.status == 200 {
                At::In
            } else {
                At::Out(answer.status, answer.body.to_string())
            }
        }
        At::In | At::Out(..) => at,
    }
}

/// Another process on this database.
async fn replica_of(world: &World) -> Core {
    let keys = world.core.store.master_keys().clone();
    Core {
        store: world.database.reopen(keys).await.unwrap(),
        ..world.core.clone()
    }
}

/// What an operator does at another process on this database; whether there was anything to take away.
async fn cut(replica: &Core, cut: Cut) -> bool {
    let reader = replica.store.reader();
    let guest = reader
        .guest_by_email(&samples::email(ANNA))
        .await
        .unwrap()
        .unwrap()
        .id;
    let app = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
    let by = operator();
    match cut {
        Cut::GuestBlocked => block_guest(replica, by, guest, None).await.unwrap(),
        Cut::GuestRemoved => remove_guest(replica, by, guest, None).await.unwrap(),
        Cut::GuestConverted => convert_guest(replica, by, guest, None).await.unwrap(),
        Cut::GuestExpired => set_expiry(replica, by, guest, Some(replica.now())).await.unwrap(),
        Cut::AppDisabled => {
            disable_app(replica, by, "notes").await.unwrap();
            true
        }
        Cut::AccessEnded => unassign(replica, by, guest, app, None).await.unwrap(),
        Cut::InvitationRevoked => {
            let theirs = InvitationFilter {
                guest: Some(guest),
                app: None,
                sponsor: None,
                standing: None,
                after: None,
                limit: 1,
            };
            let found = reader.invitations(&theirs).await.unwrap();
            revoke_invitation(replica, by, found[0].id, None).await.is_ok()
        }
    }
}

/// The steps lead in where nothing is taken away: else the matrix would hold nothing.
#[tokio::test]
async fn nothing_is_taken_away() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let (mut anna, mut at) = (browser(), At::Start);
        for _ in 0..5 {
            at = next(&world, &rp, &mut anna, at).await;
        }
        assert!(matches!(at, At::In), "{}", world.database.name);
    }
}

#[tokio::test]
async fn whatever_is_taken_away_between_two_steps_reaches_the_next() {
    for cut_off in CUTS {
        for steps in 0..5 {
            for world in worlds().await {
                let case = format!("{cut_off:?} after {steps} steps, {}", world.database.name);
                let rp = world.app("notes").await;
                world.invite(ANNA, "notes").await;
                let mut anna = browser();
                let mut at = At::Start;
                for _ in 0..steps {
                    at = next(&world, &rp, &mut anna, at).await;
                }
                assert!(!matches!(at, At::Out(..)), "{case}: {steps} steps work");

                let replica = replica_of(&world).await;
                // An invitation that was redeemed cannot be revoked: access is ended instead.
                if !cut(&replica, cut_off).await {
                    assert!(cut_off == Cut::InvitationRevoked && steps >= 3, "{case}");
                    continue;
                }
                for _ in 0..6 {
                    at = next(&world, &rp, &mut anna, at).await;
                }
                let At::Out(status, said) = at else {
                    panic!("{case}: came in");
                };
                assert!(status < 500 && said.len() > 20, "{case}: {status} {said}");
            }
        }
    }
}

/// Where a guest stands in a sign-in by their organisation.
enum ByTenant {
    Start,
    Address(BrowserPage),
    /// The page that sends them there.
    Leaving(Url),
    /// At their organisation, which is about to send them back.
    There(Url),
    /// The app has an authorization code.
    Answered(String),
    /// The app has an access token.
    Token(String),
    In,
    /// The tenant does not lead them in: the status, and what is said.
    Out(u16, String),
}

async fn next_by_tenant(rp: &Rp, contoso: &TestUpstream, anna: &mut TextBrowser, at: ByTenant) -> ByTenant {
    match at {
        ByTenant::Start => ByTenant::Address(anna.get(&rp.authorize(&[])).await.unwrap()),
        ByTenant::Address(page) => {
            let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
            match page.link("Continue to Contoso") {
                Ok(link) => ByTenant::Leaving(link),
                Err(_) => ByTenant::Out(page.status.into(), page.all_text()),
            }
        }
        ByTenant::Leaving(link) => {
            let away = anna.once(&link, None).await.unwrap();
            match away.headers.get("location").and_then(|there| there.to_str().ok()) {
                Some(there) if there.starts_with(&contoso.issuer) => ByTenant::There(contoso.sign_in(there)),
                _ => {
                    let page = anna.get(link.as_str()).await.unwrap();
                    ByTenant::Out(page.status.into(), page.all_text())
                }
            }
        }
        ByTenant::There(back) => {
            let page = anna.get(back.as_str()).await.unwrap();
            let link = page.attribute("main a[href]", "href").unwrap_or_default();
            let code = Url::parse(&link).ok().and_then(|link| param(&link, "code"));
            match code {
                Some(code) if link.starts_with(&rp.redirect_uri) => ByTenant::Answered(code),
                _ => ByTenant::Out(page.status.into(), page.all_text()),
            }
        }
        ByTenant::Answered(code) => {
            let answer = rp.exchange(&code).await;
            match answer.body["access_token"].as_str() {
                Some(token) => ByTenant::Token(token.to_owned()),
                None => ByTenant::Out(answer.status, answer.body.to_string()),
            }
        }
        ByTenant::Token(token) => {
            let answer = rp.userinfo(&token).await;
            if answer.status == 200 {
                ByTenant::In
            } else {
                ByTenant::Out(answer.status, answer.body.to_string())
            }
        }
        ByTenant::In | ByTenant::Out(..) => at,
    }
}

/// `None` takes nothing away: that the steps lead in is what makes the others say something.
#[tokio::test]
async fn a_tenant_that_is_taken_away_between_two_steps_leads_nobody_in() {
    for remove in [None, Some(false), Some(true)] {
        for steps in 0..=5 {
            for world in worlds().await {
                let case = format!("{remove:?} after {steps} steps, {}", world.database.name);
                let rp = world.app("notes").await;
                let contoso = federate(&world).await;
                world.invite(ANNA, "notes").await;
                let (mut anna, mut at) = (browser(), ByTenant::Start);
                for _ in 0..steps {
                    at = next_by_tenant(&rp, &contoso, &mut anna, at).await;
                }
                if let Some(remove) = remove {
                    let replica = replica_of(&world).await;
                    let tenant = (UpstreamKind::Tenant, "contoso");
                    switch_off(&replica, operator(), tenant, remove).await.unwrap();
                }
                for _ in 0..6 {
                    at = next_by_tenant(&rp, &contoso, &mut anna, at).await;
                }
                match at {
                    ByTenant::In => assert!(remove.is_none(), "{case}: came in"),
                    ByTenant::Out(status, said) => {
                        assert!(remove.is_some(), "{case}: {said}");
                        assert!(status < 500 && said.len() > 20, "{case}: {status} {said}");
                    }
                    _ => panic!("{case}: neither in nor out"),
                }
            }
        }
    }
}
