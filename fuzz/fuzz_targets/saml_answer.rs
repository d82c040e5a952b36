//! Whatever is done to an answer that an identity provider signed for Anna, nobody else comes of it, and nothing panics.
//!
//! An input that begins with `<` is a message as it is. Of any other, each four bytes and what they announce are an edit of the
//! signed message: place (two bytes), how many bytes go, how many come, and those.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Secret,
    upstream::{Connection, SamlConnection, SamlMetadata, ServiceKey},
};
use federation::{Departure, UpstreamAnswer, Upstreams};
use libfuzzer_sys::fuzz_target;
use test_support::{
    SeededEntropy,
    saml::{Assertion, BEARER, PERSISTENT, Pair, Response, SUCCESS, Signing},
};
use tokio::runtime::Runtime;
use url::Url;

const IDP: &str = "https://idp.contoso.test/saml";
const ACS: &str = "https://id.acme.test/federation/contoso/acs";
const SP: &str = "https://id.acme.test/federation/contoso/metadata";
const ANNA: &str = "anna-1";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
}

struct Scene {
    runtime: Runtime,
    upstreams: Upstreams,
    connection: SamlConnection,
    key: ServiceKey,
    acs: Url,
    signed: String,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let assertion = Assertion {
        id: "_assertion".into(),
        issuer: IDP.into(),
        name_id: ANNA.into(),
        name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
        audience: Some(SP.into()),
        recipient: ACS.into(),
        in_response_to: Some("_request".into()),
        issued_at: now(),
        not_before: Some(TimeDelta::seconds(-5)),
        not_on_or_after: Some(TimeDelta::minutes(5)),
        bearer_until: Some(TimeDelta::minutes(5)),
        method: BEARER.into(),
        context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".into(),
        attributes: vec![("mail".into(), "anna@contoso.test".into())],
    };
    let response = Response {
        id: "_response".into(),
        issuer: IDP.into(),
        destination: ACS.into(),
        in_response_to: Some("_request".into()),
        issued_at: now(),
        status: (SUCCESS.into(), None),
    };
    let inner = Signing::default().sign(&assertion.xml(), "_assertion");
    let metadata = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{IDP}\">\
         <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>\
         <X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.contoso.test/sso\"/></IDPSSODescriptor></EntityDescriptor>",
        Pair::first().base64()
    );
    Scene {
        runtime: Runtime::new().expect("a runtime"),
        upstreams: Upstreams::new(egress::Client::new(egress::EgressPolicy::default()).expect("a client")),
        connection: SamlConnection {
            metadata: SamlMetadata::Document(metadata),
            ..test_support::samples::saml_connection(IDP)
        },
        key: federation::saml::new_service_key(now(), &SeededEntropy::new(1)).expect("a key"),
        acs: ACS.parse().expect("an address"),
        signed: response.xml(&inner),
    }
});

/// The signed message, edited as the input says.
fn edited(signed: &str, mut input: &[u8]) -> Vec<u8> {
    let mut message = signed.as_bytes().to_vec();
    while let [high, low, goes, comes, rest @ ..] = input {
        let place = usize::from(u16::from_be_bytes([*high, *low])) % (message.len() + 1);
        let end = (place + usize::from(*goes % 64)).min(message.len());
        let (new, next) = rest.split_at(usize::from(*comes % 64).min(rest.len()));
        message.splice(place..end, new.iter().copied());
        input = next;
    }
    message
}

fuzz_target!(|input: &[u8]| {
    let scene = &*SCENE;
    let message = if input.starts_with(b"<") {
        input.to_vec()
    } else {
        edited(&scene.signed, input)
    };
    let parameter = data_encoding::BASE64.encode(&message);
    let departure = Departure {
        redirect_uri: scene.acs.clone(),
        state: Secret::presented("state"),
        nonce: Secret::presented("request"),
        verifier: Secret::presented("verifier"),
        login_hint: None,
        expected: None,
        max_age: None,
        left_at: now() - TimeDelta::seconds(20),
        prompt_login: false,
        ask_anew: false,
        service_key: Some(scene.key.clone()),
    };
    let came = scene.runtime.block_on(async {
        let received = scene
            .upstreams
            .receive(&scene.connection, &scene.acs, &scene.key, &parameter, now())
            .await;
        let connection = Connection::Saml(scene.connection.clone());
        scene
            .upstreams
            .arrive(&connection, &departure, UpstreamAnswer::Saml(received), now())
            .await
    });
    match came {
        Ok(came) => assert_eq!(came.arrival.account.subject, [IDP, SP, ANNA].join("\n")),
        Err(_) => assert!(message != scene.signed.as_bytes(), "what was signed is believed"),
    }
});
