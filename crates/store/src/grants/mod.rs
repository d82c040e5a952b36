//! What apps hold: a grant is the family that its code and its tokens belong to, and die with.

pub(crate) mod codes;
pub(crate) mod consents;
pub(crate) mod tokens;

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    authorization::{CodeChallenge, Scopes},
    grant::{AuthorizationCode, Grant},
    guest::Guest,
    passkey::PasskeyKind,
    session::{Authentication, Session},
    sign_in::SignIn,
    time::from_millis,
    upstream::Upstream,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    access::Admission,
    columns::{AnyRow, FromRow, row},
    guests::{self, GuestRow, method_to_domain, method_to_row},
    passkeys,
    row::{Sql, joined},
    sessions::{self, SessionRow},
    value::{self, Place},
};

pub use codes::{CodeState, IssuedCode, Redeemed};
pub use tokens::{HeldAccess, HeldRefresh};

row! {
    struct GrantRow {
        id: Uuid,
        guest: Uuid,
        app: Uuid,
        session: Uuid,
        scopes: String,
        method: String,
        method_upstream: Option<Uuid>,
        authenticated_at: i64,
        mfa: bool,
        passkey: Option<String>,
        nonce: Option<String>,
        created_at: i64,
        revoked_at: Option<i64>,
    }
}

/// Grants of which apps still hold something, by id.
static LIVE: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM grants g JOIN guests u ON u.id = g.guest WHERE g.id > $1 \
         AND g.revoked_at IS NULL AND g.expires_at > $2 ORDER BY g.id LIMIT $3",
        joined("g", GrantRow::COLUMNS),
        joined("u", GuestRow::COLUMNS)
    )
});
pub(crate) const REVOKE: &str = "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
pub(crate) const MOVE: &str = "UPDATE grants SET session = $2 WHERE session = $1 AND revoked_at IS NULL";
pub(crate) const REVOKE_OF_SESSION: &str =
    "UPDATE grants SET revoked_at = $2 WHERE session = $1 AND revoked_at IS NULL RETURNING id";
pub(crate) const REVOKE_OF_SESSION_BUT_OFFLINE: &str = "UPDATE grants SET revoked_at = $2 WHERE session = $1 \
     AND scopes NOT LIKE '%offline_access%' AND revoked_at IS NULL RETURNING id";
pub(crate) const REVOKE_OF_UPSTREAM: &str = "UPDATE grants SET revoked_at = $2 WHERE method_upstream = $1 AND revoked_at IS NULL \
     RETURNING id";
/// By way of the sessions, which stay as long as their grants: an index by guest would be written with every code.
pub(crate) const REVOKE_OF_GUEST: &str = "UPDATE grants SET revoked_at = $2 \
     WHERE session IN (SELECT id FROM sessions WHERE guest = $1) AND revoked_at IS NULL RETURNING id";
pub(crate) const REVOKE_OF_GUEST_AT: &str = "UPDATE grants SET revoked_at = $3 \
     WHERE session IN (SELECT id FROM sessions WHERE guest = $1) AND app = $2 AND revoked_at IS NULL";

/// What a code or a refresh token stands for.
#[derive(Clone, Debug)]
pub struct GrantFamily {
    /// The grant.
    pub grant: Grant,
    /// The session that it came of.
    pub session: Session,
    /// The guest who signed in.
    pub guest: Guest,
    /// What decides whether the guest may enter the app still.
    pub admission: Admission,
}

impl GrantFamily {
    fn read(row: &AnyRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            grant: to_domain(GrantRow::from_row(row, "g_")?)?,
            session: sessions::to_domain(SessionRow::from_row(row, "s_")?)?,
            guest: guests::to_domain(GuestRow::from_row(row, "u_")?)?,
            admission: Admission::read(row)?,
        })
    }
}

/// Hot: what a code stands for, in one round trip.
pub(crate) static FAMILY: Sql = Sql::new(|| format!("SELECT {} WHERE g.id = $1", family_columns_from()));

/// The columns of a [`GrantFamily`], and where they come from.
pub(crate) fn family_columns_from() -> String {
    format!(
        "{}, {}, {}, {} FROM grants g JOIN sessions s ON s.id = g.session JOIN guests u ON u.id = g.guest {}",
        joined("g", GrantRow::COLUMNS),
        joined("s", SessionRow::COLUMNS),
        joined("u", GuestRow::COLUMNS),
        Admission::columns(),
        Admission::joins("g.guest", "g.app")
    )
}

fn to_domain(row: GrantRow) -> Result<Grant, StoreError> {
    let place = Place::new("grants", row.id);
    let method = method_to_domain(&place, "method", Some(row.method), row.method_upstream)?;
    Ok(Grant {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        session: Id::from_uuid(row.session),
        scopes: Scopes::parse(&row.scopes),
        authentication: Authentication {
            means: passkeys::means(&place, method, row.mfa, row.passkey)?,
            at: from_millis(row.authenticated_at),
        },
        nonce: row.nonce,
        created_at: from_millis(row.created_at),
        revoked_at: value::opt_from_millis(row.revoked_at),
    })
}

