//! One provider on one database, and everything around it that a test holds in its hands.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Once},
};

use actions::{self, Invite, NewApp};
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use dev::{
    Inbox,
    browser::{BrowserPage, TextBrowser},
};
use domain::{Secret, app::AccessRule, audit::Actor, invitation::InvitationTerms};
use serde_json::Value;
use server::{
    app::{self, Wiring},
    jobs, listener,
};
use sign_in::{Core, Outgoing};
use test_support::{FakeClock, TestDatabase, databases, sqlite};
use tokio_util::sync::CancellationToken;

use crate::{
    keys,
    rp::{Rp, answered_at, claims, param},
};

/// A running provider.
pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) clock: FakeClock,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) deliverer: jobs::Jobs,
    pub(crate) database: TestDatabase,
    end: CancellationToken,
}

/// One world per database of this run.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        worlds.push(World::on(database).await);
    }
    worlds
}

/// The same, with settings of the test's own.
pub(crate) async fn worlds_with(change: impl Fn(&mut sign_in::Settings)) -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        let store = database.store.clone();
        worlds.push(World::with_settings(database, store, FakeClock::new(), &change).await);
    }
    worlds
}

impl World {
    /// A world on SQLite, for what no database can change.
    pub(crate) async fn sqlite() -> Self {
        Self::on(sqlite().await).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        let store = database.store.clone();
        Self::with(database, store, FakeClock::new()).await
    }

    /// The process's TLS provider, as `main` installs it.
    pub(crate) fn install_tls() {
        static TLS: Once = Once::new();
        TLS.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
    }

    /// A provider on `store`, which may be one of several on the same database.
    pub(crate) async fn with(database: TestDatabase, store: store::Store, clock: FakeClock) -> Self {
        Self::with_settings(database, store, clock, |_| ()).await
    }

    /// With settings of the test's own.
    pub(crate) async fn with_settings(
        database: TestDatabase,
        store: store::Store,
        clock: FakeClock,
        change: impl FnOnce(&mut sign_in::Settings),
    ) -> Self {
        Self::install_tls();
        let socket = listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = socket.local_addr().unwrap().port();
        let mut settings = test_support::settings(&format!("http://localhost:{port}"));
        change(&mut settings);
        let core = Core {
            store,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(server::edge::SystemEntropy),
            settings: Arc::new(settings),
            outgoing: Outgoing::default(),
        };
        keys::bring(&core).await;
        let Wiring {
            core,
            router,
            key_ring,
            ..
        } = app::build(core, Router::new()).await.unwrap();
        let end = CancellationToken::new();
        tokio::spawn(listener::serve(socket, None, router, end.clone()));
        let inbox = Arc::new(Inbox::new(Arc::new(clock.clone())));
        let deliverer = jobs::Jobs::new(core.clone(), inbox.clone(), &sender(), key_ring).unwrap();
        deliverer.open_mail().await;
        Self {
            core,
            clock,
            inbox,
            deliverer,
            database,
            end,
        }
    }

