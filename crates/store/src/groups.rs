//! Groups of guests, the apps that they may use, and who is in them.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    group::{Group, GroupAssignment},
    guest::Guest,
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    search::Search,
    value,
};

row! {
    pub(crate) struct GroupRow {
        id: Uuid,
        name: String,
        created_at: i64,
    }
}

row! {
    struct GroupAppRow {
        app: Uuid,
    }
}

row! {
    pub(crate) struct GroupAssignmentRow {
        guest: Uuid,
        group_id: Uuid,
        starts_at: i64,
        ends_at: Option<i64>,
        reason: Option<String>,
        sponsor: Option<String>,
    }
}

row! {
    struct HolderRow {
        guest: Uuid,
    }
}

static BY_NAME: Sql = Sql::new(|| select(GroupRow::COLUMNS, "guest_groups WHERE name = $1"));
static ALL: Sql = Sql::new(|| select(GroupRow::COLUMNS, "guest_groups ORDER BY name"));
const APPS: &str = "SELECT p.app FROM group_apps p JOIN apps a ON a.id = p.app WHERE p.group_id = $1 \
     ORDER BY a.client_id";
static ONE: Sql = Sql::new(|| {
    select(
        GroupAssignmentRow::COLUMNS,
        "group_assignments WHERE guest = $1 AND group_id = $2",
    )
});
/// Guests of a group of whom an app holds something.
pub(crate) const HOLDERS: &str = "SELECT s.guest FROM group_assignments m JOIN sessions s ON s.guest = m.guest \
     JOIN grants g ON g.session = s.id WHERE m.group_id = $1 AND g.app = $2 AND g.revoked_at IS NULL";
const COUNT_GROUPS: &str = "UPDATE assignments SET stands_alone = FALSE WHERE guest = $1 AND stands_alone \
     AND app IN (SELECT app FROM group_apps WHERE group_id = $2)";
const REMOVE: [&str; 3] = [
    "DELETE FROM group_assignments WHERE group_id = $1",
    "DELETE FROM group_apps WHERE group_id = $1",
    "DELETE FROM guest_groups WHERE id = $1",
];

/// The most groups of one guest.
const OF_ONE_GUEST: u64 = 10_000;

/// Which assignments to groups to list.
#[derive(Clone, Debug, Default)]
pub struct GroupAssignmentFilter {
    /// Those of this guest.
    pub guest: Option<Id<Guest>>,
    /// Those to this group.
    pub group: Option<Id<Group>>,
    /// Those that are behind this guest, in the order of the list.
    pub after: Option<Id<Guest>>,
    /// At most so many.
    pub limit: u64,
}

impl GroupAssignmentFilter {
    /// All of a guest.
    pub fn of(guest: Id<Guest>) -> Self {
        Self {
            guest: Some(guest),
            limit: OF_ONE_GUEST,
            ..Self::default()
        }
    }
}

