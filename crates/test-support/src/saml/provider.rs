//! The identity provider itself: it publishes metadata, reads requests strictly, and answers as a test wants it.

use std::{
    io::Read as _,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response as HttpResponse},
    routing::get,
};
use chrono::TimeDelta;
use data_encoding::BASE64;
use domain::time::Clock;
use flate2::read::DeflateDecoder;
use openssl::{hash::MessageDigest, sign::Verifier, x509::X509};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use super::{Assertion, BEARER, LogoutRequest, PERSISTENT, Pair, Response, SUCCESS, Signing, signed_query};

/// How it behaves. The default is an identity provider as it should be, for `anna@contoso.test`.
#[derive(Clone)]
pub struct SamlBehaviour {
    /// Changes the assertion before it is signed.
    pub assertion: fn(&mut Assertion),
    /// Changes the message around it.
    pub response: fn(&mut Response),
    /// With which key it signs.
    pub key: &'static Pair,
    /// The keys that it publishes.
    pub published: Vec<&'static Pair>,
    /// Changes what is posted, at last.
    pub forge: fn(String) -> String,
    /// Its metadata is answered with this status.
    pub fails_with: Option<u16>,
}

impl Default for SamlBehaviour {
    fn default() -> Self {
        Self {
            assertion: |_| (),
            response: |_| (),
            key: Pair::first(),
            published: vec![Pair::first()],
            forge: |message| message,
            fails_with: None,
        }
    }
}

/// A form that a browser is made to post.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Where to.
    pub acs: Url,
    /// The message, in base64.
    pub response: String,
    /// What it took along.
    pub relay_state: String,
}

struct Shared {
    behaviour: SamlBehaviour,
    answers: u32,
    asked: u32,
}

/// The identity provider.
#[derive(Clone)]
pub struct TestSaml {
    /// Its entity ID.
    pub entity_id: String,
    /// Where its metadata is.
    pub metadata_url: String,
    clock: Arc<dyn Clock>,
    shared: Arc<Mutex<Shared>>,
}

impl TestSaml {
    /// Starts one, whose assertions carry the time of `clock`.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub async fn start(clock: impl Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let provider = Self {
            entity_id: format!("http://{address}/saml"),
            metadata_url: format!("http://{address}/metadata"),
            clock: Arc::new(clock),
            shared: Arc::new(Mutex::new(Shared {
                behaviour: SamlBehaviour::default(),
                answers: 0,
                asked: 0,
            })),
        };
        let router = Router::new()
            .route("/metadata", get(metadata))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes how it behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut SamlBehaviour)) {
        change(&mut self.shared().behaviour);
    }

    /// How often its metadata was asked for.
    pub fn asked(&self) -> u32 {
        self.shared().asked
    }

    /// What it publishes.
    pub fn metadata(&self) -> String {
        let published = self.shared().behaviour.published.clone();
        let key = |pair: &&Pair| {
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
                 <ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
                pair.base64()
            )
        };
        let keys = published.iter().map(key).collect::<Vec<_>>().concat();
        let sign_in = self.entity_id.replace("/saml", "/sso");
        let sign_out = self.entity_id.replace("/saml", "/slo");
        format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\
             <md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}<md:SingleLogoutService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{sign_out}\"/>\
             <md:SingleSignOnService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{sign_in}\"/>\
             </md:IDPSSODescriptor></md:EntityDescriptor>",
            self.entity_id
        )
    }

    /// Somebody signs out here: their browser is sent to `slo`, signed.
    pub fn sign_out(&self, slo: &str, change: impl FnOnce(&mut LogoutRequest)) -> String {
        let number = {
            let mut shared = self.shared();
            shared.answers += 1;
            shared.answers
        };
        let mut request = LogoutRequest {
            id: format!("_logout-{number}"),
            issuer: self.entity_id.clone(),
            destination: slo.to_owned(),
            issued_at: self.clock.now(),
            not_on_or_after: None,
            name_id: "anna-1".into(),
            name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
            sessions: vec!["_session".into()],
        };
        change(&mut request);
        let query = signed_query(Pair::first(), &request.xml(), Some("there"));
        format!("{slo}?{query}")
    }

    /// Somebody signs in: what their browser is made to post after it came to `url`, the request in which is read
    /// strictly, and was signed by the key in `ours`, the service provider's metadata.
    ///
    /// # Panics
    ///
    /// When the request is not as it should be.
    pub fn sign_in(&self, url: &str, ours: &str) -> Posted {
        let request = Request::read(url, ours);
        let (behaviour, number) = {
            let mut shared = self.shared();
            shared.answers += 1;
            (shared.behaviour.clone(), shared.answers)
        };
        let now = self.clock.now();
        let mut assertion = Assertion {
            id: format!("_assertion-{number}"),
            issuer: self.entity_id.clone(),
            name_id: "anna-1".into(),
            name_id_attributes: format!(" Format=\"{PERSISTENT}\""),
            audience: Some(request.issuer),
            recipient: request.acs.clone(),
            in_response_to: Some(request.id.clone()),
            issued_at: now,
            not_before: Some(TimeDelta::zero()),
            not_on_or_after: Some(TimeDelta::minutes(5)),
            bearer_until: Some(TimeDelta::minutes(5)),
            method: BEARER.into(),
            context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".into(),
            attributes: vec![
                ("mail".into(), "anna@contoso.test".into()),
                ("displayName".into(), "Anna Example".into()),
            ],
        };
        (behaviour.assertion)(&mut assertion);
        let mut response = Response {
            id: format!("_response-{number}"),
            issuer: self.entity_id.clone(),
            destination: request.acs.clone(),
            in_response_to: Some(request.id),
            issued_at: now,
            status: (SUCCESS.into(), None),
        };
        (behaviour.response)(&mut response);
        let signed = Signing::by(behaviour.key).sign(&assertion.xml(), &assertion.id);
        let inner = if response.status.0 == SUCCESS {
            signed
        } else {
            String::new()
        };
        let message = (behaviour.forge)(response.xml(&inner));
        Posted {
            acs: Url::parse(&request.acs).unwrap_or_else(|error| panic!("{error}")),
            response: BASE64.encode(message.as_bytes()),
            relay_state: request.relay_state,
        }
    }
}

