//! Assertions that are encrypted (S08).

use data_encoding::BASE64;
use openssl::{
    pkey_ctx::PkeyCtx,
    rsa::Padding,
    symm::{Cipher, encrypt, encrypt_aead},
    x509::X509,
};
use test_support::saml::{Pair, SAML, Signing};

use super::{
    connection,
    corpus::{ANNA, assertion, forged, response, signed},
    read, service_key,
};

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

/// A text, encrypted for us.
fn encrypted(text: &str, algorithm: &str, transport: &str) -> String {
    let (key, iv) = ([7; 32], [9; 12]);
    let bytes = if algorithm == CBC {
        [
            &[9; 16],
            &*encrypt(Cipher::aes_256_cbc(), &key, Some(&[9; 16]), text.as_bytes()).unwrap(),
        ]
        .concat()
    } else {
        let mut tag = [0; 16];
        let sealed = encrypt_aead(
            Cipher::aes_256_gcm(),
            &key,
            Some(&iv),
            &[],
            text.as_bytes(),
            &mut tag,
        )
        .unwrap();
        [&iv[..], &sealed, &tag].concat()
    };
    let public = X509::from_der(&service_key().certificate)
        .unwrap()
        .public_key()
        .unwrap();
    let mut context = PkeyCtx::new(&public).unwrap();
    context.encrypt_init().unwrap();
    let padding = if transport == OAEP {
        Padding::PKCS1_OAEP
    } else {
        Padding::PKCS1
    };
    context.set_rsa_padding(padding).unwrap();
    let mut wrapped = Vec::new();
    context.encrypt_to_vec(&key, &mut wrapped).unwrap();
    // In canonical form, so that a message around it can be signed.
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{SAML}\"><xenc:EncryptedData xmlns:xenc=\"{XENC}\" \
         Type=\"{XENC}Element\"><xenc:EncryptionMethod Algorithm=\"{algorithm}\"></xenc:EncryptionMethod>\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey><xenc:EncryptionMethod \
         Algorithm=\"{transport}\"></xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>",
        BASE64.encode(&wrapped),
        BASE64.encode(&bytes)
    )
}

fn message(inner: &str) -> String {
    Signing::default().sign(&response().xml(inner), "_response")
}

#[test]
fn s08_signed_outside_and_inside_it_is_believed() {
    let inner = encrypted(&signed(&assertion()), GCM, OAEP);
    let arrival = read(&connection(), &message(&inner)).unwrap();
    assert!(arrival.account.subject.ends_with(ANNA));
}

#[test]
fn s08_what_is_not_believed() {
    let good = signed(&assertion());
    let elsewhere = Signing::by(Pair::second()).sign(&forged().xml(), "_forged");
    let altered = {
        let whole = message(&encrypted(&good, GCM, OAEP));
        let at = whole.rfind("</xenc:CipherValue>").unwrap() - 8;
        format!("{}AAAA{}", &whole[..at], &whole[at + 4..])
    };
    for (name, message, why) in [
        (
            "no signature outside",
            response().xml(&encrypted(&good, GCM, OAEP)),
            "not signed",
        ),
        (
            "none inside",
            message(&encrypted(&assertion().xml(), GCM, OAEP)),
            "nothing in it is signed",
        ),
        (
            "a stranger's inside",
            message(&encrypted(&elsewhere, GCM, OAEP)),
            "unknown key",
        ),
        ("CBC", message(&encrypted(&good, CBC, OAEP)), "AES-GCM"),
        (
            "PKCS #1 v1.5",
            message(&encrypted(&good, GCM, "http://www.w3.org/2001/04/xmlenc#rsa-1_5")),
            "RSA-OAEP",
        ),
        ("changed on the way", altered, "not what was signed"),
        (
            "two inside",
            message(&encrypted(&format!("{good}{}", forged().xml()), GCM, OAEP)),
            "more than one",
        ),
        (
            "one inside and one beside",
            message(&format!("{}{}", encrypted(&good, GCM, OAEP), forged().xml())),
            "more than one",
        ),
        (
            "no assertion inside",
            message(&encrypted("<a/>", GCM, OAEP)),
            "Assertion is missing",
        ),
        (
            "encrypted twice",
            message(&encrypted(&encrypted(&good, GCM, OAEP), GCM, OAEP)),
            "Assertion is missing",
        ),
    ] {
        let error = read(&connection(), &message).unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
}
