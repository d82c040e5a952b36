//! `vestibule tenant …` and `vestibule provider …`: the identity providers of others.

mod line;
mod off;
mod saml;
mod set;
mod test_sign_in;
mod wish;

use actions::{add_upstream, change_upstream, new_declaration};
use admin::{DomainEntry, UpstreamEntry};
use clap::{Args, Subcommand};
use domain::{
    EmailAddress,
    domain_claim::{ClaimState, DomainClaim},
    upstream::{Connection, Declaration, Upstream, UpstreamKind},
};
use sign_in::Core;

use self::{off::OffArgs, wish::Wish};
use super::{CliError, context::Context, find};

pub(super) use self::{
    off::{in_words, reset_all},
    wish::domain,
};

#[derive(Debug, Subcommand)]
pub(super) enum UpstreamCommand {
    /// List all
    List,
    /// Show one: domains, connection, and the redirect URI for the partner
    Show(NameArgs),
    /// Test the connection
    #[command(after_help = "Examples:
  vestibule tenant test contoso
  vestibule tenant test contoso --as anna@contoso.example
  vestibule provider test google")]
    Test(TestArgs),
    /// Add one after testing the connection. Guests are sent there after `enable`
    #[command(after_help = "Examples:
  vestibule tenant add contoso --domain contoso.example --issuer https://login.contoso.example \\
      --client-id acme --client-secret env:CONTOSO_SECRET
  vestibule provider add google --client-id acme --client-secret file:/etc/vestibule/google.secret")]
    Add(UpstreamAddArgs),
    /// Change one: options that are not given stay, lists are replaced. Lists who would lose access first
    #[command(after_help = "Examples:
  vestibule tenant set contoso --client-secret env:NEW_SECRET --trust-mfa true
  vestibule tenant set contoso --add-domain mail.contoso.example
  vestibule tenant set contoso --issuer https://id.contoso.example --dry-run
  vestibule provider set google --address ann@fabrikam.example")]
    Set(set::UpstreamSetArgs),
    /// Start sending guests there
    Enable(NameArgs),
    /// Stop sending guests there. Lists who would lose access first
    #[command(after_help = "Examples:
  vestibule tenant disable contoso --dry-run
  vestibule tenant disable contoso --reset
  vestibule provider disable google --dry-run")]
    Disable(OffArgs),
    /// Remove one. Lists who would lose access first
    #[command(after_help = "Examples:
  vestibule tenant remove contoso --dry-run
  vestibule provider remove google --reset --yes")]
    Remove(OffArgs),
}

#[derive(Debug, Args)]
pub(super) struct NameArgs {
    /// Short name
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Short name
    name: String,
    /// Also print a link to test a real sign-in as this person, without signing anyone in; it shows the claims that came back
    #[arg(long = "as", value_name = "ADDRESS", value_parser = find::address)]
    person: Option<EmailAddress>,
}

#[derive(Debug, Args)]
pub(super) struct UpstreamAddArgs {
    /// Short name
    name: String,
    #[command(flatten)]
    wish: Wish,
    /// Send guests there at once, before a test sign-in
    #[arg(long)]
    enabled: bool,
    /// Don't test the connection
    #[arg(long)]
    no_test: bool,
}

/// `vestibule tenant …` and `vestibule provider …`.
pub(super) async fn run(
    kind: UpstreamKind,
    command: UpstreamCommand,
    context: &Context,
) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    match command {
        UpstreamCommand::List => {
            let all = reader.upstreams_of(kind).await?;
            let rows: Vec<UpstreamEntry> = all.iter().map(|one| UpstreamEntry::new(one, &core)).collect();
            context.rows(&rows)
        }
        UpstreamCommand::Show(args) => {
            let found = find::upstream(&reader, kind, &args.name).await?;
            show(&found, &core, context).await
        }
        UpstreamCommand::Test(args) => {
            let found = find::upstream(&reader, kind, &args.name).await?;
            test_sign_in::run(&found, args.person.as_ref(), &core, context).await
        }
        UpstreamCommand::Add(args) => add(kind, args, &core, context).await,
        UpstreamCommand::Set(args) => set::run(kind, args, &core, context).await,
        UpstreamCommand::Enable(args) => {
            let enable = |there: &mut Declaration| {
                there.enabled = true;
                Ok(())
            };
            change_upstream(&core, context.operator(), (kind, &args.name), enable).await?;
            show(&find::upstream(&reader, kind, &args.name).await?, &core, context).await
        }
        UpstreamCommand::Disable(args) => off::run(kind, args, false, &core, context).await,
        UpstreamCommand::Remove(args) => off::run(kind, args, true, &core, context).await,
    }
}

