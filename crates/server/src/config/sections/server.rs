//! `[server]`: where connections come in.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use sign_in::Issuer;

use crate::config::{reader::Section, secret::is_world_readable};

/// Where connections come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address and port.
    pub listen: SocketAddr,
    /// The certificate and key, when Vestibule ends TLS itself.
    pub tls: Option<Tls>,
}

/// A certificate chain and its key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The chain, leaf first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

pub(in crate::config) fn read(section: &mut Section<'_>, issuer: Option<&Issuer>) -> (Server, Vec<IpNet>) {
    let listen = section.get("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
    let trusted_proxies: Vec<IpNet> = section.get("trusted_proxies", Vec::new());
    if trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        section.refuse(
            "trusted_proxies",
            "trusts the whole internet: anyone could then claim any address and walk past the limits",
            "name your proxies, as in trusted_proxies = [\"127.0.0.1\"]",
        );
    }
    let tls = section.section("tls", tls);
    if tls.is_none() && trusted_proxies.is_empty() && issuer.is_some_and(Issuer::is_secure) {
        section.warn(
            "trusted_proxies",
            "is empty, and a proxy terminates TLS: all guests appear to share one IP address, so rate limits apply to \
             all of them together",
            "name the proxy, as in trusted_proxies = [\"127.0.0.1\"]",
        );
    }
    (Server { listen, tls }, trusted_proxies)
}

fn tls(section: &mut Section<'_>) -> Option<Tls> {
    let mut file = |key| {
        let path: PathBuf = section.maybe(key)?;
        let path = section.resolve_path(key, &path);
        if let Err(error) = std::fs::File::open(&path) {
            section.refuse(
                key,
                format!("names {}, which cannot be read: {error}", path.display()),
                "correct the path, or let the user that runs Vestibule read the file",
            );
        }
        Some(path)
    };
    let (cert, key) = (file("cert"), file("key"));
    match (cert, key) {
        (Some(cert), Some(key)) => {
            if is_world_readable(&key) {
                section.refuse(
                    "key",
                    format!(
                        "names {}, which every user of this machine can read",
                        key.display()
                    ),
                    format!("run: chmod 600 {}", key.display()),
                );
            }
            Some(Tls { cert, key })
        }
        (None, None) => None,
        (cert, _) => {
            let (missing, other) = if cert.is_some() {
                ("key", "cert")
            } else {
                ("cert", "key")
            };
            if !section.is_set(missing) {
                section.refuse(
                    missing,
                    format!("is not set, and `server.tls.{other}` is"),
                    "set both, or neither if a proxy terminates TLS",
                );
            }
            None
        }
    }
}
