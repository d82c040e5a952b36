//! What somebody does who invites without an operator account and has proven their address.

use domain::{EmailAddress, Id, audit::Actor, invitation::Invitation};
use sign_in::Core;

use super::{
    ActionError, Invite, Invited, change_invitation::revoke_invitation, invite_guest::invite_guest,
    inviters::take_try,
};

/// Invites as somebody who has proven their address: they become the guest's sponsor, and the guest's answers go to them.
///
/// # Errors
///
/// Those of [`invite_guest`]; an app to which they may not invite; a guest to whom somebody else has given or offered it; too many tries.
pub async fn invite_as(
    core: &Core,
    inviter: &EmailAddress,
    mut invite: Invite,
) -> Result<Invited, ActionError> {
    take_try(core, inviter).await?;
    invite.terms.reply_to = Some(inviter.as_str().to_owned());
    invite_guest(core, Actor::Sponsor(inviter.clone()), invite).await
}

/// Takes back an invitation that this person answers for; says whether that is new.
///
/// # Errors
///
/// There is none of theirs; it was redeemed, declined, or its time is over.
pub async fn withdraw_as(
    core: &Core,
    inviter: &EmailAddress,
    id: Id<Invitation>,
) -> Result<bool, ActionError> {
    revoke_invitation(core, Actor::Sponsor(inviter.clone()), id, None).await
}
