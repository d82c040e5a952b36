//! A provider's pages over a database, and the browsers of its guests: cookies and forms, no script.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{Router, body::Body, extract::ConnectInfo};
use chrono::{DateTime, TimeDelta, Utc};
use dev::browser::{BrowserPage, cookie_header, keep_cookies};
use domain::{
    Id, Secret,
    app::{AccessRule, App},
    audit::AuditRecord,
    guest::Guest,
    master_key::{MasterKey, MasterKeys},
    passcode::{Passcode, PasscodeChallenge},
    sign_in::{InSession, Progress, SignIn},
};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use sign_in::{Core, Settings};
use store::AuditQuery;
use test_support::{FakeClock, TestDatabase, databases, samples, sqlite};
use tower::ServiceExt;
use url::Url;
use web::routes;

pub(crate) use crate::html::Page;

pub(crate) const ANNA: &str = "anna@contoso.test";
pub(crate) const STRANGER: &str = "nobody@contoso.test";
const BROWSER: &str = "__Host-vestibule-browser";
const AGAIN: &str = "__Host-vestibule-again";
const ISSUER: &str = "https://login.acme.example";

/// A running provider with one app and one invited guest.
pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) clock: FakeClock,
    pub(crate) app: App,
    pub(crate) guest: Guest,
    router: Router,
    database: TestDatabase,
}

impl World {
    /// On SQLite, for what no database can change.
    pub(crate) async fn new() -> Self {
        Self::with(|_| (), |_| ()).await
    }

    /// With settings and an app of the test's own.
    pub(crate) async fn with(settings: impl FnOnce(&mut Settings), app: impl FnOnce(&mut App)) -> Self {
        Self::on(sqlite().await, settings, app).await
    }

    /// With an app that asks for consent: a sign-in waits there, proven and not answered.
    pub(crate) async fn consenting() -> Self {
        Self::with(|_| (), |app| app.asks_consent = true).await
    }

    /// One on every database of this run.
    pub(crate) async fn on_each() -> Vec<Self> {
        Self::on_each_with(|_| ()).await
    }

