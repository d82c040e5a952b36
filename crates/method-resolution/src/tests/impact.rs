use domain::{
    Secret,
    domain_claim::{ClaimState, Proof},
    upstream::{Connection, Oauth2Connection, Oauth2Kind, Provider, Tenant},
};

use super::*;

#[test]
fn who_loses_their_way_in_when_a_method_goes() {
    let loses_with = |off: Method, change: &dyn Fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        loses(&facts, off)
    };
    let federated = |f: &mut Facts| f.tenant = Some(partner(false));
    let stuck = |f: &mut Facts| (f.tenant, f.person) = (Some(partner(false)), Some(person(Some(tenant()))));
    // Who has never signed in gets a code instead; who did is held to what they used.
    assert!(!loses_with(tenant(), &federated));
    assert!(loses_with(tenant(), &stuck));
    assert!(!loses_with(personal(), &stuck) && !loses_with(CODE, &stuck));
    assert!(loses_with(tenant(), &|f| {
        f.person = Some(Person {
            pinned: Some(tenant()),
            ..person(None)
        });
    }));
    // Without codes nothing is left for newcomers either.
    assert!(loses_with(tenant(), &|f| {
        federated(f);
        f.policy.codes = false;
    }));
    assert!(loses_with(CODE, &|f| f.person = Some(person(Some(CODE)))));
    assert!(loses_with(CODE, &|_| ()), "and none for whom nothing else fits");
    assert!(!loses_with(CODE, &federated));
    // Whoever could not come in before loses nothing.
    assert!(!loses_with(tenant(), &|f| {
        stuck(f);
        f.person.as_mut().unwrap().status = GuestStatus::Blocked;
    }));
}

#[test]
fn who_has_no_way_in_with_other_tenants_and_providers() {
    let contoso = Tenant {
        id: Id::from_uuid(uuid::Uuid::from_u128(1)),
        name: "contoso".into(),
        display_name: "Contoso".into(),
        enabled: true,
        declared: true,
        domains: vec!["contoso.test".into()],
        domain_proof: Proof::Operator,
        unproven: vec![],
        connection: None,
        created_at: from_millis(0),
    };
    let off = Tenant {
        enabled: false,
        ..contoso.clone()
    };
    let nobodys = Tenant {
        domains: Vec::new(),
        ..contoso.clone()
    };
    let at_contoso = Method::Federation(contoso.id);
    let shut_out = |tenants: &[Tenant], held: Option<Method>, codes: bool| {
        let mut facts = facts();
        facts.person = Some(person(held));
        facts.policy.codes = codes;
        facts.upstreams_are(tenants, &[]);
        is_shut_out(&facts)
    };
    for (tenants, held, codes, expected, why) in [
        (&[][..], None, true, false, "a code is left"),
        (&[][..], None, false, true, "nothing is left"),
        (
            std::slice::from_ref(&contoso),
            None,
            false,
            false,
            "the tenant has the domain",
        ),
        (std::slice::from_ref(&off), None, false, true, "the tenant is off"),
        (
            std::slice::from_ref(&nobodys),
            None,
            false,
            true,
            "the tenant has another domain",
        ),
        (
            std::slice::from_ref(&contoso),
            Some(at_contoso),
            true,
            false,
            "theirs",
        ),
        (
            std::slice::from_ref(&nobodys),
            Some(at_contoso),
            true,
            false,
            "a lapsed domain shuts out nobody",
        ),
        (
            std::slice::from_ref(&off),
            Some(at_contoso),
            true,
            true,
            "theirs is off",
        ),
        (&[][..], Some(at_contoso), true, true, "theirs is gone"),
        (
            std::slice::from_ref(&contoso),
            Some(CODE),
            false,
            true,
            "codes are theirs, and off",
        ),
    ] {
        assert_eq!(shut_out(tenants, held, codes), expected, "{why}");
    }
    let mut blocked = facts();
    blocked.person = Some(Person {
        status: GuestStatus::Blocked,
        ..person(None)
    });
    assert!(!is_shut_out(&blocked), "an operator did that, and knows");
}

