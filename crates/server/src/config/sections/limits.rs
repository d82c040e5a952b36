//! `[limits]`: how many of what in how long.

use domain::rate::Limit;
use sign_in::Limits;

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> Limits {
    let usual = Limits::default();
    let limits = Limits {
        sends_per_address_hour: limit(section, "sends_per_address_hour", usual.sends_per_address_hour),
        sends_per_address_day: limit(section, "sends_per_address_day", usual.sends_per_address_day),
        sends_per_prefix_hour: limit(section, "sends_per_prefix_hour", usual.sends_per_prefix_hour),
        sends_per_domain_hour: limit(section, "sends_per_domain_hour", usual.sends_per_domain_hour),
        sends_everywhere_hour: limit(section, "sends_everywhere_hour", usual.sends_everywhere_hour),
        sends_per_device_hour: limit(section, "sends_per_device_hour", usual.sends_per_device_hour),
        wrong_per_address_hour: limit(section, "wrong_per_address_hour", usual.wrong_per_address_hour),
        wrong_per_address_day: limit(section, "wrong_per_address_day", usual.wrong_per_address_day),
        // NIST SP 800-63B-4 §3.2.2 allows a hundred failures in a row and not one more.
        wrong_in_a_row: section.within("wrong_in_a_row", usual.wrong_in_a_row, 1..=100),
        wrong_per_prefix_hour: limit(section, "wrong_per_prefix_hour", usual.wrong_per_prefix_hour),
        wrong_per_device_hour: limit(section, "wrong_per_device_hour", usual.wrong_per_device_hour),
        wrong_everywhere_hour: limit(section, "wrong_everywhere_hour", usual.wrong_everywhere_hour),
        invitations_per_inviter_day: limit(
            section,
            "invitations_per_inviter_day",
            usual.invitations_per_inviter_day,
        ),
        sign_ins_per_prefix_hour: limit(
            section,
            "sign_ins_per_prefix_hour",
            usual.sign_ins_per_prefix_hour,
        ),
    };
    for (key, hour, day, of_day) in [
        (
            "sends_per_address_hour",
            limits.sends_per_address_hour,
            limits.sends_per_address_day,
            "sends_per_address_day",
        ),
        (
            "wrong_per_address_hour",
            limits.wrong_per_address_hour,
            limits.wrong_per_address_day,
            "wrong_per_address_day",
        ),
    ] {
        if hour.max > day.max {
            section.warn(
                key,
                format!("is more than `limits.{of_day}`, so it never takes effect"),
                "lower it, or raise the limit of the day",
            );
        }
    }
    limits
}

fn limit(section: &mut Section<'_>, key: &'static str, usual: Limit) -> Limit {
    Limit {
        max: section.within(key, usual.max, 1..=1_000_000),
        per: usual.per,
    }
}
