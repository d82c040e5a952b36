//! Upstreams that have failed lately, known to all replicas.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    time::from_millis,
    upstream::{Upstream, UpstreamHealth, failed},
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::row,
    value::{self, Place},
};

row! {
    struct HealthRow {
        upstream: Uuid,
        failures: i64,
        failed_at: i64,
        down_until: Option<i64>,
    }
}

impl<C: Reads> Db<C> {
    /// Whether no guest is sent to an upstream at the moment.
    pub async fn is_down(&self, upstream: Id<Upstream>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = self.one::<HealthRow>(HEALTH, [value::id(upstream)]).await?;
        let health = row.as_ref().map(to_domain).transpose()?;
        Ok(health.is_some_and(|health| health.is_down(now)))
    }
}

const HEALTH: &str =
    "SELECT upstream, failures, failed_at, down_until FROM upstream_health WHERE upstream = $1";

impl Tx {
    /// Notes that an upstream failed, and says how it stands now.
    pub async fn note_failure(
        &self,
        upstream: Id<Upstream>,
        now: DateTime<Utc>,
    ) -> Result<UpstreamHealth, StoreError> {
        // Two that fail at once both count.
        self.run(
            "INSERT INTO upstream_health (upstream, failures, failed_at) VALUES ($1, 0, 0) \
             ON CONFLICT (upstream) DO NOTHING",
            [value::id(upstream)],
        )
        .await?;
        let lock = self.for_update();
        let row = self
            .one::<HealthRow>(&format!("{HEALTH}{lock}"), [value::id(upstream)])
            .await?;
        let before = row
            .as_ref()
            .map(to_domain)
            .transpose()?
            .filter(|health| health.failures > 0);
        let health = failed(before, now);
        self.run(
            "UPDATE upstream_health SET failures = $2, failed_at = $3, down_until = $4 WHERE upstream = $1",
            [
                value::id(upstream),
                i64::from(health.failures).into(),
                value::at(health.failed_at),
                value::opt_millis(health.down_until).into(),
            ],
        )
        .await?;
        Ok(health)
    }

    /// Notes that an upstream answered; says whether it had been down.
    pub async fn note_success(&self, upstream: Id<Upstream>) -> Result<bool, StoreError> {
        row! {
            struct Before {
                down_until: Option<i64>,
            }
        }
        let before = self
            .one::<Before>(
                "DELETE FROM upstream_health WHERE upstream = $1 RETURNING down_until",
                [value::id(upstream)],
            )
            .await?;
        Ok(before.is_some_and(|before| before.down_until.is_some()))
    }
}

fn to_domain(row: &HealthRow) -> Result<UpstreamHealth, StoreError> {
    let place = Place::new("upstream_health", row.upstream);
    Ok(UpstreamHealth {
        failures: place.count("failures", row.failures)?,
        failed_at: from_millis(row.failed_at),
        down_until: value::opt_from_millis(row.down_until),
    })
}
