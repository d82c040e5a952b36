//! The page of the bare host name.

use super::section::section;

section! {
    /// Where somebody is.
    HomeTexts {
        title,
        lead,
        advice,
    }
}

/// English.
pub const EN: HomeTexts = HomeTexts {
    title: "Guest sign-in at {organisation}",
    lead: "This is where guests of {organisation} sign in. Open the app you were invited to: it brings you here when you need to \
           sign in.",
    advice: "Were you invited by email? Open the link in that email. If you don't know which app it was, ask the person you work \
             with at {organisation}, or {contact}.",
};

/// German.
pub const DE: HomeTexts = HomeTexts {
    title: "Anmeldung für Gäste bei {organisation}",
    lead: "Hier melden sich Gäste von {organisation} an. Öffnen Sie die App, zu der Sie eingeladen wurden: Sie führt Sie hierher, \
           wenn Sie sich anmelden müssen.",
    advice: "Wurden Sie per E-Mail eingeladen? Öffnen Sie den Link darin. Wissen Sie nicht, welche App es war, fragen Sie die Person, \
             mit der Sie bei {organisation} zusammenarbeiten, oder {contact}.",
};
