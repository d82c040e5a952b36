//! G4: how a sign-in ended, and the way to the app.

use super::section::section;

section! {
    /// The texts of the last page.
    GoOnTexts {
        signed_in,
        turned_away,
        go_on,
        go_back,
        close,
        already,
    }
}
