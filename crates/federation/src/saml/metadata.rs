//! What an identity provider publishes of itself (SAML Metadata §2.4.3).

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use url::Url;

use super::{
    keys::Key,
    xml::{DS, METADATA, SAMLP, Tree, XmlNode},
};
use crate::{
    Certificate, UpstreamError,
    error::{invalid, tame},
};

/// How long before the end of its last certificate an operator is told.
const SOON: TimeDelta = TimeDelta::days(30);

const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// Where people sign in, and how a request is brought there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignInPlace {
    /// By HTTP-Redirect: where there is a choice.
    Redirect(Url),
    /// By HTTP-POST.
    Post(Url),
}

impl SignInPlace {
    fn of(role: XmlNode<'_, '_>) -> Result<Self, UpstreamError> {
        let by = |binding| {
            let mut services = role.all(METADATA, "SingleSignOnService");
            let service = services.find(|service| service.attribute("Binding") == Some(binding))?;
            let address = service.attribute("Location").unwrap_or_default();
            Some(Url::parse(address).map_err(|_| invalid("where people sign in is no address")))
        };
        match (by(REDIRECT), by(POST)) {
            (Some(url), _) => url.map(Self::Redirect),
            (None, Some(url)) => url.map(Self::Post),
            (None, None) => Err(invalid("it offers no sign-in by HTTP-Redirect or HTTP-POST")),
        }
    }

    /// The address.
    pub(super) fn place(&self) -> &Url {
        match self {
            Self::Redirect(url) | Self::Post(url) => url,
        }
    }
}

/// An identity provider.
#[derive(Clone, Debug)]
pub(crate) struct IdentityProvider {
    /// Where people sign in.
    pub(super) sign_in: SignInPlace,
    /// Where our answer goes when somebody signed out there, by HTTP-Redirect.
    pub(super) signed_out: Option<Url>,
    /// The keys that it may sign with: all of them, so that it can change them.
    pub(super) keys: Vec<Key>,
    /// Keys that are published and not believed: why.
    refused: Vec<&'static str>,
    /// Until when it may be believed.
    pub(crate) valid_until: Option<DateTime<Utc>>,
}

impl IdentityProvider {
    /// Reads what `text` says of `entity_id`.
    pub(crate) fn read(text: &str, entity_id: &str, now: DateTime<Utc>) -> Result<Self, UpstreamError> {
        Self::find(text, entity_id, now).map_err(|error| match error {
            UpstreamError::Invalid(text) => UpstreamError::Misconfigured(format!("its metadata: {text}")),
            other => other,
        })
    }

    fn find(text: &str, entity_id: &str, now: DateTime<Utc>) -> Result<Self, UpstreamError> {
        let tree = Tree::read_metadata(text)?;
        let root = tree.root()?;
        let mut found = Vec::new();
        look(root, entity_id, valid_until(root)?, &mut found)?;
        let (entity, until) = match found[..] {
            [one] => one,
            [] => {
                return Err(invalid(&format!(
                    "it does not speak of {}; is that the entity ID?",
                    tame(entity_id)
                )));
            }
            _ => return Err(invalid("it speaks of the entity twice")),
        };
        if until.is_some_and(|until| until <= now) {
            return Err(invalid("it ended, by its validUntil"));
        }
        let role = entity
            .all(METADATA, "IDPSSODescriptor")
            .find(|role| {
                let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
                protocols
                    .split_ascii_whitespace()
                    .any(|protocol| protocol == SAMLP)
            })
            .ok_or_else(|| invalid("the entity is no SAML 2.0 identity provider"))?;
        let sign_in = SignInPlace::of(role)?;
        let signed_out = role
            .all(METADATA, "SingleLogoutService")
            .find(|service| service.attribute("Binding") == Some(REDIRECT))
            .and_then(|service| {
                service
                    .attribute("ResponseLocation")
                    .or(service.attribute("Location"))
            })
            .and_then(|place| Url::parse(place).ok());
        let (keys, refused) = keys(role)?;
        if keys.is_empty() {
            let why = refused.first().copied().unwrap_or("is missing");
            return Err(invalid(&format!("the certificate that it signs with {why}")));
        }
        Ok(Self {
            sign_in,
            signed_out,
            keys,
            refused,
            valid_until: until,
        })
    }

