//! G7: signing out.

use super::section::section;

section! {
    /// The texts of signing out.
    SignedOutTexts {
        question,
        signed_in_as,
        sign_out,
        done,
        advice,
    }
}
