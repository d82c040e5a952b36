//! The question that a browser takes along (Core §3.4.1), by HTTP-Redirect (Bindings §3.4) or HTTP-POST (§3.5).

use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use data_encoding::BASE64;
use domain::upstream::{SamlConnection, ServiceKey};
use flate2::{Compression, write::DeflateEncoder};
use url::{Url, form_urlencoded};

use super::{
    entity_id,
    keys::Hash,
    metadata::SignInPlace,
    service::sign,
    xml::{DS, EXCLUSIVE, SAML, SAMLP, Tree, escaped},
};
use crate::{Departure, UpstreamError, WayThere, error::invalid};

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// A name for the person that stays the same, and is another one at every service provider (Core §8.3.7).
pub(crate) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// The ID of the request: what `state` and nonce are elsewhere, bound to this browser and this sign-in. An ID begins
/// with no digit (XML Schema, `NCName`).
pub(super) fn id(departure: &Departure) -> String {
    format!("_{}", departure.nonce.expose())
}

/// How a browser gets there, with the request, signed.
pub(super) fn way(
    sign_in: &SignInPlace,
    connection: &SamlConnection,
    departure: &Departure,
    key: &ServiceKey,
    now: DateTime<Utc>,
) -> Result<WayThere, UpstreamError> {
    let xml = xml(sign_in.place(), connection, departure, now)?;
    let state = departure.state.expose();
    Ok(match sign_in {
        SignInPlace::Redirect(place) => {
            let mut url = signed_query(place, "SAMLRequest", &xml, Some(state), key)?;
            if let Some(hint) = &departure.login_hint {
                // No part of SAML; those who do not know it ignore it.
                url.query_pairs_mut().append_pair("login_hint", hint);
            }
            WayThere::To(url)
        }
        SignInPlace::Post(place) => WayThere::Form {
            action: place.clone(),
            fields: vec![
                (
                    "SAMLRequest",
                    BASE64.encode(enveloped(&xml, &id(departure), key)?.as_bytes()),
                ),
                ("RelayState", state.to_owned()),
            ],
        },
    })
}

/// A message of ours with a signature behind its issuer (Core §5.4).
fn enveloped(xml: &str, id: &str, key: &ServiceKey) -> Result<String, UpstreamError> {
    let canonical = Tree::read(xml)?.root()?.canonical(None, &[])?;
    let digest = BASE64.encode(&Hash::Sha256.of(canonical.as_bytes())?);
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/><ds:Reference URI=\"#{}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{DS}enveloped-signature\"/><ds:Transform Algorithm=\"{EXCLUSIVE}\"/>\
         </ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        escaped(id)
    );
    let signed = Tree::read(&info)?.root()?.canonical(None, &[])?;
    let value = BASE64.encode(&sign(key, &signed)?);
    let signature = format!(
        "<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    );
    Ok(xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1))
}

/// An address with a message, signed (Bindings §3.4.4.1): what is signed is the query as it is sent.
pub(super) fn signed_query(
    place: &Url,
    parameter: &str,
    xml: &str,
    relay_state: Option<&str>,
    key: &ServiceKey,
) -> Result<Url, UpstreamError> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = deflate
        .write_all(xml.as_bytes())
        .and_then(|()| deflate.finish())
        .map_err(|_| invalid("the message could not be packed"))?;
    let mut signed = form_urlencoded::Serializer::new(String::new());
    signed.append_pair(parameter, &BASE64.encode(&packed));
    if let Some(state) = relay_state {
        signed.append_pair("RelayState", state);
    }
    let signed = signed.append_pair("SigAlg", RSA_SHA256).finish();
    let signature = BASE64.encode(&sign(key, &signed)?);
    let signature: String = form_urlencoded::byte_serialize(signature.as_bytes()).collect();
    let before = place.query().filter(|query| !query.is_empty());
    let before = before.map(|query| format!("{query}&")).unwrap_or_default();
    let mut url = place.clone();
    url.set_query(Some(&format!("{before}{signed}&Signature={signature}")));
    Ok(url)
}

fn xml(
    sign_in: &Url,
    connection: &SamlConnection,
    departure: &Departure,
    now: DateTime<Utc>,
) -> Result<String, UpstreamError> {
    // SAML has no `max_age`: a guest whose sign-in must be recent is asked anew (`ForceAuthn`).
    let anew = departure.prompt_login || departure.ask_anew || departure.max_age.is_some();
    let force = if anew { " ForceAuthn=\"true\"" } else { "" };
    let format = match connection.subject {
        Some(_) => String::new(),
        None => format!(" Format=\"{PERSISTENT}\""),
    };
    Ok(format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\" ID=\"{}\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{}\" AssertionConsumerServiceURL=\"{}\" \
         ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\"{force}>\
         <saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer>\
         <samlp:NameIDPolicy{format} AllowCreate=\"true\"/></samlp:AuthnRequest>",
        escaped(&id(departure)),
        now.to_rfc3339_opts(SecondsFormat::Secs, true),
        escaped(sign_in.as_str()),
        escaped(departure.redirect_uri.as_str()),
        escaped(entity_id(&departure.redirect_uri)?.as_str()),
    ))
}
