//! G7: signing out.

use super::section;

section! {
    /// The texts of signing out.
    SignedOutTexts {
        question,
        signed_in_as,
        sign_out,
        done,
        advice,
    }
}

/// English.
pub const EN: SignedOutTexts = SignedOutTexts {
    question: "Do you want to sign out?",
    signed_in_as: "You're signed in as",
    sign_out: "Sign out",
    done: "You're signed out",
    advice: "Apps that you have open may still know you. On a shared computer, close the browser.",
};

/// German.
pub const DE: SignedOutTexts = SignedOutTexts {
    question: "Möchten Sie sich abmelden?",
    signed_in_as: "Sie sind angemeldet als",
    sign_out: "Abmelden",
    done: "Sie sind abgemeldet",
    advice: "Apps, die Sie geöffnet haben, kennen Sie vielleicht noch. Schließen Sie auf einem fremden Gerät den Browser.",
};
