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
