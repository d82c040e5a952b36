//! Rules of a guest's life: who has not come for long, never came, or has no app left is told, and blocked or removed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{guest::Guest, life::GuestAct};

/// A rule that an operator has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestRule {
    /// Whom it is about.
    pub when: RuleCondition,
    /// How long that must have been so.
    pub after: TimeDelta,
    /// How long before the act the guest is told by mail; zero: not at all.
    pub notice: TimeDelta,
    /// What is done.
    pub act: RuleAct,
}

/// Whom a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleCondition {
    /// Who has signed in, and not for long.
    Inactive,
    /// Who was invited and never signed in.
    NeverRedeemed,
    /// Whose access to every app they were assigned to is over.
    Unassigned,
    /// Whose sponsors have all left.
    SponsorGone,
}

impl RuleCondition {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Inactive,
        Self::NeverRedeemed,
        Self::Unassigned,
        Self::SponsorGone,
    ];

    /// The word that settings, the command line and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::NeverRedeemed => "never-redeemed",
            Self::Unassigned => "unassigned",
            Self::SponsorGone => "sponsor-gone",
        }
    }

    /// The condition of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.name() == name)
    }
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAct {
    /// Blocks the guest.
    Block,
    /// Removes the guest, who can be restored for a while.
    Remove,
}

impl RuleAct {
    /// The word that settings and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Remove => "remove",
        }
    }

    /// As one of the acts of a guest's life.
    pub fn act(self) -> GuestAct {
        match self {
            Self::Block => GuestAct::Block,
            Self::Remove => GuestAct::Remove,
        }
    }
}

/// What rules look at, beside the guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleFacts {
    /// When they were last invited or assigned to an app.
    pub last_offer: Option<DateTime<Utc>>,
    /// When the last of their assignments and invitations ended; `None` where no assignment has.
    pub last_end: Option<DateTime<Utc>>,
    /// Whether they are assigned to an app, now or later, or an invitation waits for them.
    pub has_access: bool,
    /// Since when all their sponsors are gone: the last left then, or was named afterwards. `None` where they have access for which somebody
    /// else answers, or none.
    pub sponsors_left: Option<DateTime<Utc>>,
    /// Of which rule they were last told, and when.
    pub notice: Option<(RuleCondition, DateTime<Utc>)>,
}

/// What a rule means for a guest now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing.
    NotYet,
    /// They are to be told that it will happen then.
    Notice(DateTime<Utc>),
    /// They were told that it will happen then.
    Noticed(DateTime<Utc>),
    /// It is to be done.
    Now,
}

impl Due {
    /// The word that the command line and the API use.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotYet => "not-yet",
            Self::Notice(_) => "notice",
            Self::Noticed(_) => "noticed",
            Self::Now => "now",
        }
    }
}

impl GuestRule {
    /// Since when the guest is somebody whom the rule is about. What an operator did to them begins it anew.
    fn since(&self, guest: &Guest, facts: &RuleFacts) -> Option<DateTime<Utc>> {
        let since = match (self.when, guest.redeemed_at) {
            (RuleCondition::Inactive, Some(redeemed)) => guest.last_sign_in_at.unwrap_or(redeemed),
            (RuleCondition::NeverRedeemed, None) => facts
                .last_offer
                .map_or(guest.created_at, |offer| offer.max(guest.created_at)),
            // Who signs in still uses an app that lets in others than those who are assigned.
            (RuleCondition::Unassigned, _) if !facts.has_access => {
                let end = facts.last_end?;
                guest.last_sign_in_at.map_or(end, |came| came.max(end))
            }
            (RuleCondition::SponsorGone, _) => facts.sponsors_left?,
            _ => return None,
        };
        Some(since.max(guest.status_since))
    }

