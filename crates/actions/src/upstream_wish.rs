//! What an operator says of a tenant or a provider, on the command line or by the API: what is given changes, the rest stays.

mod saml;

use domain::{
    EmailAddress, Secret,
    domain_claim::Proof,
    upstream::{
        AssertionAudience, ClientAuthentication, ClientKey, Connection, Declaration, Oauth2Connection,
        Oauth2Kind, OidcConnection, UpstreamKind, consumer,
    },
};

use super::{ActionError, Fault};

pub use saml::{NoEntity, SamlWish, look_up_entity};

/// What is wished for.
#[derive(Clone, Debug, Default)]
pub struct UpstreamWish {
    /// What pages call it.
    pub display_name: Option<String>,
    /// Whose addresses lead there: canonical domains.
    pub domains: Option<Vec<String>>,
    /// What makes those domains count.
    pub domain_proof: Option<Proof>,
    /// Single addresses that lead there.
    pub addresses: Option<Vec<EmailAddress>>,
    /// The issuer, exactly as in its discovery document.
    pub issuer: Option<String>,
    /// What Vestibule is called there.
    pub client_id: Option<String>,
    /// The secret by which Vestibule proves itself.
    pub client_secret: Option<Secret>,
    /// The private key in its place, PKCS#8 PEM.
    pub client_key: Option<Secret>,
    /// What that key is called there.
    pub client_key_id: Option<String>,
    /// The team of an Apple developer account.
    pub team_id: Option<String>,
    /// How the secret is sent: `client_secret_basic` or `client_secret_post`.
    pub client_auth: Option<String>,
    /// What is asked for.
    pub scopes: Option<Vec<String>>,
    /// Which claims name an account.
    pub subject_claims: Option<Vec<String>>,
    /// The claim with the address.
    pub email_claim: Option<String>,
    /// The claim with the person's name.
    pub name_claim: Option<String>,
    /// Whether an address counts without `email_verified`.
    pub trust_email: Option<bool>,
    /// Whether its word about a second factor counts.
    pub trust_mfa: Option<bool>,
    /// Which contexts stand for a second factor.
    pub mfa_contexts: Option<Vec<String>>,
    /// Further audiences of its ID tokens.
    pub trusted_audiences: Option<Vec<String>>,
    /// Whether `email_verified` may be a text.
    pub email_verified_as_text: Option<bool>,
    /// The one algorithm of its ID tokens; `any` for all that it publishes.
    pub id_token_alg: Option<String>,
    /// What is said of a tenant that speaks SAML.
    pub saml: SamlWish,
}

/// A new one of that name, before anything is said of it. A provider that everybody knows brings what is known.
pub fn new_declaration(kind: UpstreamKind, name: &str) -> Declaration {
    let is_provider = kind == UpstreamKind::Provider;
    let known = consumer::called(name).filter(|_| is_provider);
    let display_name = match (known, Oauth2Kind::called(name).filter(|_| is_provider)) {
        (Some(known), _) => known.display_name,
        (None, Some(kind)) => kind.display_name(),
        (None, None) => name,
    };
    Declaration {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        enabled: true,
        domains: known
            .into_iter()
            .flat_map(|known| known.domains)
            .map(|&domain| domain.to_owned())
            .collect(),
        domain_proof: if is_provider { Proof::Operator } else { Proof::Dns },
        addresses: Vec::new(),
        connection: None,
    }
}

/// One field that is wrong, as the sentence's end says.
fn fault(field: &'static str, message: impl Into<String>) -> ActionError {
    ActionError::Invalid(vec![Fault {
        field,
        message: message.into(),
    }])
}

const MISSING: &str = "is missing: a connection needs it";

