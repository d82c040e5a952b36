//! Servers of others, measured where they are installed.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{
    ceiling,
    guest_browser::GuestBrowser,
    process::{MeasuredServer, free_port},
    target::{Target, basic},
};

/// Starts node-oidc-provider from a folder that npm has installed it in, and signs so many guests in.
pub(crate) async fn node_oidc_provider(modules: &Path, algorithm: &str, guests: usize) -> Result<Target> {
    let port = free_port()?;
    let directory = tempfile::tempdir()?;
    let script = directory.path().join("provider.mjs");
    std::fs::write(&script, include_str!("../peers/node-oidc-provider.mjs"))?;
    let mut command = Command::new("node");
    command.arg(&script).arg(modules).arg(port.to_string());
    command.args([ceiling::CLIENT, ceiling::SECRET, ceiling::REDIRECT_URI, algorithm]);
    command.env("NODE_ENV", "production");
    let server = MeasuredServer::start(command, port, "/.well-known/openid-configuration").await?;
    let mut target = Target {
        name: "node-oidc-provider, in memory".to_owned(),
        servers: vec![server],
        client_id: ceiling::CLIENT,
        basic: basic(ceiling::CLIENT, ceiling::SECRET),
        redirect_uri: ceiling::REDIRECT_URI,
        sessions: Vec::new(),
        mailboxes: None,
        directory: Some(directory),
    };
    for _ in 0..guests {
        let mut visitor = GuestBrowser::new(port);
        visitor.pass_through(&target).await?;
        target.sessions.push(visitor.cookies());
    }
    Ok(target)
}
