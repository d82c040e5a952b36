//! What every page shows, and words that several pages share.

/// The texts of the frame.
#[derive(Debug)]
#[expect(missing_docs, reason = "the English text is the documentation")]
pub struct CommonTexts {
    pub skip: &'static str,
    pub help: &'static str,
    pub privacy: &'static str,
    pub terms: &'static str,
    pub accessibility: &'static str,
    /// Before the title of a page that shows an error.
    pub error: &'static str,
    /// Above the list of what is wrong.
    pub problem: &'static str,
    pub go_on: &'static str,
    pub other_address: &'static str,
}

/// English.
pub const EN: CommonTexts = CommonTexts {
    skip: "Skip to the content",
    help: "Help",
    privacy: "Privacy",
    terms: "Terms",
    accessibility: "Accessibility",
    error: "Error:",
    problem: "There is a problem",
    go_on: "Continue",
    other_address: "Use a different address",
};

/// German.
pub const DE: CommonTexts = CommonTexts {
    skip: "Zum Inhalt springen",
    help: "Hilfe",
    privacy: "Datenschutz",
    terms: "Nutzungsbedingungen",
    accessibility: "Barrierefreiheit",
    error: "Fehler:",
    problem: "Da stimmt etwas nicht",
    go_on: "Weiter",
    other_address: "Eine andere Adresse verwenden",
};
