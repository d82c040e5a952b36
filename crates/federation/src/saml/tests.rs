//! What is believed, and what is not: the attack corpus, and a table for each rule.

mod corpus;
mod encrypted;
mod logouts;
mod metadata;
mod requests;
mod rules;

use std::sync::OnceLock;

use chrono::TimeDelta;
use domain::{
    Secret,
    upstream::{Arrival, SamlConnection, SamlMetadata, ServiceKey},
};
use test_support::{SeededEntropy, saml::Pair};
use url::Url;

use self::corpus::{ACS, ANNA, IDP, SP, attacks, genuine, now};
use super::{
    metadata::IdentityProvider,
    response::{self, Expected},
    signature::Unsigned,
    *,
};

/// A key of ours; making one takes its time.
fn service_key() -> &'static ServiceKey {
    static KEY: OnceLock<ServiceKey> = OnceLock::new();
    KEY.get_or_init(|| new_service_key(now(), &SeededEntropy::new(1)).unwrap())
}

fn connection() -> SamlConnection {
    SamlConnection {
        entity_id: IDP.into(),
        metadata: SamlMetadata::Document(metadata::published(&[Pair::first()])),
        subject: None,
        email: None,
        name: None,
        trusts_mfa: false,
        mfa_contexts: domain::upstream::usual_mfa_contexts(),
        encryption: true,
    }
}

fn upstreams() -> Upstreams {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Upstreams::new(egress::Client::new(egress::EgressPolicy::default()).unwrap())
}

/// The question that the corpus answers.
fn departure() -> Departure {
    Departure {
        redirect_uri: ACS.parse().unwrap(),
        state: Secret::presented("state"),
        nonce: Secret::presented("request"),
        verifier: Secret::presented("verifier"),
        login_hint: None,
        expected: None,
        max_age: None,
        left_at: now() - TimeDelta::seconds(20),
        prompt_login: false,
        ask_anew: false,
        service_key: Some(service_key().clone()),
    }
}

/// Reads a message as the only tenant would.
fn read(connection: &SamlConnection, message: &str) -> Result<Arrival, UpstreamError> {
    let SamlMetadata::Document(text) = &connection.metadata else {
        panic!("a document")
    };
    let from = IdentityProvider::read(text, IDP, now())?;
    let acs: Url = ACS.parse().unwrap();
    let expected = Expected {
        connection,
        from: &from,
        acs: &acs,
        entity_id: SP,
        key: service_key(),
        now: now(),
    };
    let parameter = data_encoding::BASE64.encode(message.as_bytes());
    let received = response::read(&parameter, &expected).map_err(|error| match error {
        Unsigned::Invalid(error) => error,
        Unsigned::UnknownKey => invalid("unknown key"),
    })?;
    upstreams().arrive_by_saml(connection, &departure(), UpstreamAnswer::Saml(Ok(received)))
}

#[test]
fn what_is_signed_as_it_should_be_is_believed() {
    for (name, message) in genuine() {
        let arrival = read(&connection(), &message).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(arrival.account.issuer, IDP, "{name}");
        assert_eq!(arrival.account.subject, [IDP, SP, ANNA].join("\n"), "{name}");
        assert_eq!(arrival.email.unwrap().as_str(), "anna@contoso.test", "{name}");
        assert!(
            arrival.email_verified.is_none() && arrival.amr.is_empty(),
            "{name}"
        );
        assert_eq!(arrival.auth_time, Some(now()), "{name}");
        assert_eq!(
            arrival.session,
            Some(assertion::session_name(ANNA, "_session")),
            "{name}"
        );
    }
}

#[test]
fn no_attack_is_believed() {
    let attacks = attacks();
    assert!(attacks.len() >= 45, "{}", attacks.len());
    for (name, message) in attacks {
        let answer = read(&connection(), &message);
        assert!(answer.is_err(), "{name}: {answer:?}");
    }
}

#[test]
fn no_attack_fails_for_a_reason_that_hides_another() {
    // Each of these is refused by the rule that it is about.
    for (name, why) in [
        ("S01 XSW3", "more than one assertion"),
        ("S01 XSW2", "more than one assertion"),
        ("S02 a comment cuts the name", "comment"),
        ("S03 DOCTYPE", "no XML that is read here"),
        ("S03 many namespaces", "too many namespaces"),
        ("S03 many attributes", "too many attributes"),
        (
            "S03 many attributes behind a quotation mark",
            "too many attributes",
        ),
        ("S04 a CDATA section in the name", "CDATA"),
        ("S05 no signature", "nothing in it is signed"),
        ("S05 a stranger's key in KeyInfo", "unknown key"),
        (
            "S05 HMAC with the public key",
            "an algorithm that is not believed",
        ),
        ("S05 SHA-1 signs", "an algorithm that is not believed"),
        ("S05 XSLT", "a canonicalization that is not believed"),
        ("S05 XPath", "must consist of"),
        ("S05 a second reference", "must consist of"),
        ("S01 another word in what was signed", "not what was signed"),
        ("S05 another element is referred to", "unknown key"),
    ] {
        let found = attacks().into_iter().find(|(known, _)| *known == name);
        let error = read(&connection(), &found.unwrap().1).unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
}

#[tokio::test]
async fn switched_off_it_does_nothing() {
    let (off, acs) = (upstreams().without_saml(), ACS.parse().unwrap());
    let (connection, departure) = (connection(), departure());
    let misconfigured = |error: UpstreamError| matches!(error, UpstreamError::Misconfigured(_));
    let [(_, message), ..] = genuine();
    let parameter = data_encoding::BASE64.encode(message.as_bytes());
    let received = off
        .receive(&connection, &acs, service_key(), &parameter, now())
        .await;
    assert!(misconfigured(received.unwrap_err()));
    assert!(misconfigured(
        off.depart_by_saml(&connection, &departure, now())
            .await
            .unwrap_err()
    ));
    assert!(misconfigured(
        off.test_saml(&connection, now()).await.unwrap_err()
    ));
    let received = upstreams()
        .receive(&connection, &acs, service_key(), &parameter, now())
        .await;
    let answer = UpstreamAnswer::Saml(received);
    assert!(misconfigured(
        off.arrive_by_saml(&connection, &departure, answer).unwrap_err()
    ));
}

#[test]
fn an_answer_of_another_protocol_is_none() {
    let answer = UpstreamAnswer::Code(crate::CodeAnswer::default());
    let error = upstreams()
        .arrive_by_saml(&connection(), &departure(), answer)
        .unwrap_err();
    assert!(error.to_string().contains("another protocol"), "{error}");
}

#[test]
fn what_is_no_message_at_all() {
    for (name, message) in [
        ("nothing", ""),
        ("a word", "hello"),
        ("another element", "<Response/>"),
        (
            "another version",
            "<Response xmlns=\"urn:oasis:names:tc:SAML:1.0:protocol\"/>",
        ),
        (
            "half of one",
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">",
        ),
    ] {
        assert!(read(&connection(), message).is_err(), "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_changed_nobody_else_comes_in(which in 0..3_usize, at: proptest::sample::Index, byte: u8) {
        let (_, message) = &genuine()[which];
        let mut bytes = message.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(changed) = String::from_utf8(bytes)
            && let Ok(arrival) = read(&connection(), &changed)
        {
            proptest::prop_assert_eq!(arrival.account.subject, [IDP, SP, ANNA].join("\n"));
        }
    }
}
