//! The page on which somebody who was asked by mail answers a guest's access request.

use super::section::section;

section! {
    /// The answer's page.
    AccessRequestTexts {
        title,
        lead,
        lead_unproven,
        until,
        question,
        renewal_lead,
        renewal_question,
        renewal_lapsed,
        renewed,
        not_renewed,
        days_longer,
        let_it_end,
        end_now,
        for_days,
        without_end,
        refuse,
        send,
        unchosen,
        approved,
        refused,
        lapsed,
        changed,
        shut_out,
        unknown_title,
        unknown,
    }
}
