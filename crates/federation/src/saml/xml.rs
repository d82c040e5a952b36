//! The one reader of XML. What it hands out has passed the profile: no document type, no comment, no processing
//! instruction, no CDATA section, nothing deep and nothing large (threats S02, S03, O32).

use std::collections::HashSet;

use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId, NodeKind, Parser};

use crate::{
    UpstreamError,
    error::{invalid, tame},
};

/// How deep elements may lie in one another.
const DEPTH_MAX: u32 = 32;
/// How many different namespaces may be declared. The same ones again and again are usual: many write them at every value.
const NAMESPACES_MAX: usize = 64;

/// How many attributes, declarations of namespaces among them, an element may have.
const ATTRIBUTES_MAX: u32 = 256;

/// The namespace of assertions (SAML Core).
pub(super) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of messages (SAML Core).
pub(super) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of metadata (SAML Metadata).
pub(super) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// The namespace of signatures (XML Signature).
pub(super) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of encryption (XML Encryption).
pub(super) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// Exclusive canonicalization, which is its namespace's and the algorithm's name.
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A document that keeps to the profile.
pub(super) struct Tree<'t>(Document<'t>);

impl<'t> Tree<'t> {
    /// Reads a text.
    pub(super) fn read(text: &'t str) -> Result<Self, UpstreamError> {
        bounded(text)?;
        let document = parse(text)?;
        let mut declared = HashSet::new();
        for id in document.descendants(document.root()) {
            match document.node_kind(id) {
                Some(NodeKind::Element(element)) => {
                    let pairs = &element.namespace_declarations;
                    declared.extend(pairs.iter().map(|(prefix, uri)| (prefix.as_ref(), uri.as_ref())));
                }
                Some(NodeKind::Text(_)) => {}
                _ => return Err(invalid("there is something else than elements and text in it")),
            }
        }
        if declared.len() > NAMESPACES_MAX {
            return Err(invalid("it declares too many namespaces"));
        }
        drop(declared);
        Ok(Self(document))
    }

    /// Reads metadata: it may speak of many, each with its own namespaces, and comments in it hide nothing.
    pub(super) fn read_metadata(text: &'t str) -> Result<Self, UpstreamError> {
        parse(text).map(Self)
    }

    /// The outermost element.
    pub(super) fn root(&self) -> Result<XmlNode<'_, 't>, UpstreamError> {
        let id = self.0.document_element();
        let id = id.ok_or_else(|| invalid("there is no element in it"))?;
        Ok(XmlNode { tree: self, id })
    }

    /// How many elements of that name there are, wherever.
    pub(super) fn count(&self, namespace: &str, name: &str) -> usize {
        self.0.get_elements_by_tag_name_ns(namespace, name).len()
    }

    /// Whether an `ID` stands twice, in whatever namespace (threat S01).
    pub(super) fn repeats_an_id(&self) -> bool {
        let mut seen = HashSet::new();
        self.0
            .descendants(self.0.root())
            .into_iter()
            .filter_map(|id| self.0.element(id))
            .flat_map(|element| &element.attributes)
            .filter(|attribute| attribute.name.local_name.eq_ignore_ascii_case("id"))
            .any(|attribute| !seen.insert(attribute.value.as_ref()))
    }
}

