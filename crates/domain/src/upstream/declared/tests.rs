use super::*;
use crate::{
    time::from_millis,
    upstream::{Oauth2Connection, Oauth2Kind},
};

/// Every id is another one.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn contoso() -> Declaration {
    Declaration {
        name: "contoso".into(),
        display_name: "Contoso".into(),
        enabled: true,
        domains: vec!["contoso.test".into(), "contoso.example".into()],
        domain_proof: Proof::Operator,
        addresses: Vec::new(),
        connection: None,
    }
}

/// What has to change where these are all tenants that are declared.
fn changes(there: &[Upstream], tenants: &[Declaration]) -> Vec<Change> {
    let declared = Declared {
        tenants: tenants.to_vec(),
        ..Declared::default()
    };
    planned(there, &declared)
}

fn planned(there: &[Upstream], declared: &Declared) -> Vec<Change> {
    plan(there, declared, from_millis(0), &Counting(0.into()))
}

/// The rows after the changes.
fn carried_out(there: &[Upstream], tenants: &[Declaration]) -> Vec<Upstream> {
    after(there, changes(there, tenants))
}

fn after(there: &[Upstream], changes: Vec<Change>) -> Vec<Upstream> {
    let mut rows = there.to_vec();
    for change in changes {
        let row = change.upstream().clone();
        match rows
            .iter_mut()
            .find(|other| (other.kind, &other.name) == (row.kind, &row.name))
        {
            Some(other) => *other = row,
            None => rows.push(row),
        }
    }
    rows
}

fn providers(declarations: &[Declaration]) -> Declared {
    Declared {
        providers: declarations.to_vec(),
        ..Declared::default()
    }
}

#[test]
fn what_is_declared_is_added_changed_dropped_and_taken_up_again() {
    let first = carried_out(&[], &[contoso()]);
    assert_eq!(first[0].domains, ["contoso.example", "contoso.test"], "in order");
    assert!(first[0].declared && first[0].enabled);
    assert_eq!(changes(&first, &[contoso()]), vec![], "nothing to do");

    let renamed = Declaration {
        display_name: "Contoso Ltd".into(),
        domains: vec!["contoso.test".into()],
        ..contoso()
    };
    let [Change::Alter(_, tenant, fields)] = &changes(&first, std::slice::from_ref(&renamed))[..] else {
        panic!("one change");
    };
    assert_eq!(fields, &["display_name", "domains"]);
    assert_eq!(
        (tenant.id, tenant.display_name.as_str()),
        (first[0].id, "Contoso Ltd")
    );

    let dropped = carried_out(&first, &[]);
    assert_eq!(dropped[0].id, first[0].id, "guests may name it");
    assert!(!dropped[0].enabled && dropped[0].domains.is_empty());
    assert!(!dropped[0].declared, "the operators' from now on");
    assert!(matches!(&changes(&first, &[])[..], [Change::Drop(..)]));
    assert_eq!(changes(&dropped, &[]), vec![], "it is dropped once");
    assert_eq!(carried_out(&dropped, &[contoso()]), first, "the same one again");
}

/// The same row goes on, so redirect URI, accounts and sessions stay.
#[test]
fn what_an_operator_added_is_left_alone_until_it_is_declared() {
    let mut theirs = carried_out(&[], &[contoso()]);
    theirs[0].declared = false;
    assert_eq!(changes(&theirs, &[]), vec![]);
    let [Change::Alter(_, adopted, fields)] = &changes(&theirs, &[contoso()])[..] else {
        panic!("one change");
    };
    assert_eq!((adopted.id, adopted.declared), (theirs[0].id, true));
    assert_eq!(fields, &[ADOPTED]);
}

#[test]
fn the_order_and_the_case_of_lists_do_not_matter() {
    let declaration = |addresses: &[&str]| Declaration {
        name: "google".into(),
        domain_proof: Proof::Operator,
        addresses: addresses.iter().map(|text| address(text)).collect(),
        ..contoso()
    };
    let planned_for = |there: &[Upstream], addresses| planned(there, &providers(&[declaration(addresses)]));
    let rows = after(&[], planned_for(&[], &["Boss@acme.test", "anna@acme.test"]));
    let same = ["ANNA@acme.test", "boss@acme.test", "anna@acme.test"];
    assert_eq!(planned_for(&rows, &same), vec![]);
    let fewer = planned_for(&rows, &["anna@acme.test"]);
    assert!(matches!(&fewer[..], [Change::Alter(_, _, fields)] if fields == &["addresses"]));
}

