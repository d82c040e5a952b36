//! Personal accounts, and the choice between several ways in.

use super::section::section;

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
    choose_lead: "You can sign in with {email} in more than one way. We'll remember your choice.",
    choose_door: "Continue with {door}",
    choose_code: "Email me a sign-in code",
    leave_lead: "Sign in to {app} with your {door} account ({email}).",
    offer_heading: "You can sign in with {door} from now on",
    offer_lead: "You have signed in with a code. With your {door} account you don't have to wait for an email.",
    offer_note: "You still have access to the same apps. From then on you sign in with {door} and won't get \
                 codes.",
    offer_must: "{organisation} asks you to use {door} from now on. You still have access to the same apps.",
    confirm_lead: "You have signed in with {door}. To check that {email} is also yours, we'll email a code to \
                   it, just this once.",
    confirm_other: "Your account at {door} has the address {account}.",
    confirm_again: "Use another account at {door}",
};

/// German.
pub const DE: PersonalTexts = PersonalTexts {
    choose_title: "Wählen, wie Sie sich bei {app} anmelden",
    choose_heading: "Wie möchten Sie sich anmelden?",
    choose_lead: "Mit {email} können Sie sich auf mehrere Arten anmelden. Wir merken uns Ihre Wahl.",
    choose_door: "Weiter mit {door}",
    choose_code: "Anmeldecode per E-Mail senden",
    leave_lead: "Melden Sie sich mit Ihrem Konto bei {door} ({email}) bei {app} an.",
    offer_heading: "Sie können sich ab jetzt mit {door} anmelden",
    offer_lead: "Sie haben sich mit einem Code angemeldet. Mit Ihrem Konto bei {door} müssen Sie nicht auf eine E-Mail \
                 warten.",
    offer_note: "Sie haben weiter Zugang zu denselben Apps. Danach melden Sie sich mit {door} an und bekommen \
                 keine Codes mehr.",
    offer_must: "{organisation} bittet Sie, ab jetzt {door} zu verwenden. Sie haben weiter Zugang zu denselben \
                 Apps.",
    confirm_lead: "Sie haben sich mit {door} angemeldet. Um zu prüfen, ob auch {email} Ihnen gehört, senden wir \
                   dorthin einmalig einen Code.",
    confirm_other: "Ihr Konto bei {door} hat die Adresse {account}.",
    confirm_again: "Ein anderes Konto bei {door} verwenden",
};
