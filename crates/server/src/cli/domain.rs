//! `vestibule domain list|show|add|check|remove`: the domains that tenants claim.

mod line;

use actions::{ActionError, change_upstream, check_domain, impact_of_domain};
use admin::DomainEntry;
use clap::{Args, Subcommand};
use domain::{
    domain_claim::{DomainClaim, Proof},
    upstream::UpstreamKind,
};
use sign_in::Core;
use store::Reader;

use super::{
    CliError,
    context::Context,
    find,
    guest::GuestLine,
    preview::{self, watched},
    upstream::{domain as canonical, in_words, reset_all},
};
pub(super) use line::in_short;

#[derive(Debug, Subcommand)]
pub(super) enum DomainCommand {
    /// List domains and their state
    List,
    /// Show one domain: the record to set, its state, and the last check
    Show(DomainArgs),
    /// Claim a domain for a tenant, and print the record that proves it
    #[command(after_help = "Example:
  vestibule domain add contoso contoso.example")]
    Add(ClaimArgs),
    /// Check the record now, and print what the name servers answered
    #[command(after_help = "Example:
  vestibule domain check contoso.example")]
    Check(DomainArgs),
    /// Stop claiming a domain. Lists who would lose access first. Guests with an account at the tenant keep using it
    #[command(after_help = "Examples:
  vestibule domain remove contoso contoso.example --dry-run
  vestibule domain remove contoso contoso.example --reset")]
    Remove(DomainRemoveArgs),
}

#[derive(Debug, Args)]
pub(super) struct DomainArgs {
    /// Domain name
    #[arg(value_parser = canonical)]
    domain: String,
}

#[derive(Debug, Args)]
pub(super) struct ClaimArgs {
    /// Tenant name
    tenant: String,
    /// Domain name
    #[arg(value_parser = canonical)]
    domain: String,
}

#[derive(Debug, Args)]
pub(super) struct DomainRemoveArgs {
    #[command(flatten)]
    claim: ClaimArgs,
    /// Dry run: list who would lose access, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Reset the guests who would lose access; they are notified by email
    #[arg(long, conflicts_with = "dry_run")]
    reset: bool,
    /// List every guest, not only the first 50; JSON always has them all
    #[arg(long, requires = "dry_run")]
    list_all: bool,
}

pub(super) async fn run(command: DomainCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    match command {
        DomainCommand::List => {
            let claims = reader.domain_claims().await?;
            context.rows(&DomainEntry::read(&reader, &claims).await?)
        }
        DomainCommand::Show(args) => {
            let claims = claims(&reader, &args.domain).await?;
            line::print(&DomainEntry::read(&reader, &claims).await?, context)
        }
        DomainCommand::Add(args) => add(args, &core, context).await,
        DomainCommand::Check(args) => {
            let mut after = Vec::new();
            for claim in claims(&reader, &args.domain).await? {
                if claim.proof == Proof::Operator {
                    context.remark(
                        "the operator vouches for this domain: nobody is asked (domain_proof = \"operator\")",
                    );
                    after.push(claim);
                } else {
                    after.extend(check_domain(&core, context.operator(), &claim).await?);
                }
            }
            let is_proven = after.iter().all(|claim| claim.state.leads());
            line::print(&DomainEntry::read(&reader, &after).await?, context)?;
            if is_proven {
                Ok(())
            } else {
                Err(CliError::Failed(format!("{} is not proven", args.domain)))
            }
        }
        DomainCommand::Remove(args) => remove(args, &core, context).await,
    }
}

/// Who claims a domain; somebody does.
async fn claims(reader: &Reader, domain: &str) -> Result<Vec<DomainClaim>, CliError> {
    let claims = reader.claims_of_domain(domain).await?;
    if claims.is_empty() {
        return Err(CliError::NotFound(format!("no tenant claims {domain}")));
    }
    Ok(claims)
}

async fn add(args: ClaimArgs, core: &Core, context: &Context) -> Result<(), CliError> {
    let ClaimArgs { tenant, domain } = args;
    let claim_it = |there: &mut domain::upstream::Declaration| {
        if there.domains.contains(&domain) {
            let text = format!("\"{tenant}\" claims {domain} already");
            return Err(ActionError::Conflict(text));
        }
        there.domains.push(domain.clone());
        Ok(())
    };
    change_upstream(
        core,
        context.operator(),
        (UpstreamKind::Tenant, &tenant),
        claim_it,
    )
    .await?;
    let reader = core.store.reader();
    let id = find::upstream(&reader, UpstreamKind::Tenant, &tenant).await?.id;
    let claims = claims(&reader, &domain).await?;
    let own: Vec<DomainClaim> = claims.into_iter().filter(|claim| claim.tenant == id).collect();
    line::print(&DomainEntry::read(&reader, &own).await?, context)?;
    if own.iter().any(|claim| claim.proof == Proof::Dns) {
        context.remark(&format!(
            "Set this record. The server checks it every few minutes; `vestibule domain check {domain}` checks now."
        ));
    }
    Ok(())
}

async fn remove(args: DomainRemoveArgs, core: &Core, context: &Context) -> Result<(), CliError> {
    let ClaimArgs { tenant, domain } = args.claim;
    let found = find::upstream(&core.store.reader(), UpstreamKind::Tenant, &tenant).await?;
    if !found.domains.contains(&domain) {
        return Err(CliError::NotFound(format!(
            "\"{tenant}\" does not claim {domain}"
        )));
    }
    let impact = watched(context, async |looked_at| {
        impact_of_domain(core, &found, &domain, looked_at).await
    })
    .await?;
    if args.dry_run {
        context.remark(&in_words(&impact));
        return preview::list(&impact.guests, args.list_all, context);
    }
    context.confirm(&format!("{} Go on?", in_words(&impact)))?;
    let let_go = |there: &mut domain::upstream::Declaration| {
        there.domains.retain(|its| *its != domain);
        Ok(())
    };
    change_upstream(core, context.operator(), (UpstreamKind::Tenant, &tenant), let_go).await?;
    context.remark(&format!("\"{tenant}\" does not claim {domain} any more."));
    if args.reset {
        let done = reset_all(&impact, core, context).await?;
        context.remark(&format!("{} of {} were reset.", done.guests, impact.guests.len()));
    }
    let affected: Vec<GuestLine> = impact.guests.iter().map(GuestLine::from).collect();
    context.affected(&affected)
}
