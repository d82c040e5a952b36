use uuid::Uuid;

use super::*;
use crate::{
    app::{AccessRule, AppAuthentication, Pkce, SigningAlgorithm},
    guest::GuestStatus,
    invitation::{InvitationState, InvitationTerms},
};

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn assignment(sponsor: &str) -> Assignment {
    Assignment {
        guest: Id::from_uuid(Uuid::nil()),
        app: Id::from_uuid(Uuid::nil()),
        starts_at: DateTime::UNIX_EPOCH,
        ends_at: Some(DateTime::UNIX_EPOCH),
        reason: None,
        sponsor: Some(sponsor.into()),
        stands_alone: false,
        group: None,
    }
}

fn invitation(reply_to: Option<&str>) -> Invitation {
    Invitation {
        id: Id::from_uuid(Uuid::nil()),
        guest: Id::from_uuid(Uuid::nil()),
        app: Id::from_uuid(Uuid::nil()),
        terms: InvitationTerms {
            reply_to: reply_to.map(Into::into),
            ..InvitationTerms::by("Lee")
        },
        state: InvitationState::Revoked,
        created_at: DateTime::UNIX_EPOCH,
        expires_at: DateTime::UNIX_EPOCH,
        opened_at: None,
    }
}

#[test]
fn the_first_whose_address_is_known_is_asked() {
    let (sponsor, named) = (assignment("kim@acme.test"), assignment("Kim"));
    let (inviter, silent) = (invitation(Some("lee@acme.test")), invitation(None));
    // Who invites may have no other address than their name.
    let mut by_name = invitation(None);
    by_name.terms.invited_by = "pat@acme.test".into();
    let owner = email("owner@acme.test");
    let (anna, own) = (email("anna@contoso.test"), assignment("ANNA@contoso.test"));
    for (assignment, invitation, owner, wanted) in [
        (
            Some(&sponsor),
            Some(&inviter),
            Some(&owner),
            Some("kim@acme.test"),
        ),
        (Some(&named), Some(&inviter), Some(&owner), Some("lee@acme.test")),
        (Some(&named), Some(&silent), Some(&owner), Some("owner@acme.test")),
        (None, Some(&inviter), None, Some("lee@acme.test")),
        (None, Some(&by_name), Some(&owner), Some("pat@acme.test")),
        (None, None, Some(&owner), Some("owner@acme.test")),
        (Some(&named), Some(&silent), None, None),
        (None, None, None, None),
        (Some(&own), None, Some(&owner), Some("owner@acme.test")),
        (Some(&own), None, Some(&anna), None),
    ] {
        let answerable = Answerable {
            assignment,
            invitation,
            owner,
            guest: &anna,
            unanswerable: &[],
            notice: TimeDelta::days(14),
        };
        assert_eq!(asked_of(&answerable), wanted.map(email), "{answerable:?}");
    }
}

#[test]
fn who_has_left_is_neither_asked_nor_answers() {
    let sponsor = assignment("Kim@acme.test");
    let inviter = invitation(Some("lee@acme.test"));
    let (owner, anna) = (email("owner@acme.test"), email("anna@contoso.test"));
    let asked = request(DateTime::UNIX_EPOCH);
    let of = |address: &str| AccessRequest {
        asked_of: email(address),
        ..asked.clone()
    };
    for (left, was_asked, wanted_may, wanted_next) in [
        (&[][..], "kim@acme.test", true, None),
        (
            &["kim@acme.test"][..],
            "KIM@acme.test",
            false,
            Some("lee@acme.test"),
        ),
        // Answerable beside the sponsor.
        (&[][..], "lee@acme.test", true, Some("Kim@acme.test")),
        (
            &["kim@acme.test", "lee@acme.test"][..],
            "lee@acme.test",
            false,
            Some("owner@acme.test"),
        ),
        // Somebody else owns the app by now.
        (&[][..], "former@acme.test", false, Some("Kim@acme.test")),
        (
            &["kim@acme.test", "lee@acme.test", "owner@acme.test"][..],
            "kim@acme.test",
            false,
            None,
        ),
    ] {
        let left: Vec<String> = left.iter().map(|&left| left.to_owned()).collect();
        let answerable = Answerable {
            assignment: Some(&sponsor),
            invitation: Some(&inviter),
            owner: Some(&owner),
            guest: &anna,
            unanswerable: &left,
            notice: TimeDelta::days(14),
        };
        let request = of(was_asked);
        assert_eq!(
            may_answer(&request, &answerable),
            wanted_may,
            "{was_asked}, {left:?}"
        );
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(3);
        let next = handed_on(&request, &answerable, request.id, now);
        let next = next.map(|next| (next.asked_of, next.expires_at - now));
        let wanted = wanted_next.map(|wanted| (email(wanted), ANSWERABLE_FOR));
        assert_eq!(next, wanted, "{was_asked}, {left:?}");
    }
}

