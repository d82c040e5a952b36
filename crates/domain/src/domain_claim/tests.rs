use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::time::from_millis;

/// Every byte is the number.
struct Bytes(u8);

impl Entropy for Bytes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

const DOMAIN: &str = "contoso.example";

fn tenant(number: u128) -> Id<Upstream> {
    Id::from_uuid(uuid::Uuid::from_u128(number))
}

fn at(hours: i64) -> DateTime<Utc> {
    from_millis(1_803_891_600_000) + TimeDelta::hours(hours)
}

/// The claim of tenant `number`, whose token is made of that number.
fn claim(number: u8, state: ClaimState) -> DomainClaim {
    let claim = DomainClaim::new(tenant(number.into()), DOMAIN, Proof::Dns, at(0), &Bytes(number));
    DomainClaim { state, ..claim }
}

fn text(number: u8) -> String {
    claim(number, ClaimState::Pending).record_text().unwrap()
}

fn said(texts: &[&str]) -> Asked {
    Asked {
        record: Ok(texts.iter().map(|&text| text.to_owned()).collect()),
        is_alias: false,
        elsewhere: Vec::new(),
        authority: None,
    }
}

fn unanswered(why: Unanswered) -> Asked {
    Asked {
        record: Err(why),
        ..said(&[])
    }
}

fn there() -> Asked {
    said(&[&text(1)])
}

fn see(claim: &DomainClaim, asked: &Asked, hours: i64) -> (DomainClaim, Option<Move>) {
    let observed = observe(claim, &[], asked, at(hours), &Bytes(0));
    (observed.claim, observed.moved)
}

#[test]
fn the_record_is_one_line_of_a_zone() {
    let claim = claim(0xab, ClaimState::Pending);
    assert_eq!(
        claim.record().unwrap(),
        "_vestibule-challenge.contoso.example. TXT \"vestibule-domain=abababababababababababababababab\""
    );
    let vouched = DomainClaim::new(tenant(1), DOMAIN, Proof::Operator, at(0), &Bytes(1));
    assert_eq!(vouched.record(), None);
    assert_eq!((vouched.state, vouched.check_at), (ClaimState::Proven, None));
}

#[test]
fn what_the_name_servers_say_is_told_apart() {
    let (mine, theirs) = (text(1), text(2));
    let token = claim(1, ClaimState::Pending).token.unwrap();
    let other = claim(2, ClaimState::Pending).token.unwrap();
    let quoted = format!(" \"{mine}\" ");
    let below = format!("x{mine}");
    for (asked, expected) in [
        (said(&[&mine]), Answer::Found),
        (said(&["v=spf1 -all", &quoted]), Answer::Found),
        (said(&[&theirs, &mine]), Answer::Found),
        (said(&[&theirs]), Answer::OtherTenant),
        (said(&["vestibule-domain=1234"]), Answer::WrongToken),
        (said(&[&mine.to_uppercase()]), Answer::OtherText),
        (said(&[&below]), Answer::OtherText),
        (said(&[&token]), Answer::OtherText),
        (said(&[""]), Answer::OtherText),
        (said(&[]), Answer::Nothing),
        (
            Asked {
                elsewhere: vec![mine.clone()],
                ..said(&[])
            },
            Answer::Misplaced,
        ),
        (
            Asked {
                elsewhere: vec![theirs.clone()],
                ..said(&[])
            },
            Answer::Nothing,
        ),
        (
            Asked {
                is_alias: true,
                ..said(&[&mine])
            },
            Answer::Alias,
        ),
        (
            unanswered(Unanswered::Timeout),
            Answer::Unanswered(Unanswered::Timeout),
        ),
    ] {
        assert_eq!(judge(&asked, &token, &[&other]), expected, "{asked:?}");
        assert_eq!(Answer::parse(expected.name()), Some(expected));
    }
}

