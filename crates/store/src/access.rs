//! Assignments, and what they and invitations mean together.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    access::{Access, AccessFacts, AccessRefusal, evaluate, withdrawn},
    app::{AccessRule, App},
    assignment::Assignment,
    group::{Group, GroupAssignment},
    guest::Guest,
    invitation::Invitation,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx, apps,
    columns::{AnyRow, FromRow, row},
    groups::{self, GroupAssignmentRow},
    invitations::{self, InvitationRow},
    row::{Sql, joined, select},
    search::Search,
    value::{self, Place},
};

row! {
    struct AssignmentRow {
        guest: Uuid,
        app: Uuid,
        starts_at: i64,
        ends_at: Option<i64>,
        reason: Option<String>,
        sponsor: Option<String>,
        stands_alone: bool,
    }
}

row! {
    /// A row of the view of all that guests hold, their own and through groups.
    struct HeldRow {
        guest: Uuid,
        app: Uuid,
        starts_at: i64,
        ends_at: Option<i64>,
        reason: Option<String>,
        sponsor: Option<String>,
        stands_alone: bool,
        group_id: Option<Uuid>,
    }
}

static OF_GUEST: Sql = Sql::new(|| {
    select(
        HeldRow::COLUMNS,
        "held_assignments WHERE guest = $1 ORDER BY starts_at, app",
    )
});

const PUT: &str = "INSERT INTO assignments (guest, app, starts_at, ends_at, reason, sponsor, stands_alone) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (guest, app) DO UPDATE SET starts_at = excluded.starts_at, \
     ends_at = excluded.ends_at, reason = excluded.reason, sponsor = excluded.sponsor, \
     stands_alone = (assignments.stands_alone OR excluded.stands_alone)";

row! {
    struct RuleRow {
        id: Uuid,
        access: String,
        access_domains: String,
        disabled_at: Option<i64>,
    }
}

/// What access depends on, besides the guest: loaded with what leads to them, and never from memory.
#[derive(Clone, Debug)]
pub struct Admission {
    rule: AccessRule,
    is_app_disabled: bool,
    own: Option<Assignment>,
    /// Through the group that lets them in for longest.
    through: Option<GroupAssignment>,
    app: Id<App>,
    invitation: Option<Invitation>,
}

impl Admission {
    /// Its columns, for a statement with [`Self::joins`].
    pub(crate) fn columns() -> String {
        let app = joined("a", RuleRow::COLUMNS);
        let own = joined("n", AssignmentRow::COLUMNS);
        let through = joined("m", GroupAssignmentRow::COLUMNS);
        let invitation = joined("i", InvitationRow::COLUMNS);
        format!("{app}, {own}, {through}, {invitation}")
    }

    /// What follows the tables of a statement in which `guest` and `app` are the ids.
    pub(crate) fn joins(guest: &str, app: &str) -> String {
        format!(
            "JOIN apps a ON a.id = {app} LEFT JOIN assignments n ON n.guest = {guest} AND n.app = {app} \
             LEFT JOIN group_assignments m ON m.guest = {guest} AND m.group_id = (SELECT h.group_id \
             FROM group_assignments h JOIN group_apps p ON p.group_id = h.group_id AND p.app = {app} \
             WHERE h.guest = {guest} ORDER BY h.ends_at DESC NULLS FIRST LIMIT 1) \
             LEFT JOIN invitations i ON i.id = (SELECT id FROM invitations WHERE guest = {guest} AND app = {app} \
             ORDER BY created_at DESC, id DESC LIMIT 1)"
        )
    }

    pub(crate) fn read(row: &AnyRow<'_>) -> Result<Self, StoreError> {
        let app = RuleRow::from_row(row, "a_")?;
        let place = Place::new("apps", app.id);
        let invitation = row.optional::<InvitationRow>("i_", "id")?;
        Ok(Self {
            rule: apps::access_rule(&place, &app.access, &app.access_domains)?,
            is_app_disabled: app.disabled_at.is_some(),
            own: row
                .optional::<AssignmentRow>("n_", "guest")?
                .map(|own| to_domain(own.into())),
            through: row
                .optional::<GroupAssignmentRow>("m_", "guest")?
                .map(groups::to_domain),
            app: Id::from_uuid(app.id),
            invitation: invitation.map(invitations::to_domain).transpose()?,
        })
    }