impl<C: Reads> Db<C> {
    /// The grant of that row. The product reads one only with what led to it.
    #[cfg(feature = "testing")]
    pub async fn grant(&self, id: Id<Grant>) -> Result<Option<Grant>, StoreError> {
        let sql = crate::row::select(GrantRow::COLUMNS, "grants WHERE id = $1");
        let row = self.one::<GrantRow>(&sql, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// At most `limit` grants of which apps still hold something, with their guests, behind the one called `after`.
    pub async fn live_grants(
        &self,
        after: Option<Id<Grant>>,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Grant, Guest)>, StoreError> {
        let after = after.map_or(Uuid::nil(), Id::uuid);
        let values = [after.into(), value::at(now), i64::from(limit).into()];
        self.rows(&LIVE, values, |row| {
            let grant = to_domain(GrantRow::from_row(row, "g_")?)?;
            let guest = guests::to_domain(GuestRow::from_row(row, "u_")?)?;
            Ok((grant, guest))
        })
        .await
    }

    /// What a grant stands for; `None` when a part of it is gone.
    async fn family(&self, id: Uuid) -> Result<Option<GrantFamily>, StoreError> {
        self.row(&FAMILY, [id.into()], GrantFamily::read).await
    }
}

impl Tx {
    /// Keeps a new grant with its code, and which sign-in it came from. `expires_at` is when nothing of it counts any more:
    /// then it is swept. A code that is there already is a conflict.
    pub async fn insert_grant(
        &self,
        grant: &Grant,
        code: &AuthorizationCode,
        sign_in: Option<Id<SignIn>>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (method, upstream) = method_to_row(Some(grant.authentication.method()));
        self.insert(
            "grants",
            [
                ("id", value::id(grant.id)),
                ("guest", value::id(grant.guest)),
                ("app", value::id(grant.app)),
                ("session", value::id(grant.session)),
                ("sign_in", sign_in.map(Id::uuid).into()),
                ("scopes", grant.scopes.to_string().into()),
                ("method", method.into()),
                ("method_upstream", upstream.into()),
                ("authenticated_at", value::at(grant.authentication.at)),
                ("mfa", grant.authentication.means.mfa().into()),
                (
                    "passkey",
                    grant.authentication.means.passkey().map(PasskeyKind::name).into(),
                ),
                ("nonce", grant.nonce.clone().into()),
                ("created_at", value::at(grant.created_at)),
                ("expires_at", value::at(expires_at)),
                ("code_hash", value::hash(&code.hash)),
                ("redirect_uri", code.redirect_uri.as_str().into()),
                (
                    "challenge",
                    code.challenge
                        .as_ref()
                        .map(CodeChallenge::to_text)
                        .unwrap_or_default()
                        .into(),
                ),
                ("code_expires_at", value::at(code.expires_at)),
            ],
        )
        .await
    }

    /// Revokes a grant and everything that came of it; says whether it was not revoked before. Its access tokens and
    /// refresh tokens end with it in that moment, because they are only ever read together with it. All rows stay
    /// until the grant is swept, so that a later reuse is still recognised.
    pub async fn revoke_grant(&self, id: Id<Grant>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = self.run(REVOKE, [value::id(id), value::at(now)]).await?;
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
        let sql = if keep_offline {
            REVOKE_OF_SESSION_BUT_OFFLINE
        } else {
            REVOKE_OF_SESSION
        };
        self.revoke_all(sql, session.uuid(), now).await
    }

    /// Hands what came of a session on to the one that takes its place.
    pub async fn move_grants(&self, from: Id<Session>, to: Id<Session>) -> Result<(), StoreError> {
        self.run(MOVE, [value::id(from), value::id(to)]).await?;
        Ok(())
    }

    /// Revokes everything that a guest's apps hold; says which. The caller has locked the guest: a grant that another transaction moves
    /// to a new session of theirs meanwhile could not be found otherwise.
    pub async fn revoke_grants_of_guest(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        self.revoke_all(REVOKE_OF_GUEST, guest.uuid(), now).await
    }

    /// Revokes what one app holds of a guest; says how much. The guest is locked, as above.
    pub async fn revoke_grants_of_guest_at(
        &self,
        guest: Id<Guest>,
        app: Id<App>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.run(
            REVOKE_OF_GUEST_AT,
            [value::id(guest), value::id(app), value::at(now)],
        )
        .await
    }

    /// Revokes everything that came of a proof at an upstream, `offline_access` included; says which.
    pub async fn revoke_grants_of_upstream(
        &self,
        upstream: Id<Upstream>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        self.revoke_all(REVOKE_OF_UPSTREAM, upstream.uuid(), now).await
    }

    async fn revoke_all(
        &self,
        sql: &str,
        whose: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Grant>>, StoreError> {
        row! {
            struct Revoked {
                id: Uuid,
            }
        }
        let revoked = self.all::<Revoked>(sql, [whose.into(), value::at(now)]).await?;
        Ok(revoked.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }
}
