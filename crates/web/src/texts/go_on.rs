//! G4: how a sign-in ended, and the way to the app.

/// The texts of the last page.
#[derive(Debug)]
#[expect(missing_docs, reason = "the English text is the documentation")]
pub struct GoOnTexts {
    pub signed_in: &'static str,
    pub turned_away: &'static str,
    pub go_on: &'static str,
    pub go_back: &'static str,
    pub close: &'static str,
}

/// English.
pub const EN: GoOnTexts = GoOnTexts {
    signed_in: "You're signed in",
    turned_away: "You're not signed in",
    go_on: "Continue to {app}",
    go_back: "Back to {app}",
    close: "You can close this page and open the app again.",
};

/// German.
pub const DE: GoOnTexts = GoOnTexts {
    signed_in: "Sie sind angemeldet",
    turned_away: "Sie sind nicht angemeldet",
    go_on: "Weiter zu {app}",
    go_back: "Zurück zu {app}",
    close: "Sie können diese Seite schließen und die App noch einmal öffnen.",
};