    /// Whether the guest may enter the app now.
    pub fn access(&self, guest: &Guest, now: DateTime<Utc>) -> Access {
        let through = self.through();
        let assignment = Assignment::deciding(self.own.iter().chain(&through), now);
        evaluate(&self.facts(guest, assignment), now)
    }

    /// The assignment of the guest's own that ends their access now; `None` where there is nothing to end.
    fn withdrawn(&self, guest: &Guest, now: DateTime<Utc>) -> Option<Assignment> {
        let through = self.through();
        let assignment = Assignment::deciding(self.own.iter().chain(&through), now);
        withdrawn(&self.facts(guest, assignment), self.own.as_ref(), self.app, now)
    }

    fn through(&self) -> Option<Assignment> {
        self.through.clone().map(|through| Assignment {
            guest: through.guest,
            app: self.app,
            starts_at: through.starts_at,
            ends_at: through.ends_at,
            reason: through.reason,
            sponsor: through.sponsor,
            stands_alone: false,
            group: Some(through.group),
        })
    }

    fn facts<'a>(&'a self, guest: &'a Guest, assignment: Option<&'a Assignment>) -> AccessFacts<'a> {
        AccessFacts {
            rule: &self.rule,
            is_app_disabled: self.is_app_disabled,
            guest,
            assignment,
            invitation: self.invitation.as_ref(),
        }
    }
}

/// Hot: what decides about a guest and an app whose ids are known.
pub(crate) static ADMISSION: Sql = Sql::new(|| {
    format!(
        "SELECT {} FROM guests u {} WHERE u.id = $1",
        Admission::columns(),
        Admission::joins("u.id", "$2")
    )
});

/// Where an assignment stands in the list: guest, app, and the group that it is through.
pub type AssignmentPlace = (Id<Guest>, Id<App>, Option<Id<Group>>);

/// Which assignments to list.
#[derive(Clone, Debug)]
pub struct AssignmentFilter {
    /// Those of this guest.
    pub guest: Option<Id<Guest>>,
    /// Those to this app.
    pub app: Option<Id<App>>,
    /// Those through this group.
    pub group: Option<Id<Group>>,
    /// Those that are behind this one, in the order of the list.
    pub after: Option<AssignmentPlace>,
    /// At most so many.
    pub limit: u64,
}

