//! Mail that stays on this machine, and fails where it was asked to.

use std::{pin::Pin, sync::Arc};

use dev::{CapturedMail, FaultSwitches, Inbox, MailFault, NamedAddress};

use crate::{
    config::settings::Mailbox,
    mail::{Mail, MailError, Mailer},
};

impl Mailer for Inbox {
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn send<'a>(
        &'a self,
        mail: &'a Mail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        self.keep(|id, received_at| CapturedMail {
            id,
            received_at,
            message_id: mail.message_id.clone(),
            from: named(&mail.from),
            to: mail.to.clone(),
            reply_to: mail.reply_to.as_ref().map(named),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
            ends_at: mail.ends_at,
            raw: mail.raw.clone(),
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

fn named(mailbox: &Mailbox) -> NamedAddress {
    NamedAddress {
        name: mailbox.name.clone(),
        address: mailbox.address.clone(),
    }
}

/// A mailer that behaves as the faults say, and hands on what gets through.
pub struct FaultyMailer {
    faults: Arc<FaultSwitches>,
    mailer: Arc<dyn Mailer>,
}

impl FaultyMailer {
    /// One around another mailer.
    pub fn new(faults: Arc<FaultSwitches>, mailer: Arc<dyn Mailer>) -> Self {
        Self { faults, mailer }
    }
}

impl Mailer for FaultyMailer {
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>> {
        Box::pin(async move {
            self.faults.probe().map_err(error)?;
            self.mailer.probe().await
        })
    }

    fn send<'a>(
        &'a self,
        mail: &'a Mail,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move {
            let (wait, verdict) = self.faults.judge(&mail.message_id);
            tokio::time::sleep(wait).await;
            verdict.map_err(error)?;
            self.mailer.send(mail).await
        })
    }
}

fn error(fault: MailFault) -> MailError {
    match fault {
        MailFault::Away => MailError::Transport("connection refused, by request at /dev/fault".into()),
        MailFault::Later => {
            MailError::Transient("451 4.7.1 come back later, by request at /dev/fault".into())
        }
    }
}
