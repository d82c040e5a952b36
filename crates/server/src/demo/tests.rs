//! `/dev`, through its real router and the layers around it, with mails as the server writes them.

mod control;
mod inbox;
mod mailpit;

use std::sync::Arc;

use axum::{Router, body::Body};
use chrono::TimeDelta;
use dev::{DevState, FaultSwitches, Inbox, ShiftedClock};
use domain::{Id, Language, invitation::InvitationTerms};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use sign_in::{Core, Help};
use store::{MailKind, OutboxMail};
use test_support::{FakeClock, samples, sqlite};
use tower::ServiceExt as _;

use super::mailer::FaultyMailer;
use crate::{
    config::settings,
    mail::{
        Mail, Mailer as _, Recipient, Sender, Stamp,
        invitation::InvitationMail,
        messages::{CodeMail, Content, House},
    },
};

const ANNA: &str = "anna@contoso.test";

struct World {
    core: Core,
    clock: Arc<ShiftedClock>,
    inbox: Arc<Inbox>,
    faults: Arc<FaultSwitches>,
    router: Router,
    _database: test_support::TestDatabase,
}

async fn world() -> World {
    world_on(sqlite().await).await
}

async fn world_on(database: test_support::TestDatabase) -> World {
    let clock = Arc::new(ShiftedClock::new(Arc::new(FakeClock::new())));
    let mut core = test_support::core(database.store.clone(), FakeClock::new());
    core.clock = clock.clone();
    let inbox = Arc::new(Inbox::new(clock.clone()));
    let faults = Arc::new(FaultSwitches::default());
    let state = DevState::new(core.clone(), inbox.clone(), clock.clone(), faults.clone());
    let router = web::layers::apply(dev::router(state), Router::new(), core.clone());
    World {
        core,
        clock,
        inbox,
        faults,
        router,
        _database: database,
    }
}

impl World {
    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.ask(Request::get(path).body(Body::empty()).unwrap()).await;
        (answer.status(), text(answer).await)
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = self
            .ask(request.body(Body::from(body.to_string())).unwrap())
            .await;
        (
            answer.status(),
            serde_json::from_str(&text(answer).await).unwrap(),
        )
    }

    /// Lets a code mail arrive; its digits.
    async fn mail_code(&self, to: &str, number: u8) -> String {
        let digits = format!("4820157{number}");
        let code = domain::passcode::Passcode::read(&digits).unwrap();
        let (help, to) = (Help::default(), samples::email(to));
        let content = CodeMail {
            house: house(&help),
            app: "Acme Notes",
            address: &to,
            code: &code,
            reference: "K7QF",
            lifetime: TimeDelta::minutes(30),
            number: 1,
            code_first: true,
        };
        self.inbox
            .send(&self.compose(&to, content.content().unwrap()))
            .await
            .unwrap();
        digits
    }

    async fn mail_invitation(&self) {
        let (help, to) = (Help::default(), samples::email(ANNA));
        let terms = InvitationTerms {
            about: Some("Q3 kickoff notes".into()),
            message: Some("<script>alert(1)</script>".into()),
            ..InvitationTerms::by("Lee")
        };
        let content = InvitationMail {
            house: house(&help),
            address: &to,
            app: "Acme Notes",
            known_hosts: &[],
            terms: &terms,
            link: "https://login.acme.example/invitation/abc",
            upstreams: &[],
            expires_at: self.core.now() + TimeDelta::days(30),
        };
        self.inbox
            .send(&self.compose(&to, content.content().unwrap()))
            .await
            .unwrap();
    }

    fn compose(&self, to: &domain::EmailAddress, content: Content) -> Mail {
        let now = self.core.now();
        let kind = MailKind::Passcode {
            challenge: samples::id(),
            send: 1,
        };
        let row = OutboxMail::new(Id::new(now, &samples::entropy()), kind, None, now, now);
        let from = settings::Mailbox {
            name: Some("Acme".into()),
            address: samples::email("signin@acme.test"),
        };
        let reply_to = Some(settings::Mailbox {
            name: None,
            address: samples::email("helpdesk@acme.test"),
        });
        let settings = settings::MailSettings {
            from,
            reply_to,
            code_in_subject: true,
            smtp: None,
            dkim: None,
        };
        let sender = Sender::new(&settings, "Acme").unwrap();
        let recipient = Recipient { to, reply_to: None };
        sender
            .compose(Stamp::of(&row, now + TimeDelta::minutes(30)), recipient, content)
            .unwrap()
    }
}

fn house(help: &Help) -> House<'_> {
    House {
        language: Language::En,
        organisation: "Acme",
        help,
        host: "login.acme.example",
    }
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
