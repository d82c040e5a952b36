//! What every page shows, and words that several pages share.

use super::section::section;

section! {
    /// The frame of every page, and its buttons.
    CommonTexts {
        skip,
        footer,
        help,
        help_named,
        privacy,
        terms,
        languages,
        accessibility,
        error,
        problem,
        go_on,
        cancel,
        back_to_app,
        other_address,
        minute,
        minutes,
        hour,
        hours,
    }
}
