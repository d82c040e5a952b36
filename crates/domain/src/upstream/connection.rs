//! How Vestibule speaks to an upstream: as its relying party.

use super::{Oauth2Connection, SamlConnection};
use crate::Secret;

/// How to speak to an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// OpenID Connect.
    Oidc(OidcConnection),
    /// OAuth 2.0 and an API that says who somebody is; for personal accounts only.
    Oauth2(Oauth2Connection),
    /// SAML 2.0; for tenants only.
    Saml(SamlConnection),
}

impl Connection {
    /// What the database keeps sealed.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Oidc(oidc) => oidc.client_auth.secret(),
            Self::Oauth2(oauth2) => Some(&oauth2.client_secret),
            Self::Saml(_) => None,
        }
    }

    /// Who it is, for a list: the issuer, or what stands for one, as the entity ID does.
    pub fn issuer(&self) -> &str {
        match self {
            Self::Oidc(oidc) => &oidc.issuer,
            Self::Oauth2(oauth2) => oauth2.issuer(),
            Self::Saml(saml) => &saml.entity_id,
        }
    }

    /// Whether it calls the same person the same as another one does: what names an account is the issuer and what is read as the
    /// subject. Where it does not, all accounts there are unknown from then on.
    pub fn names_accounts_as(&self, other: &Self) -> bool {
        self.issuer() == other.issuer()
            && match (self, other) {
                (Self::Oidc(one), Self::Oidc(other)) => one.claims.subject == other.claims.subject,
                (Self::Oauth2(one), Self::Oauth2(other)) => one.kind == other.kind,
                (Self::Saml(one), Self::Saml(other)) => one.subject == other.subject,
                _ => false,
            }
    }

    /// What Vestibule is called there, where a partner chooses that.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Oidc(oidc) => Some(&oidc.client_id),
            Self::Oauth2(oauth2) => Some(&oauth2.client_id),
            Self::Saml(_) => None,
        }
    }

    /// How Vestibule proves itself there, by the registered name.
    pub fn client_auth(&self) -> Option<&'static str> {
        match self {
            Self::Oidc(oidc) => Some(oidc.client_auth.name()),
            Self::Oauth2(_) => Some("client_secret_post"),
            Self::Saml(_) => None,
        }
    }

    /// Whether an address counts although the upstream does not claim that it is verified. SAML has no word for that:
    /// what a tenant says of the domains that it has proven counts.
    pub fn trusts_email(&self) -> bool {
        match self {
            Self::Oidc(oidc) => oidc.trusts_email,
            Self::Oauth2(_) => false,
            Self::Saml(_) => true,
        }
    }

    /// Whether the upstream is believed when it says that it asked for a second factor.
    pub fn trusts_mfa(&self) -> bool {
        match self {
            Self::Oidc(oidc) => oidc.trusts_mfa,
            Self::Oauth2(_) => false,
            Self::Saml(saml) => saml.trusts_mfa,
        }
    }
}

/// A connection by OpenID Connect: Vestibule is the relying party.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// Whether the upstream is believed when it claims a second factor: by `mfa` in its `amr`, or by its `acr`.
    pub trusts_mfa: bool,
    /// The values of `acr` that stand for a second factor.
    pub mfa_contexts: Vec<String>,
    /// Further audiences that an ID token may be for beside us: Zitadel names its project.
    pub trusted_audiences: Vec<String>,
    /// Whether `email_verified` may be the text `true`, as Amazon Cognito writes it.
    pub email_verified_as_text: bool,
    /// The only algorithm of ID tokens and logout tokens (`id_token_signed_response_alg`); where there is none, those that
    /// discovery offers.
    pub id_token_alg: Option<String>,
}

impl OidcConnection {
    /// What is asked for where the operator sets nothing else.
    pub const USUAL_SCOPES: [&'static str; 3] = ["openid", "email", "profile"];

    /// One with the usual settings: the scopes that name a person and their address, the usual claims, and no belief in
    /// unverified addresses or second factors.
    pub fn usual(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_auth: ClientAuthentication,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_auth,
            scopes: Self::USUAL_SCOPES.map(str::to_owned).into(),
            claims: ClaimNames::default(),
            trusts_email: false,
            trusts_mfa: false,
            mfa_contexts: usual_mfa_contexts(),
            trusted_audiences: Vec::new(),
            email_verified_as_text: false,
            id_token_alg: None,
        }
    }
}

/// The authentication contexts that stand for a second factor where the operator names none: of research and education, of
/// Microsoft, and of SAML itself.
pub fn usual_mfa_contexts() -> Vec<String> {
    [
        "https://refeds.org/profile/mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    ]
    .map(str::to_owned)
    .into()
}

/// How Vestibule proves itself at an upstream's token endpoint (OpenID Connect Core §9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// The secret in the `Authorization` header.
    SecretBasic(Secret),
    /// The secret in the body.
    SecretPost(Secret),
    /// A JWT signed with a key of ours (RFC 7523 §2.2).
    PrivateKeyJwt(ClientKey),
    /// As Sign in with Apple wants it: a JWT signed with a key of ours, sent as the client secret.
    AppleSecret {
        /// The key.
        key: ClientKey,
        /// The developer team that has the key: the issuer of the JWT.
        team: String,
    },
    /// Not at all: a public client, with PKCE alone.
    None,
}

impl ClientAuthentication {
    /// The name of the registered method, or `apple`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SecretBasic(_) => "client_secret_basic",
            Self::SecretPost(_) => "client_secret_post",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
            Self::AppleSecret { .. } => "apple",
            Self::None => "none",
        }
    }

    /// The method of that name that takes a client secret, or nothing at all. `None` when the name is another, or
    /// the secret is missing or surplus.
    pub fn of(name: &str, secret: Option<Secret>) -> Option<Self> {
        match (name, secret) {
            ("client_secret_basic", Some(secret)) => Some(Self::SecretBasic(secret)),
            ("client_secret_post", Some(secret)) => Some(Self::SecretPost(secret)),
            ("none", None) => Some(Self::None),
            _ => None,
        }
    }

    /// What must be kept sealed: the client secret, or the private key.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::SecretBasic(secret) | Self::SecretPost(secret) => Some(secret),
            Self::PrivateKeyJwt(key) | Self::AppleSecret { key, .. } => Some(&key.pem),
            Self::None => None,
        }
    }
}

/// The key by which Vestibule proves itself, and how its assertions are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey {
    /// The private key: PKCS#8 in PEM.
    pub pem: Secret,
    /// What the upstream calls it: the header `kid`.
    pub key_id: Option<String>,
    /// The SHA-256 of its certificate, base64url: the header `x5t#S256`, by which Microsoft Entra ID finds it.
    pub certificate_sha256: Option<String>,
    /// Whom its assertions are for.
    pub audience: AssertionAudience,
}

/// The `aud` claim of a client assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssertionAudience {
    /// The issuer alone: no other server can be handed it (draft-ietf-oauth-rfc7523bis).
    Issuer,
    /// The token endpoint's address, for upstreams that know no other.
    TokenEndpoint,
}

impl AssertionAudience {
    /// All of them, by the names of the setting.
    pub const ALL: [(&str, Self); 2] = [("issuer", Self::Issuer), ("token-endpoint", Self::TokenEndpoint)];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::TokenEndpoint => "token-endpoint",
        }
    }

    /// The one of that name.
    pub fn called(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find_map(|(known, audience)| (known == name).then_some(audience))
    }
}

/// Which claims of an ID token say what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

#[cfg(test)]
mod tests;