#[test]
fn a_domain_that_leads_nowhere_any_more_shuts_out_newcomers_alone_and_only_without_codes() {
    let id = Id::from_uuid(uuid::Uuid::from_u128(1));
    for (held, codes, expected) in [
        (None, true, false),
        (None, false, true),
        (Some(tenant()), true, false),
        (Some(tenant()), false, false),
    ] {
        let mut facts = facts();
        (facts.tenant, facts.person) = (Some(partner(false)), Some(person(held)));
        facts.policy.codes = codes;
        assert_eq!(loses_domain(&facts, id), expected, "{held:?} {codes}");
        let other = Id::from_uuid(uuid::Uuid::from_u128(9));
        assert!(!loses_domain(&facts, other), "another tenant's is no loss");
    }
}

#[test]
fn the_trace_says_why_a_claimed_domain_does_not_lead_to_its_tenant() {
    for (state, words) in [
        (Some(ClaimState::Pending), "has not proven it yet"),
        (Some(ClaimState::Suspended), "proof has lapsed"),
        (None, "belongs to no federated tenant"),
    ] {
        let mut facts = facts();
        facts.unproven = state;
        let resolution = resolve(&facts);
        assert_eq!(resolution.decision, Decision::Use(CODE));
        let said = |step: &Trace| step.rule == Reason::FederatedDomain && step.said.contains(words);
        assert!(resolution.trace.iter().any(said), "{:?}", resolution.trace);
    }
}

fn provider(number: u128) -> Provider {
    Provider {
        id: Id::from_uuid(uuid::Uuid::from_u128(number)),
        name: "google".into(),
        display_name: "Google".into(),
        enabled: true,
        declared: true,
        domains: vec![],
        addresses: vec![],
        connection: Some(Connection::Oauth2(Oauth2Connection {
            kind: Oauth2Kind::GitHub,
            endpoints: Oauth2Kind::GitHub.endpoints(),
            client_id: "acme".into(),
            client_secret: Secret::presented("hunter2"),
        })),
        created_at: from_millis(0),
    }
}

/// Which provider an address leads to, and why, were these all: by the address, by its domain, by what its host said.
#[test]
fn where_an_address_leads_among_other_providers() {
    let by_domain = Provider {
        domains: vec!["contoso.test".into()],
        ..provider(2)
    };
    let by_address = Provider {
        addresses: vec![EmailAddress::parse("ANNA@contoso.test").unwrap()],
        ..provider(3)
    };
    let others = Provider {
        addresses: vec![EmailAddress::parse("bob@contoso.test").unwrap()],
        domains: vec!["elsewhere.test".into()],
        ..provider(5)
    };
    let off = |provider: &Provider| Provider {
        enabled: false,
        ..provider.clone()
    };
    let bare = Provider {
        connection: None,
        ..by_domain.clone()
    };
    let webfinger = |number| PersonalMatch {
        provider: provider(number).id,
        by: MatchedBy::WebFinger,
        down: true,
        connected: true,
    };
    let lead = |now: Option<PersonalMatch>, there: &[&Provider]| {
        let mut facts = facts();
        facts.personal = now;
        let there: Vec<Provider> = there.iter().map(|provider| (*provider).clone()).collect();
        facts.upstreams_are(&[], &there);
        facts
            .personal
            .map(|found| (found.provider, found.by, found.down, found.connected))
    };
    let (domain, address) = (MatchedBy::Domain, MatchedBy::Address);
    assert_eq!(lead(None, &[]), None);
    assert_eq!(lead(None, &[&others]), None);
    assert_eq!(
        lead(None, &[&others, &by_domain]),
        Some((by_domain.id, domain, false, true))
    );
    assert_eq!(lead(None, &[&bare]), Some((bare.id, domain, false, false)));
    assert_eq!(lead(None, &[&off(&by_domain)]), None);
    assert_eq!(
        lead(None, &[&by_domain, &by_address]),
        Some((by_address.id, address, false, true)),
        "the address goes first"
    );
    let four = provider(4);
    let named = Some(webfinger(4));
    assert_eq!(
        lead(named, &[&four]),
        Some((four.id, MatchedBy::WebFinger, true, true))
    );
    assert_eq!(lead(named, &[&others]), None, "it is gone");
    assert_eq!(
        lead(named, &[&four, &by_domain]),
        Some((by_domain.id, domain, false, true)),
        "another one is not down because it is"
    );
    // A match by the domain is judged anew, and not because it was one before.
    let before = Some(PersonalMatch {
        by: domain,
        down: false,
        ..webfinger(4)
    });
    assert_eq!(lead(before, &[&four]), None);
    let up = Some(PersonalMatch {
        down: false,
        ..webfinger(4)
    });
    assert_eq!(
        lead(up, &[&four]),
        Some((four.id, MatchedBy::WebFinger, false, true))
    );
}

