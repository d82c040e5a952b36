//! Sealing of what must not be read from a stolen database: AES-256-GCM under a key that follows from the master
//! key. The place (table, row, column) is authenticated, so that a sealed value opens nowhere else.

use domain::{
    entropy::{Entropy, random},
    master_key::{MasterKey, MasterKeys},
};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::{StoreError, value::Place};

/// A sealed value, and the name of the master key that opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The nonce, the ciphertext and its tag.
    pub(crate) bytes: Vec<u8>,
    /// The master key's name.
    pub(crate) key_id: String,
}

/// Seals `plain` for one column of one row. The nonce is random: 96 bits are safe for 2³² values under one key
/// (NIST SP 800-38D §8.3), and a database seals a few a year.
pub(crate) fn seal(
    keys: &MasterKeys,
    entropy: &dyn Entropy,
    place: &Place,
    column: &'static str,
    plain: &[u8],
) -> Result<Sealed, StoreError> {
    let master = keys.current();
    let failed = || sealed(place, column);
    let nonce: [u8; NONCE_LEN] = random(entropy);
    let mut secret = Zeroizing::new(plain.to_vec());
    let tag = cipher(master)
        .ok_or_else(failed)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad(place, column)),
            &mut secret,
        )
        .map_err(|_| failed())?;
    let bytes = [&nonce[..], &secret[..], tag.as_ref()].concat();
    Ok(Sealed {
        bytes,
        key_id: master.id().to_owned(),
    })
}

/// Opens what [`seal`] made for the same column of the same row.
pub(crate) fn unseal(
    keys: &MasterKeys,
    place: &Place,
    column: &'static str,
    value: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let master = keys
        .get(&value.key_id)
        .ok_or_else(|| StoreError::WrongMasterKey {
            expected: value.key_id.clone(),
            given: keys.current().id().to_owned(),
        })?;
    let failed = || sealed(place, column);
    let (nonce, rest) = value.bytes.split_at_checked(NONCE_LEN).ok_or_else(failed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
    let mut secret = Zeroizing::new(rest.to_vec());
    let length = cipher(master)
        .ok_or_else(failed)?
        .open_in_place(nonce, Aad::from(aad(place, column)), &mut secret)
        .map_err(|_| failed())?
        .len();
    secret.truncate(length);
    Ok(secret)
}

fn cipher(master: &MasterKey) -> Option<LessSafeKey> {
    let key = master.purpose("seal");
    UnboundKey::new(&AES_256_GCM, &key[..]).ok().map(LessSafeKey::new)
}

fn aad(place: &Place, column: &str) -> Vec<u8> {
    format!("{}|{}|{column}", place.table, place.row).into_bytes()
}

fn sealed(place: &Place, column: &'static str) -> StoreError {
    StoreError::Sealed {
        table: place.table,
        row: place.row.clone(),
        column,
    }
}

#[cfg(test)]
mod tests;
