//! `[keys]`: the life of signing keys.

use chrono::TimeDelta;
use domain::key_rotation::RotationPolicy;
use sign_in::TokenLifetimes;

use crate::config::{kinds::Setting as _, reader::Section};

pub(in crate::config) fn read(section: &mut Section<'_>, tokens: &TokenLifetimes) -> RotationPolicy {
    let usual = RotationPolicy::default();
    let (hour, year) = (TimeDelta::hours(1), TimeDelta::days(365));
    let policy = RotationPolicy {
        pending_for: section.within("pending_for", usual.pending_for, hour..=year),
        active_for: section.within("active_for", usual.active_for, TimeDelta::days(1)..=year),
        retiring_for: section.within("retiring_for", usual.retiring_for, hour..=year),
        retired_for: section.within("retired_for", usual.retired_for, hour..=year),
    };
    if policy.pending_for >= policy.active_for {
        section.refuse(
            "pending_for",
            format!(
                "is {}, and `keys.active_for` is not longer",
                policy.pending_for.show()
            ),
            "a key is published while its predecessor signs: make pending_for the shorter one",
        );
    }
    if policy.retiring_for <= tokens.id_token {
        section.refuse(
            "retiring_for",
            format!(
                "is {}, and ID tokens live for {}",
                policy.retiring_for.show(),
                tokens.id_token.show()
            ),
            "keep keys published for longer than the tokens they signed live",
        );
    }
    policy
}
