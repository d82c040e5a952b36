//! How Vestibule speaks to an upstream: as its relying party.

use crate::Secret;

/// How to speak to an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// OpenID Connect.
    Oidc(OidcConnection),
}

impl Connection {
    /// What the database keeps sealed.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Oidc(oidc) => oidc.client_auth.secret(),
        }
    }

    /// Who it is there, for a list: the issuer.
    pub fn issuer(&self) -> &str {
        match self {
            Self::Oidc(oidc) => &oidc.issuer,
        }
    }

    /// Whether an address counts although the upstream does not claim that it is verified.
    pub fn trusts_email(&self) -> bool {
        match self {
            Self::Oidc(oidc) => oidc.trusts_email,
        }
    }

    /// Whether the upstream is believed when it says that it asked for a second factor.
    pub fn trusts_mfa(&self) -> bool {
        match self {
            Self::Oidc(oidc) => oidc.trusts_mfa,
        }
    }
}

/// A connection by OpenID Connect: Vestibule is the relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcConnection {
    /// The issuer, exactly as its discovery document and its tokens write it.
    pub issuer: String,
    /// What Vestibule is called there.
    pub client_id: String,
    /// How Vestibule proves itself at the token endpoint.
    pub client_auth: ClientAuthentication,
    /// What is asked for; `openid` is always among it.
    pub scopes: Vec<String>,
    /// Which claims say what.
    pub claims: ClaimNames,
    /// Whether an address counts although the upstream does not claim `email_verified`. Only for upstreams whose
    /// administrators alone set addresses.
    pub trusts_email: bool,
    /// Whether the upstream's `amr` is believed when it claims a second factor.
    pub trusts_mfa: bool,
}

/// How Vestibule proves itself at an upstream's token endpoint (OpenID Connect Core §9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// The secret in the `Authorization` header.
    SecretBasic(Secret),
    /// The secret in the body.
    SecretPost(Secret),
    /// Not at all: a public client, with PKCE alone.
    None,
}

impl ClientAuthentication {
    /// The name of the registered method.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SecretBasic(_) => "client_secret_basic",
            Self::SecretPost(_) => "client_secret_post",
            Self::None => "none",
        }
    }

    /// The method of that name, with its secret. `None` when the name is unknown, or one is missing or surplus.
    pub fn of(name: &str, secret: Option<Secret>) -> Option<Self> {
        match (name, secret) {
            ("client_secret_basic", Some(secret)) => Some(Self::SecretBasic(secret)),
            ("client_secret_post", Some(secret)) => Some(Self::SecretPost(secret)),
            ("none", None) => Some(Self::None),
            _ => None,
        }
    }

    /// The secret.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::SecretBasic(secret) | Self::SecretPost(secret) => Some(secret),
            Self::None => None,
        }
    }
}

/// Which claims of an ID token say what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// What together names the account for ever: `sub` alone, or `tid` and `oid` at Microsoft Entra ID.
    pub subject: Vec<String>,
    /// The address.
    pub email: String,
    /// The person's name.
    pub name: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            subject: vec!["sub".into()],
            email: "email".into(),
            name: "name".into(),
        }
    }
}
