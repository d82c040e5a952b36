//! Mail: what it says (`messages`), its form on the wire (`sender`, `dkim`), and how it leaves (`smtp`) or is kept
//! on this machine (crate `dev`). The only room that names lettre.

pub mod access_request;
mod dkim;
mod field;
pub mod guest_notice;
pub mod invitation;
pub mod inviter;
mod mailer;
pub mod merge;
pub mod messages;
pub mod method_changed;
pub mod no_code;
mod paragraphs;
mod sender;
mod smtp;
pub mod test_mail;

pub use dkim::{DkimError, check as check_dkim};
pub use field::FieldError;
pub use mailer::{Mail, MailError, Mailer};
pub use sender::{Recipient, Sender, Stamp};
pub use smtp::Smtp;

#[cfg(test)]
pub(crate) mod tests;
