//! How many statements and write transactions each operation takes, on both databases: a new feature adds none unseen.

use crate::{
    rp::{Rp, answered_at, param, until_app},
    world::{World, browser, worlds},
};

const ANNA: &str = "anna@contoso.test";

/// From the first page to the ID token by which an invitation is redeemed, the mail worker's included: statements, write transactions.
const EMAILED: (usize, u64) = (41, 5);
/// `/authorize` and `/token`, with a refresh token: statements, write transactions.
const SILENT: (usize, u64) = (8, 2);
const USERINFO: usize = 1;
const INTROSPECTION: usize = 1;
const REFRESH: usize = 5;

/// Counts what runs over a world's store from its making on.
struct Counter<'a> {
    world: &'a World,
    before: u64,
}

impl<'a> Counter<'a> {
    fn new(world: &'a World) -> Self {
        world.core.store.take_statements();
        let before = world.core.store.write_transactions();
        Self { world, before }
    }

    /// Fails where more ran than may, and says what. `BEGIN` and `COMMIT` are counted as transactions alone.
    fn at_most(self, operation: &str, statements: usize, transactions: u64) {
        let store = &self.world.core.store;
        let (ran, committed) = (store.take_statements(), store.write_transactions() - self.before);
        assert!(
            ran.len() <= statements && committed <= transactions,
            "{operation} on {:?}: {} statements in {committed} write transactions; at most {statements} in \
             {transactions} may run:\n{}",
            store.backend(),
            ran.len(),
            ran.join("\n"),
        );
    }
}

/// A world with an app and a guest who was invited to it and has read the invitation's mail.
async fn invited(world: &World) -> Rp {
    let rp = world.app_with("notes", |app| app.offline_access = true).await;
    world.invite(ANNA, "notes").await;
    world.deliver().await;
    // As after any other request of the app: that its secret is used is noted, and it is in memory.
    for _ in 0..2 {
        rp.post("/introspect", &[("token", "unknown")]).await;
    }
    rp
}

#[tokio::test]
async fn an_emailed_sign_in() {
    for world in worlds().await {
        let rp = invited(&world).await;
        let mut anna = browser();
        let whole = Counter::new(&world);
        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        world.deliver_handed().await;
        let code = world.code_mailed_to(ANNA);
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        whole.at_most("an emailed sign-in", EMAILED.0, EMAILED.1);
    }
}

#[tokio::test]
async fn what_an_app_does_for_a_guest_who_is_signed_in() {
    for world in worlds().await {
        let rp = invited(&world).await;
        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        // The first use of the app's secret was noted meanwhile, and the app is read again after that.
        rp.post("/introspect", &[("token", "unknown")]).await;

        let flow = Counter::new(&world);
        let offline = [("scope", Some("openid email offline_access"))];
        let silent = until_app(&mut anna, &rp.authorize(&offline), &rp.redirect_uri).await;
        let tokens = rp.exchange(&param(&silent.url, "code").unwrap()).await;
        flow.at_most("a silent flow", SILENT.0, SILENT.1);

        let access = tokens.body["access_token"].as_str().unwrap();
        let userinfo = Counter::new(&world);
        assert_eq!(rp.userinfo(access).await.body["email"], ANNA);
        userinfo.at_most("UserInfo", USERINFO, 0);

        let introspection = Counter::new(&world);
        let answer = rp.post("/introspect", &[("token", access)]).await;
        assert_eq!(answer.body["active"], true);
        introspection.at_most("introspection", INTROSPECTION, 0);

        let refresh = Counter::new(&world);
        let answer = rp.refresh(tokens.body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        refresh.at_most("a refresh", REFRESH, 1);
    }
}