#[test]
fn who_is_shut_out_themselves_does_not_ask() {
    use AccessRefusal::{
        AppDisabled, AssignmentEnded, AssignmentNotBegun, Blocked, Converted, Expired, InvitationLapsed,
        NotInvited, Removed,
    };
    for (refusal, may) in [
        (NotInvited, true),
        (InvitationLapsed, true),
        (AssignmentEnded, true),
        (AssignmentNotBegun, false),
        (AppDisabled, false),
        (Expired, false),
        (Blocked, false),
        (Converted, false),
        (Removed, false),
    ] {
        assert_eq!(may_ask(refusal), may, "{refusal:?}");
    }
}

#[test]
fn one_asks_once_a_day() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let owner = email("owner@acme.test");
    let answerable = Answerable {
        assignment: None,
        invitation: None,
        owner: Some(&owner),
        guest: &email("anna@contoso.test"),
        unanswerable: &[],
        notice: TimeDelta::days(14),
    };
    let before = |state, hours| {
        let created_at = now - TimeDelta::hours(hours);
        AccessRequest {
            state,
            created_at,
            ..request(created_at + ANSWERABLE_FOR)
        }
    };
    let may = || Asking::Of(owner.clone());
    let (pending, refused) = (AccessRequestState::Pending, AccessRequestState::Refused);
    for (newest, wanted) in [
        (None, may()),
        (
            Some(before(pending, 23)),
            Asking::Asked(now - TimeDelta::hours(23)),
        ),
        (Some(before(pending, 24)), may()),
        // Closed, because nobody could be asked then.
        (
            Some(AccessRequest {
                expires_at: now,
                ..before(pending, 1)
            }),
            may(),
        ),
        (
            Some(before(refused, 1)),
            Asking::TurnedDown(now - TimeDelta::hours(1)),
        ),
        (Some(before(refused, 24)), may()),
        (Some(before(AccessRequestState::Approved, 1)), may()),
    ] {
        let got = asking(AccessRefusal::NotInvited, &answerable, newest.as_ref(), now);
        assert_eq!(got, wanted, "{newest:?}");
    }
    let shut_out = asking(AccessRefusal::Blocked, &answerable, None, now);
    assert_eq!(shut_out, Asking::Nobody);
}

fn request(expires_at: DateTime<Utc>) -> AccessRequest {
    AccessRequest {
        id: Id::from_uuid(Uuid::nil()),
        guest: Id::from_uuid(Uuid::nil()),
        app: Id::from_uuid(Uuid::nil()),
        renews: None,
        proven: true,
        asked_of: email("lee@acme.test"),
        state: AccessRequestState::Pending,
        created_at: DateTime::UNIX_EPOCH,
        expires_at,
    }
}

#[test]
fn who_is_asked_whether_access_goes_on() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let ends = now + TimeDelta::days(3);
    let held = |ends_at| Assignment {
        ends_at,
        ..assignment("kim@acme.test")
    };
    let asked_before = |renews| AccessRequest {
        renews,
        ..request(ends)
    };
    let guest = Guest {
        status: GuestStatus::Active,
        ..Guest::invited(email("anna@contoso.test"), None, now, &Zeros)
    };
    let blocked = Guest {
        status: GuestStatus::Blocked,
        ..guest.clone()
    };
    let (on, off) = (app(None), app(Some(now)));
    // A day of access, of which a quarter is over.
    let short = Assignment {
        starts_at: now - TimeDelta::hours(6),
        ..held(Some(now + TimeDelta::hours(18)))
    };
    let kim = || Some((ends, email("kim@acme.test")));
    for (name, guest, app, held, newest, wanted) in [
        ("ends", &guest, &on, held(Some(ends)), None, kim()),
        ("does not end", &guest, &on, held(None), None, None),
        ("is over", &guest, &on, held(Some(now)), None, None),
        (
            "too early",
            &guest,
            &on,
            held(Some(now + TimeDelta::days(5))),
            None,
            None,
        ),
        ("short", &guest, &on, short.clone(), None, None),
        (
            "asked",
            &guest,
            &on,
            held(Some(ends)),
            Some(asked_before(Some(ends))),
            None,
        ),
        (
            "of another end",
            &guest,
            &on,
            held(Some(ends)),
            Some(asked_before(Some(now))),
            kim(),
        ),
        (
            "closed, for nobody could be asked",
            &guest,
            &on,
            held(Some(ends)),
            Some(AccessRequest {
                expires_at: now,
                ..asked_before(Some(ends))
            }),
            kim(),
        ),
        (
            "another question",
            &guest,
            &on,
            held(Some(ends)),
            Some(asked_before(None)),
            kim(),
        ),
        ("blocked", &blocked, &on, held(Some(ends)), None, None),
        ("app is off", &guest, &off, held(Some(ends)), None, None),
    ] {
        let answerable = Answerable {
            assignment: Some(&held),
            invitation: None,
            owner: None,
            guest: &guest.email,
            unanswerable: &[],
            notice: TimeDelta::days(4),
        };
        let got = asked_to_renew(guest, app, &answerable, newest.as_ref(), now);
        assert_eq!(got, wanted, "{name}");
    }
}

