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

/// English.
pub const EN: GoOnTexts = GoOnTexts {
    signed_in: "You're signed in",
    turned_away: "You didn't sign in",
    go_on: "Continue to {app}",
    go_back: "Back to {app}",
    close: "You can close this page and open the app again.",
    already: "You're already signed in",
};

/// German.
pub const DE: GoOnTexts = GoOnTexts {
    signed_in: "Sie sind angemeldet",
    turned_away: "Sie sind nicht angemeldet",
    go_on: "Weiter zu {app}",
    go_back: "Zurück zu {app}",
    close: "Sie können diese Seite schließen und die App noch einmal öffnen.",
    already: "Sie sind schon angemeldet",
};