    /// The same with settings of the test's own.
    pub(crate) async fn on_each_with(settings: impl Fn(&mut Settings)) -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in databases().await {
            worlds.push(Self::on(database, &settings, |_| ()).await);
        }
        worlds
    }

    async fn on(
        database: TestDatabase,
        change: impl FnOnce(&mut Settings),
        change_app: impl FnOnce(&mut App),
    ) -> Self {
        let clock = FakeClock::new();
        let mut settings = test_support::settings(ISSUER);
        change(&mut settings);
        let core = test_support::core_with(database.store.clone(), clock.clone(), settings);
        let router = router(&core);
        let mut app = samples::app();
        change_app(&mut app);
        let guest = samples::guest(ANNA);
        let world = Self {
            core,
            clock,
            app,
            guest,
            router,
            database,
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_app(&world.app).await.unwrap();
        tx.commit().await.unwrap();
        world.add(&world.guest).await;
        world
    }

    /// Enters a guest and invites them to the app.
    pub(crate) async fn add(&self, guest: &Guest) {
        let invitation = samples::invitation(guest, &self.app);
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_guest(guest).await.unwrap();
        let token = store::invitation_token(self.core.store.master_keys(), invitation.id);
        tx.insert_invitation(&invitation, &token.hash()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.core.now()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub(crate) fn writes(&self) -> u64 {
        self.core.store.write_transactions()
    }

    /// A browser that has never been here.
    pub(crate) fn browser(&self) -> Browser {
        let secret = samples::secret();
        let cookies = BTreeMap::from([(BROWSER.to_owned(), secret.expose().to_owned())]);
        Browser {
            router: self.router.clone(),
            keys: self.core.store.master_keys().clone(),
            cookies,
            peer: None,
            language: None,
        }
    }

    /// The same browser before another replica on the same database, which is set differently.
    pub(crate) fn at_replica(&self, browser: &Browser, change: impl FnOnce(&mut Settings)) -> Browser {
        let mut settings = (*self.core.settings).clone();
        change(&mut settings);
        let core = test_support::core_with(self.core.store.clone(), self.clock.clone(), settings);
        Browser {
            router: router(&core),
            ..browser.clone()
        }
    }

    /// The same browser after the server was started again with another master key, the former one beside it.
    pub(crate) async fn with_another_key(&self, browser: &Browser) -> Browser {
        let former = self.core.store.master_keys().current().clone();
        let keys = MasterKeys::new(MasterKey::new([9; 32]), vec![former]);
        let store = self.database.reopen(keys.clone()).await.unwrap();
        let core = test_support::core_with(store, self.clock.clone(), (*self.core.settings).clone());
        Browser {
            router: router(&core),
            keys,
            ..browser.clone()
        }
    }

    /// The session that a browser holds.
    pub(crate) async fn session_of(&self, browser: &Browser) -> String {
        let secret = Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
        let found = self.core.store.reader().session_by_token(&secret.hash()).await;
        found.unwrap().unwrap().0.id.to_string()
    }

    /// The row as it is now.
    pub(crate) async fn sign_in(&self, id: Id<SignIn>) -> SignIn {
        self.core.store.reader().sign_in(id).await.unwrap().unwrap()
    }

    pub(crate) async fn challenge(&self, id: Id<SignIn>) -> PasscodeChallenge {
        let challenge = self.sign_in(id).await.challenge.unwrap();
        self.core
            .store
            .reader()
            .challenge(challenge)
            .await
            .unwrap()
            .unwrap()
    }

    /// The code of the newest mail, whether it was sent or not.
    pub(crate) async fn code(&self, id: Id<SignIn>) -> String {
        let send = self.challenge(id).await.last_send().unwrap().number;
        self.code_of(id, send).await
    }

    pub(crate) async fn code_of(&self, id: Id<SignIn>, send: u32) -> String {
        let challenge = self.challenge(id).await;
        let key = self.core.store.master_keys().current().code_key();
        let send = challenge.sends.iter().find(|known| known.number == send).unwrap();
        challenge.code(&key, send).expose().to_owned()
    }

    /// The n-th code that is none of the sign-in's.
    pub(crate) async fn wrong(&self, id: Id<SignIn>, n: usize) -> String {
        let challenge = self.challenge(id).await;
        let key = self.core.store.master_keys().current().code_key();
        let real: Vec<Passcode> = challenge
            .sends
            .iter()
            .map(|send| challenge.code(&key, send))
            .collect();
        let candidates = (0_u32..).map(|number| format!("{number:08}"));
        let mut wrong = candidates.filter(|text| {
            let code = Passcode::read(text).unwrap();
            !real.iter().any(|real| real.matches(&code))
        });
        wrong.nth(n).unwrap()
    }

    /// What the mail worker would send now.
    pub(crate) async fn mails(&self) -> usize {
        let tx = self.core.store.begin().await.unwrap();
        tx.claim_mail(self.now(), TimeDelta::minutes(1), 100, None)
            .await
            .unwrap()
            .len()
    }

    pub(crate) async fn events(&self, prefix: &str) -> Vec<AuditRecord> {
        let query = AuditQuery {
            action: Some(prefix.to_owned()),
            limit: 1_000,
            ..AuditQuery::default()
        };
        self.core.store.reader().audit_search(&query).await.unwrap()
    }

    pub(crate) async fn count(&self, action: &str) -> usize {
        self.events(action).await.len()
    }

    /// Changes a sign-in's row behind the pages' back.
    pub(crate) async fn change(&self, id: Id<SignIn>, change: impl FnOnce(&mut SignIn)) {
        let tx = self.core.store.begin().await.unwrap();
        let mut sign_in = tx.lock_sign_in(id).await.unwrap().unwrap();
        change(&mut sign_in);
        tx.save_sign_in(&sign_in).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Ends a sign-in behind the pages' back: its app has an answer.
    pub(crate) async fn answer(&self, id: Id<SignIn>) {
        let now = self.now();
        self.change(id, |sign_in| {
            let session = sign_in.progress.session().unwrap_or_else(samples::id);
            sign_in.progress.go_on_with(session).unwrap().answered_at = Some(now);
        })
        .await;
    }

    /// What the guest has said in the session that a sign-in goes on with.
    pub(crate) async fn said(&self, id: Id<SignIn>) -> InSession {
        match self.sign_in(id).await.progress {
            Progress::InSession(said) => said,
            progress => panic!("{progress:?}"),
        }
    }

    /// Changes the guest's row.
    pub(crate) async fn change_guest(&self, change: impl FnOnce(&mut Guest)) {
        let tx = self.core.store.begin().await.unwrap();
        let mut guest = tx.lock_guest(self.guest.id).await.unwrap().unwrap();
        change(&mut guest);
        tx.save_guest(&guest).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn stored_guest(&self) -> Guest {
        let reader = self.core.store.reader();
        reader.guest(self.guest.id).await.unwrap().unwrap()
    }
}

fn router(core: &Core) -> Router {
    router_with(core, test_support::upstreams())
}

fn router_with(core: &Core, upstreams: federation::Upstreams) -> Router {
    let pages = passcode_login::router(core.clone(), upstreams.clone());
    let assertions = passcode_login::assertion_router(core.clone(), upstreams);
    web::layers::apply(pages, assertions, core.clone())
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    keys: MasterKeys,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Where it is.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) language: Option<&'static str>,
}

impl Browser {
    /// What its sign-ins belong to.
    pub(crate) fn secret(&self) -> Secret {
        Secret::presented(self.cookies[BROWSER].clone())
    }

    /// What a form of that sign-in carries.
    pub(crate) fn csrf(&self, id: Id<SignIn>) -> String {
        web::csrf::token(&sign_in::secret_of_sign_in(self.keys.current(), id))
    }

    /// From here on `[saml] enabled = false` is in force.
    pub(crate) fn without_saml(&mut self, world: &World) {
        self.router = router_with(&world.core, test_support::upstreams().without_saml());
    }

    /// From here on every domain's host is this one.
    pub(crate) fn webfinger_at(&mut self, world: &World, base: &url::Url) {
        let upstreams = test_support::upstreams().with_webfinger_at(base.clone());
        self.router = router_with(&world.core, upstreams);
    }

    /// As `/authorize` would: a sign-in of this browser, changed by the test.
    pub(crate) async fn begin_with(&self, world: &World, change: impl FnOnce(&mut SignIn)) -> Id<SignIn> {
        let mut request = samples::request();
        request.ui_locales.clear();
        let mut sign_in = SignIn::begin(
            world.app.id,
            request,
            self.secret().hash(),
            world.now(),
            &samples::entropy(),
        );
        change(&mut sign_in);
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_sign_in(&sign_in).await.unwrap();
        tx.commit().await.unwrap();
        sign_in.id
    }

    pub(crate) async fn begin(&self, world: &World) -> Id<SignIn> {
        self.begin_with(world, |_| ()).await
    }

    /// To the page that asks for the code.
    pub(crate) async fn ask(&mut self, world: &World, address: &str) -> Id<SignIn> {
        let id = self.begin(world).await;
        let page = self.get(&routes::identify(id)).await;
        let page = self.submit(&page, "email", &[("email", address)]).await;
        assert_eq!(page.goes_to(), routes::passcode(id), "{}", page.body);
        id
    }

    /// All the way in.
    pub(crate) async fn come_in(&mut self, world: &World, address: &str) -> Id<SignIn> {
        let id = self.ask(world, address).await;
        let page = self.try_code(id, &world.code(id).await).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        id
    }

    /// Types a code on the code page.
    pub(crate) async fn try_code(&mut self, id: Id<SignIn>, code: &str) -> Page {
        let csrf = self.csrf(id);
        self.post(&routes::passcode(id), &[("csrf", &csrf), ("code", code)])
            .await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Sends a form; where the answer leads back to a page that says something about it, that page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.send(Method::POST, path, Some(fields), &[]).await;
        if answer.set_cookie(AGAIN).is_none() {
            return answer;
        }
        let page = self.get(&answer.goes_to()).await;
        assert!(
            page.set_cookie(AGAIN)
                .is_some_and(|line| line.contains("Max-Age=0")),
            "said once: {}",
            page.body
        );
        page
    }

    /// Submits the form that has a field of that name or whose button says so.
    pub(crate) async fn submit(&mut self, page: &Page, which: &str, values: &[(&str, &str)]) -> Page {
        let form = page.form(which).with(values);
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let here = Url::parse(ISSUER).unwrap().origin();
        assert_eq!(
            (form.action.origin(), form.action.query()),
            (here, None),
            "{}",
            form.action
        );
        self.post(form.action.path(), &fields).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, "login.acme.example");
        if let Some(cookies) = cookie_header(&self.cookies) {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(language) = self.language {
            request = request.header(header::ACCEPT_LANGUAGE, language);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(peer) = self.peer {
            request = request.extension(ConnectInfo(peer));
        }
        let body = match fields {
            Some(fields) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let mut body = url::form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(fields);
                Body::from(body.finish())
            }
            None => Body::empty(),
        };
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        keep_cookies(&mut self.cookies, &parts.headers);
        let shown = BrowserPage {
            url: Url::parse(ISSUER).and_then(|issuer| issuer.join(path)).unwrap(),
            hops: Vec::new(),
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        };
        Page {
            shown,
            length: bytes.len(),
        }
    }
}

/// An app that anyone may open.
pub(crate) fn open_to_all(app: &mut App) {
    app.access = AccessRule::AnyGuest;
}
