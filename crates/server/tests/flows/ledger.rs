//! A load on a process whose disk fails, and the ledger of what it acknowledged.

use std::process::Command;

use dev::browser::{BrowserPage, TextBrowser};
use http::{StatusCode, header::RETRY_AFTER};
use serde_json::json;
use url::Url;

use crate::{
    crash::{Process, manage},
    rp::{Rp, answered_at, param},
    world::browser,
};

const ANNA: &str = "anna@contoso.test";
const REDIRECT_URI: &str = "https://notes.example/callback";

/// What was answered with success, and so must be there after a crash.
pub(crate) struct Ledger {
    rp: Rp,
    guest: TextBrowser,
    authorize: Url,
    sign_ins: Vec<Url>,
    /// The authorization code of the first tokens, which is spent.
    code: String,
    /// The newest refresh token, and its predecessors, which are spent.
    refresh: String,
    spent: Vec<String>,
}

impl Ledger {
    /// An app, a guest and their first tokens, while the disk is well. `vestibule` makes a command in the process's folder.
    pub(crate) async fn open(process: &Process, vestibule: impl Fn() -> Command) -> Self {
        let manage = |arguments: &[&str]| manage(vestibule(), arguments);
        let add = ["app", "add", "notes", "--offline-access"];
        let app = manage(&[&add[..], &["--redirect-uri", REDIRECT_URI]].concat());
        manage(&["invite", "send", ANNA, "--app", "notes"]);
        let rp = Rp {
            issuer: process.issuer.clone(),
            client_id: "notes".into(),
            secret: app["client_secret"].as_str().map(str::to_owned),
            redirect_uri: REDIRECT_URI.into(),
            http: reqwest::Client::new(),
        };
        let (code, refresh) = first_tokens(process, &rp).await;
        Self {
            authorize: Url::parse(&rp.authorize(&[])).unwrap(),
            guest: browser(),
            sign_ins: Vec::new(),
            code,
            refresh,
            spent: Vec::new(),
            rp,
        }
    }

    /// Sends requests that write, from `round` on, until the disk has refused three of them; then neither the server is ready.
    pub(crate) async fn load_until_refused(&mut self, round: u64) {
        let (mut refused, mut asked) = (0, 0);
        while refused < 3 {
            asked += 1;
            assert!(
                asked < 2_000,
                "round {round}: the disk refuses and everything succeeds"
            );
            if !self.start().await {
                refused += 1;
            }
            if asked % 7 == 0 || refused > 0 {
                self.refresh().await;
            }
        }
        let ready = reqwest::get(format!("{}/readyz", self.rp.issuer)).await.unwrap();
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE, "round {round}");
    }

    /// The disk is well again: everything works, without a restart.
    pub(crate) async fn load(&mut self, round: u64) {
        assert!(self.start().await, "round {round}: the disk is well again");
        assert!(self.refresh().await, "round {round}");
    }

    /// After a crash: nothing that was acknowledged is missing, and nothing is consumed twice.
    pub(crate) async fn check(mut self) {
        for url in &self.sign_ins {
            let page = self.guest.once(url, None).await.unwrap();
            assert_eq!(page.status, 200, "an acknowledged sign-in is gone: {url}");
        }
        let newest = self.rp.refresh(&self.refresh).await;
        assert_eq!(newest.status, 200, "{newest:?}");
        for (consumed, again) in [
            ("authorization code", self.rp.exchange(&self.code).await),
            ("refresh token", self.rp.refresh(&self.spent[0]).await),
        ] {
            assert_eq!(again.body["error"], json!("invalid_grant"), "{consumed} twice");
        }
    }

    /// Whether a sign-in began.
    async fn start(&mut self) -> bool {
        let answer = self.guest.once(&self.authorize, None).await.unwrap();
        if answer.status == 303 {
            let location = answer.headers["location"].to_str().unwrap();
            self.sign_ins.push(self.authorize.join(location).unwrap());
            return true;
        }
        assert_busy(&answer);
        false
    }

    /// Whether the newest refresh token was exchanged; one that was refused for now stays usable.
    async fn refresh(&mut self) -> bool {
        let answer = self.rp.refresh(&self.refresh).await;
        if answer.status == 200 {
            let next = answer.body["refresh_token"].as_str();
            let next = next.unwrap_or_else(|| panic!("{answer:?}")).to_owned();
            self.spent.push(std::mem::replace(&mut self.refresh, next));
            return true;
        }
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
        false
    }
}

/// A whole sign-in while there is room: the authorization code, spent, and the refresh token.
async fn first_tokens(process: &Process, rp: &Rp) -> (String, String) {
    let mut anna = browser();
    let scope = [
        ("scope", Some("openid offline_access")),
        ("prompt", Some("consent")),
    ];
    let page = anna.get(&rp.authorize(&scope)).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let passcode = process.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &passcode)]).await.unwrap();
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    let code = param(&answered_at(&page, REDIRECT_URI), "code").unwrap();
    let tokens = rp.exchange(&code).await;
    let refresh = tokens.body["refresh_token"].as_str();
    let refresh = refresh.unwrap_or_else(|| panic!("{tokens:?}")).to_owned();
    (code, refresh)
}

#[track_caller]
fn assert_busy(answer: &BrowserPage) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.headers.contains_key(RETRY_AFTER), "{:?}", answer.headers);
}