    /// Those of its keys.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        self.keys.iter().map(Key::certificate).collect()
    }

    /// What an operator should know, in sentences.
    pub(super) fn remarks(&self, now: DateTime<Utc>) -> Vec<String> {
        let mut remarks: Vec<String> = self
            .refused
            .iter()
            .map(|why| format!("a certificate in its metadata {why}: what it signs is not believed"))
            .collect();
        if let Some(last) = self.keys.iter().filter_map(|key| key.ends_at).max() {
            let day = last.format("%Y-%m-%d");
            if last <= now {
                remarks.push(format!(
                    "the last certificate that it signs with ended on {day}: ask the partner for new metadata"
                ));
            } else if last - now < SOON {
                remarks.push(format!(
                    "the last certificate that it signs with ends on {day}, and no successor is published: ask the \
                     partner for new metadata"
                ));
            }
        }
        if let Some(until) = self.valid_until
            && until - now < SOON
        {
            remarks.push(format!(
                "its metadata says that it ends on {}",
                until.format("%Y-%m-%d")
            ));
        }
        remarks
    }
}

/// The entities of that name in an `EntityDescriptor`, or in `EntitiesDescriptor`s, each with the earliest end that
/// is written around it.
fn look<'d, 't>(
    node: XmlNode<'d, 't>,
    entity_id: &str,
    until: Option<DateTime<Utc>>,
    found: &mut Vec<(XmlNode<'d, 't>, Option<DateTime<Utc>>)>,
) -> Result<(), UpstreamError> {
    if node.is(METADATA, "EntityDescriptor") {
        if node.attribute("entityID") == Some(entity_id) {
            found.push((node, until));
        }
        return Ok(());
    }
    if !node.is(METADATA, "EntitiesDescriptor") {
        return Err(invalid("it is no SAML 2.0 metadata"));
    }
    for child in node.children() {
        if child.is(METADATA, "EntityDescriptor") || child.is(METADATA, "EntitiesDescriptor") {
            let inside = [until, valid_until(child)?].into_iter().flatten().min();
            look(child, entity_id, inside, found)?;
        }
    }
    Ok(())
}

fn valid_until(node: XmlNode<'_, '_>) -> Result<Option<DateTime<Utc>>, UpstreamError> {
    node.attribute("validUntil").map(moment).transpose()
}

/// The keys for signing: those that say so, and those that say nothing of their use (§2.4.1.1).
fn keys(role: XmlNode<'_, '_>) -> Result<(Vec<Key>, Vec<&'static str>), UpstreamError> {
    let (mut keys, mut refused) = (Vec::new(), Vec::new());
    let descriptors = role.all(METADATA, "KeyDescriptor");
    for descriptor in descriptors.filter(|key| key.attribute("use").is_none_or(|it| it == "signing")) {
        let info = descriptor.the(DS, "KeyInfo")?;
        for data in info.all(DS, "X509Data") {
            for certificate in data.all(DS, "X509Certificate") {
                for part in without_armour(&certificate.text()?) {
                    let der = BASE64.decode(part.as_bytes()).map_err(|_| "is not base64");
                    match der.and_then(|der| Key::of_certificate(&der)) {
                        Ok(key) => keys.push(key),
                        Err(why) => refused.push(why),
                    }
                }
            }
        }
    }
    Ok((keys, refused))
}

/// The base64 of a certificate. Some paste a whole PEM file there, armour and all, or several of them.
fn without_armour(text: &str) -> Vec<String> {
    let bare = |part: &str| part.split_ascii_whitespace().collect::<String>();
    if !text.contains("-----") {
        return vec![bare(text)];
    }
    text.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .filter_map(|rest| rest.split("-----").next())
        .map(bare)
        .collect()
}

/// The entities of a document, to choose one from.
pub(super) fn entity_ids(text: &str) -> Result<Vec<String>, UpstreamError> {
    fn look(node: XmlNode<'_, '_>, found: &mut Vec<String>) {
        if node.is(METADATA, "EntityDescriptor") {
            found.extend(node.attribute("entityID").map(str::to_owned));
        } else if node.is(METADATA, "EntitiesDescriptor") {
            node.children().for_each(|child| look(child, found));
        }
    }
    let tree = Tree::read_metadata(text)?;
    let mut found = Vec::new();
    look(tree.root()?, &mut found);
    Ok(found)
}

/// A time (Core §1.3.3): with its zone, which is UTC.
pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, UpstreamError> {
    DateTime::parse_from_rfc3339(text.trim())
        .map(|at| at.to_utc())
        .map_err(|_| invalid("a time in it is none"))
}
