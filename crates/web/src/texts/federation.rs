//! The way to the guest's own organisation, and what may go wrong on it.

use super::section;

section! {
    /// The page that leads there, and those of a way back that did not end well.
    FederationTexts {
        leave_heading,
        leave_lead,
        leave_button,
        offer_heading,
        offer_lead,
        offer_note,
        offer_must,
        offer_accept,
        offer_decline,
        try_again,
        down_heading,
        down_lead,
        down_advice,
        refused_heading,
        refused_lead,
        invalid_heading,
        invalid_lead,
        invalid_advice,
        somebody_else_heading,
        somebody_else_lead,
        somebody_else_advice,
        another_account_heading,
        another_account_lead,
        other_account_lead,
        other_account_advice,
        unverified_heading,
        unverified_lead,
        not_invited_heading,
        not_invited_lead,
        not_invited_advice,
        ask,
    }
}

/// English.
pub const EN: FederationTexts = FederationTexts {
    leave_heading: "Continue to {door}",
    leave_lead: "People with an address like {email} sign in at {door}, their own organisation. You come back to \
                 {app} afterwards.",
    leave_button: "Continue to {door}",
    offer_heading: "{door} now has its own sign-in here",
    offer_lead: "You have signed in with a code. People at {door} can use {door}'s own sign-in instead, without waiting \
                 for an email.",
    offer_note: "What you can open stays the same. Afterwards you sign in at {door}, and codes are sent no more.",
    offer_must: "{organisation} asks everyone at {door} to use it from now on. What you can open stays the same.",
    offer_accept: "Use {door} from now on",
    offer_decline: "Keep using codes this time",
    try_again: "Try again",
    down_heading: "{door} can't be reached",
    down_lead: "The sign-in of {door} doesn't answer. Nothing is wrong on your side.",
    down_advice: "Try again in a few minutes. If it lasts, tell the people at {door} who look after signing in.",
    refused_heading: "You were not signed in at {door}",
    refused_lead: "{door} sent you back without signing you in. Perhaps you cancelled, or {door} doesn't let you in \
                   here.",
    invalid_heading: "Signing in with {door} did not work",
    invalid_lead: "The answer of {door} could not be accepted. Nothing is wrong on your side.",
    invalid_advice: "You can try again. If it happens again, tell {contact}.",
    somebody_else_heading: "That was a different account",
    somebody_else_lead: "At {door} you are signed in with an account that doesn't belong to {email}.",
    somebody_else_advice: "Try again and sign in there as {email}, or use a different address.",
    another_account_heading: "{door} has a new account for {email}",
    another_account_lead: "It is another one than the account you used here before, so we can't tell whether you are \
                           the same person.",
    other_account_lead: "With {email} you have been here before by another account at {door} than this one.",
    other_account_advice: "Try again and choose the account that you used then, or use a different address.",
    unverified_heading: "{door} doesn't confirm your address",
    unverified_lead: "{door} signed you in, and doesn't say that it has verified {email}.",
    not_invited_heading: "You're not invited to {app}",
    not_invited_lead: "You signed in at {door}, and {email} has not been invited to {app}.",
    not_invited_advice: "Ask the person you work with at {organisation} to invite you, or use a different address.",
    ask: "Ask {contact} for help, use a different address, or go back.",
};

/// German.
pub const DE: FederationTexts = FederationTexts {
    leave_heading: "Weiter zu {door}",
    leave_lead: "Wer eine Adresse wie {email} hat, meldet sich bei der eigenen Organisation an: {door}. Danach kommen \
                 Sie zu {app} zurück.",
    leave_button: "Weiter zu {door}",
    offer_heading: "{door} hat hier jetzt eine eigene Anmeldung",
    offer_lead: "Sie haben sich mit einem Code angemeldet. Wer zu {door} gehört, kann stattdessen die Anmeldung von \
                 {door} verwenden, ohne auf eine E-Mail zu warten.",
    offer_note: "Was Sie öffnen können, bleibt gleich. Danach melden Sie sich bei {door} an und bekommen keine Codes \
                 mehr.",
    offer_must: "{organisation} bittet alle bei {door}, sie ab jetzt zu verwenden. Was Sie öffnen können, bleibt gleich.",
    offer_accept: "Ab jetzt {door} verwenden",
    offer_decline: "Diesmal beim Code bleiben",
    try_again: "Noch einmal versuchen",
    down_heading: "{door} ist nicht erreichbar",
    down_lead: "Die Anmeldung von {door} antwortet nicht. Sie haben nichts falsch gemacht.",
    down_advice: "Versuchen Sie es in ein paar Minuten noch einmal. Wenn es so bleibt, sagen Sie es denen, die sich \
                  bei {door} um die Anmeldung kümmern.",
    refused_heading: "Sie wurden bei {door} nicht angemeldet",
    refused_lead: "{door} hat Sie zurückgeschickt, ohne Sie anzumelden. Vielleicht haben Sie abgebrochen, oder {door} \
                   lässt Sie hier nicht zu.",
    invalid_heading: "Die Anmeldung mit {door} hat nicht geklappt",
    invalid_lead: "Die Antwort von {door} konnte nicht angenommen werden. Sie haben nichts falsch gemacht.",
    invalid_advice: "Sie können es noch einmal versuchen. Wenn es wieder geschieht, sagen Sie es {contact}.",
    somebody_else_heading: "Das war ein anderes Konto",
    somebody_else_lead: "Bei {door} sind Sie mit einem Konto angemeldet, das nicht zu {email} gehört.",
    somebody_else_advice: "Versuchen Sie es noch einmal und melden Sie sich dort als {email} an, oder verwenden Sie \
                           eine andere Adresse.",
    another_account_heading: "{door} hat ein neues Konto für {email}",
    another_account_lead: "Es ist ein anderes als das, mit dem Sie früher hier waren. Darum können wir nicht wissen, \
                           ob Sie dieselbe Person sind.",
    other_account_lead: "Mit {email} waren Sie früher mit einem anderen Konto bei {door} hier als mit diesem.",
    other_account_advice: "Versuchen Sie es noch einmal und wählen Sie das Konto von damals, oder verwenden Sie eine \
                           andere Adresse.",
    unverified_heading: "{door} bestätigt Ihre Adresse nicht",
    unverified_lead: "{door} hat Sie angemeldet, sagt aber nicht, dass {email} geprüft ist.",
    not_invited_heading: "Sie sind nicht zu {app} eingeladen",
    not_invited_lead: "Sie haben sich bei {door} angemeldet, aber {email} ist nicht zu {app} eingeladen.",
    not_invited_advice: "Bitten Sie die Person, mit der Sie bei {organisation} zusammenarbeiten, Sie einzuladen, oder \
                         verwenden Sie eine andere Adresse.",
    ask: "Bitten Sie {contact} um Hilfe, verwenden Sie eine andere Adresse oder gehen Sie zurück.",
};
