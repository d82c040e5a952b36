//! Guests who ask for access, and the token of the link by which it is answered.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret, SecretHash,
    access_request::{AccessRequest, AccessRequestState},
    app::App,
    guest::Guest,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    link::MailedLink,
    row::{Sql, select},
    search::Search,
    value::{self, Place},
};

const LINK: MailedLink = MailedLink {
    purpose: "access request link",
    label: "access request",
};

row! {
    struct AccessRequestRow {
        id: Uuid,
        guest: Uuid,
        app: Uuid,
        token_hash: Vec<u8>,
        renews: Option<i64>,
        proven: bool,
        asked_of: String,
        state: String,
        created_at: i64,
        expires_at: i64,
    }
}

static BY_ID: Sql = Sql::new(|| select(AccessRequestRow::COLUMNS, "access_requests WHERE id = $1"));
static BY_TOKEN: Sql =
    Sql::new(|| select(AccessRequestRow::COLUMNS, "access_requests WHERE token_hash = $1"));
static NEWEST: Sql = Sql::new(|| {
    let newest = "access_requests WHERE guest = $1 AND app = $2 ORDER BY created_at DESC LIMIT 1";
    select(AccessRequestRow::COLUMNS, newest)
});

/// Which access requests to list.
#[derive(Clone, Debug, Default)]
pub struct AccessRequestFilter {
    /// Those that stand so at that moment; `Pending`: that can still be answered.
    pub state: Option<(AccessRequestState, DateTime<Utc>)>,
    /// Those of this guest.
    pub guest: Option<Id<Guest>>,
    /// Those for this app.
    pub app: Option<Id<App>>,
    /// Those that this person was asked.
    pub asked_of: Option<EmailAddress>,
    /// Those that are behind the one that was made then and has this id, in the order of the list.
    pub after: Option<(DateTime<Utc>, Id<AccessRequest>)>,
    /// At most so many.
    pub limit: u64,
}

impl AccessRequestFilter {
    /// Those that can be answered at that moment.
    pub fn open(now: DateTime<Utc>) -> Self {
        Self {
            state: Some((AccessRequestState::Pending, now)),
            ..Self::default()
        }
    }
}

