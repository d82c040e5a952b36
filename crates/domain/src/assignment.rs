//! Assignments: the apps that a guest may use, and until when.

use chrono::{DateTime, Utc};

use crate::{Id, app::App, group::Group, guest::Guest};

/// Which guest may use which app.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Whether somebody ended it, and not a date: it keeps the guest out, whatever groups they are in.
    pub is_withdrawn: bool,
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

    /// Of what a guest holds of one app, the one that decides: one that was withdrawn, else the one that is active for longest,
    /// else one that is yet to begin, else the one that ended last.
    pub fn deciding<'a>(held: impl IntoIterator<Item = &'a Self>, now: DateTime<Utc>) -> Option<&'a Self> {
        held.into_iter().max_by_key(|held| {
            let rank = match held {
                held if held.is_withdrawn => 3,
                held if held.is_active(now) => 2,
                held if !held.is_over(now) => 1,
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
            is_withdrawn: false,
            group: None,
        }
    }

    #[test]
    fn of_several_one_decides() {
        let withdrawn = Assignment {
            is_withdrawn: true,
            ..held(-9, Some(-5))
        };
        let without_end = held(-9, None);
        let ends_late = held(-9, Some(7));
        let ends_soon = held(-9, Some(1));
        let later = held(2, None);
        let over = held(-9, Some(-1));
        let long_over = held(-9, Some(-3));
        // Each decides over all that follow, in whatever order they are.
        let in_order = [
            &withdrawn,
            &without_end,
            &ends_late,
            &ends_soon,
            &later,
            &over,
            &long_over,
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
