//! What method resolution learns about an address.

use chrono::TimeDelta;
use domain::{
    domain_claim::Proof,
    guest::{Guest, GuestStatus},
    method::Method,
    upstream::{Upstream, UpstreamKind},
};
use method_resolution::{Facts, Leads, Likeness, MatchedBy, Partner, PersonalMatch, Policies, Policy};
use test_support::{TestDatabase, databases, samples};

use crate::begin;

#[tokio::test]
async fn a_domain_leads_to_its_tenant_and_its_provider_exactly() {
    for db in databases().await {
        let tenant = samples::tenant("contoso", &["contoso.test"]);
        let provider = Upstream {
            addresses: vec![samples::email("Boss@contoso.test")],
            ..samples::provider("microsoft", &["outlook.test"])
        };
        let off = Upstream {
            enabled: false,
            ..samples::tenant("fabrikam", &["fabrikam.test"])
        };
        let tx = begin(&db).await;
        tx.insert_upstream(&tenant).await.unwrap();
        tx.insert_upstream(&off).await.unwrap();
        tx.insert_upstream(&provider).await.unwrap();
        tx.commit().await.unwrap();

        let policy = Policy {
            codes: false,
            ..Policy::default()
        };
        let policies = Policies::from(policy.clone());
        let reader = db.store.reader();
        let tenant = Some(Partner {
            tenant: tenant.id,
            down: false,
            connected: false,
        });
        let personal = |by| {
            Some(PersonalMatch {
                down: false,
                connected: false,
                provider: provider.id,
                by,
            })
        };
        for (address, its_tenant, its_provider) in [
            ("anna@contoso.test", tenant, None),
            ("ANNA@CONTOSO.TEST", tenant, None),
            ("anna@mail.contoso.test", None, None),
            ("anna@outlook.test", None, personal(MatchedBy::Domain)),
            ("boss@contoso.test", tenant, personal(MatchedBy::Address)),
            ("anna@fabrikam.test", None, None),
        ] {
            let email = samples::email(address);
            let facts = reader
                .method_facts(&email, None, &policies, samples::now())
                .await
                .unwrap();
            assert_eq!(facts.tenant, its_tenant, "{}: {address}", db.name);
            assert_eq!(facts.personal, its_provider, "{}: {address}", db.name);
            assert_eq!(
                (facts.email, facts.person),
                (email, None),
                "{}: {address}",
                db.name
            );
            assert_eq!((facts.policy, facts.now), (policy.clone(), samples::now()));
        }
    }
}

#[tokio::test]
async fn a_guest_brings_what_sticks_and_what_is_gone() {
    for db in databases().await {
        let on = samples::tenant("contoso", &[]);
        let off = Upstream {
            enabled: false,
            ..samples::tenant("fabrikam", &[])
        };
        let tx = begin(&db).await;
        tx.insert_upstream(&on).await.unwrap();
        tx.insert_upstream(&off).await.unwrap();
        let removed = Method::Upstream(UpstreamKind::Provider, samples::id());
        for (pinned, sticky, unavailable) in [
            (None, None, vec![]),
            (None, Some(Method::Passcode), vec![]),
            (Some(on.method()), Some(Method::Passcode), vec![]),
            (Some(off.method()), Some(removed), vec![off.method(), removed]),
            (Some(removed), Some(removed), vec![removed]),
        ] {
            let guest = Guest {
                pinned_method: pinned,
                method: sticky,
                valid_until: Some(samples::now() + TimeDelta::days(1)),
                ..samples::active_guest("anna@contoso.test")
            };
            for (days, expired) in [(0, false), (1, true)] {
                let now = samples::now() + TimeDelta::days(days);
                let facts = tx
                    .method_facts(&guest.email, Some(&guest), &Policies::default(), now)
                    .await
                    .unwrap();
                let person = facts.person.unwrap();
                assert_eq!((person.pinned, person.sticky), (pinned, sticky), "{}", db.name);
                assert_eq!(person.unavailable, unavailable, "{}", db.name);
                assert_eq!(
                    (person.status, person.expired),
                    (guest.status, expired),
                    "{}",
                    db.name
                );
            }
        }
    }
}

