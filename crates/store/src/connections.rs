//! How the connection to an upstream is kept: its settings as JSON, its secret sealed.

use domain::{
    Secret,
    upstream::{ClaimNames, ClientAuthentication, OidcConnection},
};
use serde::{Deserialize, Serialize};

use crate::{StoreError, value::Place};

/// The settings as the column `oidc` holds them. A field that is added needs a default.
#[derive(Serialize, Deserialize)]
struct Kept {
    issuer: String,
    client_id: String,
    client_auth: String,
    scopes: Vec<String>,
    subject_claims: Vec<String>,
    email_claim: String,
    name_claim: String,
    trusts_email: bool,
    trusts_mfa: bool,
}

/// The settings, without the secret.
pub(crate) fn to_json(connection: &OidcConnection) -> Result<String, StoreError> {
    let kept = Kept {
        issuer: connection.issuer.clone(),
        client_id: connection.client_id.clone(),
        client_auth: connection.client_auth.name().to_owned(),
        scopes: connection.scopes.clone(),
        subject_claims: connection.claims.subject.clone(),
        email_claim: connection.claims.email.clone(),
        name_claim: connection.claims.name.clone(),
        trusts_email: connection.trusts_email,
        trusts_mfa: connection.trusts_mfa,
    };
    serde_json::to_string(&kept).map_err(|error| StoreError::Database(Box::new(error)))
}

/// The connection that a row holds, with its secret.
pub(crate) fn from_json(
    place: &Place,
    json: &str,
    secret: Option<Secret>,
) -> Result<OidcConnection, StoreError> {
    let kept: Kept = place.require("oidc", serde_json::from_str(json).ok())?;
    Ok(OidcConnection {
        issuer: kept.issuer,
        client_id: kept.client_id,
        client_auth: place.require("oidc", ClientAuthentication::of(&kept.client_auth, secret))?,
        scopes: kept.scopes,
        claims: ClaimNames {
            subject: kept.subject_claims,
            email: kept.email_claim,
            name: kept.name_claim,
        },
        trusts_email: kept.trusts_email,
        trusts_mfa: kept.trusts_mfa,
    })
}