    /// What the rule means for the guest. Nobody is acted on who was not told for as long as `notice` says, however long it has been
    /// so: a rule that is new surprises no one. A notice of before, or of another rule, counts no more.
    pub fn due(&self, guest: &Guest, facts: &RuleFacts, now: DateTime<Utc>) -> Due {
        if !guest.status.is_in() {
            return Due::NotYet;
        }
        let Some(since) = self.since(guest, facts) else {
            return Due::NotYet;
        };
        let ends = since + self.after;
        if self.notice.is_zero() {
            return if ends <= now { Due::Now } else { Due::NotYet };
        }
        let told = facts
            .notice
            .filter(|(when, noticed)| *when == self.when && *noticed > since);
        match told {
            Some((_, noticed)) => {
                let ends = ends.max(noticed + self.notice);
                if ends <= now { Due::Now } else { Due::Noticed(ends) }
            }
            None if ends - self.notice <= now => Due::Notice(ends.max(now + self.notice)),
            None => Due::NotYet,
        }
    }
}

/// The first rule that means something for the guest now, and what.
pub fn first_due<'a>(
    rules: &'a [GuestRule],
    guest: &Guest,
    facts: &RuleFacts,
    now: DateTime<Utc>,
) -> Option<(&'a GuestRule, Due)> {
    rules
        .iter()
        .map(|rule| (rule, rule.due(guest, facts, now)))
        .find(|(_, due)| *due != Due::NotYet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, entropy::Entropy, guest::GuestStatus};

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    /// Invited on day 0, and signed in on that day, if at all.
    fn guest(signed_in: Option<i64>) -> Guest {
        let email = EmailAddress::parse("anna@contoso.test").unwrap();
        let invited = Guest::invited(email, None, day(0), &Zeros);
        Guest {
            status: signed_in.map_or(GuestStatus::Invited, |_| GuestStatus::Active),
            redeemed_at: signed_in.map(|_| day(0)),
            last_sign_in_at: signed_in.map(day),
            ..invited
        }
    }

    fn rule(when: RuleCondition, notice: i64) -> GuestRule {
        GuestRule {
            when,
            after: TimeDelta::days(100),
            notice: TimeDelta::days(notice),
            act: RuleAct::Remove,
        }
    }

    const NONE: RuleFacts = RuleFacts {
        last_offer: None,
        last_end: None,
        has_access: false,
        sponsors_left: None,
        notice: None,
    };

    fn told(when: RuleCondition, on: i64) -> RuleFacts {
        RuleFacts {
            notice: Some((when, day(on))),
            ..NONE
        }
    }

    fn over(end: i64) -> RuleFacts {
        RuleFacts {
            last_end: Some(day(end)),
            ..NONE
        }
    }

    #[test]
    fn who_does_not_come_for_long() {
        use RuleCondition::Inactive;
        for (name, notice, signed_in, facts, now, wanted) in [
            ("came", 14, Some(50), NONE, 135, Due::NotYet),
            ("for long", 14, Some(50), NONE, 136, Due::Notice(day(150))),
            (
                "told",
                14,
                Some(50),
                told(Inactive, 136),
                149,
                Due::Noticed(day(150)),
            ),
            ("its day", 14, Some(50), told(Inactive, 136), 150, Due::Now),
            ("told late", 14, Some(50), NONE, 400, Due::Notice(day(414))),
            (
                "told late",
                14,
                Some(50),
                told(Inactive, 400),
                413,
                Due::Noticed(day(414)),
            ),
            ("told late", 14, Some(50), told(Inactive, 400), 414, Due::Now),
            (
                "came since",
                14,
                Some(140),
                told(Inactive, 136),
                226,
                Due::Notice(day(240)),
            ),
            ("untold", 0, Some(50), NONE, 149, Due::NotYet),
            ("untold", 0, Some(50), NONE, 150, Due::Now),
            ("never came", 0, None, NONE, 999, Due::NotYet),
        ] {
            let got = rule(Inactive, notice).due(&guest(signed_in), &facts, day(now));
            assert_eq!(got, wanted, "{name}, day {now}");
        }
    }

    #[test]
    fn who_never_came() {
        use RuleCondition::NeverRedeemed;
        let offered = RuleFacts {
            last_offer: Some(day(80)),
            ..NONE
        };
        for (name, signed_in, facts, now, wanted) in [
            ("never came", None, NONE, 99, Due::NotYet),
            ("never came", None, NONE, 100, Due::Now),
            ("invited again", None, offered, 179, Due::NotYet),
            ("invited again", None, offered, 180, Due::Now),
            ("came", Some(1), NONE, 999, Due::NotYet),
        ] {
            let got = rule(NeverRedeemed, 0).due(&guest(signed_in), &facts, day(now));
            assert_eq!(got, wanted, "{name}, day {now}");
        }
    }

    #[test]
    fn who_has_no_app_left() {
        use RuleCondition::{Inactive, Unassigned};
        let has_another = RuleFacts {
            has_access: true,
            ..over(20)
        };
        let told = |when| RuleFacts {
            notice: Some((when, day(110))),
            ..over(20)
        };
        for (name, notice, signed_in, facts, now, wanted) in [
            ("no app left", 0, 1, over(20), 119, Due::NotYet),
            ("no app left", 0, 1, over(20), 120, Due::Now),
            ("comes still", 0, 50, over(20), 149, Due::NotYet),
            ("comes still", 0, 50, over(20), 150, Due::Now),
            (
                "told of another",
                14,
                1,
                told(Inactive),
                120,
                Due::Notice(day(134)),
            ),
            ("told", 14, 1, told(Unassigned), 123, Due::Noticed(day(124))),
            ("told", 14, 1, told(Unassigned), 124, Due::Now),
            ("never had one", 0, 1, NONE, 999, Due::NotYet),
            ("has another", 0, 1, has_another, 999, Due::NotYet),
        ] {
            let got = rule(Unassigned, notice).due(&guest(Some(signed_in)), &facts, day(now));
            assert_eq!(got, wanted, "{name}, day {now}");
        }
    }

    #[test]
    fn whose_sponsors_have_left() {
        use RuleCondition::SponsorGone;
        let left = RuleFacts {
            has_access: true,
            sponsors_left: Some(day(20)),
            ..NONE
        };
        let told = RuleFacts {
            notice: Some((SponsorGone, day(110))),
            ..left
        };
        for (name, notice, signed_in, facts, now, wanted) in [
            ("left", 0, Some(1), left, 119, Due::NotYet),
            ("left", 0, Some(1), left, 120, Due::Now),
            // Coming does not bring a sponsor back.
            ("comes still", 0, Some(119), left, 120, Due::Now),
            ("never came", 0, None, left, 120, Due::Now),
            ("to be told", 14, Some(1), left, 106, Due::Notice(day(120))),
            ("told", 14, Some(1), told, 123, Due::Noticed(day(124))),
            ("told", 14, Some(1), told, 124, Due::Now),
            ("there", 0, Some(1), NONE, 999, Due::NotYet),
        ] {
            let got = rule(SponsorGone, notice).due(&guest(signed_in), &facts, day(now));
            assert_eq!(got, wanted, "{name}, day {now}");
        }
    }

    #[test]
    fn what_an_operator_did_begins_it_anew_and_who_is_out_stays_as_they_are() {
        let rule = rule(RuleCondition::Inactive, 0);
        let restored = Guest {
            status_since: day(90),
            ..guest(Some(0))
        };
        let facts = RuleFacts::default();
        assert_eq!(rule.due(&restored, &facts, day(189)), Due::NotYet);
        assert_eq!(rule.due(&restored, &facts, day(190)), Due::Now);
        for status in [GuestStatus::Blocked, GuestStatus::Converted, GuestStatus::Removed] {
            let out = Guest {
                status,
                ..guest(Some(0))
            };
            assert_eq!(rule.due(&out, &facts, day(999)), Due::NotYet, "{status:?}");
        }
    }

    #[test]
    fn the_first_rule_that_applies_counts() {
        let (gone, idle) = (
            rule(RuleCondition::NeverRedeemed, 0),
            rule(RuleCondition::Inactive, 0),
        );
        let rules = [gone, idle];
        let facts = RuleFacts::default();
        let first = first_due(&rules, &guest(Some(0)), &facts, day(100));
        assert_eq!(first, Some((&rules[1], Due::Now)));
        assert_eq!(first_due(&rules, &guest(Some(0)), &facts, day(99)), None);
        for condition in RuleCondition::ALL {
            assert_eq!(RuleCondition::parse(condition.name()), Some(condition));
        }
        assert_eq!(
            [RuleAct::Block, RuleAct::Remove].map(RuleAct::name),
            ["block", "remove"]
        );
    }
}
