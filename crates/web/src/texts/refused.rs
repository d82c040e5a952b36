//! G5: who the guest is, and why that does not open the app. Shown only after the mailbox was proven.

use super::section::section;

section! {
    /// The page that refuses.
    RefusedTexts {
        title,
        heading,
        blocked,
        converted,
        removed,
        expired,
        app_disabled,
        not_invited,
        invitation_lapsed,
        assignment_ended,
        assignment_not_begun,
        advice_invite,
        advice_converted,
        advice_ask,
        advice_request,
        ask,
        asked,
        turned_down,
    }
}
