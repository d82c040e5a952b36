//! Tokens of the admin API, by their hashes.

use chrono::{DateTime, Utc};
use domain::{Id, SecretHash, api_scope::ApiScope, time::from_millis};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value::{self, Place},
};

/// A token of the admin API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its row.
    pub id: Id<ApiToken>,
    /// Its name, which the audit log repeats; unique among those that are not revoked.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

row! {
    struct TokenRow {
        id: Uuid,
        name: String,
        scopes: String,
        created_at: i64,
        revoked_at: Option<i64>,
    }
}

static BY_HASH: Sql = Sql::new(|| select(TokenRow::COLUMNS, "api_tokens WHERE token_hash = $1"));
static ALL: Sql = Sql::new(|| select(TokenRow::COLUMNS, "api_tokens ORDER BY id DESC"));

impl<C: Reads> Db<C> {
    /// The token of that hash, revoked or not.
    pub async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>, StoreError> {
        let row = self.one::<TokenRow>(&BY_HASH, [value::hash(hash)]).await?;
        row.map(to_domain).transpose()
    }

    /// All tokens, newest first.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let rows = self.all::<TokenRow>(&ALL, []).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Keeps a new token. A name that is in use is a conflict.
    pub async fn insert_api_token(&self, token: &ApiToken, hash: &SecretHash) -> Result<(), StoreError> {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
        self.insert(
            "api_tokens",
            [
                ("id", value::id(token.id)),
                ("name", token.name.as_str().into()),
                ("token_hash", value::hash(hash)),
                ("scopes", scopes.join(" ").into()),
                ("created_at", value::at(token.created_at)),
                ("revoked_at", value::opt_millis(token.revoked_at).into()),
            ],
        )
        .await
    }

    /// Revokes the token of that name; says whether there was one.
    pub async fn revoke_api_token(&self, name: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        if !value::is_text(name) {
            return Ok(false);
        }
        let changed = self
            .run(
                "UPDATE api_tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
                [name.into(), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }
}

fn to_domain(row: TokenRow) -> Result<ApiToken, StoreError> {
    let place = Place::new("api_tokens", row.id);
    let scopes = row.scopes.split_whitespace().map(ApiScope::parse);
    Ok(ApiToken {
        id: Id::from_uuid(row.id),
        name: row.name,
        scopes: place.require("scopes", scopes.collect())?,
        created_at: from_millis(row.created_at),
        revoked_at: value::opt_from_millis(row.revoked_at),
    })
}
