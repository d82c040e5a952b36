//! What an operator says on the command line of a tenant or a provider.

use std::collections::BTreeMap;

use clap::Args;
use domain::{
    EmailAddress, Secret,
    domain_claim::Proof,
    email::canonical_domain,
    upstream::{
        AssertionAudience, ClientAuthentication, ClientKey, Connection, Declaration, Oauth2Connection,
        Oauth2Kind, OidcConnection, UpstreamKind, consumer,
    },
};

use super::saml::SamlWish;
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
    #[arg(long, value_name = "ALG", value_parser = id_token_alg)]
    id_token_alg: Option<String>,
    #[command(flatten)]
    saml: SamlWish,
}

fn id_token_alg(text: &str) -> Result<String, &'static str> {
    if text == "any" || federation::is_signing_algorithm(text) {
        Ok(text.to_owned())
    } else {
        Err("must be any, or the name of an algorithm that is believed, such as RS256, PS256, ES256 or EdDSA")
    }
}

fn proof(text: &str) -> Result<Proof, &'static str> {
    Proof::parse(text).ok_or("must be dns or operator")
}

pub(in crate::cli) fn domain(text: &str) -> Result<String, String> {
    canonical_domain(text).map_err(|error| error.to_string())
}

/// A new one of that name, before anything is said of it. A provider that everybody knows brings what is known.
pub(super) fn new(kind: UpstreamKind, name: &str) -> Declaration {
    let known = consumer::called(name).filter(|_| kind == UpstreamKind::Provider);
    Declaration {
        name: name.to_owned(),
        display_name: match (
            known,
            Oauth2Kind::called(name).filter(|_| kind == UpstreamKind::Provider),
        ) {
            (Some(known), _) => known.display_name,
            (None, Some(kind)) => kind.display_name(),
            (None, None) => name,
        }
        .to_owned(),
        enabled: true,
        domains: known
            .into_iter()
            .flat_map(|known| known.domains)
            .map(|&domain| domain.to_owned())
            .collect(),
        domain_proof: if kind == UpstreamKind::Provider {
            Proof::Operator
        } else {
            Proof::Dns
        },
        addresses: Vec::new(),
        connection: None,
    }
}

impl Wish {
    pub(super) fn apply(
        self,
        declaration: &mut Declaration,
        kind: UpstreamKind,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), CliError> {
        if let Some(display_name) = &self.display_name {
            declaration.display_name.clone_from(display_name);
        }
        if !self.domain.is_empty() {
            declaration.domains.clone_from(&self.domain);
        }
        if let Some(proof) = self.domain_proof {
            declaration.domain_proof = proof;
        }
        if !self.address.is_empty() {
            declaration.addresses.clone_from(&self.address);
        }
        let before = declaration.connection.take();
        let proof = self.client_secret.is_some() || self.client_key.is_some();
        let speaks_saml = self.saml.given().next().is_some();
        if speaks_saml || matches!(before, Some(Connection::Saml(_))) {
            declaration.connection = Some(self.connect_saml(before, kind, environment)?);
            return Ok(());
        }
        if before.is_none() && self.issuer.is_none() && self.client_id.is_none() && !proof {
            return Ok(());
        }
        declaration.connection = Some(match (before, Oauth2Kind::called(&declaration.name)) {
            (Some(Connection::Oauth2(before)), _) => {
                Connection::Oauth2(self.connect_oauth2(before, environment)?)
            }
            // Until it has a secret, it is none.
            (None, Some(kind)) if self.issuer.is_none() => {
                let begun = Oauth2Connection {
                    kind,
                    endpoints: kind.endpoints(),
                    client_id: String::new(),
                    client_secret: Secret::presented(""),
                };
                Connection::Oauth2(self.connect_oauth2(begun, environment)?)
            }
            (before, _) => Connection::Oidc(self.connect(&declaration.name, before, environment)?),
        });
        Ok(())
    }

    /// SAML has none of the settings of OpenID Connect: one of those begins a new connection.
    fn connect_saml(
        self,
        before: Option<Connection>,
        kind: UpstreamKind,
        environment: &BTreeMap<String, String>,
    ) -> Result<Connection, CliError> {
        let option = self.saml.given().next();
        if kind == UpstreamKind::Provider {
            let option = option.unwrap_or("--entity-id");
            return Err(CliError::Usage(format!(
                "{option} is for tenants: no provider of personal accounts speaks SAML"
            )));
        }
        if self.issuer.is_some() || self.client_id.is_some() {
            let Some(option) = option else {
                return Ok(Connection::Oidc(self.connect("", None, environment)?));
            };
            return Err(CliError::Usage(format!(
                "{option} speaks of SAML, and --issuer and --client-id of OpenID Connect: choose one of the two"
            )));
        }
        let mfa = (self.trust_mfa, self.mfa_context);
        self.saml.connect(before, mfa, environment).map(Connection::Saml)
    }

