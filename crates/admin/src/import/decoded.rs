//! The text of a file, whichever way a spreadsheet has saved it.

use std::borrow::Cow;

use super::{calendar::with_whole_characters, list::UnreadableList};

const NOT_UTF8: &str = "the file is not in UTF-8; save it as «CSV UTF-8», or as UTF-16";

/// UTF-8 with or without a byte order mark, or UTF-16 with one.
pub(super) fn decoded(bytes: &[u8]) -> Result<String, UnreadableList> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, UnreadableList> {
    let bytes: Cow<'_, [u8]> = with_whole_characters(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        UnreadableList::at(line_after(before.iter().copied()), NOT_UTF8)
    })?;
    match text.find('\0') {
        None => Ok(text.to_owned()),
        Some(place) => Err(UnreadableList::at(line_after(text[..place].bytes()), NOT_UTF8)),
    }
}

fn utf16(bytes: &[u8], read: impl Fn([u8; 2]) -> u16) -> Result<String, UnreadableList> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for unit in char::decode_utf16(pairs.iter().map(|pair| read(*pair))) {
        let unit = unit.map_err(|_| UnreadableList::at(line_after(text.bytes()), NOT_UTF8))?;
        text.push(unit);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(UnreadableList::at(
            line_after(text.bytes()),
            "the file ends within a character: it is cut off",
        ))
    }
}

/// The number of the line that follows these bytes.
fn line_after(bytes: impl Iterator<Item = u8>) -> u64 {
    1 + bytes.filter(|byte| *byte == b'\n').count() as u64
}
