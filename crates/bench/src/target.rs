//! A server that is measured: the ceiling, or Vestibule on one of its databases. Both have the same paths.

use std::process::Command;

use anyhow::Result;
use data_encoding::BASE64;
use tempfile::TempDir;

use crate::{
    ceiling,
    mail::Mailboxes,
    process::{MeasuredServer, free_port},
};

/// What the ceiling is called in the tables.
pub(crate) const CEILING: &str = "ceiling";

/// A server, and what is needed to ask it something.
pub(crate) struct Target {
    pub(crate) name: String,
    /// Its processes, which share a database.
    pub(crate) servers: Vec<MeasuredServer>,
    pub(crate) client_id: &'static str,
    /// The header by which the app proves itself, with its line end.
    pub(crate) basic: String,
    pub(crate) redirect_uri: &'static str,
    /// The cookie of each client's session.
    pub(crate) sessions: Vec<String>,
    /// Where codes arrive, where the server mails any.
    pub(crate) mailboxes: Option<Mailboxes>,
    /// Removed at the end, where it was made for this run.
    pub(crate) directory: Option<TempDir>,
}

impl Target {
    /// Where a client connects to: clients spread over the processes.
    pub(crate) fn port(&self, client: usize) -> u16 {
        self.servers[client % self.servers.len()].port
    }

    /// CPU time that all processes have used, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        self.servers.iter().map(MeasuredServer::cpu_ms).sum()
    }

    /// Memory that all processes use, in MB.
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        self.servers.iter().map(MeasuredServer::memory_mb).sum()
    }

    /// Starts the ceiling.
    pub(crate) async fn ceiling(algorithm: &str) -> Result<Self> {
        let (directory, port) = (tempfile::tempdir()?, free_port()?);
        let mut command = Command::new(std::env::current_exe()?);
        command.args([
            "ceiling",
            "--port",
            &port.to_string(),
            "--alg",
            algorithm,
            "--directory",
        ]);
        command.arg(directory.path());
        let server = MeasuredServer::start(command, port, "/.well-known/openid-configuration").await?;
        Ok(Self {
            name: CEILING.to_owned(),
            servers: vec![server],
            client_id: ceiling::CLIENT,
            basic: basic(ceiling::CLIENT, ceiling::SECRET),
            redirect_uri: ceiling::REDIRECT_URI,
            sessions: (0..ceiling::SESSIONS)
                .map(|session| format!("session={session}"))
                .collect(),
            mailboxes: None,
            directory: Some(directory),
        })
    }
}

/// HTTP Basic (RFC 7617), as a line of a request.
pub(crate) fn basic(user: &str, password: &str) -> String {
    let pair = BASE64.encode(format!("{user}:{password}").as_bytes());
    format!("authorization: Basic {pair}\r\n")
}
