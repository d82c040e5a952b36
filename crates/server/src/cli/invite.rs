//! `vestibule invite send|list|show|resend|extend|revoke`.

mod change;
mod send;
mod show;

use clap::Subcommand;
use domain::{Id, invitation::Invitation};

use super::{CliError, context::Context};

#[derive(Debug, Subcommand)]
pub(super) enum InviteCommand {
    /// Invite a guest to an app; the running server sends the mail
    Send(send::SendArgs),
    /// List invitations, newest first
    List(show::ListArgs),
    /// Show an invitation, and what became of its mail
    Show {
        /// Its id, as `invite list` shows it
        id: Id<Invitation>,
    },
    /// Send the mail of an invitation again, with the same link
    Resend {
        /// Its id, as `invite list` shows it
        id: Id<Invitation>,
    },
    /// Give an invitation more time, also one that has expired; no mail is sent
    Extend(change::ExtendArgs),
    /// Take an invitation back before the guest comes
    Revoke(change::RevokeArgs),
}

pub(super) async fn run(command: InviteCommand, context: &Context) -> Result<(), CliError> {
    match command {
        InviteCommand::Send(args) => send::run(args, context).await,
        InviteCommand::List(args) => show::list(args, context).await,
        InviteCommand::Show { id } => show::show(id, context).await,
        InviteCommand::Resend { id } => change::resend(id, context).await,
        InviteCommand::Extend(args) => change::extend(args, context).await,
        InviteCommand::Revoke(args) => change::revoke(args, context).await,
    }
}
