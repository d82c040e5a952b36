//! One tenant or provider, as it is printed.

use admin::{CertificateEntry, SamlEntry, UpstreamEntry};

use crate::cli::{
    CliError,
    context::Context,
    domain::in_short,
    output::{Row, or_dash},
};

/// Its second factor, in words.
fn second_factor(line: &UpstreamEntry) -> String {
    if line.trust_mfa {
        format!("yes; contexts {}", line.mfa_contexts.join(", "))
    } else {
        yes(false)
    }
}

/// One in full.
pub(super) fn print(line: &UpstreamEntry, context: &Context) -> Result<(), CliError> {
    let mut facts = vec![
        ("name", line.name.clone()),
        ("display name", line.display_name.clone()),
        ("enabled", yes(line.enabled)),
        ("declared in", or_dash(line.declared_in)),
    ];
    if line.claims.is_empty() {
        facts.push(("domains", line.domains.join(", ")));
    }
    facts.extend(line.claims.iter().map(|claim| ("domain", in_short(claim))));
    if !line.addresses.is_empty() {
        facts.push(("addresses", line.addresses.join(", ")));
    }
    if let Some(saml) = &line.saml {
        facts.extend(saml_facts(saml));
        facts.push(("trust mfa", second_factor(line)));
        return context.thing(line, &facts);
    }
    facts.extend([
        ("issuer", or_dash(line.issuer.as_ref())),
        ("client id", or_dash(line.client_id.as_ref())),
        ("client auth", or_dash(line.client_auth)),
        ("scopes", line.scopes.join(" ")),
        ("subject claims", line.subject_claims.join(", ")),
        ("trust email", yes(line.trust_email)),
        ("email_verified as text", yes(line.email_verified_as_text)),
        ("trust mfa", second_factor(line)),
        ("trusted audiences", line.trusted_audiences.join(", ")),
        (
            "ID token algorithm",
            line.id_token_alg
                .clone()
                .unwrap_or_else(|| "any that it publishes".into()),
        ),
        ("redirect URI", line.redirect_uri.clone()),
        ("back-channel logout URI", line.backchannel_logout_uri.clone()),
    ]);
    context.thing(line, &facts)
}

/// What is to be known of a tenant that speaks SAML.
fn saml_facts(saml: &SamlEntry) -> Vec<(&'static str, String)> {
    let or = |value: &Option<String>, other: &str| value.clone().unwrap_or_else(|| other.to_owned());
    let mut facts = vec![
        ("entity ID", saml.entity_id.clone()),
        ("its metadata", or(&saml.metadata_url, "a document, handed over")),
        ("subject", or(&saml.subject_attribute, "persistent NameID")),
        ("email attribute", or(&saml.email_attribute, "the usual ones")),
        ("name attribute", or(&saml.name_attribute, "the usual ones")),
        ("assertions encrypted for us", yes(saml.encryption)),
        ("our metadata and entity ID", saml.our_metadata.clone()),
        ("assertion consumer service", saml.acs.clone()),
    ];
    let certificates = saml.certificates.iter();
    facts.extend(certificates.map(|certificate| ("signs with", certificate_in_short(certificate))));
    facts
}

/// One certificate in a line.
pub(super) fn certificate_in_short(certificate: &CertificateEntry) -> String {
    let ends = or_dash(certificate.ends_at.as_ref());
    format!("ends {ends}, SHA-256 {}", certificate.sha256)
}

impl Row for UpstreamEntry {
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
