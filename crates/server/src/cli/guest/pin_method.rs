//! `vestibule guest pin-method`.

use actions::pin_method;
use clap::Args;
use domain::method::Method;

use super::line::say;
use crate::cli::{CliError, context::Context, find};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule guest pin-method anna@contoso.example --passcode
  vestibule guest pin-method anna@contoso.example --tenant contoso
  vestibule guest pin-method anna@contoso.example --provider google
  vestibule guest pin-method anna@contoso.example --none")]
pub(in crate::cli) struct PinArgs {
    /// The guest's address or ID
    guest: String,
    #[command(flatten)]
    way: PinTo,
}

/// To what.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct PinTo {
    /// Pin to sign-in codes
    #[arg(long)]
    passcode: bool,
    /// Pin to this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Pin to this provider of personal accounts
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Remove the pin
    #[arg(long)]
    none: bool,
}

pub(super) async fn run(args: PinArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let named = find::method(&reader, args.way.tenant.as_ref(), args.way.provider.as_ref()).await?;
    let method = named.or_else(|| args.way.passcode.then_some(Method::Passcode));
    if method.is_some() && guest.method.is_some() && method != guest.method {
        context.confirm("This ends every session of the guest and revokes every token.")?;
    }
    let changed = pin_method(&core, context.operator(), guest.id, method).await?;
    let what = if method.is_some() {
        "is held to this way of signing in"
    } else {
        "is not pinned any more; the method of the first sign-in still applies"
    };
    say(context, changed, guest.email.as_str(), what)
}