#[test]
fn a_domain_may_move_from_one_to_the_other() {
    let fabrikam = Declaration {
        name: "fabrikam".into(),
        domains: vec!["contoso.test".into()],
        ..contoso()
    };
    let before = carried_out(&[], &[contoso()]);
    let left = Declaration {
        domains: vec!["contoso.example".into()],
        ..contoso()
    };
    let after = carried_out(&before, &[fabrikam, left]);
    assert_eq!(after[0].domains, ["contoso.example"]);
    assert_eq!(after[1].domains, ["contoso.test"]);
}

/// What is claimed anew leads nowhere until it is proven; what the operator vouches for does.
#[test]
fn a_tenant_speaks_for_the_domains_that_are_proven() {
    let by_dns = |domains: &[&str]| Declaration {
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        domain_proof: Proof::Dns,
        ..contoso()
    };
    let speaks = |tenant: &Upstream| {
        [
            "contoso.test",
            "contoso.example",
            "new.test",
            "sub.contoso.test",
            "test",
        ]
        .map(|domain| tenant.speaks_for(domain))
    };
    let vouched = carried_out(&[], &[contoso()]).remove(0);
    assert_eq!(speaks(&vouched), [true, true, false, false, false]);

    let more = carried_out(&[vouched], &[by_dns(&["contoso.test", "new.test"])]).remove(0);
    assert_eq!(more.domain_proof, Proof::Dns);
    assert_eq!(more.unproven, ["new.test"]);
    assert_eq!(speaks(&more), [true, false, false, false, false]);

    let fewer = carried_out(std::slice::from_ref(&more), &[by_dns(&["contoso.test"])]).remove(0);
    assert_eq!(fewer.unproven, [""; 0], "claimed no more");
    assert_eq!(speaks(&fewer), [true, false, false, false, false]);

    let again = Declaration {
        domains: vec!["contoso.test".into(), "new.test".into()],
        ..contoso()
    };
    let vouched = carried_out(&[more], &[again]).remove(0);
    assert_eq!(
        (vouched.domain_proof, vouched.unproven.len()),
        (Proof::Operator, 0)
    );
    assert_eq!(speaks(&vouched), [true, false, true, false, false]);
}

#[test]
fn a_provider_follows_in_everything() {
    let google = |enabled| Declaration {
        name: "google".into(),
        enabled,
        addresses: vec![address("boss@acme.test")],
        ..contoso()
    };
    let first = after(&[], planned(&[], &providers(&[google(true)]))).remove(0);
    let changed = Declaration {
        display_name: "Google accounts".into(),
        domains: vec!["gmail.com".into()],
        addresses: vec![address("anna@acme.test")],
        connection: Some(connection()),
        ..google(false)
    };
    let there = std::slice::from_ref(&first);
    let declared = providers(std::slice::from_ref(&changed));
    assert_eq!(
        after(there, planned(there, &declared)).remove(0),
        Upstream {
            display_name: changed.display_name,
            enabled: false,
            domains: changed.domains,
            addresses: changed.addresses,
            connection: changed.connection,
            ..first
        }
    );
}

fn connection() -> Connection {
    Connection::Oauth2(Oauth2Connection {
        kind: Oauth2Kind::GitHub,
        client_id: "acme".into(),
        client_secret: crate::Secret::presented("hunter2"),
        endpoints: Oauth2Kind::GitHub.endpoints(),
    })
}

/// A tenant and a provider may bear one name: each is compared with its own kind.
#[test]
fn a_name_is_its_kinds_own() {
    let both = Declared {
        tenants: vec![contoso()],
        providers: vec![Declaration {
            domains: Vec::new(),
            ..contoso()
        }],
    };
    let rows = after(&[], planned(&[], &both));
    assert_eq!(
        rows.iter().map(|row| row.kind).collect::<Vec<_>>(),
        UpstreamKind::ALL
    );
    assert_eq!(planned(&rows, &both), vec![]);
    let changed = planned(&rows, &providers(&both.providers));
    assert!(matches!(&changed[..], [Change::Drop(before, _)] if before.kind == UpstreamKind::Tenant));
}

#[test]
fn what_only_the_other_kind_has_is_nothing() {
    let both = Declaration {
        domain_proof: Proof::Dns,
        addresses: vec![address("boss@acme.test")],
        ..contoso()
    };
    let new = |kind| Upstream::new(kind, &both, from_millis(0), &Counting(0.into()));
    let tenant = new(UpstreamKind::Tenant);
    assert_eq!((tenant.domain_proof, tenant.addresses.len()), (Proof::Dns, 0));
    assert_eq!(tenant.leading(), [""; 0], "nothing is proven yet");
    let provider = new(UpstreamKind::Provider);
    assert_eq!(
        (provider.domain_proof, provider.addresses.len()),
        (Proof::Operator, 1)
    );
    assert_eq!(
        provider.leading(),
        ["contoso.test", "contoso.example", "boss@acme.test"]
    );
}
