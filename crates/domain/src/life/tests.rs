use GuestAct::{Block, Convert, Enter, Erase, Expire, Remove, ResetMethod, Restore, Unblock};
use GuestStatus::{Active, Blocked, Converted, Invited, Removed};
use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{EmailAddress, Id, entropy::Entropy, upstream::UpstreamKind};

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn guest(status: GuestStatus, redeemed: bool, former: Option<GuestStatus>) -> Guest {
    let email = EmailAddress::parse("anna@contoso.test").unwrap();
    let start = DateTime::UNIX_EPOCH;
    Guest {
        status,
        former_status: former,
        redeemed_at: redeemed.then_some(start),
        ..Guest::invited(email, None, start, &Zeros)
    }
}

/// The drawing: from, by what, to. What is not here leads nowhere.
const DRAWING: [(GuestStatus, GuestAct, GuestStatus); 17] = [
    (Invited, Enter, Active),
    (Active, Enter, Active),
    (Invited, Block, Blocked),
    (Active, Block, Blocked),
    (Blocked, Unblock, Invited),
    (Blocked, Unblock, Active),
    (Invited, Convert, Converted),
    (Active, Convert, Converted),
    (Converted, Restore, Invited),
    (Converted, Restore, Active),
    (Invited, Remove, Removed),
    (Active, Remove, Removed),
    (Blocked, Remove, Removed),
    (Converted, Remove, Removed),
    (Removed, Restore, Invited),
    (Removed, Restore, Active),
    (Removed, Restore, Blocked),
];

#[test]
fn each_act_leads_where_the_drawing_says() {
    for (act, status, redeemed, former, wanted) in [
        (Enter, Invited, false, None, NextStatus::To(Active)),
        (Enter, Blocked, true, None, NextStatus::No),
        (Enter, Removed, true, None, NextStatus::No),
        (Enter, Converted, true, None, NextStatus::No),
        (Block, Active, true, None, NextStatus::To(Blocked)),
        (Block, Blocked, true, None, NextStatus::Already),
        (Block, Removed, true, None, NextStatus::No),
        (Unblock, Blocked, true, None, NextStatus::To(Active)),
        (Unblock, Blocked, false, None, NextStatus::To(Invited)),
        (Unblock, Active, true, None, NextStatus::Already),
        (Unblock, Removed, true, Some(Blocked), NextStatus::No),
        (Expire, Active, true, None, NextStatus::To(Active)),
        (Expire, Removed, true, None, NextStatus::No),
        (ResetMethod, Blocked, true, None, NextStatus::To(Blocked)),
        (ResetMethod, Removed, true, None, NextStatus::No),
        (Remove, Invited, false, None, NextStatus::To(Removed)),
        (Remove, Converted, true, None, NextStatus::To(Removed)),
        (Remove, Removed, true, None, NextStatus::Already),
        (Convert, Active, true, None, NextStatus::To(Converted)),
        (Convert, Blocked, true, None, NextStatus::No),
        (Restore, Removed, true, Some(Active), NextStatus::To(Active)),
        (Restore, Removed, true, Some(Blocked), NextStatus::To(Blocked)),
        (Restore, Removed, true, Some(Converted), NextStatus::To(Converted)),
        (Restore, Removed, false, Some(Invited), NextStatus::To(Invited)),
        (Restore, Converted, true, None, NextStatus::To(Active)),
        (Restore, Blocked, true, None, NextStatus::No),
        (Erase, Removed, true, Some(Active), NextStatus::Gone),
        (Erase, Active, true, None, NextStatus::No),
        (Erase, Blocked, true, None, NextStatus::No),
    ] {
        let got = next_status(&guest(status, redeemed, former), act);
        assert_eq!(got, wanted, "{act:?} of {status:?}");
    }
}

#[test]
fn what_each_act_cuts_off() {
    // Sessions and grants, invitations, proofs, what is asked of being another guest.
    for (act, cut) in [
        (Enter, [false, false, false, false]),
        (Unblock, [true, false, false, false]),
        (Restore, [true, false, false, false]),
        (Block, [true, false, false, false]),
        (Expire, [true, false, false, false]),
        (ResetMethod, [true, false, true, true]),
        (Remove, [true, true, false, true]),
        (Convert, [true, true, false, true]),
        (Erase, [true, true, true, true]),
    ] {
        let got = act.cuts_off();
        let got = [got.holdings, got.invitations, got.proofs, got.merges()];
        assert_eq!(got, cut, "{act:?}");
    }
}

#[test]
fn entering_redeems_once_and_fixes_the_first_method() {
    let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
    let tenant = Method::Upstream(UpstreamKind::Tenant, Id::from_uuid(Uuid::nil()));
    let email = EmailAddress::parse("anna@contoso.test").unwrap();
    let mut guest = Guest::invited(email, None, at(0), &Zeros);
    let seen = |guest: &Guest| {
        (
            guest.status,
            guest.method,
            guest.redeemed_at,
            guest.last_sign_in_at,
            guest.updated_at,
        )
    };
    let active = Active;
    // A code that stands in for the tenant: they are in, and the tenant is still to come.
    guest.enter(Method::Passcode, false, at(1));
    assert_eq!(seen(&guest), (active, None, Some(at(1)), Some(at(1)), at(1)));
    guest.enter(tenant, true, at(2));
    assert_eq!(
        seen(&guest),
        (active, Some(tenant), Some(at(1)), Some(at(2)), at(1))
    );
    // What is fixed stays, whatever is proven later.
    guest.enter(Method::Passcode, true, at(3));
    assert_eq!(
        seen(&guest),
        (active, Some(tenant), Some(at(1)), Some(at(3)), at(1))
    );
}

proptest! {
    /// Whatever is done in whatever order: no way that is not drawn, nobody comes in from outside, and who was blocked does not
    /// get around it by being removed and restored.
    #[test]
    fn no_transition_outside_the_drawing(acts in proptest::collection::vec(0..GuestAct::ALL.len(), 0..40)) {
        let mut guest = guest(Invited, false, None);
        let mut blocked = false;
        for (step, act) in acts.into_iter().enumerate() {
            let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(step).unwrap() + 1);
            let (act, before) = (GuestAct::ALL[act], guest.clone());
            let next = guest.undergo(act, now);
            if let (Enter, NextStatus::To(_)) = (act, next) {
                guest.redeemed_at = guest.redeemed_at.or(Some(now));
            }
            match next {
                NextStatus::To(to) if to == before.status => prop_assert_eq!(guest.status_since, before.status_since),
                NextStatus::To(to) => {
                    // Restored to what they were when they were removed.
                    let back_out = before.status == Removed && act == Restore && to == Converted;
                    prop_assert!(DRAWING.contains(&(before.status, act, to)) || back_out);
                    prop_assert_eq!((guest.status, guest.status_since), (to, now));
                }
                NextStatus::Gone => prop_assert_eq!((before.status, act), (Removed, Erase)),
                NextStatus::Already | NextStatus::No => prop_assert_eq!(&guest, &before),
            }
            match act {
                Block if next != NextStatus::No => blocked = true,
                Unblock if next != NextStatus::No => blocked = false,
                _ => {}
            }
            if blocked {
                prop_assert!(matches!(guest.status, Blocked | Removed), "{act:?}");
            }
        }
    }
}
