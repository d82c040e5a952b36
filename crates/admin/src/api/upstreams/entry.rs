//! One tenant or provider, as the API and the command line show it.

use domain::upstream::{Connection, OidcConnection, SamlConnection, SamlMetadata, Upstream, UpstreamKind};
use federation::Certificate;
use serde::Serialize;
use sign_in::Core;
use utoipa::ToSchema;
use web::routes;

use crate::api::{answers::moment, domains::DomainEntry};

/// A tenant or a provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting, printed by its name"
)]
pub struct UpstreamEntry {
    /// Its short name.
    pub name: String,
    /// What pages call it.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// Whose addresses lead there.
    pub domains: Vec<String>,
    /// Where the claims of a tenant's domains stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<DomainEntry>,
    /// Single addresses that lead there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// `configuration`, or nothing.
    pub declared_in: Option<&'static str>,
    /// Who it is: the issuer, or the entity ID.
    pub issuer: Option<String>,
    /// What Vestibule is called there.
    pub client_id: Option<String>,
    /// How Vestibule proves itself there.
    pub client_auth: Option<&'static str>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Which claims name an account.
    pub subject_claims: Vec<String>,
    /// Whether an address counts without `email_verified`.
    pub trust_email: bool,
    /// Whether its word about a second factor counts.
    pub trust_mfa: bool,
    /// Which contexts stand for a second factor.
    pub mfa_contexts: Vec<String>,
    /// Whether `email_verified` may be a text.
    pub email_verified_as_text: bool,
    /// Further audiences of its ID tokens.
    pub trusted_audiences: Vec<String>,
    /// The one algorithm of its ID tokens.
    pub id_token_alg: Option<String>,
    /// Where it speaks SAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saml: Option<SamlEntry>,
    /// What the partner must register.
    pub redirect_uri: String,
    /// What the partner may register, so that signing out there signs out here.
    pub backchannel_logout_uri: String,
}

impl UpstreamEntry {
    /// What is shown of it; where its domains stand comes by [`Self::claiming`].
    pub fn new(upstream: &Upstream, core: &Core) -> Self {
        let declaration = upstream.declaration();
        let connection = declaration.connection.as_ref();
        let oidc: Option<&OidcConnection> = match connection {
            Some(Connection::Oidc(oidc)) => Some(oidc),
            Some(Connection::Oauth2(_) | Connection::Saml(_)) | None => None,
        };
        let saml = match connection {
            Some(Connection::Saml(saml)) => Some(SamlEntry::new(saml, &upstream.name, core)),
            _ => None,
        };
        let (callback, logout) = match upstream.kind {
            UpstreamKind::Provider => (
                routes::personal_account_callback(&upstream.name),
                routes::personal_account_logout(&upstream.name),
            ),
            UpstreamKind::Tenant => (
                routes::federation_callback(&upstream.name),
                routes::federation_logout(&upstream.name),
            ),
        };
        let at = |path: String| format!("{}{path}", core.settings.issuer.as_str());
        Self {
            issuer: connection.map(|connection| connection.issuer().to_owned()),
            client_id: connection.and_then(Connection::client_id).map(str::to_owned),
            client_auth: connection.and_then(Connection::client_auth),
            saml,
            scopes: oidc.map_or_else(Vec::new, |oidc| oidc.scopes.clone()),
            subject_claims: oidc.map_or_else(Vec::new, |oidc| oidc.claims.subject.clone()),
            trust_email: connection.is_some_and(Connection::trusts_email),
            trust_mfa: connection.is_some_and(Connection::trusts_mfa),
            mfa_contexts: match connection {
                Some(Connection::Oidc(oidc)) => oidc.mfa_contexts.clone(),
                Some(Connection::Saml(saml)) => saml.mfa_contexts.clone(),
                Some(Connection::Oauth2(_)) | None => Vec::new(),
            },
            email_verified_as_text: oidc.is_some_and(|oidc| oidc.email_verified_as_text),
            trusted_audiences: oidc.map_or_else(Vec::new, |oidc| oidc.trusted_audiences.clone()),
            id_token_alg: oidc.and_then(|oidc| oidc.id_token_alg.clone()),
            redirect_uri: at(callback),
            backchannel_logout_uri: at(logout),
            declared_in: upstream.declared.then_some("configuration"),
            addresses: declaration
                .addresses
                .iter()
                .map(|address| address.as_str().to_owned())
                .collect(),
            name: declaration.name,
            display_name: declaration.display_name,
            enabled: declaration.enabled,
            domains: declaration.domains,
            claims: Vec::new(),
        }
    }

    /// With where its domains stand.
    #[must_use]
    pub fn claiming(self, claims: Vec<DomainEntry>) -> Self {
        Self { claims, ..self }
    }
}

/// What is to be known of a tenant that speaks SAML.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SamlEntry {
    /// What it is called.
    pub entity_id: String,
    /// Where its metadata is; none where a partner handed over a document.
    pub metadata_url: Option<String>,
    /// The attribute that names an account; the persistent `NameID` unless said.
    pub subject_attribute: Option<String>,
    /// The attribute with the address.
    pub email_attribute: Option<String>,
    /// The attribute with the name.
    pub name_attribute: Option<String>,
    /// Whether assertions are encrypted for us.
    pub encryption: bool,
    /// What it signs with, where its metadata is kept here; `tenant test` asks the others for theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateEntry>,
    /// What the partner is given, and what we are called there.
    pub our_metadata: String,
    /// Where answers are posted.
    pub acs: String,
}

impl SamlEntry {
    fn new(saml: &SamlConnection, name: &str, core: &Core) -> Self {
        let at = |path: String| format!("{}{path}", core.settings.issuer.as_str());
        Self {
            entity_id: saml.entity_id.clone(),
            metadata_url: match &saml.metadata {
                SamlMetadata::Url(url) => Some(url.clone()),
                SamlMetadata::Document(_) => None,
            },
            subject_attribute: saml.subject.clone(),
            email_attribute: saml.email.clone(),
            name_attribute: saml.name.clone(),
            encryption: saml.encryption,
            certificates: certificates(saml, core),
            our_metadata: at(routes::federation_metadata(name)),
            acs: at(routes::federation_acs(name)),
        }
    }
}

/// The certificates of a metadata document that is kept here, as they are shown; none where it cannot be read, which `test` says.
#[cfg(feature = "saml")]
fn certificates(saml: &SamlConnection, core: &Core) -> Vec<CertificateEntry> {
    let SamlMetadata::Document(document) = &saml.metadata else {
        return Vec::new();
    };
    let found = federation::saml::certificates(document, &saml.entity_id, core.now());
    found
        .unwrap_or_default()
        .into_iter()
        .map(CertificateEntry::from)
        .collect()
}

#[cfg(not(feature = "saml"))]
fn certificates(_saml: &SamlConnection, _core: &Core) -> Vec<CertificateEntry> {
    Vec::new()
}

/// A certificate that a partner signs with, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CertificateEntry {
    /// The SHA-256 of the whole certificate.
    pub sha256: String,
    /// When it ends: RFC 3339.
    pub ends_at: Option<String>,
}

impl From<Certificate> for CertificateEntry {
    fn from(certificate: Certificate) -> Self {
        Self {
            sha256: certificate.fingerprint,
            ends_at: certificate.ends_at.map(moment),
        }
    }
}
