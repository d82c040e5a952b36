//! Somebody signed out at the identity provider: its request, brought by their browser (Core §3.7, Profiles §4.4), and our
//! answer. A request that is not signed is none (threat S09).

use std::io::Read as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use data_encoding::BASE64;
use domain::upstream::{Account, SamlConnection, ServiceKey};
use flate2::read::DeflateDecoder;
use url::{Url, form_urlencoded};

use super::{
    assertion::{SKEW, persistent, session_name},
    keys::{Algorithm, Key},
    metadata::{IdentityProvider, moment},
    request::signed_query,
    signature::{Unsigned, signed},
    xml::{SAML, SAMLP, Tree, XmlNode, escaped},
};
use crate::{LoggedOut, UpstreamError, error::invalid};

/// How old a request may be.
const AGE_MAX: TimeDelta = TimeDelta::minutes(5);
/// The longest message that is unpacked, in bytes (threat S10).
const UNPACKED_MAX: u64 = 256 * 1024;
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// How a browser brought it.
#[derive(Clone, Copy, Debug)]
pub enum Brought<'a> {
    /// In a form (Bindings §3.5).
    Form {
        /// `SAMLRequest`, base64.
        message: &'a str,
        /// `RelayState`, which no signature covers there.
        relay_state: Option<&'a str>,
    },
    /// In the query as it was sent (Bindings §3.4).
    Query(&'a str),
}

/// What has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// The ID of the request, which the answer is to.
    pub request: String,
    /// What goes back beside the answer, as it came (Bindings §3.4.3). Of a query only what the signature covers.
    pub relay_state: Option<String>,
    /// Whose sessions: each of these, or all of the account.
    pub ended: Vec<LoggedOut>,
}

/// What a request must fit.
pub(super) struct ExpectedLogout<'a> {
    pub(super) connection: &'a SamlConnection,
    pub(super) keys: &'a [Key],
    /// Where it was brought.
    pub(super) slo: &'a Url,
    /// What Vestibule is called there.
    pub(super) entity_id: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Reads a request.
pub(super) fn read(brought: Brought<'_>, expected: &ExpectedLogout<'_>) -> Result<SignedOut, Unsigned> {
    let (text, relay_state) = match brought {
        Brought::Form { message, relay_state } => {
            let packed: String = message.split_ascii_whitespace().collect();
            let bytes = BASE64
                .decode(packed.as_bytes())
                .map_err(|_| invalid("it is not base64"))?;
            let raw = String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8"))?;
            let tree = Tree::read(&raw)?;
            let text = signed(tree.root()?, expected.keys)?.ok_or_else(|| invalid("it is not signed"))?;
            (text, relay_state.map(str::to_owned))
        }
        Brought::Query(query) => from_query(query, expected.keys)?,
    };
    let tree = Tree::read(&text)?;
    let (request, ended) = request(tree.root()?, expected)?;
    Ok(SignedOut {
        request,
        relay_state,
        ended,
    })
}

/// The message and its `RelayState`. Bindings §3.4.4.1: signed is the query as it was sent, in this order. A name that is
/// escaped is another name: what is read is what was signed.
fn from_query(query: &str, keys: &[Key]) -> Result<(String, Option<String>), Unsigned> {
    let sent = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(known, _)| *known == name);
        let first = values.next().map(|(_, value)| value);
        first.filter(|_| values.next().is_none())
    };
    let decoded = |value: &str| {
        let pair = format!("v={value}");
        form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let unsigned = || invalid("it is not signed");
    let request = sent("SAMLRequest").ok_or_else(|| invalid("SAMLRequest is missing, or there twice"))?;
    let (algorithm, signature) = (
        sent("SigAlg").ok_or_else(unsigned)?,
        sent("Signature").ok_or_else(unsigned)?,
    );
    let relay_state = sent("RelayState");
    let with_state = relay_state.map(|state| format!("&RelayState={state}"));
    let with_state = with_state.unwrap_or_default();
    let text = format!("SAMLRequest={request}{with_state}&SigAlg={algorithm}");
    let algorithm = Algorithm::called(&decoded(algorithm))
        .ok_or_else(|| invalid("its signature uses an algorithm that is not believed"))?;
    let base64 = |text: &str| {
        let text: String = text.split_ascii_whitespace().collect();
        BASE64
            .decode(text.as_bytes())
            .map_err(|_| invalid("it is not base64"))
    };
    let signature = base64(&decoded(signature))?;
    if !keys.iter().any(|key| key.made(algorithm, &text, &signature)) {
        return Err(Unsigned::UnknownKey);
    }
    let packed = base64(&decoded(request))?;
    let mut unpacked = String::new();
    DeflateDecoder::new(&packed[..])
        .take(UNPACKED_MAX + 1)
        .read_to_string(&mut unpacked)
        .map_err(|_| invalid("it cannot be unpacked"))?;
    if unpacked.len() as u64 > UNPACKED_MAX {
        return Err(invalid("it is too long").into());
    }
    Ok((unpacked, relay_state.map(decoded)))
}

