//! Personal accounts, and the choice between several ways in.

use super::section::section;

section! {
    /// The page where several methods fit, and what differs when a method is a personal account.
    PersonalTexts {
        choose_title,
        choose_heading,
        choose_lead,
        choose_upstream,
        choose_code,
        leave_lead,
        offer_heading,
        offer_lead,
        offer_note,
        offer_must,
        confirm_lead,
        confirm_other,
        confirm_again,
    }
}
