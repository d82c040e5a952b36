//! Signatures as an identity provider makes them, and as an attacker would like them to be.

use std::{io::Write as _, sync::OnceLock};

use data_encoding::BASE64;
use flate2::{Compression, write::DeflateEncoder};
use openssl::{
    asn1::Asn1Time,
    bn::{BigNum, MsbOption},
    hash::{MessageDigest, hash},
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
    x509::{X509, X509NameBuilder},
};
use url::form_urlencoded;

/// The namespace of signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The canonicalization that is used.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A key and its certificate.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The key.
    pub key: PKey<Private>,
    /// Its certificate, of its own making.
    pub certificate: X509,
}

impl Pair {
    /// The key that the identity provider publishes.
    pub fn first() -> &'static Self {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| Self::rsa(2048))
    }

    /// Its successor, or a stranger's.
    pub fn second() -> &'static Self {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| Self::rsa(2048))
    }

    /// An RSA key of so many bits, whose certificate is good for ten years.
    ///
    /// # Panics
    ///
    /// When OpenSSL makes none.
    pub fn rsa(bits: u32) -> Self {
        let key = Rsa::generate(bits).and_then(PKey::from_rsa);
        Self::of(key.unwrap_or_else(|error| panic!("{error}")))
    }

    /// Of a key.
    ///
    /// # Panics
    ///
    /// When OpenSSL makes none.
    pub fn of(key: PKey<Private>) -> Self {
        let made = || {
            let mut name = X509NameBuilder::new()?;
            name.append_entry_by_text("CN", "identity provider")?;
            let name = name.build();
            let mut serial = BigNum::new()?;
            serial.rand(64, MsbOption::ONE, false)?;
            let mut builder = X509::builder()?;
            builder.set_version(2)?;
            builder.set_serial_number(&*serial.to_asn1_integer()?)?;
            builder.set_subject_name(&name)?;
            builder.set_issuer_name(&name)?;
            builder.set_pubkey(&key)?;
            builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
            builder.set_not_after(&*Asn1Time::days_from_now(3650)?)?;
            builder.sign(&key, MessageDigest::sha256())?;
            Ok::<_, openssl::error::ErrorStack>(builder.build())
        };
        let certificate = made().unwrap_or_else(|error| panic!("{error}"));
        Self { key, certificate }
    }

    /// The certificate, as metadata writes it.
    ///
    /// # Panics
    ///
    /// When OpenSSL does not write it.
    pub fn base64(&self) -> String {
        BASE64.encode(
            &self
                .certificate
                .to_der()
                .unwrap_or_else(|error| panic!("{error}")),
        )
    }
}

/// How to sign. The default is as it should be.
#[derive(Clone)]
pub struct Signing {
    /// Whose key it is.
    pub pair: Pair,
    /// `SignatureMethod`.
    pub method: String,
    /// Its digest.
    pub digest: MessageDigest,
    /// `DigestMethod`.
    pub digest_method: String,
    /// The transforms.
    pub transforms: Vec<String>,
    /// `CanonicalizationMethod`.
    pub canonicalization: String,
    /// Put behind the first `Reference`, digested of nothing.
    pub more: String,
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            pair: Pair::first().clone(),
            method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256".into(),
            digest: MessageDigest::sha256(),
            digest_method: "http://www.w3.org/2001/04/xmlenc#sha256".into(),
            transforms: vec![format!("{DS}enveloped-signature"), EXCLUSIVE.into()],
            canonicalization: EXCLUSIVE.into(),
            more: String::new(),
        }
    }
}

impl Signing {
    /// By another key.
    pub fn by(pair: &Pair) -> Self {
        Self {
            pair: pair.clone(),
            ..Self::default()
        }
    }

    /// The signature of an element in canonical form that is called `id`.
    ///
    /// # Panics
    ///
    /// When OpenSSL does not sign.
    pub fn signature(&self, element: &str, id: &str) -> String {
        let digest = hash(self.digest, element.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let transform = |uri: &String| format!("<ds:Transform Algorithm=\"{uri}\"></ds:Transform>");
        let transforms: Vec<String> = self.transforms.iter().map(transform).collect();
        let transforms = transforms.concat();
        let inside = format!(
            "<ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod><ds:SignatureMethod \
             Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms>{transforms}\
             </ds:Transforms><ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>\
             </ds:Reference>{}",
            self.canonicalization,
            self.method,
            self.digest_method,
            BASE64.encode(&digest),
            self.more
        );
        let signed = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{inside}</ds:SignedInfo>");
        let value = Signer::new(self.digest, &self.pair.key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(signed.as_bytes()))
            .unwrap_or_else(|error| panic!("{error}"));
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{inside}</ds:SignedInfo><ds:SignatureValue>{}\
             </ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>\
             </ds:KeyInfo></ds:Signature>",
            BASE64.encode(&value),
            self.pair.base64()
        )
    }

    /// The element with its signature behind its issuer, where the schema wants it.
    pub fn sign(&self, element: &str, id: &str) -> String {
        enveloped(element, &self.signature(element, id))
    }
}

/// An element with a signature behind its first issuer.
pub fn enveloped(element: &str, signature: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

/// A message as the query of an address, signed (Bindings §3.4.4.1).
///
/// # Panics
///
/// When OpenSSL does not sign.
pub fn signed_query(pair: &Pair, message: &str, relay_state: Option<&str>) -> String {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = deflate
        .write_all(message.as_bytes())
        .and_then(|()| deflate.finish())
        .unwrap_or_else(|error| panic!("{error}"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("SAMLRequest", &BASE64.encode(&packed));
    if let Some(state) = relay_state {
        query.append_pair("RelayState", state);
    }
    let query = query
        .append_pair("SigAlg", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
        .finish();
    let signature = Signer::new(MessageDigest::sha256(), &pair.key)
        .and_then(|mut signer| signer.sign_oneshot_to_vec(query.as_bytes()))
        .unwrap_or_else(|error| panic!("{error}"));
    let signature: String = form_urlencoded::byte_serialize(BASE64.encode(&signature).as_bytes()).collect();
    format!("{query}&Signature={signature}")
}
