//! Leases: which replica does a job. A lease ends by itself when its holder dies.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{StoreError, Tx, value};

impl Tx {
    /// Takes or prolongs the lease of that name; says whether `holder` has it now.
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        for_: TimeDelta,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "INSERT INTO leases (name, holder, ends_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at \
                 WHERE leases.holder = excluded.holder OR leases.ends_at <= $4",
                [name.into(), holder.into(), value::at(now + for_), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Gives the lease back, if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM leases WHERE name = $1 AND holder = $2",
            [name.into(), holder.into()],
        )
        .await?;
        Ok(())
    }
}
