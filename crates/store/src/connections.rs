//! How the connection to an upstream is kept: its settings as JSON under the name of its protocol, its secret sealed.

use domain::{
    Secret,
    upstream::{
        AssertionAudience, ClaimNames, ClientAuthentication, ClientKey, Connection, Oauth2Connection,
        Oauth2Endpoints, Oauth2Kind, OidcConnection, SamlConnection, SamlMetadata, usual_mfa_contexts,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Db, Reads, StoreError, Tx,
    seal::{Sealed, seal, unseal},
    value::Place,
};

const SETTINGS: &str = "connection";
const SECRET: &str = "client_secret";

/// The columns that a connection takes.
#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) connection: Option<String>,
    pub(crate) client_secret: Option<Vec<u8>>,
    pub(crate) sealed_by: Option<String>,
}

/// The settings by protocol.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptConnection {
    Oidc(KeptOidc),
    Oauth2(KeptOauth2),
    Saml(KeptSaml),
}

/// A field that is added needs a default.
#[derive(Serialize, Deserialize)]
struct KeptOidc {
    issuer: String,
    client_id: String,
    client_auth: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_key: Option<KeptKey>,
    scopes: Vec<String>,
    subject_claims: Vec<String>,
    email_claim: String,
    name_claim: String,
    trusts_email: bool,
    trusts_mfa: bool,
    #[serde(default = "usual_mfa_contexts")]
    mfa_contexts: Vec<String>,
    #[serde(default)]
    trusted_audiences: Vec<String>,
    #[serde(default)]
    email_verified_as_text: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token_alg: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptOauth2 {
    kind: String,
    authorization_endpoint: String,
    token_endpoint: String,
    api: String,
    client_id: String,
}

#[derive(Serialize, Deserialize)]
struct KeptSaml {
    entity_id: String,
    metadata: KeptMetadata,
    subject: Option<String>,
    email: Option<String>,
    name: Option<String>,
    trusts_mfa: bool,
    #[serde(default = "usual_mfa_contexts")]
    mfa_contexts: Vec<String>,
    #[serde(default = "yes")]
    encryption: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptMetadata {
    Url(String),
    Document(String),
}

#[derive(Serialize, Deserialize)]
struct KeptKey {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    key_id: Option<String>,
    certificate_sha256: Option<String>,
    audience: String,
}

impl<C: Reads> Db<C> {
    /// The connection that the columns of a row hold.
    pub(crate) fn to_connection(
        &self,
        place: &Place,
        columns: Columns,
    ) -> Result<Option<Connection>, StoreError> {
        let secret = match (columns.client_secret, columns.sealed_by) {
            (Some(bytes), Some(key_id)) => {
                let plain = unseal(self.master_keys(), place, SECRET, &Sealed { bytes, key_id })?;
                let text = std::str::from_utf8(&plain).ok();
                Some(Secret::presented(place.require(SECRET, text)?))
            }
            _ => None,
        };
        let Some(json) = columns.connection else {
            return Ok(None);
        };
        let kept: KeptConnection = place.require(SETTINGS, serde_json::from_str(&json).ok())?;
        Ok(Some(match kept {
            KeptConnection::Oidc(kept) => Connection::Oidc(kept.into_domain(place, secret)?),
            KeptConnection::Oauth2(kept) => {
                Connection::Oauth2(place.require(SETTINGS, kept.into_domain(secret))?)
            }
            KeptConnection::Saml(kept) => Connection::Saml(kept.into_domain()),
        }))
    }
}

impl Tx {
    /// The columns that keep a connection.
    pub(crate) fn connection_columns(
        &self,
        place: &Place,
        connection: Option<&Connection>,
    ) -> Result<Columns, StoreError> {
        let Some(connection) = connection else {
            return Ok(Columns::default());
        };
        let sealed = connection
            .secret()
            .map(|secret| {
                let plain = secret.expose().as_bytes();
                seal(self.master_keys(), &*self.shared.entropy, place, SECRET, plain)
            })
            .transpose()?;
        let (client_secret, sealed_by) = sealed.map(|sealed| (sealed.bytes, sealed.key_id)).unzip();
        let kept = match connection {
            Connection::Oidc(oidc) => KeptConnection::Oidc(KeptOidc::of(oidc)),
            Connection::Oauth2(oauth2) => KeptConnection::Oauth2(KeptOauth2::of(oauth2)),
            Connection::Saml(saml) => KeptConnection::Saml(KeptSaml::of(saml.clone())),
        };
        let json = serde_json::to_string(&kept).map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Columns {
            connection: Some(json),
            client_secret,
            sealed_by,
        })
    }
}

impl KeptOidc {
    fn of(connection: &OidcConnection) -> Self {
        Self {
            issuer: connection.issuer.clone(),
            client_id: connection.client_id.clone(),
            client_auth: connection.client_auth.name().to_owned(),
            client_key: KeptKey::of(&connection.client_auth),
            scopes: connection.scopes.clone(),
            subject_claims: connection.claims.subject.clone(),
            email_claim: connection.claims.email.clone(),
            name_claim: connection.claims.name.clone(),
            trusts_email: connection.trusts_email,
            trusts_mfa: connection.trusts_mfa,
            mfa_contexts: connection.mfa_contexts.clone(),
            trusted_audiences: connection.trusted_audiences.clone(),
            email_verified_as_text: connection.email_verified_as_text,
            id_token_alg: connection.id_token_alg.clone(),
        }
    }

