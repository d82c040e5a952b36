//! `[tokens]`: how long what apps receive lives.

use chrono::TimeDelta;
use sign_in::TokenLifetimes;

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> TokenLifetimes {
    let usual = TokenLifetimes::default();
    let short = TimeDelta::minutes(1)..=TimeDelta::hours(24);
    TokenLifetimes {
        id_token: section.within("id_token", usual.id_token, short.clone()),
        access_token: section.within("access_token", usual.access_token, short),
        refresh_token: section.within(
            "refresh_token",
            usual.refresh_token,
            TimeDelta::hours(1)..=TimeDelta::days(365),
        ),
        refresh_repeat: section.within(
            "refresh_repeat",
            usual.refresh_repeat,
            TimeDelta::zero()..=TimeDelta::minutes(5),
        ),
    }
}
