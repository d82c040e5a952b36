mod choice;
mod impact;
mod leads;
mod properties;

use domain::{
    EmailAddress, Id, guest::GuestStatus, method::Method, sign_in::Offer, time::from_millis,
    upstream::UpstreamKind,
};

use super::*;

fn tenant() -> Method {
    Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(uuid::Uuid::from_u128(1)))
}

fn personal() -> Method {
    Method::Upstream(UpstreamKind::Provider, Id::from_uuid(uuid::Uuid::from_u128(2)))
}

fn partner(down: bool) -> Partner {
    Partner {
        tenant: Id::from_uuid(uuid::Uuid::from_u128(1)),
        down,
        connected: true,
    }
}

fn own_account() -> PersonalMatch {
    PersonalMatch {
        provider: Id::from_uuid(uuid::Uuid::from_u128(2)),
        by: MatchedBy::Domain,
        down: false,
        connected: true,
    }
}

fn person(sticky: Option<Method>) -> Person {
    Person {
        status: GuestStatus::Active,
        expired: false,
        pinned: None,
        sticky,
        unavailable: vec![],
    }
}

fn facts() -> Facts {
    Facts {
        email: EmailAddress::parse("anna@contoso.test").unwrap(),
        now: from_millis(1_000),
        policy: Policy::default(),
        person: None,
        tenant: None,
        unproven: None,
        personal: None,
        open_providers: Vec::new(),
        chosen: None,
    }
}

fn ask(change: impl FnOnce(&mut Facts)) -> (Decision, Reason, Option<Method>) {
    let mut facts = facts();
    change(&mut facts);
    let resolution = resolve(&facts);
    (resolution.decision, resolution.because, resolution.offer)
}

fn uses(method: Method, because: Reason) -> (Decision, Reason, Option<Method>) {
    (Decision::Use(method), because, None)
}

fn refuses(refusal: Refusal, because: Reason) -> (Decision, Reason, Option<Method>) {
    (Decision::Refuse(refusal), because, None)
}

const CODE: Method = Method::Passcode;

#[test]
fn strangers_and_the_newly_invited() {
    assert_eq!(ask(|_| ()), uses(CODE, Reason::Fallback));
    assert_eq!(
        ask(|f| f.person = Some(person(None))),
        uses(CODE, Reason::Fallback)
    );
    assert_eq!(
        ask(|f| f.tenant = Some(partner(false))),
        uses(tenant(), Reason::FederatedDomain)
    );
    assert_eq!(
        ask(|f| f.personal = Some(own_account())),
        uses(personal(), Reason::PersonalAccount)
    );
    assert_eq!(
        ask(|f| f.policy.codes = false),
        refuses(Refusal::NoMethod, Reason::Fallback)
    );
}

#[test]
fn two_methods_are_asked_about_once() {
    let both = |f: &mut Facts| (f.tenant, f.personal) = (Some(partner(false)), Some(own_account()));
    assert_eq!(
        ask(both),
        (Decision::Ask(vec![tenant(), personal()]), Reason::TwoFit, None)
    );
    assert_eq!(
        ask(|f| {
            both(f);
            f.policy.order.reverse();
        }),
        (Decision::Ask(vec![personal(), tenant()]), Reason::TwoFit, None)
    );
    assert_eq!(
        ask(|f| {
            both(f);
            f.chosen = Some(personal());
        }),
        uses(personal(), Reason::Chosen)
    );
    // A choice that was never offered is no choice.
    assert_eq!(
        ask(|f| {
            both(f);
            f.chosen = Some(CODE);
        })
        .1,
        Reason::TwoFit
    );
    assert_eq!(
        ask(|f| {
            both(f);
            f.policy.order = vec![UpstreamKind::Tenant];
        }),
        uses(tenant(), Reason::FederatedDomain)
    );
}

#[test]
fn a_personal_account_is_better_than_a_code_where_it_opens_and_owns_the_domain() {
    let later = |own: PersonalMatch| ask(|f| (f.person, f.personal) = (Some(person(Some(CODE))), Some(own)));
    assert_eq!(
        later(own_account()),
        (Decision::Use(CODE), Reason::Sticky, Some(personal()))
    );
    for shut in [
        PersonalMatch {
            connected: false,
            ..own_account()
        },
        PersonalMatch {
            down: true,
            ..own_account()
        },
        PersonalMatch {
            by: MatchedBy::Address,
            ..own_account()
        },
        PersonalMatch {
            by: MatchedBy::WebFinger,
            ..own_account()
        },
    ] {
        assert_eq!(later(shut), uses(CODE, Reason::Sticky), "{shut:?}");
    }
}

