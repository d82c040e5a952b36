//! Which provider the host of an address's domain named (WebFinger), as long as that counts. The address itself is not
//! kept: most that are typed belong to no guest.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, Id, Secret, SecretHash, upstream::Upstream};

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

row! {
    struct AskedRow {
        expires_at: i64,
    }
}

impl<C: Reads> Db<C> {
    /// Whether the host of the address's domain was asked, and what it said counts still.
    pub async fn has_webfinger(&self, email: &EmailAddress, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT expires_at FROM webfinger WHERE mailbox = $1";
        let row = self.one::<AskedRow>(sql, [value::hash(&mailbox(email))]).await?;
        Ok(row.is_some_and(|row| now < domain::time::from_millis(row.expires_at)))
    }
}

impl Tx {
    /// Keeps what the host of the address's domain said: a provider of ours, or none.
    pub async fn keep_webfinger(
        &self,
        email: &EmailAddress,
        provider: Option<Id<Upstream>>,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.put(
            "webfinger",
            [("mailbox", value::hash(&mailbox(email)))],
            [
                ("provider", provider.map(Id::uuid).into()),
                ("expires_at", value::at(until)),
            ],
        )
        .await
    }

    /// Forgets what the host of the address's domain said.
    pub(crate) async fn forget_webfinger(&self, email: &EmailAddress) -> Result<(), StoreError> {
        let sql = "DELETE FROM webfinger WHERE mailbox = $1";
        self.run(sql, [value::hash(&mailbox(email))]).await?;
        Ok(())
    }
}

/// What stands for the address where it is asked about.
pub(crate) fn mailbox(email: &EmailAddress) -> SecretHash {
    Secret::presented(format!("webfinger\n{}", email.key())).hash()
}
