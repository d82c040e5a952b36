//! Personal accounts, and the choice between several ways in.

use super::section;

section! {
    /// The page where several doors fit, and what differs when a door is a personal account.
    PersonalTexts {
        choose_title,
        choose_heading,
        choose_lead,
        choose_door,
        choose_code,
        leave_lead,
        offer_heading,
        offer_lead,
        offer_note,
        offer_must,
        confirm_lead,
        confirm_other,
        confirm_again,
    }
}

/// English.
pub const EN: PersonalTexts = PersonalTexts {
    choose_title: "Choose how to sign in to {app}",
    choose_heading: "How do you want to sign in?",
    choose_lead: "There are several ways in for {email}. You are asked this once: next time it is the way you choose now.",
    choose_door: "Continue with {door}",
    choose_code: "Email me a sign-in code",
    leave_lead: "An address like {email} signs in with {door}. You come back to {app} afterwards.",
    offer_heading: "You can sign in with {door} from now on",
    offer_lead: "You have signed in with a code. With your {door} account you need not wait for an email.",
    offer_note: "What you can open stays the same. Afterwards you sign in with {door}, and codes are sent no more.",
    offer_must: "{organisation} asks you to use {door} from now on. What you can open stays the same.",
    confirm_lead: "You have signed in with {door}. To be sure that {email} is yours as well, we'll email it a sign-in code, \
                   this one time.",
    confirm_other: "Your account at {door} has the address {account}.",
    confirm_again: "Use another account at {door}",
};

/// German.
pub const DE: PersonalTexts = PersonalTexts {
    choose_title: "Wählen, wie Sie sich bei {app} anmelden",
    choose_heading: "Wie möchten Sie sich anmelden?",
    choose_lead: "Für {email} gibt es mehrere Wege. Sie werden das nur einmal gefragt: Beim nächsten Mal ist es der Weg, \
                  den Sie jetzt wählen.",
    choose_door: "Weiter mit {door}",
    choose_code: "Anmeldecode per E-Mail senden",
    leave_lead: "Eine Adresse wie {email} meldet sich mit {door} an. Danach kommen Sie zu {app} zurück.",
    offer_heading: "Sie können sich ab jetzt mit {door} anmelden",
    offer_lead: "Sie haben sich mit einem Code angemeldet. Mit Ihrem Konto bei {door} müssen Sie nicht auf eine E-Mail \
                 warten.",
    offer_note: "Was Sie öffnen können, bleibt gleich. Danach melden Sie sich mit {door} an und bekommen keine Codes mehr.",
    offer_must: "{organisation} bittet Sie, ab jetzt {door} zu verwenden. Was Sie öffnen können, bleibt gleich.",
    confirm_lead: "Sie haben sich mit {door} angemeldet. Damit sicher ist, dass auch {email} Ihnen gehört, senden wir \
                   dorthin einen Anmeldecode, nur dieses eine Mal.",
    confirm_other: "Ihr Konto bei {door} hat die Adresse {account}.",
    confirm_again: "Ein anderes Konto bei {door} verwenden",
};