#[test]
fn a_claim_is_proven_fails_is_suspended_and_comes_back() {
    let pending = claim(1, ClaimState::Pending);
    let (still, moved) = see(&pending, &said(&[]), 1);
    assert_eq!((still.state, moved), (ClaimState::Pending, None));
    let (proven, moved) = see(&still, &there(), 2);
    assert_eq!((proven.state, moved), (ClaimState::Proven, Some(Move::Proven)));
    assert_eq!((proven.since, proven.check_at), (at(2), Some(at(26))));
    let (again, moved) = see(&proven, &there(), 26);
    assert_eq!(
        (again.state, moved, again.since),
        (ClaimState::Proven, None, at(2))
    );
    let (failing, moved) = see(&again, &said(&[]), 50);
    assert_eq!((failing.state, moved), (ClaimState::Failing, Some(Move::Failing)));
    assert_eq!(
        (failing.failed_since, failing.check_at),
        (Some(at(50)), Some(at(51)))
    );
    let (failing, moved) = see(&failing, &said(&[]), 121);
    assert_eq!((failing.state, moved), (ClaimState::Failing, None));
    let (suspended, moved) = see(&failing, &said(&[]), 122);
    assert_eq!(
        (suspended.state, moved),
        (ClaimState::Suspended, Some(Move::Suspended))
    );
    let (suspended, moved) = see(&suspended, &said(&[]), 200);
    assert_eq!((suspended.state, moved), (ClaimState::Suspended, None));
    let (restored, moved) = see(&suspended, &there(), 201);
    assert_eq!(
        (restored.state, moved),
        (ClaimState::Proven, Some(Move::Restored))
    );
    assert_eq!((restored.failed_since, restored.failures), (None, 0));
}

#[test]
fn a_name_server_that_does_not_answer_is_no_news_at_first_and_counts_all_the_same() {
    let proven = claim(1, ClaimState::Proven);
    for why in [
        Unanswered::Timeout,
        Unanswered::Unreachable,
        Unanswered::ServerFailure,
    ] {
        let (waiting, moved) = see(&proven, &unanswered(why), 0);
        assert_eq!((waiting.state, moved), (ClaimState::Proven, None), "{why:?}");
        assert_eq!(waiting.check_at, Some(at(1)), "it is asked again soon");
        let (fine, moved) = see(&waiting, &there(), 1);
        assert_eq!((fine.state, moved), (ClaimState::Proven, None), "nothing flapped");
        let (failing, moved) = see(&waiting, &unanswered(why), 6);
        assert_eq!((failing.state, moved), (ClaimState::Failing, Some(Move::Failing)));
        let (suspended, moved) = see(&failing, &unanswered(why), 72);
        assert_eq!(
            (suspended.state, moved),
            (ClaimState::Suspended, Some(Move::Suspended))
        );
    }
}

#[test]
fn nobody_is_suspended_because_we_did_not_ask() {
    let (failing, _) = see(&claim(1, ClaimState::Proven), &said(&[]), 0);
    let (failing, moved) = see(&failing, &said(&[]), 1_000);
    assert_eq!(
        (failing.state, moved),
        (ClaimState::Failing, None),
        "the second check only"
    );
    let (_, moved) = see(&failing, &said(&[]), 1_001);
    assert_eq!(moved, Some(Move::Suspended));
}

#[test]
fn pending_claims_are_asked_with_growing_waits() {
    let mut claim = claim(1, ClaimState::Pending);
    let mut waits = Vec::new();
    for _ in 0..14 {
        claim = see(&claim, &said(&[]), 0).0;
        waits.push((claim.check_at.unwrap() - at(0)).num_minutes());
    }
    assert_eq!(
        waits,
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440]
    );
    let earliest = observe(&claim, &[], &said(&[]), at(0), &Bytes(255)).claim;
    assert_eq!((earliest.check_at.unwrap() - at(0)).num_minutes(), 1440 - 144);
}

