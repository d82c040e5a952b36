//! What depends on what a code is written in: eight digits, or ten letters while somebody is guessing codes.

use super::section::section;

section! {
    /// The words of the code page about the characters of a code.
    AlphabetTexts {
        lead,
        lead_invited,
        hint,
        empty,
        length,
        other_characters,
    }
}

/// English, digits.
pub const EN_DIGITS: AlphabetTexts = AlphabetTexts {
    lead: "We sent an 8-digit code to {email}.",
    lead_invited: "If {email} has been invited, an 8-digit code is on its way.",
    hint: "8 digits",
    empty: "Enter the 8-digit code from the email",
    length: "The code has 8 digits. You entered {n}",
    other_characters: "The code has 8 digits and nothing else. Copy it from the email again",
};

/// English, letters.
pub const EN_LETTERS: AlphabetTexts = AlphabetTexts {
    lead: "We sent a code of 10 letters to {email}.",
    lead_invited: "If {email} has been invited, a code of 10 letters is on its way.",
    hint: "10 letters, small or capital",
    empty: "Enter the 10 letters of the code from the email",
    length: "The code has 10 letters. You entered {n}",
    other_characters: "The code has 10 letters and nothing else. Copy it from the newest email again",
};

/// German, digits.
pub const DE_DIGITS: AlphabetTexts = AlphabetTexts {
    lead: "Wir haben einen 8-stelligen Code an {email} gesendet.",
    lead_invited: "Wenn {email} eingeladen wurde, ist ein 8-stelliger Code unterwegs.",
    hint: "8 Ziffern",
    empty: "Geben Sie den 8-stelligen Code aus der E-Mail ein",
    length: "Der Code hat 8 Ziffern. Sie haben {n} eingegeben",
    other_characters: "Der Code besteht aus 8 Ziffern und sonst nichts. Kopieren Sie ihn noch einmal aus der E-Mail",
};

/// German, letters.
pub const DE_LETTERS: AlphabetTexts = AlphabetTexts {
    lead: "Wir haben einen Code aus 10 Buchstaben an {email} gesendet.",
    lead_invited: "Wenn {email} eingeladen wurde, ist ein Code aus 10 Buchstaben unterwegs.",
    hint: "10 Buchstaben, groß oder klein",
    empty: "Geben Sie die 10 Buchstaben des Codes aus der E-Mail ein",
    length: "Der Code hat 10 Buchstaben. Sie haben {n} eingegeben",
    other_characters: "Der Code besteht aus 10 Buchstaben und sonst nichts. Kopieren Sie ihn noch einmal aus der neuesten \
                       E-Mail",
};
