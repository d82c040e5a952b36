//! Vestibule as a service provider: its key, and the metadata that a partner is given.

use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use domain::{
    Secret,
    entropy::{Entropy, random},
    upstream::ServiceKey,
};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    error::ErrorStack,
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
    x509::{X509, X509NameBuilder},
};
use url::Url;

use super::{
    keys::failed,
    xml::{DS, METADATA, SAMLP, escaped},
};
use crate::{UpstreamError, error::invalid};

/// As long as certificates of such keys are meant to last (NIST SP 800-57 part 1).
const BITS: u32 = 3072;
/// For so long its certificate counts.
const YEARS: i64 = 20;

/// Makes a key. It takes up to a few seconds: not for a thread that serves.
///
/// # Errors
///
/// When OpenSSL makes none.
pub fn new_service_key(now: DateTime<Utc>, entropy: &dyn Entropy) -> Result<ServiceKey, UpstreamError> {
    generate(now, random(entropy)).map_err(|_| invalid("no key could be made"))
}

/// The private half.
pub(super) fn private(key: &ServiceKey) -> Result<PKey<Private>, UpstreamError> {
    PKey::private_key_from_pem(key.pem.expose().as_bytes())
        .map_err(|_| UpstreamError::Misconfigured("the key of the service provider cannot be read".into()))
}

/// Signs with RSA and SHA-256.
pub(super) fn sign(key: &ServiceKey, text: &str) -> Result<Vec<u8>, UpstreamError> {
    let key = private(key)?;
    Signer::new(MessageDigest::sha256(), &key)
        .and_then(|mut signer| signer.sign_oneshot_to_vec(text.as_bytes()))
        .map_err(|_| failed())
}

fn generate(now: DateTime<Utc>, serial: [u8; 16]) -> Result<ServiceKey, ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(BITS)?)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", "Vestibule SAML service provider")?;
    let name = name.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    // RFC 5280 §4.1.2.2: positive.
    let serial = BigNum::from_slice(&[&[1], &serial[1..]].concat())?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_pubkey(&key)?;
    builder.set_not_before(&*Asn1Time::from_unix(now.timestamp())?)?;
    builder.set_not_after(&*Asn1Time::from_unix(now.timestamp() + YEARS * 365 * 86_400)?)?;
    builder.sign(&key, MessageDigest::sha256())?;
    let pem = Secret::presented(String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?));
    Ok(ServiceKey {
        pem,
        certificate: builder.build().to_der()?,
    })
}

/// What Vestibule is called by one identity provider: the address of its metadata, which lies beside where answers are
/// posted.
pub fn entity_id(acs: &Url) -> Result<Url, UpstreamError> {
    acs.join("metadata")
        .map_err(|_| UpstreamError::Misconfigured("where answers are posted is no address".into()))
}

/// Where somebody who signs out there is brought: beside where answers are posted.
pub(super) fn single_logout(acs: &Url) -> Result<Url, UpstreamError> {
    acs.join("slo")
        .map_err(|_| UpstreamError::Misconfigured("where answers are posted is no address".into()))
}

/// The metadata document of Vestibule as a service provider (SAML Metadata §2.4.4), for the identity provider whose
/// answers are posted to `acs`. `name_id_format` is what its subjects should be called by; with `encryption` it has a key that
/// assertions may be encrypted for: who finds one there, as ADFS does, encrypts.
pub fn service_metadata(
    acs: &Url,
    key: &ServiceKey,
    name_id_format: Option<&str>,
    encryption: bool,
) -> Result<String, UpstreamError> {
    let certificate = BASE64.encode(&key.certificate);
    let key_info = format!(
        "<KeyInfo xmlns=\"{DS}\"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>"
    );
    let format = name_id_format
        .map(|format| format!("<NameIDFormat>{}</NameIDFormat>", escaped(format)))
        .unwrap_or_default();
    let slo = single_logout(acs)?;
    let logout = ["HTTP-Redirect", "HTTP-POST"].map(|binding| {
        format!(
            "<SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{}\"/>",
            escaped(slo.as_str())
        )
    });
    let logout = logout.concat();
    let methods = DECRYPTED.map(|uri| format!("<EncryptionMethod Algorithm=\"{uri}\"/>"));
    let methods = methods.concat();
    let for_encryption = if encryption {
        format!("<KeyDescriptor use=\"encryption\">{key_info}{methods}</KeyDescriptor>")
    } else {
        String::new()
    };
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <EntityDescriptor xmlns=\"{METADATA}\" entityID=\"{}\">\
         <SPSSODescriptor protocolSupportEnumeration=\"{SAMLP}\" AuthnRequestsSigned=\"true\" \
         WantAssertionsSigned=\"true\"><KeyDescriptor use=\"signing\">{key_info}</KeyDescriptor>\
         {for_encryption}{logout}{format}\
         <AssertionConsumerService index=\"0\" isDefault=\"true\" \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"{}\"/>\
         </SPSSODescriptor></EntityDescriptor>\n",
        escaped(entity_id(acs)?.as_str()),
        escaped(acs.as_str()),
    ))
}

/// The algorithms that an assertion may be encrypted with; what is authenticated, and nothing else (threat S08).
const DECRYPTED: [&str; 4] = [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
];
