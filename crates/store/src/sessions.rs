//! Sessions: who a browser is.

use chrono::{DateTime, Utc};
use domain::{
    Id, SecretHash,
    app::App,
    guest::Guest,
    passkey::PasskeyKind,
    session::{Authentication, Session},
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
    row::{Sql, joined, select},
    value::{self, Place},
};

/// What a browser said of itself when it signed in; shown to the guest, never decided upon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenAs {
    /// `User-Agent`, shortened.
    pub user_agent: Option<String>,
    /// The network it came from, not the whole address.
    pub network: Option<String>,
}

row! {
    pub(crate) struct SessionRow {
        id: Uuid,
        guest: Uuid,
        method: String,
        method_upstream: Option<Uuid>,
        authenticated_at: i64,
        mfa: bool,
        passkey: Option<String>,
        expires_at: i64,
        ends_with_browser: bool,
        ended_at: Option<i64>,
    }
}

row! {
    struct SeenRow {
        user_agent: Option<String>,
        network: Option<String>,
    }
}

pub(crate) static BY_ID: Sql = Sql::new(|| select(SessionRow::COLUMNS, "sessions WHERE id = $1"));
pub(crate) static OF_GUEST: Sql = Sql::new(|| {
    let live = "sessions WHERE guest = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id DESC";
    let columns = [SessionRow::COLUMNS, SeenRow::COLUMNS].concat();
    select(&columns, live)
});
/// Those that have ended as well, as long as they are kept.
pub(crate) static KEPT_OF_GUEST: Sql = Sql::new(|| {
    let columns = [SessionRow::COLUMNS, SeenRow::COLUMNS].concat();
    select(&columns, "sessions WHERE guest = $1 ORDER BY id DESC")
});
/// Sessions that are live, by id.
static LIVE: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM sessions s JOIN guests u ON u.id = s.guest WHERE s.id > $1 \
         AND s.ended_at IS NULL AND s.expires_at > $2 ORDER BY s.id LIMIT $3",
        joined("s", SessionRow::COLUMNS),
        joined("u", GuestRow::COLUMNS)
    )
});
pub(crate) const END: &str = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
pub(crate) const END_OF_GUEST: &str =
    "UPDATE sessions SET ended_at = $2 WHERE guest = $1 AND ended_at IS NULL RETURNING id";

const END_BY_PASSKEY: &str = "UPDATE sessions SET ended_at = $2 \
     WHERE guest = $1 AND passkey IS NOT NULL AND ended_at IS NULL RETURNING id";

pub(crate) const END_CALLED: &str = "UPDATE sessions SET ended_at = $3 \
     WHERE method_upstream = $1 AND upstream_sid = $2 AND ended_at IS NULL RETURNING id, guest";
pub(crate) const END_OF_GUEST_AT: &str = "UPDATE sessions SET ended_at = $3 \
     WHERE method_upstream = $1 AND guest = $2 AND ended_at IS NULL RETURNING id, guest";

pub(crate) const END_ALL_AT: &str = "UPDATE sessions SET ended_at = $2 \
     WHERE method_upstream = $1 AND ended_at IS NULL RETURNING id, guest";

/// Which sessions an upstream ends.
#[derive(Clone, Copy, Debug)]
pub enum UpstreamSessions<'a> {
    /// Those that it calls so.
    Called(&'a str),
    /// All of a guest's that began there.
    Of(Id<Guest>),
    /// All that began there.
    All,
}

/// Hot: asked by nearly every page. Who signs in and whether they still may, in one round trip.
pub(crate) static BY_TOKEN: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM sessions s JOIN guests u ON u.id = s.guest WHERE s.token_hash = $1",
        joined("s", SessionRow::COLUMNS),
        joined("u", GuestRow::COLUMNS)
    )
});

/// Hot: asked by every request for authorization of a browser that has a session.
pub(crate) static BY_TOKEN_FOR_APP: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {}, {} FROM sessions s JOIN guests u ON u.id = s.guest {} WHERE s.token_hash = $1",
        joined("s", SessionRow::COLUMNS),
        joined("u", GuestRow::COLUMNS),
        Admission::columns(),
        Admission::joins("s.guest", "$2")
    )
});

pub(crate) fn to_domain(row: SessionRow) -> Result<Session, StoreError> {
    let place = Place::new("sessions", row.id);
    let method = method_to_domain(&place, "method", Some(row.method), row.method_upstream)?;
    Ok(Session {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        authentication: Authentication {
            means: passkeys::means(&place, method, row.mfa, row.passkey)?,
            at: from_millis(row.authenticated_at),
        },
        expires_at: from_millis(row.expires_at),
        ends_with_browser: row.ends_with_browser,
        ended_at: value::opt_from_millis(row.ended_at),
    })
}

fn with_guest(row: &AnyRow<'_>) -> Result<(Session, Guest), StoreError> {
    let session = to_domain(SessionRow::from_row(row, "s_")?)?;
    let guest = guests::to_domain(GuestRow::from_row(row, "u_")?)?;
    Ok((session, guest))
}

fn seen(row: &AnyRow<'_>) -> Result<(Session, SeenAs), StoreError> {
    let session = to_domain(SessionRow::from_row(row, "")?)?;
    let SeenRow { user_agent, network } = SeenRow::from_row(row, "")?;
    Ok((session, SeenAs { user_agent, network }))
}