/// More guests than one statement asks for, of every kind that there is; where hosts were asked, what some of them said.
async fn crowd(db: &TestDatabase, are_hosts_asked: bool) -> Vec<Guest> {
    let tenant = samples::tenant("contoso", &["contoso.test"]);
    let off = Upstream {
        enabled: false,
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let provider = Upstream {
        addresses: vec![samples::email("boss@contoso.test")],
        ..samples::provider("microsoft", &["outlook.test"])
    };
    let other = samples::provider("google", &[]);
    let unproven = Upstream {
        domain_proof: Proof::Dns,
        unproven: vec!["asked.test".into()],
        ..samples::tenant("asked", &["asked.test"])
    };
    let methods = [
        None,
        Some(Method::Passcode),
        Some(tenant.method()),
        Some(off.method()),
        Some(other.method()),
        Some(Method::Upstream(UpstreamKind::Provider, samples::id())),
    ];
    let domains = [
        "contoso.test",
        "fabrikam.test",
        "outlook.test",
        "asked.test",
        "nowhere.test",
    ];
    let mut guests: Vec<Guest> = (0..600)
        .map(|number| Guest {
            method: methods[number % 6],
            pinned_method: methods[number / 6 % 6],
            status: if number % 7 == 0 {
                GuestStatus::Blocked
            } else {
                GuestStatus::Active
            },
            valid_until: (number % 11 == 0).then(samples::now),
            ..samples::active_guest(&format!("g{number}@{}", domains[number % 5]))
        })
        .collect();
    guests.push(samples::active_guest("Boss@contoso.test"));
    let tx = begin(db).await;
    for upstream in [&tenant, &off, &provider, &other, &unproven] {
        tx.insert_upstream(upstream).await.unwrap();
    }
    if are_hosts_asked {
        let other = other.id;
        for (guest, hours) in guests.iter().skip(3).step_by(5).zip([1, -1].into_iter().cycle()) {
            let until = samples::now() + TimeDelta::hours(hours);
            tx.keep_webfinger(&guest.email, Some(other), until).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    guests
}

#[tokio::test]
async fn many_guests_are_told_what_each_of_them_is_told() {
    for db in databases().await {
        let guests = crowd(&db, true).await;
        let reader = db.store.reader();
        let to_choose = Policy {
            personal_accounts_beside_codes: true,
            ..Policy::default()
        };
        let policies = Policies {
            usual: Policy::default(),
            domains: [("nowhere.test".to_owned(), to_choose)].into(),
        };
        let now = samples::now();
        let known = reader.known_leads(now).await.unwrap();
        let all = reader.leads_of(guests.clone(), &known, &policies).await.unwrap();
        assert_eq!(all.len(), guests.len());
        let (mut upstreams, mut claims) = (0, 0);
        for (guest, many) in guests.iter().zip(all) {
            let one = reader
                .leads(&guest.email, Some(guest), &policies, now)
                .await
                .unwrap();
            let by_order = |leads: &Leads| {
                let mut leads = leads.clone();
                leads.upstreams.sort_by_key(|lead| (lead.id, lead.why.name()));
                leads
            };
            assert_eq!(by_order(&many), by_order(&one), "{}", db.name);
            assert_eq!(many.facts(), one.facts(), "{}", db.name);
            upstreams += one.upstreams.len();
            claims += usize::from(one.unproven.is_some());
        }
        assert!(claims > 0, "{}", db.name);
        assert!(upstreams > 900, "{}: {upstreams} leads", db.name);
        let none = reader.leads_of(Vec::new(), &known, &policies).await.unwrap();
        assert_eq!(none, []);
    }
}

/// Previews ask about one of those who are alike, and believe it of all.
#[tokio::test]
async fn who_is_alike_has_the_same_facts() {
    for db in databases().await {
        let guests = crowd(&db, false).await;
        let reader = db.store.reader();
        let (policies, now) = (Policies::default(), samples::now());
        let known = reader.known_leads(now).await.unwrap();
        let all = reader.leads_of(guests.clone(), &known, &policies).await.unwrap();
        let mut kinds: Vec<(String, Likeness, Facts)> = Vec::new();
        let mut named = 0;
        for (guest, leads) in guests.iter().zip(all) {
            if known.names(&guest.email) {
                named += 1;
                continue;
            }
            let (domain, likeness) = (guest.email.domain(), Likeness::of(guest, now));
            let mut facts = leads.facts();
            let kind = kinds
                .iter()
                .find(|(other, like, _)| other == domain && *like == likeness);
            match kind {
                Some((.., same)) => {
                    facts.email = same.email.clone();
                    assert_eq!(facts, *same, "{}: {guest:?}", db.name);
                }
                None => kinds.push((domain.to_owned(), likeness, facts)),
            }
        }
        assert_eq!(named, 1, "{}: whom a rule names", db.name);
        assert!(
            kinds.len() > 100 && kinds.len() < guests.len() * 3 / 4,
            "{}: {}",
            db.name,
            kinds.len()
        );

        // Where a host has named a provider for one mailbox, nobody is believed to be like another.
        let google = reader.upstream_called("google").await.unwrap().unwrap();
        for (provider, names_all) in [(None, false), (Some(google.id), true)] {
            let tx = begin(&db).await;
            let until = now + TimeDelta::hours(1);
            tx.keep_webfinger(&guests[0].email, provider, until)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let known = reader.known_leads(now).await.unwrap();
            let are_named = guests.iter().all(|guest| known.names(&guest.email));
            assert_eq!(are_named, names_all, "{}", db.name);
        }
    }
}