    fn into_domain(self, place: &Place, secret: Option<Secret>) -> Result<OidcConnection, StoreError> {
        let client_auth = match (self.client_key, secret) {
            (Some(kept), Some(pem)) => kept.with(pem),
            (_, secret) => ClientAuthentication::of(&self.client_auth, secret),
        };
        Ok(OidcConnection {
            issuer: self.issuer,
            client_id: self.client_id,
            client_auth: place.require(SETTINGS, client_auth)?,
            scopes: self.scopes,
            claims: ClaimNames {
                subject: self.subject_claims,
                email: self.email_claim,
                name: self.name_claim,
            },
            trusts_email: self.trusts_email,
            trusts_mfa: self.trusts_mfa,
            mfa_contexts: self.mfa_contexts,
            trusted_audiences: self.trusted_audiences,
            email_verified_as_text: self.email_verified_as_text,
            id_token_alg: self.id_token_alg,
        })
    }
}

impl KeptOauth2 {
    fn of(connection: &Oauth2Connection) -> Self {
        let endpoints = connection.endpoints.clone();
        Self {
            kind: connection.kind.name().to_owned(),
            authorization_endpoint: endpoints.authorization,
            token_endpoint: endpoints.token,
            api: endpoints.api,
            client_id: connection.client_id.clone(),
        }
    }

    fn into_domain(self, secret: Option<Secret>) -> Option<Oauth2Connection> {
        Some(Oauth2Connection {
            kind: Oauth2Kind::called(&self.kind)?,
            endpoints: Oauth2Endpoints {
                authorization: self.authorization_endpoint,
                token: self.token_endpoint,
                api: self.api,
            },
            client_id: self.client_id,
            client_secret: secret?,
        })
    }
}

impl KeptSaml {
    fn of(connection: SamlConnection) -> Self {
        Self {
            entity_id: connection.entity_id,
            metadata: match connection.metadata {
                SamlMetadata::Url(url) => KeptMetadata::Url(url),
                SamlMetadata::Document(text) => KeptMetadata::Document(text),
            },
            subject: connection.subject,
            email: connection.email,
            name: connection.name,
            trusts_mfa: connection.trusts_mfa,
            mfa_contexts: connection.mfa_contexts,
            encryption: connection.encryption,
        }
    }

    fn into_domain(self) -> SamlConnection {
        SamlConnection {
            entity_id: self.entity_id,
            metadata: match self.metadata {
                KeptMetadata::Url(url) => SamlMetadata::Url(url),
                KeptMetadata::Document(text) => SamlMetadata::Document(text),
            },
            subject: self.subject,
            email: self.email,
            name: self.name,
            trusts_mfa: self.trusts_mfa,
            mfa_contexts: self.mfa_contexts,
            encryption: self.encryption,
        }
    }
}

impl KeptKey {
    fn of(client_auth: &ClientAuthentication) -> Option<Self> {
        let (key, team) = match client_auth {
            ClientAuthentication::PrivateKeyJwt(key) => (key, None),
            ClientAuthentication::AppleSecret { key, team } => (key, Some(team.clone())),
            _ => return None,
        };
        Some(Self {
            team,
            key_id: key.key_id.clone(),
            certificate_sha256: key.certificate_sha256.clone(),
            audience: key.audience.name().to_owned(),
        })
    }

    fn with(self, pem: Secret) -> Option<ClientAuthentication> {
        let key = ClientKey {
            pem,
            key_id: self.key_id,
            certificate_sha256: self.certificate_sha256,
            audience: AssertionAudience::called(&self.audience)?,
        };
        Some(match self.team {
            Some(team) => ClientAuthentication::AppleSecret { key, team },
            None => ClientAuthentication::PrivateKeyJwt(key),
        })
    }
}