impl<C: Reads> Db<C> {
    /// The session of that row.
    pub async fn session(&self, id: Id<Session>) -> Result<Option<Session>, StoreError> {
        let row = self.one::<SessionRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The session whose cookie this is, and its guest. Whether it still counts is the caller's question.
    pub async fn session_by_token(&self, token: &SecretHash) -> Result<Option<(Session, Guest)>, StoreError> {
        self.row(&BY_TOKEN, [value::hash(token)], with_guest).await
    }

    /// The same, with what decides whether the guest may enter the app.
    pub async fn session_for_app(
        &self,
        token: &SecretHash,
        app: Id<App>,
    ) -> Result<Option<(Session, Guest, Admission)>, StoreError> {
        let values = [value::hash(token), value::id(app)];
        self.row(&BY_TOKEN_FOR_APP, values, |row| {
            let (session, guest) = with_guest(row)?;
            Ok((session, guest, Admission::read(row)?))
        })
        .await
    }

    /// At most `limit` sessions that are live, with their guests, behind the one called `after`.
    pub async fn live_sessions(
        &self,
        after: Option<Id<Session>>,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Session, Guest)>, StoreError> {
        let after = after.map_or(Uuid::nil(), Id::uuid);
        let values = [after.into(), value::at(now), i64::from(limit).into()];
        self.rows(&LIVE, values, with_guest).await
    }

    /// The guest's sessions that have not ended, newest first.
    pub async fn sessions_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError> {
        let seen = self.sessions_seen_of(guest, now).await?;
        Ok(seen.into_iter().map(|(session, _)| session).collect())
    }

    /// The same, with what their browsers said of themselves.
    pub async fn sessions_seen_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Session, SeenAs)>, StoreError> {
        let values = [value::id(guest), value::at(now)];
        self.rows(&OF_GUEST, values, seen).await
    }

    /// The same, those that have ended among them.
    pub async fn sessions_kept_of(&self, guest: Id<Guest>) -> Result<Vec<(Session, SeenAs)>, StoreError> {
        self.rows(&KEPT_OF_GUEST, [value::id(guest)], seen).await
    }
}

impl Tx {
    /// Begins a session. The same token twice is a conflict.
    pub async fn insert_session(
        &self,
        session: &Session,
        token: &SecretHash,
        seen_as: &SeenAs,
    ) -> Result<(), StoreError> {
        let (method, upstream) = method_to_row(Some(session.authentication.method()));
        self.insert(
            "sessions",
            [
                ("id", value::id(session.id)),
                ("token_hash", value::hash(token)),
                ("guest", value::id(session.guest)),
                ("method", method.into()),
                ("method_upstream", upstream.into()),
                ("authenticated_at", value::at(session.authentication.at)),
                ("mfa", session.authentication.means.mfa().into()),
                (
                    "passkey",
                    session
                        .authentication
                        .means
                        .passkey()
                        .map(PasskeyKind::name)
                        .into(),
                ),
                ("expires_at", value::at(session.expires_at)),
                ("ends_with_browser", session.ends_with_browser.into()),
                ("user_agent", seen_as.user_agent.clone().into()),
                ("network", seen_as.network.clone().into()),
            ],
        )
        .await
    }

    /// Notes what the upstream of a session calls it.
    pub async fn name_upstream_session(&self, session: Id<Session>, sid: &str) -> Result<(), StoreError> {
        self.run(
            "UPDATE sessions SET upstream_sid = $2 WHERE id = $1",
            [value::id(session), sid.into()],
        )
        .await?;
        Ok(())
    }

    /// Ends the sessions that an upstream calls so, or those of a guest that began there; says which, and whose.
    pub async fn end_upstream_sessions(
        &self,
        upstream: Id<Upstream>,
        which: UpstreamSessions<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Id<Session>, Id<Guest>)>, StoreError> {
        row! {
            struct EndedRow {
                id: Uuid,
                guest: Uuid,
            }
        }
        let at = value::at(now);
        let (sql, values) = match which {
            UpstreamSessions::Called(sid) => (END_CALLED, vec![value::id(upstream), sid.into(), at]),
            UpstreamSessions::Of(guest) => (END_OF_GUEST_AT, vec![value::id(upstream), value::id(guest), at]),
            UpstreamSessions::All => (END_ALL_AT, vec![value::id(upstream), at]),
        };
        let ended = self.all::<EndedRow>(sql, values).await?;
        Ok(ended
            .into_iter()
            .map(|row| (Id::from_uuid(row.id), Id::from_uuid(row.guest)))
            .collect())
    }

    /// Ends a session; says whether it had not ended before.
    pub async fn end_session(&self, id: Id<Session>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = self.run(END, [value::id(id), value::at(now)]).await?;
        Ok(changed == 1)
    }

    /// Ends every session of a guest; says which.
    pub async fn end_sessions_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Session>>, StoreError> {
        self.end_by(END_OF_GUEST, guest, now).await
    }

    /// Ends those sessions of a guest that began by a passkey; says which.
    pub async fn end_passkey_sessions_of(
        &self,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Session>>, StoreError> {
        self.end_by(END_BY_PASSKEY, guest, now).await
    }

    async fn end_by(
        &self,
        sql: &str,
        guest: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Id<Session>>, StoreError> {
        row! {
            struct EndedRow {
                id: Uuid,
            }
        }
        let ended = self
            .all::<EndedRow>(sql, [value::id(guest), value::at(now)])
            .await?;
        Ok(ended.into_iter().map(|row| Id::from_uuid(row.id)).collect())
    }
}
