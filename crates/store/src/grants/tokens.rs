//! Access tokens and refresh tokens, by their hashes.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    authorization::Scopes,
    grant::{AccessToken, Grant, RefreshToken},
    guest::Guest,
    session::Session,
    time::from_millis,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    row::{Sql, joined, row},
    value::{self, Place},
};

/// What became of a refresh token that an app presented.
#[derive(Debug)]
pub enum Spent {
    /// It is spent now, and this is its family.
    Fresh(Box<(RefreshToken, Grant, Session, Guest)>),
    /// It was spent before, at that moment: its family must end, unless the answer is only repeated.
    Before(DateTime<Utc>, Box<(RefreshToken, Grant, Session, Guest)>),
    /// It is unknown.
    Unknown,
}

row! {
    struct AccessRow {
        hash: Vec<u8>,
        grant_id: Uuid,
        scopes: String,
        issued_at: i64,
        expires_at: i64,
    }
}

row! {
    struct RefreshRow {
        hash: Vec<u8>,
        grant_id: Uuid,
        expires_at: i64,
        spent_at: Option<i64>,
    }
}

/// Hot: asked whenever an app uses an access token.
pub(crate) static ACCESS: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM access_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = $1",
        joined("t", AccessRow::COLUMNS),
        joined("g", super::GrantRow::COLUMNS)
    )
});
pub(crate) static REFRESH: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.hash = $1",
        joined("t", RefreshRow::COLUMNS),
        joined("g", super::GrantRow::COLUMNS)
    )
});
/// Hot, and the single use itself: of any number of racers one gets a row.
pub(crate) static SPEND: Sql = Sql::new(|| {
    let columns = RefreshRow::COLUMNS.join(", ");
    format!(
        "UPDATE refresh_tokens SET spent_at = $2 WHERE hash = $1 AND spent_at IS NULL RETURNING {columns}"
    )
});
pub(crate) const REVOKE_ACCESS: &str = "DELETE FROM access_tokens WHERE hash = $1";

fn refresh_to_domain(row: RefreshRow) -> Result<(RefreshToken, Option<DateTime<Utc>>), StoreError> {
    let place = Place::new("refresh_tokens", row.grant_id);
    let token = RefreshToken {
        hash: place.hash("hash", row.hash)?,
        grant: Id::from_uuid(row.grant_id),
        expires_at: from_millis(row.expires_at),
    };
    Ok((token, value::opt_from_millis(row.spent_at)))
}

impl<C: ConnectionTrait> Db<C> {
    /// An access token and its grant. Whether they still count is the caller's question.
    pub async fn access_token(&self, hash: &SecretHash) -> Result<Option<(AccessToken, Grant)>, StoreError> {
        let Some(row) = self.row(&ACCESS, [value::hash(hash)]).await? else {
            return Ok(None);
        };
        let grant = super::to_domain(super::GrantRow::from_query_result(&row, "g_")?)?;
        let row = AccessRow::from_query_result(&row, "t_")?;
        let place = Place::new("access_tokens", row.grant_id);
        let token = AccessToken {
            hash: place.hash("hash", row.hash)?,
            grant: Id::from_uuid(row.grant_id),
            scopes: Scopes::parse(&row.scopes),
            issued_at: from_millis(row.issued_at),
            expires_at: from_millis(row.expires_at),
        };
        Ok(Some((token, grant)))
    }

    /// A refresh token, its grant, and when it was spent.
    pub async fn refresh_token(
        &self,
        hash: &SecretHash,
    ) -> Result<Option<(RefreshToken, Grant, Option<DateTime<Utc>>)>, StoreError> {
        let Some(row) = self.row(&REFRESH, [value::hash(hash)]).await? else {
            return Ok(None);
        };
        let grant = super::to_domain(super::GrantRow::from_query_result(&row, "g_")?)?;
        let (token, spent) = refresh_to_domain(RefreshRow::from_query_result(&row, "t_")?)?;
        Ok(Some((token, grant, spent)))
    }
}

impl Tx {
    /// Keeps a new access token.
    pub async fn insert_access_token(&self, token: &AccessToken) -> Result<(), StoreError> {
        self.insert(
            "access_tokens",
            [
                ("hash", value::hash(&token.hash)),
                ("grant_id", value::id(token.grant)),
                ("scopes", token.scopes.to_string().into()),
                ("issued_at", value::at(token.issued_at)),
                ("expires_at", value::at(token.expires_at)),
            ],
        )
        .await
    }

    /// Keeps a new refresh token.
    pub async fn insert_refresh_token(&self, token: &RefreshToken) -> Result<(), StoreError> {
        self.insert(
            "refresh_tokens",
            [
                ("hash", value::hash(&token.hash)),
                ("grant_id", value::id(token.grant)),
                ("expires_at", value::at(token.expires_at)),
            ],
        )
        .await
    }

    /// Revokes one access token; says whether it was there.
    pub async fn revoke_access_token(&self, hash: &SecretHash) -> Result<bool, StoreError> {
        let changed = self.run(REVOKE_ACCESS, [value::hash(hash)]).await?;
        Ok(changed == 1)
    }

    /// Spends a refresh token, in one conditional write: of any number of racers one gets `Fresh`.
    pub async fn spend_refresh_token(
        &self,
        hash: &SecretHash,
        now: DateTime<Utc>,
    ) -> Result<Spent, StoreError> {
        let row = self
            .one::<RefreshRow>(&SPEND, [value::hash(hash), value::at(now)])
            .await?;
        let (token, spent_before) = match row {
            Some(row) => (refresh_to_domain(row)?.0, None),
            None => match self.refresh_token(hash).await? {
                Some((token, _, Some(spent_at))) => (token, Some(spent_at)),
                // Unspent now, and not a moment ago: there is no way back from spent.
                Some((_, _, None)) | None => return Ok(Spent::Unknown),
            },
        };
        let Some((grant, session, guest)) = self.family(token.grant.uuid()).await? else {
            return Ok(Spent::Unknown);
        };
        let family = Box::new((token, grant, session, guest));
        Ok(match spent_before {
            None => Spent::Fresh(family),
            Some(at) => Spent::Before(at, family),
        })
    }
}
