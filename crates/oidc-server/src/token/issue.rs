//! Tokens from a grant: access token, ID token, and a refresh token where the grant has one.

use chrono::{DateTime, Utc};
use domain::{
    Secret,
    app::App,
    authorization::{Scope, Scopes},
    grant::{AccessToken, Grant, RefreshToken},
    guest::Guest,
};
use serde_json::{Value, json};
use store::Tx;

use crate::{
    State,
    claims::IdToken,
    error::Refused,
    signing::{Signer, half_hash, jose::ID_TOKEN_TYPE},
};

/// Tokens that were made and not yet handed out.
pub(super) struct Tokens {
    access: Secret,
    refresh: Option<Secret>,
    scopes: Scopes,
    lifetime: i64,
    now: DateTime<Utc>,
}

impl Tokens {
    /// Makes and stores them. `refresh_until`: the end of the family's refresh tokens, when it has any.
    pub(super) async fn store(
        state: &State,
        tx: &Tx,
        grant: &Grant,
        scopes: Scopes,
        refresh_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refused> {
        let lifetime = state.core.settings.tokens.access_token;
        let access = Secret::generate(state.core.entropy.as_ref());
        tx.insert_access_token(&AccessToken {
            hash: access.hash(),
            grant: grant.id,
            scopes: scopes.clone(),
            issued_at: now,
            expires_at: now + lifetime,
        })
        .await?;
        let mut refresh = None;
        if let Some(expires_at) = refresh_until {
            let token = Secret::generate(state.core.entropy.as_ref());
            tx.insert_refresh_token(&RefreshToken {
                hash: token.hash(),
                grant: grant.id,
                expires_at,
            })
            .await?;
            refresh = Some(token);
        }
        Ok(Self {
            access,
            refresh,
            scopes,
            lifetime: lifetime.num_seconds(),
            now,
        })
    }

    /// The response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). Signs after the commit: a signature is the
    /// dearest part of a request, and must not hold the writer.
    pub(super) fn response(
        &self,
        state: &State,
        signer: &Signer,
        app: &App,
        grant: &Grant,
        guest: &Guest,
    ) -> Result<Value, Refused> {
        let mut response = json!({
            "access_token": self.access.expose(),
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": self.scopes.to_string(),
        });
        if let Some(refresh) = &self.refresh {
            response["refresh_token"] = json!(refresh.expose());
        }
        if self.scopes.contains(Scope::OpenId) {
            let settings = &state.core.settings;
            let claims = IdToken {
                issuer: &settings.issuer,
                client_id: &app.client_id,
                grant,
                guest,
                issued_at: self.now.timestamp(),
                expires_at: (self.now + settings.tokens.id_token).timestamp(),
                at_hash: half_hash(signer.algorithm(), self.access.expose()),
            };
            let id_token = signer
                .sign(ID_TOKEN_TYPE, &claims.claims())
                .map_err(web::Failure::internal)?;
            response["id_token"] = json!(id_token);
        }
        Ok(response)
    }
}
