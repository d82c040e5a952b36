//! Known devices: browsers in which somebody once proved a mailbox. They have a lane of their own past the
//! mailbox's limits, so that a stranger who uses those up cannot lock a guest out.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, SecretHash};
use sea_orm::Value;
use sha2::{Digest, Sha256};

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

/// How long a device is known after it was last seen.
const KNOWN_FOR: chrono::TimeDelta = chrono::TimeDelta::days(180);

pub(crate) const KNOWN: &str = "SELECT seen_at FROM devices WHERE token_hash = $1 AND mailbox = $2";

fn mailbox(email: &EmailAddress) -> Value {
    Sha256::digest(email.key().as_bytes()).to_vec().into()
}

impl<C: Reads> Db<C> {
    /// Whether somebody proved that mailbox in this browser lately.
    pub async fn knows_device(
        &self,
        token: &SecretHash,
        email: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        row! {
            struct DeviceRow {
                seen_at: i64,
            }
        }
        let row = self
            .one::<DeviceRow>(KNOWN, [value::hash(token), mailbox(email)])
            .await?;
        Ok(row.is_some_and(|row| row.seen_at > value::millis(now - KNOWN_FOR)))
    }
}

impl Tx {
    /// Remembers that somebody proved that mailbox in this browser.
    pub async fn remember_device(
        &self,
        token: &SecretHash,
        email: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let key = [("token_hash", value::hash(token)), ("mailbox", mailbox(email))];
        self.put("devices", key, [("seen_at", value::at(now))]).await
    }
}
