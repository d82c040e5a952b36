//! The page of the bare host name.

use super::section::section;

section! {
    /// Where somebody is.
    HomeTexts {
        title,
        lead,
        advice,
        my_access,
        invite,
    }
}
