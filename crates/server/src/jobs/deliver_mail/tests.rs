//! The worker on real databases, over real SMTP, under a clock that obeys.

mod handed;
#[cfg(feature = "dev")]
mod letters;
mod retries;
mod workers;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    Id,
    app::App,
    audit::AuditRecord,
    guest::Guest,
    passcode::{Passcode, PasscodeChallenge},
    sign_in::SignIn,
};
use sign_in::Core;
use store::{AuditQuery, MailKind, OutboxMail};
use test_support::{FakeClock, TestDatabase, databases, samples};
use tokio_util::sync::CancellationToken;

use super::DeliverMail;
use crate::{
    config::settings::{Encryption, MailSettings, Mailbox, SmtpSettings},
    mail::{
        Mailer, Sender, Smtp,
        tests::smtp_server::{Authority, Conduct, Manner, Protection, Server, Taken},
    },
};

const ANNA: &str = "anna@contoso.example";

/// A database with a guest on her way into an app.
struct World {
    core: Core,
    clock: FakeClock,
    database: TestDatabase,
    app: App,
    guest: Guest,
    sign_in: SignIn,
}

async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        worlds.push(World::on(database).await);
    }
    worlds
}

impl World {
    async fn on(database: TestDatabase) -> Self {
        let clock = FakeClock::new();
        let core = test_support::core(database.store.clone(), clock.clone());
        let app = samples::app();
        let guest = Guest {
            language: None,
            ..samples::guest(ANNA)
        };
        let mut sign_in = samples::sign_in(&app);
        sign_in.request.ui_locales.clear();
        let tx = core.store.begin().await.unwrap();
        tx.insert_app(&app).await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        tx.insert_sign_in(&sign_in).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            core,
            clock,
            database,
            app,
            guest,
            sign_in,
        }
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// A challenge, as yet without a mail.
    async fn challenge(&self) -> PasscodeChallenge {
        let challenge = samples::challenge(&self.sign_in, ANNA);
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_challenge(&challenge).await.unwrap();
        tx.commit().await.unwrap();
        challenge
    }

    async fn enqueue(&self, kind: MailKind, life: TimeDelta) -> Id<OutboxMail> {
        let now = self.core.now();
        let mail = OutboxMail::new(samples::id(), kind, Some("en".into()), now, now + life);
        let tx = self.core.store.begin().await.unwrap();
        tx.enqueue(&mail).await.unwrap();
        tx.commit().await.unwrap();
        mail.id
    }

    /// A challenge with its mail in the outbox; the code that must arrive.
    async fn ask_for_code(&self) -> Passcode {
        let challenge = self.challenge().await;
        self.enqueue_code(&challenge).await;
        challenge.code(&samples::master_keys().current().code_key(), &challenge.sends[0])
    }

    async fn enqueue_code(&self, challenge: &PasscodeChallenge) -> Id<OutboxMail> {
        self.enqueue(
            MailKind::Passcode {
                challenge: challenge.id,
                send: 1,
            },
            challenge.lifetime,
        )
        .await
    }

    /// A worker over a mailer.
    fn worker(&self, mailer: Arc<dyn Mailer>) -> DeliverMail {
        worker(&self.core, mailer)
    }

    async fn events(&self, action: &str) -> Vec<AuditRecord> {
        let query = AuditQuery {
            action: Some(action.into()),
            ..AuditQuery::default()
        };
        self.core.store.reader().audit_search(&query).await.unwrap()
    }

    /// Why the one mail failed.
    async fn failure(&self) -> String {
        let failures = self.events("mail.failed").await;
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(
            !failures[0].details.contains("contoso"),
            "no address is kept: {}",
            failures[0].details
        );
        failures[0].reason.clone().unwrap()
    }
}

fn worker(core: &Core, mailer: Arc<dyn Mailer>) -> DeliverMail {
    DeliverMail::new(core.clone(), mailer, Sender::new(&settings(), "Acme").unwrap())
}

async fn run(worker: &DeliverMail) {
    worker.run(&CancellationToken::new()).await.unwrap();
}

fn settings() -> MailSettings {
    let address = samples::email("signin@mail.acme.example");
    MailSettings {
        from: Mailbox {
            name: Some("Acme guest access".into()),
            address,
        },
        reply_to: None,
        code_in_subject: true,
        smtp: None,
        dkim: None,
    }
}

/// A mail server that behaves as told, and a mailer for it.
fn server(conducts: &[Conduct]) -> (Server, Arc<Smtp>) {
    let manner = Manner {
        conducts: conducts.to_vec(),
        ..Manner::new(Protection::Plain)
    };
    let server = Server::start(&Authority::new(), manner);
    let smtp = Smtp::new(&SmtpSettings {
        host: "localhost".into(),
        port: server.address.port(),
        encryption: Encryption::None,
        credentials: None,
        ca_file: None,
    });
    (server, Arc::new(smtp.unwrap()))
}

fn header(mail: &Taken, name: &str) -> String {
    let line = mail
        .data
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name}: {}", mail.data))
        .to_owned()
}
