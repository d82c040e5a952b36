//! How Vestibule proves itself to an upstream: a client secret, a key, or not at all.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use domain::{
    Secret,
    upstream::{AssertionAudience, ClientAuthentication, ClientKey},
};
use sha2::{Digest as _, Sha256};

use crate::config::{reader::Section, secret::SecretText};

const METHODS: [&str; 5] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "apple",
    "none",
];

pub(super) fn read(section: &mut Section<'_>) -> Option<ClientAuthentication> {
    let (has_secret, secret) = secret(section, "client_secret");
    let (has_key, key) = secret_key(section);
    let team: Option<String> = section
        .is_set("team_id")
        .then(|| section.maybe("team_id"))
        .flatten();
    let usual = match (has_secret, has_key) {
        (true, _) => "client_secret_basic",
        (false, true) if team.is_some() => "apple",
        (false, true) => "private_key_jwt",
        (false, false) => "none",
    };
    let method = section.word("client_auth", &METHODS.map(|name| (name, name)), usual);
    if (has_secret && secret.is_none()) || (has_key && key.is_none()) {
        // That was refused already.
        return None;
    }
    if team.is_some() && method != "apple" {
        section.refuse(
            "team_id",
            "is for Sign in with Apple",
            "write client_auth = \"apple\", or remove it",
        );
        return None;
    }
    let read = match (method, secret, key) {
        ("apple", None, Some(key)) => return apple(section, key, team),
        ("private_key_jwt", None, Some(key)) => Some(ClientAuthentication::PrivateKeyJwt(key)),
        (name, secret, None) => {
            let secret = secret.map(|secret| Secret::presented(secret.expose()));
            ClientAuthentication::of(name, secret)
        }
        _ => None,
    };
    if read.is_none() {
        let (what, help) = wrong(method, has_secret, has_key);
        section.refuse("client_auth", what, help);
    }
    read
}

/// Apple's own: a key of P-256, its name, and the team that has it.
fn apple(section: &mut Section<'_>, key: ClientKey, team: Option<String>) -> Option<ClientAuthentication> {
    let from = "copy it from the key's page in Apple's developer account";
    if federation::check_client_key(&key.pem) != Ok("ES256") {
        section.refuse(
            "client_key",
            "is no P-256 key",
            "name the .p8 file that Apple gave you",
        );
        return None;
    }
    if key.key_id.is_none() {
        section.refuse("client_key_id", "is missing", from);
        return None;
    }
    let Some(team) = team else {
        section.refuse("team_id", "is missing", from);
        return None;
    };
    Some(ClientAuthentication::AppleSecret { key, team })
}

/// What does not go together.
fn wrong(method: &str, has_secret: bool, has_key: bool) -> (String, &'static str) {
    let surplus = match method {
        "none" | "private_key_jwt" | "apple" if has_secret => Some("client_secret"),
        _ if has_key && !matches!(method, "private_key_jwt" | "apple") => Some("client_key"),
        _ => None,
    };
    match (surplus, method) {
        (Some(surplus), _) => (
            format!("is \"{method}\", and there is a `{surplus}`"),
            "remove one of the two",
        ),
        (None, "private_key_jwt" | "apple") => (
            "needs a `client_key`".to_owned(),
            "write it, as in client_key = \"file:/etc/vestibule/contoso.pem\"",
        ),
        (None, _) => (
            "needs a `client_secret`".to_owned(),
            "write it, as in client_secret = \"env:CONTOSO_SECRET\"",
        ),
    }
}

/// Whether one is written there, and which, unless it was refused.
fn secret(section: &mut Section<'_>, key: &'static str) -> (bool, Option<SecretText>) {
    let given = section.is_set(key);
    let secret = section.secret(key);
    if given {
        section.show(key, Some("(secret)".to_owned()));
    }
    (given, secret)
}

fn secret_key(section: &mut Section<'_>) -> (bool, Option<ClientKey>) {
    let (given, text) = secret(section, "client_key");
    let key_id = section.maybe("client_key_id");
    let certificate = section.secret("client_certificate");
    let audience = section.word("assertion_audience", &AssertionAudience::ALL, "issuer");
    let Some(text) = text else {
        return (given, None);
    };
    let pem = Secret::presented(text.expose());
    if let Err(what) = federation::check_client_key(&pem) {
        let help = "make one, as in openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";
        section.refuse("client_key", what, help);
        return (given, None);
    }
    let certificate_sha256 = certificate.and_then(|certificate| {
        let digest = thumbprint(certificate.expose());
        if digest.is_none() {
            section.refuse(
                "client_certificate",
                "is no certificate in PEM",
                "name the file that begins with -----BEGIN CERTIFICATE-----",
            );
        }
        digest
    });
    let key = ClientKey {
        pem,
        key_id,
        certificate_sha256,
        audience,
    };
    (given, Some(key))
}

/// The SHA-256 of a certificate, as the header `x5t#S256` has it (RFC 7515 §4.1.8).
fn thumbprint(pem: &str) -> Option<String> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    let der = BASE64.decode(body.as_bytes()).ok()?;
    Some(BASE64URL_NOPAD.encode(&Sha256::digest(&der)))
}
