//! What an assertion says, and what must hold of it (Core §2.3.3, Profiles §4.1.4.3). Everything here was signed.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    EmailAddress,
    time::from_millis,
    upstream::{Account, Arrival, SamlConnection},
};
use serde::{Deserialize, Serialize};

use super::{
    metadata::moment,
    request::PERSISTENT,
    response::Expected,
    xml::{SAML, XmlNode},
};
use crate::{
    Departure, UpstreamError,
    error::{invalid, tame},
    oidc::line,
};

/// How far an identity provider's clock may be off.
pub(super) const SKEW: TimeDelta = TimeDelta::seconds(60);
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// The attributes that hold addresses where the operator names none: the names of the eduPerson schema, of Microsoft and of the rest.
const EMAILS: [&str; 8] = [
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail",
    "email",
    "Email",
    "emailAddress",
    "EmailAddress",
    "User.email",
];
/// Principal names. They may only look like addresses, even like somebody else's: they count where there is no address.
const PRINCIPAL_NAMES: [&str; 2] = ["upn", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"];
/// So many values are looked at.
const VALUES_MAX: usize = 32;
/// Where names are.
const NAMES: [&str; 4] = [
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "displayName",
    "name",
];

/// What an assertion said of somebody. All that holds of it was checked, but for whose question it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The ID of the assertion: it counts once (threat S06).
    pub assertion: String,
    request: String,
    subject: String,
    /// Every value that may be an address, in their order.
    #[serde(default)]
    emails: Vec<String>,
    name: Option<String>,
    second_factor: bool,
    /// In milliseconds.
    proven_at: i64,
    session: Option<String>,
    /// The names of the attributes.
    #[serde(default)]
    said: Vec<String>,
}

impl Received {
    /// Whom it is about, when it answers the question that was asked.
    pub(super) fn answers(
        self,
        request: &str,
        connection: &SamlConnection,
        departure: &Departure,
    ) -> Result<Arrival, UpstreamError> {
        if self.request != request {
            return Err(invalid("it answers another question (InResponseTo)"));
        }
        let proven_at = from_millis(self.proven_at);
        // Measured from when they left: what they did there since is fresh, however long it took.
        let age = departure.left_at - proven_at;
        let stale = departure
            .max_age
            .is_some_and(|seconds| age > TimeDelta::seconds(i64::from(seconds)) + SKEW);
        if stale || (departure.prompt_login && age > SKEW) {
            return Err(invalid("the person proved themselves longer ago than was asked"));
        }
        Ok(Arrival {
            account: Account {
                issuer: connection.entity_id.clone(),
                subject: self.subject,
            },
            email: the_address(&self.emails, departure.expected.as_deref()),
            email_verified: None,
            name: self.name,
            locale: None,
            amr: if self.second_factor {
                vec!["mfa".into()]
            } else {
                Vec::new()
            },
            auth_time: Some(proven_at),
            session: self.session,
            said: self.said,
        })
    }
}

/// Of several addresses the one that is expected, else the first that is one.
pub(super) fn the_address(said: &[String], expected: Option<&str>) -> Option<EmailAddress> {
    let expected = expected.and_then(|text| EmailAddress::parse(text).ok());
    let is_expected = |email: &EmailAddress| expected.as_ref().is_some_and(|one| one.key() == email.key());
    let mut all = said
        .iter()
        .filter_map(|text| EmailAddress::parse_asserted(text).ok());
    all.clone().find(is_expected).or_else(|| all.next())
}