#[test]
fn a_tenant_that_is_down_fails_closed_unless_codes_may_stand_in() {
    assert_eq!(
        ask(|f| f.tenant = Some(partner(true))),
        uses(tenant(), Reason::FederatedDomain)
    );
    let allowed = |f: &mut Facts| {
        f.tenant = Some(partner(true));
        f.policy.codes_when_federation_fails = CodesWhenFederationFails::WhileDown;
    };
    assert_eq!(ask(allowed), uses(CODE, Reason::FederationDown));
    assert_eq!(
        ask(|f| {
            allowed(f);
            f.policy.codes = false;
        }),
        uses(tenant(), Reason::FederatedDomain)
    );
    assert_eq!(
        ask(|f| {
            allowed(f);
            f.tenant = Some(partner(false));
        }),
        uses(tenant(), Reason::FederatedDomain)
    );
}

#[test]
fn the_first_method_sticks() {
    assert_eq!(
        ask(|f| f.person = Some(person(Some(tenant())))),
        uses(tenant(), Reason::Sticky)
    );
    let later_federated =
        |f: &mut Facts| (f.person, f.tenant) = (Some(person(Some(CODE))), Some(partner(false)));
    assert_eq!(
        ask(later_federated),
        (Decision::Use(CODE), Reason::Sticky, Some(tenant()))
    );
    assert_eq!(
        ask(|f| {
            later_federated(f);
            f.policy.moving = Moving::Keep;
        }),
        uses(CODE, Reason::Sticky)
    );
    let require = |at: i64| {
        move |f: &mut Facts| {
            later_federated(f);
            f.policy.moving = Moving::RequireFrom(from_millis(at));
        }
    };
    assert_eq!(
        ask(require(1_001)),
        (Decision::Use(CODE), Reason::Sticky, Some(tenant()))
    );
    assert_eq!(
        ask(require(1_000)),
        (Decision::Use(CODE), Reason::MoveRequired, Some(tenant())),
        "both are proven"
    );
    // An upstream that is switched off gets no guest.
    for shut in [
        Partner {
            connected: false,
            ..partner(false)
        },
        partner(true),
    ] {
        assert_eq!(
            ask(|f| {
                require(1_000)(f);
                f.tenant = Some(shut);
            }),
            uses(CODE, Reason::Sticky),
            "{shut:?}"
        );
    }
    // A code is never the better method.
    assert_eq!(
        ask(|f| f.person = Some(person(Some(personal())))),
        uses(personal(), Reason::Sticky)
    );
}

#[test]
fn codes_stand_in_for_a_tenant_that_is_down_where_they_may() {
    let down = |sticky: Option<Method>, codes| {
        move |f: &mut Facts| {
            f.tenant = Some(partner(true));
            f.policy.codes_when_federation_fails = codes;
            f.person = sticky.map(|method| person(Some(method)));
        }
    };
    let (never, while_down) = (
        CodesWhenFederationFails::Never,
        CodesWhenFederationFails::WhileDown,
    );
    assert_eq!(ask(down(None, while_down)), uses(CODE, Reason::FederationDown));
    assert_eq!(
        ask(down(Some(tenant()), while_down)),
        uses(CODE, Reason::FederationDown)
    );
    assert_eq!(ask(down(Some(tenant()), never)), uses(tenant(), Reason::Sticky));
    assert_eq!(ask(down(None, never)), uses(tenant(), Reason::FederatedDomain));
    // That another tenant is down does not let this guest use a code.
    let elsewhere = Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(uuid::Uuid::from_u128(9)));
    assert_eq!(
        ask(down(Some(elsewhere), while_down)),
        uses(elsewhere, Reason::Sticky)
    );
    assert_eq!(
        ask(|f| {
            down(Some(tenant()), while_down)(f);
            f.policy.codes = false;
        }),
        uses(tenant(), Reason::Sticky),
        "codes are off"
    );
}

#[test]
fn pinned_beats_sticky_and_a_method_that_is_off_is_no_way_around() {
    let pinned = |method| {
        move |f: &mut Facts| {
            f.person = Some(Person {
                pinned: Some(method),
                ..person(Some(tenant()))
            });
            f.tenant = Some(partner(false));
        }
    };
    assert_eq!(ask(pinned(CODE)), uses(CODE, Reason::Pinned));
    assert_eq!(
        ask(|f| {
            pinned(CODE)(f);
            f.policy.codes = false;
        }),
        refuses(Refusal::MethodUnavailable, Reason::Pinned)
    );
    let gone = |f: &mut Facts| {
        f.person = Some(Person {
            unavailable: vec![tenant()],
            ..person(Some(tenant()))
        });
    };
    assert_eq!(ask(gone), refuses(Refusal::MethodUnavailable, Reason::Sticky));
    assert_eq!(
        ask(|f| {
            f.person = Some(person(Some(CODE)));
            f.policy.codes = false;
        }),
        refuses(Refusal::MethodUnavailable, Reason::Sticky)
    );
}

#[test]
fn why_a_known_guest_gets_no_code() {
    use GuestStatus::{Active, Blocked};

    let status = |status, codes, refused| {
        let mut f = facts();
        f.person = Some(Person {
            status,
            ..person(Some(CODE))
        });
        f.policy.codes = codes;
        if refused {
            f.policy.refused_domains = vec!["contoso.test".into()];
        }
        why_no_code(&f)
    };
    for (guest, codes, refused, expected) in [
        (Active, true, false, None),
        (Active, false, false, Some(NoCode::MethodOff)),
        (Active, true, true, Some(NoCode::DomainRefused)),
        (Blocked, false, true, Some(NoCode::DomainRefused)),
        (Blocked, false, false, None),
    ] {
        assert_eq!(
            status(guest, codes, refused),
            expected,
            "{guest:?} {codes} {refused}"
        );
    }
}

