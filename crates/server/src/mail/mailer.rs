//! The seam between what a mail is and how it leaves.

use std::{fmt, pin::Pin};

use chrono::{DateTime, Utc};
use domain::{EmailAddress, passcode::Passcode};

use crate::config::settings::Mailbox;

/// Takes mail away: [`super::Smtp`] to a server, the inbox of crate `dev` to this machine's memory.
pub trait Mailer: Send + Sync + 'static {
    /// Whether mail could leave now, without a mail.
    fn probe(&self) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + '_>>;

    /// Hands over one mail. `Ok` means that the other side has taken responsibility for it (RFC 5321 §4.2.5).
    fn send<'a>(&'a self, mail: &'a Mail)
    -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;
}

/// One mail, complete: its parts as text, and the same as it travels.
pub struct Mail {
    /// `01…@mail.acme.example`, without the brackets; the same whenever this mail is tried again.
    pub message_id: String,
    /// Who it is from.
    pub from: Mailbox,
    /// Whom it is for.
    pub to: EmailAddress,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// What a list of mails shows.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// When what it says is worth nothing any more.
    pub ends_at: DateTime<Utc>,
    /// Headers and body (RFC 5322), signed where that was asked for.
    pub raw: Vec<u8>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.message_id)
    }
}

/// Why a mail was not taken. The texts name no address and no code: they go to logs and to the audit record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Not now: a 4xx answer, a time-out, a connection that broke. The same mail may go later.
    #[error("not now: {0}")]
    Transient(String),
    /// Not this mail, not this recipient: a 5xx answer.
    #[error("refused: {0}")]
    Permanent(String),
    /// No mail at all: the server cannot be reached, cannot be trusted, or does not let us in.
    #[error("the mail server is not available: {0}")]
    Transport(String),
}

impl MailError {
    /// The word for the audit record.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transient(_) => "not_now",
            Self::Permanent(_) => "refused",
            Self::Transport(_) => "no_mail_server",
        }
    }

    /// The same, where it is the mail server's word about this mail.
    pub fn answer(&self) -> Option<&'static str> {
        match self {
            Self::Transient(_) | Self::Permanent(_) => Some(self.name()),
            Self::Transport(_) => None,
        }
    }
}

/// What a server said, fit for a log: one line, shortened, without addresses and without what could be a code.
pub(super) fn redact(said: &str) -> String {
    let words = said.split_whitespace().map(|word| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_code = Passcode::read(bare).is_ok() && !bare.bytes().any(|byte| byte.is_ascii_lowercase());
        if word.contains('@') || digits >= 8 || is_code {
            "…"
        } else {
            word
        }
    });
    let mut text = words.collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(200) {
        text.truncate(end);
        text.push('…');
    }
    text.retain(|c| !c.is_control());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_cut_to_what_a_log_may_hold() {
        let said = "550-5.1.1 <anna@contoso.example>: no such user\r\n550 5.1.1 48201573 4820-1573";
        assert_eq!(redact(said), "550-5.1.1 … no such user 550 5.1.1 … …");
        assert_eq!(redact(&"word ".repeat(100)).chars().count(), 201);
        assert_eq!(
            redact("BCDFGHJKLM: bad subject, understood"),
            "… bad subject, understood"
        );
        assert_eq!(redact("a\u{7}b"), "ab");
    }
}
