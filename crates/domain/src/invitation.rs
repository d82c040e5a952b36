//! Invitations: the offer to an address.

use chrono::{DateTime, Utc};

use crate::{
    Id, Secret,
    app::App,
    assignment::Assignment,
    group::{Group, GroupAssignment},
    guest::Guest,
};

/// The longest message an inviter may write, in characters.
pub const MESSAGE_MAX: usize = 500;

/// What the inviter says, beside whom and to what: the fields of an invitation that everything about it carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InvitationTerms {
    /// Who invites, as the mail says it: `Lee`.
    pub invited_by: String,
    /// Where answers to the mail go.
    pub reply_to: Option<String>,
    /// What the invitation is about, as the mail says it: `Q3 kickoff notes`.
    pub about: Option<String>,
    /// A plain-text message, at most [`MESSAGE_MAX`] characters.
    pub message: Option<String>,
    /// The mail's language, BCP 47.
    pub language: Option<String>,
    /// When the access it gives ends; `None` is «until someone ends it».
    pub access_until: Option<DateTime<Utc>>,
}

impl InvitationTerms {
    /// Those of an inviter who says nothing more.
    pub fn by(invited_by: impl Into<String>) -> Self {
        Self {
            invited_by: invited_by.into(),
            ..Self::default()
        }
    }

    /// Who answers for the access that it gives: the inviter's address, where they said one.
    pub fn sponsor(&self) -> &str {
        self.reply_to.as_deref().unwrap_or(&self.invited_by)
    }
}

/// What an invitation gives who redeems it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAccess {
    /// To the app; `None` where they come to that through one of the groups.
    pub own: Option<Assignment>,
    /// To the groups that it names.
    pub groups: Vec<GroupAssignment>,
}

/// Who invited whom to what, until when. The mailed link authenticates nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invitation {
    /// Its row.
    pub id: Id<Invitation>,
    /// The guest who is invited.
    pub guest: Id<Guest>,
    /// To what.
    pub app: Id<App>,
    /// What the inviter says.
    pub terms: InvitationTerms,
    /// Where it stands.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
    /// When somebody first began to sign in by its link: its page alone says nothing, since mail scanners open that.
    pub opened_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// Whether it can still be redeemed.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.standing(now) == Standing::Pending
    }

    /// The access that it gives who redeems it then. `groups` are those that it names, `held` are the guest's assignments to groups. Where
    /// they come into one that has its app, they have the app through that alone: whoever is taken out of the group has lost it.
    pub fn gives(&self, groups: &[Group], held: &[GroupAssignment], now: DateTime<Utc>) -> GivenAccess {
        let reason = Some(format!("invitation {}", self.id));
        let sponsor = Some(self.terms.sponsor().to_owned());
        let of_group = |group: &Group| GroupAssignment {
            guest: self.guest,
            group: group.id,
            starts_at: now,
            ends_at: self.terms.access_until,
            reason: reason.clone(),
            sponsor: sponsor.clone(),
        };
        let given = groups.iter().map(of_group).collect();
        // Who is in a group that has it and redeems this was sent away from it, and the group alone does not let them in again.
        let is_in = |group: &Group| {
            held.iter()
                .any(|held| held.group == group.id && held.is_active(now))
        };
        let comes_by = |group: &Group| group.apps.contains(&self.app) && !is_in(group);
        let own = (!groups.iter().any(comes_by)).then_some(Assignment {
            guest: self.guest,
            app: self.app,
            starts_at: now,
            ends_at: self.terms.access_until,
            reason,
            sponsor,
            stands_alone: false,
            group: None,
        });
        GivenAccess { own, groups: given }
    }

    /// How it stands at a moment.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.state {
            InvitationState::Pending if now < self.expires_at => Standing::Pending,
            InvitationState::Pending => Standing::Expired,
            InvitationState::Redeemed => Standing::Redeemed,
            InvitationState::Revoked => Standing::Revoked,
            InvitationState::Declined => Standing::Declined,
        }
    }
}

/// The `login_hint` by which an app brings back who came through an invitation's link: it names the guest to us and to no one
/// else, so that the page behind the link need not hold the address.
pub fn login_hint(token: &Secret) -> String {
    format!("{LOGIN_HINT}{}", token.expose())
}

/// The token in a `login_hint` of [`login_hint`].
pub fn token_in_hint(hint: &str) -> Option<Secret> {
    hint.strip_prefix(LOGIN_HINT).map(Secret::presented)
}

const LOGIN_HINT: &str = "invitation:";

/// How an invitation stands at a moment: its state, and whether its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Waiting for the guest.
    Pending,
    /// The guest's sign-in was completed.
    Redeemed,
    /// Taken back.
    Revoked,
    /// Turned down by the guest.
    Declined,
    /// Its time is over; it can be extended.
    Expired,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Redeemed,
        Self::Revoked,
        Self::Declined,
        Self::Expired,
    ];

    /// The word that the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed => "redeemed",
            Self::Revoked => "revoked",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }

    /// That of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// Where an invitation stands. Lapsing needs no change of state: `expires_at` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvitationState {
    /// Waiting for the guest.
    Pending,
    /// The guest's sign-in was completed.
    Redeemed,
    /// Taken back.
    Revoked,
    /// Turned down by the guest, or by whoever has the link.
    Declined,
}

