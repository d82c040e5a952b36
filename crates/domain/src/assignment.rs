//! Assignments: the apps that a guest may use, and until when.

use chrono::{DateTime, Utc};

use crate::{Id, app::App, group::Group, guest::Guest};

/// Which guest may use which app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The guest who may use the app.
    pub guest: Id<Guest>,
    /// The app that the guest may use.
    pub app: Id<App>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when; `None` is «until someone ends it».
    pub ends_at: Option<DateTime<Utc>>,
    /// Why the guest has access, as an operator or an inviter wrote it.
    pub reason: Option<String>,
    /// The person answerable; by default who invited.
    pub sponsor: Option<String>,
    /// Whether it alone decides about the app, whatever groups the guest is in: so since somebody ended their access, until they come
    /// into a group anew.
    pub stands_alone: bool,
    /// The group through which the guest has it; `None`: it is the guest's own.
    pub group: Option<Id<Group>>,
}

impl Assignment {
    /// Whether it counts now.
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it is over. It stays, so that an app which is for a domain or for any guest does not let the guest in again.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// Of what a guest holds of one app, the one that decides: their own where it stands alone, else the one that is active for longest,
    /// else one that is yet to begin, else their own that is over, else the one through a group that ended last.
    pub fn deciding<'a>(held: impl IntoIterator<Item = &'a Self>, now: DateTime<Utc>) -> Option<&'a Self> {
        held.into_iter().max_by_key(|held| {
            let rank = match held {
                held if held.stands_alone => 4,
                held if held.is_active(now) => 3,
                held if !held.is_over(now) => 2,
                held if held.group.is_none() => 1,
                _ => 0,
            };
            (rank, held.ends_at.is_none(), held.ends_at)
        })
    }

    /// The same, of everything that a guest holds.
    pub fn deciding_at(held: &[Self], app: Id<App>, now: DateTime<Utc>) -> Option<&Self> {
        Self::deciding(held.iter().filter(|held| held.app == app), now)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(100)
    }

    fn held(starts: i64, ends: Option<i64>) -> Assignment {
        let day = |days| now() + TimeDelta::days(days);
        Assignment {
            guest: Id::from_uuid(Uuid::from_u128(1)),
            app: Id::from_uuid(Uuid::from_u128(2)),
            starts_at: day(starts),
            ends_at: ends.map(day),
            reason: None,
            sponsor: None,
            stands_alone: false,
            group: None,
        }
    }

    #[test]
    fn of_several_one_decides() {
        let alone = Assignment {
            stands_alone: true,
            ..held(-9, Some(-5))
        };
        let without_end = held(-9, None);
        let ends_late = held(-9, Some(7));
        let ends_soon = held(-9, Some(1));
        let later = held(2, None);
        let over = held(-9, Some(-1));
        let long_over = held(-9, Some(-3));
        let group_over = Assignment {
            group: Some(Id::from_uuid(Uuid::from_u128(4))),
            ..held(-9, Some(-2))
        };
        // Each decides over all that follow, in whatever order they are.
        let in_order = [
            &alone,
            &without_end,
            &ends_late,
            &ends_soon,
            &later,
            &over,
            &long_over,
            &group_over,
        ];
        for (at, first) in in_order.iter().enumerate() {
            for other in &in_order[at..] {
                assert_eq!(Assignment::deciding([*first, *other], now()), Some(*first));
                assert_eq!(Assignment::deciding([*other, *first], now()), Some(*first));
            }
        }
        assert_eq!(Assignment::deciding([], now()), None);
        let elsewhere = Id::from_uuid(Uuid::from_u128(3));
        let all = [
            ends_soon.clone(),
            Assignment {
                app: elsewhere,
                ..without_end
            },
        ];
        assert_eq!(
            Assignment::deciding_at(&all, ends_soon.app, now()),
            Some(&ends_soon)
        );
    }
}
