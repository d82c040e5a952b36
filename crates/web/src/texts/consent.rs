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

/// English.
pub const EN: ConsentTexts = ConsentTexts {
    title: "What {app} will get",
    heading: "Share your details with {app}?",
    lead: "If you continue, {app} will get:",
    email: "your email address, {email}",
    profile: "your name and language, as far as we know them",
    offline_access: "permission to check your details when you're not using the app, until you sign out or your \
                     access ends",
    identifier: "an ID that identifies you here and says nothing else about you",
    hosted_by: "This sign-in is hosted by {organisation}.",
    signed_in_as: "You're signed in as {email}.",
};

/// German.
pub const DE: ConsentTexts = ConsentTexts {
    title: "Was {app} bekommt",
    heading: "Ihre Angaben an {app} weitergeben?",
    lead: "Wenn Sie fortfahren, bekommt {app}:",
    email: "Ihre E-Mail-Adresse, {email}",
    profile: "Ihren Namen und Ihre Sprache, soweit wir sie kennen",
    offline_access: "die Erlaubnis, Ihre Angaben zu prüfen, wenn Sie die App nicht verwenden, bis Sie sich \
                     abmelden oder Ihr Zugang endet",
    identifier: "eine Kennung, die Sie hier bezeichnet und sonst nichts über Sie sagt",
    hosted_by: "Diese Anmeldung wird von {organisation} betrieben.",
    signed_in_as: "Sie sind als {email} angemeldet.",
};
