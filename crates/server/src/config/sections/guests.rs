//! `[guests]` and `[[guests.rule]]`: the rules of a guest's life.

use chrono::TimeDelta;
use domain::guest_rule::{GuestRule, RuleAct, RuleCondition};

use crate::config::reader::Section;

/// Shorter, and who is on holiday is gone.
const SHORTEST: TimeDelta = TimeDelta::days(1);
const LONGEST: TimeDelta = TimeDelta::days(3650);

/// How long a guest who was removed can be restored, how long before its end somebody is asked to renew access, and the rules in
/// their order.
pub(in crate::config) fn read(section: &mut Section<'_>) -> (TimeDelta, TimeDelta, Vec<GuestRule>) {
    let range = TimeDelta::hours(1)..=LONGEST;
    let restorable_for = section.within("restorable_for", TimeDelta::days(30), range);
    let range = TimeDelta::zero()..=TimeDelta::days(90);
    let renewal_notice = section.within("renewal_notice", TimeDelta::days(14), range);
    let mut rules = Vec::new();
    section.sections("rule", |section| rules.extend(rule(section)));
    (restorable_for, renewal_notice, rules)
}

fn rule(section: &mut Section<'_>) -> Option<GuestRule> {
    let conditions = RuleCondition::ALL.map(|condition| (condition.name(), condition));
    let known = RuleCondition::ALL.map(RuleCondition::name).join(", ");
    let when: Option<String> = section.required("when", &format!("write whom it is about: {known}"));
    let after: Option<TimeDelta> =
        section.required("after", "write how long that must have been so: \"180d\"");
    if after.is_some_and(|after| !(SHORTEST..=LONGEST).contains(&after)) {
        section.refuse(
            "after",
            "is less than a day or more than ten years",
            "write a time between them",
        );
    }
    let notice = section.within(
        "notice",
        TimeDelta::days(14),
        TimeDelta::zero()..=TimeDelta::days(365),
    );
    if after.is_some_and(|after| after < notice) {
        section.refuse(
            "notice",
            "is longer than `after`",
            "tell guests later, or act later",
        );
    }
    let acts = [RuleAct::Remove, RuleAct::Block].map(|act| (act.name(), act));
    let act = section.word("action", &acts, RuleAct::Remove.name());
    let found = conditions.iter().find(|(word, _)| Some(*word) == when.as_deref());
    if when.is_some() && found.is_none() {
        section.refuse(
            "when",
            "is none of the conditions",
            format!("write one of {known}"),
        );
    }
    let (when, after) = found.map(|(_, when)| *when).zip(after)?;
    Some(GuestRule {
        when,
        after,
        notice,
        act,
    })
}
