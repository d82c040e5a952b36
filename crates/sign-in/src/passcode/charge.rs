//! What a request for a code, and a try of one, are charged: the rule, without the database.
//!
//! Counters are raised before anything is let through, so that racers cannot do more than a limit allows (threat E02), and what
//! was raised for nothing is given back in the same transaction.

use chrono::{DateTime, Utc};
use domain::{
    limits::LimitName,
    rate::{Limit, Taken},
};

/// A limit, and for whom it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) name: LimitName,
    pub(crate) subject: String,
    pub(crate) limit: Limit,
}

/// A limit that refused something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) charge: Charge,
    /// When its window ends.
    pub(crate) until: DateTime<Utc>,
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The limit that turns it away.
    pub(crate) refused: Option<Hit>,
    /// What was raised and does not count.
    pub(crate) give_back: Vec<Charge>,
}

/// A counter, this request counted in.
pub(crate) type Counted = (Charge, Taken);

/// The limit that refused, if one did.
pub(crate) fn hit((charge, taken): &Counted) -> Option<Hit> {
    match taken {
        Taken::Refused { until } => Some(Hit {
            charge: charge.clone(),
            until: *until,
        }),
        Taken::Allowed { .. } => None,
    }
}

/// Where limits are asked one after the other, what is shared first: the first that refuses decides, and counts nothing for
/// those behind it.
pub(crate) fn in_order(counted: &[Counted]) -> Plan {
    let first = counted.iter().position(|counted| hit(counted).is_some());
    let behind = first.map_or(counted.len(), |first| first + 1);
    Plan {
        refused: first.and_then(|first| hit(&counted[first])),
        give_back: counted[behind..]
            .iter()
            .map(|(charge, _)| charge.clone())
            .collect(),
    }
}

/// A comparison of a code. `network` is what turns the network away; `own` are the counters of the mailbox, that of wrong
/// codes in a row last; `lane` is that of a device that is known for the mailbox, once it was asked. A comparison that is
/// not made is none in a row.
pub(crate) fn comparison(network: Option<Hit>, own: &[Counted], lane: Option<Taken>) -> Plan {
    let is_in_a_row = |(charge, _): &&Counted| charge.name == LimitName::WrongInARow;
    let window = own.iter().filter(|counted| !is_in_a_row(counted)).find_map(hit);
    let in_a_row = own.iter().find(is_in_a_row);
    let by_lane = lane.is_some_and(Taken::is_allowed);
    match network.or(window).filter(|_| !by_lane) {
        Some(hit) => Plan {
            refused: Some(hit),
            give_back: in_a_row.map(|(charge, _)| charge.clone()).into_iter().collect(),
        },
        None => Plan {
            refused: in_a_row.and_then(hit),
            give_back: Vec::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNTIL: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const YES: Taken = Taken::Allowed { left: 0 };
    const NO: Taken = Taken::Refused { until: UNTIL };

    fn counted(taken: &[(LimitName, Taken)]) -> Vec<Counted> {
        let charge = |name: LimitName| Charge {
            name,
            subject: "anna".into(),
            limit: name.usual(),
        };
        taken
            .iter()
            .map(|(name, taken)| (charge(*name), *taken))
            .collect()
    }

    /// The name of the limit that refused, and how many were given back.
    fn told(plan: &Plan) -> (Option<LimitName>, usize) {
        (
            plan.refused.as_ref().map(|hit| hit.charge.name),
            plan.give_back.len(),
        )
    }

    #[test]
    fn the_first_that_refuses_decides_and_those_behind_it_count_nothing() {
        let (site, network, hour) = (
            LimitName::MailsPerSiteHour,
            LimitName::MailsPerNetworkHour,
            LimitName::MailsPerAddressHour,
        );
        for (taken, expected) in [
            ([YES, YES, YES], (None, 0)),
            ([YES, YES, NO], (Some(hour), 0)),
            ([YES, NO, YES], (Some(network), 1)),
            ([YES, NO, NO], (Some(network), 1)),
            ([NO, YES, YES], (Some(site), 2)),
            ([NO, NO, NO], (Some(site), 2)),
        ] {
            let counted = counted(&[(site, taken[0]), (network, taken[1]), (hour, taken[2])]);
            let plan = in_order(&counted);
            assert_eq!(told(&plan), expected, "{taken:?}");
            let behind = counted
                .iter()
                .skip(3 - plan.give_back.len())
                .map(|(charge, _)| charge);
            assert!(plan.give_back.iter().eq(behind), "{taken:?}");
        }
        assert_eq!(told(&in_order(&[])), (None, 0));
    }

    #[test]
    fn what_a_comparison_is_charged() {
        let (network, hour, day, row) = (
            LimitName::WrongPerNetworkHour,
            LimitName::WrongPerAddressHour,
            LimitName::WrongPerAddressDay,
            LimitName::WrongInARow,
        );
        for (shared, own, lane, expected) in [
            (YES, [YES, YES, YES], None, (None, 0)),
            (YES, [NO, YES, YES], None, (Some(hour), 1)),
            (YES, [YES, NO, YES], None, (Some(day), 1)),
            (YES, [NO, NO, YES], None, (Some(hour), 1)),
            (NO, [YES, YES, YES], None, (Some(network), 1)),
            (NO, [NO, NO, NO], None, (Some(network), 1)),
            // A device that is known for the mailbox has tries of its own, until they are used up.
            (YES, [NO, YES, YES], Some(YES), (None, 0)),
            (YES, [NO, YES, YES], Some(NO), (Some(hour), 1)),
            (NO, [YES, YES, YES], Some(YES), (None, 0)),
            (NO, [YES, YES, YES], Some(NO), (Some(network), 1)),
            // After too many in a row no lane helps.
            (YES, [YES, YES, NO], None, (Some(row), 0)),
            (YES, [NO, YES, NO], Some(YES), (Some(row), 0)),
            (YES, [NO, YES, NO], Some(NO), (Some(hour), 1)),
        ] {
            let shared_hit = counted(&[(network, shared)]).iter().find_map(hit);
            let own_counted = counted(&[(hour, own[0]), (day, own[1]), (row, own[2])]);
            let plan = comparison(shared_hit, &own_counted, lane);
            assert_eq!(told(&plan), expected, "{shared:?} {own:?} {lane:?}");
            assert!(plan.give_back.iter().all(|charge| charge.name == row));
        }
        // A network that is turned away, and no device: nothing of the mailbox was charged.
        let turned_away = counted(&[(network, NO)]).iter().find_map(hit);
        assert_eq!(told(&comparison(turned_away, &[], None)), (Some(network), 0));
    }
}
