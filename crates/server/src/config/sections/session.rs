//! `[session]`: how long a browser stays signed in.

use chrono::TimeDelta;
use sign_in::SessionSettings;

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> SessionSettings {
    let usual = SessionSettings::default();
    let settings = SessionSettings {
        lifetime: section.within(
            "lifetime",
            usual.lifetime,
            TimeDelta::minutes(5)..=TimeDelta::days(30),
        ),
        shared_computer_box: section.get("shared_computer_box", usual.shared_computer_box),
    };
    if settings.lifetime > TimeDelta::hours(24) {
        section.warn(
            "lifetime",
            "is longer than 24 hours: someone who lost the mailbox stays signed in as long",
            "write lifetime = \"24h\" under [session]",
        );
    }
    settings
}
