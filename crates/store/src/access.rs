//! Assignments, and what they and invitations mean together.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    access::{Access, AccessFacts, evaluate},
    app::App,
    guest::Guest,
    invitation::Assignment,
    time::from_millis,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Db, StoreError, Tx,
    entity::assignment::{Column, Entity, Model},
    value,
};

impl<C: ConnectionTrait> Db<C> {
    /// The guest's assignment to the app, current or not.
    pub async fn assignment(&self, guest: Id<Guest>, app: Id<App>) -> Result<Option<Assignment>, StoreError> {
        let row = self
            .one::<Model>(ASSIGNMENT, [value::id(guest), value::id(app)])
            .await?;
        Ok(row.map(to_domain))
    }

    /// All assignments of a guest.
    pub async fn assignments_of(&self, guest: Id<Guest>) -> Result<Vec<Assignment>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Guest.eq(guest.uuid()))
            .order_by_asc(Column::StartsAt)
            .order_by_asc(Column::App)
            .all(&self.connection)
            .await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// Whether the guest may enter the app now: loads what the rule depends on, and asks it.
    pub async fn access_of(
        &self,
        app: &App,
        guest: &Guest,
        now: DateTime<Utc>,
    ) -> Result<Access, StoreError> {
        let assignment = self.assignment(guest.id, app.id).await?;
        // An active assignment decides without the invitation; most sign-ins end here.
        let is_active = assignment
            .as_ref()
            .is_some_and(|assignment| assignment.is_active(now));
        let invitation = if is_active {
            None
        } else {
            self.newest_invitation(guest.id, app.id).await?
        };
        let standing = AccessFacts {
            app,
            guest,
            assignment: assignment.as_ref(),
            invitation: invitation.as_ref(),
        };
        Ok(evaluate(&standing, now))
    }
}

impl Tx {
    /// Assigns a guest to an app, in place of an earlier assignment.
    pub async fn put_assignment(&self, assignment: &Assignment) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO assignments (guest, app, starts_at, ends_at, reason, sponsor) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (guest, app) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, \
             reason = excluded.reason, sponsor = excluded.sponsor",
            [
                value::id(assignment.guest),
                value::id(assignment.app),
                value::at(assignment.starts_at),
                value::opt_millis(assignment.ends_at).into(),
                assignment.reason.clone().into(),
                assignment.sponsor.clone().into(),
            ],
        )
        .await?;
        Ok(())
    }
}

pub(crate) const ASSIGNMENT: &str =
    "SELECT guest, app, starts_at, ends_at, reason, sponsor FROM assignments WHERE guest = $1 AND app = $2";

fn to_domain(row: Model) -> Assignment {
    Assignment {
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        starts_at: from_millis(row.starts_at),
        ends_at: value::opt_from_millis(row.ends_at),
        reason: row.reason,
        sponsor: row.sponsor,
    }
}