#[test]
fn whoever_proves_a_domain_has_it() {
    let mine = claim(1, ClaimState::Pending);
    let both = said(&[&text(1), &text(2)]);
    let vouched = DomainClaim {
        proof: Proof::Operator,
        token: None,
        ..claim(2, ClaimState::Proven)
    };
    let proven = |state| vec![claim(2, state)];
    // Who else claims the domain, what the zone holds, and what becomes of the first tenant's claim.
    for (others, asked, answer, state) in [
        (vec![], there(), Answer::Found, ClaimState::Proven),
        // A pending claim blocks no one, even when its record is there as well: the tenant that is checked first has the domain.
        (
            proven(ClaimState::Pending),
            there(),
            Answer::Found,
            ClaimState::Proven,
        ),
        (
            proven(ClaimState::Pending),
            both.clone(),
            Answer::Found,
            ClaimState::Proven,
        ),
        (
            proven(ClaimState::Suspended),
            both.clone(),
            Answer::Found,
            ClaimState::Proven,
        ),
        // A holder whose record is gone loses the domain; one whose record stands beside keeps it.
        (
            proven(ClaimState::Proven),
            there(),
            Answer::Found,
            ClaimState::Proven,
        ),
        (
            proven(ClaimState::Failing),
            there(),
            Answer::Found,
            ClaimState::Proven,
        ),
        (
            proven(ClaimState::Proven),
            both.clone(),
            Answer::Held,
            ClaimState::Pending,
        ),
        (
            proven(ClaimState::Failing),
            both,
            Answer::Held,
            ClaimState::Pending,
        ),
        (vec![vouched], there(), Answer::Held, ClaimState::Pending),
        (
            proven(ClaimState::Proven),
            said(&[&text(2)]),
            Answer::OtherTenant,
            ClaimState::Pending,
        ),
    ] {
        let observed = observe(&mine, &others, &asked, at(0), &Bytes(0)).claim;
        assert_eq!(
            (observed.answer, observed.state),
            (Some(answer), state),
            "{others:?} {asked:?}"
        );
    }
}

#[test]
fn who_loses_a_domain_is_asked_again() {
    let lost = lost(&claim(2, ClaimState::Proven), at(5), &Bytes(0));
    assert_eq!((lost.state, lost.since), (ClaimState::Suspended, at(5)));
    assert_eq!(lost.check_at, Some(at(11)));
    assert_eq!(
        (lost.failed_since, lost.answer),
        (Some(at(5)), Some(Answer::OtherTenant))
    );
    let observed = observe(
        &lost,
        &[claim(1, ClaimState::Proven)],
        &there(),
        at(11),
        &Bytes(0),
    );
    assert_eq!(observed.claim.state, ClaimState::Suspended);
}

#[test]
fn other_name_servers_are_an_event_and_silence_is_none() {
    let with = |authority: Option<&str>| Asked {
        authority: authority.map(str::to_owned),
        ..there()
    };
    let mut claim = claim(1, ClaimState::Proven);
    for (said, was, kept) in [
        (None, None, None),
        (Some("ns1 ns2"), None, Some("ns1 ns2")),
        (Some("ns1 ns2"), None, Some("ns1 ns2")),
        (None, None, Some("ns1 ns2")),
        (Some("ns9"), Some("ns1 ns2"), Some("ns9")),
    ] {
        let observed = observe(&claim, &[], &with(said), at(0), &Bytes(0));
        assert_eq!(observed.authority_was.as_deref(), was, "{said:?}");
        assert_eq!(observed.claim.authority.as_deref(), kept, "{said:?}");
        claim = observed.claim;
    }
}

#[test]
fn the_configuration_keeps_tokens_and_states() {
    let declared = |there: &[DomainClaim], domains: &[&str], proof| {
        let domains: Vec<String> = domains.iter().map(|&domain| domain.to_owned()).collect();
        declare(tenant(1), there, &domains, proof, at(9), &Bytes(7))
    };
    let proven = claim(1, ClaimState::Proven);
    let there = std::slice::from_ref(&proven);
    // What is as it was needs nothing.
    assert_eq!(declared(there, &[DOMAIN], Proof::Dns), []);
    // Another domain is pending; what is left out is withdrawn, and keeps its token.
    let changed = declared(there, &["b.example"], Proof::Dns);
    assert_eq!(
        (&*changed[0].domain, changed[0].state),
        ("b.example", ClaimState::Pending)
    );
    assert_eq!(changed[0].check_at, Some(at(9)));
    let withdrawn = &changed[1];
    assert_eq!(
        (withdrawn.state, withdrawn.check_at),
        (ClaimState::Withdrawn, None)
    );
    assert_eq!(declared(std::slice::from_ref(withdrawn), &[], Proof::Dns), []);
    let again = declared(std::slice::from_ref(withdrawn), &[DOMAIN], Proof::Dns);
    assert_eq!(
        (again[0].state, &again[0].token),
        (ClaimState::Pending, &proven.token),
        "it must be proven anew, by the same record"
    );
    // The operator vouches.
    let vouched = declared(there, &[DOMAIN], Proof::Operator);
    assert_eq!(
        (vouched[0].state, vouched[0].check_at),
        (ClaimState::Proven, None)
    );
    // And does so no more: it leads on, and there are three days for the record.
    let asked = declared(&vouched, &[DOMAIN], Proof::Dns);
    assert_eq!(
        (asked[0].state, asked[0].failed_since),
        (ClaimState::Failing, Some(at(9)))
    );
    assert_eq!(asked[0].token, proven.token);
    let old = DomainClaim::new(tenant(1), DOMAIN, Proof::Operator, at(0), &Bytes(1));
    assert!(declared(&[old], &[DOMAIN], Proof::Dns)[0].token.is_some());
}

