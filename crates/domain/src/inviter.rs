//! Who invites without an operator account: the owner of an app, and the sponsors of its guests. They prove themselves by a link that
//! is mailed to them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{EmailAddress, Id, app::App, rate::Limit};

/// How long a mailed link opens the page on which one invites: as long as a session.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How many links one mailbox gets.
pub const LINKS_MAX: Limit = Limit::per_hour(5);

/// Who may invite to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inviters {
    /// Operators, and nobody else.
    Operators,
    /// Its owner as well.
    Owner,
    /// Its owner and the sponsors of its guests as well.
    Sponsors,
}

impl Inviters {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Operators, Self::Owner, Self::Sponsors];

    /// The word that rows, the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operators => "operators",
            Self::Owner => "owner",
            Self::Sponsors => "sponsors",
        }
    }

    /// Those of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|inviters| inviters.name() == name)
    }
}

/// A link that was mailed to somebody who invites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviterLink {
    /// Its row.
    pub id: Id<InviterLink>,
    /// To whom.
    pub inviter: EmailAddress,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it opens.
    pub expires_at: DateTime<Utc>,
}

impl InviterLink {
    /// A new one.
    pub fn new(id: Id<InviterLink>, inviter: EmailAddress, now: DateTime<Utc>) -> Self {
        Self {
            id,
            inviter,
            created_at: now,
            expires_at: now + LINK_LIFETIME,
        }
    }

    /// Whether it opens.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

/// What is known of somebody who wants to invite to an app.
#[derive(Clone, Copy, Debug)]
pub struct InviterFacts<'a> {
    /// Their address, which they have proven.
    pub address: &'a EmailAddress,
    /// Whether they answer for somebody's access to the app that has not ended.
    pub is_sponsor: bool,
    /// Whether they answer for nobody any more: a sponsor who has left, a guest who is shut out.
    pub has_left: bool,
}

/// Whether they may invite to the app.
pub fn may_invite(app: &App, facts: InviterFacts<'_>) -> bool {
    let owns = app
        .owner
        .as_ref()
        .is_some_and(|owner| owner.key() == facts.address.key());
    let is_one_of_them = match app.inviters {
        Inviters::Operators => false,
        Inviters::Owner => owns,
        Inviters::Sponsors => owns || facts.is_sponsor,
    };
    is_one_of_them && !facts.has_left && app.disabled_at.is_none()
}

/// How often somebody may try to invite, where they may invite so often: what is refused counts too, so that nobody learns by trying who is
/// known here.
pub fn tries(invitations: Limit) -> Limit {
    Limit {
        max: invitations.max.saturating_mul(2).saturating_add(20),
        ..invitations
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::my_access;

    #[test]
    fn tries_are_more_than_invitations() {
        for max in [0, 1, 50, u32::MAX] {
            let tries = tries(Limit::per_day(max));
            assert!(tries.max > max || max == u32::MAX, "{max}");
            assert_eq!(tries.per, TimeDelta::days(1));
        }
    }

    #[test]
    fn who_may_invite() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let of = |text: &str| EmailAddress::parse(text).unwrap();
        let (lee, other) = (of("Lee@acme.test"), of("kim@acme.test"));
        let mut app = my_access::app(now);
        app.owner = Some(of("lee@ACME.test"));
        // Who may invite; what the owner, a sponsor, and both in one may.
        for (inviters, owner, sponsor, both) in [
            (Inviters::Operators, false, false, false),
            (Inviters::Owner, true, false, true),
            (Inviters::Sponsors, true, true, true),
        ] {
            app.inviters = inviters;
            for (address, is_sponsor, expected) in [
                (&lee, false, owner),
                (&other, true, sponsor),
                (&lee, true, both),
                (&other, false, false),
            ] {
                let facts = |has_left| InviterFacts {
                    address,
                    is_sponsor,
                    has_left,
                };
                app.disabled_at = None;
                assert_eq!(
                    may_invite(&app, facts(false)),
                    expected,
                    "{inviters:?} {is_sponsor}"
                );
                assert!(!may_invite(&app, facts(true)), "{inviters:?}: has left");
                app.disabled_at = Some(now);
                assert!(!may_invite(&app, facts(false)), "{inviters:?}: switched off");
            }
        }
        app.disabled_at = None;
        app.owner = None;
        let nobody = InviterFacts {
            address: &lee,
            is_sponsor: false,
            has_left: false,
        };
        assert!(!may_invite(&app, nobody), "no owner");
    }

    #[test]
    fn a_link_opens_for_a_day() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let id = Id::from_uuid(uuid::Uuid::nil());
        let link = InviterLink::new(id, EmailAddress::parse("lee@acme.test").unwrap(), now);
        let last = now + LINK_LIFETIME - TimeDelta::milliseconds(1);
        assert!(link.is_open(now) && link.is_open(last));
        assert!(!link.is_open(now + LINK_LIFETIME));
    }
}
