//! `[limits]`: how many of what in how long.

use domain::limits::{LimitName, Limits};

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> Limits {
    let mut given = Vec::new();
    for &name in LimitName::ALL {
        let usual = Limits::with(|other| find(&given, other))[name].max;
        let max = section.within(name.name(), usual, 1..=max(name));
        if max != usual {
            given.push((name, max));
        }
    }
    let limits = Limits::with(|name| find(&given, name));
    for (part, whole) in [
        (LimitName::MailsPerAddressHour, LimitName::MailsPerAddressDay),
        (LimitName::WrongPerAddressHour, LimitName::WrongPerAddressDay),
        (LimitName::MailsPerNetworkHour, LimitName::MailsPerSiteHour),
        (LimitName::WrongPerNetworkHour, LimitName::WrongPerSiteHour),
    ] {
        if limits[part].max > limits[whole].max {
            section.warn(
                part.name(),
                format!("is more than `limits.{}`, so it never takes effect", whole.name()),
                "lower it, or raise the other one",
            );
        }
    }
    limits
}

fn find(given: &[(LimitName, u32)], name: LimitName) -> Option<u32> {
    given.iter().find(|(its, _)| *its == name).map(|(_, max)| *max)
}

/// The largest that may be set.
fn max(name: LimitName) -> u32 {
    match name {
        // NIST SP 800-63B-4 §3.2.2 allows a hundred failures in a row and not one more.
        LimitName::WrongInARow => 100,
        // What a subscriber's networks may do follows what one may: eight times as much.
        LimitName::MailsPerSiteHour | LimitName::WrongPerSiteHour => 8_000_000,
        _ => 1_000_000,
    }
}