impl UpstreamWish {
    /// Makes the declaration what is wished for. Nobody is asked; see [`look_up_entity`].
    ///
    /// # Errors
    ///
    /// A field that does not fit the others, or what is there.
    pub fn apply(self, declaration: &mut Declaration, kind: UpstreamKind) -> Result<(), ActionError> {
        if let Some(display_name) = &self.display_name {
            declaration.display_name.clone_from(display_name);
        }
        if let Some(domains) = &self.domains {
            declaration.domains.clone_from(domains);
        }
        if let Some(proof) = self.domain_proof {
            declaration.domain_proof = proof;
        }
        if let Some(addresses) = &self.addresses {
            declaration.addresses.clone_from(addresses);
        }
        let before = declaration.connection.take();
        let proof = self.client_secret.is_some() || self.client_key.is_some();
        if self.saml.given().next().is_some() || matches!(before, Some(Connection::Saml(_))) {
            declaration.connection = Some(self.connect_saml(before, kind)?);
            return Ok(());
        }
        if before.is_none() && self.issuer.is_none() && self.client_id.is_none() && !proof {
            return match self.of_openid_connect().next() {
                Some(field) => Err(fault(field, "is of a connection, and nothing says to whom")),
                None => Ok(()),
            };
        }
        declaration.connection = Some(match (before, Oauth2Kind::called(&declaration.name)) {
            (Some(Connection::Oauth2(before)), _) => Connection::Oauth2(self.connect_oauth2(before)?),
            // Until it has a secret, it is none.
            (None, Some(kind)) if self.issuer.is_none() => {
                let begun = Oauth2Connection {
                    kind,
                    endpoints: kind.endpoints(),
                    client_id: String::new(),
                    client_secret: Secret::presented(""),
                };
                Connection::Oauth2(self.connect_oauth2(begun)?)
            }
            (before, _) => Connection::Oidc(self.connect(&declaration.name, before)?),
        });
        Ok(())
    }

