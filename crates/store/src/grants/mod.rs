//! What apps hold: a grant is the family that its code and its tokens belong to, and die with.

mod codes;
mod consents;
mod tokens;

use chrono::{DateTime, Utc};
use domain::{
    Id,
    authorization::Scopes,
    grant::Grant,
    guest::Guest,
    session::{Authentication, Session},
    sign_in::SignIn,
    time::from_millis,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    guests::{method_to_domain, method_to_row},
    value::{self, Place},
};

pub use codes::{CodeState, Redeemed};
pub use tokens::Spent;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    guest: Uuid,
    app: Uuid,
    session: Uuid,
    scopes: String,
    method: String,
    method_upstream: Option<Uuid>,
    authenticated_at: i64,
    nonce: Option<String>,
    created_at: i64,
    revoked_at: Option<i64>,
}

const SELECT: &str = "SELECT id, guest, app, session, scopes, method, method_upstream, authenticated_at, nonce, \
     created_at, revoked_at FROM grants";

fn to_domain(row: Row) -> Result<Grant, StoreError> {
    let place = Place::new("grants", row.id);
    let method = method_to_domain(&place, "method", Some(row.method), row.method_upstream)?;
    Ok(Grant {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        session: Id::from_uuid(row.session),
        scopes: Scopes::parse(&row.scopes),
        authentication: Authentication {
            method: place.require("method", method)?,
            at: from_millis(row.authenticated_at),
        },
        nonce: row.nonce,
        created_at: from_millis(row.created_at),
        revoked_at: value::opt_from_millis(row.revoked_at),
    })
}

impl<C: ConnectionTrait> Db<C> {
    /// The grant of that row.
    pub async fn grant(&self, id: Id<Grant>) -> Result<Option<Grant>, StoreError> {
        let row = self
            .one::<Row>(&format!("{SELECT} WHERE id = $1"), [value::id(id)])
            .await?;
        row.map(to_domain).transpose()
    }

    /// A grant with its session and its guest; `None` when one of them is gone.
    async fn family(&self, id: Uuid) -> Result<Option<(Grant, Session, Guest)>, StoreError> {
        let Some(grant) = self.grant(Id::from_uuid(id)).await? else {
            return Ok(None);
        };
        let session = self.session(grant.session).await?;
        let guest = self.guest(grant.guest).await?;
        Ok(session.zip(guest).map(|(session, guest)| (grant, session, guest)))
    }
}

impl Tx {
    /// Keeps a new grant, and which sign-in it came from. `expires_at` is when nothing of it can live any more:
    /// then it is swept.
    pub async fn insert_grant(
        &self,
        grant: &Grant,
        sign_in: Option<Id<SignIn>>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (method, upstream) = method_to_row(Some(grant.authentication.method));
        self.run(
            "INSERT INTO grants (id, guest, app, session, sign_in, scopes, method, method_upstream, authenticated_at, \
             nonce, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            [
                value::id(grant.id),
                value::id(grant.guest),
                value::id(grant.app),
                value::id(grant.session),
                sign_in.map(Id::uuid).into(),
                grant.scopes.to_string().into(),
                method.into(),
                upstream.into(),
                value::at(grant.authentication.at),
                grant.nonce.clone().into(),
                value::at(grant.created_at),
                value::at(expires_at),
            ],
        )
        .await?;
        Ok(())
    }

    /// Revokes a grant and everything that came of it; says whether it was not revoked before. Used codes and spent
    /// refresh tokens stay, so that a later reuse is still recognised.
    pub async fn revoke_grant(&self, id: Id<Grant>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                [value::id(id), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Revokes what came of a session; says which. With `keep_offline`, grants for `offline_access` go on (Back-Channel
    /// Logout 1.0 §2.7).
    pub async fn revoke_grants_of_session(
        &self,
        session: Id<Session>,
        now: DateTime<Utc>,
        keep_offline: bool,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        let but = if keep_offline {
            " AND scopes NOT LIKE '%offline_access%'"
        } else {
            ""
        };
        self.revoke_where(&format!("session = $1{but}"), session.uuid(), now)
            .await
    }

    /// Revokes everything that a guest's apps hold; says which.
    pub async fn revoke_grants_of_guest(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        self.revoke_where("guest = $1", guest.uuid(), now).await
    }

    async fn revoke_where(
        &self,
        condition: &str,
        whose: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        #[derive(FromQueryResult)]
        struct Revoked {
            id: Uuid,
        }
        let sql = format!(
            "UPDATE grants SET revoked_at = $2 WHERE {condition} AND revoked_at IS NULL RETURNING id"
        );
        let revoked = self.all::<Revoked>(&sql, [whose.into(), value::at(now)]).await?;
        Ok(revoked.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }
}
