//! Faults on request: a mail server that is away, puts off or is slow.

use std::{
    collections::HashSet,
    fmt,
    pin::Pin,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    config::duration,
    mail::{Mail, MailError, Mailer},
};

/// How the mail server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MailServer {
    /// As it should.
    #[default]
    Up,
    /// Cannot be reached.
    Down,
    /// Puts every new mail off once.
    Greylist,
    /// Takes its time.
    Slow(Duration),
}

/// The words that [`MailServer`] is set by.
pub(super) const MAIL_SERVER: &str = "\"up\", \"down\", \"greylist\" or \"slow:30s\"";

impl FromStr for MailServer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            "greylist" => Ok(Self::Greylist),
            _ => {
                let wait = text
                    .strip_prefix("slow:")
                    .and_then(duration::parse)
                    .and_then(|wait| wait.to_std().ok());
                // A day is slow enough; more would only keep the process from ending.
                wait.filter(|wait| *wait <= Duration::from_hours(24))
                    .map(Self::Slow)
                    .ok_or(())
            }
        }
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => f.write_str("up"),
            Self::Down => f.write_str("down"),
            Self::Greylist => f.write_str("greylist"),
            Self::Slow(wait) => write!(f, "slow:{}s", wait.as_secs()),
        }
    }
}

/// The faults that are set.
#[derive(Default)]
pub struct Faults(Mutex<Set>);

#[derive(Default)]
struct Set {
    mail_server: MailServer,
    /// Mails that were put off once.
    greeted: HashSet<String>,
}

impl Faults {
    /// A mailer that behaves as the faults say, and hands on to `mailer` what gets through.
    pub fn around(self: &Arc<Self>, mailer: Arc<dyn Mailer>) -> FaultyMailer {
        FaultyMailer {
            faults: Arc::clone(self),
            mailer,
        }
    }

    pub(super) fn mail_server(&self) -> MailServer {
        self.lock().mail_server
    }

    pub(super) fn set_mail_server(&self, mail_server: MailServer) {
        *self.lock() = Set {
            mail_server,
            greeted: HashSet::new(),
        };
    }

    fn lock(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the mail server does with a mail, and how long it takes.
    fn judge(&self, message_id: &str) -> (Duration, Result<(), MailError>) {
        let mut guard = self.lock();
        let Set {
            mail_server, greeted, ..
        } = &mut *guard;
        match *mail_server {
            MailServer::Down => (Duration::ZERO, Err(away())),
            MailServer::Greylist if greeted.insert(message_id.to_owned()) => {
                let later =
                    MailError::Transient("451 4.7.1 come back later, by request at /dev/fault".into());
                (Duration::ZERO, Err(later))
            }
            MailServer::Up | MailServer::Greylist => (Duration::ZERO, Ok(())),
            MailServer::Slow(wait) => (wait, Ok(())),
        }
    }
}

fn away() -> MailError {
    MailError::Transport("connection refused, by request at /dev/fault".into())
}

/// A mailer with faults.
pub struct FaultyMailer {
    faults: Arc<Faults>,
    mailer: Arc<dyn Mailer>,
}

impl Mailer for FaultyMailer {
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>> {
        Box::pin(async move {
            match self.faults.mail_server() {
                MailServer::Down => Err(away()),
                _ => self.mailer.probe().await,
            }
        })
    }

    fn send<'a>(
        &'a self,
        mail: &'a Mail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move {
            let (wait, verdict) = self.faults.judge(&mail.message_id);
            tokio::time::sleep(wait).await;
            verdict?;
            self.mailer.send(mail).await
        })
    }
}
