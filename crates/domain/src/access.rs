//! Who may enter what. Two questions: may this address receive a code for this app (asked before anything is
//! proven, and answered in secret), and may this proven guest enter (asked at every authorization, exchange
//! and refresh).

use chrono::{DateTime, Utc};

use crate::{
    EmailAddress, Id,
    app::{AccessRule, App},
    assignment::Assignment,
    guest::{Guest, GuestStatus},
    invitation::Invitation,
};

/// What is known about a guest and an app together.
#[derive(Clone, Copy, Debug)]
pub struct AccessFacts<'a> {
    /// Whom the app is for.
    pub rule: &'a AccessRule,
    /// Whether the app is switched off.
    pub is_app_disabled: bool,
    /// The guest.
    pub guest: &'a Guest,
    /// The one of their assignments to it that decides, current or not ([`Assignment::deciding`]).
    pub assignment: Option<&'a Assignment>,
    /// Their newest invitation to it, open or not.
    pub invitation: Option<&'a Invitation>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Come in.
    Allow,
    /// Come in, and this invitation is thereby redeemed.
    AllowByInvitation(Id<Invitation>),
    /// Stay out.
    Refuse(AccessRefusal),
}

/// Why a proven guest may not enter. The guest reads a page; the app reads `access_denied`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessRefusal {
    /// An operator shut the guest out.
    Blocked,
    /// The guest works for the organisation by now.
    Converted,
    /// The guest was taken out of the directory.
    Removed,
    /// The guest's access ended by date.
    Expired,
    /// The app is switched off.
    AppDisabled,
    /// Never invited to this app, or the invitation was taken back.
    NotInvited,
    /// Invited, but the invitation lapsed before the first sign-in.
    InvitationLapsed,
    /// The assignment is over.
    AssignmentEnded,
    /// The assignment has not begun.
    AssignmentNotBegun,
}

impl AccessRefusal {
    /// The word for the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Converted => "converted",
            Self::Removed => "removed",
            Self::Expired => "expired",
            Self::AppDisabled => "app_disabled",
            Self::NotInvited => "not_invited",
            Self::InvitationLapsed => "invitation_lapsed",
            Self::AssignmentEnded => "assignment_ended",
            Self::AssignmentNotBegun => "assignment_not_begun",
        }
    }
}

/// Whether the guest may enter the app now:
///
/// 1. an app that is switched off admits no guest, and no app admits one who is blocked, converted, removed or
///    expired;
/// 2. an active assignment admits, their own or through a group;
/// 3. an open invitation admits, and is redeemed by it;
/// 4. an app for a domain or for any guest admits the guests it is for, unless their own assignment to it is over or has not begun; My
///    access admits all;
/// 5. everyone else stays out, with the most telling reason.
pub fn evaluate(standing: &AccessFacts<'_>, now: DateTime<Utc>) -> Access {
    let AccessFacts {
        rule,
        is_app_disabled,
        guest,
        assignment,
        invitation,
    } = *standing;
    if is_app_disabled {
        return Access::Refuse(AccessRefusal::AppDisabled);
    }
    match guest.status {
        GuestStatus::Invited | GuestStatus::Active => {}
        GuestStatus::Blocked => return Access::Refuse(AccessRefusal::Blocked),
        GuestStatus::Converted => return Access::Refuse(AccessRefusal::Converted),
        GuestStatus::Removed => return Access::Refuse(AccessRefusal::Removed),
    }
    if guest.is_expired(now) {
        return Access::Refuse(AccessRefusal::Expired);
    }
    if assignment.is_some_and(|assignment| assignment.is_active(now)) {
        return Access::Allow;
    }
    if let Some(invitation) = invitation.filter(|invitation| invitation.is_open(now)) {
        return Access::AllowByInvitation(invitation.id);
    }
    // What a group gave and gives no more says nothing against a guest.
    let is_said_of_them = assignment.is_some_and(|assignment| assignment.group.is_none());
    if !is_said_of_them && (*rule == AccessRule::InDirectory || admits_uninvited(rule, &guest.email)) {
        return Access::Allow;
    }
    if let Some(assignment) = assignment {
        return Access::Refuse(if now < assignment.starts_at {
            AccessRefusal::AssignmentNotBegun
        } else {
            AccessRefusal::AssignmentEnded
        });
    }
    Access::Refuse(match invitation {
        Some(invitation) if invitation.state == crate::invitation::InvitationState::Pending => {
            AccessRefusal::InvitationLapsed
        }
        _ => AccessRefusal::NotInvited,
    })
}

/// The assignment that ends a guest's access to the app at `now`; `None` where there is nothing to end. `own` is the guest's own, which
/// stands for all that they have through groups. Invitations that wait for the guest are the caller's to revoke.
pub fn withdrawn(
    standing: &AccessFacts<'_>,
    own: Option<&Assignment>,
    app: Id<App>,
    now: DateTime<Utc>,
) -> Option<Assignment> {
    let guest = standing.guest;
    let lets_in = match standing.assignment {
        Some(assignment) if assignment.group.is_none() || !assignment.is_over(now) => {
            !assignment.is_over(now)
        }
        // What was never assigned is ended all the same: else the app's rule would let them in again.
        _ => admits_uninvited(standing.rule, &guest.email),
    };
    // Who was answerable for it still is, where they ask for it again.
    let said = own.or(standing.assignment);
    lets_in.then(|| Assignment {
        guest: guest.id,
        app,
        starts_at: own.map_or(now, |own| own.starts_at.min(now)),
        ends_at: Some(now),
        reason: said.and_then(|said| said.reason.clone()),
        sponsor: said.and_then(|said| said.sponsor.clone()),
        stands_alone: true,
        group: None,
    })
}

/// Whether the app lets this address in without an invitation.
pub fn admits_uninvited(access: &AccessRule, email: &EmailAddress) -> bool {
    match access {
        AccessRule::Invited | AccessRule::InDirectory => false,
        AccessRule::Domain(domains) => domains.iter().any(|domain| domain == email.domain()),
        AccessRule::AnyGuest => true,
    }
}

/// Whether a code is really mailed to an address. Everyone else sees the same page and gets no mail.
/// A known guest is always mailed, blocked ones too: only the holder of the mailbox learns where they stand.
pub fn is_mailed(app: &App, email: &EmailAddress, guest: Option<&Guest>) -> bool {
    guest.is_some() || admits_uninvited(&app.access, email)
}

/// Whether everybody with such an address is mailed when they ask for a code, guest or not: then what became of the mail tells no stranger
/// who is a guest (threat E15). `gets_codes`: codes are for everybody with such an address.
pub fn everybody_is_mailed(rule: &AccessRule, email: &EmailAddress, gets_codes: bool) -> bool {
    gets_codes && admits_uninvited(rule, email)
}

/// Whose budget of mails a network uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkBudget {
    /// That of the apps which are open to everybody.
    Everybody,
    /// That of the apps for certain people.
    Guests,
}

/// The budget that asking for a code uses: a meeting of invited guests behind one address must not wait for those who come to an
/// app that is open to everybody. Never by the address that was typed: what a network is refused must not tell who is known.
pub fn network_budget(access: &AccessRule) -> NetworkBudget {
    match access {
        AccessRule::AnyGuest => NetworkBudget::Everybody,
        AccessRule::Invited | AccessRule::Domain(_) | AccessRule::InDirectory => NetworkBudget::Guests,
    }
}

#[cfg(test)]
mod tests;
