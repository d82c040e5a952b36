//! What holds whatever the facts are.

use domain::{guest::GuestStatus, method::Method, time::from_millis};
use proptest::prelude::*;

use super::*;

fn any_method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(CODE), Just(tenant()), Just(personal())]
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let person = (
        prop_oneof![
            Just(GuestStatus::Invited),
            Just(GuestStatus::Active),
            Just(GuestStatus::Blocked)
        ],
        any::<bool>(),
        prop::option::of(any_method()),
        prop::option::of(any_method()),
        prop::collection::vec(any_method(), 0..3),
    )
        .prop_map(|(status, expired, pinned, sticky, unavailable)| Person {
            status,
            expired,
            pinned,
            sticky,
            unavailable,
        });
    let order = prop_oneof![
        Just(vec![]),
        Just(vec![UpstreamKind::Tenant]),
        Just(vec![UpstreamKind::Provider]),
        Just(vec![UpstreamKind::Tenant, UpstreamKind::Provider]),
        Just(vec![UpstreamKind::Provider, UpstreamKind::Tenant]),
    ];
    let moving = prop_oneof![
        Just(Moving::Keep),
        Just(Moving::Offer),
        (0i64..2_000).prop_map(|at| Moving::RequireFrom(from_millis(at)))
    ];
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let allowed = prop_oneof![
        Just(vec![]),
        Just(vec!["contoso.test".into()]),
        Just(vec!["fabrikam.test".into()])
    ];
    let policy = (order, flags, moving, allowed).prop_map(
        |(order, (codes, refused, stand_in, beside, any_provider), moving, allowed_domains)| Policy {
            order,
            codes,
            refused_domains: if refused {
                vec!["contoso.test".into()]
            } else {
                vec![]
            },
            allowed_domains,
            codes_when_federation_fails: if stand_in {
                CodesWhenFederationFails::WhileDown
            } else {
                CodesWhenFederationFails::Never
            },
            codes_beside_personal_accounts: beside,
            personal_accounts_beside_codes: any_provider,
            moving,
            webfinger: true,
        },
    );
    let by = prop_oneof![
        Just(MatchedBy::Domain),
        Just(MatchedBy::Address),
        Just(MatchedBy::WebFinger)
    ];
    let upstreams = (
        prop::option::of(any::<bool>()),
        prop::option::of(by),
        prop::option::of(any_method()),
    );
    (prop::option::of(person), policy, upstreams).prop_map(|(person, policy, (tenant, personal, chosen))| {
        Facts {
            person,
            policy,
            tenant: tenant.map(partner),
            personal: personal.map(|by| PersonalMatch { by, ..own_account() }),
            open_providers: vec![OpenProvider {
                provider: own_account().provider,
                down: false,
            }],
            chosen,
            ..facts()
        }
    })
}

proptest! {
    #[test]
    fn the_answer_is_total_and_deterministic(facts in any_facts()) {
        let resolution = resolve(&facts);
        prop_assert_eq!(&resolution, &resolve(&facts));
        prop_assert_eq!(resolution.trace.iter().filter(|step| step.decided).count(), 1);
        prop_assert_eq!(resolution.trace.last().map(|step| step.rule), Some(resolution.because));
    }

    #[test]
    fn a_federated_domain_never_yields_a_code_unless_allowed(facts in any_facts()) {
        let held = facts.person.as_ref().is_some_and(|person| person.pinned.is_some() || person.sticky.is_some());
        let allowed = facts.policy.codes_when_federation_fails == CodesWhenFederationFails::WhileDown;
        if facts.tenant.is_some() && facts.policy.order.contains(&UpstreamKind::Tenant) && !held && !allowed {
            prop_assert_ne!(resolve(&facts).decision, Decision::Use(CODE));
        }
    }

    #[test]
    fn codes_that_are_off_are_never_used(facts in any_facts()) {
        if !facts.policy.codes {
            prop_assert_ne!(resolve(&facts).decision, Decision::Use(CODE));
        }
    }

    #[test]
    fn a_reset_leads_to_what_a_newcomer_gets(facts in any_facts()) {
        let mut reset = facts.clone();
        let mut newcomer = facts;
        if let Some(person) = &mut reset.person { (person.sticky, person.pinned) = (None, None); }
        if reset.person.as_ref().is_none_or(|person| person.status != GuestStatus::Blocked && !person.expired) {
            newcomer.person = None;
            prop_assert_eq!(resolve(&reset), resolve(&newcomer));
        }
    }

    #[test]
    fn an_offer_is_another_method_and_never_a_code(facts in any_facts()) {
        let resolution = resolve(&facts);
        if let Some(offer) = resolution.offer {
            prop_assert_ne!(offer, CODE);
            prop_assert_ne!(resolution.decision, Decision::Use(offer));
        }
    }

    #[test]
    fn nobody_loses_what_they_did_not_use_or_could_not_have(facts in any_facts(), off in any_method()) {
        let before = resolve(&facts);
        // The account that somebody chose freely is confirmed by a code.
        let confirmed = off == CODE && before.because == Reason::Chosen;
        if loses(&facts, off) {
            let used = match before.decision {
                Decision::Use(method) => method == off || method == CODE || confirmed,
                Decision::Ask(methods) => methods.contains(&off),
                Decision::Refuse(_) => false,
            };
            prop_assert!(used);
        }
    }
}
