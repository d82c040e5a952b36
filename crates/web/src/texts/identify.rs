//! G1 and G2-send: which address, and the leave to send mail to it.

use super::section;

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
    hint_anyone: "Use an address whose mail you can read now.",
    uninvited: "I don't have an invitation",
    uninvited_advice: "{app} is open to people whom {organisation} has invited. Ask the person you work with at \
                       {organisation} to invite you.",
    contact: "Questions? Ask {contact}.",
    suggestion: "Did you mean {email}?",
    use_it: "Use it",
    keep_mine: "Keep mine",
    signed_in_as: "In this browser you are signed in as {email}.",
    continue_as: "Continue as {email}",
    or_other: "Or sign in with a different address",
    somebody_else: "{app} asked for somebody else than {email}. Sign in with the address you use there, or go back.",
    empty: "Enter your email address",
    too_long: "The email address is too long. Check that nothing else was pasted with it",
    no_at: "Enter an email address with one @, such as anna@example.com",
    invisible: "The email address contains a space or an invisible character. Type it instead of pasting it",
    local_part: "The part before the @ contains a character that email addresses don't have. Check it",
    long_local_part: "The part before the @ is too long. Check that nothing else was pasted with it",
    dots: "The part before the @ has a dot too many: at its beginning, at its end, or two in a row",
    domain: "The part behind the @ is not complete. It looks like example.com",
    mixed_script: "The part behind the @ mixes alphabets, which is how look-alike addresses are made. Type it \
                   instead of pasting it",
    send_title: "Get a sign-in code for {app}",
    send_lead: "We'll email a sign-in code to {email}.",
    send_button: "Email me a code",
    not_you: "Not you?",
    unavailable_title: "This address signs in another way",
    unavailable_heading: "{email} signs in another way",
    unavailable_federation: "People at {door} sign in with their own organisation. That way in is not connected to \
                             {organisation} yet.",
    unavailable_personal: "This address signs in with {door}. That way in is not connected to {organisation} yet.",
    unavailable_several: "This address signs in with one of these: {door}. They are not connected to {organisation} \
                          yet.",
    unavailable_codes_off: "{organisation} has switched sign-in codes off, and no other way in is open for this \
                            address.",
    unavailable_advice: "Nothing is wrong on your side. Ask {contact}, use a different address, or go back.",
};

/// German.
pub const DE: IdentifyTexts = IdentifyTexts {
    title: "Anmelden bei {app}",
    heading: "Melden Sie sich an, um {app} zu öffnen",
    label: "Ihre E-Mail-Adresse",
    hint_invited: "Verwenden Sie die Adresse, an die Ihre Einladung ging.",
    hint_domain: "Verwenden Sie Ihre dienstliche Adresse oder die, an die Ihre Einladung ging.",
    hint_anyone: "Verwenden Sie eine Adresse, deren E-Mails Sie jetzt lesen können.",
    uninvited: "Ich habe keine Einladung",
    uninvited_advice: "{app} steht Personen offen, die {organisation} eingeladen hat. Bitten Sie die Person, mit der \
                       Sie bei {organisation} zusammenarbeiten, Sie einzuladen.",
    contact: "Fragen? Wenden Sie sich an {contact}.",
    suggestion: "Meinten Sie {email}?",
    use_it: "Diese verwenden",
    keep_mine: "Meine behalten",
    signed_in_as: "In diesem Browser sind Sie als {email} angemeldet.",
    continue_as: "Weiter als {email}",
    or_other: "Oder mit einer anderen Adresse anmelden",
    somebody_else: "{app} erwartet jemand anderen als {email}. Melden Sie sich mit der Adresse an, die Sie dort \
                    verwenden, oder gehen Sie zurück.",
    empty: "Geben Sie Ihre E-Mail-Adresse ein",
    too_long: "Die E-Mail-Adresse ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
    no_at: "Geben Sie eine E-Mail-Adresse mit einem @ ein, zum Beispiel anna@example.com",
    invisible: "Die E-Mail-Adresse enthält ein Leerzeichen oder ein unsichtbares Zeichen. Tippen Sie sie ein, statt \
                sie einzufügen",
    local_part: "Der Teil vor dem @ enthält ein Zeichen, das in E-Mail-Adressen nicht vorkommt. Prüfen Sie ihn",
    long_local_part: "Der Teil vor dem @ ist zu lang. Prüfen Sie, ob noch etwas anderes mit eingefügt wurde",
    dots: "Der Teil vor dem @ hat einen Punkt zu viel: am Anfang, am Ende oder zwei hintereinander",
    domain: "Der Teil hinter dem @ ist nicht vollständig. Er sieht aus wie example.com",
    mixed_script: "Der Teil hinter dem @ mischt Alphabete; so werden täuschend ähnliche Adressen gemacht. Tippen Sie \
                   ihn ein, statt ihn einzufügen",
    send_title: "Anmeldecode für {app} anfordern",
    send_lead: "Wir senden einen Anmeldecode an {email}.",
    send_button: "Code per E-Mail senden",
    not_you: "Nicht Sie?",
    unavailable_title: "Diese Adresse meldet sich anders an",
    unavailable_heading: "{email} meldet sich anders an",
    unavailable_federation: "Wer zu {door} gehört, meldet sich bei der eigenen Organisation an. Dieser Weg ist mit \
                             {organisation} noch nicht verbunden.",
    unavailable_personal: "Diese Adresse meldet sich mit {door} an. Dieser Weg ist mit {organisation} noch nicht \
                           verbunden.",
    unavailable_several: "Diese Adresse meldet sich auf einem dieser Wege an: {door}. Sie sind mit {organisation} \
                          noch nicht verbunden.",
    unavailable_codes_off: "{organisation} hat Anmeldecodes abgeschaltet, und ein anderer Weg steht dieser Adresse \
                            nicht offen.",
    unavailable_advice: "Sie haben nichts falsch gemacht. Fragen Sie {contact}, verwenden Sie eine andere Adresse \
                         oder gehen Sie zurück.",
};
