//! One tenant or provider, as it is printed.

use super::saml::{self, CertificateLine};
use domain::{
    EmailAddress,
    upstream::{Connection, OidcConnection, SamlConnection, SamlMetadata, Upstream, UpstreamKind},
};
use serde::Serialize;
use sign_in::Core;
use web::routes;

use crate::cli::{
    CliError,
    context::Context,
    domain::DomainLine,
    output::{Row, or_dash},
};

/// A tenant or a provider.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting, printed by its name"
)]
pub(super) struct UpstreamLine {
    name: String,
    display_name: String,
    enabled: bool,
    domains: Vec<String>,
    /// Where the claims of a tenant's domains stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claims: Vec<DomainLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<String>,
    /// `configuration`, or nothing.
    declared_in: Option<&'static str>,
    issuer: Option<String>,
    client_id: Option<String>,
    client_auth: Option<&'static str>,
    scopes: Vec<String>,
    subject_claims: Vec<String>,
    trust_email: bool,
    trust_mfa: bool,
    mfa_contexts: Vec<String>,
    email_verified_as_text: bool,
    trusted_audiences: Vec<String>,
    id_token_alg: Option<String>,
    /// Where it speaks SAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    saml: Option<SamlLine>,
    /// What the partner must register.
    pub(super) redirect_uri: String,
    /// What the partner may register, so that signing out there signs out here.
    backchannel_logout_uri: String,
}

impl UpstreamLine {
    pub(super) fn new(upstream: &Upstream, core: &Core) -> Self {
        let declaration = upstream.declaration();
        let connection = declaration.connection.as_ref();
        let oidc: Option<&OidcConnection> = match connection {
            Some(Connection::Oidc(oidc)) => Some(oidc),
            Some(Connection::Oauth2(_) | Connection::Saml(_)) | None => None,
        };
        let saml = match connection {
            Some(Connection::Saml(saml)) => Some(SamlLine::new(saml, &upstream.name, core)),
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
                .map(|address: &EmailAddress| address.as_str().to_owned())
                .collect(),
            name: declaration.name,
            display_name: declaration.display_name,
            enabled: declaration.enabled,
            domains: declaration.domains,
            claims: Vec::new(),
        }
    }

    /// With where its domains stand.
    pub(super) fn claiming(self, claims: Vec<DomainLine>) -> Self {
        Self { claims, ..self }
    }

    fn second_factor(&self) -> String {
        if self.trust_mfa {
            format!("yes; contexts {}", self.mfa_contexts.join(", "))
        } else {
            yes(false)
        }
    }

    pub(super) fn print(&self, context: &Context) -> Result<(), CliError> {
        let mut facts = vec![
            ("name", self.name.clone()),
            ("display name", self.display_name.clone()),
            ("enabled", yes(self.enabled)),
            ("declared in", or_dash(self.declared_in)),
        ];
        if self.claims.is_empty() {
            facts.push(("domains", self.domains.join(", ")));
        }
        facts.extend(self.claims.iter().map(|claim| ("domain", claim.in_short())));
        if !self.addresses.is_empty() {
            facts.push(("addresses", self.addresses.join(", ")));
        }
        if let Some(saml) = &self.saml {
            facts.extend(saml.facts());
            facts.push(("trust mfa", self.second_factor()));
            return context.thing(self, &facts);
        }
        facts.extend([
            ("issuer", or_dash(self.issuer.as_ref())),
            ("client id", or_dash(self.client_id.as_ref())),
            ("client auth", or_dash(self.client_auth)),
            ("scopes", self.scopes.join(" ")),
            ("subject claims", self.subject_claims.join(", ")),
            ("trust email", yes(self.trust_email)),
            ("email_verified as text", yes(self.email_verified_as_text)),
            ("trust mfa", self.second_factor()),
            ("trusted audiences", self.trusted_audiences.join(", ")),
            (
                "ID token algorithm",
                self.id_token_alg
                    .clone()
                    .unwrap_or_else(|| "any that it publishes".into()),
            ),
            ("redirect URI", self.redirect_uri.clone()),
            ("back-channel logout URI", self.backchannel_logout_uri.clone()),
        ]);
        context.thing(self, &facts)
    }
}

/// What is to be known of a tenant that speaks SAML.
#[derive(Serialize)]
struct SamlLine {
    entity_id: String,
    /// Where its metadata is; none where a partner handed over a document.
    metadata_url: Option<String>,
    subject_attribute: Option<String>,
    email_attribute: Option<String>,
    name_attribute: Option<String>,
    encryption: bool,
    /// What it signs with, where its metadata is kept here; `tenant test` asks the others for theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<CertificateLine>,
    /// What the partner is given, and what we are called there.
    our_metadata: String,
    /// Where answers are posted.
    acs: String,
}

impl SamlLine {
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
            certificates: saml::certificates(saml, core),
            our_metadata: at(routes::federation_metadata(name)),
            acs: at(routes::federation_acs(name)),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let or = |value: &Option<String>, other: &str| value.clone().unwrap_or_else(|| other.to_owned());
        let mut facts = vec![
            ("entity ID", self.entity_id.clone()),
            ("its metadata", or(&self.metadata_url, "a document, handed over")),
            ("subject", or(&self.subject_attribute, "persistent NameID")),
            ("email attribute", or(&self.email_attribute, "the usual ones")),
            ("name attribute", or(&self.name_attribute, "the usual ones")),
            ("assertions encrypted for us", yes(self.encryption)),
            ("our metadata and entity ID", self.our_metadata.clone()),
            ("assertion consumer service", self.acs.clone()),
        ];
        let certificates = self.certificates.iter();
        facts.extend(certificates.map(|certificate| ("signs with", certificate.in_short())));
        facts
    }
}

impl Row for UpstreamLine {
    const SEVERAL: &'static str = "tenants or providers";
    const HEADS: &'static [&'static str] = &["NAME", "DISPLAY NAME", "ENABLED", "DOMAINS", "ISSUER"];

    fn cells(&self) -> Vec<String> {
        let domains = match self.domains.len() {
            0..=3 => self.domains.join(", "),
            many => format!("{}, … ({many})", self.domains[..2].join(", ")),
        };
        vec![
            self.name.clone(),
            self.display_name.clone(),
            yes(self.enabled),
            domains,
            or_dash(self.issuer.as_ref()),
        ]
    }
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}
