//! `[secrets]`: the master key, from which every key that protects the database follows.

use std::path::PathBuf;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use domain::master_key::{MasterKey, MasterKeys};
use zeroize::Zeroizing;

use crate::config::{
    reader::Section,
    secret::{SecretText, Source, is_world_readable},
};

const MAKE: &str = "run `vestibule config init`, or make one with: openssl rand -hex 32 > master.key && chmod 600 \
                    master.key";

/// The master keys, and the file of the current one where it has one.
pub(in crate::config) fn read(section: &mut Section<'_>) -> Option<(MasterKeys, Option<PathBuf>)> {
    let given = section.is_set("master_key");
    let current = section.secret("master_key");
    section.show("master_key", given.then(|| "(secret)".to_owned()));
    if !given {
        section.refuse("master_key", "is not set", MAKE);
    }
    let file = current.as_ref().and_then(|secret| match secret.source() {
        Source::File(path) => Some(path.clone()),
        _ => None,
    });
    let current = current.and_then(|secret| key(section, "master_key", &secret));
    let older = section.secrets("older_master_keys");
    let shown = if older.is_empty() { "[]" } else { "(secret)" };
    section.show("older_master_keys", Some(shown.to_owned()));
    let older: Vec<MasterKey> = older
        .iter()
        .filter_map(|secret| key(section, "older_master_keys", secret))
        .collect();
    Some((MasterKeys::new(current?, older), file))
}

fn key(section: &mut Section<'_>, name: &'static str, secret: &SecretText) -> Option<MasterKey> {
    match secret.source() {
        Source::File(path) if is_world_readable(path) => section.refuse(
            name,
            format!("is in {}, which every user of this machine can read", path.display()),
            format!("run: chmod 600 {}", path.display()),
        ),
        Source::Literal => section.warn(
            name,
            "is written out in the configuration",
            "put it into a file of its own, readable only by Vestibule, and write \"file:/path/to/master.key\"",
        ),
        _ => {}
    }
    let bytes = decode(secret.expose().trim());
    if bytes.is_none() {
        section.refuse(name, "is not 32 bytes in hexadecimal or base64url", MAKE);
    } else if bytes
        .as_ref()
        .is_some_and(|bytes| bytes.iter().all(|byte| *byte == bytes[0]))
    {
        section.refuse(name, "is one byte, repeated: anybody can guess it", MAKE);
    }
    bytes.map(|bytes| MasterKey::new(*bytes))
}

fn decode(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let encodings = [
        HEXLOWER_PERMISSIVE,
        BASE64URL_NOPAD,
        BASE64URL,
        BASE64_NOPAD,
        BASE64,
    ];
    encodings.iter().find_map(|encoding| {
        let bytes = Zeroizing::new(encoding.decode(text.as_bytes()).ok()?);
        Some(Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).ok()?))
    })
}