async fn add(
    kind: UpstreamKind,
    args: UpstreamAddArgs,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let mut declaration = new_declaration(kind, &args.name);
    declaration.enabled = args.enabled;
    args.wish.apply(&mut declaration, kind, context.environment())?;
    saml::look_up_entity(&mut declaration.connection, core).await?;
    if !args.no_test {
        test_sign_in::fits(&declaration, core, context).await?;
    }
    let added = add_upstream(core, context.operator(), kind, &declaration).await?;
    show(&added, core, context).await
}

/// One, with where its domains stand.
async fn show(upstream: &Upstream, core: &Core, context: &Context) -> Result<(), CliError> {
    let reader = core.store.reader();
    let claims = reader.claims_of_tenant(upstream.id).await?;
    let claims: Vec<DomainClaim> = claims
        .into_iter()
        .filter(|claim| claim.state != ClaimState::Withdrawn)
        .collect();
    let declaration = upstream.declaration();
    let next =
        next_step(upstream, &declaration, &claims).or_else(|| leads_nowhere(upstream, &declaration, core));
    let entry = UpstreamEntry::new(upstream, core).claiming(DomainEntry::read(&reader, &claims).await?);
    line::print(&entry, context)?;
    if let Some(next) = next {
        context.remark(&next);
    }
    Ok(())
}

/// What is missing where a provider is on, and no guest gets there.
fn leads_nowhere(upstream: &Upstream, provider: &Declaration, core: &Core) -> Option<String> {
    let mut policies = core.settings.resolution.all();
    let named = !provider.domains.is_empty() || !provider.addresses.is_empty();
    let found = policies.any(|policy| policy.webfinger || policy.offers_any_provider());
    // What the configuration declares, `check` looks at.
    (upstream.kind == UpstreamKind::Provider && !upstream.declared && !named && !found).then(|| {
        format!(
            "next: nothing leads to it. `vestibule provider set {} --domain …` or `--address …` names whose account it is; \
             resolution.personal_accounts_beside_codes = true lets everyone choose it who would get a code",
            provider.name
        )
    })
}

/// What is to be done next, until guests come in by it; `None` when they do.
fn next_step(upstream: &Upstream, declaration: &Declaration, claims: &[DomainClaim]) -> Option<String> {
    let (what, name) = (upstream.kind.name(), &declaration.name);
    let section = format!("in its [[{what}]] section, then SIGHUP or a start");
    let register = match &declaration.connection {
        None if upstream.declared => {
            return Some(format!("next: say how to connect to it {section}"));
        }
        None => {
            return Some(format!(
                "next: `vestibule {what} set {name} --issuer …` says how to connect to it"
            ));
        }
        Some(Connection::Saml(_)) => "give the partner our metadata",
        Some(Connection::Oidc(_) | Connection::Oauth2(_)) => "register the redirect URI there",
    };
    if !declaration.enabled && upstream.declared {
        return Some(format!(
            "next: {register}, try it by `vestibule {what} test {name} --as ADDRESS`, then enabled = true {section}"
        ));
    }
    if !declaration.enabled {
        return Some(format!(
            "next: {register}, try it by `vestibule {what} test {name} --as ADDRESS`, then `vestibule {what} enable {name}`: \
             nobody is sent there before"
        ));
    }
    let unproven = claims.iter().find(|claim| !claim.state.leads())?;
    Some(format!(
        "next: set the TXT record of {domain}, then `vestibule domain check {domain}`: it leads nowhere before",
        domain = unproven.domain
    ))
}
