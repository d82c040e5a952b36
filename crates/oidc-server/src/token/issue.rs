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
    claims::IdToken,
    error::TokenRefused,
    signing::{Signer, half_hash, jose::ID_TOKEN_TYPE},
    state::State,
};

/// Tokens that were made and not yet handed out.
pub(super) struct IssuedTokens {
    access: Secret,
    refresh: Option<Secret>,
    scopes: Scopes,
    lifetime: i64,
    now: DateTime<Utc>,
}

impl IssuedTokens {
    /// Makes and stores the first ones of a grant. `refresh_until`: the end of the family's refresh tokens, when it has any.
    pub(super) async fn store(
        state: &State,
        tx: &Tx,
        grant: &Grant,
        scopes: Scopes,
        refresh_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, TokenRefused> {
        let fresh = || Secret::generate(state.core.entropy.as_ref()).dated(now);
        let refresh = refresh_until.map(|until| (fresh(), until));
        Self::keep(state, tx, grant, scopes, (fresh(), refresh), now).await
    }

    /// Makes and stores those that follow a refresh token, which was just spent.
    pub(super) async fn follow(
        state: &State,
        tx: &Tx,
        grant: &Grant,
        scopes: Scopes,
        (spent, until): (&Secret, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Self, TokenRefused> {
        let next = Successors::of(state, spent, now);
        let made = (next.access_for(&scopes), Some((next.refresh, until)));
        Self::keep(state, tx, grant, scopes, made, now).await
    }

    /// The same once more, for a client that sent the refresh token again: the tokens that follow it, which was spent at that moment,
    /// while no one has used them.
    pub(super) async fn repeat(
        state: &State,
        tx: &Tx,
        grant: &Grant,
        scopes: Scopes,
        (spent, spent_at): (&Secret, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Self, TokenRefused> {
        let next = Successors::of(state, spent, spent_at);
        let access = next.access_for(&scopes);
        let Some((known, _)) = tx.access_token(&access.hash()).await? else {
            // It asks for other scopes than the first time, or has given the token back, which must not come to life again.
            let fresh = Secret::generate(state.core.entropy.as_ref()).dated(now);
            let mut made = Self::keep(state, tx, grant, scopes, (fresh, None), now).await?;
            made.refresh = Some(next.refresh);
            return Ok(made);
        };
        Ok(Self {
            access,
            refresh: Some(next.refresh),
            scopes,
            lifetime: (known.expires_at - now).num_seconds().max(0),
            now,
        })
    }

    async fn keep(
        state: &State,
        tx: &Tx,
        grant: &Grant,
        scopes: Scopes,
        (access, refresh): (Secret, Option<(Secret, DateTime<Utc>)>),
        now: DateTime<Utc>,
    ) -> Result<Self, TokenRefused> {
        let lifetime = state.core.settings.tokens.access_token;
        tx.insert_access_token(&AccessToken {
            hash: access.hash(),
            grant: grant.id,
            scopes: scopes.clone(),
            issued_at: now,
            expires_at: now + lifetime,
        })
        .await?;
        if let Some((token, expires_at)) = &refresh {
            tx.insert_refresh_token(&RefreshToken {
                hash: token.hash(),
                grant: grant.id,
                expires_at: *expires_at,
            })
            .await?;
        }
        Ok(Self {
            access,
            refresh: refresh.map(|(token, _)| token),
            scopes,
            lifetime: lifetime.num_seconds(),
            now,
        })
    }

    /// Commits the transaction that stored them. The answer to a COMMIT may be lost after the database has made it: then they are
    /// there, and belong to the app. A client that tries again would be taken for a thief, whose grant ends.
    pub(super) async fn commit(&self, state: &State, tx: Tx) -> Result<(), TokenRefused> {
        let Err(error) = tx.commit().await else {
            return Ok(());
        };
        if error.is_unavailable() && self.are_stored(state).await {
            tracing::warn!(cause = %error, "the answer to a COMMIT was lost; what it made durable is there");
            return Ok(());
        }
        Err(error.into())
    }

    /// Looked up several times: a database that has just gone away comes back, or shows what a standby has confirmed. SQLite knows
    /// at once.
    async fn are_stored(&self, state: &State) -> bool {
        let store = &state.core.store;
        let pauses: &[u64] = match store.backend() {
            store::Backend::Postgres => &[0, 100, 300, 800],
            store::Backend::Sqlite => &[0],
        };
        for pause in pauses {
            tokio::time::sleep(std::time::Duration::from_millis(*pause)).await;
            let stored = store.reader().access_token(&self.access.hash()).await;
            if matches!(stored, Ok(Some(_))) {
                return true;
            }
        }
        false
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
    ) -> Result<Value, TokenRefused> {
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
                claims_of: app.id_token_claims.then_some(&self.scopes),
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

/// What follows a refresh token: always the same, so that a repeated request repeats its answer. It follows from the
/// server's key as well: who finds a spent token computes nothing.
pub(super) struct Successors {
    pub(super) refresh: Secret,
    key: Secret,
    at: DateTime<Utc>,
}

impl Successors {
    /// `at` is when the token was spent.
    pub(super) fn of(state: &State, spent: &Secret, at: DateTime<Utc>) -> Self {
        let server = state.core.store.master_keys().current().purpose("refresh tokens");
        let key = spent.derive("successors", &server[..]);
        Self {
            refresh: key.derive("refresh token", b"").dated(at),
            key,
            at,
        }
    }

    fn access_for(&self, scopes: &Scopes) -> Secret {
        let words = scopes.to_string();
        self.key.derive("access token", words.as_bytes()).dated(self.at)
    }
}
