//! Passkeys.

use super::section::section;

section! {
    /// The button and the box, and the page that talks to the device.
    PasskeyTexts {
        button,
        make_box,
        make_box_hint,
        use_heading,
        use_lead,
        use_button,
        use_failed,
        use_refused,
        by_code,
        make_heading,
        make_lead,
        make_button,
        make_failed,
        make_refused,
        not_now,
        late,
        too_many,
        limited,
    }
}