impl<C: Reads> Db<C> {
    /// Assignments, by guest and app, a guest's own before those through groups, those that are over as well.
    pub async fn assignments(&self, filter: &AssignmentFilter) -> Result<Vec<Assignment>, StoreError> {
        let mut search = Search::of(HeldRow::COLUMNS, "held_assignments");
        if let Some(guest) = filter.guest {
            search.is("guest", guest.uuid());
        }
        if let Some(app) = filter.app {
            search.is("app", app.uuid());
        }
        if let Some(group) = filter.group {
            search.is("group_id", group.uuid());
        }
        if let Some((guest, app, group)) = filter.after {
            let (guest, app) = (value::id(guest), value::id(app));
            search.only("(guest, app) >= (?, ?)", [guest.clone(), app.clone()]);
            match group {
                None => search.only("(guest, app) > (?, ?) OR group_id IS NOT NULL", [guest, app]),
                Some(group) => search.only(
                    "(guest, app) > (?, ?) OR group_id > ?",
                    [guest, app, value::id(group)],
                ),
            }
        }
        // Databases differ in where NULL goes.
        let order = "guest, app, (group_id IS NOT NULL), group_id";
        let rows = self.find::<HeldRow>(search.ordered(order, filter.limit)).await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// Assignments that end behind `from` and until `to`, by their end, behind `after`. Of several of one guest to one app that end in the
    /// same moment, through groups, one may stand for the others.
    pub async fn assignments_ending(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<(DateTime<Utc>, Id<Guest>, Id<App>)>,
        limit: u64,
    ) -> Result<Vec<Assignment>, StoreError> {
        let mut search = Search::of(HeldRow::COLUMNS, "held_assignments");
        search.only("ends_at > ? AND ends_at <= ?", [value::at(from), value::at(to)]);
        if let Some((ends, guest, app)) = after {
            let values = [value::at(ends), value::id(guest), value::id(app)];
            search.only("(ends_at, guest, app) > (?, ?, ?)", values);
        }
        let rows = self
            .find::<HeldRow>(search.ordered("ends_at, guest, app", limit))
            .await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// All assignments of a guest, their own and through groups.
    pub async fn assignments_of(&self, guest: Id<Guest>) -> Result<Vec<Assignment>, StoreError> {
        let rows = self.all::<HeldRow>(&OF_GUEST, [value::id(guest)]).await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// Whether the guest may enter the app now: loads what the rule depends on, and asks it.
    pub async fn access_of(
        &self,
        app: Id<App>,
        guest: &Guest,
        now: DateTime<Utc>,
    ) -> Result<Access, StoreError> {
        let values = [value::id(guest.id), value::id(app)];
        let admission = self.row(&ADMISSION, values, Admission::read).await?;
        // Else the app or the guest was removed.
        Ok(
            admission.map_or(Access::Refuse(AccessRefusal::NotInvited), |admission| {
                admission.access(guest, now)
            }),
        )
    }
}

impl Tx {
    /// Assigns a guest to an app by an assignment of their own, in place of an earlier one. It stands alone where that one did.
    pub async fn put_assignment(&self, assignment: &Assignment) -> Result<(), StoreError> {
        let values = [
            value::id(assignment.guest),
            value::id(assignment.app),
            value::at(assignment.starts_at),
            value::opt_millis(assignment.ends_at).into(),
            assignment.reason.clone().into(),
            assignment.sponsor.clone().into(),
            assignment.stands_alone.into(),
        ];
        self.run(PUT, values).await?;
        Ok(())
    }

    /// Ends a guest's access to an app: their assignment is over from now on, or an app that they would be let into without
    /// one has one that is over; invitations that wait are revoked, and what the app holds of them. Whether anything changed. The caller has
    /// locked the guest: an invitation may be redeemed at the same moment.
    pub async fn end_access(
        &self,
        guest: &Guest,
        app: Id<App>,
        now: DateTime<Utc>,
    ) -> Result<Option<EndedAccess>, StoreError> {
        let values = [value::id(guest.id), value::id(app)];
        let admission = self.row(&ADMISSION, values, Admission::read).await?;
        let assignment = admission.and_then(|admission| admission.withdrawn(guest, now));
        if let Some(assignment) = &assignment {
            self.put_assignment(assignment).await?;
        }
        self.close_access_requests(guest.id, Some(app), now).await?;
        let invitations = self.revoke_invitations_to(guest.id, app, now).await?;
        let grants = self.revoke_grants_of_guest_at(guest.id, app, now).await?;
        let changed = assignment.is_some() || !invitations.is_empty() || grants > 0;
        Ok(changed.then_some(EndedAccess { invitations, grants }))
    }
}

/// What went with a guest's access to an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedAccess {
    /// The invitations that were revoked.
    pub invitations: Vec<Id<Invitation>>,
    /// How many grants were revoked, with their codes and tokens.
    pub grants: u64,
}

impl From<AssignmentRow> for HeldRow {
    fn from(own: AssignmentRow) -> Self {
        Self {
            guest: own.guest,
            app: own.app,
            starts_at: own.starts_at,
            ends_at: own.ends_at,
            reason: own.reason,
            sponsor: own.sponsor,
            stands_alone: own.stands_alone,
            group_id: None,
        }
    }
}

fn to_domain(row: HeldRow) -> Assignment {
    Assignment {
        guest: Id::from_uuid(row.guest),
        app: Id::from_uuid(row.app),
        starts_at: from_millis(row.starts_at),
        ends_at: value::opt_from_millis(row.ends_at),
        reason: row.reason,
        sponsor: row.sponsor,
        stands_alone: row.stands_alone,
        group: row.group_id.map(Id::from_uuid),
    }
}