/// Reads an assertion that stands in a message which answers `request`.
pub(super) fn read(
    assertion: XmlNode<'_, '_>,
    request: String,
    expected: &Expected<'_>,
) -> Result<Received, UpstreamError> {
    if !assertion.is(SAML, "Assertion") || assertion.must("Version")? != "2.0" {
        return Err(invalid("its assertion is none of SAML 2.0"));
    }
    if assertion.the(SAML, "Issuer")?.trimmed()? != expected.connection.entity_id {
        return Err(invalid("its assertion is another one's (Issuer)"));
    }
    conditions(assertion.the(SAML, "Conditions")?, expected)?;
    let subject = assertion.the(SAML, "Subject")?;
    confirmed(subject, &request, expected)?;
    let statement = assertion
        .all(SAML, "AuthnStatement")
        .next()
        .ok_or_else(|| invalid("it does not say that anybody proved themselves"))?;
    if ended(statement.attribute("SessionNotOnOrAfter"), expected.now)? {
        return Err(invalid("the session that it speaks of is over"));
    }
    let proven_at = moment(statement.must("AuthnInstant")?)?;
    if proven_at > expected.now + SKEW {
        return Err(invalid("it speaks of a proof that is yet to come"));
    }
    let class = statement
        .only(SAML, "AuthnContext")?
        .map(|context| context.only(SAML, "AuthnContextClassRef"))
        .transpose()?
        .flatten();
    let class = class.map(XmlNode::trimmed).transpose()?;
    let attributes = attributes(assertion)?;
    let name_id = subject.only(SAML, "NameID")?;
    Ok(Received {
        assertion: assertion.must("ID")?.to_owned(),
        request,
        subject: account(name_id, &attributes, expected)?,
        emails: emails(&attributes, name_id, expected.connection.email.as_deref())?,
        name: attributes
            .one_of(expected.connection.name.as_deref(), &NAMES)
            .and_then(line),
        second_factor: class.is_some_and(|class| expected.connection.mfa_contexts.contains(&class)),
        proven_at: proven_at.timestamp_millis(),
        session: match (name_id, statement.attribute("SessionIndex")) {
            (Some(name_id), Some(index)) => Some(session_name(&name_id.text()?, index)),
            _ => None,
        },
        said: attributes.names(),
    })
}

/// What may be the address: the values of the chosen attribute; or of every usual one, and a `NameID` that says it is one; or
/// principal names, where none of these holds an address.
fn emails(
    attributes: &Attributes,
    name_id: Option<XmlNode<'_, '_>>,
    chosen: Option<&str>,
) -> Result<Vec<String>, UpstreamError> {
    if let Some(name) = chosen {
        return Ok(attributes.values(name).to_vec());
    }
    let usual = EMAILS.iter().flat_map(|name| attributes.values(name));
    let mut all: Vec<String> = usual.take(VALUES_MAX).cloned().collect();
    if let Some(name_id) = name_id.filter(|name_id| name_id.attribute("Format") == Some(EMAIL)) {
        all.push(name_id.text()?);
    }
    if the_address(&all, None).is_none() {
        let names = PRINCIPAL_NAMES.iter().flat_map(|name| attributes.values(name));
        all.extend(names.take(VALUES_MAX).cloned());
    }
    Ok(all)
}

/// Until when and for whom (Core §2.5.1).
fn conditions(conditions: XmlNode<'_, '_>, expected: &Expected<'_>) -> Result<(), UpstreamError> {
    if let Some(from) = conditions.attribute("NotBefore")
        && moment(from)? > expected.now + SKEW
    {
        return Err(invalid("it does not count yet (NotBefore)"));
    }
    if ended(conditions.attribute("NotOnOrAfter"), expected.now)? {
        return Err(invalid("it no longer counts (NotOnOrAfter)"));
    }
    let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    if !conditions
        .children()
        .all(|child| known.iter().any(|name| child.is(SAML, name)))
    {
        return Err(invalid("it counts on a condition that is not known"));
    }
    let mut restrictions = conditions.all(SAML, "AudienceRestriction").peekable();
    if restrictions.peek().is_none() {
        return Err(invalid("it does not say whom it is for (Audience)"));
    }
    // Each of them must hold.
    for restriction in restrictions {
        let mut ours = false;
        for audience in restriction.all(SAML, "Audience") {
            ours |= audience.trimmed()? == expected.entity_id;
        }
        if !ours {
            return Err(invalid(&format!(
                "it is for somebody else (Audience); what we are called there is {}",
                expected.entity_id
            )));
        }
    }
    Ok(())
}

/// That its bearer is its subject (Profiles §4.1.4.2): some confirmation must hold.
fn confirmed(subject: XmlNode<'_, '_>, request: &str, expected: &Expected<'_>) -> Result<(), UpstreamError> {
    let mut last = invalid("it does not say that its bearer may be believed");
    for confirmation in subject.all(SAML, "SubjectConfirmation") {
        if confirmation.must("Method")? != BEARER {
            continue;
        }
        let data = confirmation.the(SAML, "SubjectConfirmationData")?;
        last = if data.must("Recipient")? != expected.acs.as_str() {
            invalid("its bearer was meant for another address (Recipient)")
        } else if data.must("InResponseTo")? != request {
            invalid("its bearer answers another question (InResponseTo)")
        } else if data.attribute("NotBefore").is_some() {
            invalid("its bearer must not be confirmed from a time on (NotBefore)")
        } else if ended(Some(data.must("NotOnOrAfter")?), expected.now)? {
            invalid("its bearer comes too late (NotOnOrAfter)")
        } else {
            return Ok(());
        };
    }
    Err(last)
}

