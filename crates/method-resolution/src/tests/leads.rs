use domain::{
    Secret,
    domain_claim::{ClaimState, Proof},
    guest::{Guest, Subject},
    upstream::{Connection, Oauth2Connection, Oauth2Kind, Upstream, UpstreamHealth},
};

use super::*;

fn id(number: u128) -> Id<Upstream> {
    Id::from_uuid(uuid::Uuid::from_u128(number))
}

fn upstream(kind: UpstreamKind, number: u128, domains: &[&str]) -> Upstream {
    Upstream {
        id: id(number),
        kind,
        name: format!("upstream-{number}"),
        display_name: "Contoso".into(),
        enabled: true,
        declared: true,
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        domain_proof: Proof::Operator,
        unproven: vec![],
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

fn contoso(number: u128) -> Upstream {
    upstream(UpstreamKind::Tenant, number, &["contoso.test"])
}

fn provider(number: u128, domains: &[&str]) -> Upstream {
    upstream(UpstreamKind::Provider, number, domains)
}

fn off(upstream: &Upstream) -> Upstream {
    Upstream {
        enabled: false,
        ..upstream.clone()
    }
}

fn bare(upstream: &Upstream) -> Upstream {
    Upstream {
        connection: None,
        ..upstream.clone()
    }
}

fn anna() -> EmailAddress {
    EmailAddress::parse("anna@contoso.test").unwrap()
}

fn guest(held_to: Option<Method>) -> Guest {
    Guest {
        id: Id::from_uuid(uuid::Uuid::from_u128(7)),
        subject: Subject::stored("anna"),
        email: anna(),
        name: None,
        language: None,
        status: GuestStatus::Active,
        status_since: from_millis(0),
        former_status: None,
        valid_until: None,
        pinned_method: None,
        method: held_to,
        redeemed_at: None,
        last_sign_in_at: None,
        email_proven_at: None,
        created_at: from_millis(0),
        updated_at: from_millis(0),
    }
}

/// Down until the second second.
const DOWN: UpstreamHealth = UpstreamHealth {
    failures: 3,
    failed_at: chrono::DateTime::UNIX_EPOCH,
    down_until: chrono::DateTime::from_timestamp_millis(2_000),
};

/// What is known of Anna, where these upstreams matter to her address.
fn leads(upstreams: &[Lead]) -> Leads {
    Leads {
        email: anna(),
        now: from_millis(1_000),
        policy: Policy::default(),
        guest: None,
        upstreams: upstreams.to_vec(),
        unproven: None,
    }
}

fn lead(kind: UpstreamKind, number: u128, why: Why, health: Option<UpstreamHealth>) -> Lead {
    Lead {
        why,
        kind,
        id: id(number),
        enabled: true,
        connected: true,
        health,
    }
}

#[test]
fn who_has_no_way_in_with_other_tenants_and_providers() {
    let contoso = contoso(1);
    let nobodys = Upstream {
        domains: Vec::new(),
        ..contoso.clone()
    };
    let unproven = Upstream {
        unproven: contoso.domains.clone(),
        ..contoso.clone()
    };
    let theirs = Some(contoso.method());
    for (there, held, codes, expected, why) in [
        (None, None, true, false, "a code is left"),
        (None, None, false, true, "nothing is left"),
        (Some(&contoso), None, false, false, "the tenant has the domain"),
        (Some(&off(&contoso)), None, false, true, "the tenant is off"),
        (Some(&nobodys), None, false, true, "the tenant has another domain"),
        (Some(&unproven), None, false, true, "the domain is not proven"),
        (Some(&contoso), theirs, true, false, "theirs"),
        (
            Some(&nobodys),
            theirs,
            true,
            false,
            "a lapsed domain shuts out nobody",
        ),
        (Some(&off(&contoso)), theirs, true, true, "theirs is off"),
        (None, theirs, true, true, "theirs is gone"),
        (
            Some(&contoso),
            Some(CODE),
            false,
            true,
            "codes are theirs, and off",
        ),
    ] {
        let mut known = leads(&[]);
        known.guest = Some(guest(held));
        known.policy.codes = codes;
        let there: Vec<Upstream> = there.into_iter().cloned().collect();
        assert_eq!(
            is_shut_out(&known.were_these_all(&there).facts()),
            expected,
            "{why}"
        );
    }
}

/// Which provider an address leads to, and why: by the address, by its domain, by what its host said, in this order.
#[test]
fn where_an_address_leads_among_providers() {
    let by_domain = provider(2, &["contoso.test"]);
    let by_address = Upstream {
        addresses: vec![EmailAddress::parse("ANNA@contoso.test").unwrap()],
        ..provider(3, &[])
    };
    let others = Upstream {
        addresses: vec![EmailAddress::parse("bob@contoso.test").unwrap()],
        ..provider(5, &["elsewhere.test"])
    };
    let four = provider(4, &[]);
    let named = |health| lead(UpstreamKind::Provider, 4, Why::WebFinger, health);
    let by_domain_once = lead(UpstreamKind::Provider, 4, Why::Domain, None);
    let (domain, address, webfinger) = (MatchedBy::Domain, MatchedBy::Address, MatchedBy::WebFinger);
    for (now, there, expected, why) in [
        (None, vec![], None, "there is none"),
        (
            None,
            vec![&others],
            None,
            "theirs is another address and another domain",
        ),
        (
            None,
            vec![&others, &by_domain],
            Some((2, domain, false, true)),
            "by the domain",
        ),
        (
            None,
            vec![&bare(&by_domain)],
            Some((2, domain, false, false)),
            "there is no connection",
        ),
        (None, vec![&off(&by_domain)], None, "it is off"),
        (
            None,
            vec![&by_domain, &by_address],
            Some((3, address, false, true)),
            "the address goes first",
        ),
        (
            None,
            vec![&by_domain, &off(&by_address)],
            Some((2, domain, false, true)),
            "unless it is off",
        ),
        (
            Some(named(Some(DOWN))),
            vec![&four],
            Some((4, webfinger, true, true)),
            "what the host said",
        ),
        (
            Some(named(None)),
            vec![&four],
            Some((4, webfinger, false, true)),
            "and it is up",
        ),
        (Some(named(None)), vec![&others], None, "it is gone"),
        (
            Some(named(Some(DOWN))),
            vec![&four, &by_domain],
            Some((2, domain, false, true)),
            "that one is up",
        ),
        (
            Some(by_domain_once),
            vec![&four],
            None,
            "the domain is judged anew",
        ),
    ] {
        let mut known = leads(&now.into_iter().collect::<Vec<_>>());
        known.policy.webfinger = true;
        let there: Vec<Upstream> = there.into_iter().cloned().collect();
        let found = known.were_these_all(&there).facts().personal;
        let found = found.map(|found| (found.provider, found.by, found.down, found.connected));
        let expected = expected.map(|(number, by, down, connected)| (id(number), by, down, connected));
        assert_eq!(found, expected, "{why}");
    }
    let unasked = leads(&[named(None)]).facts().personal;
    assert_eq!(unasked, None, "hosts are not asked unless the policy says so");
}

/// What is offered beside codes: a provider that is there, on and connected, by name, where the policy lets people choose.
#[test]
fn which_providers_may_be_chosen() {
    let down = lead(UpstreamKind::Provider, 3, Why::Choice, Some(DOWN));
    let there = [
        provider(3, &[]),
        provider(2, &[]),
        off(&provider(4, &[])),
        bare(&provider(5, &[])),
        contoso(1),
    ];
    let mut known = leads(&[down]).were_these_all(&there);
    assert_eq!(known.facts().open_providers, [], "the policy says no");
    known.policy.personal_accounts_beside_codes = true;
    let open = |number, down| OpenProvider {
        provider: id(number),
        down,
    };
    assert_eq!(known.facts().open_providers, [open(2, false), open(3, true)]);
}

/// What a guest is held to is shut where it is off or gone, and not because it has no connection or no domain.
#[test]
fn whether_what_a_guest_is_held_to_is_open() {
    let account = |number| Method::Upstream(UpstreamKind::Provider, id(number));
    let two = provider(2, &[]);
    for (there, held, unavailable) in [
        (&two, account(2), false),
        (&off(&two), account(2), true),
        (&bare(&two), account(2), false),
        (&provider(3, &[]), account(2), true),
        (&two, CODE, false),
    ] {
        let mut known = leads(&[]);
        known.guest = Some(Guest {
            pinned_method: Some(held),
            ..guest(Some(held))
        });
        let person = known
            .were_these_all(std::slice::from_ref(there))
            .facts()
            .person
            .unwrap();
        let expected = if unavailable { vec![held] } else { vec![] };
        assert_eq!(person.unavailable, expected, "{there:?}");
    }
    let mut known = leads(&[lead(UpstreamKind::Provider, 2, Why::Domain, None)]);
    known.guest = Some(guest(Some(account(2))));
    let person = known.facts().person.unwrap();
    assert_eq!(
        person.unavailable,
        [account(2)],
        "that the domain leads there says nothing of what holds"
    );
}

/// A tenant that is down is down still, and no other one is.
#[test]
fn whether_a_tenant_is_down_is_its_own() {
    let now = |health| lead(UpstreamKind::Tenant, 1, Why::Domain, health);
    for (now, there, down, connected) in [
        (Some(now(Some(DOWN))), bare(&contoso(1)), true, false),
        (Some(now(None)), contoso(1), false, true),
        (Some(now(Some(DOWN))), contoso(9), false, true),
        (None, bare(&contoso(1)), false, false),
    ] {
        let known = leads(&now.into_iter().collect::<Vec<_>>());
        let found = known
            .were_these_all(std::slice::from_ref(&there))
            .facts()
            .tenant
            .unwrap();
        assert_eq!(
            (found.tenant, found.down, found.connected),
            (there.id, down, connected)
        );
    }
}

/// Where codes stand in for a tenant it counts as down until it answers again, for half an hour; otherwise for a minute.
#[test]
fn how_long_a_tenant_is_down() {
    let failed = lead(UpstreamKind::Tenant, 1, Why::Domain, Some(DOWN));
    for (codes_when_federation_fails, at, down) in [
        (CodesWhenFederationFails::Never, 1_999, true),
        (CodesWhenFederationFails::Never, 2_000, false),
        (CodesWhenFederationFails::WhileDown, 2_000, true),
        (CodesWhenFederationFails::WhileDown, 30 * 60_000 - 1, true),
        (CodesWhenFederationFails::WhileDown, 30 * 60_000, false),
    ] {
        let mut known = leads(std::slice::from_ref(&failed));
        known.now = from_millis(at);
        known.policy.codes_when_federation_fails = codes_when_federation_fails;
        assert_eq!(
            known.facts().tenant.unwrap().down,
            down,
            "{codes_when_federation_fails:?} {at}"
        );
    }
}

/// A claim that leads nowhere is told of where no tenant has proven the domain.
#[test]
fn a_claim_is_told_of_where_the_domain_leads_nowhere() {
    let led = lead(UpstreamKind::Tenant, 1, Why::Domain, None);
    let off = Lead {
        enabled: false,
        ..led.clone()
    };
    for (there, expected) in [
        (vec![], Some(ClaimState::Pending)),
        (vec![led], None),
        (vec![off], Some(ClaimState::Pending)),
    ] {
        let mut known = leads(&there);
        known.unproven = Some(ClaimState::Pending);
        assert_eq!(known.facts().unproven, expected, "{there:?}");
        assert_eq!(known.has_tenant(), expected.is_none(), "{there:?}");
    }
}

#[test]
fn the_words_of_queries_are_read_again() {
    for why in Why::ALL {
        assert_eq!(Why::parse(why.name()), Some(why));
    }
    assert_eq!(Why::parse("tenant"), None);
}
