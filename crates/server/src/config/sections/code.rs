//! `[code]`: sign-in codes, and the profile that sets several numbers at once.

use chrono::TimeDelta;
use domain::passcode::PasscodePolicy;

use crate::config::reader::Section;

/// A set of defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Profile {
    /// Convenient: codes live for half an hour.
    Default,
    /// The numbers of OWASP ASVS 5.0 level 2.
    AsvsL2,
}

impl Profile {
    /// How long codes live.
    fn code_lifetime(self) -> TimeDelta {
        match self {
            Self::Default => PasscodePolicy::default().lifetime,
            Self::AsvsL2 => TimeDelta::minutes(10),
        }
    }

    /// How long invitations can be redeemed.
    pub(in crate::config) fn invitation_lifetime(self) -> TimeDelta {
        match self {
            Self::Default => TimeDelta::days(30),
            Self::AsvsL2 => TimeDelta::days(14),
        }
    }
}

pub(in crate::config) fn read(section: &mut Section<'_>) -> (Profile, PasscodePolicy) {
    let profile = section.word(
        "profile",
        &[("default", Profile::Default), ("asvs-l2", Profile::AsvsL2)],
        "default",
    );
    let usual = PasscodePolicy::default();
    let live_max = u32::try_from(usual.live_max).unwrap_or(3);
    let policy = PasscodePolicy {
        lifetime: section.within(
            "lifetime",
            profile.code_lifetime(),
            TimeDelta::minutes(2)..=TimeDelta::hours(2),
        ),
        live_max: section.within("live", live_max, 1..=5) as usize,
        tries: section.within("tries", usual.tries, 1..=10),
        lock: section.within("lock", usual.lock, TimeDelta::minutes(1)..=TimeDelta::hours(24)),
        resend_after: section.within(
            "resend_after",
            usual.resend_after,
            TimeDelta::seconds(10)..=TimeDelta::hours(1),
        ),
    };
    let ten_minutes = Profile::AsvsL2.code_lifetime();
    match profile {
        Profile::Default if policy.lifetime > ten_minutes => section.note(
            "lifetime",
            "is longer than the 10 minutes that OWASP ASVS 6.5.5 and NIST SP 800-63B allow",
            "30 minutes allows for slow email; profile = \"asvs-l2\" under [code] sets 10 minutes",
        ),
        Profile::AsvsL2 if policy.lifetime > ten_minutes => section.warn(
            "lifetime",
            "is longer than the 10 minutes of the profile asvs-l2",
            "remove the line, or the profile",
        ),
        Profile::AsvsL2 => section.note(
            "profile",
            "is asvs-l2, whose limit of one idle hour for sessions is not enforced by this version",
            "set `session.lifetime` to \"1h\" where that matters",
        ),
        Profile::Default => {}
    }
    (profile, policy)
}
