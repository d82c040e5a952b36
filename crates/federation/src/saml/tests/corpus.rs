//! The attack corpus: what an attacker makes of an answer that the identity provider signed for Anna, or signs with what
//! is at hand. Whoever believes one of them takes the attacker for somebody else.

use chrono::{DateTime, TimeDelta, Utc};
use openssl::{hash::MessageDigest, pkey::PKey};
use test_support::saml::{
    Assertion, BEARER, DS, EXCLUSIVE, PERSISTENT, Pair, Response, SAML, SAMLP, SUCCESS, Signing, enveloped,
};

/// The entity ID of the identity provider.
pub(crate) const IDP: &str = "https://idp.contoso.test/saml";
/// The name that it calls Anna by.
pub(crate) const ANNA: &str = "anna-1";
/// Whom the attacker would like to be.
pub(crate) const BOSS: &str = "boss-1";
/// Where answers are posted.
pub(crate) const ACS: &str = "https://id.acme.test/federation/contoso/acs";
/// What Vestibule is called there.
pub(crate) const SP: &str = "https://id.acme.test/federation/contoso/metadata";
/// The request that is answered.
pub(crate) const REQUEST: &str = "_request";

/// When all of it happens.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// What the identity provider says of Anna.
pub(crate) fn assertion() -> Assertion {
    Assertion {
        id: "_assertion".into(),
        issuer: IDP.into(),
        name_id: ANNA.into(),
        name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
        audience: Some(SP.into()),
        recipient: ACS.into(),
        in_response_to: Some(REQUEST.into()),
        issued_at: now(),
        not_before: Some(TimeDelta::seconds(-5)),
        not_on_or_after: Some(TimeDelta::minutes(5)),
        bearer_until: Some(TimeDelta::minutes(5)),
        method: BEARER.into(),
        context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".into(),
        attributes: vec![("mail".into(), "anna@contoso.test".into())],
    }
}

/// What the attacker would like it to say.
pub(crate) fn forged() -> Assertion {
    Assertion {
        id: "_forged".into(),
        name_id: BOSS.into(),
        attributes: vec![("mail".into(), "boss@contoso.test".into())],
        ..assertion()
    }
}

/// The message around it.
pub(crate) fn response() -> Response {
    Response {
        id: "_response".into(),
        issuer: IDP.into(),
        destination: ACS.into(),
        in_response_to: Some(REQUEST.into()),
        issued_at: now(),
        status: (SUCCESS.into(), None),
    }
}

/// An assertion, signed as it should be.
pub(crate) fn signed(assertion: &Assertion) -> String {
    Signing::default().sign(&assertion.xml(), &assertion.id)
}

