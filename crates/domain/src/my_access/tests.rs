use super::*;
use crate::{
    EmailAddress,
    guest::{GuestStatus, Subject},
    invitation::{InvitationState, InvitationTerms},
    passkey::PasskeyKind,
    session::Authentication,
    time::from_millis,
    upstream::UpstreamKind,
};

const DAY: i64 = 86_400_000;

fn day(days: i64) -> DateTime<Utc> {
    from_millis(days * DAY)
}

fn guest() -> Guest {
    Guest {
        id: Id::from_uuid(Uuid::from_u128(2)),
        subject: Subject::stored("s"),
        email: EmailAddress::parse("anna@contoso.test").unwrap(),
        name: None,
        language: None,
        status: GuestStatus::Active,
        status_since: day(0),
        former_status: None,
        valid_until: None,
        pinned_method: None,
        method: None,
        redeemed_at: None,
        last_sign_in_at: None,
        email_proven_at: None,
        created_at: day(0),
        updated_at: day(0),
    }
}

fn of(access: AccessRule) -> App {
    App {
        id: Id::from_uuid(Uuid::from_u128(3)),
        access,
        ..app(day(0))
    }
}

fn assignment(from: i64, to: Option<i64>) -> Assignment {
    Assignment {
        guest: guest().id,
        app: of(AccessRule::Invited).id,
        starts_at: day(from),
        ends_at: to.map(day),
        reason: None,
        sponsor: Some("lee@acme.test".into()),
        stands_alone: false,
        group: None,
    }
}

fn invitation(state: InvitationState) -> Invitation {
    Invitation {
        id: Id::from_uuid(Uuid::from_u128(4)),
        guest: guest().id,
        app: of(AccessRule::Invited).id,
        state,
        created_at: day(0),
        expires_at: day(14),
        opened_at: None,
        terms: InvitationTerms::by("Lee"),
    }
}

#[test]
fn what_a_guest_can_reach() {
    use InvitationState::{Declined, Pending};
    let says = |reach: Option<Reach>| {
        reach.map(|reach| {
            let days = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis() / DAY);
            (days(reach.from), days(reach.until), reach.is_invited, reach.by)
        })
    };
    let lee = || Some("lee@acme.test".to_owned());
    let (invited, anyone) = (of(AccessRule::Invited), of(AccessRule::AnyGuest));
    for (name, app, assigned, invites, ends, expected) in [
        ("a stranger", &invited, None, None, None, None),
        (
            "assigned without end",
            &invited,
            Some((1, None)),
            None,
            None,
            Some((None, None, false, lee())),
        ),
        (
            "assigned until a day",
            &invited,
            Some((1, Some(30))),
            None,
            None,
            Some((None, Some(30), false, lee())),
        ),
        (
            "the guest ends before the assignment does",
            &invited,
            Some((1, Some(30))),
            None,
            Some(20),
            Some((None, Some(20), false, lee())),
        ),
        (
            "from a day on",
            &invited,
            Some((12, Some(30))),
            None,
            None,
            Some((Some(12), Some(30), false, lee())),
        ),
        ("it is over", &invited, Some((1, Some(9))), None, None, None),
        (
            "an invitation waits",
            &invited,
            None,
            Some(Pending),
            None,
            Some((None, Some(14), true, Some("Lee".to_owned()))),
        ),
        ("declined", &invited, None, Some(Declined), None, None),
        (
            "an app for anybody",
            &anyone,
            None,
            None,
            Some(20),
            Some((None, Some(20), false, None)),
        ),
        (
            "an app for anybody that was taken from them",
            &anyone,
            Some((1, Some(9))),
            None,
            None,
            None,
        ),
    ] {
        let assigned = assigned.map(|(from, to)| assignment(from, to));
        let invites = invites.map(invitation);
        let guest = Guest {
            valid_until: ends.map(day),
            ..guest()
        };
        let reached = reach(app, &guest, assigned.as_ref(), invites.as_ref(), day(10));
        assert_eq!(says(reached), expected, "{name}");
    }
    let off = App {
        disabled_at: Some(day(1)),
        ..anyone.clone()
    };
    assert_eq!(reach(&off, &guest(), None, None, day(10)), None, "switched off");
    assert!(app(day(0)).is_my_access() && !anyone.is_my_access());
}

#[test]
fn which_proofs_are_fresh() {
    let minute = |minutes: i64| from_millis(10 * DAY + minutes * 60_000);
    let upstream = Means::Upstream {
        kind: UpstreamKind::Tenant,
        id: Id::from_uuid(Uuid::from_u128(5)),
        mfa: false,
    };
    let passkey = Means::Passkey(PasskeyKind::Bound);
    for (means, proven, asked_anew, fresh) in [
        (Means::Code, 6, None, true),
        (Means::Code, 5, None, false),
        (passkey, 6, None, true),
        (passkey, 5, Some(19), false),
        // It came back a moment ago, and nobody was asked there.
        (upstream, 20, None, false),
        (upstream, 20, Some(6), true),
        (upstream, 20, Some(5), false),
    ] {
        let session = Session {
            id: Id::from_uuid(Uuid::from_u128(6)),
            guest: guest().id,
            authentication: Authentication {
                means,
                at: minute(proven),
            },
            expires_at: day(11),
            ends_with_browser: false,
            ended_at: None,
        };
        let is = is_fresh(&session, asked_anew.map(minute), minute(20));
        assert_eq!(is, fresh, "{means:?} {proven} {asked_anew:?}");
    }
}

#[test]
fn who_may_look() {
    for status in GuestStatus::ALL {
        let guest = Guest { status, ..guest() };
        let expired = Guest {
            valid_until: Some(day(10)),
            ..guest.clone()
        };
        let is_in = matches!(status, GuestStatus::Invited | GuestStatus::Active);
        assert_eq!(admits(&guest, day(10)), is_in, "{status:?}");
        assert!(!admits(&expired, day(10)), "{status:?}");
    }
}

#[test]
fn who_invited_is_called_as_the_invitation_said() {
    let said = |reply_to: &str| Invitation {
        terms: InvitationTerms {
            reply_to: Some(reply_to.into()),
            ..InvitationTerms::by("Lee")
        },
        ..invitation(InvitationState::Redeemed)
    };
    for (invitation, wanted) in [
        (Some(said("lee@acme.test")), "Lee"),
        // Somebody else answers by now.
        (Some(said("kim@acme.test")), "lee@acme.test"),
        (None, "lee@acme.test"),
    ] {
        let held = assignment(0, None);
        let app = of(AccessRule::Invited);
        let reach = reach(&app, &guest(), Some(&held), invitation.as_ref(), day(1)).unwrap();
        assert_eq!(reach.by.as_deref(), Some(wanted));
    }
}

/// A group let them in once, and anybody may come in: nobody answers for that.
#[test]
fn who_let_in_once_is_not_named_where_everybody_may_come() {
    let over = Assignment {
        group: Some(Id::from_uuid(Uuid::from_u128(5))),
        ..assignment(0, Some(1))
    };
    let reach = reach(&of(AccessRule::AnyGuest), &guest(), Some(&over), None, day(2)).unwrap();
    assert_eq!((reach.by, reach.until), (None, None));
}
