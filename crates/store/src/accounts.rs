//! Accounts of guests at upstreams. The issuer and its subject are the key; an address never is.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    guest::Guest,
    time::from_millis,
    upstream::{Account, Upstream},
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value,
};

row! {
    struct Owner {
        guest: Uuid,
    }
}

pub(crate) const OWNER: &str =
    "SELECT guest FROM accounts WHERE upstream = $1 AND issuer = $2 AND subject = $3";
pub(crate) const OF_GUEST: &str = "SELECT guest FROM accounts WHERE guest = $1 AND upstream = $2 LIMIT 1";

/// An account of a guest at an upstream, and its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedAccount {
    /// At which upstream.
    pub upstream: Id<Upstream>,
    /// The account.
    pub account: Account,
    /// When it became the guest's.
    pub created_at: DateTime<Utc>,
    /// When it last signed them in.
    pub last_used_at: DateTime<Utc>,
}

row! {
    struct LinkedAccountRow {
        upstream: Uuid,
        issuer: String,
        subject: String,
        created_at: i64,
        last_used_at: i64,
    }
}

static ALL_OF_GUEST: Sql = Sql::new(|| {
    let theirs = "accounts WHERE guest = $1 ORDER BY created_at, upstream, issuer, subject";
    select(LinkedAccountRow::COLUMNS, theirs)
});

impl<C: Reads> Db<C> {
    /// The guest's accounts, oldest first.
    pub async fn accounts_of(&self, guest: Id<Guest>) -> Result<Vec<LinkedAccount>, StoreError> {
        let rows = self
            .all::<LinkedAccountRow>(&ALL_OF_GUEST, [value::id(guest)])
            .await?;
        let accounts = rows.into_iter().map(|row| LinkedAccount {
            upstream: Id::from_uuid(row.upstream),
            account: Account {
                issuer: row.issuer,
                subject: row.subject,
            },
            created_at: from_millis(row.created_at),
            last_used_at: from_millis(row.last_used_at),
        });
        Ok(accounts.collect())
    }

    /// The guest whose account this is, at this upstream.
    pub async fn owner_of_account(
        &self,
        at: Id<Upstream>,
        account: &Account,
    ) -> Result<Option<Id<Guest>>, StoreError> {
        let values = [
            value::id(at),
            account.issuer.as_str().into(),
            account.subject.as_str().into(),
        ];
        let row = self.one::<Owner>(OWNER, values).await?;
        Ok(row.map(|row| Id::from_uuid(row.guest)))
    }

    /// Whether the guest has an account at this upstream.
    pub async fn has_account(&self, guest: Id<Guest>, at: Id<Upstream>) -> Result<bool, StoreError> {
        let row = self
            .one::<Owner>(OF_GUEST, [value::id(guest), value::id(at)])
            .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Gives an account to a guest. One that is somebody's already is a conflict.
    pub async fn insert_account(
        &self,
        guest: Id<Guest>,
        at: Id<Upstream>,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.insert(
            "accounts",
            [
                ("upstream", value::id(at)),
                ("issuer", account.issuer.as_str().into()),
                ("subject", account.subject.as_str().into()),
                ("guest", value::id(guest)),
                ("created_at", value::at(now)),
                ("last_used_at", value::at(now)),
            ],
        )
        .await
    }

    /// Notes that an account was used.
    pub async fn use_account(
        &self,
        at: Id<Upstream>,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE accounts SET last_used_at = $4 WHERE upstream = $1 AND issuer = $2 AND subject = $3",
            [
                value::id(at),
                account.issuer.as_str().into(),
                account.subject.as_str().into(),
                value::at(now),
            ],
        )
        .await?;
        Ok(())
    }

    /// Forgets all accounts of a guest; says how many there were.
    pub async fn remove_accounts_of(&self, guest: Id<Guest>) -> Result<u64, StoreError> {
        self.run("DELETE FROM accounts WHERE guest = $1", [value::id(guest)])
            .await
    }

    /// Spends a value until it is worthless anyway: `true` for the first who does, on whichever replica.
    pub async fn spend(&self, hash: &domain::SecretHash, ends_at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.insert_if_new(
            "spent",
            [("hash", value::hash(hash)), ("ends_at", value::at(ends_at))],
        )
        .await
    }
}
