//! Apps: the OpenID Connect clients of this provider.

pub mod logo;

use chrono::{DateTime, TimeDelta, Utc};
use url::{Position, Url};

use crate::{
    EmailAddress, Id, SecretHash,
    authorization::{Scope, Scopes},
    inviter::Inviters,
};

/// A registered app. The wire calls it a client (RFC 6749 §1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and they combine freely"
)]
pub struct App {
    /// Its row.
    pub id: Id<App>,
    /// Its `client_id`, unique: a short name an operator chose, such as `notes`.
    pub client_id: String,
    /// What pages and mails call it: `Acme Notes`.
    pub name: String,
    /// How it authenticates at the token endpoint (OpenID Connect Core §9).
    pub authentication: AppAuthentication,
    /// Where it may receive answers; compared as exact strings (RFC 9700 §2.1).
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out (RP-Initiated Logout §3).
    pub post_logout_redirect_uris: Vec<String>,
    /// Its front page, for links from ours.
    pub home: Option<Url>,
    /// The address of the person answerable for it, who is asked for access.
    pub owner: Option<EmailAddress>,
    /// The address to which guests turn who need help with it; `None`: the organisation's.
    pub contact: Option<EmailAddress>,
    /// The name of its logo's file ([`logo::Logo::name`]).
    pub logo: Option<String>,
    /// Who may come in.
    pub access: AccessRule,
    /// Who may invite to it.
    pub inviters: Inviters,
    /// Whether guests are asked before the app learns their data. Off for the organisation's own apps.
    pub asks_consent: bool,
    /// Whether refresh tokens are given for `offline_access` (OpenID Connect Core §11).
    pub offline_access: bool,
    /// What signs its ID tokens.
    pub signing_algorithm: SigningAlgorithm,
    /// Whether it must use PKCE.
    pub pkce: Pkce,
    /// Whether the claims of its scopes stand in ID tokens as well, for apps that never ask UserInfo.
    pub id_token_claims: bool,
    /// Whether error pages may show the details of a malformed request of this app.
    pub dev: bool,
    /// Set while the app is switched off.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// How an app proves itself at the back channel (OpenID Connect Core §9): the one kind that is registered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AppAuthentication {
    /// By one of its secrets ([`AppSecret`]).
    Secret(SecretMethod),
    /// `private_key_jwt`, with the app's public keys as a JWK Set document (RFC 7517 §5).
    PrivateKeyJwt {
        /// The JWK Set, as JSON text.
        jwks: String,
        /// Whether its assertions are held to the narrower rules of FAPI 2.0: `aud` is the issuer as a string, and one lives for
        /// 60 seconds at most.
        strict: bool,
    },
    /// `none`: a public app, protected by PKCE alone.
    None,
}

/// How an app sends its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretMethod {
    /// In the header or in the body, whichever its library prefers.
    Any,
    /// `client_secret_basic` alone.
    Basic,
    /// `client_secret_post` alone.
    Post,
}

impl SecretMethod {
    /// Whether the method of that registered name may be used.
    pub fn takes(self, by_header: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Basic => by_header,
            Self::Post => !by_header,
        }
    }
}

impl AppAuthentication {
    /// The registered names of what an app may do at the back channel (`token_endpoint_auth_method`).
    pub const METHODS: [&'static str; 4] = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    ];

    /// All ways that need no keys, by the names of the setting.
    const NAMED: [Self; 4] = [
        Self::Secret(SecretMethod::Any),
        Self::Secret(SecretMethod::Basic),
        Self::Secret(SecretMethod::Post),
        Self::None,
    ];

    /// The registered name (`token_endpoint_auth_method`); `client_secret` where either of the two that send one may be
    /// used.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Secret(SecretMethod::Any) => "client_secret",
            Self::Secret(SecretMethod::Basic) => "client_secret_basic",
            Self::Secret(SecretMethod::Post) => "client_secret_post",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// The way of that name, with the keys that one of them needs, and whether it is held to the narrower rules.
    pub fn of(name: &str, jwks: Option<String>, strict: bool) -> Option<Self> {
        if name == "private_key_jwt" {
            return jwks.map(|jwks| Self::PrivateKeyJwt { jwks, strict });
        }
        Self::NAMED.into_iter().find(|known| known.name() == name)
    }

    /// Whether its assertions are held to the narrower rules.
    pub fn is_strict(&self) -> bool {
        matches!(self, Self::PrivateKeyJwt { strict: true, .. })
    }

    /// Whether the app keeps no secret (RFC 6749 §2.1).
    pub fn is_public(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// A secret of an app, by its hash. It may have two at once, so that it can be changed without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSecret {
    /// Its row.
    pub id: Id<AppSecret>,
    /// The app that it belongs to.
    pub app: Id<App>,
    /// SHA-256 of the secret.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl AppSecret {
    /// Uses closer together than this are not noted: the last one is there to tell which secret is still needed.
    pub const USES_APART: TimeDelta = TimeDelta::hours(1);

    /// Whether a use now is worth a write.
    pub fn is_use_noted(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| last < now - Self::USES_APART)
    }
}

/// How many secrets an app may have at once.
pub const SECRETS_MAX: usize = 2;

/// Whether an app must send a PKCE challenge (RFC 7636). One that is sent counts in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pkce {
    /// Always (RFC 9700 §2.1.1).
    Required,
    /// A `nonce` stands in for it where an app's library has no PKCE: never for public apps.
    Optional,
}

