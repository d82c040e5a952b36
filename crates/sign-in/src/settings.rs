//! What the operator set, validated: handlers read these values and never a configuration file.

use std::net::SocketAddr;

use chrono::TimeDelta;
use domain::{
    Language, app::App, guest_rule::GuestRule, key_rotation::RotationPolicy, limits::Limits,
    passcode::PasscodePolicy,
};
use ipnet::IpNet;
use url::Url;

/// The settings of one provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are to apps.
    pub issuer: Issuer,
    /// The organisation's name, on pages and in mails: `Acme`.
    pub organisation: String,
    /// Where guests find help.
    pub help: Help,
    /// The rules of codes.
    pub passcode: PasscodePolicy,
    /// How many of what in how long.
    pub limits: Limits,
    /// How long sessions last.
    pub session: SessionSettings,
    /// How long events stay in the audit log; `None` is for ever.
    pub audit_kept_for: Option<TimeDelta>,
    /// Whether guests may register passkeys and sign in with them.
    pub passkeys: bool,
    /// Whether federated tenants may speak SAML.
    pub saml: bool,
    /// How long tokens live.
    pub tokens: TokenLifetimes,
    /// How long before a guest's access to an app ends somebody is asked whether it goes on; zero: nobody is.
    pub renewal_notice: TimeDelta,
    /// Who is blocked or removed without an operator; the first rule that applies counts.
    pub guest_rules: Vec<GuestRule>,
    /// How long a guest who was removed can be restored; then they are erased.
    pub removed_kept_for: TimeDelta,
    /// How long an invitation can be redeemed.
    pub invitation_lifetime: TimeDelta,
    /// How methods are chosen.
    pub resolution: method_resolution::Policies,
    /// The life of signing keys.
    pub keys: RotationPolicy,
    /// The language of pages when nothing else is known.
    pub default_language: Language,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that are not public, and where upstreams may be all the same.
    pub egress_allowed: Vec<IpNet>,
    /// Certificate authorities (a PEM file) to trust beside those of this machine, for upstreams.
    pub egress_ca_file: Option<std::path::PathBuf>,
    /// The name servers to ask for the proof of domains; none: those of this machine.
    pub name_servers: Vec<SocketAddr>,
    /// Whether developer conveniences are on.
    pub dev: bool,
}

/// The issuer identifier (OpenID Connect Discovery §3): an origin, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// The issuer at `url`; `None` unless it is a bare http(s) origin.
    pub fn new(url: &Url) -> Option<Self> {
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
        let web = matches!(url.scheme(), "https" | "http");
        (bare && plain && web).then(|| Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            url: url.clone(),
        })
    }

    /// The `iss` value: no slash at the end. Also the origin.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The full address of a path of ours.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The host, with its port when it is not the scheme's own: what a `Host` header must say.
    pub fn authority(&self) -> &str {
        self.url.authority()
    }

    /// Whether a `Host` header names us: in any case, and with the port of the scheme or without it.
    pub fn is_named_by(&self, host: &str) -> bool {
        let usual = if self.is_secure() { ":443" } else { ":80" };
        let host = host.strip_suffix(usual).unwrap_or(host);
        host.eq_ignore_ascii_case(self.authority())
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it is https. Plain http is for development on loopback only.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// Where guests find help: the footer of every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// `Acme helpdesk`.
    pub name: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// The privacy statement.
    pub privacy_url: Option<Url>,
    /// The terms of use.
    pub terms_url: Option<Url>,
    /// The accessibility statement.
    pub accessibility_url: Option<Url>,
}

impl Help {
    /// The same for guests of an app, which may have a contact of its own.
    #[must_use]
    pub fn at(&self, app: &App) -> Self {
        match &app.contact {
            Some(contact) => Self {
                name: None,
                email: Some(contact.as_str().to_owned()),
                ..self.clone()
            },
            None => self.clone(),
        }
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// The absolute end, counted from the proof.
    pub lifetime: TimeDelta,
    /// Whether pages offer «shared computer».
    pub shared_computer_box: bool,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            lifetime: TimeDelta::hours(24),
            shared_computer_box: true,
        }
    }
}

/// How long tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLifetimes {
    /// ID tokens.
    pub id_token: TimeDelta,
    /// Access tokens.
    pub access_token: TimeDelta,
    /// Refresh tokens, however often they are rotated. Without `offline_access` the session's end comes first.
    pub refresh_token: TimeDelta,
    /// For so long a refresh token that was used gets its answer again; zero: never.
    pub refresh_repeat: TimeDelta,
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self {
            id_token: TimeDelta::minutes(10),
            access_token: TimeDelta::minutes(10),
            refresh_token: TimeDelta::days(30),
            refresh_repeat: TimeDelta::seconds(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proxies write the default port, or leave it out.
    #[test]
    fn the_default_port_is_none() {
        let issuer = |text: &str| Url::parse(text).ok().and_then(|url| Issuer::new(&url));
        for (public, host, ours) in [
            ("https://login.acme.test", "login.acme.test", true),
            ("https://login.acme.test", "LOGIN.acme.test:443", true),
            ("https://login.acme.test", "login.acme.test:80", false),
            ("https://login.acme.test", "login.acme.test:8443", false),
            ("https://login.acme.test", "evil.test:443", false),
            ("https://login.acme.test:8443", "login.acme.test:8443", true),
            ("https://login.acme.test:8443", "login.acme.test", false),
            ("http://localhost", "localhost:80", true),
            ("http://localhost:8080", "localhost:8080", true),
            ("https://login.acme.test", "", false),
        ] {
            let issuer = issuer(public).unwrap_or_else(|| panic!("{public}"));
            assert_eq!(issuer.is_named_by(host), ours, "{public} {host}");
        }
    }
}
