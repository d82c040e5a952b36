//! What an operator says on the command line of a tenant or a provider.

use std::collections::BTreeMap;

use actions::{ActionError, UpstreamWish};
use clap::Args;
use domain::{
    EmailAddress, Secret,
    domain_claim::Proof,
    email::canonical_domain,
    upstream::{Declaration, UpstreamKind},
};

use super::saml::SamlOptions;
use crate::{
    cli::{CliError, find::address},
    config::referenced,
};

/// What is given changes, the rest stays.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// Name shown on pages
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// Email domain, matched exactly; can be given more than once
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Vec<String>,
    /// How domains are verified (tenants only): `dns`, or `operator` if you vouch for them
    #[arg(long, value_name = "PROOF", value_parser = proof)]
    domain_proof: Option<Proof>,
    /// Email address sent there whatever its domain (providers only); can be given more than once
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    address: Vec<EmailAddress>,
    /// Issuer, exactly as in its discovery document
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Client ID of Vestibule at the provider
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Client secret: `env:NAME` or `file:PATH`
    #[arg(long, value_name = "REFERENCE")]
    client_secret: Option<String>,
    /// Private key instead of a secret: `env:NAME` or `file:PATH` (PKCS#8 PEM)
    #[arg(long, value_name = "REFERENCE", conflicts_with = "client_secret")]
    client_key: Option<String>,
    /// Key ID at the provider
    #[arg(long, value_name = "KID", requires = "client_key")]
    client_key_id: Option<String>,
    /// Apple developer team ID (Sign in with Apple)
    #[arg(long, value_name = "TEAM", requires = "client_key_id")]
    team_id: Option<String>,
    /// Client authentication: `client_secret_basic` or `client_secret_post`
    #[arg(long, value_name = "METHOD", requires = "client_secret")]
    client_auth: Option<String>,
    /// Scope to request; can be given more than once
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Claim that identifies an account permanently, together with the others given; can be given more than once
    #[arg(long, value_name = "CLAIM")]
    subject_claim: Vec<String>,
    /// Claim with the email address
    #[arg(long, value_name = "CLAIM")]
    email_claim: Option<String>,
    /// Claim with the person's name
    #[arg(long, value_name = "CLAIM")]
    name_claim: Option<String>,
    /// Accept email addresses without `email_verified`
    #[arg(long, value_name = "BOOL")]
    trust_email: Option<bool>,
    /// Trust the partner's claim of multi-factor sign-in
    #[arg(long, value_name = "BOOL")]
    trust_mfa: Option<bool>,
    /// Authentication context (`acr`, `AuthnContextClassRef`) that means multi-factor sign-in; can be given more than once
    #[arg(long, value_name = "CONTEXT")]
    mfa_context: Vec<String>,
    /// Additional audience to accept in its ID tokens; can be given more than once
    #[arg(long, value_name = "AUDIENCE")]
    trusted_audience: Vec<String>,
    /// Accept `email_verified` as the text "true"
    #[arg(long, value_name = "BOOL")]
    email_verified_as_text: Option<bool>,
    /// Only accept ID tokens signed with this algorithm, such as RS256; `any` for all that it publishes
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<String>,
    #[command(flatten)]
    saml: SamlOptions,
}

fn proof(text: &str) -> Result<Proof, &'static str> {
    Proof::parse(text).ok_or("must be dns or operator")
}

pub(in crate::cli) fn domain(text: &str) -> Result<String, String> {
    canonical_domain(text).map_err(|error| error.to_string())
}

impl Wish {
    /// What it comes to, with what its references refer to.
    pub(super) fn read(self, environment: &BTreeMap<String, String>) -> Result<UpstreamWish, CliError> {
        let secret = |option: &str, reference: Option<String>| {
            let read = |reference: String| {
                referenced(&reference, environment)
                    .map(|text| Secret::presented(text.expose()))
                    .map_err(|what| CliError::Usage(format!("{option} {what}")))
            };
            reference.map(read).transpose()
        };
        Ok(UpstreamWish {
            client_secret: secret("--client-secret", self.client_secret)?,
            client_key: secret("--client-key", self.client_key)?,
            display_name: self.display_name,
            domains: given(self.domain),
            domain_proof: self.domain_proof,
            addresses: given(self.address),
            issuer: self.issuer,
            client_id: self.client_id,
            client_key_id: self.client_key_id,
            team_id: self.team_id,
            client_auth: self.client_auth,
            scopes: given(self.scope),
            subject_claims: given(self.subject_claim),
            email_claim: self.email_claim,
            name_claim: self.name_claim,
            trust_email: self.trust_email,
            trust_mfa: self.trust_mfa,
            mfa_contexts: given(self.mfa_context),
            trusted_audiences: given(self.trusted_audience),
            email_verified_as_text: self.email_verified_as_text,
            id_token_alg: self.id_token_alg,
            saml: self.saml.read(environment)?,
        })
    }

    /// Makes the declaration what is wished for.
    pub(super) fn apply(
        self,
        declaration: &mut Declaration,
        kind: UpstreamKind,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), CliError> {
        let wish = self.read(environment)?;
        wish.apply(declaration, kind).map_err(in_options)
    }
}

/// An option that can be given more than once, where it was given.
fn given<T>(values: Vec<T>) -> Option<Vec<T>> {
    Some(values).filter(|values| !values.is_empty())
}

/// What is wrong, by the names of the options.
pub(super) fn in_options(error: ActionError) -> CliError {
    let ActionError::Invalid(faults) = error else {
        return error.into();
    };
    let said: Vec<String> = faults
        .iter()
        .map(|fault| {
            let option = match fault.field {
                "domains" => "domain",
                "addresses" => "address",
                "scopes" => "scope",
                "subject_claims" => "subject-claim",
                "mfa_contexts" => "mfa-context",
                "trusted_audiences" => "trusted-audience",
                field => field,
            };
            format!("--{} {}", option.replace('_', "-"), fault.message)
        })
        .collect();
    CliError::Usage(said.join("; "))
}