/// What is refused before the parser sees it: markup that is neither an element nor text, and elements with so many
/// attributes that comparing them with one another takes long.
fn bounded(text: &str) -> Result<(), UpstreamError> {
    let body = match text.strip_prefix("<?xml") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_whitespace()) => rest,
        _ => text,
    };
    // A `<` stands nowhere else: in text and in values it is written `&lt;`.
    for (markup, what) in [
        ("<!--", "there is a comment in it"),
        ("<![CDATA[", "there is a CDATA section in it"),
        (
            "<!",
            "it is no XML that is read here: there is a document type in it",
        ),
        ("<?", "there is a processing instruction in it"),
    ] {
        if body.contains(markup) {
            return Err(invalid(what));
        }
    }
    // Where it is no longer exact, the text is not well-formed, and the parser stops there.
    let (mut attributes, mut quote) = (None, None);
    for byte in body.bytes() {
        match (attributes, quote, byte) {
            (None, _, b'<') => attributes = Some(0),
            (Some(_), Some(open), byte) if open == byte => quote = None,
            (Some(_), None, b'"' | b'\'') => quote = Some(byte),
            (Some(_), None, b'>') => attributes = None,
            (Some(ATTRIBUTES_MAX), None, b'=') => {
                return Err(invalid("an element in it has too many attributes"));
            }
            (Some(count), None, b'=') => attributes = Some(count + 1),
            _ => {}
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Document<'_>, UpstreamError> {
    let parser = Parser::new().with_forbid_dtd(true).with_max_depth(DEPTH_MAX);
    let document = parser.parse(text).map_err(|error| {
        invalid(&format!(
            "it is no XML that is read here: {}",
            tame(&error.to_string())
        ))
    })?;
    if let Some(declaration) = &document.xml_declaration {
        let utf8 = |encoding: &str| encoding.eq_ignore_ascii_case("UTF-8");
        if declaration.version != "1.0" || !declaration.encoding.as_deref().is_none_or(utf8) {
            return Err(invalid("it is not XML 1.0 in UTF-8"));
        }
    }
    Ok(document)
}

/// An element.
#[derive(Clone, Copy)]
pub(super) struct XmlNode<'d, 't> {
    tree: &'d Tree<'t>,
    id: NodeId,
}

impl<'d> XmlNode<'d, '_> {
    /// Whether it is of that name.
    pub(super) fn is(self, namespace: &str, name: &str) -> bool {
        let element = self.tree.0.element(self.id);
        element.is_some_and(|element| element.matches_name_ns(namespace, name))
    }

    /// The elements in it.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let inside = self.tree.0.children_iter(self.id);
        inside
            .filter(|id| self.tree.0.element(*id).is_some())
            .map(move |id| Self { id, ..self })
    }

    /// Those of that name.
    pub(super) fn all(self, namespace: &str, name: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(namespace, name))
    }

    /// The one of that name, if there is one; two are an error.
    pub(super) fn only(self, namespace: &str, name: &str) -> Result<Option<Self>, UpstreamError> {
        let mut all = self.all(namespace, name);
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(invalid(&format!("there are two of {name} where one belongs"))),
        }
    }

    /// The one of that name, which must be there.
    pub(super) fn the(self, namespace: &str, name: &str) -> Result<Self, UpstreamError> {
        self.only(namespace, name)?
            .ok_or_else(|| invalid(&format!("{name} is missing")))
    }

    /// The one way down by these names of one namespace.
    pub(super) fn path(self, namespace: &str, names: &[&str]) -> Result<Self, UpstreamError> {
        names
            .iter()
            .try_fold(self, |node, name| node.the(namespace, name))
    }

    /// The value of an attribute in no namespace.
    pub(super) fn attribute(self, name: &str) -> Option<&'d str> {
        let element = self.tree.0.element(self.id)?;
        element
            .attributes
            .iter()
            .find(|attribute| attribute.name.namespace_uri.is_none() && attribute.name.local_name == name)
            .map(|attribute| attribute.value.as_ref())
    }

    /// The value of an attribute that must be there.
    pub(super) fn must(self, name: &str) -> Result<&'d str, UpstreamError> {
        self.attribute(name)
            .ok_or_else(|| invalid(&format!("the attribute {name} is missing")))
    }

    /// All of its text; an element in it is an error.
    pub(super) fn text(self) -> Result<String, UpstreamError> {
        let mut text = String::new();
        for id in self.tree.0.children_iter(self.id) {
            match self.tree.0.node_kind(id) {
                Some(NodeKind::Text(part)) => text.push_str(part),
                Some(NodeKind::Comment(_)) => {}
                _ => return Err(invalid("there is an element where text belongs")),
            }
        }
        Ok(text)
    }

    /// Its text without XML's white space around it (XML §2.3), for names that are compared with what is configured.
    /// A key of an account is never trimmed: two accounts could become one.
    pub(super) fn trimmed(self) -> Result<String, UpstreamError> {
        let text = self.text()?;
        Ok(text.trim_matches([' ', '\t', '\r', '\n']).to_owned())
    }

    /// Its text as base64, which may have line breaks.
    pub(super) fn base64(self) -> Result<Vec<u8>, UpstreamError> {
        let text: String = self.text()?.split_ascii_whitespace().collect();
        data_encoding::BASE64
            .decode(text.as_bytes())
            .map_err(|_| invalid("what should be base64 is not"))
    }

    /// Where it stands in the text that was read, in bytes.
    pub(super) fn range(self) -> Option<std::ops::Range<usize>> {
        self.tree.0.node_range(self.id)
    }

    /// Its exclusive canonical form (Exclusive XML Canonicalization 1.0), without the element `but`. `prefixes` are
    /// rendered as by the inclusive one (§3, `PrefixList`).
    pub(super) fn canonical(self, but: Option<Self>, prefixes: &[String]) -> Result<String, UpstreamError> {
        let document = &self.tree.0;
        let mut nodes = NodeSet::tree_without_comments(self.id, document);
        if let Some(but) = but {
            nodes = nodes.subtract(&NodeSet::tree_without_comments(but.id, document));
        }
        // Whatever fails here is a failure, and never an empty text (threat S04).
        let bytes = canonicalize_doc(document, C14nMode::Exclusive, Some(&nodes), prefixes)
            .map_err(|error| invalid(&format!("it has no canonical form: {}", tame(&error.to_string()))))?;
        String::from_utf8(bytes).map_err(|_| invalid("its canonical form is not UTF-8"))
    }
}

/// A text as the value of an attribute, or between tags.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
