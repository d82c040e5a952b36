use domain::domain_claim::ClaimState;

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

/// Whoever an operator has blocked has no way in, and that is meant.
#[test]
fn who_is_blocked_is_not_shut_out() {
    let mut blocked = facts();
    blocked.person = Some(Person {
        status: GuestStatus::Blocked,
        ..person(None)
    });
    assert!(!is_shut_out(&blocked));
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

/// Switching off one provider shuts out its own people, and not those of another.
#[test]
fn who_loses_a_personal_account() {
    let other = Method::Upstream(UpstreamKind::Provider, Id::from_uuid(uuid::Uuid::from_u128(9)));
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
