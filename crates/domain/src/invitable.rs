//! Whom somebody without an operator account may invite.

use chrono::{DateTime, Utc};

use crate::{EmailAddress, assignment::Assignment, invitation::Invitation};

/// Whether they may invite this guest to the app, who may have access to it or an invitation already: what somebody else has given or
/// offered is not theirs to change, nor to take back, and who was sent away comes back by an operator.
pub fn may_invite_guest(
    inviter: &EmailAddress,
    held: Option<&Assignment>,
    newest: Option<&Invitation>,
    now: DateTime<Utc>,
) -> bool {
    let is_theirs = held.is_none_or(|held| {
        held.sponsor
            .as_deref()
            .is_some_and(|named| inviter.is_named_by(named))
    });
    let was_sent_away = held.is_some_and(|held| held.stands_alone && held.is_over(now));
    let waits = newest.filter(|newest| newest.is_open(now));
    let is_free = waits.is_none_or(|waits| inviter.is_named_by(waits.terms.sponsor()));
    is_theirs && !was_sent_away && is_free
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        Id,
        guest::Guest,
        invitation::{InvitationState, InvitationTerms},
    };

    #[test]
    fn what_somebody_else_gave_is_not_theirs_to_change() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let kim = EmailAddress::parse("kim@acme.test").unwrap();
        let id = |number| uuid::Uuid::from_u128(number);
        let held = |sponsor: Option<&str>, days: i64, stands_alone| Assignment {
            guest: Id::<Guest>::from_uuid(id(1)),
            app: Id::from_uuid(id(2)),
            starts_at: now - TimeDelta::days(9),
            ends_at: Some(now + TimeDelta::days(days)),
            reason: None,
            sponsor: sponsor.map(str::to_owned),
            stands_alone,
            group: None,
        };
        let invited = |by: &str, days: i64, state| Invitation {
            id: Id::from_uuid(id(3)),
            guest: Id::from_uuid(id(1)),
            app: Id::from_uuid(id(2)),
            state,
            created_at: now,
            expires_at: now + TimeDelta::days(days),
            opened_at: None,
            terms: InvitationTerms {
                reply_to: Some(by.to_owned()),
                ..InvitationTerms::by("Somebody")
            },
        };
        let (own, other) = (Some("Kim@ACME.test"), Some("lee@acme.test"));
        let (pending, redeemed) = (InvitationState::Pending, InvitationState::Redeemed);
        let revoked = InvitationState::Revoked;
        for (held, newest, may) in [
            (None, None, true),
            (Some(held(own, 5, false)), None, true),
            (Some(held(own, 5, true)), None, true),
            (Some(held(own, -1, false)), None, true),
            // Somebody ended it.
            (Some(held(own, -1, true)), None, false),
            (Some(held(other, 5, false)), None, false),
            (Some(held(other, -1, false)), None, false),
            (Some(held(None, 5, false)), None, false),
            (Some(held(Some("Kim"), 5, false)), None, false),
            (None, Some(invited("kim@acme.test", 5, pending)), true),
            (None, Some(invited("lee@acme.test", 5, pending)), false),
            (None, Some(invited("lee@acme.test", -1, pending)), true),
            (None, Some(invited("lee@acme.test", 5, revoked)), true),
            (
                Some(held(own, 5, false)),
                Some(invited("lee@acme.test", 5, redeemed)),
                true,
            ),
            (
                Some(held(own, 5, false)),
                Some(invited("lee@acme.test", 5, pending)),
                false,
            ),
        ] {
            let found = may_invite_guest(&kim, held.as_ref(), newest.as_ref(), now);
            assert_eq!(found, may, "{held:?} {newest:?}");
        }
    }
}
