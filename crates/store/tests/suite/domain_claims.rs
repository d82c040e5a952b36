//! Domains that tenants claim: where each stands, and that one leads to one tenant.

use chrono::TimeDelta;
use domain::{
    domain_claim::{Answer, ClaimState, DomainClaim, Proof, Unanswered},
    guest::Guest,
    upstream::Upstream,
};
use method_resolution::Policies;
use test_support::{TestDatabase, databases, samples};

use crate::{assert_conflict, assert_corrupt, begin};

const DOMAIN: &str = "contoso.test";

/// A tenant that has yet to prove its domain.
async fn claimant(db: &TestDatabase, name: &str) -> (Upstream, DomainClaim) {
    let tenant = Upstream {
        domain_proof: Proof::Dns,
        unproven: vec![DOMAIN.into()],
        ..samples::tenant(name, &[DOMAIN])
    };
    let tx = begin(db).await;
    tx.insert_upstream(&tenant).await.unwrap();
    let claims = tx.claims_of_tenant(tenant.id).await.unwrap();
    tx.commit().await.unwrap();
    (tenant, claims.into_iter().next().unwrap())
}

async fn save(db: &TestDatabase, claim: &DomainClaim) -> Result<(), store::StoreError> {
    let tx = begin(db).await;
    tx.save_claim(claim).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_claim_is_kept_whole_and_leads_where_its_state_says() {
    for db in databases().await {
        let (tenant, claim) = claimant(&db, "contoso").await;
        assert_eq!(
            (claim.state, claim.check_at),
            (ClaimState::Pending, Some(samples::now()))
        );
        for state in ClaimState::ALL {
            let whole = DomainClaim {
                state,
                since: samples::now() + TimeDelta::minutes(1),
                failed_since: Some(samples::now() + TimeDelta::minutes(2)),
                failures: 7,
                answer: Some(Answer::Unanswered(Unanswered::ServerFailure)),
                checked_at: Some(samples::now() + TimeDelta::minutes(3)),
                check_at: Some(samples::now() + TimeDelta::minutes(4)),
                authority: Some("ns1.example; primary ns1.example".into()),
                ..claim.clone()
            };
            save(&db, &whole).await.unwrap();
            let reader = db.store.reader();
            assert_eq!(
                reader.claims_of_tenant(tenant.id).await.unwrap(),
                [whole],
                "{}",
                db.name
            );
            let led = reader.tenant_of_domain(DOMAIN).await.unwrap();
            assert_eq!(led.is_some(), state.leads(), "{} {state:?}", db.name);
            let claimed = state != ClaimState::Withdrawn;
            let listed = reader.claims_of_domain(DOMAIN).await.unwrap();
            assert_eq!(
                (listed.len(), listed.len()),
                (usize::from(claimed), reader.domain_claims().await.unwrap().len())
            );
            let found = reader.upstream(tenant.id).await.unwrap().unwrap();
            assert_eq!(found.speaks_for(DOMAIN), state.leads(), "{} {state:?}", db.name);
            assert_eq!(found.domains.is_empty(), !claimed, "{} {state:?}", db.name);
        }
    }
}

#[tokio::test]
async fn a_domain_leads_to_one_tenant_whatever_is_saved() {
    for db in databases().await {
        let (_, mine) = claimant(&db, "contoso").await;
        let (_, theirs) = claimant(&db, "fabrikam").await;
        assert_ne!(mine.token, theirs.token, "{}", db.name);
        let proven = |claim: &DomainClaim| DomainClaim {
            state: ClaimState::Proven,
            ..claim.clone()
        };
        save(&db, &proven(&mine)).await.unwrap();
        assert_conflict(save(&db, &proven(&theirs)).await);
        let tx = begin(&db).await;
        assert_conflict(tx.insert_upstream(&samples::tenant("vouched", &[DOMAIN])).await);
        drop(tx);
        save(
            &db,
            &DomainClaim {
                state: ClaimState::Suspended,
                ..mine
            },
        )
        .await
        .unwrap();
        save(&db, &proven(&theirs)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_due_is_listed_the_longest_overdue_first() {
    for db in databases().await {
        let (tenant, claim) = claimant(&db, "contoso").await;
        for (domain, minutes) in [("later.test", 5), ("now.test", 0), ("before.test", -5)] {
            let claim = DomainClaim {
                domain: domain.into(),
                check_at: Some(samples::now() + TimeDelta::minutes(minutes)),
                ..claim.clone()
            };
            save(&db, &claim).await.unwrap();
        }
        let never = DomainClaim {
            check_at: None,
            ..claim
        };
        save(&db, &never).await.unwrap();
        let reader = db.store.reader();
        let due = |limit| reader.claims_to_check(samples::now(), limit);
        let names = |claims: Vec<DomainClaim>| -> Vec<String> {
            claims.into_iter().map(|claim| claim.domain).collect()
        };
        assert_eq!(
            names(due(9).await.unwrap()),
            ["before.test", "now.test"],
            "{}",
            db.name
        );
        assert_eq!(names(due(1).await.unwrap()), ["before.test"], "{}", db.name);
        let tx = begin(&db).await;
        tx.remove_upstream(tenant.id).await.unwrap();
        assert_eq!(tx.domain_claims().await.unwrap(), [], "{}", db.name);
    }
}

#[tokio::test]
async fn a_claim_that_is_made_again_needs_no_other_record() {
    for db in databases().await {
        let (tenant, claim) = claimant(&db, "contoso").await;
        let tx = begin(&db).await;
        let none = Upstream {
            domains: Vec::new(),
            ..tenant.clone()
        };
        tx.save_upstream(&none, samples::now()).await.unwrap();
        assert_eq!(tx.claims_of_domain(DOMAIN).await.unwrap(), [], "{}", db.name);
        tx.save_upstream(&tenant, samples::now()).await.unwrap();
        let again = tx.claims_of_domain(DOMAIN).await.unwrap();
        assert_eq!(
            (&again[0].token, again[0].state),
            (&claim.token, ClaimState::Pending)
        );
    }
}

#[tokio::test]
async fn the_facts_say_that_a_domain_is_claimed_and_leads_nowhere() {
    for db in databases().await {
        let (tenant, claim) = claimant(&db, "contoso").await;
        let email = samples::email("anna@contoso.test");
        let unproven = || async {
            let reader = db.store.reader();
            let nobody: Option<&Guest> = None;
            let policies = Policies::default();
            let facts = reader.method_facts(&email, nobody, &policies, samples::now());
            let facts = facts.await.unwrap();
            (facts.tenant.map(|partner| partner.tenant), facts.unproven)
        };
        assert_eq!(unproven().await, (None, Some(ClaimState::Pending)), "{}", db.name);
        let with = |state| DomainClaim {
            state,
            ..claim.clone()
        };
        save(&db, &with(ClaimState::Suspended)).await.unwrap();
        assert_eq!(
            unproven().await,
            (None, Some(ClaimState::Suspended)),
            "{}",
            db.name
        );
        save(&db, &with(ClaimState::Failing)).await.unwrap();
        assert_eq!(unproven().await, (Some(tenant.id), None), "{}", db.name);
        save(&db, &with(ClaimState::Withdrawn)).await.unwrap();
        assert_eq!(unproven().await, (None, None), "{}", db.name);
    }
}

#[tokio::test]
async fn illegal_values_are_named() {
    for db in databases().await {
        let (tenant, _) = claimant(&db, "contoso").await;
        for (sql, column) in [
            ("UPDATE domain_claims SET answer = 'maybe'", "answer"),
            (
                "UPDATE domain_claims SET failures = -1, answer = NULL",
                "failures",
            ),
            ("UPDATE domain_claims SET state = 'lost'", "state"),
            ("UPDATE domain_claims SET proof = 'word'", "proof"),
        ] {
            db.store.run_raw(sql).await.unwrap();
            let read = db.store.reader().claims_of_tenant(tenant.id).await;
            assert_corrupt(read, ("domain_claims", column));
        }
    }
}