fn ended(until: Option<&str>, now: DateTime<Utc>) -> Result<bool, UpstreamError> {
    Ok(match until {
        Some(until) => moment(until)? <= now - SKEW,
        None => false,
    })
}

/// The name that stays: a persistent `NameID` with what qualifies it, or the attribute that an operator chose. An
/// address and a transient name are never one (threat S12).
fn account(
    name_id: Option<XmlNode<'_, '_>>,
    attributes: &Attributes,
    expected: &Expected<'_>,
) -> Result<String, UpstreamError> {
    if let Some(name) = &expected.connection.subject {
        let values = attributes.values(name);
        return match values {
            [value] if fits(value) => Ok([name, value.as_str()].join("\n")),
            [] => Err(invalid(&format!(
                "the attribute {name}, which names the account, is missing"
            ))),
            _ => Err(invalid(&format!("the attribute {name} names no single account"))),
        };
    }
    let name_id = name_id.ok_or_else(|| invalid("there is no NameID in it"))?;
    persistent(name_id, expected.connection, expected.entity_id)
}

/// A `NameID` that stays, with what qualifies it.
pub(super) fn persistent(
    name_id: XmlNode<'_, '_>,
    connection: &SamlConnection,
    entity_id: &str,
) -> Result<String, UpstreamError> {
    if name_id.attribute("Format") != Some(PERSISTENT) {
        return Err(invalid(
            "its NameID is not persistent: the partner must send such a one, or the tenant's `subject_attribute` names \
             an attribute that never changes",
        ));
    }
    // What is left out is who says it, and to whom (Core §8.3.7).
    let issuer = name_id
        .attribute("NameQualifier")
        .unwrap_or(&connection.entity_id);
    let service = name_id.attribute("SPNameQualifier").unwrap_or(entity_id);
    let value = name_id.text()?;
    let parts = [issuer, service, value.as_str()];
    if !parts.iter().all(|part| fits(part)) {
        return Err(invalid(
            "its NameID is empty, too long, or has white space or control characters",
        ));
    }
    Ok(parts.join("\n"))
}

/// What a session there is called here: its index alone may be somebody else's as well (Core §2.7.2).
pub(super) fn session_name(name_id: &str, index: &str) -> String {
    let both = format!("{name_id}\n{index}");
    BASE64URL_NOPAD.encode(ring::digest::digest(&ring::digest::SHA256, both.as_bytes()).as_ref())
}

/// Whether it is fit for a part of a key, which is compared exactly as it was signed: a line break is in none, so no two
/// lists of parts are the same text, and one with white space at its ends is too easily taken for another.
fn fits(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= 1024
        && part.trim().len() == part.len()
        && !part.chars().any(char::is_control)
}

/// Attributes by name, with their values.
struct Attributes(Vec<(String, Vec<String>)>);

impl Attributes {
    fn values(&self, name: &str) -> &[String] {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, values)| &**values).unwrap_or_default()
    }

    /// All of their names, as far as anybody would read on.
    fn names(&self) -> Vec<String> {
        self.0.iter().take(64).map(|(name, _)| tame(name)).collect()
    }

    /// The first value of the chosen attribute, or else of the first usual one that is there.
    fn one_of(&self, chosen: Option<&str>, usual: &[&str]) -> Option<&str> {
        let first = |name: &str| {
            let value = self.values(name).first()?;
            (!value.is_empty() && !value.chars().any(char::is_control)).then_some(value.as_str())
        };
        match chosen {
            Some(name) => first(name),
            None => usual.iter().find_map(|name| first(name)),
        }
    }
}

fn attributes(assertion: XmlNode<'_, '_>) -> Result<Attributes, UpstreamError> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for statement in assertion.all(SAML, "AttributeStatement") {
        for attribute in statement.all(SAML, "Attribute") {
            let name = attribute.must("Name")?;
            // Some values are elements: those are not read.
            let values = attribute
                .all(SAML, "AttributeValue")
                .filter_map(|value| value.text().ok());
            match all.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.extend(values),
                None => all.push((name.to_owned(), values.collect())),
            }
        }
    }
    Ok(Attributes(all))
}
