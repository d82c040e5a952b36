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
}

impl RuleCondition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Inactive, Self::NeverRedeemed, Self::Unassigned];

    /// The word that settings, the command line and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::NeverRedeemed => "never-redeemed",
            Self::Unassigned => "unassigned",
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
    /// When the last of their assignments ended; `None` where none has ended.
    pub last_end: Option<DateTime<Utc>>,
    /// Whether they are assigned to an app, now or later, or an invitation waits for them.
    pub has_access: bool,
    /// When they were last told of a rule.
    pub noticed_at: Option<DateTime<Utc>>,
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
            (RuleCondition::NeverRedeemed, None) => guest.created_at,
            (RuleCondition::Unassigned, _) if !facts.has_access => facts.last_end?,
            _ => return None,
        };
        Some(since.max(guest.status_since))
    }

    /// What the rule means for the guest. Nobody is acted on who was not told for as long as `notice` says, however long it has been
    /// so: a rule that is new surprises no one. A notice of before counts no more.
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
        match facts.noticed_at.filter(|noticed| *noticed > since) {
            Some(noticed) => {
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

    #[test]
    fn what_a_rule_means_for_a_guest() {
        use RuleCondition::{Inactive, NeverRedeemed, Unassigned};
        let over = |end| RuleFacts {
            last_end: Some(day(end)),
            ..RuleFacts::default()
        };
        let told = |on| RuleFacts {
            noticed_at: Some(day(on)),
            ..RuleFacts::default()
        };
        let none = RuleFacts::default();
        for (name, when, notice, signed_in, facts, now, wanted) in [
            ("came", Inactive, 14, Some(50), none, 135, Due::NotYet),
            (
                "for long",
                Inactive,
                14,
                Some(50),
                none,
                136,
                Due::Notice(day(150)),
            ),
            (
                "told",
                Inactive,
                14,
                Some(50),
                told(136),
                149,
                Due::Noticed(day(150)),
            ),
            ("its day", Inactive, 14, Some(50), told(136), 150, Due::Now),
            (
                "told late",
                Inactive,
                14,
                Some(50),
                none,
                400,
                Due::Notice(day(414)),
            ),
            (
                "told late",
                Inactive,
                14,
                Some(50),
                told(400),
                413,
                Due::Noticed(day(414)),
            ),
            ("told late", Inactive, 14, Some(50), told(400), 414, Due::Now),
            (
                "came since",
                Inactive,
                14,
                Some(140),
                told(136),
                226,
                Due::Notice(day(240)),
            ),
            ("untold", Inactive, 0, Some(50), none, 149, Due::NotYet),
            ("untold", Inactive, 0, Some(50), none, 150, Due::Now),
            ("never came", Inactive, 0, None, none, 999, Due::NotYet),
            ("never came", NeverRedeemed, 0, None, none, 99, Due::NotYet),
            ("never came", NeverRedeemed, 0, None, none, 100, Due::Now),
            ("came", NeverRedeemed, 0, Some(1), none, 999, Due::NotYet),
            ("no app left", Unassigned, 0, Some(1), over(20), 119, Due::NotYet),
            ("no app left", Unassigned, 0, Some(1), over(20), 120, Due::Now),
            ("never had one", Unassigned, 0, Some(1), none, 999, Due::NotYet),
            (
                "has another",
                Unassigned,
                0,
                Some(1),
                RuleFacts {
                    has_access: true,
                    ..over(20)
                },
                999,
                Due::NotYet,
            ),
        ] {
            let got = rule(when, notice).due(&guest(signed_in), &facts, day(now));
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
