//! G3: what the app will get, and whether the guest agrees.

use super::section;

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
    heading: "{app} wants to know who you are",
    lead: "If you continue, {app} will get:",
    email: "your email address, {email}",
    profile: "your name and language, as far as we know them",
    offline_access: "leave to check who you are while you are away, until you sign out or your access ends",
    identifier: "a number that stands for you and says nothing else",
    hosted_by: "This sign-in is hosted by {organisation}.",
    signed_in_as: "You're signed in as {email}.",
};

/// German.
pub const DE: ConsentTexts = ConsentTexts {
    title: "Was {app} bekommt",
    heading: "{app} möchte wissen, wer Sie sind",
    lead: "Wenn Sie fortfahren, bekommt {app}:",
    email: "Ihre E-Mail-Adresse, {email}",
    profile: "Ihren Namen und Ihre Sprache, soweit wir sie kennen",
    offline_access: "die Erlaubnis, auch in Ihrer Abwesenheit zu prüfen, wer Sie sind, bis Sie sich abmelden oder Ihr \
                     Zugang endet",
    identifier: "eine Kennung, die für Sie steht und sonst nichts verrät",
    hosted_by: "Diese Anmeldung wird von {organisation} betrieben.",
    signed_in_as: "Sie sind als {email} angemeldet.",
};
