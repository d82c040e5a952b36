//! Faults on request: a mail server that is away, puts off or is slow.

use std::{
    collections::HashSet,
    fmt,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::duration;

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
pub struct FaultSwitches(Mutex<Set>);

#[derive(Default)]
struct Set {
    mail_server: MailServer,
    /// Mails that were put off once.
    greeted: HashSet<String>,
}

impl FaultSwitches {
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

    /// What is wrong with the mail server while no mail is sent.
    pub fn probe(&self) -> Result<(), MailFault> {
        match self.mail_server() {
            MailServer::Down => Err(MailFault::Away),
            MailServer::Up | MailServer::Greylist | MailServer::Slow(_) => Ok(()),
        }
    }

    /// How long the mail server takes for a mail, and what it does with it.
    pub fn judge(&self, message_id: &str) -> (Duration, Result<(), MailFault>) {
        let mut guard = self.lock();
        let Set {
            mail_server, greeted, ..
        } = &mut *guard;
        match *mail_server {
            MailServer::Down => (Duration::ZERO, Err(MailFault::Away)),
            MailServer::Greylist if greeted.insert(message_id.to_owned()) => {
                (Duration::ZERO, Err(MailFault::Later))
            }
            MailServer::Up | MailServer::Greylist => (Duration::ZERO, Ok(())),
            MailServer::Slow(wait) => (wait, Ok(())),
        }
    }
}

/// What a mail server does that was told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// It cannot be reached.
    Away,
    /// It puts the mail off.
    Later,
}
