//! The job on real databases, against a real name server, under a clock that obeys.

use domain::{
    domain_claim::{Answer, ClaimState, DomainClaim, Proof, record_name},
    upstream::Upstream,
};
use store::AuditQuery;
use test_support::{DnsFault, FakeClock, NameServer, TestDatabase, databases, samples};

use super::*;

const DOMAIN: &str = "contoso.example";

/// A provider, its clock, and the name server that it asks.
struct World {
    core: Core,
    clock: FakeClock,
    zone: NameServer,
    name: &'static str,
    _database: TestDatabase,
}

impl World {
    async fn each() -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in databases().await {
            let zone = NameServer::start().await;
            let clock = FakeClock::new();
            let mut settings = test_support::settings("https://login.acme.example");
            settings.name_servers = vec![zone.address()];
            worlds.push(Self {
                core: test_support::core_with(database.store.clone(), clock.clone(), settings),
                clock,
                zone,
                name: database.name,
                _database: database,
            });
        }
        worlds
    }

    /// A tenant that claims the domain; its claim.
    async fn claim(&self, name: &str) -> DomainClaim {
        let tenant = Upstream {
            domain_proof: Proof::Dns,
            ..samples::tenant(name, &[DOMAIN])
        };
        let tx = self.core.store.begin().await.unwrap();
        tx.insert_upstream(&tenant).await.unwrap();
        let claims = tx.claims_of_tenant(tenant.id).await.unwrap();
        tx.commit().await.unwrap();
        claims.into_iter().next().unwrap()
    }

    async fn run(&self) -> usize {
        run(&self.core, "one", &CancellationToken::new()).await.unwrap()
    }

    /// What the job makes of the claim after so many hours.
    async fn after(&self, hours: i64, claim: &DomainClaim) -> ClaimState {
        self.clock.advance(TimeDelta::hours(hours));
        assert_eq!(self.run().await, 1, "{}: it is due", self.name);
        self.now(claim).await.state
    }

    async fn now(&self, claim: &DomainClaim) -> DomainClaim {
        let claims = self
            .core
            .store
            .reader()
            .claims_of_tenant(claim.tenant)
            .await
            .unwrap();
        claims.into_iter().next().unwrap()
    }

    /// The audit log's actions with their reasons, oldest first.
    async fn events(&self) -> Vec<String> {
        let query = AuditQuery {
            limit: 100,
            ..AuditQuery::default()
        };
        let mut records = self.core.store.reader().audit_search(&query).await.unwrap();
        records.reverse();
        records
            .into_iter()
            .map(|record| format!("{} {}", record.action, record.reason.unwrap_or_default()))
            .collect()
    }

    fn set(&self, claims: &[&DomainClaim]) {
        let texts: Vec<String> = claims.iter().map(|claim| claim.record_text().unwrap()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.zone.texts(&record_name(DOMAIN), &texts);
    }
}

