//! `vestibule guest reset-method`.

use actions::{change_address, guests_with_method, look_alike, reset_method};
use clap::{ArgGroup, Args, ValueEnum};
use domain::{EmailAddress, email::shown, guest::Guest};
use sign_in::Core;
use store::GuestFilter;

use super::GuestLine;
use crate::cli::{CliError, context::Context, find, find::address, preview};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true).multiple(true).args(["guest", "domain", "method", "tenant", "provider"]))]
#[command(after_help = "Examples:
  vestibule guest reset-method anna@contoso.example
  vestibule guest reset-method --domain contoso.example --dry-run
  vestibule guest reset-method --tenant contoso --yes
  vestibule guest reset-method anna@contoso.example --new-address anna@fabrikam.example")]
pub(in crate::cli) struct ResetArgs {
    /// One guest: address or ID
    guest: Option<String>,
    /// All guests with an address in exactly this domain
    #[arg(long, conflicts_with = "guest")]
    domain: Option<String>,
    /// All guests who sign in by this method
    #[arg(long, value_enum, conflicts_with = "guest")]
    method: Option<ResetOf>,
    /// All guests who sign in at this tenant
    #[arg(long, value_name = "NAME", conflicts_with_all = ["guest", "method"])]
    tenant: Option<String>,
    /// All guests who sign in at this provider of personal accounts
    #[arg(long, value_name = "NAME", conflicts_with_all = ["guest", "method", "tenant"])]
    provider: Option<String>,
    /// Also change the guest's address; both addresses are notified by email
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "guest",
        conflicts_with_all = ["domain", "method", "tenant", "provider"],
        value_parser = address
    )]
    new_address: Option<EmailAddress>,
    /// Dry run: list the guests, change nothing
    #[arg(long)]
    dry_run: bool,
    /// List every guest, not only the first 50; JSON always has them all
    #[arg(long, requires = "dry_run")]
    list_all: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ResetOf {
    /// Sign-in codes
    Passcode,
    /// Their own organisation
    Federation,
    /// A personal account
    PersonalAccount,
}

impl ResetOf {
    fn name(self) -> &'static str {
        match self {
            Self::Passcode => "passcode",
            Self::Federation => "federation",
            Self::PersonalAccount => "personal_account",
        }
    }
}

pub(super) async fn run(args: ResetArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guests = whom(&args, &core).await?;
    if let (Some(email), [guest]) = (&args.new_address, guests.as_slice()) {
        return readdress(guest, email, args.dry_run, &core, context).await;
    }
    if guests.is_empty() {
        return context.rows::<GuestLine>(&[]);
    }
    if args.dry_run {
        return preview::list(&guests, args.list_all, context);
    }
    context.confirm(&format!(
        "{} forget how they signed in; their sessions end, and they are told by mail.",
        if guests.len() == 1 {
            "1 guest will".to_owned()
        } else {
            format!("{} guests will", guests.len())
        }
    ))?;
    let mut changed = Vec::new();
    for guest in &guests {
        if reset_method(&core, context.operator(), guest.id).await? {
            changed.push(GuestLine::from(guest));
        }
    }
    context.rows(&changed)
}

async fn readdress(
    guest: &Guest,
    email: &EmailAddress,
    dry_run: bool,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let looks_like = look_alike(core, email).await?;
    let looks_like =
        looks_like.map(|of| format!(" It looks like an address at {of}, and is at another domain."));
    let what = format!(
        "{} becomes {}: sessions end, the way they signed in is forgotten, and both addresses are told by mail.{}",
        guest.email.as_str(),
        shown(email.as_str()),
        looks_like.unwrap_or_default()
    );
    if dry_run {
        let other = core.store.reader().guest_by_email(email).await?;
        if other.is_some_and(|other| other.id != guest.id) {
            let text = format!(
                "{} is another guest's address: that would be refused",
                email.as_str()
            );
            return Err(CliError::Failed(text));
        }
        context.remark(&what);
        return context.rows(&[GuestLine::from(guest)]);
    }
    context.confirm(&what)?;
    change_address(core, context.operator(), guest.id, email).await?;
    let changed = find::guest(&core.store.reader(), &guest.id.to_string()).await?;
    context.rows(&[GuestLine::from(&changed)])
}

/// Those who have a method to forget.
async fn whom(args: &ResetArgs, core: &Core) -> Result<Vec<Guest>, CliError> {
    let reader = core.store.reader();
    if let Some(named) = &args.guest {
        let guest = find::guest(&reader, named).await?;
        return Ok(vec![guest]);
    }
    let domain = args
        .domain
        .as_deref()
        .map(domain::email::canonical_domain)
        .transpose();
    let domain = domain.map_err(|error| CliError::Usage(format!("--domain {error}")))?;
    let exactly = find::method(&reader, args.tenant.as_ref(), args.provider.as_ref()).await?;
    let filter = GuestFilter {
        domain,
        method: args.method.map(ResetOf::name),
        exactly,
        ..GuestFilter::default()
    };
    Ok(guests_with_method(core, &filter).await?)
}
