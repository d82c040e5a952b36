//! `vestibule invite send|import|list|show|resend|extend|revoke`.

mod change;
mod import;
mod send;
mod show;
mod terms;

use clap::Subcommand;
use domain::{Id, invitation::Invitation};

use super::{CliError, context::Context};

#[derive(Debug, Subcommand)]
pub(super) enum InviteCommand {
    /// Invite a guest to an app; the running server sends the email
    Send(send::SendArgs),
    /// Invite the guests of a CSV file, or those who take part in a meeting (.ics)
    Import(import::ImportArgs),
    /// List invitations, newest first
    List(show::InviteListArgs),
    /// Show an invitation and the state of its email
    Show {
        /// Invitation ID, from `invite list`
        id: Id<Invitation>,
    },
    /// Send the invitation email again, with the same link
    Resend {
        /// Invitation ID, from `invite list`
        id: Id<Invitation>,
    },
    /// Extend an invitation, also an expired one; no email is sent
    Extend(change::ExtendArgs),
    /// Revoke an invitation before the guest signs in
    Revoke(change::RevokeArgs),
}

pub(super) async fn run(command: InviteCommand, context: &Context) -> Result<(), CliError> {
    match command {
        InviteCommand::Send(args) => send::run(args, context).await,
        InviteCommand::Import(args) => import::run(args, context).await,
        InviteCommand::List(args) => show::list(args, context).await,
        InviteCommand::Show { id } => show::show(id, context).await,
        InviteCommand::Resend { id } => change::resend(id, context).await,
        InviteCommand::Extend(args) => change::extend(args, context).await,
        InviteCommand::Revoke(args) => change::revoke(args, context).await,
    }
}