#[test]
fn who_is_refused() {
    let is = |status, expired| {
        move |f: &mut Facts| {
            f.person = Some(Person {
                status,
                expired,
                ..person(None)
            });
        }
    };
    assert_eq!(
        ask(is(GuestStatus::Blocked, true)),
        refuses(Refusal::Blocked, Reason::Refused)
    );
    assert_eq!(
        ask(is(GuestStatus::Active, true)),
        refuses(Refusal::Expired, Reason::Refused)
    );
    let domain = |domain: &'static str| move |f: &mut Facts| f.policy.refused_domains = vec![domain.into()];
    assert_eq!(
        ask(domain("contoso.test")),
        refuses(Refusal::DomainRefused, Reason::Refused)
    );
    assert_eq!(ask(domain("test")), uses(CODE, Reason::Fallback));
    assert_eq!(ask(domain("sub.contoso.test")), uses(CODE, Reason::Fallback));
}

#[test]
fn the_trace_tells_the_whole_story() {
    let trace: Vec<String> = resolve(&facts()).trace.iter().map(ToString::to_string).collect();
    assert_eq!(
        trace,
        [
            "· refused: no block on the guest or the domain",
            "· pinned: no method is pinned",
            "· sticky: the guest has not redeemed, or was reset",
            "· federated_domain: the domain belongs to no federated tenant",
            "· personal_account: the address belongs to no personal-account provider",
            "→ fallback: nothing else fits, and codes are on",
        ]
    );
}

#[test]
fn what_a_first_sign_in_fixes() {
    use {Decision::Ask, Decision::Refuse, Decision::Use};
    for (proven, decision, because, fixes) in [
        (CODE, Use(CODE), Reason::Fallback, true),
        (CODE, Use(CODE), Reason::Pinned, true),
        // The code stands in, and the tenant's sign-in is still to come.
        (CODE, Use(CODE), Reason::FederationDown, false),
        (CODE, Use(tenant()), Reason::FederatedDomain, false),
        (CODE, Use(personal()), Reason::PersonalAccount, false),
        (CODE, Ask(vec![tenant(), CODE]), Reason::TwoFit, true),
        (CODE, Ask(vec![tenant(), personal()]), Reason::TwoFit, false),
        (CODE, Refuse(Refusal::NoMethod), Reason::Refused, false),
        // An account of one's own is never a stand-in.
        (tenant(), Use(tenant()), Reason::FederatedDomain, true),
        (personal(), Use(CODE), Reason::Fallback, true),
    ] {
        let resolution = Resolution {
            decision,
            because,
            offer: None,
            trace: vec![],
        };
        assert_eq!(resolution.fixes(proven), fixes, "{proven:?} {resolution:?}");
    }
}

#[test]
fn a_move_may_be_declined_until_it_is_required() {
    let to_move = |moving| {
        let mut facts = facts();
        facts.person = Some(person(Some(CODE)));
        facts.tenant = Some(partner(false));
        facts.policy.moving = moving;
        resolve(&facts).to_move()
    };
    assert_eq!(to_move(Moving::Keep), None);
    assert_eq!(to_move(Moving::Offer), Some((tenant(), Offer::May)));
    let required = Moving::RequireFrom(from_millis(1_000));
    assert_eq!(to_move(required), Some((tenant(), Offer::Must)));
}

/// Operators search the audit log for them, and programs read them from the API.
#[test]
fn every_reason_and_every_refusal_has_its_word() {
    for (reason, word) in [
        (Reason::Refused, "refused"),
        (Reason::Pinned, "pinned"),
        (Reason::Sticky, "sticky"),
        (Reason::MoveRequired, "move_required"),
        (Reason::FederatedDomain, "federated_domain"),
        (Reason::FederationDown, "federation_down"),
        (Reason::PersonalAccount, "personal_account"),
        (Reason::TwoFit, "two_fit"),
        (Reason::Chosen, "chosen"),
        (Reason::Fallback, "fallback"),
    ] {
        assert_eq!(reason.name(), word);
    }
    for (refusal, word) in [
        (Refusal::Blocked, "blocked"),
        (Refusal::Expired, "expired"),
        (Refusal::DomainRefused, "domain_refused"),
        (Refusal::MethodUnavailable, "method_unavailable"),
        (Refusal::NoMethod, "no_method"),
    ] {
        assert_eq!(refusal.name(), word);
    }
    for (off, word) in [
        (crate::Off::DomainRefused, "domain_refused"),
        (crate::Off::Codes, "codes_off"),
        (crate::Off::Passkeys, "passkeys_off"),
        (crate::Off::Saml, "saml_off"),
    ] {
        assert_eq!(off.name(), word);
    }
}
