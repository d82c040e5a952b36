//! The page behind an invitation's link. It changes nothing and proves nothing.

use super::section::section;

section! {
    /// The invitation's page.
    InvitationTexts {
        title,
        heading,
        heading_about,
        for_address,
        next,
        next_upstream,
        until,
        access_until,
        message,
        button,
        no_link,
        redeemed,
        lapsed_title,
        lapsed,
        revoked_title,
        revoked,
        unknown_title,
        unknown,
        ask_inviter,
        decline_link,
        decline_title,
        decline_lead,
        decline_box,
        decline_button,
        decline_unticked,
        decline_back,
        again_link,
        again_title,
        again_lead,
        again_box,
        again_button,
        again_unticked,
        again_asked,
        again_turned_down,
        again_given,
        declined_title,
        declined,
    }
}
