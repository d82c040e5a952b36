//! Encrypted assertions (Core §2.3.4, XML Encryption 1.1): RSA-OAEP for the key, AES-GCM for the rest. CBC is refused:
//! it is malleable, and our errors would become a decryption oracle (threat S08).

use domain::upstream::ServiceKey;
use openssl::{
    md::{Md, MdRef},
    pkey_ctx::PkeyCtx,
    rsa::Padding,
    symm::{Cipher, decrypt_aead},
};

use super::{
    service::private,
    xml::{DS, XENC, XmlNode},
};
use crate::{UpstreamError, error::invalid};

const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// In bytes, as XML Encryption §5.2.4 puts them around the ciphertext.
const NONCE: usize = 12;
const TAG: usize = 16;

/// The text inside an `EncryptedAssertion`.
pub(super) fn decrypted(encrypted: XmlNode<'_, '_>, key: &ServiceKey) -> Result<String, UpstreamError> {
    let data = encrypted.the(XENC, "EncryptedData")?;
    let cipher = cipher(data.the(XENC, "EncryptionMethod")?.must("Algorithm")?)?;
    // Inside its data, or beside it.
    let inside = data
        .only(DS, "KeyInfo")?
        .map(|info| info.only(XENC, "EncryptedKey"))
        .transpose()?
        .flatten();
    let encrypted_key = match inside {
        Some(key) => key,
        None => encrypted.the(XENC, "EncryptedKey")?,
    };
    // Which step failed must not be told: it would make this a decryption oracle.
    let failed = || invalid("it is encrypted, and not for the key in our metadata");
    let content_key = unwrapped(encrypted_key, key)?.ok_or_else(failed)?;
    if content_key.len() != cipher.key_len() {
        return Err(failed());
    }
    let bytes = data.path(XENC, &["CipherData", "CipherValue"])?.base64()?;
    let (nonce, rest) = bytes.split_at_checked(NONCE).ok_or_else(failed)?;
    let (text, tag) = rest
        .split_at_checked(rest.len().saturating_sub(TAG))
        .ok_or_else(failed)?;
    if tag.len() != TAG {
        return Err(failed());
    }
    let plain = decrypt_aead(cipher, &content_key, Some(nonce), &[], text, tag).map_err(|_| failed())?;
    String::from_utf8(plain).map_err(|_| failed())
}

fn cipher(uri: &str) -> Result<Cipher, UpstreamError> {
    match uri.strip_prefix(XENC11) {
        Some("aes128-gcm") => Ok(Cipher::aes_128_gcm()),
        Some("aes256-gcm") => Ok(Cipher::aes_256_gcm()),
        _ => Err(invalid(
            "it is encrypted by an algorithm that is not believed: the partner must choose AES-GCM, and sign the message \
             too; or the tenant's encryption = false takes our key for encryption out of our metadata, and then nothing \
             is encrypted",
        )),
    }
}

fn unwrapped(
    encrypted: XmlNode<'_, '_>,
    key: &ServiceKey,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, UpstreamError> {
    let method = encrypted.the(XENC, "EncryptionMethod")?;
    let not_known = || invalid("its key is encrypted by an algorithm that is not believed: RSA-OAEP is");
    // Both default to SHA-1, whose weakness does not matter in OAEP (XML Encryption §5.5.2).
    let digest = method
        .only(DS, "DigestMethod")?
        .map(|digest| digest.must("Algorithm"));
    let oaep = match digest.transpose()? {
        None => Md::sha1(),
        Some(uri) => digest_called(uri).ok_or_else(not_known)?,
    };
    let mgf = match method.must("Algorithm")? {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => Md::sha1(),
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => {
            match method
                .only(XENC11, "MGF")?
                .map(|mgf| mgf.must("Algorithm"))
                .transpose()?
            {
                None => Md::sha1(),
                Some(uri) => mgf_called(uri).ok_or_else(not_known)?,
            }
        }
        _ => return Err(not_known()),
    };
    let bytes = encrypted.path(XENC, &["CipherData", "CipherValue"])?.base64()?;
    let key = private(key)?;
    let unwrap = || {
        let mut context = PkeyCtx::new(&key)?;
        context.decrypt_init()?;
        context.set_rsa_padding(Padding::PKCS1_OAEP)?;
        context.set_rsa_oaep_md(oaep)?;
        context.set_rsa_mgf1_md(mgf)?;
        let mut plain = Vec::new();
        context.decrypt_to_vec(&bytes, &mut plain)?;
        Ok::<_, openssl::error::ErrorStack>(zeroize::Zeroizing::new(plain))
    };
    Ok(unwrap().ok())
}

fn digest_called(uri: &str) -> Option<&'static MdRef> {
    match uri {
        "http://www.w3.org/2000/09/xmldsig#sha1" => Some(Md::sha1()),
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Md::sha256()),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Md::sha512()),
        _ => None,
    }
}

fn mgf_called(uri: &str) -> Option<&'static MdRef> {
    match uri.strip_prefix(XENC11)? {
        "mgf1sha1" => Some(Md::sha1()),
        "mgf1sha256" => Some(Md::sha256()),
        "mgf1sha512" => Some(Md::sha512()),
        _ => None,
    }
}
