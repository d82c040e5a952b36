//! `vestibule tenant list|show|test`.

use clap::{Args, Subcommand};
use domain::upstream::{Connection, Tenant};
use serde::Serialize;
use web::{Core, routes};

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, or_dash},
};
use crate::app;

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// List federated tenants: partners with a sign-in of their own
    List,
    /// Show one: its domains, its connection, and the redirect URI to give to the partner
    Show(TenantArgs),
    /// Ask a tenant's provider what it is, and say what does not fit
    #[command(after_help = "Example:
  vestibule tenant test contoso")]
    Test(TenantArgs),
}

#[derive(Debug, Args)]
pub(super) struct TenantArgs {
    /// The tenant's short name
    name: String,
}

/// A tenant.
#[derive(Serialize)]
struct TenantRow {
    name: String,
    display_name: String,
    enabled: bool,
    domains: Vec<String>,
    /// `configuration`, or nothing.
    declared_in: Option<&'static str>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_auth: Option<&'static str>,
    scopes: Vec<String>,
    subject_claims: Vec<String>,
    trust_email: bool,
    trust_mfa: bool,
    /// What the partner must register.
    redirect_uri: String,
    /// What the partner may register, so that signing out there signs out here.
    backchannel_logout_uri: String,
}

impl TenantRow {
    fn new(tenant: &Tenant, core: &Core) -> Self {
        let connection = tenant.connection.as_ref();
        let oidc = connection.map(|Connection::Oidc(oidc)| oidc);
        let at = |path: String| format!("{}{path}", core.settings.issuer.as_str());
        Self {
            name: tenant.name.clone(),
            display_name: tenant.display_name.clone(),
            enabled: tenant.enabled,
            domains: tenant.domains.clone(),
            declared_in: tenant.declared.then_some("configuration"),
            issuer: connection.map(|connection| connection.issuer().to_owned()),
            client_id: oidc.map(|oidc| oidc.client_id.clone()),
            client_auth: oidc.map(|oidc| oidc.client_auth.name()),
            scopes: oidc.map_or_else(Vec::new, |oidc| oidc.scopes.clone()),
            subject_claims: oidc.map_or_else(Vec::new, |oidc| oidc.claims.subject.clone()),
            trust_email: connection.is_some_and(Connection::trusts_email),
            trust_mfa: connection.is_some_and(Connection::trusts_mfa),
            redirect_uri: at(routes::federation_callback(&tenant.name)),
            backchannel_logout_uri: at(routes::federation_logout(&tenant.name)),
        }
    }
}

impl Row for TenantRow {
    const HEADS: &'static [&'static str] = &["NAME", "DISPLAY NAME", "ENABLED", "DOMAINS", "ISSUER"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.display_name.clone(),
            yes(self.enabled),
            self.domains.join(", "),
            or_dash(self.issuer.as_ref()),
        ]
    }
}

pub(super) async fn run(command: TenantCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    match command {
        TenantCommand::List => {
            let tenants = reader.tenants().await?;
            let rows: Vec<TenantRow> = tenants
                .iter()
                .map(|tenant| TenantRow::new(tenant, &core))
                .collect();
            context.rows(&rows)
        }
        TenantCommand::Show(args) => show(&find::tenant(&reader, &args.name).await?, &core, context),
        TenantCommand::Test(args) => {
            let tenant = find::tenant(&reader, &args.name).await?;
            let Some(connection) = &tenant.connection else {
                return Err(CliError::Failed(format!(
                    "nothing says how to connect to \"{}\"\n  help: write [tenant.oidc] below its [[tenant]]",
                    tenant.name
                )));
            };
            test(&tenant, connection, &core, context).await
        }
    }
}

fn show(tenant: &Tenant, core: &Core, context: &Context) -> Result<(), CliError> {
    let row = TenantRow::new(tenant, core);
    let facts = [
        ("name", row.name.clone()),
        ("display name", row.display_name.clone()),
        ("enabled", yes(row.enabled)),
        ("declared in", or_dash(row.declared_in)),
        ("domains", row.domains.join(", ")),
        ("issuer", or_dash(row.issuer.as_ref())),
        ("client id", or_dash(row.client_id.as_ref())),
        ("client auth", or_dash(row.client_auth)),
        ("scopes", row.scopes.join(" ")),
        ("subject claims", row.subject_claims.join(", ")),
        ("trust email", yes(row.trust_email)),
        ("trust mfa", yes(row.trust_mfa)),
        ("redirect URI", row.redirect_uri.clone()),
        ("back-channel logout URI", row.backchannel_logout_uri.clone()),
    ];
    context.thing(&row, &facts)
}

/// What a provider said of itself.
#[derive(Serialize)]
struct Tested {
    name: String,
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: Option<String>,
    keys: usize,
    redirect_uri: String,
    remarks: Vec<String>,
}

async fn test(
    tenant: &Tenant,
    connection: &Connection,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let upstreams = app::upstreams(&core.settings).map_err(|error| CliError::Failed(error.to_string()))?;
    let found = upstreams.test(connection).await.map_err(|error| match error {
        federation::UpstreamError::Unreachable(_) => CliError::Unreachable(error.to_string()),
        error => CliError::Failed(error.to_string()),
    })?;
    let tested = Tested {
        name: tenant.name.clone(),
        issuer: connection.issuer().to_owned(),
        authorization_endpoint: found.authorization_endpoint,
        token_endpoint: found.token_endpoint,
        keys: found.keys,
        redirect_uri: TenantRow::new(tenant, core).redirect_uri,
        remarks: found.remarks,
    };
    let facts = [
        ("issuer", tested.issuer.clone()),
        ("authorization endpoint", tested.authorization_endpoint.clone()),
        ("token endpoint", or_dash(tested.token_endpoint.as_ref())),
        ("keys", tested.keys.to_string()),
        ("redirect URI", tested.redirect_uri.clone()),
    ];
    context.thing(&tested, &facts)?;
    if tested.remarks.is_empty() {
        context.remark("Discovery and keys fit. Whether the secret does shows when somebody signs in.");
        return Ok(());
    }
    Err(CliError::Failed(tested.remarks.join("\n")))
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
