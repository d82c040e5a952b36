//! `[invitations]`: how long an offer stands.

use chrono::TimeDelta;

use super::code::Profile;
use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>, profile: Profile) -> TimeDelta {
    section.within(
        "lifetime",
        profile.invitation_lifetime(),
        TimeDelta::hours(1)..=TimeDelta::days(365),
    )
}
