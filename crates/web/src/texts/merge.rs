//! The pages on which a guest says whether another guest is the same person.

use super::section::section;

section! {
    /// Whether two guests are one person.
    MergeTexts {
        title,
        lead,
        then,
        gone,
        apps,
        undo,
        both,
        agree,
        decline,
        agreed,
        sign_in_other,
        waits,
        waits_link,
        merged_title,
        merged,
        declined_title,
        declined,
        over_title,
        over,
        refused,
    }
}