    pub(crate) fn issuer(&self) -> &str {
        self.core.settings.issuer.as_str()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.core.now()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Registers an app for invited guests.
    pub(crate) async fn app(&self, client_id: &str) -> Rp {
        self.app_with(client_id, |_| ()).await
    }

    /// Registers an app, changed by the test.
    pub(crate) async fn app_with(&self, client_id: &str, change: impl FnOnce(&mut NewApp)) -> Rp {
        let redirect_uri = format!("https://{client_id}.example/callback");
        let mut new = NewApp::new("Acme Notes", redirect_uri.clone());
        new.client_id = Some(client_id.to_owned());
        new.home = Some(format!("https://{client_id}.example/"));
        new.access = AccessRule::Invited;
        change(&mut new);
        let registered = actions::register_app(&self.core, operator(), new).await.unwrap();
        Rp {
            issuer: self.issuer().to_owned(),
            client_id: client_id.to_owned(),
            secret: registered
                .secret
                .as_ref()
                .map(|secret: &Secret| secret.expose().to_owned()),
            redirect_uri,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) async fn invite(&self, address: &str, app: &str) {
        let invite = Invite {
            email: address.into(),
            app: app.into(),
            terms: InvitationTerms::by("Lee"),
            ..Invite::default()
        };
        actions::invite_guest(&self.core, operator(), invite)
            .await
            .unwrap();
    }

    /// The guest of an address.
    pub(crate) async fn guest(&self, address: &str) -> domain::guest::Guest {
        let email = domain::EmailAddress::parse(address).unwrap();
        self.core
            .store
            .reader()
            .guest_by_email(&email)
            .await
            .unwrap()
            .unwrap()
    }

    /// Lets the mail worker send what was handed over.
    pub(crate) async fn deliver_handed(&self) {
        self.deliverer.take_handed_mail(std::future::ready(())).await;
    }

    /// The same, and lets it empty the outbox.
    pub(crate) async fn deliver(&self) {
        self.deliver_handed().await;
        self.deliverer.deliver_mail().await.unwrap();
    }

    /// The newest code that was mailed to an address.
    pub(crate) async fn code(&self, address: &str) -> String {
        self.deliver().await;
        self.code_mailed_to(address)
    }

    /// The same, of what was delivered.
    pub(crate) fn code_mailed_to(&self, address: &str) -> String {
        let subjects: Vec<String> = self
            .inbox
            .to(address)
            .iter()
            .map(|mail| mail.subject.clone())
            .collect();
        let code = subjects.iter().rev().find_map(|subject| {
            let first = subject.split(' ').next()?;
            (first.len() == 8 && first.bytes().all(|b| b.is_ascii_digit())).then(|| first.to_owned())
        });
        code.unwrap_or_else(|| panic!("no code for {address} among {subjects:?}"))
    }

    /// From the app's request to the page that takes the code, and the code.
    pub(crate) async fn ask_for_code(
        &self,
        browser: &mut TextBrowser,
        rp: &Rp,
        address: &str,
    ) -> (BrowserPage, String) {
        let page = browser.get(&rp.authorize(&[])).await.unwrap();
        let email = [("email", address)];
        let page = browser.submit(&page, "email", &email).await.unwrap();
        (page, self.code(address).await)
    }

    /// A whole sign-in; the ID token's claims.
    pub(crate) async fn sign_in(&self, browser: &mut TextBrowser, rp: &Rp, address: &str) -> Value {
        let page = browser.get(&rp.authorize(&[])).await.unwrap();
        self.finish(browser, rp, page, address).await
    }

    /// From the first page on.
    pub(crate) async fn finish(
        &self,
        browser: &mut TextBrowser,
        rp: &Rp,
        page: BrowserPage,
        address: &str,
    ) -> Value {
        let page = browser
            .submit(&page, "email", &[("email", address)])
            .await
            .unwrap();
        let code = self.code(address).await;
        let page = browser.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        claims(tokens.body["id_token"].as_str().unwrap())
    }

    /// Names of the audit events so far, oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let query = store::AuditQuery {
            limit: 1_000,
            ..store::AuditQuery::default()
        };
        let mut events = self.core.store.reader().audit_search(&query).await.unwrap();
        events.reverse();
        events.into_iter().map(|event| event.action).collect()
    }

    pub(crate) async fn count(&self, action: &str) -> usize {
        self.events().await.iter().filter(|name| *name == action).count()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// A browser of somebody's own.
pub(crate) fn browser() -> TextBrowser {
    World::install_tls();
    TextBrowser::new().unwrap()
}

pub(crate) fn operator() -> Actor {
    Actor::Operator("test".into())
}

/// Who mail comes from.
fn sender() -> server::config::settings::MailSettings {
    server::config::settings::MailSettings {
        from: server::config::settings::Mailbox {
            name: Some("Acme guest access".into()),
            address: domain::EmailAddress::parse("signin@mail.acme.example").unwrap(),
        },
        reply_to: None,
        code_in_subject: true,
        smtp: None,
        dkim: None,
    }
}
