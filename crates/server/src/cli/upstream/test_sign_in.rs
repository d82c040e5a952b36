//! `… test`: what a provider says of itself, and what does not fit.

use actions::begin_test;
use admin::{CertificateEntry, UpstreamEntry};
use domain::{
    EmailAddress,
    upstream::{Connection, Declaration, Upstream},
};
use federation::{Discovered, UpstreamError};
use serde::Serialize;
use sign_in::Core;
use web::routes;

use super::line::certificate_in_short;
use crate::{
    app,
    cli::{CliError, context::Context, output::or_dash},
};

/// What a provider said of itself.
#[derive(Serialize)]
struct Tested {
    name: String,
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: Option<String>,
    keys: usize,
    /// What it signs with, where it speaks SAML.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<CertificateEntry>,
    redirect_uri: String,
    remarks: Vec<String>,
    /// Where the round trip begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

pub(super) async fn run(
    upstream: &Upstream,
    person: Option<&EmailAddress>,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let declaration = upstream.declaration();
    let Some(connection) = &declaration.connection else {
        return Err(CliError::Failed(format!(
            "nothing says how to connect to \"{name}\"\n  help: `vestibule {what} set {name} --issuer …`, or where the \
             configuration declares it, write [{what}.oidc] below its [[{what}]]",
            name = upstream.name,
            what = upstream.kind.name()
        )));
    };
    let found = ask(connection, core).await?;
    let link = match person {
        Some(person) => {
            let token = begin_test(core, &context.operator(), upstream, person).await?;
            let path = routes::test_sign_in(&token);
            Some(format!("{}{path}", core.settings.issuer.as_str()))
        }
        None => None,
    };
    let tested = Tested {
        name: upstream.name.clone(),
        issuer: connection.issuer().to_owned(),
        authorization_endpoint: found.authorization_endpoint,
        token_endpoint: found.token_endpoint,
        keys: found.keys,
        certificates: found
            .certificates
            .into_iter()
            .map(CertificateEntry::from)
            .collect(),
        redirect_uri: UpstreamEntry::new(upstream, core).redirect_uri,
        remarks: found.remarks,
        link,
    };
    let mut facts = vec![
        ("issuer", tested.issuer.clone()),
        ("authorization endpoint", tested.authorization_endpoint.clone()),
        ("token endpoint", or_dash(tested.token_endpoint.as_ref())),
        ("keys", tested.keys.to_string()),
        ("redirect URI", tested.redirect_uri.clone()),
    ];
    if let Connection::Saml(_) = connection {
        facts.retain(|(name, _)| *name != "token endpoint" && *name != "redirect URI");
    }
    let certificates = tested.certificates.iter();
    facts.extend(certificates.map(|certificate| ("signs with", certificate_in_short(certificate))));
    if let Some(link) = &tested.link {
        facts.push(("open within an hour", link.clone()));
    }
    context.thing(&tested, &facts)?;
    if tested.remarks.is_empty() && tested.link.is_some() {
        return Ok(());
    }
    if tested.remarks.is_empty() {
        context.remark(match connection {
            Connection::Saml(_) => "Its metadata fits. Whether it knows ours shows when somebody signs in: --as ADDRESS tries it.",
            _ => "Discovery and keys fit. Whether the secret does shows when somebody signs in: --as ADDRESS tries it.",
        });
        return Ok(());
    }
    Err(CliError::Failed(tested.remarks.join("\n")))
}

/// Refuses a connection that does not answer or does not fit, before it is stored.
pub(super) async fn fits(declaration: &Declaration, core: &Core, context: &Context) -> Result<(), CliError> {
    let Some(connection) = &declaration.connection else {
        return Ok(());
    };
    let without = "\n  help: nothing was changed; --no-test stores it nevertheless";
    let found = ask(connection, core).await.map_err(|error| match error {
        CliError::Unreachable(text) => CliError::Unreachable(text + without),
        CliError::Failed(text) => CliError::Failed(text + without),
        other => other,
    })?;
    for remark in found.remarks {
        context.remark(&format!("note: {remark}"));
    }
    Ok(())
}

async fn ask(connection: &Connection, core: &Core) -> Result<Discovered, CliError> {
    let upstreams = app::upstreams(&core.settings).map_err(|error| CliError::Failed(error.to_string()))?;
    upstreams
        .test(connection, core.now())
        .await
        .map_err(|error| match error {
            UpstreamError::Unreachable(_) => CliError::Unreachable(error.to_string()),
            error => CliError::Failed(error.to_string()),
        })
}
