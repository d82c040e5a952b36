//! What a SAML identity provider writes, in canonical form from the start: a digest of it is one of its text.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

/// What an assertion says, and how. The default is one as it should be.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Its `ID`.
    pub id: String,
    /// Who says it.
    pub issuer: String,
    /// Of whom: the text inside `NameID`, as XML.
    pub name_id: String,
    /// The attributes of `NameID`.
    pub name_id_attributes: String,
    /// For whom: `None` leaves the restriction out.
    pub audience: Option<String>,
    /// Where it is to be posted.
    pub recipient: String,
    /// Which request it answers: `None` leaves it out.
    pub in_response_to: Option<String>,
    /// When it was written, and the person proved themselves.
    pub issued_at: DateTime<Utc>,
    /// From when it counts, counted from then.
    pub not_before: Option<TimeDelta>,
    /// Until when it counts, counted from then.
    pub not_on_or_after: Option<TimeDelta>,
    /// Until when its bearer may be believed, counted from then.
    pub bearer_until: Option<TimeDelta>,
    /// How its subject is confirmed.
    pub method: String,
    /// The class of how they proved themselves.
    pub context: String,
    /// Attributes and their values, as XML.
    pub attributes: Vec<(String, String)>,
}

impl Assertion {
    /// The element, without a signature.
    pub fn xml(&self) -> String {
        let at = |delta: TimeDelta| instant(self.issued_at + delta);
        let mut xml = format!(
            "<saml:Assertion xmlns:saml=\"{SAML}\" ID=\"{}\" IssueInstant=\"{}\" Version=\"2.0\">\
             <saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID{}>{}</saml:NameID>",
            self.id,
            instant(self.issued_at),
            self.issuer,
            self.name_id_attributes,
            self.name_id
        );
        let mut data = String::new();
        if let Some(request) = &self.in_response_to {
            let _ = write!(data, " InResponseTo=\"{request}\"");
        }
        if let Some(until) = self.bearer_until {
            let _ = write!(data, " NotOnOrAfter=\"{}\"", at(until));
        }
        if !self.recipient.is_empty() {
            let _ = write!(data, " Recipient=\"{}\"", self.recipient);
        }
        let _ = write!(
            xml,
            "<saml:SubjectConfirmation Method=\"{}\"><saml:SubjectConfirmationData{data}>\
             </saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions",
            self.method
        );
        if let Some(from) = self.not_before {
            let _ = write!(xml, " NotBefore=\"{}\"", at(from));
        }
        if let Some(until) = self.not_on_or_after {
            let _ = write!(xml, " NotOnOrAfter=\"{}\"", at(until));
        }
        xml.push('>');
        if let Some(audience) = &self.audience {
            let _ = write!(
                xml,
                "<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            );
        }
        let _ = write!(
            xml,
            "</saml:Conditions><saml:AuthnStatement AuthnInstant=\"{}\" SessionIndex=\"_session\">\
             <saml:AuthnContext><saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef></saml:AuthnContext>\
             </saml:AuthnStatement><saml:AttributeStatement>",
            instant(self.issued_at),
            self.context
        );
        for (name, value) in &self.attributes {
            let _ = write!(
                xml,
                "<saml:Attribute Name=\"{name}\"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"
            );
        }
        xml.push_str("</saml:AttributeStatement></saml:Assertion>");
        xml
    }
}

/// The message that carries an assertion.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its `ID`.
    pub id: String,
    /// Who says it.
    pub issuer: String,
    /// Where it is to be posted: empty leaves it out.
    pub destination: String,
    /// Which request it answers: `None` leaves it out.
    pub in_response_to: Option<String>,
    /// When it was written.
    pub issued_at: DateTime<Utc>,
    /// The status, and what stands below it.
    pub status: (String, Option<String>),
}

impl Response {
    /// The element, with `inner` behind its status.
    pub fn xml(&self, inner: &str) -> String {
        let mut attributes = String::new();
        if !self.destination.is_empty() {
            let _ = write!(attributes, " Destination=\"{}\"", self.destination);
        }
        let _ = write!(attributes, " ID=\"{}\"", self.id);
        if let Some(request) = &self.in_response_to {
            let _ = write!(attributes, " InResponseTo=\"{request}\"");
        }
        let (status, below) = &self.status;
        let below = below
            .as_ref()
            .map(|code| format!("<samlp:StatusCode Value=\"{code}\"></samlp:StatusCode>"))
            .unwrap_or_default();
        format!(
            "<samlp:Response xmlns:samlp=\"{SAMLP}\"{attributes} IssueInstant=\"{}\" Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"{status}\">\
             {below}</samlp:StatusCode></samlp:Status>{inner}</samlp:Response>",
            instant(self.issued_at),
            self.issuer
        )
    }
}

/// As SAML writes a time (Core §1.3.3).
pub fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The namespace of assertions.
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of messages.
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// That all is well.
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// How browsers bring an assertion.
pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// A name that stays, and is another one elsewhere.
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// A request to sign somebody out.
#[derive(Clone, Debug)]
pub struct LogoutRequest {
    /// Its `ID`.
    pub id: String,
    /// Who says it.
    pub issuer: String,
    /// Where it is brought: empty leaves it out.
    pub destination: String,
    /// When it was written.
    pub issued_at: DateTime<Utc>,
    /// Until when it counts, counted from then.
    pub not_on_or_after: Option<TimeDelta>,
    /// Who it is.
    pub name_id: String,
    /// The attributes of `NameID`.
    pub name_id_attributes: String,
    /// Which of their sessions; none are all.
    pub sessions: Vec<String>,
}

impl LogoutRequest {
    /// The element, without a signature.
    pub fn xml(&self) -> String {
        let mut attributes = String::new();
        if !self.destination.is_empty() {
            let _ = write!(attributes, " Destination=\"{}\"", self.destination);
        }
        let _ = write!(
            attributes,
            " ID=\"{}\" IssueInstant=\"{}\"",
            self.id,
            instant(self.issued_at)
        );
        if let Some(until) = self.not_on_or_after {
            let _ = write!(
                attributes,
                " NotOnOrAfter=\"{}\"",
                instant(self.issued_at + until)
            );
        }
        let mut xml = format!(
            "<samlp:LogoutRequest xmlns:samlp=\"{SAMLP}\"{attributes} Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer><saml:NameID xmlns:saml=\"{SAML}\"{}>{}</saml:NameID>",
            self.issuer, self.name_id_attributes, self.name_id
        );
        for session in &self.sessions {
            let _ = write!(xml, "<samlp:SessionIndex>{session}</samlp:SessionIndex>");
        }
        xml.push_str("</samlp:LogoutRequest>");
        xml
    }
}
