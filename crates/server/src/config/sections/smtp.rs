//! `[mail.smtp]`: the server that takes our mail.

use std::path::PathBuf;

use domain::upstream::is_loopback;
use url::Url;

use crate::config::{
    kinds::quote,
    reader::Section,
    secret::{SecretText, Source},
};

/// The server that takes our mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Who we are to it.
    pub credentials: Option<(String, SecretText)>,
    /// Authorities to trust in place of the public ones, a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// `smtp://`: STARTTLS, and nothing is sent without it (RFC 3207).
    StartTls,
    /// `smtps://`: TLS from the first byte (RFC 8314 §3.3).
    Implicit,
    /// `smtp+plain://`: none, for a relay on this machine.
    None,
}

const FORMS: &str = "write \"smtps://smtp.acme.example\" (TLS from the start, port 465) or \
                     \"smtp://smtp.acme.example\" (STARTTLS, port 587)";

pub(in crate::config) fn read(section: &mut Section<'_>, needed: bool) -> Option<SmtpSettings> {
    let server = url(section, needed);
    let username: Option<String> = section.maybe("username");
    let given = section.is_set("password");
    let password = section.secret("password");
    section.show("password", given.then(|| "(secret)".to_owned()));
    let ca_file: Option<PathBuf> = section.maybe("ca_file");
    let ca_file = ca_file.map(|path| section.resolve_path("ca_file", &path));
    if let Some(path) = &ca_file
        && let Err(error) = std::fs::File::open(path)
    {
        section.refuse(
            "ca_file",
            format!("names {}, which cannot be read: {error}", path.display()),
            "correct the path; it is a PEM file with the certificates to trust",
        );
    }
    if password
        .as_ref()
        .is_some_and(|secret| *secret.source() == Source::Literal)
    {
        section.warn(
            "password",
            "is written out in the configuration",
            "put it into a file of its own and write \"file:/path/to/password\"",
        );
    }
    let both = "set both, or neither when the server asks for nothing";
    match (username.is_some(), given) {
        (true, false) => section.refuse("password", "is not set, and `mail.smtp.username` is", both),
        (false, true) => section.refuse("username", "is not set, and `mail.smtp.password` is", both),
        _ => {}
    }
    let (host, port, encryption) = server?;
    if encryption == Encryption::None && given {
        section.refuse(
            "password",
            "would travel in the clear",
            "use smtp:// or smtps:// in `mail.smtp.url`",
        );
    }
    Some(SmtpSettings {
        host,
        port,
        encryption,
        credentials: username.zip(password),
        ca_file,
    })
}

fn url(section: &mut Section<'_>, needed: bool) -> Option<(String, u16, Encryption)> {
    let given = section.is_set("url");
    let written = section
        .secret("url")
        .map(|secret| secret.expose().trim().to_owned());
    let url = written.as_deref().map(Url::parse);
    let shown = match &url {
        Some(Ok(url)) if url.password().is_none() => Some(quote(url.as_str())),
        Some(_) => Some("(not shown)".to_owned()),
        None => None,
    };
    section.show("url", shown);
    if !given && needed {
        section.refuse("url", "is not set: sign-in codes could not be sent", FORMS);
    }
    let Some(Ok(url)) = url else {
        if url.is_some() {
            section.refuse("url", "is not a mail server's address", FORMS);
        }
        return None;
    };
    let (encryption, port) = match url.scheme() {
        "smtp" => (Encryption::StartTls, 587),
        "smtps" => (Encryption::Implicit, 465),
        "smtp+plain" => (Encryption::None, 25),
        scheme => {
            section.refuse(
                "url",
                format!("begins with {scheme}:, which is not a mail server"),
                FORMS,
            );
            return None;
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        section.refuse(
            "url",
            "holds a user name or password",
            "move them to `mail.smtp.username` and `mail.smtp.password`",
        );
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        section.refuse("url", "must end after the host and the port", FORMS);
    }
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())?
        .trim_matches(['[', ']']);
    if encryption == Encryption::None && !is_loopback_host(host) {
        section.refuse(
            "url",
            "would send codes over the network in the clear",
            "smtp+plain:// is for a relay on this machine; use smtp:// (STARTTLS) or smtps://",
        );
    }
    Some((host.to_owned(), url.port().unwrap_or(port), encryption))
}

fn is_loopback_host(host: &str) -> bool {
    Url::parse(&format!("http://{host}"))
        .or_else(|_| Url::parse(&format!("http://[{host}]")))
        .is_ok_and(|url| is_loopback(&url))
}
