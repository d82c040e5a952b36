//! G3: what the app will get, and whether the guest agrees.

use super::section::section;

section! {
    /// The page that asks for consent.
    ConsentTexts {
        title,
        heading,
        lead,
        email,
        profile,
        offline_access,
        identifier,
        hosted_by,
        signed_in_as,
    }
}
