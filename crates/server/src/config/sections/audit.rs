//! `[audit]`: how long the audit log is kept.

use chrono::TimeDelta;

use crate::config::reader::Section;

/// Shorter, and a question of last month has no answer.
const SHORTEST: TimeDelta = TimeDelta::days(30);

const LONGEST: TimeDelta = TimeDelta::days(36_500);

/// For how long; `None` is for ever.
pub(in crate::config) fn read(section: &mut Section<'_>) -> Option<TimeDelta> {
    let kept_for: Option<TimeDelta> = section.maybe("keep_for");
    if kept_for.is_some_and(|kept_for| kept_for < SHORTEST) {
        section.refuse(
            "keep_for",
            "is less than 30 days",
            "write a longer time, or leave it out to keep every event",
        );
    }
    if kept_for.is_some_and(|kept_for| kept_for > LONGEST) {
        section.refuse(
            "keep_for",
            "is more than a hundred years",
            "leave it out to keep every event",
        );
    }
    kept_for
}
