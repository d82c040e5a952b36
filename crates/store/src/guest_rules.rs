//! What the rules of a guest's life look at, for many guests or for one.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    guest::Guest,
    guest_rule::{GuestRule, RuleCondition, RuleFacts},
};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{AnyRow, FromRow},
    guests::{self, GuestRow},
    row::{Sql, joined},
    value::{self, Place},
};

static ONE: Sql = Sql::new(|| select("u.id = $2"));

/// Guests whom a rule may be about, each with what it looks at, in the order of their ids. `$1` is now.
fn select(which: &str) -> String {
    format!(
        "SELECT {}, t.noticed_at AS f_noticed_at, t.rule AS f_rule, \
         (SELECT MAX(starts_at) FROM held_assignments WHERE guest = u.id) AS f_last_start, \
         (SELECT MAX(created_at) FROM invitations WHERE guest = u.id) AS f_last_invitation, \
         (SELECT MAX(ends_at) FROM held_assignments WHERE guest = u.id AND ends_at <= $1) AS f_last_end, \
         (SELECT MAX(expires_at) FROM invitations WHERE guest = u.id AND expires_at <= $1) AS f_last_lapse, \
         EXISTS (SELECT 1 FROM held_assignments WHERE guest = u.id AND (ends_at IS NULL OR ends_at > $1)) \
         OR EXISTS (SELECT 1 FROM invitations WHERE guest = u.id AND state = 'pending' AND expires_at > $1) AS f_has_access, \
         (SELECT CASE WHEN COUNT(*) = COUNT(r.removed_at) THEN MAX(CASE WHEN h.starts_at > r.removed_at THEN h.starts_at ELSE r.removed_at END) END FROM held_assignments h \
         LEFT JOIN removed_sponsors r ON r.address = lower(h.sponsor) \
         WHERE h.guest = u.id AND (h.ends_at IS NULL OR h.ends_at > $1) AND NOT EXISTS (SELECT 1 FROM invitations \
         WHERE guest = u.id AND state = 'pending' AND expires_at > $1)) AS f_sponsors_left \
         FROM guests u LEFT JOIN guest_notices t ON t.guest = u.id \
         WHERE u.status IN ('invited', 'active') AND {which}",
        joined("u", GuestRow::COLUMNS)
    )
}

fn read(row: &AnyRow<'_>) -> Result<(Guest, RuleFacts), StoreError> {
    let at = |column| row.get::<Option<i64>>("f_", column).map(value::opt_from_millis);
    let guest = guests::to_domain(GuestRow::from_row(row, "u_")?)?;
    let place = Place::new("guest_notices", guest.id.uuid());
    let rule = match row.get::<Option<String>>("f_", "rule")? {
        Some(word) => Some(place.require("rule", RuleCondition::parse(&word))?),
        None => None,
    };
    let lapse = at("last_lapse")?;
    let facts = RuleFacts {
        last_offer: at("last_start")?.max(at("last_invitation")?),
        last_end: at("last_end")?.map(|end| lapse.map_or(end, |lapse| lapse.max(end))),
        has_access: row.get("f_", "has_access")?,
        sponsors_left: at("sponsors_left")?,
        notice: rule.zip(at("noticed_at")?),
    };
    Ok((guest, facts))
}

impl<C: Reads> Db<C> {
    /// The next guests whom one of the rules may be about now, at most `limit`, behind the one called `after`. Who has signed in too
    /// lately for any of them is not among them.
    pub async fn guests_under_rules(
        &self,
        rules: &[GuestRule],
        after: Option<Id<Guest>>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(Guest, RuleFacts)>, StoreError> {
        let mut values: Vec<Value> = vec![value::at(now), after.map_or(Uuid::nil(), Id::uuid).into()];
        let mut about = Vec::new();
        for rule in rules {
            // A notice comes that long before the act.
            values.push(value::at(now - rule.after + rule.notice));
            let moment = values.len();
            about.push(match rule.when {
                RuleCondition::Inactive => format!("u.last_sign_in_at <= ${moment}"),
                RuleCondition::NeverRedeemed => {
                    format!("u.redeemed_at IS NULL AND u.created_at <= ${moment}")
                }
                RuleCondition::Unassigned => {
                    format!(
                        "EXISTS (SELECT 1 FROM held_assignments WHERE guest = u.id AND ends_at <= ${moment})"
                    )
                }
                RuleCondition::SponsorGone => format!(
                    "EXISTS (SELECT 1 FROM held_assignments h JOIN removed_sponsors r ON r.address = lower(h.sponsor) \
                     WHERE h.guest = u.id AND r.removed_at <= ${moment})"
                ),
            });
        }
        if about.is_empty() {
            return Ok(Vec::new());
        }
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let which = format!(
            "u.id > $2 AND ({}) ORDER BY u.id LIMIT ${}",
            about.join(" OR "),
            values.len()
        );
        self.shared.count(&which);
        self.connection.query_apart(&select(&which), values, read).await
    }
}

impl<C: Reads> Db<C> {
    /// What rules look at for a guest whom they may be about.
    pub async fn guest_under_rules(
        &self,
        id: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Option<(Guest, RuleFacts)>, StoreError> {
        self.row(&ONE, [value::at(now), value::id(id)], read).await
    }
}

impl Tx {
    /// What rules look at for a guest whom they may be about, who is locked until this transaction ends.
    pub async fn lock_guest_under_rules(
        &self,
        id: Id<Guest>,
        now: DateTime<Utc>,
    ) -> Result<Option<(Guest, RuleFacts)>, StoreError> {
        if self.lock_guest(id).await?.is_none() {
            return Ok(None);
        }
        self.guest_under_rules(id, now).await
    }

    /// Notes that the guest was told of a rule.
    pub async fn put_guest_notice(
        &self,
        guest: Id<Guest>,
        rule: RuleCondition,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.put(
            "guest_notices",
            [("guest", value::id(guest))],
            [("rule", rule.name().into()), ("noticed_at", value::at(now))],
        )
        .await
    }
}
