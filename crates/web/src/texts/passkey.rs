//! Passkeys.

use super::section::section;

section! {
    /// The button and the box, and the page that talks to the device.
    PasskeyTexts {
        button,
        make_box,
        make_box_hint,
        use_heading,
        use_lead,
        use_button,
        use_failed,
        use_refused,
        by_code,
        make_heading,
        make_lead,
        make_button,
        make_failed,
        make_refused,
        not_now,
        late,
        too_many,
        limited,
    }
}

/// English.
pub const EN: PasskeyTexts = PasskeyTexts {
    button: "Sign in with a passkey",
    make_box: "Create a passkey on this device",
    make_box_hint: "Next time no code is needed.",
    use_heading: "Sign in with a passkey",
    use_lead: "Your device asks for your fingerprint, your face or its screen lock. Then you go on to {app}.",
    use_button: "Use a passkey",
    use_failed: "No passkey was used. You can try again, or sign in with a code.",
    use_refused: "This passkey doesn't work here. Use your email address instead.",
    by_code: "Continue without a passkey",
    make_heading: "Create a passkey on this device",
    make_lead: "Next time you sign in at {organisation} with your fingerprint, your face or your screen lock, \
                without a code. You can still use codes.",
    make_button: "Create a passkey",
    make_failed: "No passkey was created. You can try again, or continue without one.",
    make_refused: "The passkey could not be added. You can try again, or continue without one.",
    not_now: "Not now",
    late: "This page has expired. Please try again.",
    too_many: "You can't add more passkeys here. Continue without another one.",
    limited: "There were too many tries. You can try again at {time} (in {minutes}).",
};

/// German.
pub const DE: PasskeyTexts = PasskeyTexts {
    button: "Mit einem Passkey anmelden",
    make_box: "Auf diesem Gerät einen Passkey erstellen",
    make_box_hint: "Beim nächsten Mal brauchen Sie keinen Code.",
    use_heading: "Mit einem Passkey anmelden",
    use_lead: "Ihr Gerät fragt nach Fingerabdruck, Gesicht oder Bildschirmsperre. Danach geht es weiter zu {app}.",
    use_button: "Passkey verwenden",
    use_failed: "Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal oder melden Sie sich mit einem Code an.",
    use_refused: "Dieser Passkey funktioniert hier nicht. Verwenden Sie Ihre E-Mail-Adresse.",
    by_code: "Ohne Passkey weiter",
    make_heading: "Auf diesem Gerät einen Passkey erstellen",
    make_lead: "Beim nächsten Mal melden Sie sich bei {organisation} mit Fingerabdruck, Gesicht oder \
                Bildschirmsperre an, ohne Code. Codes gelten weiterhin.",
    make_button: "Passkey erstellen",
    make_failed: "Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal oder machen Sie ohne weiter.",
    make_refused: "Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal oder machen Sie ohne weiter.",
    not_now: "Nicht jetzt",
    late: "Diese Seite ist abgelaufen. Bitte versuchen Sie es noch einmal.",
    too_many: "Sie können hier keine weiteren Passkeys hinzufügen. Machen Sie ohne einen weiteren weiter.",
    limited: "Das waren zu viele Versuche. Sie können es um {time} wieder versuchen (in {minutes}).",
};
