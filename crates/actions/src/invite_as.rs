//! What somebody does who invites without an operator account and has proven their address.

use domain::{EmailAddress, Id, audit::Actor, invitation::Invitation};
use sign_in::Core;

use super::{ActionError, Invite, Invited, invite_guest, revoke_invitation};

/// Invites as somebody who has proven their address: they become the guest's sponsor, and the guest's answers go to them.
///
/// # Errors
///
/// Those of [`invite_guest`]; an app to which they may not invite.
pub async fn invite_as(
    core: &Core,
    inviter: &EmailAddress,
    mut invite: Invite,
) -> Result<Invited, ActionError> {
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
    let invitation = core.store.reader().invitation(id).await?;
    let answers = |invitation: &Invitation| {
        EmailAddress::parse(invitation.terms.sponsor()).is_ok_and(|sponsor| sponsor.key() == inviter.key())
    };
    if !invitation.as_ref().is_some_and(answers) {
        return Err(ActionError::NotFound {
            what: "invitation",
            name: id.to_string(),
        });
    }
    revoke_invitation(core, Actor::Sponsor(inviter.clone()), id, None).await
}
