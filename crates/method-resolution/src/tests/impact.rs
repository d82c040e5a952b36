use domain::{
    domain_claim::{ClaimState, Proof},
    upstream::Tenant,
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
