//! Merges: what is kept of them, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Id,
    assignment::Assignment,
    group::{Group, GroupAssignment},
    guest::Guest,
    merge::{Gift, Given, Merge, MergeState},
};
use store::MergeFilter;
use test_support::{TestDatabase, databases, samples};
use uuid::Uuid;

use crate::begin;

/// Two guests in the directory.
async fn two(db: &TestDatabase) -> (Guest, Guest) {
    let kept = samples::guest("anna@new.test");
    let other = samples::guest("anna@contoso.test");
    let tx = begin(db).await;
    tx.insert_guest(&kept).await.unwrap();
    tx.insert_guest(&other).await.unwrap();
    tx.commit().await.unwrap();
    (kept, other)
}

fn asked(number: u128, kept: &Guest, other: &Guest, at: DateTime<Utc>) -> Merge {
    Merge::asked(Id::from_uuid(Uuid::from_u128(number)), kept.id, other.id, at)
}

#[tokio::test]
async fn a_merge_and_its_gift_are_read_as_they_were_kept() {
    for db in databases().await {
        let (kept, other) = two(&db).await;
        let app = samples::app();
        let now = samples::now();
        let mut merge = asked(1, &kept, &other, now);
        let group = Group {
            id: Id::from_uuid(Uuid::from_u128(3)),
            name: "auditors".into(),
            apps: Vec::new(),
            created_at: now,
        };
        let tx = begin(&db).await;
        tx.insert_merge(&merge).await.unwrap();
        let after = Assignment {
            reason: Some("audit".into()),
            stands_alone: true,
            ..samples::assignment(&kept, &app)
        };
        let before = Assignment {
            ends_at: Some(now + TimeDelta::days(1)),
            sponsor: Some("lee@acme.test".into()),
            ..after.clone()
        };
        let member = GroupAssignment {
            guest: kept.id,
            group: group.id,
            starts_at: now,
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        let gift = Gift {
            assignments: vec![Given {
                before: Some(before),
                after,
            }],
            groups: vec![Given {
                before: None,
                after: member,
            }],
        };
        merge.state = MergeState::Merged;
        merge.kept_agreed_at = Some(now);
        merge.other_agreed_at = Some(now + TimeDelta::hours(1));
        tx.save_merge(&merge).await.unwrap();
        assert_eq!(tx.gift_of_merge(&merge).await.unwrap(), None, "{}", db.name);
        tx.save_gift(merge.id, &gift).await.unwrap();
        assert_eq!(
            tx.lock_merge(merge.id).await.unwrap().as_ref(),
            Some(&merge),
            "{}",
            db.name
        );
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        assert_eq!(
            reader.merge(merge.id).await.unwrap().as_ref(),
            Some(&merge),
            "{}",
            db.name
        );
        assert_eq!(
            reader.gift_of_merge(&merge).await.unwrap(),
            Some(gift),
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn lists_and_the_newest_of_either_guest() {
    for db in databases().await {
        let (kept, other) = two(&db).await;
        let now = samples::now();
        let first = asked(1, &kept, &other, now - TimeDelta::days(8));
        let mut second = asked(2, &other, &kept, now);
        second.state = MergeState::Declined;
        let tx = begin(&db).await;
        tx.insert_merge(&first).await.unwrap();
        tx.insert_merge(&second).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        for guest in [&kept, &other] {
            let newest = reader.newest_merge(guest.id).await.unwrap().unwrap();
            assert_eq!(newest.id, second.id, "{}", db.name);
        }
        let found = async |state, guest, after| {
            let filter = MergeFilter {
                guest,
                state,
                after,
                limit: 9,
            };
            let found = reader.merges(&filter).await.unwrap();
            found.into_iter().map(|merge| merge.id).collect::<Vec<_>>()
        };
        assert_eq!(
            found(None, Some(kept.id), None).await,
            [second.id, first.id],
            "{}",
            db.name
        );
        assert_eq!(
            found(None, None, Some((now, second.id))).await,
            [first.id],
            "{}",
            db.name
        );
        let declined = Some((MergeState::Declined, now));
        assert_eq!(found(declined, None, None).await, [second.id], "{}", db.name);
        // Asked is what can still be answered.
        let open = |at| Some((MergeState::Asked, at));
        assert!(found(open(now), None, None).await.is_empty(), "{}", db.name);
        let then = now - TimeDelta::days(2);
        assert_eq!(found(open(then), None, None).await, [first.id], "{}", db.name);
    }
}

#[tokio::test]
async fn one_that_came_to_nothing_goes_after_a_while_and_one_that_stands_with_its_guests() {
    for db in databases().await {
        let (kept, other) = two(&db).await;
        let now = samples::now();
        let mut stands = asked(1, &kept, &other, now);
        stands.state = MergeState::Merged;
        let lapsed = asked(2, &kept, &other, now);
        let tx = begin(&db).await;
        tx.insert_merge(&stands).await.unwrap();
        tx.insert_merge(&lapsed).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        for (days, lapsed_is_there) in [(96, true), (98, false)] {
            let tx = begin(&db).await;
            tx.sweep(now + TimeDelta::days(days), 100).await.unwrap();
            tx.commit().await.unwrap();
            assert!(
                reader.merge(stands.id).await.unwrap().is_some(),
                "{}: {days}",
                db.name
            );
            let is_there = reader.merge(lapsed.id).await.unwrap().is_some();
            assert_eq!(is_there, lapsed_is_there, "{}: {days}", db.name);
        }
        let tx = begin(&db).await;
        tx.erase_guest(&other, now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(reader.merge(stands.id).await.unwrap(), None, "{}", db.name);
    }
}
