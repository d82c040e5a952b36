//! Secrets in the configuration: written out, or by reference to a file, a variable or a systemd credential.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::value::{Origin, resolve_path};

/// A secret's text. No `Display`; `Debug` says nothing.
#[derive(Clone)]
pub struct SecretText {
    text: Zeroizing<String>,
    source: Source,
}

/// Where a secret was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Written out in a file.
    Literal,
    /// In an environment variable.
    Environment,
    /// In a file of its own.
    File(PathBuf),
}

impl SecretText {
    /// One that a test writes out.
    #[cfg(test)]
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: Zeroizing::new(text.to_owned()),
            source: Source::Literal,
        }
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.text
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        *self.text == *other.text
    }
}
impl Eq for SecretText {}

/// Why a secret cannot be had. Never holds what was written: it may be the secret.
pub(super) struct SecretRefusal {
    pub(super) message: String,
    pub(super) help: String,
}

impl SecretRefusal {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    pub(super) fn not_text() -> Self {
        Self::new(
            "must be text in quotes",
            "write \"file:/path/to/the/secret\" or \"env:NAME\"",
        )
    }
}

/// Reads a secret or what it refers to: `file:PATH`, `env:NAME`, `systemd-credential:NAME`.
pub(super) fn resolve(
    written: &str,
    origin: Option<&Origin>,
    environment: &BTreeMap<String, String>,
) -> Result<SecretText, SecretRefusal> {
    if let Some(path) = written.strip_prefix("file:") {
        return from_file(&resolve_path(origin, Path::new(path)));
    }
    if let Some(name) = written.strip_prefix("systemd-credential:") {
        let directory = environment.get("CREDENTIALS_DIRECTORY").ok_or_else(|| {
            SecretRefusal::new(
                "names a systemd credential, and CREDENTIALS_DIRECTORY is not set",
                "start Vestibule from a systemd unit with LoadCredential=, or use file:",
            )
        })?;
        return from_file(&Path::new(directory).join(name));
    }
    if let Some(name) = written.strip_prefix("env:") {
        let text = environment
            .get(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                SecretRefusal::new(
                    format!("refers to the environment variable {name}, which is not set"),
                    format!("set {name}, or use file:"),
                )
            })?;
        return Ok(SecretText {
            text: Zeroizing::new(text.clone()),
            source: Source::Environment,
        });
    }
    if written.is_empty() {
        return Err(SecretRefusal::new(
            "is empty",
            "write \"file:/path\" or \"env:NAME\"",
        ));
    }
    Ok(SecretText {
        text: Zeroizing::new(written.to_owned()),
        source: match origin {
            Some(Origin::Environment(_)) => Source::Environment,
            _ => Source::Literal,
        },
    })
}

/// The secret that a command line refers to. It is never written there itself: a list of processes would show
/// it. An error says what would be right.
pub fn referenced(written: &str, environment: &BTreeMap<String, String>) -> Result<SecretText, String> {
    if !["file:", "env:", "systemd-credential:"]
        .iter()
        .any(|kind| written.starts_with(kind))
    {
        return Err("is no reference; write file:/path/to/the/secret or env:NAME".into());
    }
    resolve(written, None, environment).map_err(|refusal| format!("{}; {}", refusal.message, refusal.help))
}

fn from_file(path: &Path) -> Result<SecretText, SecretRefusal> {
    let text = read_text(path).map_err(|error| {
        SecretRefusal::new(
            format!("refers to {}, which cannot be read: {error}", path.display()),
            "correct the path, or let the user that runs Vestibule read the file",
        )
    })?;
    if text.is_empty() {
        return Err(SecretRefusal::new(
            format!("refers to {}, which is empty", path.display()),
            "write the secret into the file",
        ));
    }
    Ok(SecretText {
        text,
        source: Source::File(path.to_owned()),
    })
}

/// A small file's text without the line break at its end, and without the byte order mark that some editors write.
pub(super) fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Whether everyone on this machine may read the file.
pub(super) fn is_world_readable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}