    /// The fields that were given and speak of OpenID Connect alone.
    fn of_openid_connect(&self) -> impl Iterator<Item = &'static str> {
        [
            ("issuer", self.issuer.is_some()),
            ("client_key", self.client_key.is_some()),
            ("client_auth", self.client_auth.is_some()),
            ("scopes", self.scopes.is_some()),
            ("subject_claims", self.subject_claims.is_some()),
            ("email_claim", self.email_claim.is_some()),
            ("name_claim", self.name_claim.is_some()),
            ("trust_email", self.trust_email.is_some()),
            ("trust_mfa", self.trust_mfa.is_some()),
            ("mfa_contexts", self.mfa_contexts.is_some()),
            ("trusted_audiences", self.trusted_audiences.is_some()),
            ("email_verified_as_text", self.email_verified_as_text.is_some()),
            ("id_token_alg", self.id_token_alg.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, given)| given.then_some(field))
    }

    /// SAML has none of the settings of OpenID Connect: one of those begins a new connection.
    fn connect_saml(self, before: Option<Connection>, kind: UpstreamKind) -> Result<Connection, ActionError> {
        let given = self.saml.given().next();
        if kind == UpstreamKind::Provider {
            let field = given.unwrap_or("entity_id");
            return Err(fault(
                field,
                "is for tenants: no provider of personal accounts speaks SAML",
            ));
        }
        if self.issuer.is_some() || self.client_id.is_some() {
            let Some(field) = given else {
                return Ok(Connection::Oidc(self.connect("", None)?));
            };
            let what =
                "speaks of SAML, and an issuer and a client ID of OpenID Connect: choose one of the two";
            return Err(fault(field, what));
        }
        let secret = self.client_secret.as_ref().map(|_| "client_secret");
        let foreign = self
            .of_openid_connect()
            .filter(|field| !["trust_mfa", "mfa_contexts"].contains(field));
        if let Some(field) = foreign.chain(secret).next() {
            return Err(fault(field, "says nothing of a tenant that speaks SAML"));
        }
        let mfa = (self.trust_mfa, self.mfa_contexts);
        self.saml.connect(before, mfa).map(Connection::Saml)
    }

    /// OAuth 2.0 has a client and its secret; nothing else can be chosen here.
    fn connect_oauth2(self, mut oauth2: Oauth2Connection) -> Result<Oauth2Connection, ActionError> {
        if let Some(field) = self.of_openid_connect().next() {
            let name = oauth2.kind.display_name();
            return Err(fault(
                field,
                format!("says nothing at {name}, which speaks OAuth 2"),
            ));
        }
        oauth2.client_secret = self.client_secret.unwrap_or(oauth2.client_secret);
        oauth2.client_id = self.client_id.unwrap_or(oauth2.client_id);
        if oauth2.client_id.is_empty() {
            return Err(fault("client_id", MISSING));
        }
        if oauth2.client_secret.expose().is_empty() {
            return Err(fault("client_secret", MISSING));
        }
        Ok(oauth2)
    }

    fn connect(self, name: &str, before: Option<Connection>) -> Result<OidcConnection, ActionError> {
        let mut oidc = match before {
            Some(Connection::Oidc(oidc)) => oidc,
            _ => begin(name),
        };
        let client_auth = self.client_auth(&oidc.client_auth)?;
        for (place, given) in [
            (&mut oidc.issuer, self.issuer),
            (&mut oidc.client_id, self.client_id),
            (&mut oidc.claims.email, self.email_claim),
            (&mut oidc.claims.name, self.name_claim),
        ] {
            *place = given.unwrap_or_else(|| std::mem::take(place));
        }
        for (place, given) in [
            (&mut oidc.scopes, self.scopes),
            (&mut oidc.claims.subject, self.subject_claims),
            (&mut oidc.mfa_contexts, self.mfa_contexts),
            (&mut oidc.trusted_audiences, self.trusted_audiences),
        ] {
            *place = given.unwrap_or_else(|| std::mem::take(place));
        }
        oidc.client_auth = client_auth.unwrap_or(oidc.client_auth);
        oidc.trusts_email = self.trust_email.unwrap_or(oidc.trusts_email);
        oidc.trusts_mfa = self.trust_mfa.unwrap_or(oidc.trusts_mfa);
        oidc.email_verified_as_text = self.email_verified_as_text.unwrap_or(oidc.email_verified_as_text);
        if let Some(algorithm) = self.id_token_alg {
            if algorithm != "any" && !federation::is_signing_algorithm(&algorithm) {
                let what = "must be any, or the name of an algorithm that is believed, such as RS256, PS256, ES256 or EdDSA";
                return Err(fault("id_token_alg", what));
            }
            oidc.id_token_alg = Some(algorithm).filter(|name| name != "any");
        }
        for (field, value) in [("issuer", &oidc.issuer), ("client_id", &oidc.client_id)] {
            if value.is_empty() {
                return Err(fault(field, MISSING));
            }
        }
        Ok(oidc)
    }

    /// How Vestibule proves itself, when that is said; what is not said of it stays.
    fn client_auth(
        &self,
        before: &ClientAuthentication,
    ) -> Result<Option<ClientAuthentication>, ActionError> {
        if let Some(pem) = &self.client_key {
            let kind = federation::check_client_key(pem).map_err(|what| fault("client_key", what))?;
            let (key, team) = match before {
                ClientAuthentication::PrivateKeyJwt(key) => (Some(key), None),
                ClientAuthentication::AppleSecret { key, team } => (Some(key), Some(team)),
                _ => (None, None),
            };
            let key = ClientKey {
                pem: pem.clone(),
                key_id: (self.client_key_id.clone()).or_else(|| key.and_then(|key| key.key_id.clone())),
                // That of the key before.
                certificate_sha256: None,
                audience: key.map_or(AssertionAudience::Issuer, |key| key.audience),
            };
            return match self.team_id.as_ref().or(team) {
                Some(_) if kind != "ES256" => Err(fault("client_key", "is no P-256 key, as Apple's are")),
                Some(team) => Ok(Some(ClientAuthentication::AppleSecret {
                    key,
                    team: team.clone(),
                })),
                None => Ok(Some(ClientAuthentication::PrivateKeyJwt(key))),
            };
        }
        for (field, value, needs) in [
            (
                "client_key_id",
                &self.client_key_id,
                "is of a client key, which is missing",
            ),
            ("team_id", &self.team_id, "is of a client key, which is missing"),
        ] {
            if value.is_some() {
                return Err(fault(field, needs));
            }
        }
        let Some(secret) = &self.client_secret else {
            return match &self.client_auth {
                Some(_) => Err(fault("client_auth", "is of a client secret, which is missing")),
                None => Ok(None),
            };
        };
        let usual = match before {
            ClientAuthentication::SecretPost(_) => "client_secret_post",
            _ => "client_secret_basic",
        };
        let method = self.client_auth.as_deref().unwrap_or(usual);
        let proof = ClientAuthentication::of(method, Some(secret.clone()));
        let what = "must be client_secret_basic or client_secret_post";
        proof.map(Some).ok_or_else(|| fault("client_auth", what))
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
