use chrono::TimeDelta;

use super::*;
use crate::{
    app::{AppAuthentication, SigningAlgorithm},
    guest::Subject,
    invitation::{InvitationState, InvitationTerms},
    time::from_millis,
};

const DAY: i64 = 86_400_000;

fn id<T>(n: u128) -> Id<T> {
    Id::from_uuid(uuid::Uuid::from_u128(n))
}

fn app(access: AccessRule) -> App {
    App {
        id: id(1),
        client_id: "notes".into(),
        name: "Acme Notes".into(),
        authentication: AppAuthentication::None,
        redirect_uris: vec![],
        post_logout_redirect_uris: vec![],
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: crate::inviter::Inviters::Operators,
        pkce: crate::app::Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at: None,
        created_at: from_millis(0),
    }
}

fn guest() -> Guest {
    Guest {
        id: id(2),
        subject: Subject::stored("s"),
        email: EmailAddress::parse("anna@contoso.test").unwrap(),
        name: None,
        language: None,
        status: GuestStatus::Active,
        status_since: from_millis(0),
        former_status: None,
        valid_until: None,
        pinned_method: None,
        method: None,
        redeemed_at: None,
        last_sign_in_at: None,
        email_proven_at: None,
        created_at: from_millis(0),
        updated_at: from_millis(0),
    }
}

fn assignment(from: i64, to: Option<i64>) -> Assignment {
    Assignment {
        guest: id(2),
        app: id(1),
        starts_at: from_millis(from),
        ends_at: to.map(from_millis),
        reason: None,
        sponsor: None,
        stands_alone: false,
        group: None,
    }
}

fn invitation(state: InvitationState, expires: i64) -> Invitation {
    Invitation {
        id: id(3),
        guest: id(2),
        app: id(1),
        state,
        created_at: from_millis(0),
        expires_at: from_millis(expires),
        opened_at: None,
        terms: InvitationTerms::by("Lee"),
    }
}

#[test]
fn who_may_enter() {
    use Access::{Allow, AllowByInvitation, Refuse};
    use AccessRefusal::*;
    use InvitationState::{Pending, Redeemed, Revoked};
    let now = from_millis(10 * DAY);
    let contoso = || AccessRule::Domain(vec!["contoso.test".into()]);
    let fabrikam = || AccessRule::Domain(vec!["fabrikam.test".into()]);
    let cases = [
        ("stranger", AccessRule::Invited, None, None, Refuse(NotInvited)),
        (
            "open invitation",
            AccessRule::Invited,
            None,
            Some(invitation(Pending, 11 * DAY)),
            AllowByInvitation(id(3)),
        ),
        (
            "lapsed at this very moment",
            AccessRule::Invited,
            None,
            Some(invitation(Pending, 10 * DAY)),
            Refuse(InvitationLapsed),
        ),
        (
            "revoked",
            AccessRule::Invited,
            None,
            Some(invitation(Revoked, 11 * DAY)),
            Refuse(NotInvited),
        ),
        (
            "an assignment that begins and ends at this very moment",
            AccessRule::Invited,
            Some(assignment(10 * DAY, Some(10 * DAY))),
            None,
            Refuse(AssignmentEnded),
        ),
        (
            "an assignment that begins at this very moment",
            AccessRule::Invited,
            Some(assignment(10 * DAY, None)),
            None,
            Allow,
        ),
        (
            "assigned",
            AccessRule::Invited,
            Some(assignment(0, None)),
            Some(invitation(Redeemed, DAY)),
            Allow,
        ),
        (
            "assignment over",
            AccessRule::Invited,
            Some(assignment(0, Some(10 * DAY))),
            None,
            Refuse(AssignmentEnded),
        ),
        (
            "assignment ahead",
            AccessRule::Invited,
            Some(assignment(11 * DAY, None)),
            None,
            Refuse(AssignmentNotBegun),
        ),
        (
            "invited again",
            AccessRule::Invited,
            Some(assignment(0, Some(DAY))),
            Some(invitation(Pending, 11 * DAY)),
            AllowByInvitation(id(3)),
        ),
        ("domain", contoso(), None, None, Allow),
        ("other domain", fabrikam(), None, None, Refuse(NotInvited)),
        (
            "domain, but ended by hand",
            contoso(),
            Some(assignment(0, Some(DAY))),
            None,
            Refuse(AssignmentEnded),
        ),
        ("any guest", AccessRule::AnyGuest, None, None, Allow),
    ];
    for (name, rule, assignment, invitation, expected) in cases {
        let (app, guest) = (app(rule), guest());
        let standing = AccessFacts {
            rule: &app.access,
            is_app_disabled: false,
            guest: &guest,
            assignment: assignment.as_ref(),
            invitation: invitation.as_ref(),
        };
        assert_eq!(evaluate(&standing, now), expected, "{name}");
    }
}

