//! What every mail is put together from.

use domain::{Id, Language, app::App, audit::Action, guest::Guest, sign_in::SignIn};
use sign_in::{Core, Help};
use store::OutboxMail;

use crate::mail::{FieldError, Mail, messages::House};

/// What became of a row.
pub(in crate::jobs::deliver_mail) enum Letter {
    /// A mail to send.
    Ready {
        /// The mail.
        mail: Box<Mail>,
        /// What to record.
        about: About,
    },
    /// It is not needed any more.
    Moot(&'static str),
    /// It can never be sent.
    Impossible {
        /// Why it cannot, for the log and the audit event.
        why: &'static str,
        /// What to record.
        about: About,
    },
}

/// What the record of a mail says.
#[derive(Clone, Debug)]
pub(in crate::jobs::deliver_mail) struct About {
    /// What has happened when it is sent.
    pub(in crate::jobs::deliver_mail) sent: Action,
    pub(in crate::jobs::deliver_mail) guest: Option<Id<Guest>>,
    pub(in crate::jobs::deliver_mail) app: Option<Id<App>>,
    pub(in crate::jobs::deliver_mail) sign_in: Option<Id<SignIn>>,
    pub(in crate::jobs::deliver_mail) details: Vec<(&'static str, String)>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            sent: Action::CodeMailed,
            guest: None,
            app: None,
            sign_in: None,
            details: Vec::new(),
        }
    }
}

pub(super) fn ready(row: &OutboxMail, mail: Result<Mail, FieldError>, about: About) -> Letter {
    match mail {
        Ok(mail) => Letter::Ready {
            mail: Box::new(mail),
            about,
        },
        Err(error) => {
            tracing::error!(mail = %row.id, cause = %error, "a mail cannot be put together");
            Letter::Impossible { why: "unfit", about }
        }
    }
}

/// `help` is the app's ([`Help::at`]), where the mail is about one.
pub(super) fn house<'a>(core: &'a Core, help: &'a Help, language: Language) -> House<'a> {
    House {
        language,
        organisation: &core.settings.organisation,
        help,
        host: core.settings.issuer.host(),
    }
}

/// The first of these that we speak: the invitation's, the guest's own, what the app asked for, what the page was in.
pub(super) fn language<'a>(core: &Core, wanted: impl Iterator<Item = &'a str>) -> Language {
    Language::first_of(wanted).unwrap_or(core.settings.default_language)
}
