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

fn changes<T: Declarable>(there: &[T], declared: &[Declaration]) -> Vec<Change<T>> {
    plan(there, declared, from_millis(0), &Counting(0.into()))
}

/// The rows after the changes.
fn carried_out<T: Declarable>(there: &[T], declared: &[Declaration]) -> Vec<T> {
    let mut rows = there.to_vec();
    for change in changes(there, declared) {
        let row = change.upstream().clone();
        match rows.iter_mut().find(|other| other.name() == row.name()) {
            Some(other) => *other = row,
            None => rows.push(row),
        }
    }
    rows
}

#[test]
fn what_is_declared_is_added_changed_dropped_and_taken_up_again() {
    let first = carried_out::<Tenant>(&[], &[contoso()]);
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
    let mut theirs = carried_out::<Tenant>(&[], &[contoso()]);
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
    let rows = carried_out::<Provider>(&[], &[declaration(&["Boss@acme.test", "anna@acme.test"])]);
    let same = declaration(&["ANNA@acme.test", "boss@acme.test", "anna@acme.test"]);
    assert_eq!(changes(&rows, &[same]), vec![]);
    let fewer = changes(&rows, &[declaration(&["anna@acme.test"])]);
    assert!(matches!(&fewer[..], [Change::Alter(_, _, fields)] if fields == &["addresses"]));
}

#[test]
fn a_domain_may_move_from_one_to_the_other() {
    let fabrikam = Declaration {
        name: "fabrikam".into(),
        domains: vec!["contoso.test".into()],
        ..contoso()
    };
    let before = carried_out::<Tenant>(&[], &[contoso()]);
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
    let speaks = |tenant: &Tenant| {
        [
            "contoso.test",
            "contoso.example",
            "new.test",
            "sub.contoso.test",
            "test",
        ]
        .map(|domain| tenant.speaks_for(domain))
    };
    let vouched = carried_out::<Tenant>(&[], &[contoso()]).remove(0);
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
    let first = carried_out::<Provider>(&[], &[google(true)]).remove(0);
    let changed = Declaration {
        display_name: "Google accounts".into(),
        domains: vec!["gmail.com".into()],
        addresses: vec![address("anna@acme.test")],
        connection: Some(connection()),
        ..google(false)
    };
    let after = carried_out(std::slice::from_ref(&first), std::slice::from_ref(&changed)).remove(0);
    assert_eq!(
        after,
        Provider {
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
