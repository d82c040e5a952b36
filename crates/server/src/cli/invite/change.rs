//! What can still be done with an invitation.

use actions::{extend_invitation, resend_invitation, revoke_invitation};
use chrono::{DateTime, Utc};
use clap::Args;
use domain::{Id, invitation::Invitation};

use crate::cli::{CliError, audit, context::Context, output::moment};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule invite extend 019aab7e-6a80-7fa4-b9fd-728003642653
  vestibule invite extend 019aab7e-6a80-7fa4-b9fd-728003642653 --until 2027-03-01T00:00:00Z")]
pub(in crate::cli) struct ExtendArgs {
    /// Invitation ID, from `invite list`
    id: Id<Invitation>,
    /// New expiry [default: the lifetime of a new invitation, from now]
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule invite revoke 019aab7e-6a80-7fa4-b9fd-728003642653 --reason \"sent to the wrong Anna\"")]
pub(in crate::cli) struct RevokeArgs {
    /// Invitation ID, from `invite list`
    id: Id<Invitation>,
    /// Reason, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) async fn resend(id: Id<Invitation>, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    resend_invitation(&core, context.operator(), id).await?;
    context.remark("the running server sends the mail again");
    Ok(())
}

pub(super) async fn extend(args: ExtendArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let extended = extend_invitation(&core, context.operator(), args.id, args.until).await?;
    context.remark(&format!(
        "the invitation can be redeemed until {}; `vestibule invite resend {}` sends its mail again",
        moment(extended.expires_at),
        args.id
    ));
    Ok(())
}

pub(super) async fn revoke(args: RevokeArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let changed = revoke_invitation(&core, context.operator(), args.id, args.reason.as_deref()).await?;
    context.remark(if changed {
        "the invitation is revoked: its link lets nobody in"
    } else {
        "the invitation was revoked before"
    });
    Ok(())
}