impl Pkce {
    /// The setting's value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Required, Self::Optional]
            .into_iter()
            .find(|pkce| pkce.name() == name)
    }
}

/// Who may enter an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AccessRule {
    /// Guests who were invited to it.
    Invited,
    /// Anyone with an address in one of these domains (lower-case A-labels), and invited guests.
    Domain(Vec<String>),
    /// Anyone who can read mail at the address they type.
    AnyGuest,
    /// Every guest in the directory, and nobody else: My access, and no app that an operator registers.
    InDirectory,
}

impl AccessRule {
    /// The setting's value: `invited`, `domain`, `any-guest`; in rows also `in-directory`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Domain(_) => "domain",
            Self::AnyGuest => "any-guest",
            Self::InDirectory => "in-directory",
        }
    }
}

/// A JWS algorithm that Vestibule signs with (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048-bit keys: what every app understands.
    Rs256,
    /// RSASSA-PSS with SHA-256, 2048-bit keys.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::EdDsa, Self::Ps256];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// A redirect URI that [`App::redirect_uri`] has matched: there is no other way to make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(Url, String);

impl RedirectUri {
    /// The URI, parsed.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The URI exactly as the app wrote it.
    pub fn as_str(&self) -> &str {
        &self.1
    }

    /// One that was matched before it was stored.
    pub fn stored(text: &str) -> Option<Self> {
        Some(Self(Url::parse(text).ok()?, text.to_owned()))
    }
}

impl App {
    /// Whether an authorization request without a challenge may go on: RFC 9700 §2.1.1 wants PKCE of public apps, and lets
    /// the `nonce` protect a confidential one.
    pub fn needs_challenge(&self, has_nonce: bool) -> bool {
        self.pkce == Pkce::Required || self.authentication.is_public() || !has_nonce
    }

    /// The redirect URI of a request, when it is registered: compared as exact strings, except that the port
    /// of a loopback redirect is free (RFC 8252 §7.3).
    pub fn redirect_uri(&self, given: &str) -> Option<RedirectUri> {
        let known = self.redirect_uris.iter().any(|registered| registered == given)
            || loopback_without_port(given).is_some_and(|given| {
                self.redirect_uris
                    .iter()
                    .any(|registered| loopback_without_port(registered).as_ref() == Some(&given))
            });
        if known { RedirectUri::stored(given) } else { None }
    }

    /// What the app gets of what it asked for: `offline_access` only when an operator allowed it (OpenID Connect
    /// Core §11).
    pub fn granted(&self, asked: &Scopes) -> Scopes {
        if self.offline_access {
            asked.clone()
        } else {
            asked.clone().without(Scope::OfflineAccess)
        }
    }

    /// Whether a browser may go to `given` after signing out.
    pub fn post_logout_redirect_uri(&self, given: &str) -> Option<RedirectUri> {
        self.post_logout_redirect_uris
            .iter()
            .any(|registered| registered == given)
            .then(|| RedirectUri::stored(given))?
    }
}

/// `http://127.0.0.1:8000/x?y` → `http://127.0.0.1/x?y`; `None` for anything but plain http on a loopback
/// address. Works on the text, so that nothing is normalised away.
fn loopback_without_port(uri: &str) -> Option<String> {
    for host in ["http://127.0.0.1", "http://[::1]"] {
        let Some(rest) = uri.strip_prefix(host) else {
            continue;
        };
        let rest = match rest.strip_prefix(':') {
            Some(after) => after.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        if rest.is_empty() || rest.starts_with(['/', '?']) {
            return Some(format!("{host}{rest}"));
        }
    }
    None
}

/// Why a redirect URI cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Not an absolute URI.
    #[error("is not an absolute URI, such as https://app.example/callback")]
    NotAbsolute,
    /// RFC 6749 §3.1.2.
    #[error("must not contain a fragment (the part behind #)")]
    Fragment,
    /// RFC 9700 §2.6, RFC 8252 §7.
    #[error(
        "must use https; http is allowed on localhost, 127.0.0.1 and [::1], and a private-use scheme \
         with a dot (com.example.app:/…) for native apps"
    )]
    Scheme,
    /// A user name or password in the authority.
    #[error("must not contain a user name or password")]
    Credentials,
    /// A `*`.
    #[error("must not contain a wildcard; register each address")]
    Wildcard,
    /// Browsers would go to another text than the one that is compared.
    #[error(
        "is not written as browsers read it (https://host/path, without spaces, dot segments, a default port, upper-case \
         letters in the host, or an IP address in another form)"
    )]
    Rewritten,
}

/// Checks what an operator wants to register as a redirect URI (RFC 6749 §3.1.2, RFC 8252 §7).
pub fn check_redirect_uri(text: &str) -> Result<(), RedirectUriError> {
    let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    if text.contains('*') {
        return Err(RedirectUriError::Wildcard);
    }
    // Only the slash of an empty path may be missing.
    let without_slash = [&url[..Position::BeforePath], &url[Position::AfterPath..]].concat();
    if url.as_str() != text && !(url.path() == "/" && without_slash == text) {
        return Err(RedirectUriError::Rewritten);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectUriError::Credentials);
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) => Ok(()),
        // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so `javascript:` and `data:` cannot be one.
        scheme if scheme.contains('.') => Ok(()),
        _ => Err(RedirectUriError::Scheme),
    }
}

#[cfg(test)]
mod tests;
