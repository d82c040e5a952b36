//! G2 and G2e: the code, and everything that can be wrong with it.

use super::section::section;

section! {
    /// The page that asks for the code.
    PasscodeTexts {
        title,
        heading,
        subject,
        reference,
        valid_until,
        ended,
        sent_again,
        mail_down_heading,
        mail_down,
        label,
        shared_computer,
        shared_computer_hint,
        app_sees_email,
        no_email,
        no_email_advice,
        send_another,
        wrong_address,
        stuck,
        ends_soon,
        ended_now,
        wrong,
        tries_left_one,
        tries_left_other,
        expired_sent,
        expired_newer,
        expired_later,
        other_tab,
        use_it_there,
        used,
        locked,
        locked_heading,
        locked_until,
        help,
        too_soon,
        too_many_mails,
        busy_network,
        too_many_wrong,
        busy,
        codes_off,
    }
}
