//! DKIM: a signature that a verifier accepts, computed here without lettre's help (RFC 6376 §3.4, §3.7).

use std::collections::BTreeMap;

use data_encoding::BASE64;
use domain::Language;
use ring::signature::{
    ED25519, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use sha2::{Digest, Sha256};

use super::{code_mail, compose, settings};
use crate::{
    config::settings::{DkimKey, DkimSettings, MailSettings, SecretSeed, SecretText},
    mail::{Sender, check_dkim},
};

const SEED: [u8; 32] = [42; 32];

fn signing() -> MailSettings {
    let key = DkimKey::Ed25519(SecretSeed::new(SEED));
    MailSettings {
        dkim: Some(DkimSettings {
            domain: "acme.example".into(),
            selector: "v1".into(),
            key,
        }),
        ..settings()
    }
}

/// RFC 6376 §3.4.2: names lower, folding undone, white space to one blank, none at the ends.
fn relaxed_header(name: &str, value: &str) -> String {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}:{value}", name.to_ascii_lowercase())
}

/// RFC 6376 §3.4.4.
fn relaxed_body(body: &str) -> String {
    let lines: Vec<String> = body
        .split("\r\n")
        .map(|line| {
            let folded = line
                .split([' ', '\t'])
                .enumerate()
                .fold(String::new(), |mut folded, (n, word)| {
                    if n > 0 && !folded.ends_with(' ') {
                        folded.push(' ');
                    }
                    folded + word
                });
            folded.trim_end_matches(' ').to_owned()
        })
        .collect();
    let text = lines.join("\r\n");
    format!("{}\r\n", text.trim_end_matches("\r\n"))
}

fn fields(head: &str) -> Vec<(String, String)> {
    head.replace("\r\n ", " ")
        .replace("\r\n\t", " ")
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn tags(signature: &str) -> BTreeMap<String, String> {
    signature
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.split_whitespace().collect()))
        .collect()
}

/// Checks a mail as its receiver would: `Err` says what is wrong. `check` gets the signed header and the signature.
fn verify_with(
    raw: &str,
    check: impl FnOnce(&[u8], &[u8]) -> bool,
) -> Result<BTreeMap<String, String>, &'static str> {
    let (head, body) = raw.split_once("\r\n\r\n").ok_or("no body")?;
    let fields = fields(head);
    let value = |name: &str| {
        let mut found = fields
            .iter()
            .rev()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    };
    let signature = value("DKIM-Signature").ok_or("no signature")?;
    let tags = tags(signature);
    if BASE64.encode(&Sha256::digest(relaxed_body(body))) != tags["bh"] {
        return Err("body hash");
    }
    let mut signed = String::new();
    for name in tags["h"].split(':') {
        // RFC 6376 §5.4.2: a header that is named and absent counts as empty.
        if let Some(value) = value(name) {
            signed.push_str(&relaxed_header(name, value));
            signed.push_str("\r\n");
        }
    }
    let (before, _) = signature.rsplit_once("b=").ok_or("no b=")?;
    signed.push_str(&relaxed_header("DKIM-Signature", &format!("{before}b=")));
    let signature = BASE64
        .decode(tags["b"].as_bytes())
        .map_err(|_| "b= is not base64")?;
    if check(signed.as_bytes(), &signature) {
        Ok(tags)
    } else {
        Err("signature")
    }
}

/// RFC 8463 §3: Ed25519 signs the SHA-256 of the header.
fn verify(raw: &str, public_key: &[u8]) -> Result<BTreeMap<String, String>, &'static str> {
    verify_with(raw, |signed, signature| {
        let key = UnparsedPublicKey::new(&ED25519, public_key);
        key.verify(&Sha256::digest(signed), signature).is_ok()
    })
}

#[test]
fn a_signature_that_verifies_and_covers_what_counts() {
    let public_key = Ed25519KeyPair::from_seed_unchecked(&SEED)
        .unwrap()
        .public_key()
        .as_ref()
        .to_vec();
    for language in Language::ALL {
        let mail = compose(&signing(), code_mail(language, true));
        let raw = String::from_utf8(mail.raw).unwrap();
        let tags = verify(&raw, &public_key).unwrap();
        assert_eq!(tags["a"], "ed25519-sha256");
        assert_eq!((tags["d"].as_str(), tags["s"].as_str()), ("acme.example", "v1"));
        assert_eq!(tags["c"], "relaxed/relaxed");
        let covered: Vec<&str> = tags["h"].split(':').collect();
        for name in [
            "from",
            "to",
            "subject",
            "date",
            "message-id",
            "reply-to",
            "auto-submitted",
            "content-language",
        ] {
            assert!(covered.contains(&name), "{name}");
        }
        assert!(!covered.contains(&"content-type"), "lettre would not hash it");

        for (changed, wrong) in [
            (raw.replace("48201573", "00000000"), "body hash"),
            (raw.replacen("Subject: 4", "Subject: 5", 1), "signature"),
            (raw.replacen("To: anna@", "To: eva@", 1), "signature"),
            (raw.replacen("d=acme.example", "d=evil.example", 1), "signature"),
            // A header that was absent when it was signed cannot be added.
            (
                raw.replacen("Auto-Submitted: auto-generated", "Auto-Submitted: no", 1),
                "signature",
            ),
        ] {
            assert_eq!(verify(&changed, &public_key).err(), Some(wrong));
        }
    }
}

#[test]
fn a_header_that_is_not_there_is_signed_as_not_there() {
    let public_key = Ed25519KeyPair::from_seed_unchecked(&SEED)
        .unwrap()
        .public_key()
        .as_ref()
        .to_vec();
    let settings = MailSettings {
        reply_to: None,
        ..signing()
    };
    let raw = String::from_utf8(compose(&settings, code_mail(Language::En, true)).raw).unwrap();
    verify(&raw, &public_key).unwrap();
    let added = format!("Reply-To: evil@evil.example\r\n{raw}");
    assert_eq!(verify(&added, &public_key).err(), Some("signature"));
}

#[test]
fn an_rsa_key_signs_as_well() {
    let pem = include_str!("dkim_rsa.pem");
    let key = DkimKey::Rsa(SecretText::new(pem));
    let dkim = Some(DkimSettings {
        domain: "acme.example".into(),
        selector: "v1".into(),
        key,
    });
    let mail = compose(
        &MailSettings { dkim, ..settings() },
        code_mail(Language::En, true),
    );
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = RsaKeyPair::from_der(&BASE64.decode(body.as_bytes()).unwrap()).unwrap();
    let tags = verify_with(&String::from_utf8(mail.raw).unwrap(), |signed, signature| {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key());
        key.verify(signed, signature).is_ok()
    });
    assert_eq!(tags.unwrap()["a"], "rsa-sha256");
}

#[test]
fn mail_without_a_key_is_not_signed() {
    let raw = String::from_utf8(compose(&settings(), code_mail(Language::En, true)).raw).unwrap();
    assert!(!raw.contains("DKIM-Signature"));
}

#[test]
fn a_key_that_cannot_sign_is_refused_before_there_is_mail() {
    let key = DkimKey::Rsa(SecretText::new("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"));
    assert!(check_dkim(&key).is_err());
    let dkim = Some(DkimSettings {
        domain: "acme.example".into(),
        selector: "v1".into(),
        key,
    });
    assert!(Sender::new(&MailSettings { dkim, ..settings() }, "Acme").is_err());
    assert!(check_dkim(&DkimKey::Ed25519(SecretSeed::new(SEED))).is_ok());
}
