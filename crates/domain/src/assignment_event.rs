//! What the audit log says of a guest who gets access, and of one who loses it: the same, whoever does it and by whichever way.

use chrono::{DateTime, Utc};

use crate::{
    Id,
    app::App,
    assignment::Assignment,
    audit::{Action, Actor, AuditEvent},
    group::GroupAssignment,
    guest::Guest,
    time::rfc3339,
};

/// A guest may use an app, or from other times on than before.
pub fn assigned(by: Actor, held: &Assignment) -> AuditEvent {
    let event = AuditEvent::new(Action::AssignmentAdded, by)
        .guest(held.guest)
        .app(held.app);
    on_terms(
        event,
        (held.starts_at, held.ends_at),
        held.sponsor.as_deref(),
        held.reason.as_deref(),
    )
}

/// A guest is in the group of this name, or until another time than before.
pub fn assigned_to_group(by: Actor, held: &GroupAssignment, group: &str) -> AuditEvent {
    let event = AuditEvent::new(Action::AssignmentAdded, by)
        .guest(held.guest)
        .detail("group", group);
    on_terms(
        event,
        (held.starts_at, held.ends_at),
        held.sponsor.as_deref(),
        held.reason.as_deref(),
    )
}

fn on_terms(
    event: AuditEvent,
    (from, until): (DateTime<Utc>, Option<DateTime<Utc>>),
    sponsor: Option<&str>,
    reason: Option<&str>,
) -> AuditEvent {
    let mut event = event.detail("from", rfc3339(from));
    if let Some(until) = until {
        event = event.detail("until", rfc3339(until));
    }
    if let Some(sponsor) = sponsor {
        event = event.detail("sponsor", sponsor);
    }
    match reason {
        Some(reason) => event.reason(reason),
        None => event,
    }
}

/// A guest may not use an app any more; so many of the grants that it held were revoked.
pub fn unassigned(by: Actor, guest: Id<Guest>, app: Id<App>, grants: u64) -> AuditEvent {
    ended(by, guest, grants).app(app)
}

/// A guest is not in the group of this name any more; so many of the grants that its apps held were revoked.
pub fn unassigned_from_group(by: Actor, guest: Id<Guest>, group: &str, grants: u64) -> AuditEvent {
    ended(by, guest, grants).detail("group", group)
}

fn ended(by: Actor, guest: Id<Guest>, grants: u64) -> AuditEvent {
    AuditEvent::new(Action::AssignmentEnded, by)
        .guest(guest)
        .detail("grants_revoked", grants.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn held(reason: Option<&str>, sponsor: Option<&str>, ends_at: Option<DateTime<Utc>>) -> Assignment {
        Assignment {
            guest: Id::from_uuid(Uuid::from_u128(1)),
            app: Id::from_uuid(Uuid::from_u128(2)),
            starts_at: at(0),
            ends_at,
            reason: reason.map(str::to_owned),
            sponsor: sponsor.map(str::to_owned),
            stands_alone: false,
            group: None,
        }
    }

    #[test]
    fn it_says_all_that_was_said_and_no_more() {
        let from = ("from", "1970-01-01T00:00:00Z".to_owned());
        let until = ("until", "1970-01-10T00:00:00Z".to_owned());
        let sponsor = ("sponsor", "kim@acme.test".to_owned());
        for (held, reason, details) in [
            (held(None, None, None), None, vec![from.clone()]),
            (
                held(Some("Q3 audit"), Some("kim@acme.test"), Some(at(9))),
                Some("Q3 audit"),
                vec![from.clone(), until.clone(), sponsor.clone()],
            ),
        ] {
            let event = assigned(Actor::System, &held);
            assert_eq!((event.guest, event.app), (Some(held.guest), Some(held.app)));
            assert_eq!(event.reason.as_deref(), reason);
            assert_eq!(event.details, details);

            let in_group = GroupAssignment {
                guest: held.guest,
                group: Id::from_uuid(Uuid::from_u128(3)),
                starts_at: held.starts_at,
                ends_at: held.ends_at,
                reason: held.reason.clone(),
                sponsor: held.sponsor.clone(),
            };
            let event = assigned_to_group(Actor::System, &in_group, "auditors");
            assert_eq!((event.guest, event.app), (Some(held.guest), None));
            assert_eq!(event.reason.as_deref(), reason);
            let group = ("group", "auditors".to_owned());
            let details: Vec<_> = [group].into_iter().chain(details).collect();
            assert_eq!(event.details, details);
        }
    }

    #[test]
    fn it_names_the_app_or_the_group_that_is_lost() {
        let held = held(None, None, None);
        let event = unassigned(Actor::System, held.guest, held.app, 2);
        assert_eq!((event.guest, event.app), (Some(held.guest), Some(held.app)));
        assert_eq!(event.details, [("grants_revoked", "2".to_owned())]);
        let event = unassigned_from_group(Actor::System, held.guest, "auditors", 0);
        assert_eq!((event.guest, event.app), (Some(held.guest), None));
        let said = [
            ("grants_revoked", "0".to_owned()),
            ("group", "auditors".to_owned()),
        ];
        assert_eq!(event.details, said);
    }
}