#[test]
fn blocked_expired_and_switched_off_beat_everything() {
    let now = from_millis(10 * DAY);
    let assignment = assignment(0, None);
    let mut app = app(AccessRule::AnyGuest);
    let mut guest = guest();
    let ask = |app: &App, guest: &Guest| {
        evaluate(
            &AccessFacts {
                rule: &app.access,
                is_app_disabled: app.disabled_at.is_some(),
                guest,
                assignment: Some(&assignment),
                invitation: None,
            },
            now,
        )
    };
    guest.valid_until = Some(now);
    assert_eq!(ask(&app, &guest), Access::Refuse(AccessRefusal::Expired));
    guest.valid_until = Some(now + TimeDelta::milliseconds(1));
    assert_eq!(ask(&app, &guest), Access::Allow);
    for (status, refusal) in [
        (GuestStatus::Converted, AccessRefusal::Converted),
        (GuestStatus::Removed, AccessRefusal::Removed),
        (GuestStatus::Blocked, AccessRefusal::Blocked),
    ] {
        guest.status = status;
        assert_eq!(ask(&app, &guest), Access::Refuse(refusal));
    }
    app.disabled_at = Some(now);
    assert_eq!(ask(&app, &guest), Access::Refuse(AccessRefusal::AppDisabled));
}

#[test]
fn what_ends_a_guests_access() {
    let invited = AccessRule::Invited;
    let theirs = AccessRule::Domain(vec!["contoso.test".into()]);
    let others = AccessRule::Domain(vec!["fabrikam.test".into()]);
    let now = from_millis(10 * DAY);
    for (rule, before, after) in [
        // What they have ends, and what was to come never begins.
        (&invited, Some((1, None)), Some((1, 10))),
        (&invited, Some((1, Some(30))), Some((1, 10))),
        (&invited, Some((20, Some(30))), Some((10, 10))),
        // What is over stays as it was.
        (&invited, Some((1, Some(10))), None),
        (&theirs, Some((1, Some(5))), None),
        // Without an assignment there is something to end only where the app would let them in.
        (&invited, None, None),
        (&others, None, None),
        (&theirs, None, Some((10, 10))),
        (&AccessRule::AnyGuest, None, Some((10, 10))),
    ] {
        let guest = guest();
        let before = before.map(|(from, to): (i64, Option<i64>)| Assignment {
            sponsor: Some("Lee".into()),
            ..assignment(from * DAY, to.map(|to| to * DAY))
        });
        let facts = |assignment| AccessFacts {
            rule,
            is_app_disabled: false,
            guest: &guest,
            assignment,
            invitation: None,
        };
        let made = withdrawn(&facts(before.as_ref()), before.as_ref(), id(1), now);
        let times = made.as_ref().map(|made| (made.starts_at, made.ends_at));
        let wanted =
            after.map(|(from, to): (i64, i64)| (from_millis(from * DAY), Some(from_millis(to * DAY))));
        assert_eq!(times, wanted, "{rule:?} {before:?}");
        let Some(made) = made else { continue };
        assert_eq!((made.guest, made.app), (id(2), id(1)));
        assert_eq!(
            made.sponsor,
            before.as_ref().and_then(|before| before.sponsor.clone())
        );
        assert_eq!(
            evaluate(&facts(Some(&made)), now),
            Access::Refuse(AccessRefusal::AssignmentEnded),
            "{rule:?}"
        );
        assert_eq!(
            withdrawn(&facts(Some(&made)), Some(&made), id(1), now),
            None,
            "once"
        );
    }
}

