use proptest::prelude::*;

use super::*;
use crate::time::from_millis;

const RS: SigningAlgorithm = SigningAlgorithm::Rs256;

fn hour(hour: i64) -> DateTime<Utc> {
    from_millis(hour * 3_600_000)
}

fn key(kid: &str, state: KeyState, since: i64) -> SigningKey {
    SigningKey {
        kid: kid.into(),
        algorithm: RS,
        state,
        since: hour(since),
    }
}

/// Applies a plan as the job does.
fn apply(keys: &mut Vec<SigningKey>, ops: Vec<KeyOp>, now: DateTime<Utc>, made: &mut u32) {
    for op in ops {
        match op {
            KeyOp::Create(algorithm, state) => {
                *made += 1;
                keys.push(SigningKey {
                    kid: format!("k{made}"),
                    algorithm,
                    state,
                    since: now,
                });
            }
            KeyOp::Move(kid, state) => {
                let key = keys.iter_mut().find(|key| key.kid == kid).unwrap();
                (key.state, key.since) = (state, now);
            }
            KeyOp::Remove(kid) => keys.retain(|key| key.kid != kid),
        }
    }
}

#[test]
fn what_to_do_when() {
    let policy = RotationPolicy::default();
    let day = 24;
    let check = |keys: &[SigningKey], at: i64| plan(keys, &[RS], &policy, hour(at));
    assert_eq!(check(&[], 0), [KeyOp::Create(RS, KeyState::Active)]);
    assert_eq!(check(&[key("a", KeyState::Active, 0)], 28 * day), []);
    assert_eq!(
        check(&[key("a", KeyState::Active, 0)], 29 * day),
        [KeyOp::Create(RS, KeyState::Pending)]
    );
    let pair = [
        key("a", KeyState::Active, 0),
        key("b", KeyState::Pending, 29 * day),
    ];
    assert_eq!(check(&pair, 30 * day - 1), []);
    let swap = [
        KeyOp::Move("a".into(), KeyState::Retiring),
        KeyOp::Move("b".into(), KeyState::Active),
    ];
    assert_eq!(check(&pair, 30 * day), swap);
    // Late by a week, but the next key has not been published long enough.
    assert_eq!(
        check(
            &[
                key("a", KeyState::Active, 0),
                key("b", KeyState::Pending, 37 * day)
            ],
            37 * day + 1
        ),
        []
    );
    let old = [
        key("a", KeyState::Active, 0),
        key("b", KeyState::Retiring, 0),
        key("c", KeyState::Retired, -30 * day),
    ];
    assert_eq!(
        check(&old, 25),
        [
            KeyOp::Move("b".into(), KeyState::Retired),
            KeyOp::Remove("c".into())
        ]
    );
}

#[test]
fn two_first_starts_leave_one_active_key() {
    let keys = [key("a", KeyState::Active, 0), key("b", KeyState::Active, 0)];
    assert_eq!(
        plan(&keys, &[RS], &RotationPolicy::default(), hour(1)),
        [KeyOp::Move("a".into(), KeyState::Retiring)]
    );
}

proptest! {
    #[test]
    fn there_is_always_one_active_key_and_none_signs_unpublished(steps in prop::collection::vec(0i64..100, 1..200)) {
        let policy = RotationPolicy::default();
        let (mut keys, mut made, mut now) = (Vec::new(), 0, 0);
        for (i, step) in steps.into_iter().enumerate() {
            now += step;
            let before = keys.clone();
            let ops = plan(&keys, &[RS], &policy, hour(now));
            apply(&mut keys, ops, hour(now), &mut made);
            prop_assert_eq!(keys.iter().filter(|key: &&SigningKey| key.state == KeyState::Active).count(), 1);
            let active = keys.iter().find(|key| key.state == KeyState::Active).unwrap();
            if i > 0 && !before.iter().any(|key: &SigningKey| key.kid == active.kid && key.state == KeyState::Active) {
                let pending = before.iter().find(|key| key.kid == active.kid).unwrap();
                prop_assert!(hour(now) - pending.since >= policy.pending_for);
            }
            prop_assert_eq!(plan(&keys, &[RS], &policy, hour(now)), vec![]);
        }
    }
}

#[test]
fn apps_see_every_key_but_a_retired_one() {
    for (state, published) in [
        (KeyState::Pending, true),
        (KeyState::Active, true),
        (KeyState::Retiring, true),
        (KeyState::Retired, false),
    ] {
        assert_eq!(state.is_published(), published, "{state:?}");
    }
}
