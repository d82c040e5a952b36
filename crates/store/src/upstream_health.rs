//! Upstreams that have failed lately, known to all replicas.

use chrono::{DateTime, Utc};
use domain::{
    method::Method,
    time::from_millis,
    upstream::{Health, Upstream, failed},
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    value::{self, Place},
};

#[derive(FromQueryResult)]
struct HealthRow {
    upstream: Uuid,
    failures: i64,
    failed_at: i64,
    down_until: Option<i64>,
}

impl<C: ConnectionTrait> Db<C> {
    /// The tenant or provider of a method; a code has none.
    pub async fn upstream(&self, of: Method) -> Result<Option<Upstream>, StoreError> {
        Ok(match of {
            Method::Federation(id) => self.tenant(id).await?.map(Upstream::from),
            Method::PersonalAccount(id) => self.provider(id).await?.map(Upstream::from),
            Method::Passcode => None,
        })
    }

    /// The tenant of that name; the provider where there is none.
    pub async fn upstream_called(&self, name: &str) -> Result<Option<Upstream>, StoreError> {
        if let Some(tenant) = self.tenant_by_name(name).await? {
            return Ok(Some(tenant.into()));
        }
        Ok(self.provider_by_name(name).await?.map(Upstream::from))
    }

    /// Whether nobody is sent to the upstream of a method at the moment.
    pub async fn is_down(&self, of: Method, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(upstream) = of.upstream() else {
            return Ok(false);
        };
        let row = self.one::<HealthRow>(HEALTH, [upstream.into()]).await?;
        let health = row.as_ref().map(to_domain).transpose()?;
        Ok(health.is_some_and(|health| health.is_down(now)))
    }
}

const HEALTH: &str =
    "SELECT upstream, failures, failed_at, down_until FROM upstream_health WHERE upstream = $1";

impl Tx {
    /// Whether the upstream of a method is there and enabled. It stays so until this transaction ends: whoever switches
    /// it off waits, and then finds the session that began here. A code needs no upstream.
    pub async fn hold_upstream(&self, of: Method) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct HeldRow {
            enabled: bool,
        }
        let (table, id) = match of {
            Method::Federation(id) => ("tenants", id.uuid()),
            Method::PersonalAccount(id) => ("providers", id.uuid()),
            Method::Passcode => return Ok(true),
        };
        let lock = if self.is_postgres() { " FOR SHARE" } else { "" };
        let sql = format!("SELECT enabled FROM {table} WHERE id = $1{lock}");
        let held = self.one::<HeldRow>(&sql, [id.into()]).await?;
        Ok(held.is_some_and(|held| held.enabled))
    }

    /// Notes that an upstream failed, and says how it stands now.
    pub async fn note_failure(&self, upstream: Uuid, now: DateTime<Utc>) -> Result<Health, StoreError> {
        // Two that fail at once both count.
        self.run(
            "INSERT INTO upstream_health (upstream, failures, failed_at) VALUES ($1, 0, 0) \
             ON CONFLICT (upstream) DO NOTHING",
            [upstream.into()],
        )
        .await?;
        let lock = self.for_update();
        let row = self
            .one::<HealthRow>(&format!("{HEALTH}{lock}"), [upstream.into()])
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
                upstream.into(),
                i64::from(health.failures).into(),
                value::at(health.failed_at),
                value::opt_millis(health.down_until).into(),
            ],
        )
        .await?;
        Ok(health)
    }

    /// Notes that an upstream answered; says whether it had been down.
    pub async fn note_success(&self, upstream: Uuid) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct Before {
            down_until: Option<i64>,
        }
        let before = self
            .one::<Before>(
                "DELETE FROM upstream_health WHERE upstream = $1 RETURNING down_until",
                [upstream.into()],
            )
            .await?;
        Ok(before.is_some_and(|before| before.down_until.is_some()))
    }
}

fn to_domain(row: &HealthRow) -> Result<Health, StoreError> {
    let place = Place::new("upstream_health", row.upstream);
    Ok(Health {
        failures: place.count("failures", row.failures)?,
        failed_at: from_millis(row.failed_at),
        down_until: value::opt_from_millis(row.down_until),
    })
}
