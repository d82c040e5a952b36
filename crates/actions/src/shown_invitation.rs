//! An invitation as programs see it: with whose it is, to what, and what became of its mail.

use chrono::{DateTime, Utc};
use domain::{app::App, group::Group, guest::Guest, invitation::Invitation};
use store::{Db, Reads, StoreError, Tx};

use super::{ActionError, By, DeliveryStatus, Version};

/// An invitation, and what is shown beside it.
#[derive(Clone, Debug)]
pub struct ShownInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The guest who is invited.
    pub guest: Guest,
    /// To what.
    pub app: App,
    /// The groups that it names.
    pub groups: Vec<Group>,
    /// What became of its newest mail.
    pub mail: DeliveryStatus,
}

impl ShownInvitation {
    /// Reads what belongs to the invitation. `None`: its guest or its app was removed in this moment.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn of<C: Reads>(db: &Db<C>, invitation: Invitation) -> Result<Option<Self>, StoreError> {
        let guest = db.guest(invitation.guest).await?;
        let app = db.app(invitation.app).await?;
        let Some((guest, app)) = guest.zip(app) else {
            return Ok(None);
        };
        let mail = DeliveryStatus::of(db, &invitation).await?;
        let groups = db.groups_of_invitation(invitation.id).await?;
        Ok(Some(Self {
            invitation,
            guest,
            app,
            groups,
            mail,
        }))
    }

    /// What it is at that moment: of everything that is shown.
    pub fn version(&self, now: DateTime<Utc>) -> Version {
        let standing = self.invitation.standing(now);
        let groups: Vec<&str> = self.group_names().collect();
        Version::of(&(
            &self.invitation,
            standing,
            &self.guest.email,
            &self.app.client_id,
            groups,
            &self.mail,
        ))
    }

    /// The names of the groups that it names.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.name.as_str())
    }
}

/// Refuses what is not as they have seen it who say so. The invitation is locked.
pub(super) async fn is_as_seen(
    tx: &Tx,
    by: &By,
    invitation: &Invitation,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    if !by.has_seen() {
        return Ok(());
    }
    match ShownInvitation::of(tx, invitation.clone()).await? {
        Some(shown) => by.check_version(&shown.version(now)),
        None => Err(ActionError::Changed),
    }
}
