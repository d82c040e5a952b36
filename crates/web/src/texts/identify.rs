//! G1 and G2-send: which address, and the leave to send mail to it.

use super::section::section;

section! {
    /// The page that asks for the address, and the one that asks before the first mail.
    IdentifyTexts {
        title,
        heading,
        label,
        hint_invited,
        hint_domain,
        hint_anyone,
        hint_known,
        uninvited,
        uninvited_advice,
        contact,
        suggestion,
        use_it,
        keep_mine,
        signed_in_as,
        continue_as,
        or_other,
        somebody_else,
        empty,
        too_long,
        no_at,
        invisible,
        local_part,
        long_local_part,
        dots,
        domain,
        mixed_script,
        send_title,
        send_lead,
        send_button,
        not_you,
        unavailable_title,
        unavailable_heading,
        unavailable_federation,
        unavailable_personal,
        unavailable_several,
        unavailable_codes_off,
        unavailable_advice,
    }
}
