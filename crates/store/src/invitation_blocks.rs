//! Guests who do not want to be invited to anything any more.

use chrono::{DateTime, Utc};
use domain::{Id, guest::Guest, time::from_millis};

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

row! {
    struct BlockRow {
        since: i64,
    }
}

const OF_GUEST: &str = "SELECT since FROM invitation_blocks WHERE guest = $1";

impl<C: Reads> Db<C> {
    /// Since when the guest does not want to be invited; `None`: they may be.
    pub async fn invitations_blocked_since(
        &self,
        guest: Id<Guest>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = self.one::<BlockRow>(OF_GUEST, [value::id(guest)]).await?;
        Ok(row.map(|row| from_millis(row.since)))
    }
}

impl Tx {
    /// Notes that a guest does not want to be invited any more; says whether that is new.
    pub async fn block_invitations(&self, guest: Id<Guest>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql =
            "INSERT INTO invitation_blocks (guest, since) VALUES ($1, $2) ON CONFLICT (guest) DO NOTHING";
        Ok(self.run(sql, [value::id(guest), value::at(now)]).await? == 1)
    }

    /// Notes that a guest may be invited again; says whether that is new.
    pub async fn allow_invitations(&self, guest: Id<Guest>) -> Result<bool, StoreError> {
        let sql = "DELETE FROM invitation_blocks WHERE guest = $1";
        Ok(self.run(sql, [value::id(guest)]).await? == 1)
    }
}
