//! The groups into which an invitation brings its guest.

use domain::{Id, group::Group, invitation::Invitation};

use crate::{
    Db, Reads, StoreError, Tx,
    columns::FromRow,
    groups::GroupRow,
    row::{Sql, select},
    value,
};

static OF_INVITATION: Sql = Sql::new(|| {
    let named = "guest_groups WHERE id IN (SELECT group_id FROM invitation_groups WHERE invitation = $1) ORDER BY name";
    select(GroupRow::COLUMNS, named)
});

impl<C: Reads> Db<C> {
    /// The groups that an invitation names, by name.
    pub async fn groups_of_invitation(&self, invitation: Id<Invitation>) -> Result<Vec<Group>, StoreError> {
        let rows = self
            .all::<GroupRow>(&OF_INVITATION, [value::id(invitation)])
            .await?;
        self.all_with_apps(rows).await
    }
}

impl Tx {
    /// The groups that an invitation names, by name, none of which goes before this transaction ends.
    pub async fn hold_groups_of_invitation(
        &self,
        invitation: Id<Invitation>,
    ) -> Result<Vec<Group>, StoreError> {
        let hold = if self.is_postgres() { " FOR SHARE" } else { "" };
        let sql = format!("{}{hold}", *OF_INVITATION);
        let rows = self.all::<GroupRow>(&sql, [value::id(invitation)]).await?;
        self.all_with_apps(rows).await
    }

    /// Has a new invitation name groups. One that is gone is a conflict.
    pub async fn add_invitation_groups(
        &self,
        invitation: Id<Invitation>,
        groups: &[Group],
    ) -> Result<(), StoreError> {
        for group in groups {
            let cells = [
                ("invitation", value::id(invitation)),
                ("group_id", value::id(group.id)),
            ];
            self.insert("invitation_groups", cells).await?;
        }
        Ok(())
    }
}
