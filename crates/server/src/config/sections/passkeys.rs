//! `[passkeys]`: whether guests may come back by a passkey.

use crate::config::reader::Section;

pub(in crate::config) fn read(section: &mut Section<'_>) -> bool {
    section.get("enabled", true)
}
