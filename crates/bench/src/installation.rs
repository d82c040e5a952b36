//! Vestibule as an operator runs it: a folder with a configuration, a key and a database that holds one app; its processes, and
//! guests who sign in with a code.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::{
    ceiling::REDIRECT_URI,
    guest_browser::GuestBrowser,
    mail::Mailboxes,
    process::{MeasuredServer, free_port},
    target::{Target, basic},
};

/// What guests see in their address bar; a proxy would stand there.
pub(crate) const ISSUER: &str = "https://login.bench.test";
/// The one app.
pub(crate) const CLIENT: &str = "notes";
/// So high that none is reached.
const LIMITS: [&str; 14] = [
    "mails_per_address_hour",
    "mails_per_address_day",
    "mails_per_network_hour",
    "mails_per_site_hour",
    "mails_per_domain_hour",
    "mails_everywhere_hour",
    "mails_per_device_hour",
    "wrong_per_address_hour",
    "wrong_per_address_day",
    "wrong_per_network_hour",
    "wrong_per_site_hour",
    "wrong_per_device_hour",
    "wrong_everywhere_hour",
    "sign_ins_per_network_hour",
];

/// A folder that was prepared once; what is said of it lies in its `installation.json`.
pub(crate) struct Installation {
    pub(crate) directory: PathBuf,
    pub(crate) facts: InstallationFacts,
}

/// What the folder's file says.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstallationFacts {
    /// The URL of its database.
    pub(crate) database: String,
    client_secret: String,
    /// How the app's ID tokens are signed.
    pub(crate) algorithm: String,
    /// How many guests were made up in it.
    pub(crate) seeded: u32,
}

impl Installation {
    /// Prepares a folder: a database of SQLite in it, or the empty one of that URL.
    pub(crate) fn prepare(
        binary: &Path,
        directory: &Path,
        database: Option<&str>,
        algorithm: &str,
    ) -> Result<Self> {
        let path = directory.to_string_lossy();
        let database = database.map_or_else(|| format!("sqlite:{path}/bench.db"), str::to_owned);
        run(binary, &["config", "init", &path])?;
        let file = directory.join("bench.toml");
        fs::write(&file, configuration(directory, 0, 0, &database))?;
        let file = file.to_string_lossy().into_owned();
        run(binary, &["-c", &file, "migrate", "up"])?;
        let app = [
            "-c",
            &file,
            "-o",
            "json",
            "app",
            "add",
            CLIENT,
            "--redirect-uri",
            REDIRECT_URI,
            "--access",
            "any-guest",
            "--offline-access",
            "--alg",
            algorithm,
        ];
        let app: serde_json::Value = serde_json::from_str(&run(binary, &app)?)?;
        let secret = app["client_secret"].as_str().context("no secret")?;
        let facts = InstallationFacts {
            database,
            client_secret: secret.to_owned(),
            algorithm: algorithm.to_owned(),
            seeded: 0,
        };
        let installation = Self {
            directory: directory.to_owned(),
            facts,
        };
        installation.note()?;
        Ok(installation)
    }

    /// A folder that was prepared before.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let file = directory.join("installation.json");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} is not made by `bench seed`", directory.display()))?;
        Ok(Self {
            directory: directory.to_owned(),
            facts: serde_json::from_str(&text)?,
        })
    }

    /// Writes what is said of the folder.
    pub(crate) fn note(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.facts)?;
        let mut options = fs::OpenOptions::new();
        // It holds a secret.
        options.write(true).create(true).truncate(true).mode(0o600);
        Ok(options
            .open(self.directory.join("installation.json"))?
            .write_all(text.as_bytes())?)
    }

    fn name(&self) -> &'static str {
        if self.facts.database.starts_with("sqlite:") {
            "SQLite"
        } else {
            "PostgreSQL"
        }
    }

    /// Starts so many processes on it, and signs so many guests in.
    pub(crate) async fn start(&self, binary: &Path, processes: usize, guests: usize) -> Result<Target> {
        let mailboxes = Mailboxes::default();
        let mail = mailboxes.open().await?;
        let mut servers = Vec::with_capacity(processes);
        for process in 0..processes {
            servers.push(self.serve(binary, process, mail).await?);
        }
        let mut name = self.name().to_owned();
        if self.facts.seeded > 0 {
            name = format!("{name}, {} guests", self.facts.seeded);
        }
        if processes > 1 {
            name = format!("{name}, {processes} processes");
        }
        let mut target = Target {
            name,
            servers,
            client_id: CLIENT,
            basic: basic(CLIENT, &self.facts.client_secret),
            redirect_uri: REDIRECT_URI,
            sessions: Vec::new(),
            mailboxes: Some(mailboxes),
            directory: None,
        };
        for guest in 0..guests {
            let mut visitor = GuestBrowser::new(target.port(guest));
            let address = format!("visitor{guest}@contoso.test");
            visitor.sign_in(&target, &address).await?;
            target.sessions.push(visitor.cookies());
        }
        Ok(target)
    }

    /// Starts one process.
    async fn serve(&self, binary: &Path, process: usize, mail: u16) -> Result<MeasuredServer> {
        let port = free_port()?;
        let file = self.directory.join(format!("process{process}.toml"));
        fs::write(
            &file,
            configuration(&self.directory, port, mail, &self.facts.database),
        )?;
        let mut command = Command::new(binary);
        let log = self.directory.join(format!("process{process}.log"));
        command.arg("-c").arg(file).arg("serve");
        command.stdin(Stdio::null()).stderr(fs::File::create(&log)?);
        let server = MeasuredServer::start(command, port, "/.well-known/openid-configuration").await;
        server.with_context(|| fs::read_to_string(&log).unwrap_or_default())
    }
}

/// Starts one process on a new, empty database.
pub(crate) async fn start_fresh(
    binary: &Path,
    database: Option<&str>,
    algorithm: &str,
    guests: usize,
) -> Result<Target> {
    let directory: TempDir = tempfile::tempdir()?;
    let installation = Installation::prepare(binary, directory.path(), database, algorithm)?;
    // The first start makes keys; what is measured finds them.
    drop(installation.serve(binary, 0, free_port()?).await?);
    let mut target = installation.start(binary, 1, guests).await?;
    target.directory = Some(directory);
    Ok(target)
}

fn configuration(directory: &Path, port: u16, mail: u16, database: &str) -> String {
    let directory = directory.display();
    let limits: Vec<String> = LIMITS.iter().map(|name| format!("{name} = 1000000")).collect();
    format!(
        "public_url = \"{ISSUER}\"\n[organisation]\nname = \"Acme\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n\
         [database]\nurl = \"{database}\"\n[secrets]\nmaster_key = \"file:{directory}/master.key\"\n\
         [mail]\nfrom = \"Acme <signin@acme.test>\"\n[mail.smtp]\nurl = \"smtp+plain://127.0.0.1:{mail}\"\n\
         [log]\nfilter = \"error\"\n[limits]\n{}\n",
        limits.join("\n")
    )
}

/// Runs a command to its end; what it printed.
fn run(binary: &Path, arguments: &[&str]) -> Result<String> {
    let done = Command::new(binary).args(arguments).stdin(Stdio::null()).output();
    let done = done.with_context(|| format!("{} cannot be run", binary.display()))?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{arguments:?}: {told}");
    Ok(String::from_utf8(done.stdout)?)
}