impl<C: Reads> Db<C> {
    /// The group of that name.
    pub async fn group_named(&self, name: &str) -> Result<Option<Group>, StoreError> {
        if !value::is_text(name) {
            return Ok(None);
        }
        match self.one::<GroupRow>(&BY_NAME, [name.into()]).await? {
            Some(row) => self.with_apps(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// All groups, by name.
    pub async fn groups(&self) -> Result<Vec<Group>, StoreError> {
        let rows = self.all::<GroupRow>(&ALL, []).await?;
        self.all_with_apps(rows).await
    }

    pub(crate) async fn all_with_apps(&self, rows: Vec<GroupRow>) -> Result<Vec<Group>, StoreError> {
        let mut groups = Vec::new();
        for row in rows {
            groups.push(self.with_apps(row).await?);
        }
        Ok(groups)
    }

    async fn with_apps(&self, row: GroupRow) -> Result<Group, StoreError> {
        let apps = self.all::<GroupAppRow>(APPS, [row.id.into()]).await?;
        Ok(Group {
            id: Id::from_uuid(row.id),
            name: row.name,
            apps: apps.into_iter().map(|row| Id::from_uuid(row.app)).collect(),
            created_at: from_millis(row.created_at),
        })
    }

    /// Assignments to groups, by guest, those that are over as well.
    pub async fn group_assignments(
        &self,
        filter: &GroupAssignmentFilter,
    ) -> Result<Vec<GroupAssignment>, StoreError> {
        let mut search = Search::of(GroupAssignmentRow::COLUMNS, "group_assignments");
        if let Some(guest) = filter.guest {
            search.is("guest", guest.uuid());
        }
        if let Some(group) = filter.group {
            search.is("group_id", group.uuid());
        }
        if let Some(guest) = filter.after {
            search.only("guest > ?", [value::id(guest)]);
        }
        let found = search.ordered("guest, group_id", filter.limit);
        let rows = self.find::<GroupAssignmentRow>(found).await?;
        Ok(rows.into_iter().map(to_domain).collect())
    }

    /// The assignment of a guest to a group, also one that is over.
    pub async fn group_assignment(
        &self,
        guest: Id<Guest>,
        group: Id<Group>,
    ) -> Result<Option<GroupAssignment>, StoreError> {
        let row = self
            .one::<GroupAssignmentRow>(&ONE, [value::id(guest), value::id(group)])
            .await?;
        Ok(row.map(to_domain))
    }

    /// The guests of a group of whom one of its apps holds something, in the order of their ids.
    pub async fn holders_in_group(
        &self,
        group: Id<Group>,
        app: Id<App>,
    ) -> Result<Vec<Id<Guest>>, StoreError> {
        let rows = self
            .all::<HolderRow>(HOLDERS, [value::id(group), value::id(app)])
            .await?;
        let mut guests: Vec<Id<Guest>> = rows.into_iter().map(|row| Id::from_uuid(row.guest)).collect();
        guests.sort_unstable();
        guests.dedup();
        Ok(guests)
    }
}

impl Tx {
    /// The group of that name, locked until this transaction ends.
    pub async fn lock_group(&self, name: &str) -> Result<Option<Group>, StoreError> {
        if !value::is_text(name) {
            return Ok(None);
        }
        let sql = format!("{}{}", *BY_NAME, self.for_update());
        match self.one::<GroupRow>(&sql, [name.into()]).await? {
            Some(row) => self.with_apps(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Adds a group without its apps. A name that is in use is a conflict.
    pub async fn insert_group(&self, group: &Group) -> Result<(), StoreError> {
        let created_at = value::at(group.created_at);
        let cells = [("name", group.name.as_str().into()), ("created_at", created_at)];
        let id = [("id", value::id(group.id))];
        self.insert("guest_groups", id.into_iter().chain(cells)).await
    }

    /// Gives a group another name. One that is in use is a conflict.
    pub async fn rename_group(&self, group: Id<Group>, name: &str) -> Result<(), StoreError> {
        let cells = [("id", value::id(group)), ("name", name.into())];
        self.update("guest_groups", cells).await
    }

    /// Adds apps to a group. One that is gone is a conflict.
    pub async fn add_group_apps(&self, group: Id<Group>, apps: &[Id<App>]) -> Result<(), StoreError> {
        for app in apps {
            let cells = [("group_id", value::id(group)), ("app", value::id(*app))];
            self.insert("group_apps", cells).await?;
        }
        Ok(())
    }

    /// Takes apps out of a group.
    pub async fn remove_group_apps(&self, group: Id<Group>, apps: &[Id<App>]) -> Result<(), StoreError> {
        for app in apps {
            let sql = "DELETE FROM group_apps WHERE group_id = $1 AND app = $2";
            self.run(sql, [value::id(group), value::id(*app)]).await?;
        }
        Ok(())
    }

    /// Removes a group, with who was in it.
    pub async fn remove_group(&self, group: Id<Group>) -> Result<(), StoreError> {
        for sql in REMOVE {
            self.run(sql, [value::id(group)]).await?;
        }
        Ok(())
    }

    /// Assigns a guest to a group, in place of an earlier assignment to it.
    pub async fn put_group_assignment(&self, assignment: &GroupAssignment) -> Result<(), StoreError> {
        let key = [
            ("guest", value::id(assignment.guest)),
            ("group_id", value::id(assignment.group)),
        ];
        self.put(
            "group_assignments",
            key,
            [
                ("starts_at", value::at(assignment.starts_at)),
                ("ends_at", value::opt_millis(assignment.ends_at).into()),
                ("reason", assignment.reason.clone().into()),
                ("sponsor", assignment.sponsor.clone().into()),
            ],
        )
        .await
    }

    /// Lets groups count again beside what a guest has of the apps of this one.
    pub async fn count_groups(&self, guest: Id<Guest>, group: Id<Group>) -> Result<(), StoreError> {
        self.run(COUNT_GROUPS, [value::id(guest), value::id(group)])
            .await?;
        Ok(())
    }

    /// Ends a guest's assignment to a group now.
    pub async fn end_group_assignment(
        &self,
        guest: Id<Guest>,
        group: Id<Group>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE group_assignments SET ends_at = $3 WHERE guest = $1 AND group_id = $2";
        self.run(sql, [value::id(guest), value::id(group), value::at(now)])
            .await?;
        Ok(())
    }
}

pub(crate) fn to_domain(row: GroupAssignmentRow) -> GroupAssignment {
    GroupAssignment {
        guest: Id::from_uuid(row.guest),
        group: Id::from_uuid(row.group_id),
        starts_at: from_millis(row.starts_at),
        ends_at: value::opt_from_millis(row.ends_at),
        reason: row.reason,
        sponsor: row.sponsor,
    }
}
