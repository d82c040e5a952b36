//! The guests of a list: what would come of each, and inviting them once.

use chrono::{DateTime, Utc};
use domain::{app::App, audit::Actor, group::Group, guest::Guest};
use sign_in::Core;
use store::{Db, Reads, StoreError};

use super::{
    Invite, InvitedBy, Tried, check, groups_called, into_groups::lacking, invite_once, may_be_invited,
    may_come, named_app,
};
use crate::{ActionError, look_alike::look_alike};

/// A guest who need not be invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    /// An invitation to the app waits for them.
    Invited,
    /// They are assigned to the app.
    Assigned,
}

impl Already {
    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Invited => "is invited already",
            Self::Assigned => "has access already",
        }
    }
}

/// What would come of an invite, or what came of one from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// An invitation, to a guest whom the directory does not know.
    NewGuest,
    /// An invitation, to one whom it knows.
    KnownGuest,
    /// None.
    Already(Already),
}

/// Says what [`invite_listed`] would do.
///
/// # Errors
///
/// Those of [`invite_guest`], but the limit of an inviter's day.
pub async fn foresee(core: &Core, invite: &Invite) -> Result<Listed, ActionError> {
    let now = core.now();
    let checked = check(invite, now)?;
    let taken_for = look_alike(core, &checked.email).await?;
    let reader = core.store.reader();
    let app = named_app(&reader, invite).await?;
    let groups = groups_called(&reader, &invite.groups).await?;
    let (found, _) = may_be_invited(&reader, invite, &checked, &app, taken_for, now).await?;
    let policies = &core.settings.resolution;
    let facts = reader
        .method_facts(&checked.email, found.as_ref(), policies, now)
        .await?;
    may_come(&method_resolution::resolve(&facts))?;
    if let Some(guest) = &found
        && let Some(already) = already(&reader, guest, &app, &groups, now).await?
    {
        return Ok(Listed::Already(already));
    }
    Ok(if found.is_some() {
        Listed::KnownGuest
    } else {
        Listed::NewGuest
    })
}

/// Invites a guest of a list that an operator has looked through, unless they need not be: a list may be read twice, by two at
/// once, or be broken off, and each guest is invited once. It does not count as one of the inviter's day.
///
/// # Errors
///
/// Those of [`invite_guest`], but the limit of an inviter's day.
pub async fn invite_listed(core: &Core, by: Actor, invite: &Invite) -> Result<Listed, ActionError> {
    let foreseen = foresee(core, invite).await?;
    if matches!(foreseen, Listed::Already(_)) {
        return Ok(foreseen);
    }
    Ok(match invite_once(core, &by, invite, InvitedBy::List).await? {
        Tried::Invited(_) => foreseen,
        Tried::Already(already) => Listed::Already(already),
    })
}

/// Why a guest need not be invited to the app and into the groups.
///
/// # Errors
///
/// They need not be to the app, and would not come into one of the groups: that is another act.
pub(super) async fn already<C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    app: &App,
    groups: &[Group],
    now: DateTime<Utc>,
) -> Result<Option<Already>, ActionError> {
    let invitation = db.newest_invitation(guest.id, app.id).await?;
    let waiting = invitation.filter(|invitation| invitation.is_open(now));
    let is_assigned = is_assigned(db, guest, app, now).await?;
    let already = match &waiting {
        Some(_) => Already::Invited,
        None if is_assigned => Already::Assigned,
        None => return Ok(None),
    };
    // Who has access redeems nothing.
    let waiting = waiting.filter(|_| !is_assigned);
    match lacking(db, guest, groups, waiting.as_ref(), now).await? {
        None => Ok(Some(already)),
        Some(group) => Err(ActionError::Conflict(format!(
            "the guest {}, and not into the group \"{}\": assign them to it",
            already.words(),
            group.name
        ))),
    }
}

/// Whether a guest has access to the app, of their own or through a group.
pub(super) async fn is_assigned<C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    app: &App,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let held = db.assignments_of(guest.id).await?;
    Ok(held.iter().any(|held| held.app == app.id && held.is_active(now)))
}
