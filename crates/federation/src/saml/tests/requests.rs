//! The question that a browser takes along.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use openssl::{hash::MessageDigest, sign::Verifier, x509::X509};

use super::{
    super::{
        keys::Key,
        metadata::SignInPlace,
        request::{self, PERSISTENT},
        signature::signed,
        xml::{SAML, SAMLP, Tree},
    },
    connection,
    corpus::{ACS, SP, now},
    departure,
    metadata::SIGN_IN,
    service_key,
};
use crate::{Departure, WayThere};

fn asked(departure: &Departure, subject: Option<&str>) -> (String, String) {
    let connection = domain::upstream::SamlConnection {
        subject: subject.map(str::to_owned),
        ..connection()
    };
    let sign_in = SignInPlace::Redirect(SIGN_IN.parse().unwrap());
    let way = request::way(&sign_in, &connection, departure, service_key(), now()).unwrap();
    let WayThere::To(url) = way else { panic!("{way:?}") };
    assert!(
        url.as_str().starts_with(&format!("{SIGN_IN}&SAMLRequest=")),
        "{url}"
    );
    let query = url.query().unwrap().to_owned();
    let packed = url
        .query_pairs()
        .find(|(name, _)| name == "SAMLRequest")
        .unwrap()
        .1;
    let packed = data_encoding::BASE64.decode(packed.as_bytes()).unwrap();
    let mut xml = String::new();
    DeflateDecoder::new(&packed[..]).read_to_string(&mut xml).unwrap();
    (xml, query)
}

#[test]
fn a_request_says_who_asks_and_where_the_answer_goes() {
    let (xml, _) = asked(&departure(), None);
    let tree = Tree::read(&xml).unwrap();
    let request = tree.root().unwrap();
    assert!(request.is(SAMLP, "AuthnRequest"));
    for (name, value) in [
        ("ID", Some("_request")),
        ("Version", Some("2.0")),
        ("Destination", Some(SIGN_IN)),
        ("AssertionConsumerServiceURL", Some(ACS)),
        (
            "ProtocolBinding",
            Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"),
        ),
        ("ForceAuthn", None),
    ] {
        assert_eq!(request.attribute(name), value, "{name}");
    }
    assert_eq!(request.the(SAML, "Issuer").unwrap().text().unwrap(), SP);
    let policy = request.the(SAMLP, "NameIDPolicy").unwrap();
    assert_eq!(policy.attribute("Format"), Some(PERSISTENT));
    let (by_attribute, _) = asked(&departure(), Some("employeeNumber"));
    assert!(
        !by_attribute.contains("Format="),
        "any name does, where an attribute is the key"
    );
}

#[test]
fn a_request_is_signed_as_it_is_sent() {
    let departure = Departure {
        login_hint: Some("anna+x@contoso.test".into()),
        ..departure()
    };
    let (_, query) = asked(&departure, None);
    let from = query.find("SAMLRequest=").unwrap();
    let (signed, rest) = query[from..].split_once("&Signature=").unwrap();
    assert!(signed.contains("&RelayState=state&SigAlg="), "{signed}");
    let (signature, hint) = rest.split_once('&').unwrap();
    assert_eq!(hint, "login_hint=anna%2Bx%40contoso.test");
    let signature = url::form_urlencoded::parse(format!("s={signature}").as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned();
    let signature = data_encoding::BASE64.decode(signature.as_bytes()).unwrap();
    let key = X509::from_der(&service_key().certificate)
        .unwrap()
        .public_key()
        .unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    assert!(verifier.verify_oneshot(&signature, signed.as_bytes()).unwrap());
}

#[test]
fn whoever_must_be_sure_asks_anew() {
    for departure in [
        Departure {
            prompt_login: true,
            ..departure()
        },
        Departure {
            ask_anew: true,
            ..departure()
        },
        Departure {
            max_age: Some(300),
            ..departure()
        },
    ] {
        assert!(asked(&departure, None).0.contains(" ForceAuthn=\"true\""));
    }
}

#[test]
fn by_a_form_it_is_signed_inside() {
    let place: url::Url = SIGN_IN.parse().unwrap();
    let sign_in = SignInPlace::Post(place.clone());
    let way = request::way(&sign_in, &connection(), &departure(), service_key(), now()).unwrap();
    let WayThere::Form { action, fields } = way else {
        panic!("{way:?}")
    };
    assert_eq!(action, place);
    assert_eq!(fields[1], ("RelayState", "state".to_owned()));
    let xml = String::from_utf8(data_encoding::BASE64.decode(fields[0].1.as_bytes()).unwrap()).unwrap();
    let tree = Tree::read(&xml).unwrap();
    let key = Key::of_certificate(&service_key().certificate).unwrap();
    let bytes = signed(tree.root().unwrap(), &[key]).ok().flatten().unwrap();
    assert!(
        bytes.contains("ID=\"_request\"") && bytes.starts_with("<samlp:AuthnRequest "),
        "{bytes}"
    );
}
