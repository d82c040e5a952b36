//! `[guests]`: the rules of a guest's life.

use chrono::TimeDelta;

use crate::config::reader::Section;

/// How long a guest who was removed can be restored.
pub(in crate::config) fn read(section: &mut Section<'_>) -> TimeDelta {
    let range = TimeDelta::hours(1)..=TimeDelta::days(3650);
    section.within("restorable_for", TimeDelta::days(30), range)
}
