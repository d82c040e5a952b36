//! XML signatures, in the one shape that SAML allows (Core §5.4): the element that is signed holds its signature, which
//! refers to it by its ID. What comes out are the bytes that were signed: everything else in the
//! message may have been written by an attacker (threats S01, S04, S05).

use super::{
    keys::{Algorithm, Hash, Key},
    xml::{DS, EXCLUSIVE, Tree, XmlNode},
};
use crate::{UpstreamError, error::invalid};

/// Why an element is not believed.
pub(super) enum Unsigned {
    /// None of the keys made its signature: there may be a new one.
    UnknownKey,
    /// Something else is wrong with it.
    Invalid(UpstreamError),
}

impl From<UpstreamError> for Unsigned {
    fn from(error: UpstreamError) -> Self {
        Self::Invalid(error)
    }
}

/// The canonical form of an element without its signature, when one of `keys` signed it; `None` when it has no
/// signature.
pub(super) fn signed(element: XmlNode<'_, '_>, keys: &[Key]) -> Result<Option<String>, Unsigned> {
    let Some(signature) = element.only(DS, "Signature")? else {
        return Ok(None);
    };
    // What else it could hold is where wrapped messages hide.
    let known = ["SignedInfo", "SignatureValue", "KeyInfo"];
    if !signature
        .children()
        .all(|child| known.iter().any(|name| child.is(DS, name)))
    {
        return Err(invalid("its signature holds more than a signature").into());
    }
    let outside = signature.the(DS, "SignedInfo")?;
    let value = signature.the(DS, "SignatureValue")?.base64()?;
    let written = SignedInfo::read(outside)?;
    let bytes = outside.canonical(None, &written.prefixes)?;
    if !keys.iter().any(|key| key.made(written.algorithm, &bytes, &value)) {
        return Err(Unsigned::UnknownKey);
    }
    // From here on what was signed speaks, and not what it was made from.
    let tree = Tree::read(&bytes)?;
    let info = SignedInfo::read(tree.root()?)?;
    if info != written {
        return Err(invalid("its signature signs something else than it says").into());
    }
    if info.refers_to.is_empty() || element.attribute("ID") != Some(&info.refers_to) {
        return Err(invalid("its signature refers to another element").into());
    }
    let canonical = element.canonical(Some(signature), &info.reference_prefixes)?;
    if info.hash.of(canonical.as_bytes())? != info.digest {
        return Err(invalid("it is not what was signed").into());
    }
    Ok(Some(canonical))
}

/// What a signature signs: how, and a digest of what.
#[derive(PartialEq)]
struct SignedInfo {
    algorithm: Algorithm,
    prefixes: Vec<String>,
    refers_to: String,
    reference_prefixes: Vec<String>,
    hash: Hash,
    digest: Vec<u8>,
}

impl SignedInfo {
    fn read(node: XmlNode<'_, '_>) -> Result<Self, UpstreamError> {
        if !node.is(DS, "SignedInfo") {
            return Err(invalid("SignedInfo is missing"));
        }
        let [canonicalization, method, reference] =
            exactly(node, ["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
        let [transforms, digest_method, digest] =
            exactly(reference, ["Transforms", "DigestMethod", "DigestValue"])?;
        let [enveloped, exclusive] = exactly(transforms, ["Transform", "Transform"])?;
        if enveloped.must("Algorithm")? != "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
            || enveloped.children().next().is_some()
        {
            return Err(invalid("its signature has a transform that is not believed"));
        }
        let not_believed = |what: &str| invalid(&format!("its signature uses {what} that is not believed"));
        let uri = reference.must("URI")?;
        Ok(Self {
            algorithm: Algorithm::called(method.must("Algorithm")?)
                .ok_or_else(|| not_believed("an algorithm"))?,
            prefixes: prefixes(canonicalization)?,
            refers_to: uri.strip_prefix('#').unwrap_or_default().to_owned(),
            reference_prefixes: prefixes(exclusive)?,
            hash: Hash::called(digest_method.must("Algorithm")?).ok_or_else(|| not_believed("a digest"))?,
            digest: digest.base64()?,
        })
    }
}

/// The children of an element, which must be these, in this order.
fn exactly<'d, 't, const N: usize>(
    node: XmlNode<'d, 't>,
    names: [&str; N],
) -> Result<[XmlNode<'d, 't>; N], UpstreamError> {
    let children: Vec<XmlNode<'d, 't>> = node.children().collect();
    let fits = children.iter().zip(names).all(|(child, name)| child.is(DS, name));
    let children: Result<[_; N], _> = children.try_into();
    match children {
        Ok(children) if fits => Ok(children),
        _ => Err(invalid(&format!(
            "its signature must consist of {}, and nothing else",
            names.join(", ")
        ))),
    }
}

/// The `PrefixList` of an exclusive canonicalization; any other is refused.
fn prefixes(method: XmlNode<'_, '_>) -> Result<Vec<String>, UpstreamError> {
    if method.must("Algorithm")? != EXCLUSIVE {
        return Err(invalid(
            "its signature has a canonicalization that is not believed",
        ));
    }
    let list = method.only(EXCLUSIVE, "InclusiveNamespaces")?;
    if method.children().count() != usize::from(list.is_some()) {
        return Err(invalid(
            "its signature's canonicalization has parameters that are not known",
        ));
    }
    let list = list
        .and_then(|list| list.attribute("PrefixList"))
        .unwrap_or_default();
    Ok(list.split_ascii_whitespace().map(str::to_owned).collect())
}
