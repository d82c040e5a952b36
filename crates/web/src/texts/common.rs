//! What every page shows, and words that several pages share.

use super::section::section;

section! {
    /// The frame of every page, and its buttons.
    CommonTexts {
        skip,
        footer,
        help,
        help_named,
        privacy,
        terms,
        languages,
        accessibility,
        error,
        problem,
        go_on,
        cancel,
        back_to_app,
        other_address,
        minute,
        minutes,
        hour,
        hours,
    }
}

/// English.
pub const EN: CommonTexts = CommonTexts {
    skip: "Skip to the content",
    footer: "Help and information",
    help: "Help",
    help_named: "Help: {name}",
    privacy: "Privacy",
    terms: "Terms",
    languages: "Languages",
    accessibility: "Accessibility",
    error: "Error:",
    problem: "There is a problem",
    go_on: "Continue",
    cancel: "Cancel",
    back_to_app: "Back to {app}",
    other_address: "Use a different address",
    minute: "{n} minute",
    minutes: "{n} minutes",
    hour: "{n} hour",
    hours: "{n} hours",
};

/// German. Hours and minutes stand where «in» or nothing precedes them: «in 2 Stunden», «24 Stunden».
pub const DE: CommonTexts = CommonTexts {
    skip: "Zum Inhalt springen",
    footer: "Hilfe und Informationen",
    help: "Hilfe",
    help_named: "Hilfe: {name}",
    privacy: "Datenschutz",
    terms: "Nutzungsbedingungen",
    languages: "Sprachen",
    accessibility: "Barrierefreiheit",
    error: "Fehler:",
    problem: "Bitte prüfen Sie Ihre Eingabe",
    go_on: "Weiter",
    cancel: "Abbrechen",
    back_to_app: "Zurück zu {app}",
    other_address: "Eine andere Adresse verwenden",
    minute: "{n} Minute",
    minutes: "{n} Minuten",
    hour: "{n} Stunde",
    hours: "{n} Stunden",
};