/// What a browser brought along.
struct Request {
    id: String,
    issuer: String,
    acs: String,
    relay_state: String,
}

impl Request {
    fn read(url: &str, ours: &str) -> Self {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let parameter = |name: &str| {
            let mut all = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
            let value = all.next().unwrap_or_else(|| panic!("no {name} in {url}")).1;
            assert!(all.next().is_none(), "{name} twice in {url}");
            value.into_owned()
        };
        let decode = |text: &str| {
            BASE64
                .decode(text.as_bytes())
                .unwrap_or_else(|error| panic!("{text}: {error}"))
        };
        let relay_state = parameter("RelayState");
        assert!(relay_state.len() <= 80, "Bindings §3.4.3: {relay_state}");
        // Bindings §3.4.4.1.
        let end = query
            .find("&Signature=")
            .unwrap_or_else(|| panic!("{url} is not signed"));
        let certificate = between(ours, "<X509Certificate>", "</X509Certificate>");
        let verified = X509::from_der(&decode(&certificate))
            .and_then(|certificate| certificate.public_key())
            .and_then(|key| {
                let mut verifier = Verifier::new(MessageDigest::sha256(), &key)?;
                verifier.verify_oneshot(&decode(&parameter("Signature")), &query.as_bytes()[..end])
            });
        assert!(matches!(verified, Ok(true)), "the signature of {url}");
        let mut xml = String::new();
        DeflateDecoder::new(&decode(&parameter("SAMLRequest"))[..])
            .read_to_string(&mut xml)
            .unwrap_or_else(|error| panic!("{error}"));
        let request = Self {
            id: between(&xml, " ID=\"", "\""),
            issuer: between(&xml, "assertion\">", "</saml:Issuer>"),
            acs: between(&xml, "AssertionConsumerServiceURL=\"", "\""),
            relay_state,
        };
        assert!(
            ours.contains(&format!("entityID=\"{}\"", request.issuer)),
            "{xml}"
        );
        assert!(ours.contains(&format!("Location=\"{}\"", request.acs)), "{xml}");
        request
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let part = rest.and_then(|rest| rest.split_once(after));
    part.unwrap_or_else(|| panic!("no {before} in {text}"))
        .0
        .to_owned()
}

async fn metadata(State(provider): State<TestSaml>) -> HttpResponse {
    let fails_with = {
        let mut shared = provider.shared();
        shared.asked += 1;
        shared.behaviour.fails_with
    };
    match fails_with.and_then(http_status) {
        Some(status) => status.into_response(),
        None => provider.metadata().into_response(),
    }
}

fn http_status(status: u16) -> Option<axum::http::StatusCode> {
    axum::http::StatusCode::from_u16(status).ok()
}