#[test]
fn what_goes_on_is_what_was_asked_about() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let ends = now + TimeDelta::days(3);
    let held = |ends_at| Assignment {
        ends_at,
        ..assignment("kim@acme.test")
    };
    let question = AccessRequest {
        renews: Some(ends),
        ..request(ends)
    };
    let longer = renewed(&question, &held(Some(ends)), None, None).unwrap();
    assert_eq!(
        (longer.ends_at, longer.sponsor.as_deref()),
        (None, Some("lee@acme.test"))
    );
    assert!(!still_ends(&question, None), "taken away");
    assert_eq!(
        renewed(&question, &held(Some(now)), None, None),
        None,
        "changed since"
    );
    assert_eq!(
        renewed(&request(ends), &held(None), None, None),
        None,
        "not asked"
    );
}

#[test]
fn access_through_a_group_and_of_their_own_is_shortened_by_neither() {
    let ends = DateTime::UNIX_EPOCH + TimeDelta::days(30);
    let held = |ends_at| Assignment {
        ends_at,
        ..assignment("kim@acme.test")
    };
    let question = AccessRequest {
        renews: Some(ends),
        ..request(ends)
    };
    let through = Assignment {
        group: Some(Id::from_uuid(Uuid::nil())),
        ..held(Some(ends))
    };
    let day = |days| Some(ends + TimeDelta::days(days));
    for (own, until, wanted) in [
        (day(90), day(14), day(90)),
        (day(3), day(14), day(14)),
        (None, day(14), None),
        (day(90), None, None),
    ] {
        let own = Assignment {
            starts_at: ends,
            ..held(own)
        };
        let made = renewed(&question, &through, Some(&own), until).unwrap();
        assert_eq!((made.ends_at, made.group), (wanted, None));
    }
}

struct Zeros;

impl crate::entropy::Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn app(disabled_at: Option<DateTime<Utc>>) -> App {
    App {
        id: Id::from_uuid(Uuid::nil()),
        client_id: "notes".into(),
        name: "Acme Notes".into(),
        authentication: AppAuthentication::None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access: AccessRule::Invited,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: crate::inviter::Inviters::Operators,
        pkce: Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at,
        created_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn an_answer_counts_once_and_in_time_and_makes_who_gave_it_the_sponsor() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let later = now + TimeDelta::milliseconds(1);
    for (state, expires_at, open) in [
        (AccessRequestState::Pending, later, true),
        (AccessRequestState::Pending, now, false),
        (AccessRequestState::Approved, later, false),
        (AccessRequestState::Refused, later, false),
    ] {
        let request = AccessRequest {
            state,
            ..request(expires_at)
        };
        assert_eq!(request.is_open(now), open, "{state:?}");
        let is_over = state == AccessRequestState::Pending && !open;
        assert_eq!(
            request.standing(now),
            if is_over { "expired" } else { state.name() }
        );
        assert_eq!(AccessRequestState::parse(state.name()), Some(state));
    }
    let made = approved(&request(later), Some(later), now);
    assert_eq!(made.sponsor.as_deref(), Some("lee@acme.test"));
    assert_eq!((made.starts_at, made.ends_at), (now, Some(later)));
    assert!(made.is_active(now) && !made.is_active(later));
}
