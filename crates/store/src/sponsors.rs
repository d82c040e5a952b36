//! Who is answerable for guests and apps, and who has left.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, sponsor::Sponsor};
use sea_orm::Value;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{AnyRow, FromRow, row},
    value,
};

row! {
    struct SponsorRow {
        address: String,
        assignments: i64,
        apps: i64,
        removed_at: Option<i64>,
    }
}

row! {
    struct UnanswerableRow {
        address: String,
    }
}

/// Sponsors, from whatever lists them as `k`; `$1` is now.
fn select(of: &str) -> String {
    let held = |table: &str| {
        format!(
            "(SELECT COUNT(*) FROM {table} WHERE lower(sponsor) = k.address AND (ends_at IS NULL OR ends_at > $1))"
        )
    };
    format!(
        "SELECT k.address AS address, {} + {} AS assignments, \
         (SELECT COUNT(*) FROM apps WHERE lower(owner) = k.address) AS apps, r.removed_at AS removed_at \
         FROM ({of}) k LEFT JOIN removed_sponsors r ON r.address = k.address",
        held("assignments"),
        held("group_assignments"),
    )
}

/// Every address that is named anywhere. A name with a space is none.
const NAMED: &str = "SELECT lower(sponsor) AS address FROM assignments WHERE sponsor LIKE '%@%' AND sponsor NOT LIKE '% %' \
     UNION SELECT lower(sponsor) FROM group_assignments WHERE sponsor LIKE '%@%' AND sponsor NOT LIKE '% %' \
     UNION SELECT lower(owner) FROM apps WHERE owner IS NOT NULL \
     UNION SELECT address FROM removed_sponsors";

/// What names somebody as answerable for a guest, but for the successor themselves: nobody answers for themselves. Apps are changed one by
/// one. In the order in which redeeming an invitation writes them.
const HAND_OVER: [&str; 3] = [
    "UPDATE invitations SET reply_to = $2 WHERE lower(COALESCE(reply_to, invited_by)) = $1 \
     AND guest NOT IN (SELECT id FROM guests WHERE email_key = $3)",
    "UPDATE assignments SET sponsor = $2 WHERE lower(sponsor) = $1 \
     AND guest NOT IN (SELECT id FROM guests WHERE email_key = $3)",
    "UPDATE group_assignments SET sponsor = $2 WHERE lower(sponsor) = $1 \
     AND guest NOT IN (SELECT id FROM guests WHERE email_key = $3)",
];

/// Which sponsors to list.
#[derive(Clone, Debug, Default)]
pub struct SponsorFilter {
    /// Only those who have left.
    pub removed: bool,
    /// Those behind this address.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u64,
}

impl<C: Reads> Db<C> {
    /// Sponsors, and who was one, by their addresses.
    pub async fn sponsors(
        &self,
        filter: &SponsorFilter,
        now: DateTime<Utc>,
    ) -> Result<Vec<Sponsor>, StoreError> {
        let removed = if filter.removed {
            "AND r.removed_at IS NOT NULL"
        } else {
            ""
        };
        let sql = format!(
            "{} WHERE k.address > $2 {removed} ORDER BY k.address LIMIT $3",
            select(NAMED)
        );
        let values: Vec<Value> = vec![
            value::at(now),
            filter.after.clone().unwrap_or_default().into(),
            i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
        ];
        self.shared.count(&sql);
        let read = |row: &AnyRow<'_>| SponsorRow::from_row(row, "");
        // It looks through all assignments.
        let rows = self.connection.query_apart(&sql, values, read).await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// What there is of one, whoever they are.
    pub async fn sponsor(&self, address: &EmailAddress, now: DateTime<Utc>) -> Result<Sponsor, StoreError> {
        let sql = select("SELECT CAST($2 AS text) AS address");
        let values = [value::at(now), address.key().into()];
        let row = self.one::<SponsorRow>(&sql, values).await?;
        Ok(row.map_or_else(
            || Sponsor {
                address: address.key(),
                assignments: 0,
                apps: 0,
                removed_at: None,
            },
            to_domain,
        ))
    }

    /// Those of the addresses whose owners answer for nobody: sponsors who have left, and guests who are shut out or whose access has
    /// ended by date.
    pub async fn unanswerable(
        &self,
        addresses: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (1..=addresses.len()).map(|place| format!("${place}")).collect();
        let among = places.join(", ");
        let sql = format!(
            "SELECT address FROM removed_sponsors WHERE address IN ({among}) \
             UNION SELECT email_key FROM guests WHERE email_key IN ({among}) \
             AND (status IN ('blocked', 'removed') OR (status <> 'converted' AND valid_until <= ${now_at}))",
            now_at = addresses.len() + 1
        );
        let values = addresses.iter().map(|address| address.clone().into());
        let values: Vec<Value> = values.chain([value::at(now)]).collect();
        let rows = self.all::<UnanswerableRow>(&sql, values).await?;
        Ok(rows.into_iter().map(|row| row.address).collect())
    }
}

impl Tx {
    /// Has somebody else answer for all that one answered for: how many assignments and invitations name the other now.
    pub async fn hand_over(&self, from: &EmailAddress, to: &EmailAddress) -> Result<u64, StoreError> {
        let mut changed = 0;
        for sql in HAND_OVER {
            let values: [Value; 3] = [from.key().into(), to.as_str().into(), to.key().into()];
            changed += self.run(sql, values).await?;
        }
        Ok(changed)
    }

    /// Notes that somebody is a sponsor no more; says whether that is new.
    pub async fn remove_sponsor(
        &self,
        address: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO removed_sponsors (address, removed_at) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING";
        Ok(self.run(sql, [address.key().into(), value::at(now)]).await? == 1)
    }

    /// Notes that somebody may be a sponsor again; says whether that is new.
    pub async fn restore_sponsor(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        let sql = "DELETE FROM removed_sponsors WHERE address = $1";
        Ok(self.run(sql, [address.key().into()]).await? == 1)
    }
}

fn to_domain(row: SponsorRow) -> Sponsor {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    Sponsor {
        address: row.address,
        assignments: count(row.assignments),
        apps: count(row.apps),
        removed_at: value::opt_from_millis(row.removed_at),
    }
}