proptest! {
    /// Whatever is seen, in whatever order: the state follows from the checks as the states' words say.
    #[test]
    fn a_claim_leads_only_while_its_proof_is_young(
        steps in prop::collection::vec((0_i64..40, 0_u8..4), 1..60),
        jitter: u8,
    ) {
        let mut claim = claim(1, ClaimState::Pending);
        let (mut hour, mut seen) = (0, None);
        for (hours, what) in steps {
            hour += hours;
            let asked = match what {
                0 => there(),
                1 => said(&[]),
                2 => said(&["vestibule-domain=0"]),
                _ => unanswered(Unanswered::Timeout),
            };
            let before = claim.clone();
            let observed = observe(&claim, &[], &asked, at(hour), &Bytes(jitter));
            claim = observed.claim;
            if what == 0 {
                seen = Some(hour);
                prop_assert_eq!(claim.state, ClaimState::Proven);
            }
            // Without a proof it never led.
            prop_assert_eq!(claim.state == ClaimState::Pending, seen.is_none());
            // A change of state and an event are the same thing.
            prop_assert_eq!(before.state != claim.state, observed.moved.is_some());
            if before.state == claim.state {
                prop_assert_eq!(before.since, claim.since);
            }
            // It does not lead when three checks over three days have failed, and leads otherwise.
            let over = claim.failures >= 3
                && claim.failed_since.is_some_and(|since| at(hour) - since >= FAILING_FOR);
            if seen.is_some() && over {
                prop_assert!(!claim.state.leads());
            }
            // The next check is in the future, and within a day.
            let wait = claim.check_at.unwrap() - at(hour);
            prop_assert!(wait > TimeDelta::zero() && wait <= TimeDelta::days(1));
            prop_assert_eq!(claim.checked_at, Some(at(hour)));
        }
    }
}

#[test]
fn a_claim_that_nobody_makes_any_more_begins_anew() {
    let failing = DomainClaim {
        failed_since: Some(at(1)),
        failures: 3,
        check_at: Some(at(2)),
        ..claim(1, ClaimState::Failing)
    };
    let after = failing.clone().withdrawn(at(5));
    let expected = DomainClaim {
        state: ClaimState::Withdrawn,
        since: at(5),
        failed_since: None,
        failures: 0,
        check_at: None,
        ..failing
    };
    assert_eq!(after, expected);
}

#[test]
fn another_proof_begins_anew() {
    let before = DomainClaim {
        failures: 3,
        answer: Some(Answer::WrongToken),
        ..claim(1, ClaimState::Failing)
    };
    let there = std::slice::from_ref(&before);
    for (from, to, state, asked) in [
        (Proof::Dns, Proof::Operator, ClaimState::Proven, None),
        (Proof::Operator, Proof::Dns, ClaimState::Failing, Some(at(9))),
    ] {
        let there = [DomainClaim {
            proof: from,
            ..there[0].clone()
        }];
        let changed = declare(tenant(1), &there, &[DOMAIN.to_owned()], to, at(9), &Bytes(7));
        let [after] = &changed[..] else {
            panic!("{changed:?}");
        };
        assert_eq!((after.proof, after.state, after.since), (to, state, at(9)));
        assert_eq!((after.failures, after.answer), (0, None));
        assert_eq!((after.check_at, after.failed_since), (asked, asked));
    }
}

#[test]
fn every_answer_has_words_of_its_own() {
    let names: BTreeSet<&str> = Answer::ALL.into_iter().map(Answer::name).collect();
    let words: BTreeSet<&str> = Answer::ALL.into_iter().map(Answer::in_words).collect();
    assert_eq!((names.len(), words.len()), (Answer::ALL.len(), Answer::ALL.len()));
    for answer in Answer::ALL {
        assert_eq!(Answer::parse(answer.name()), Some(answer));
        assert!(answer.in_words().len() > 15, "{answer:?}");
    }
}
