//! G7: signing out.

use super::section::section;

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
    advice: "You may still be signed in to apps you have open. On a shared computer, close the browser.",
};

/// German.
pub const DE: SignedOutTexts = SignedOutTexts {
    question: "Möchten Sie sich abmelden?",
    signed_in_as: "Sie sind angemeldet als",
    sign_out: "Abmelden",
    done: "Sie sind abgemeldet",
    advice: "In Apps, die Sie offen haben, sind Sie vielleicht noch angemeldet. Schließen Sie an einem gemeinsam \
             genutzten Computer den Browser.",
};
