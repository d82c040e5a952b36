//! The page on which somebody who was asked by mail answers a guest's question for access.

use super::section::section;

section! {
    /// The answer's page.
    AccessRequestTexts {
        title,
        lead,
        lead_unproven,
        until,
        question,
        for_days,
        without_end,
        refuse,
        send,
        unchosen,
        approved,
        refused,
        lapsed,
        shut_out,
        unknown_title,
        unknown,
    }
}