#[tokio::test]
async fn a_domain_is_proven_re_checked_suspended_after_three_days_and_restored() {
    for world in World::each().await {
        let claim = world.claim("contoso").await;
        assert_eq!(world.after(0, &claim).await, ClaimState::Pending);
        assert_eq!(world.now(&claim).await.answer, Some(Answer::Nothing));
        assert_eq!(world.run().await, 0, "{}: nothing is due", world.name);
        world.set(&[&claim]);
        assert_eq!(world.after(1, &claim).await, ClaimState::Proven);
        assert_eq!(world.after(24, &claim).await, ClaimState::Proven);

        world.set(&[]);
        assert_eq!(world.after(24, &claim).await, ClaimState::Failing);
        assert_eq!(world.after(71, &claim).await, ClaimState::Failing);
        assert_eq!(world.after(1, &claim).await, ClaimState::Suspended);
        world.set(&[&claim]);
        assert_eq!(world.after(6, &claim).await, ClaimState::Proven);
        assert_eq!(
            world.events().await,
            [
                "domain.proven found",
                "domain.failing nothing",
                "domain.suspended nothing",
                "domain.restored found"
            ],
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn an_outage_of_the_name_server_is_no_news_for_hours_and_ends_a_domain_after_days() {
    for world in World::each().await {
        let claim = world.claim("contoso").await;
        world.set(&[&claim]);
        assert_eq!(world.after(0, &claim).await, ClaimState::Proven);
        world.zone.fail(Some(DnsFault::Code(2)));
        assert_eq!(world.after(24, &claim).await, ClaimState::Proven);
        assert_eq!(
            world.now(&claim).await.answer.map(Answer::name),
            Some("server_failure"),
            "{}",
            world.name
        );
        world.zone.fail(None);
        assert_eq!(world.after(1, &claim).await, ClaimState::Proven);
        assert_eq!(world.events().await, ["domain.proven found"], "{}", world.name);
        world.zone.fail(Some(DnsFault::Garbage));
        for hours in [24, 40, 32] {
            world.after(hours, &claim).await;
        }
        assert_eq!(
            world.now(&claim).await.state,
            ClaimState::Suspended,
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn whoever_proves_a_domain_has_it_and_the_holder_before_loses_it() {
    for world in World::each().await {
        let (before, after) = (world.claim("contoso").await, world.claim("fabrikam").await);
        world.set(&[&before]);
        assert_eq!(world.run().await, 2);
        assert_eq!(world.now(&before).await.state, ClaimState::Proven);
        assert_eq!(world.now(&after).await.answer, Some(Answer::OtherTenant));
        // Beside the record of the holder, another one is no proof.
        world.set(&[&before, &after]);
        world.clock.advance(TimeDelta::minutes(5));
        world.run().await;
        assert_eq!(
            world.now(&after).await.answer,
            Some(Answer::Held),
            "{}",
            world.name
        );
        // The domain was sold.
        world.set(&[&after]);
        world.clock.advance(TimeDelta::minutes(5));
        world.run().await;
        let (lost, won) = (world.now(&before).await, world.now(&after).await);
        assert_eq!(
            (lost.state, won.state),
            (ClaimState::Suspended, ClaimState::Proven)
        );
        let reader = world.core.store.reader();
        let led = reader.tenant_of_domain(DOMAIN).await.unwrap();
        assert_eq!(led.map(|led| led.id), Some(after.tenant), "{}", world.name);
        assert_eq!(
            world.events().await,
            [
                "domain.proven found",
                "domain.suspended proven_by_another_tenant",
                "domain.proven found"
            ],
            "{}",
            world.name
        );
    }
}

/// R03: a domain with other name servers may have another owner.
#[tokio::test]
async fn other_name_servers_are_recorded() {
    for world in World::each().await {
        let claim = world.claim("contoso").await;
        world.set(&[&claim]);
        world
            .zone
            .authority(DOMAIN, &["ns1.contoso.example"], "ns1.contoso.example");
        world.after(0, &claim).await;
        world
            .zone
            .authority(DOMAIN, &["ns.parking.example"], "ns.parking.example");
        world.after(24, &claim).await;
        assert_eq!(
            world.events().await,
            ["domain.proven found", "domain.authority_changed "],
            "{}",
            world.name
        );
        let found = world.now(&claim).await.authority.unwrap();
        assert!(found.contains("parking"), "{found}");
    }
}

#[tokio::test]
async fn one_replica_asks_and_what_was_withdrawn_meanwhile_stays_withdrawn() {
    for world in World::each().await {
        let claim = world.claim("contoso").await;
        let tx = world.core.store.begin().await.unwrap();
        assert!(
            tx.acquire_lease(LEASE, "two", world.core.now(), LEASE_FOR)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        assert_eq!(
            world.run().await,
            0,
            "{}: the other one has the lease",
            world.name
        );
        assert_eq!(world.zone.asked(), [""; 0]);
        world.clock.advance(LEASE_FOR);
        assert_eq!(world.run().await, 1, "{}: it died", world.name);

        let tx = world.core.store.begin().await.unwrap();
        tx.save_claim(&claim.clone().withdrawn(world.core.now()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        world.set(&[&claim]);
        let kept = check_domain(&world.core, Actor::System, &claim).await.unwrap();
        assert_eq!(kept, None, "{}", world.name);
        assert_eq!(world.now(&claim).await.state, ClaimState::Withdrawn);
    }
}

#[tokio::test]
async fn a_thousand_domains_are_asked_a_few_at_a_time_until_all_are() {
    let world = World::each().await.remove(0);
    let domains: Vec<String> = (0..100).map(|number| format!("d{number}.example")).collect();
    let tenant = Upstream {
        domain_proof: Proof::Dns,
        domains: domains.clone(),
        ..samples::tenant("contoso", &[])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.run().await, 100);
    assert_eq!(world.run().await, 0);
    let asked = world.zone.asked();
    for domain in &domains {
        assert!(asked.contains(&record_name(domain)), "{domain}");
    }
}

#[tokio::test]
async fn what_an_operator_did_wrong_is_told_apart() {
    let world = World::each().await.remove(0);
    let claim = world.claim("contoso").await;
    let text = claim.record_text().unwrap();
    let name = record_name(DOMAIN);
    let found = || async {
        check_domain(&world.core, Actor::System, &claim)
            .await
            .unwrap()
            .unwrap()
            .answer
            .unwrap()
    };
    assert_eq!(found().await, Answer::Nothing);
    world.zone.texts(DOMAIN, &[&text]);
    assert_eq!(found().await, Answer::Misplaced);
    world.zone.texts(DOMAIN, &[]);
    world.zone.texts(&format!("{name}.{DOMAIN}"), &[&text]);
    assert_eq!(found().await, Answer::Misplaced);
    world.zone.texts(&name, &["v=spf1 -all"]);
    assert_eq!(found().await, Answer::Misplaced);
    world.zone.texts(&name, &["vestibule-domain=0"]);
    assert_eq!(found().await, Answer::WrongToken);
    world.zone.texts(&name, &[]);
    world.zone.alias(&name, "elsewhere.example");
    world.zone.texts("elsewhere.example", &[&text]);
    assert_eq!(found().await, Answer::Alias);
    assert_eq!(world.now(&claim).await.state, ClaimState::Pending);
}