impl InvitationState {
    /// The word that rows, the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Redeemed => "redeemed",
            Self::Revoked => "revoked",
            Self::Declined => "declined",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Redeemed, Self::Revoked, Self::Declined]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn how_an_invitation_stands() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let invitation = |state, seconds| Invitation {
            id: Id::from_uuid(uuid::Uuid::nil()),
            guest: Id::from_uuid(uuid::Uuid::nil()),
            app: Id::from_uuid(uuid::Uuid::nil()),
            state,
            created_at: now,
            expires_at: now + TimeDelta::seconds(seconds),
            opened_at: None,
            terms: InvitationTerms::by("Lee"),
        };
        for (state, seconds, standing) in [
            (InvitationState::Pending, 1, Standing::Pending),
            (InvitationState::Pending, 0, Standing::Expired),
            (InvitationState::Redeemed, 0, Standing::Redeemed),
            (InvitationState::Redeemed, 1, Standing::Redeemed),
            (InvitationState::Revoked, 1, Standing::Revoked),
            (InvitationState::Declined, 1, Standing::Declined),
            (InvitationState::Declined, 0, Standing::Declined),
        ] {
            let invitation = invitation(state, seconds);
            assert_eq!(invitation.standing(now), standing);
            assert_eq!(invitation.is_open(now), standing == Standing::Pending);
            assert_eq!(Standing::parse(standing.name()), Some(standing));
        }
    }

    /// Each with the groups that it names, those that the guest is in, until when, and whether it gives the app itself.
    #[test]
    fn what_is_held_through_a_group_is_not_given_beside_it() {
        let id = |number| uuid::Uuid::from_u128(number);
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let until = now + TimeDelta::days(9);
        let group = |number, apps: &[u128]| Group {
            id: Id::from_uuid(id(number)),
            name: format!("group-{number}"),
            apps: apps.iter().map(|app| Id::from_uuid(id(*app))).collect(),
            created_at: now,
        };
        let invitation = Invitation {
            id: Id::from_uuid(id(1)),
            guest: Id::from_uuid(id(2)),
            app: Id::from_uuid(id(3)),
            state: InvitationState::Redeemed,
            created_at: now,
            expires_at: now,
            opened_at: None,
            terms: InvitationTerms {
                reply_to: Some("lee@acme.test".into()),
                access_until: Some(until),
                ..InvitationTerms::by("Lee")
            },
        };
        let held = |number, days| GroupAssignment {
            guest: invitation.guest,
            group: Id::from_uuid(id(number)),
            starts_at: now - TimeDelta::days(9),
            ends_at: Some(now + TimeDelta::days(days)),
            reason: None,
            sponsor: None,
        };
        for (groups, held, gives_own) in [
            (vec![], vec![], true),
            (vec![group(7, &[])], vec![], true),
            (vec![group(7, &[4]), group(8, &[5])], vec![], true),
            (vec![group(7, &[4]), group(8, &[5, 3])], vec![], false),
            (vec![group(7, &[3])], vec![held(8, 1)], false),
            (vec![group(7, &[3])], vec![held(7, 0)], false),
            (vec![group(7, &[3])], vec![held(7, 1)], true),
            (vec![group(7, &[3]), group(8, &[3])], vec![held(7, 1)], false),
        ] {
            let given = invitation.gives(&groups, &held, now);
            assert_eq!(given.own.is_some(), gives_own, "{groups:?} {held:?}");
            if let Some(own) = given.own {
                assert_eq!((own.app, own.group), (invitation.app, None));
                let (from, to) = (own.starts_at, own.ends_at);
                assert_eq!((from, to), (now, Some(until)));
                assert_eq!(own.sponsor.as_deref(), Some("lee@acme.test"));
            }
            let expected: Vec<_> = groups.iter().map(|group| group.id).collect();
            let named: Vec<_> = given.groups.iter().map(|held| held.group).collect();
            assert_eq!(named, expected);
            for held in given.groups {
                assert_eq!(held.guest, invitation.guest);
                assert_eq!((held.starts_at, held.ends_at), (now, Some(until)));
                assert_eq!(held.sponsor.as_deref(), Some("lee@acme.test"));
                assert_eq!(held.reason, Some(format!("invitation {}", invitation.id)));
            }
        }
    }

    #[test]
    fn a_hint_carries_the_token_of_a_link() {
        let hint = login_hint(&Secret::presented("token"));
        assert_eq!(hint, "invitation:token");
        assert_eq!(token_in_hint(&hint).unwrap().expose(), "token");
        assert!(token_in_hint("anna@contoso.test").is_none());
    }

    #[test]
    fn an_inviter_may_say_nothing_more() {
        let terms = InvitationTerms::by("Lee");
        assert_eq!(terms.invited_by, "Lee");
        assert_eq!(
            InvitationTerms {
                invited_by: String::new(),
                ..terms
            },
            InvitationTerms::default()
        );
    }
}
