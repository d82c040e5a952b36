//! G1 and G2-send: which address, and the leave to send mail to it.

use super::section::section;

section! {
    /// The page that asks for the address, and the one that asks before the first mail.
    IdentifyTexts {
        title,
        heading,
        label,
        hint_invited,
        hint_domain,
        hint_anyone,
        uninvited,
        uninvited_advice,
        contact,
        suggestion,
        use_it,
        keep_mine,
        signed_in_as,
        continue_as,
        or_other,
        somebody_else,
        empty,
        too_long,
        no_at,
        invisible,
        local_part,
        long_local_part,
        dots,
        domain,
        mixed_script,
        send_title,
        send_lead,
        send_button,
        not_you,
        unavailable_title,
        unavailable_heading,
        unavailable_federation,
        unavailable_personal,
        unavailable_several,
        unavailable_codes_off,
        unavailable_advice,
    }
}

/// English.
pub const EN: IdentifyTexts = IdentifyTexts {
    title: "Sign in to {app}",
    heading: "Sign in to open {app}",
    label: "Your email address",
    hint_invited: "Use the address your invitation was sent to.",
    hint_domain: "Use your work address, or the address your invitation was sent to.",
    hint_anyone: "Use an email address you can check right now.",
    uninvited: "I don't have an invitation",
    uninvited_advice: "You need an invitation from {organisation} to open {app}. Ask the person you work with there to \
                       invite you.",
    contact: "Questions? Ask {contact}.",
    suggestion: "Did you mean {email}?",
    use_it: "Use it",
    keep_mine: "Keep mine",
    signed_in_as: "You're signed in as {email}.",
    continue_as: "Continue as {email}",
    or_other: "Or sign in with a different address",
    somebody_else: "{app} expects a different person, not {email}. Sign in with the address you use in {app}, or \
                    go back.",
    empty: "Enter your email address",
    too_long: "The email address is too long. Check that nothing else was pasted with it",
    no_at: "Enter an email address with one @, such as anna@example.com",
    invisible: "Remove the space or the invisible character from the email address, or type it again",
    local_part: "The part before the @ contains a character that email addresses don't have. Check it",
    long_local_part: "The part before the @ is too long. Check that nothing else was pasted with it",
    dots: "Check the dots before the @",
    domain: "Check the part after the @. It should look like example.com",
    mixed_script: "The part after the @ mixes letters from different alphabets. Type the address instead of \
                   pasting it",
    send_title: "Get a sign-in code for {app}",
    send_lead: "We'll email a sign-in code to {email}.",
    send_button: "Email me a code",
    not_you: "Not you?",
    unavailable_title: "You can't sign in with this address yet",
    unavailable_heading: "You can't sign in with {email} yet",
    unavailable_federation: "People at {door} sign in through {door}. {organisation} hasn't set this up yet.",
    unavailable_personal: "This address signs in with {door}. {organisation} hasn't set this up yet.",
    unavailable_several: "This address signs in with one of these: {door}. {organisation} hasn't set them up yet.",
    unavailable_codes_off: "{organisation} doesn't use sign-in codes, and there is no other way to sign in with \
                            this address.",
    unavailable_advice: "This isn't your fault. Contact {contact}, use a different address, or go back.",
};

/// German.
pub const DE: IdentifyTexts = IdentifyTexts {
    title: "Anmelden bei {app}",
    heading: "Melden Sie sich an, um {app} zu öffnen",
    label: "Ihre E-Mail-Adresse",
    hint_invited: "Verwenden Sie die Adresse, an die Ihre Einladung ging.",
    hint_domain: "Verwenden Sie Ihre dienstliche Adresse oder die, an die Ihre Einladung ging.",
    hint_anyone: "Verwenden Sie eine E-Mail-Adresse, die Sie jetzt abrufen können.",
    uninvited: "Ich habe keine Einladung",
    uninvited_advice: "Für {app} brauchen Sie eine Einladung von {organisation}. Bitten Sie die Person, mit der Sie \
                       dort zusammenarbeiten, Sie einzuladen.",
    contact: "Fragen? Wenden Sie sich an {contact}.",
    suggestion: "Meinten Sie {email}?",
    use_it: "Diese verwenden",
    keep_mine: "Meine behalten",
    signed_in_as: "Sie sind als {email} angemeldet.",
    continue_as: "Weiter als {email}",
    or_other: "Oder mit einer anderen Adresse anmelden",
    somebody_else: "{app} erwartet jemand anderen, nicht {email}. Melden Sie sich mit der Adresse an, die Sie in \
                    {app} verwenden, oder gehen Sie zurück.",
    empty: "Geben Sie Ihre E-Mail-Adresse ein",
    too_long: "Die E-Mail-Adresse ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
    no_at: "Geben Sie eine E-Mail-Adresse mit einem @ ein, zum Beispiel anna@example.com",
    invisible: "Entfernen Sie das Leerzeichen oder das unsichtbare Zeichen aus der E-Mail-Adresse, oder tippen \
                Sie sie noch einmal",
    local_part: "Der Teil vor dem @ enthält ein Zeichen, das in E-Mail-Adressen nicht vorkommt. Prüfen Sie ihn",
    long_local_part: "Der Teil vor dem @ ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
    dots: "Prüfen Sie die Punkte vor dem @",
    domain: "Prüfen Sie den Teil nach dem @. Er sollte aussehen wie example.com",
    mixed_script: "Der Teil nach dem @ mischt Buchstaben aus verschiedenen Alphabeten. Tippen Sie die Adresse, \
                   statt sie einzufügen",
    send_title: "Anmeldecode für {app} anfordern",
    send_lead: "Wir senden einen Anmeldecode an {email}.",
    send_button: "Code per E-Mail senden",
    not_you: "Nicht Sie?",
    unavailable_title: "Mit dieser Adresse geht es noch nicht",
    unavailable_heading: "Mit {email} können Sie sich noch nicht anmelden",
    unavailable_federation: "Wer zu {door} gehört, meldet sich über {door} an. {organisation} hat das noch nicht \
                             eingerichtet.",
    unavailable_personal: "Mit dieser Adresse meldet man sich mit {door} an. {organisation} hat das noch nicht \
                           eingerichtet.",
    unavailable_several: "Mit dieser Adresse meldet man sich mit einem davon an: {door}. {organisation} hat das \
                          noch nicht eingerichtet.",
    unavailable_codes_off: "{organisation} verwendet keine Anmeldecodes, und für diese Adresse gibt es keinen \
                            anderen Weg.",
    unavailable_advice: "Das liegt nicht an Ihnen. Wenden Sie sich an {contact}, verwenden Sie eine andere \
                         Adresse oder gehen Sie zurück.",
};
