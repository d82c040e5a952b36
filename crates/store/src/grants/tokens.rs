//! Access tokens and refresh tokens, by their hashes.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    app::App,
    authorization::Scopes,
    grant::{AccessToken, Grant, RefreshToken},
    guest::Guest,
    time::from_millis,
};
use uuid::Uuid;

use super::GrantFamily;
use crate::{
    Db, Reads, StoreError, Tx,
    access::Admission,
    columns::{AnyRow, FromRow, row},
    guests::{self, GuestRow},
    row::{Sql, joined},
    sessions::SessionRow,
    value::{self, Place},
};

/// An access token, and what it depends on whether it still counts.
#[derive(Clone, Debug)]
pub struct HeldAccess {
    /// The token.
    pub token: AccessToken,
    /// The grant that it came of.
    pub grant: Grant,
    /// The guest who signed in.
    pub guest: Guest,
    /// What decides whether the guest may enter the app still.
    pub admission: Admission,
}

/// A refresh token, and what it stands for.
#[derive(Clone, Debug)]
pub struct HeldRefresh {
    /// The token.
    pub token: RefreshToken,
    /// When it was spent.
    pub spent_at: Option<DateTime<Utc>>,
    /// What it stands for.
    pub family: GrantFamily,
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
/// Hot: asked whenever an app uses an access token or asks about one.
pub(crate) static HELD_ACCESS: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {}, {}, {} FROM access_tokens t JOIN grants g ON g.id = t.grant_id \
         JOIN guests u ON u.id = g.guest {} WHERE t.hash = $1",
        joined("t", AccessRow::COLUMNS),
        joined("g", super::GrantRow::COLUMNS),
        joined("u", GuestRow::COLUMNS),
        Admission::columns(),
        Admission::joins("g.guest", "g.app")
    )
});
/// Hot: asked by every refresh.
pub(crate) static HELD_REFRESH: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {}, {}, {}, {} FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id \
         JOIN sessions s ON s.id = g.session JOIN guests u ON u.id = g.guest {} WHERE t.hash = $1",
        joined("t", RefreshRow::COLUMNS),
        joined("g", super::GrantRow::COLUMNS),
        joined("s", SessionRow::COLUMNS),
        joined("u", GuestRow::COLUMNS),
        Admission::columns(),
        Admission::joins("g.guest", "g.app")
    )
});
/// Hot, and the single use itself: of any number of racers one changes a row.
pub(crate) const SPEND: &str = "UPDATE refresh_tokens SET spent_at = $2 WHERE hash = $1 AND spent_at IS NULL \
     AND EXISTS (SELECT 1 FROM grants g WHERE g.id = grant_id AND g.app = $3 AND g.revoked_at IS NULL)";
pub(crate) const REVOKE_ACCESS: &str = "DELETE FROM access_tokens WHERE hash = $1";

fn access_to_domain(row: &AnyRow<'_>) -> Result<AccessToken, StoreError> {
    let row = AccessRow::from_row(row, "t_")?;
    let place = Place::new("access_tokens", row.grant_id);
    Ok(AccessToken {
        hash: place.hash("hash", row.hash)?,
        grant: Id::from_uuid(row.grant_id),
        scopes: Scopes::parse(&row.scopes),
        issued_at: from_millis(row.issued_at),
        expires_at: from_millis(row.expires_at),
    })
}

fn refresh_to_domain(row: RefreshRow) -> Result<(RefreshToken, Option<DateTime<Utc>>), StoreError> {
    let place = Place::new("refresh_tokens", row.grant_id);
    let token = RefreshToken {
        hash: place.hash("hash", row.hash)?,
        grant: Id::from_uuid(row.grant_id),
        expires_at: from_millis(row.expires_at),
    };
    Ok((token, value::opt_from_millis(row.spent_at)))
}

impl<C: Reads> Db<C> {
    /// An access token and its grant. Whether they still count is the caller's question.
    pub async fn access_token(&self, hash: &SecretHash) -> Result<Option<(AccessToken, Grant)>, StoreError> {
        self.row(&ACCESS, [value::hash(hash)], |row| {
            let grant = super::to_domain(super::GrantRow::from_row(row, "g_")?)?;
            Ok((access_to_domain(row)?, grant))
        })
        .await
    }

    /// An access token, and everything that it depends on. Whether it still counts is the caller's question.
    pub async fn held_access(&self, hash: &SecretHash) -> Result<Option<HeldAccess>, StoreError> {
        self.row(&HELD_ACCESS, [value::hash(hash)], |row| {
            Ok(HeldAccess {
                token: access_to_domain(row)?,
                grant: super::to_domain(super::GrantRow::from_row(row, "g_")?)?,
                guest: guests::to_domain(GuestRow::from_row(row, "u_")?)?,
                admission: Admission::read(row)?,
            })
        })
        .await
    }

    /// A refresh token, spent or not, and everything that it stands for.
    pub async fn held_refresh(&self, hash: &SecretHash) -> Result<Option<HeldRefresh>, StoreError> {
        self.row(&HELD_REFRESH, [value::hash(hash)], |row| {
            let (token, spent_at) = refresh_to_domain(RefreshRow::from_row(row, "t_")?)?;
            let family = GrantFamily::read(row)?;
            Ok(HeldRefresh {
                token,
                spent_at,
                family,
            })
        })
        .await
    }

    /// A refresh token, its grant, and when it was spent.
    pub async fn refresh_token(
        &self,
        hash: &SecretHash,
    ) -> Result<Option<(RefreshToken, Grant, Option<DateTime<Utc>>)>, StoreError> {
        self.row(&REFRESH, [value::hash(hash)], |row| {
            let grant = super::to_domain(super::GrantRow::from_row(row, "g_")?)?;
            let (token, spent) = refresh_to_domain(RefreshRow::from_row(row, "t_")?)?;
            Ok((token, grant, spent))
        })
        .await
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

    /// Spends a refresh token, in one conditional write: of any number of racers one is told `true`. A token that was spent
    /// before, is unknown or another app's, or whose grant has ended stays as it is.
    pub async fn spend_refresh_token(
        &self,
        hash: &SecretHash,
        app: Id<App>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let values = [value::hash(hash), value::at(now), value::id(app)];
        let changed = self.run(SPEND, values).await?;
        Ok(changed == 1)
    }
}
