//! The answer that a browser posts (Core §3.3.3, Profiles §4.1.4.2): from its bytes to the assertion that was signed.

use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use domain::upstream::{SamlConnection, ServiceKey};
use url::Url;

use super::{
    assertion::{self, Received},
    decrypt::decrypted,
    metadata::IdentityProvider,
    signature::{Unsigned, signed},
    xml::{DS, SAML, SAMLP, Tree, XmlNode},
};
use crate::{
    UpstreamError,
    error::{invalid, printable},
};

const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// What an answer must fit.
pub(super) struct Expected<'a> {
    pub(super) connection: &'a SamlConnection,
    pub(super) from: &'a IdentityProvider,
    /// Where it was posted.
    pub(super) acs: &'a Url,
    /// What Vestibule is called there.
    pub(super) entity_id: &'a str,
    pub(super) key: &'a ServiceKey,
    pub(super) now: DateTime<Utc>,
}

/// Reads the form parameter `SAMLResponse` (Bindings §3.5.4).
pub(super) fn read(parameter: &str, expected: &Expected<'_>) -> Result<Received, Unsigned> {
    let text: String = parameter.split_ascii_whitespace().collect();
    let bytes = BASE64
        .decode(text.as_bytes())
        .map_err(|_| invalid("it is not base64"))?;
    let raw = String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8"))?;
    let covered = {
        let tree = Tree::read(&raw)?;
        one_assertion(&tree)?;
        let root = tree.root()?;
        if !root.is(SAMLP, "Response") {
            return Err(invalid("it is no SAML 2.0 response").into());
        }
        signed(root, &expected.from.keys)?
    };
    let is_covered = covered.is_some();
    // Of a message that is signed only what was signed is read.
    let text = covered.unwrap_or(raw);
    let tree = Tree::read(&text)?;
    let message = tree.root()?;
    let request = envelope(message, is_covered, expected)?;
    let Some(encrypted) = message.only(SAML, "EncryptedAssertion")? else {
        return inside(&text, is_covered, request, expected);
    };
    // An attacker who can put ciphertext of their own here would learn from our answers (threat S08).
    if !is_covered {
        return Err(invalid(
            "its assertion is encrypted, and the message around it is not signed: the partner must sign messages as well; or \
             the tenant's encryption = false takes our key for encryption out of our metadata, and then nothing is encrypted",
        )
        .into());
    }
    let plain = decrypted(encrypted, expected.key)?;
    let range = encrypted
        .range()
        .ok_or_else(|| invalid("its assertion is nowhere"))?;
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    let whole = [before.unwrap_or_default(), &plain, after.unwrap_or_default()].concat();
    inside(&whole, false, request, expected)
}

/// The assertion of a message in which nothing is encrypted any more. `is_covered`: the signature of the message is
/// enough.
fn inside(
    text: &str,
    is_covered: bool,
    request: String,
    expected: &Expected<'_>,
) -> Result<Received, Unsigned> {
    let tree = Tree::read(text)?;
    one_assertion(&tree)?;
    let node = tree.root()?.the(SAML, "Assertion")?;
    match signed(node, &expected.from.keys)? {
        Some(bytes) => {
            let tree = Tree::read(&bytes)?;
            Ok(assertion::read(tree.root()?, request, expected)?)
        }
        None if is_covered => Ok(assertion::read(node, request, expected)?),
        None => Err(invalid("nothing in it is signed").into()),
    }
}

/// One assertion, wherever; signatures only where they belong; no ID twice (threat S01).
fn one_assertion(tree: &Tree<'_>) -> Result<(), UpstreamError> {
    if tree.count(SAML, "Assertion") + tree.count(SAML, "EncryptedAssertion") > 1 {
        return Err(invalid("there is more than one assertion in it"));
    }
    let message = tree.root()?;
    let mut here = message.all(DS, "Signature").count();
    for assertion in message.all(SAML, "Assertion") {
        here += assertion.all(DS, "Signature").count();
    }
    if tree.count(DS, "Signature") != here {
        return Err(invalid("there is a signature in it where none belongs"));
    }
    if tree.repeats_an_id() {
        return Err(invalid("there is an ID in it twice"));
    }
    Ok(())
}

/// What the message says of itself; gives the request that it answers.
fn envelope(
    message: XmlNode<'_, '_>,
    is_covered: bool,
    expected: &Expected<'_>,
) -> Result<String, UpstreamError> {
    if message.must("Version")? != "2.0" {
        return Err(invalid("it is not of version 2.0"));
    }
    let place = message.attribute("Destination").filter(|place| !place.is_empty());
    if place.is_some_and(|place| place != expected.acs.as_str()) {
        return Err(invalid("it was meant for another address (Destination)"));
    }
    // Bindings §3.5.5.2 demands it of a message that is signed; an unsigned message could carry any value, and the Recipient of the
    // assertion, which is signed, says the same.
    if place.is_none() && is_covered {
        return Err(invalid("it is signed, and its Destination is missing"));
    }
    if let Some(issuer) = message.only(SAML, "Issuer")?
        && issuer.trimmed()? != expected.connection.entity_id
    {
        return Err(invalid("it is another one's (Issuer)"));
    }
    // Answers without a request of ours are refused (threat S07).
    let request = message.must("InResponseTo")?.to_owned();
    let status = message.path(SAMLP, &["Status", "StatusCode"])?;
    let code = status.must("Value")?;
    let code = code.strip_prefix(STATUS).unwrap_or(code);
    let below = status.only(SAMLP, "StatusCode")?.map(|below| below.must("Value"));
    let below = below
        .transpose()?
        .map(|below| below.strip_prefix(STATUS).unwrap_or(below));
    match (code, below) {
        ("Success", _) => Ok(request),
        ("Responder", None) => Err(UpstreamError::Busy("Responder".into())),
        (_, Some("InvalidNameIDPolicy")) => Err(UpstreamError::Misconfigured(
            "it answered InvalidNameIDPolicy: it makes no persistent NameID for us; either it must, or the tenant's \
             subject_attribute names an attribute that never changes, and then none is asked for"
                .into(),
        )),
        ("Requester" | "VersionMismatch", below) => Err(UpstreamError::Misconfigured(format!(
            "it answered {}",
            printable(below.unwrap_or(code))
        ))),
        (code, below) => Err(UpstreamError::Refused(printable(below.unwrap_or(code)))),
    }
}