#[test]
fn a_place_in_a_group_that_is_over_says_nothing_against_a_guest() {
    let (guest, now) = (guest(), from_millis(10 * DAY));
    let over = Assignment {
        group: Some(id(3)),
        ..assignment(DAY, Some(5 * DAY))
    };
    for (rule, wanted) in [
        (AccessRule::AnyGuest, Access::Allow),
        (
            AccessRule::Invited,
            Access::Refuse(AccessRefusal::AssignmentEnded),
        ),
    ] {
        let facts = AccessFacts {
            rule: &rule,
            is_app_disabled: false,
            guest: &guest,
            assignment: Some(&over),
            invitation: None,
        };
        assert_eq!(evaluate(&facts, now), wanted, "{rule:?}");
        let made = withdrawn(&facts, None, id(1), now);
        assert_eq!(made.is_some(), wanted == Access::Allow, "{rule:?}");
    }
}

#[test]
fn what_is_ended_is_ended_through_groups_as_well() {
    let (guest, now) = (guest(), from_millis(10 * DAY));
    let through = Assignment {
        group: Some(id(3)),
        sponsor: Some("Lee".into()),
        ..assignment(DAY, Some(20 * DAY))
    };
    let over = Assignment {
        sponsor: Some("Lee".into()),
        ..assignment(DAY, Some(5 * DAY))
    };
    for own in [None, Some(over)] {
        let facts = |assignment| AccessFacts {
            rule: &AccessRule::Invited,
            is_app_disabled: false,
            guest: &guest,
            assignment,
            invitation: None,
        };
        let deciding = Assignment::deciding(own.iter().chain([&through]), now);
        assert_eq!(evaluate(&facts(deciding), now), Access::Allow);
        let made = withdrawn(&facts(deciding), own.as_ref(), id(1), now).unwrap();
        assert_eq!(made.sponsor, through.sponsor, "who is asked when they ask again");
        assert_eq!((made.group, made.ends_at), (None, Some(now)));
        // Also later: the group does not let them in again.
        let later = from_millis(15 * DAY);
        let deciding = Assignment::deciding([&made, &through], later);
        assert_eq!(
            evaluate(&facts(deciding), later),
            Access::Refuse(AccessRefusal::AssignmentEnded)
        );
        assert_eq!(withdrawn(&facts(deciding), Some(&made), id(1), later), None);
    }
}

#[test]
fn blocked_guests_are_mailed_and_strangers_are_not() {
    let mut guest = guest();
    guest.status = GuestStatus::Blocked;
    let invited = app(AccessRule::Invited);
    assert!(is_mailed(&invited, &guest.email, Some(&guest)));
    assert!(!is_mailed(&invited, &guest.email, None));
    assert!(is_mailed(&app(AccessRule::AnyGuest), &guest.email, None));
}

#[test]
fn what_became_of_a_mail_tells_no_stranger_who_is_a_guest() {
    let email = guest().email;
    let domains = |domain: &str| AccessRule::Domain(vec![domain.into()]);
    for (rule, gets_codes, all) in [
        (AccessRule::AnyGuest, true, true),
        // Of a domain that is refused, only guests are mailed.
        (AccessRule::AnyGuest, false, false),
        (domains(email.domain()), true, true),
        (domains("elsewhere.test"), true, false),
        (AccessRule::Invited, true, false),
        (AccessRule::InDirectory, true, false),
    ] {
        assert_eq!(everybody_is_mailed(&rule, &email, gets_codes), all, "{rule:?}");
    }
}

#[test]
fn a_network_has_a_budget_for_each_kind_of_app() {
    let domain = AccessRule::Domain(vec!["contoso.test".into()]);
    for (access, budget) in [
        (&AccessRule::AnyGuest, NetworkBudget::Everybody),
        (&AccessRule::Invited, NetworkBudget::Guests),
        (&domain, NetworkBudget::Guests),
    ] {
        assert_eq!(network_budget(access), budget, "{access:?}");
    }
}

/// Operators search the audit log for them.
#[test]
fn every_refusal_has_its_word() {
    use AccessRefusal::*;
    for (refusal, word) in [
        (Blocked, "blocked"),
        (Expired, "expired"),
        (AppDisabled, "app_disabled"),
        (NotInvited, "not_invited"),
        (InvitationLapsed, "invitation_lapsed"),
        (AssignmentEnded, "assignment_ended"),
        (AssignmentNotBegun, "assignment_not_begun"),
    ] {
        assert_eq!(refusal.name(), word);
    }
}