impl<C: Reads> Db<C> {
    /// The request of that row.
    pub async fn access_request(&self, id: Id<AccessRequest>) -> Result<Option<AccessRequest>, StoreError> {
        let row = self.one::<AccessRequestRow>(&BY_ID, [value::id(id)]).await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// The request whose link this is.
    pub async fn access_request_by_token(
        &self,
        token: &SecretHash,
    ) -> Result<Option<AccessRequest>, StoreError> {
        let row = self
            .one::<AccessRequestRow>(&BY_TOKEN, [value::hash(token)])
            .await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// The token of the link by which it is answered; `None` when the master key that it was made under is no longer known.
    pub async fn token_of_access_request(&self, id: Id<AccessRequest>) -> Result<Option<Secret>, StoreError> {
        let row = self.one::<AccessRequestRow>(&BY_ID, [value::id(id)]).await?;
        Ok(row.and_then(|row| LINK.token_of_hash(self.master_keys(), id.uuid(), &row.token_hash)))
    }

    /// What the guest asked last of this app.
    pub async fn newest_access_request(
        &self,
        guest: Id<Guest>,
        app: Id<App>,
    ) -> Result<Option<AccessRequest>, StoreError> {
        let row = self
            .one::<AccessRequestRow>(&NEWEST, [value::id(guest), value::id(app)])
            .await?;
        row.as_ref().map(to_domain).transpose()
    }

    /// Access requests, newest first.
    pub async fn access_requests(
        &self,
        filter: &AccessRequestFilter,
    ) -> Result<Vec<AccessRequest>, StoreError> {
        let mut search = Search::of(AccessRequestRow::COLUMNS, "access_requests");
        if let Some((state, at)) = filter.state {
            search.is("state", state.name());
            if state == AccessRequestState::Pending {
                search.only("expires_at > ?", [value::at(at)]);
            }
        }
        if let Some(guest) = filter.guest {
            search.is("guest", guest.uuid());
        }
        if let Some(app) = filter.app {
            search.is("app", app.uuid());
        }
        if let Some(asked_of) = &filter.asked_of {
            search.is("lower(asked_of)", asked_of.key());
        }
        if let Some((made, id)) = filter.after {
            search.only("(created_at, id) < (?, ?)", [value::at(made), value::id(id)]);
        }
        let newest_first = search.ordered("created_at DESC, id DESC", filter.limit);
        let rows = self.find::<AccessRequestRow>(newest_first).await?;
        rows.iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Keeps a new request. One that the guest asked before of the same app can no longer be answered.
    pub async fn insert_access_request(&self, request: &AccessRequest) -> Result<(), StoreError> {
        self.close_access_requests(request.guest, Some(request.app), request.created_at)
            .await?;
        let token = LINK.token(self.master_keys(), request.id.uuid());
        self.insert(
            "access_requests",
            [
                ("id", value::id(request.id)),
                ("guest", value::id(request.guest)),
                ("app", value::id(request.app)),
                ("token_hash", value::hash(&token.hash())),
                ("renews", value::opt_millis(request.renews).into()),
                ("proven", request.proven.into()),
                ("asked_of", request.asked_of.as_str().into()),
                ("state", request.state.name().into()),
                ("state_since", value::at(request.created_at)),
                ("created_at", value::at(request.created_at)),
                ("expires_at", value::at(request.expires_at)),
            ],
        )
        .await
    }

    /// Closes what was asked about a guest's access, to one app or to every: it can no longer be answered.
    pub async fn close_access_requests(
        &self,
        guest: Id<Guest>,
        app: Option<Id<App>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE access_requests SET expires_at = $2 WHERE guest = $1 AND state = 'pending' AND expires_at > $2";
        let mut values = vec![value::id(guest), value::at(now)];
        match app {
            Some(app) => {
                values.push(value::id(app));
                self.run(&format!("{sql} AND app = $3"), values).await?
            }
            None => self.run(sql, values).await?,
        };
        Ok(())
    }

    /// How many were asked of that address since then.
    pub async fn asked_of_since(
        &self,
        asked_of: &EmailAddress,
        since: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        row! {
            struct AskedOften {
                times: i64,
            }
        }
        let sql =
            "SELECT COUNT(*) AS times FROM access_requests WHERE lower(asked_of) = $1 AND created_at > $2";
        let row = self
            .one::<AskedOften>(sql, [asked_of.key().into(), value::at(since)])
            .await?;
        Ok(row.map_or(0, |row| u64::try_from(row.times).unwrap_or(0)))
    }

    /// Answers a request that is open; says whether it was. Of any number who answer at once one is told so.
    pub async fn answer_access_request(
        &self,
        id: Id<AccessRequest>,
        answer: AccessRequestState,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE access_requests SET state = $2, state_since = $3 \
                   WHERE id = $1 AND state = 'pending' AND expires_at > $3";
        let changed = self
            .run(sql, [value::id(id), answer.name().into(), value::at(now)])
            .await?;
        Ok(changed == 1)
    }
}

fn to_domain(row: &AccessRequestRow) -> Result<AccessRequest, StoreError> {
    let place = Place::new("access_requests", row.id);
    Ok(AccessRequest {
        id: Id::from_uuid(row.id),
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        renews: value::opt_from_millis(row.renews),
        proven: row.proven,
        asked_of: place.require("asked_of", EmailAddress::stored(&row.asked_of).ok())?,
        state: place.require("state", AccessRequestState::parse(&row.state))?,
        created_at: from_millis(row.created_at),
        expires_at: from_millis(row.expires_at),
    })
}