/// The request's ID, and whose sessions it ends.
fn request(
    request: XmlNode<'_, '_>,
    expected: &ExpectedLogout<'_>,
) -> Result<(String, Vec<LoggedOut>), UpstreamError> {
    if !request.is(SAMLP, "LogoutRequest") || request.must("Version")? != "2.0" {
        return Err(invalid("it is no logout request of SAML 2.0"));
    }
    if request.must("Destination")? != expected.slo.as_str() {
        return Err(invalid("it was meant for another address (Destination)"));
    }
    if request.the(SAML, "Issuer")?.trimmed()? != expected.connection.entity_id {
        return Err(invalid("it is another one's (Issuer)"));
    }
    let issued_at = moment(request.must("IssueInstant")?)?;
    let over = match request.attribute("NotOnOrAfter") {
        Some(until) => moment(until)? <= expected.now - SKEW,
        None => false,
    };
    if over || issued_at > expected.now + SKEW || issued_at < expected.now - AGE_MAX - SKEW {
        return Err(invalid("it is too old, or yet to come"));
    }
    let id = request.must("ID")?.to_owned();
    let name_id = request.the(SAML, "NameID")?;
    let until = issued_at + AGE_MAX + SKEW;
    let named = |session: Option<String>, account: Option<Account>, number: usize| LoggedOut {
        account,
        session,
        token: format!("{id} {number}"),
        until,
    };
    let mut ended = Vec::new();
    for (number, index) in request.all(SAMLP, "SessionIndex").enumerate() {
        let session = session_name(&name_id.text()?, &index.text()?);
        ended.push(named(Some(session), None, number));
    }
    // Without a session all of the principal's are meant (Core §3.7.3.2); an attribute that is the key is not told.
    if ended.is_empty() && expected.connection.subject.is_none() {
        let subject = persistent(name_id, expected.connection, expected.entity_id)?;
        let account = Account {
            issuer: expected.connection.entity_id.clone(),
            subject,
        };
        ended.push(named(None, Some(account), 0));
    }
    Ok((id, ended))
}

/// The address to send the browser back to, with our answer, signed; `None` where the identity provider wants none by
/// HTTP-Redirect.
pub(super) fn answer(
    from: &IdentityProvider,
    entity_id: &str,
    to: &SignedOut,
    key: &ServiceKey,
    (id, now): (&str, DateTime<Utc>),
) -> Result<Option<Url>, UpstreamError> {
    let Some(place) = &from.signed_out else {
        return Ok(None);
    };
    let xml = format!(
        "<samlp:LogoutResponse xmlns:samlp=\"{SAMLP}\" ID=\"_{}\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{}\" InResponseTo=\"{}\"><saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"{SUCCESS}\"/></samlp:Status></samlp:LogoutResponse>",
        escaped(id),
        now.to_rfc3339_opts(SecondsFormat::Secs, true),
        escaped(place.as_str()),
        escaped(&to.request),
        escaped(entity_id),
    );
    signed_query(place, "SAMLResponse", &xml, to.relay_state.as_deref(), key).map(Some)
}