/// What is right: the assertion signed, the message signed, both.
pub(crate) fn genuine() -> [(&'static str, String); 3] {
    let (bare, inner) = (assertion().xml(), signed(&assertion()));
    let message = |inner: &str| Signing::default().sign(&response().xml(inner), "_response");
    [
        ("assertion signed", response().xml(&inner)),
        ("message signed", message(&bare)),
        ("both signed", message(&inner)),
    ]
}

/// Attacks, each with its row of the threat table and its name.
pub(crate) fn attacks() -> Vec<(&'static str, String)> {
    let mut all = wrapped();
    all.extend(texts());
    all.extend(algorithms());
    all.extend(signatures());
    all
}

/// S01: signature wrapping. What was signed is somewhere, and something else is read.
fn wrapped() -> Vec<(&'static str, String)> {
    let (good, evil) = (signed(&assertion()), forged().xml());
    let bare = assertion().xml();
    let signature = Signing::default().signature(&bare, "_assertion");
    let message = response().xml(&bare);
    let message_signature = Signing::default().signature(&message, "_response");
    let evil_message = Response {
        id: "_other".into(),
        ..response()
    }
    .xml(&evil);
    let object = |inside: &str, signature: &str| {
        let object = format!("<ds:Object>{inside}</ds:Object></ds:Signature>");
        signature.replace("</ds:Signature>", &object)
    };
    let inside =
        |outer: &str, inner: &str| outer.replace("</saml:Assertion>", &format!("{inner}</saml:Assertion>"));
    let extensions =
        |inner: &str| format!("<samlp:Extensions xmlns:samlp=\"{SAMLP}\">{inner}</samlp:Extensions>");
    let same_id = Assertion {
        id: "_assertion".into(),
        ..forged()
    };
    let before_status = |inner: &str, rest: &str| {
        response()
            .xml(rest)
            .replacen("<samlp:Status>", &format!("{inner}<samlp:Status>"), 1)
    };
    vec![
        (
            "S01 XSW1",
            enveloped(&evil_message, &object(&message, &message_signature)),
        ),
        (
            "S01 XSW2",
            evil_message.replacen(
                "</saml:Issuer>",
                &format!("</saml:Issuer>{message}{message_signature}"),
                1,
            ),
        ),
        ("S01 XSW3", response().xml(&format!("{evil}{good}"))),
        ("S01 XSW4", response().xml(&inside(&evil, &good))),
        (
            "S01 XSW5",
            response().xml(&format!("{}{bare}", enveloped(&evil, &signature))),
        ),
        (
            "S01 XSW6",
            response().xml(&enveloped(&evil, &object(&bare, &signature))),
        ),
        ("S01 XSW7", before_status(&extensions(&good), &evil)),
        (
            "S01 XSW8",
            response().xml(&enveloped(&evil, &object(&extensions(&bare), &signature))),
        ),
        ("S01 forged last", response().xml(&format!("{good}{evil}"))),
        (
            "S01 forged first, same ID",
            response().xml(&format!("{}{good}", same_id.xml())),
        ),
        (
            "S01 forged last, same ID",
            response().xml(&format!("{good}{}", same_id.xml())),
        ),
        (
            "S01 forged takes the signature, same ID",
            response().xml(&enveloped(&same_id.xml(), &signature)),
        ),
        (
            "S01 a whole answer in an attribute's value",
            response().xml(&forged().xml().replace("boss@contoso.test", &good)),
        ),
        (
            "S01 the ID in another namespace",
            response().xml(&format!(
                "{good}{}",
                evil.replacen("ID=", "xmlns:x=\"urn:x\" x:ID=\"_assertion\" ID=", 1)
            )),
        ),
    ]
}

/// S02, S03, S04: what one reader sees and another does not.
fn texts() -> Vec<(&'static str, String)> {
    let signs = |name_id: &str, seen: &str| {
        let canonical = Assertion {
            name_id: seen.into(),
            ..assertion()
        };
        // The identity provider signs what canonicalization leaves of it.
        signed(&canonical).replace(
            &format!(">{seen}</saml:NameID>"),
            &format!(">{name_id}</saml:NameID>"),
        )
    };
    let doctype = |xml: &str| format!("<!DOCTYPE r [<!ENTITY e \"{BOSS}\">]>{xml}");
    let plain = response().xml(&signed(&assertion()));
    let digest_comment = plain.replacen("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->", 1);
    let many: String = (0..200).fold(String::new(), |many, n| format!("{many} xmlns:n{n}=\"urn:{n}\""));
    let attributes: String = (0..300).fold(String::new(), |all, n| format!("{all} a{n}=''"));
    let deep = format!("{}{}", "<a>".repeat(5000), "</a>".repeat(5000));
    vec![
        (
            "S02 a comment cuts the name",
            response().xml(&signs(
                &format!("{BOSS}<!---->.attacker.test"),
                &format!("{BOSS}.attacker.test"),
            )),
        ),
        (
            "S02 an instruction cuts the name",
            response().xml(&signs(
                &format!("{BOSS}<?x ?>.attacker.test"),
                &format!("{BOSS}.attacker.test"),
            )),
        ),
        ("S02 a comment behind the message", format!("{plain}<!-- -->")),
        ("S03 DOCTYPE", doctype(&plain)),
        (
            "S03 an entity for a name",
            doctype(&response().xml(&signs("&e;", BOSS))),
        ),
        (
            "S03 many namespaces",
            plain.replacen("<samlp:Response", &format!("<samlp:Response{many}"), 1),
        ),
        (
            "S03 many attributes",
            plain.replacen("<samlp:Status>", &format!("<samlp:Status{attributes}>"), 1),
        ),
        (
            "S03 many attributes behind a quotation mark",
            plain.replacen(
                "<samlp:Status>",
                &format!("it's<a/><samlp:Status a=\">'\"{attributes}>"),
                1,
            ),
        ),
        (
            "S03 a deep tree",
            plain.replace("<samlp:Status>", &format!("{deep}<samlp:Status>")),
        ),
        ("S03 two roots", format!("{plain}{plain}")),
        (
            "S03 UTF-16 by its name",
            format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{plain}"),
        ),
        ("S03 XML 1.1", format!("<?xml version=\"1.1\"?>{plain}")),
        ("S04 a comment in the digest", digest_comment),
        (
            "S04 a CDATA section in the name",
            response().xml(&signs(&format!("<![CDATA[{ANNA}]]>"), ANNA)),
        ),
    ]
}

/// S05: algorithms and keys.
fn algorithms() -> Vec<(&'static str, String)> {
    let by = |signing: &Signing| response().xml(&signing.sign(&forged().xml(), "_forged"));
    let genuine = Signing::default();
    let hmac = PKey::hmac(
        &Pair::first()
            .certificate
            .public_key()
            .unwrap()
            .public_key_to_pem()
            .unwrap(),
    );
    let with = |transforms: &[&str]| Signing {
        transforms: transforms.iter().map(|uri| (*uri).to_owned()).collect(),
        ..genuine.clone()
    };
    let enveloped = format!("{DS}enveloped-signature");
    vec![
        ("S05 no signature", response().xml(&forged().xml())),
        (
            "S05 a stranger's key in KeyInfo",
            by(&Signing::by(Pair::second())),
        ),
        (
            "S05 HMAC with the public key",
            by(&Signing {
                pair: Pair {
                    key: hmac.unwrap(),
                    certificate: Pair::first().certificate.clone(),
                },
                method: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256".into(),
                ..genuine.clone()
            }),
        ),
        (
            "S05 SHA-1 signs",
            by(&Signing {
                method: format!("{DS}rsa-sha1"),
                digest: MessageDigest::sha1(),
                digest_method: format!("{DS}sha1"),
                ..genuine.clone()
            }),
        ),
        ("S05 no transform", by(&with(&[]))),
        (
            "S05 XPath",
            by(&with(&[
                &enveloped,
                EXCLUSIVE,
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
            ])),
        ),
        (
            "S05 XSLT",
            by(&with(&[
                &enveloped,
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
            ])),
        ),
        (
            "S05 canonical with comments",
            by(&with(&[&enveloped, &format!("{EXCLUSIVE}#WithComments")])),
        ),
        (
            "S05 a foreign canonicalization",
            by(&Signing {
                canonicalization: "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments".into(),
                ..genuine.clone()
            }),
        ),
        (
            "S05 a second reference",
            by(&Signing {
                more: format!(
                    "<ds:Reference URI=\"#_response\"><ds:DigestMethod Algorithm=\"{DS}sha1\"></ds:DigestMethod>\
                     <ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"
                ),
                ..genuine.clone()
            }),
        ),
    ]
}

/// S04, S05: signatures whose parts do not fit together.
fn signatures() -> Vec<(&'static str, String)> {
    let good = signed(&assertion());
    let changed = |from: &str, to: &str| response().xml(&good.replacen(from, to, 1));
    let (start, end) = (
        good.find("<ds:SignedInfo>").unwrap(),
        good.find("</ds:SignedInfo>").unwrap(),
    );
    let info = &good[start..end + "</ds:SignedInfo>".len()];
    let forged_info = {
        let forged = signed(&forged());
        let (start, end) = (
            forged.find("<ds:SignedInfo>").unwrap(),
            forged.find("</ds:SignedInfo>").unwrap(),
        );
        forged[start..end + "</ds:SignedInfo>".len()].to_owned()
    };
    let evil = Signing::by(Pair::second()).signature(&forged().xml(), "_forged");
    let evil_two = evil.replacen("<ds:SignedInfo>", &format!("{info}<ds:SignedInfo>"), 1);
    vec![
        ("S01 another word in what was signed", changed(ANNA, BOSS)),
        (
            "S04 an empty digest",
            changed(
                "<ds:DigestValue>",
                "<ds:DigestValue></ds:DigestValue><ds:DigestValue>",
            ),
        ),
        (
            "S04 two SignedInfo",
            response().xml(&enveloped(&forged().xml(), &evil_two)),
        ),
        (
            "S04 a signature that signs another SignedInfo",
            response().xml(&enveloped(
                &forged().xml(),
                &Signing::default()
                    .signature(&assertion().xml(), "_assertion")
                    .replacen(info, &forged_info, 1)
                    .replacen("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1),
            )),
        ),
        (
            "S05 a signature in no namespace",
            changed(DS, "urn:not-a-signature"),
        ),
        (
            "S05 an assertion in another namespace",
            changed(SAML, "urn:not-an-assertion"),
        ),
        ("S05 no reference", changed("URI=\"#_assertion\"", "")),
        (
            "S05 the whole document is referred to",
            changed("URI=\"#_assertion\"", "URI=\"\""),
        ),
        (
            "S05 another element is referred to",
            changed("URI=\"#_assertion\"", "URI=\"#_response\""),
        ),
        ("S05 two signatures of one element", {
            let second = Signing::by(Pair::second()).signature(&assertion().xml(), "_assertion");
            changed("</saml:Issuer>", &format!("</saml:Issuer>{second}"))
        }),
    ]
}
