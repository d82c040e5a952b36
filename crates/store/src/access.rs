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
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    row::{Sql, row, select},
    value,
};

row! {
    struct AssignmentRow {
        guest: Uuid,
        app: Uuid,
        starts_at: i64,
        ends_at: Option<i64>,
        reason: Option<String>,
        sponsor: Option<String>,
    }
}

pub(crate) static ASSIGNMENT: Sql = Sql::new(|| {
    select(
        AssignmentRow::COLUMNS,
        "assignments WHERE guest = $1 AND app = $2",
    )
});
static OF_GUEST: Sql = Sql::new(|| {
    select(
        AssignmentRow::COLUMNS,
        "assignments WHERE guest = $1 ORDER BY starts_at, app",
    )
});

impl<C: ConnectionTrait> Db<C> {
    /// The guest's assignment to the app, current or not.
    pub async fn assignment(&self, guest: Id<Guest>, app: Id<App>) -> Result<Option<Assignment>, StoreError> {
        let row = self
            .one::<AssignmentRow>(&ASSIGNMENT, [value::id(guest), value::id(app)])
            .await?;
        Ok(row.map(to_domain))
    }

    /// All assignments of a guest.
    pub async fn assignments_of(&self, guest: Id<Guest>) -> Result<Vec<Assignment>, StoreError> {
        let rows = self.all::<AssignmentRow>(&OF_GUEST, [value::id(guest)]).await?;
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
        self.put(
            "assignments",
            [
                ("guest", value::id(assignment.guest)),
                ("app", value::id(assignment.app)),
            ],
            [
                ("starts_at", value::at(assignment.starts_at)),
                ("ends_at", value::opt_millis(assignment.ends_at).into()),
                ("reason", assignment.reason.clone().into()),
                ("sponsor", assignment.sponsor.clone().into()),
            ],
        )
        .await
    }
}

fn to_domain(row: AssignmentRow) -> Assignment {
    Assignment {
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        starts_at: from_millis(row.starts_at),
        ends_at: value::opt_from_millis(row.ends_at),
        reason: row.reason,
        sponsor: row.sponsor,
    }
}
