//! `vestibule healthcheck`: for containers without a shell or curl.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;
use http::header;
use web::routes;

use super::{CliError, context::Context, error::with_causes};
use crate::config::ServerSettings;

#[derive(Debug, Args)]
#[command(after_help = "Example, in a Dockerfile:
  HEALTHCHECK CMD [\"vestibule\", \"healthcheck\"]")]
pub(super) struct HealthcheckArgs {
    /// Ask this URL instead of the address that the configuration listens on
    #[arg(long, value_name = "URL")]
    url: Option<url::Url>,
}

/// Asks `/readyz`. Exit code 4 when there is no answer, 1 when the answer is no.
pub(super) async fn run(args: HealthcheckArgs, context: &Context) -> Result<(), CliError> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    let (client, request) = if let Some(url) = args.url {
        (client, url.to_string())
    } else {
        let settings = context.settings()?;
        let (host, port) = (
            settings.web.issuer.host().to_owned(),
            settings.server.listen.port(),
        );
        let scheme = if settings.server.tls.is_some() {
            "https"
        } else {
            "http"
        };
        // The name is the issuer's, so that its certificate fits; the way leads to this machine.
        let client = client.resolve(&host, local(&settings));
        (client, format!("{scheme}://{host}:{port}{}", routes::READYZ))
    };
    let unreachable = |error: reqwest::Error| {
        CliError::Unreachable(format!("{request} does not answer: {}", with_causes(&error)))
    };
    let client = client.build().map_err(unreachable)?;
    let response = client
        .get(&request)
        .header(header::ACCEPT, "text/plain")
        .send()
        .await
        .map_err(unreachable)?;
    if response.status().is_success() {
        context.remark("ready");
        return Ok(());
    }
    Err(CliError::Failed(format!(
        "{request} answered {}",
        response.status()
    )))
}

/// The address of this machine that reaches the listener.
fn local(settings: &ServerSettings) -> SocketAddr {
    let listen = settings.server.listen;
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
