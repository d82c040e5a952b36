//! The guests of a list: what would come of each, and inviting them once.

use chrono::{DateTime, Utc};
use domain::{app::App, audit::Actor, guest::Guest};
use sign_in::Core;
use store::{Db, Reads, StoreError};

use super::{Invite, InvitedBy, Tried, check, invite_once, may_be_invited, may_come, named_app};
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
    let (found, _) = may_be_invited(&reader, invite, &checked, &app, taken_for, now).await?;
    let policies = &core.settings.resolution;
    let facts = reader
        .method_facts(&checked.email, found.as_ref(), policies, now)
        .await?;
    may_come(&method_resolution::resolve(&facts))?;
    if let Some(guest) = &found
        && let Some(already) = already(&reader, guest, &app, now).await?
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

/// Why a guest need not be invited to the app.
pub(super) async fn already<C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    app: &App,
    now: DateTime<Utc>,
) -> Result<Option<Already>, StoreError> {
    let invitation = db.newest_invitation(guest.id, app.id).await?;
    if invitation.is_some_and(|invitation| invitation.is_open(now)) {
        return Ok(Some(Already::Invited));
    }
    let assignments = db.assignments_of(guest.id).await?;
    let is_assigned = assignments
        .iter()
        .any(|assignment| assignment.app == app.id && assignment.is_active(now));
    Ok(is_assigned.then_some(Already::Assigned))
}