/// What is offered beside codes, and what somebody is held to, stays where it is there, on and connected.
#[test]
fn what_is_offered_and_held_to_is_there_still() {
    let open = |number| OpenProvider {
        provider: provider(number).id,
        down: false,
    };
    let off = Provider {
        enabled: false,
        ..provider(2)
    };
    let bare = Provider {
        connection: None,
        ..provider(2)
    };
    let account = |number: u128| Method::PersonalAccount(provider(number).id);
    for (there, offered, held, unavailable) in [
        (provider(2), 1, account(2), false),
        (off, 0, account(2), true),
        (bare, 0, account(2), false),
        (provider(3), 0, account(2), true),
        (provider(2), 1, CODE, false),
    ] {
        let mut facts = facts();
        facts.open_providers = vec![open(2)];
        facts.person = Some(person(Some(held)));
        facts.upstreams_are(&[], std::slice::from_ref(&there));
        assert_eq!(facts.open_providers.len(), offered, "{there:?}");
        let expected = if unavailable { vec![held] } else { vec![] };
        assert_eq!(facts.person.unwrap().unavailable, expected, "{there:?}");
    }
}

/// A tenant that is down is down still, and no other one is.
#[test]
fn whether_a_tenant_is_down_is_its_own() {
    let of = |number: u128, connection: Option<Connection>| Tenant {
        id: Id::from_uuid(uuid::Uuid::from_u128(number)),
        name: "contoso".into(),
        display_name: "Contoso".into(),
        enabled: true,
        declared: true,
        domains: vec!["contoso.test".into()],
        domain_proof: Proof::Operator,
        unproven: vec![],
        connection,
        created_at: from_millis(0),
    };
    for (now, there, down, connected) in [
        (Some(partner(true)), of(1, None), true, false),
        (Some(partner(false)), of(1, provider(1).connection), false, true),
        (Some(partner(true)), of(9, provider(1).connection), false, true),
        (None, of(1, None), false, false),
    ] {
        let mut facts = facts();
        facts.tenant = now;
        facts.upstreams_are(std::slice::from_ref(&there), &[]);
        let found = facts.tenant.unwrap();
        assert_eq!(
            (found.tenant, found.down, found.connected),
            (there.id, down, connected)
        );
    }
}

/// Switching off one provider shuts out its own people, and not those of another.
#[test]
fn who_loses_a_personal_account() {
    let other = Method::PersonalAccount(Id::from_uuid(uuid::Uuid::from_u128(9)));
    let newcomer = |f: &mut Facts| {
        f.personal = Some(own_account());
        f.policy.codes = false;
    };
    let offered = |f: &mut Facts| {
        f.open_providers = vec![OpenProvider {
            provider: own_account().provider,
            down: false,
        }];
        f.policy.personal_accounts_beside_codes = true;
    };
    let mut facts_of = [facts(), facts()];
    newcomer(&mut facts_of[0]);
    assert!(loses(&facts_of[0], personal()) && !loses(&facts_of[0], other));
    offered(&mut facts_of[1]);
    let choices = |facts: &Facts, off| match resolve(&super::super::impact::without(facts, off)).decision {
        Decision::Ask(methods) => methods.len(),
        _ => 1,
    };
    assert_eq!(
        (choices(&facts_of[1], other), choices(&facts_of[1], personal())),
        (2, 1)
    );
}

#[test]
fn from_when_a_move_is_required() {
    let at = |moving, now| {
        Policy {
            moving,
            ..Policy::default()
        }
        .requires_moves(from_millis(now))
    };
    let from = Moving::RequireFrom(from_millis(1_000));
    assert_eq!([999, 1_000, 1_001].map(|now| at(from, now)), [false, true, true]);
    assert_eq!(
        [Moving::Keep, Moving::Offer].map(|moving| at(moving, 1_000)),
        [false, false]
    );
}
