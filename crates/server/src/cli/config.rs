//! `vestibule config init|show|sample|impact`.

mod impact;

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use domain::entropy::random;
use serde::Serialize;
use sign_in::Issuer;
use url::Url;
use zeroize::Zeroizing;

use super::{CliError, context::Context, output, output::Row};
use crate::{
    config::{EXAMPLE, Entry, Purpose},
    edge::SystemEntropy,
};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Write a first configuration and a master key
    Init(InitArgs),
    /// Show every setting in force, without secrets
    Show(ShowArgs),
    /// Print the reference: every setting with its default
    Sample,
    /// List the guests who could not sign in with this configuration
    Impact(impact::ImpactArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule config init /etc/vestibule --public-url https://login.acme.example
  vestibule config init .")]
pub(super) struct InitArgs {
    /// Directory for vestibule.toml and master.key; created if missing
    directory: PathBuf,
    /// URL at which guests and apps reach Vestibule
    #[arg(long, value_name = "URL", default_value = "https://login.acme.example")]
    public_url: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule config show --origin")]
pub(super) struct ShowArgs {
    /// Also show where each was set
    #[arg(long)]
    origin: bool,
}

pub(super) async fn run(command: ConfigCommand, context: &Context) -> Result<(), CliError> {
    match command {
        ConfigCommand::Init(args) => init(&args, context),
        ConfigCommand::Show(args) => show(&args, context),
        ConfigCommand::Sample => output::print(EXAMPLE.trim_end()),
        ConfigCommand::Impact(args) => impact::run(&args, context).await,
    }
}

/// What `init` writes: the settings without a default, and no more.
fn first_file(public_url: &str) -> String {
    format!(
        "# The configuration of Vestibule. `vestibule config sample` prints every setting, `vestibule check` says
# what is wrong.

# The address at which guests and apps reach Vestibule. It never changes.
public_url = {}

[organisation]
name = \"Acme\"

[database]
url = \"sqlite:vestibule.db\"

[secrets]
# Keep a copy of this file outside the backups of the database: without it nothing in there can be read.
master_key = \"file:master.key\"

[mail]
from = \"Acme guest access <signin@mail.acme.example>\"

[mail.smtp]
url = \"smtps://smtp.acme.example:465\"
username = \"vestibule\"
password = \"env:SMTP_PASSWORD\"

[help]
name = \"Acme helpdesk\"
email = \"helpdesk@acme.example\"
",
        toml::Value::String(public_url.to_owned())
    )
}

fn init(args: &InitArgs, context: &Context) -> Result<(), CliError> {
    let (file, key) = (
        args.directory.join("vestibule.toml"),
        args.directory.join("master.key"),
    );
    if Url::parse(&args.public_url)
        .ok()
        .as_ref()
        .and_then(Issuer::new)
        .is_none()
    {
        let text = format!(
            "--public-url {} is no origin: write it as in https://login.acme.example",
            args.public_url
        );
        return Err(CliError::Usage(text));
    }
    if let Some(there) = [&file, &key].into_iter().find(|path| path.exists()) {
        return Err(CliError::Failed(format!(
            "{} already exists; it was not overwritten",
            there.display()
        )));
    }
    let failed =
        |path: &Path, error: io::Error| CliError::Failed(format!("cannot write {}: {error}", path.display()));
    std::fs::create_dir_all(&args.directory).map_err(|error| failed(&args.directory, error))?;
    let secret = Zeroizing::new(random::<32>(&SystemEntropy));
    let text = Zeroizing::new(format!("{}\n", HEXLOWER.encode(&secret[..])));
    write_new(&key, &text, 0o600).map_err(|error| failed(&key, error))?;
    write_new(&file, &first_file(&args.public_url), 0o640).map_err(|error| failed(&file, error))?;
    output::print(&format!("{}\n{}", file.display(), key.display()))?;
    context.remark(&format!(
        "Now edit {}, then run: vestibule check -c {}",
        file.display(),
        file.display()
    ));
    Ok(())
}

/// Writes a file that must not be there yet, readable from its first moment by those who may.
fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A setting in force.
#[derive(Serialize)]
struct SettingLine {
    key: String,
    value: Option<String>,
    origin: String,
}

impl Row for SettingLine {
    const SEVERAL: &'static str = "settings";
    const HEADS: &'static [&'static str] = &["SETTING", "VALUE", "ORIGIN"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.key.clone(),
            output::or_dash(self.value.as_ref()),
            self.origin.clone(),
        ]
    }
}

fn show(args: &ShowArgs, context: &Context) -> Result<(), CliError> {
    let entries = context.load(Purpose::Manage, Vec::new())?.entries;
    if args.origin || context.is_json() {
        let rows: Vec<SettingLine> = entries
            .into_iter()
            .map(|entry| SettingLine {
                key: entry.key,
                value: entry.value,
                origin: entry
                    .origin
                    .map_or_else(|| "default".to_owned(), |origin| origin.to_string()),
            })
            .collect();
        return context.rows(&rows);
    }
    output::print(&as_toml(&entries))
}

/// Settings as a configuration file would have them; what is not set, as a comment.
fn as_toml(entries: &[Entry]) -> String {
    let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
    for entry in entries {
        let (section, key) = entry.key.rsplit_once('.').unwrap_or(("", &entry.key));
        let line = match &entry.value {
            Some(value) if value.starts_with('(') => format!("# {key} = {value}"),
            Some(value) => format!("{key} = {value}"),
            None => format!("# {key} is not set"),
        };
        match sections.iter_mut().find(|(name, _)| *name == section) {
            Some((_, lines)) => lines.push(line),
            None => sections.push((section, vec![line])),
        }
    }
    let blocks: Vec<String> = sections
        .into_iter()
        .map(|(section, lines)| {
            let head = match section.split_once('[') {
                _ if section.is_empty() => String::new(),
                // `tenant[0]`, and what is below it: `tenant[0].oidc`.
                Some((several, place)) => match place.split_once("].") {
                    Some((_, below)) => format!("[{several}.{below}]\n"),
                    None => format!("[[{several}]]\n"),
                },
                None => format!("[{section}]\n"),
            };
            format!("{head}{}", lines.join("\n"))
        })
        .collect();
    blocks.join("\n\n")
}

#[cfg(test)]
mod tests;
