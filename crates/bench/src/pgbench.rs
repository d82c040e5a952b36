//! What the database itself does: how many small transactions a second pgbench commits on it.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A table of pgbench in the database, and a script that adds a row to it.
pub(crate) struct Pgbench {
    url: String,
    directory: TempDir,
}

impl Pgbench {
    /// Makes the tables.
    pub(crate) fn prepare(url: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::write(
            directory.path().join("insert.sql"),
            "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, 1, 1, CURRENT_TIMESTAMP);\n",
        )?;
        run(&["--quiet", "--initialize", "--init-steps=dtg", url])?;
        let url = url.to_owned();
        Ok(Self { url, directory })
    }

    /// Transactions a second with so many clients at once.
    pub(crate) fn per_second(&self, clients: usize, seconds: f64) -> Result<f64> {
        let script = self.directory.path().join("insert.sql");
        let (clients, seconds) = (clients.to_string(), seconds.ceil().to_string());
        let told = run(&[
            "--no-vacuum",
            "--protocol=prepared",
            "--client",
            &clients,
            "--time",
            &seconds,
            "--file",
            &script.to_string_lossy(),
            &self.url,
        ])?;
        let tps = told.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = tps.and_then(|rest| rest.split_whitespace().next());
        Ok(tps.with_context(|| format!("no tps in {told}"))?.parse()?)
    }
}

fn run(arguments: &[&str]) -> Result<String> {
    let done = Command::new("pgbench")
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let done = done.context("pgbench cannot be run; Debian has it in the package postgresql")?;
    let told = String::from_utf8_lossy(&done.stderr);
    // The arguments hold the database's password.
    ensure!(done.status.success(), "pgbench failed: {told}");
    Ok(String::from_utf8(done.stdout)?)
}