    /// OAuth 2.0 has a client and its secret; nothing else can be chosen here.
    fn connect_oauth2(
        self,
        mut oauth2: Oauth2Connection,
        environment: &BTreeMap<String, String>,
    ) -> Result<Oauth2Connection, CliError> {
        let foreign = [
            ("--issuer", self.issuer.is_some()),
            ("--client-key", self.client_key.is_some()),
            ("--client-auth", self.client_auth.is_some()),
            ("--scope", !self.scope.is_empty()),
            ("--subject-claim", !self.subject_claim.is_empty()),
            ("--email-claim", self.email_claim.is_some()),
            ("--name-claim", self.name_claim.is_some()),
            ("--trust-email", self.trust_email.is_some()),
            ("--trust-mfa", self.trust_mfa.is_some()),
            ("--mfa-context", !self.mfa_context.is_empty()),
            ("--trusted-audience", !self.trusted_audience.is_empty()),
            ("--email-verified-as-text", self.email_verified_as_text.is_some()),
            ("--id-token-alg", self.id_token_alg.is_some()),
        ];
        if let Some((option, _)) = foreign.iter().find(|(_, given)| *given) {
            let name = oauth2.kind.display_name();
            return Err(CliError::Usage(format!(
                "{option} says nothing at {name}, which speaks OAuth 2"
            )));
        }
        if let Some(reference) = &self.client_secret {
            let text = referenced(reference, environment);
            let text = text.map_err(|what| CliError::Usage(format!("--client-secret {what}")))?;
            oauth2.client_secret = Secret::presented(text.expose());
        }
        oauth2.client_id = self.client_id.unwrap_or(oauth2.client_id);
        for (option, missing) in [
            ("--client-id", oauth2.client_id.is_empty()),
            ("--client-secret", oauth2.client_secret.expose().is_empty()),
        ] {
            if missing {
                return Err(CliError::Usage(format!("a connection needs {option} as well")));
            }
        }
        Ok(oauth2)
    }

    fn connect(
        self,
        name: &str,
        before: Option<Connection>,
        environment: &BTreeMap<String, String>,
    ) -> Result<OidcConnection, CliError> {
        let client_auth = self.client_auth(environment)?;
        let mut oidc = match before {
            Some(Connection::Oidc(oidc)) => oidc,
            _ => begin(name),
        };
        let keep =
            |place: &mut String, given: Option<String>| *place = given.unwrap_or_else(|| place.clone());
        keep(&mut oidc.issuer, self.issuer);
        keep(&mut oidc.client_id, self.client_id);
        keep(&mut oidc.claims.email, self.email_claim);
        keep(&mut oidc.claims.name, self.name_claim);
        for (place, given) in [
            (&mut oidc.scopes, self.scope),
            (&mut oidc.claims.subject, self.subject_claim),
            (&mut oidc.mfa_contexts, self.mfa_context),
            (&mut oidc.trusted_audiences, self.trusted_audience),
        ] {
            if !given.is_empty() {
                *place = given;
            }
        }
        oidc.client_auth = client_auth.unwrap_or(oidc.client_auth);
        oidc.trusts_email = self.trust_email.unwrap_or(oidc.trusts_email);
        oidc.trusts_mfa = self.trust_mfa.unwrap_or(oidc.trusts_mfa);
        oidc.email_verified_as_text = self.email_verified_as_text.unwrap_or(oidc.email_verified_as_text);
        if let Some(algorithm) = self.id_token_alg {
            oidc.id_token_alg = Some(algorithm).filter(|name| name != "any");
        }
        for (option, value) in [("--issuer", &oidc.issuer), ("--client-id", &oidc.client_id)] {
            if value.is_empty() {
                return Err(CliError::Usage(format!("a connection needs {option} as well")));
            }
        }
        Ok(oidc)
    }

    /// How Vestibule proves itself, when that is said.
    fn client_auth(
        &self,
        environment: &BTreeMap<String, String>,
    ) -> Result<Option<ClientAuthentication>, CliError> {
        let refused = |option: &str, what: &str| CliError::Usage(format!("{option} {what}"));
        let secret = |option: &str, reference: &str| {
            referenced(reference, environment)
                .map(|text| Secret::presented(text.expose()))
                .map_err(|what| refused(option, &what))
        };
        if let Some(reference) = &self.client_key {
            let pem = secret("--client-key", reference)?;
            let kind = federation::check_client_key(&pem).map_err(|what| refused("--client-key", what))?;
            let key = ClientKey {
                pem,
                key_id: self.client_key_id.clone(),
                certificate_sha256: None,
                audience: AssertionAudience::Issuer,
            };
            return match &self.team_id {
                Some(_) if kind != "ES256" => Err(refused("--client-key", "is no P-256 key, as Apple's are")),
                Some(team) => Ok(Some(ClientAuthentication::AppleSecret {
                    key,
                    team: team.clone(),
                })),
                None => Ok(Some(ClientAuthentication::PrivateKeyJwt(key))),
            };
        }
        let Some(reference) = &self.client_secret else {
            return Ok(None);
        };
        let method = self.client_auth.as_deref().unwrap_or("client_secret_basic");
        let proof = ClientAuthentication::of(method, Some(secret("--client-secret", reference)?));
        let what = "must be client_secret_basic or client_secret_post";
        proof.map(Some).ok_or_else(|| refused("--client-auth", what))
    }
}

/// A connection of which nothing has been said yet.
fn begin(name: &str) -> OidcConnection {
    let known = consumer::called(name);
    let issuer = known.map_or("", |known| known.issuer);
    let mut begun = OidcConnection::usual(issuer, "", ClientAuthentication::None);
    if let Some(known) = known {
        begun.scopes = known.scopes.iter().map(|&scope| scope.to_owned()).collect();
    }
    begun
}
